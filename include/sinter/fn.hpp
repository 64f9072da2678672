#pragma once

#include <sinter/complex.hpp>
#include <sinter/loop.hpp>

#include <tuple>

namespace sinter::inline v1 {

namespace detail {

/// A value of a function that is being recorded.
template <class T>
struct traced {
    tape_ref ref;
};

/// Adds to the function that this thread is recording.
[[nodiscard]] SINTER_API tape_ref trace_instruction(std::uint16_t code, dtype type, tape_ref a, tape_ref b, tape_ref c);
[[nodiscard]] SINTER_API tape_ref trace_constant(dtype type, std::uint64_t bits);
/// A product that a function made is none that the user spells: sums do not contract with it.
SINTER_API void trace_apart(tape_ref product);

template <class T>
struct carrier<traced<T>> {
    using value_type = T;
    template <class U>
    using rebind = traced<U>;
    static constexpr bool expands = false;

    /// Rounded to a type of 16 bits.
    template <half U>
    static traced<float> rounded(traced<T> x) {
        const tape_ref stored = detail::trace_instruction(op::convert::code, dtype_of<U>, x.ref, 0, 0);
        return {detail::trace_instruction(op::convert::code, dtype::f32, stored, 0, 0)};
    }
    static traced<T> apart(traced<T> x) {
        detail::trace_apart(x.ref);
        return x;
    }
    static traced<T> constant(T value) { return {detail::trace_constant(dtype_of<T>, detail::to_bits(value))}; }
    template <class U>
    static traced<U> convert(traced<T> x) {
        return {detail::trace_instruction(op::convert::code, dtype_of<U>, x.ref, 0, 0)};
    }
    template <class U>
    static traced<U> bitcast(traced<T> x) {
        return {detail::trace_instruction(op::bitcast::code, dtype_of<U>, x.ref, 0, 0)};
    }
    template <class Op, class... A>
    static auto apply(A... a) {
        using R = std::conditional_t<Op::rule == type_rule::compare, bool, T>;
        const tape_ref refs[3] = {a.ref...};
        return traced<R>{detail::trace_instruction(Op::code, dtype_of<R>, refs[0], refs[1], refs[2])};
    }
};

/// The tapes of a recorded function, one for each result, and the numbers that the caller's captures gave.
struct traced_function {
    const tape* const* results = nullptr;   // owned by the library, for good
    const std::uint64_t* scalars = nullptr; // valid until this thread records again
    std::size_t n_scalars = 0;              // captured numbers that became parameters; they follow the call's own
};

/// What the library remembers of the functions of one lambda type.
struct trace_history {
    std::atomic<void*> state{nullptr};
};

SINTER_API void trace_begin(const dtype* arrays, std::size_t n_arrays, const dtype* scalars, std::size_t n_scalars);
SINTER_API void trace_abandon() noexcept;
/// Ends the recording. Constants that differ from the last time become parameters.
[[nodiscard]] SINTER_API traced_function trace_end(const tape_ref* results, const dtype* types, std::size_t n_results,
                                                   trace_history* history);

/// Ends the recording of a function of two elements that reduces: the code of the reduction.
[[nodiscard]] SINTER_API std::uint16_t trace_end_reduction(tape_ref result, dtype type, std::uint64_t identity);

/// Gives up a recording that does not come to its end.
struct trace_guard {
    bool armed = true;
    trace_guard() = default;
    trace_guard(const trace_guard&) = delete;
    trace_guard& operator=(const trace_guard&) = delete;
    ~trace_guard() {
        if (armed) detail::trace_abandon();
    }
};

template <class T>
struct trace_result {
    using lanes = std::tuple<T>;
    static constexpr bool single = true;
    static std::tuple<T> as_tuple(T v) { return {v}; }
};
template <class... T>
struct trace_result<std::tuple<T...>> {
    using lanes = std::tuple<T...>;
    static constexpr bool single = false;
    static std::tuple<T...> as_tuple(std::tuple<T...> v) { return v; }
};
template <class A, class B>
struct trace_result<std::pair<A, B>> {
    using lanes = std::tuple<A, B>;
    static constexpr bool single = false;
    static std::tuple<A, B> as_tuple(std::pair<A, B> v) { return v; }
};

/// The lane that a value of T is seen as while recording.
template <class T>
struct traced_as {
    using type = lane_as<T, lane<traced<float>>>;
};
template <class T>
struct traced_as<std::complex<T>> {
    using type = complex_lane<lane<traced<T>>>;
};
template <class T>
using traced_lane = typename traced_as<T>::type;

/// Elements that this type is computed as, as the recording has them.
template <class V>
inline constexpr dtype traced_dtype = dtype_of<computed_t<element_of<V>>>;

template <class V>
[[nodiscard]] tape_ref traced_ref(V v) {
    return detail::computed_lane(v).raw().ref;
}
template <class V>
[[nodiscard]] V traced_at(tape_ref r) {
    if constexpr (is_half_lane<V>) return V{{traced<float>{r}}};
    else return V{typename V::carrier_type{r}};
}

template <class V>
    requires is_lane<V>
[[nodiscard]] tape_ref result_ref(V v) {
    if constexpr (is_half_lane<V>) return detail::trace_instruction(op::convert::code, dtype_of<element_of<V>>, detail::traced_ref(v), 0, 0);
    else return v.raw().ref;
}
template <number_type T>
[[nodiscard]] tape_ref result_ref(T v) {
    return detail::trace_constant(dtype_of<T>, detail::to_bits(v));
}
template <class V>
[[nodiscard]] tape_ref result_ref(complex_lane<V> v) {
    return detail::trace_instruction(code_complex, dtype_of<std::complex<element_of<V>>>, v.re.raw().ref, v.im.raw().ref, 0);
}
template <class T>
[[nodiscard]] tape_ref result_ref(std::complex<T> v) {
    using V = lane<traced<T>>;
    return detail::result_ref(complex_lane<V>{V(v.real()), V(v.imag())});
}

/// The states of a loop within the function that this thread is recording, as its body sees them: what is recorded from here on and needs one of them is
/// the body.
SINTER_API void trace_loop_begin(const dtype* types, std::size_t n_states, tape_ref* states);
/// Ends the body. results: the states after the loop.
SINTER_API void trace_loop_end(tape_ref limit, const tape_ref* initial, tape_ref condition, const tape_ref* next, tape_ref* results);

template <class T>
struct loop_on<traced<T>> {
    template <class... L, class C, class F>
    static std::tuple<L...> run(std::int64_t limit, const std::tuple<L...>& initial, C& condition, F& step) {
        return record(limit, initial, condition, step, std::index_sequence_for<L...>{});
    }

private:
    template <class L>
    [[nodiscard]] static L at(tape_ref r) {
        return detail::traced_at<L>(r);
    }
    template <class... L, class C, class F, std::size_t... I>
    static std::tuple<L...> record(std::int64_t limit, const std::tuple<L...>& initial, C& condition, F& step, std::index_sequence<I...>) {
        const dtype types[] = {traced_dtype<L>...};
        const tape_ref begin[] = {detail::traced_ref(std::get<I>(initial))...};
        tape_ref refs[sizeof...(L)];
        detail::trace_loop_begin(types, sizeof...(L), refs);
        const tape_ref holds = detail::as_state<lane<traced<bool>>>(condition(at<L>(refs[I])...)).raw().ref;
        const std::tuple<L...> next =
            detail::as_states_of(std::type_identity<std::tuple<L...>>{}, detail::as_states(step(at<L>(refs[I])...)), std::index_sequence<I...>{});
        const tape_ref after[] = {detail::traced_ref(std::get<I>(next))...};
        detail::trace_loop_end(detail::trace_constant(dtype::i64, detail::to_bits(limit)), begin, holds, after, refs);
        return {at<L>(refs[I])...};
    }
};

/// The lane that argument A of a function is seen as while recording.
template <class A>
struct argument_element {
    using type = std::remove_cvref_t<A>;
};
template <class A>
    requires array_like<A>
struct argument_element<A> {
    using type = typename std::remove_cvref_t<A>::value_type;
};

/// An argument beside arrays of T, or their elements: a number takes their type. A floating-point one beside integers keeps its own, for the function to cast.
template <class T, class A>
[[nodiscard]] decltype(auto) beside(A&& argument) {
    using S = std::remove_cvref_t<A>;
    if constexpr (number_type<S> && !std::same_as<T, bool> && !is_complex<T> && (floating<T> || !floating<S>)) return static_cast<T>(argument);
    else return static_cast<A&&>(argument);
}

}  // namespace detail

/// A user's function on elements, fused like the built-in ones.
template <class F>
class function {
public:
    explicit function(F f, detail::source where = {}) : f_{static_cast<F&&>(f)}, where_{where} {}

    /// Applies it elementwise; the arguments are arrays, expressions, views and numbers, broadcast against each other. One result, or
    /// a std::tuple of arrays if the lambda returns a tuple. On lanes, inside another function, it is simply called.
    template <class... A>
        requires(detail::operands<A...>)
    auto operator()(A&&... args) const {
        constexpr int kind = detail::call_kind<A...>;
        if constexpr (kind == detail::kind_lane) {
            return f_(args...);
        } else if constexpr (kind == detail::kind_static) {
            return apply_fn_at(where_, f_, static_cast<A&&>(args)...);
        } else {
            return record([]<class T>(std::type_identity<T>, const detail::tape& program, detail::node* const* operands, const std::uint64_t* numbers, detail::source where) {
                return array<T>(detail::edge{detail::record_map(program, operands, numbers, where)});
            }, detail::beside<typename detail::common_value<A...>::type>(static_cast<A&&>(args))...);
        }
    }

    /// For the library: what `make` gives for each result, of its element type, its tape and what that is applied to. make takes over the operands.
    template <class Make, class... A>
    SINTER_LOCAL auto record(const Make& make, A&&... args) const try {
        static_assert(std::is_invocable_v<const F&, detail::traced_lane<typename detail::argument_element<A>::type>...>,
                      "sinter: fn: the lambda cannot be called with these arguments: it takes one generic parameter (auto) for each");
        using raw = std::invoke_result_t<const F&, detail::traced_lane<typename detail::argument_element<A>::type>...>;
        using outcome = detail::trace_result<std::remove_cvref_t<raw>>;
        constexpr std::size_t n_arrays = (std::size_t{0} + ... + (detail::array_like<A> ? 1U : 0U));
        constexpr std::size_t n_numbers = (std::size_t{0} + ... + numbers_of<A>);

        detail::traced_function traced;
        if constexpr (std::is_empty_v<F>) {
            static const detail::traced_function once = trace<outcome, A...>(nullptr);
            traced = once;
        } else {
            static constinit detail::trace_history history;
            traced = trace<outcome, A...>(&history);
        }

        detail::edge held[n_arrays > 0 ? n_arrays : 1];
        std::vector<std::uint64_t> numbers(n_numbers + traced.n_scalars);
        std::size_t a = 0, s = 0;
        (take(args, where_, held, a, numbers.data(), s), ...);
        for (std::size_t i = 0; i < traced.n_scalars; ++i) numbers[n_numbers + i] = traced.scalars[i];

        return [&]<std::size_t... R>(std::index_sequence<R...>) {
            using lanes = typename outcome::lanes;
            if constexpr (outcome::single) {
                return made<typename detail::result_element<std::tuple_element_t<0, lanes>>::type, n_arrays>(make, *traced.results[0], held, numbers.data());
            } else {
                return std::tuple{made<typename detail::result_element<std::tuple_element_t<R, lanes>>::type, n_arrays>(
                    make, *traced.results[R], held, numbers.data())...};
            }
        }(std::make_index_sequence<std::tuple_size_v<typename outcome::lanes>>{});
    } catch (const std::bad_alloc&) {
        detail::throw_no_memory("fn");
    }

private:
    /// A complex number is two.
    template <class A>
    static constexpr std::size_t numbers_of = detail::array_like<A> ? 0U : detail::is_complex<std::remove_cvref_t<A>> ? 2U : 1U;

    template <class A>
    static void take(A& arg, detail::source at, detail::edge* held, std::size_t& a, std::uint64_t* numbers, std::size_t& s) {
        if constexpr (detail::array_like<A>) {
            held[a++] = detail::reading_of(arg, at);
        } else if constexpr (detail::is_complex<std::remove_cvref_t<A>>) {
            numbers[s++] = detail::to_bits(arg.real());
            numbers[s++] = detail::to_bits(arg.imag());
        } else {
            numbers[s++] = detail::to_bits(static_cast<detail::computed_t<std::remove_cvref_t<A>>>(arg));
        }
    }

    template <class T, std::size_t N, class Make>
    auto made(const Make& make, const detail::tape& program, const detail::edge* held, const std::uint64_t* numbers) const {
        detail::node* raw[N > 0 ? N : 1];
        for (std::size_t i = 0; i < N; ++i) raw[i] = detail::edge{held[i]}.release();
        return make(std::type_identity<T>{}, program, raw, numbers, where_);
    }

    template <class Outcome, class... A>
    detail::traced_function trace(detail::trace_history* history) const {
        constexpr std::size_t count = sizeof...(A);
        detail::dtype arrays[count] = {};
        detail::dtype numbers[2 * count] = {};
        std::size_t n_arrays = 0, n_numbers = 0;
        (add_type<A>(arrays, n_arrays, numbers, n_numbers), ...);
        detail::trace_begin(arrays, n_arrays, numbers, n_numbers);
        detail::trace_guard abandon;
        std::uint16_t a = 0, s = 0;
        // Braces, so that the arguments are numbered from left to right.
        const std::tuple<detail::traced_lane<typename detail::argument_element<A>::type>...> lanes{argument<A>(a, s)...};
        auto results = Outcome::as_tuple(std::apply(f_, lanes));
        return std::apply(
            [&](auto... r) {
                const detail::tape_ref refs[] = {detail::result_ref(r)...};
                const detail::dtype types[] = {detail::dtype_of<typename detail::result_element<decltype(r)>::type>...};
                abandon.armed = false;
                return detail::trace_end(refs, types, sizeof...(r), history);
            },
            results);
    }

    template <class A>
    static void add_type(detail::dtype* arrays, std::size_t& n_arrays, detail::dtype* numbers, std::size_t& n_numbers) {
        using T = typename detail::argument_element<A>::type;
        if constexpr (detail::array_like<A>) {
            arrays[n_arrays++] = detail::dtype_of<T>;
        } else if constexpr (detail::is_complex<T>) {
            for (int part = 0; part < 2; ++part) numbers[n_numbers++] = detail::dtype_of<detail::part_t<T>>;
        } else {
            numbers[n_numbers++] = detail::dtype_of<detail::computed_t<T>>;
        }
    }

    template <class A>
    static auto argument(std::uint16_t& a, std::uint16_t& s) {
        using T = typename detail::argument_element<A>::type;
        using V = detail::traced_lane<T>;
        if constexpr (detail::array_like<A>) {
            const auto stored = static_cast<detail::tape_ref>(detail::ref_array | a++);
            if constexpr (detail::is_complex<T>) return parts<V>(stored);
            else if constexpr (detail::half<T>) return detail::traced_at<V>(detail::trace_instruction(detail::op::convert::code, detail::dtype::f32, stored, 0, 0));
            else return detail::traced_at<V>(stored);
        } else if constexpr (detail::is_complex<T>) {
            using P = decltype(V::re);
            const P re = detail::traced_at<P>(static_cast<detail::tape_ref>(detail::ref_scalar | s++));
            return V{re, detail::traced_at<P>(static_cast<detail::tape_ref>(detail::ref_scalar | s++))};
        } else {
            return detail::traced_at<V>(static_cast<detail::tape_ref>(detail::ref_scalar | s++));
        }
    }
    /// Of an element of a complex array.
    template <class V>
    static V parts(detail::tape_ref stored) {
        using P = decltype(V::re);
        constexpr detail::dtype type = detail::dtype_of<detail::element_of<P>>;
        const P re = detail::traced_at<P>(detail::trace_instruction(detail::code_real, type, stored, 0, 0));
        return {re, detail::traced_at<P>(detail::trace_instruction(detail::code_imag, type, stored, 0, 0))};
    }

    F f_;
    detail::source where_;
};

/// Makes a function of a generic lambda: free of branches on values (select instead); what it captures are numbers, which are
/// parameters: changing one does not compile again. A lambda without captures is recorded once for each kind of arguments.
/// Messages about its statements name the line of fn.
template <class F>
[[nodiscard]] function<F> fn(F f, detail::source where = detail::source::current()) {
    return function<F>(static_cast<F&&>(f), where);
}

}  // namespace sinter::inline v1
