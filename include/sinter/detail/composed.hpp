#pragma once

#include <sinter/array.hpp>
#include <sinter/detail/record.hpp>

#include <algorithm>
#include <concepts>
#include <initializer_list>
#include <utility>

// Functions of a whole array that are several statements, recorded as one node: recording and looking up what has been recorded before is most of what they take for few elements.

namespace sinter::inline v1::detail {

/// The statement that an expression is recorded as.
template <class S>
using statement_of = decltype(detail::as_operand<typename S::value_type>(std::declval<S>()));

/// A step of the statement S on the values (0) and on what earlier steps gave (from 1), with numbers of the node.
template <class S>
[[nodiscard]] constexpr composed_step step_of(std::initializer_list<std::uint8_t> arrays, std::initializer_list<std::uint8_t> numbers = {}) {
    using E = statement_of<S>;
    static_assert(E::n_arrays <= composed_step::most_operands && E::n_scalars <= composed_step::most_operands);
    composed_step s{.program = &tape_of<E>::value};
    std::copy(arrays.begin(), arrays.end(), s.operands);
    std::copy(numbers.begin(), numbers.end(), s.scalars);
    // Where constants are made this does not compile.
    if (arrays.size() != E::n_arrays || numbers.size() != E::n_scalars) throw "a step has other operands";
    return s;
}

/// The same, reduced by Op over the node's axes.
template <class Op, class S>
[[nodiscard]] constexpr composed_step reduced_step(std::initializer_list<std::uint8_t> arrays) {
    composed_step s = detail::step_of<S>(arrays);
    s.reduces = true;
    s.code = Op::code;
    return s;
}

/// Statements are told by their types.
template <class T>
[[nodiscard]] const array<T>& any_array();
template <class T>
[[nodiscard]] T any_number();

/// A statement computed as float, as one of 16 bits; of other types as it is.
template <class T, class E>
[[nodiscard]] auto cast_if_half(E&& e) {
    if constexpr (half<T>) return cast<T>(static_cast<E&&>(e));
    else return std::remove_cvref_t<E>(static_cast<E&&>(e));
}

/// Of values of type T, computed with T, a result of type R.
template <class T, class R>
struct SINTER_LOCAL composed_mean {
    static constexpr composed_step steps[] = {
        reduced_step<op::add, array<T>>({0}),
        step_of<decltype(detail::cast_if_half<R>(any_array<T>() / any_number<T>()))>({1}, {composition::count}),
    };
};

/// Two passes: the mean, then what each value is away from it, with the rest that rounding the mean has left (Chan, Golub and
/// LeVeque, "Algorithms for computing the sample variance", 1983, the corrected two-pass algorithm).
template <class T, class R, bool Root>
struct SINTER_LOCAL composed_variance {
    static auto divided() {
        // Where the values are all alike the difference is a rounding of zero, of either sign.
        auto result = maximum(any_array<T>() - any_array<T>() * (any_array<T>() / any_number<T>()), any_number<T>()) / any_number<T>();
        if constexpr (Root) return detail::cast_if_half<R>(sqrt(std::move(result)));
        else return detail::cast_if_half<R>(std::move(result));
    }
    static constexpr composed_step steps[] = {
        reduced_step<op::add, array<T>>({0}),
        step_of<decltype(any_array<T>() / any_number<T>())>({1}, {composition::count}),
        step_of<decltype(any_array<T>() - any_array<T>())>({0, 2}),
        reduced_step<op::add, decltype(square(any_array<T>()))>({3}),
        reduced_step<op::add, array<T>>({3}),
        step_of<decltype(divided())>({4, 5, 5}, {composition::count, composition::zero, composition::divisor}),
    };
};

/// The greatest value is taken out first, if it is finite. It need not know of NaN, which exp and the sum hand on whatever is taken out: so it is one instruction a vector instead of three.
template <class T, class R>
struct SINTER_LOCAL composed_logsumexp {
    static constexpr composed_step steps[] = {
        reduced_step<op::larger, array<T>>({0}),
        step_of<decltype(sinter::where(isfinite(any_array<T>()), any_array<T>(), any_number<T>()))>({1, 1}, {composition::zero}),
        reduced_step<op::add, decltype(exp(any_array<T>() - any_array<T>()))>({0, 2}),
        step_of<decltype(detail::cast_if_half<R>(log(any_array<T>()) + any_array<T>()))>({3, 2}),
    };
};

/// The tape of values of type T of which Steps make a result of type R.
template <class Steps, class T, class R>
struct SINTER_LOCAL composed {
    static constexpr composition all{.steps = Steps::steps, .n_steps = std::size(Steps::steps), .computed = dtype_of<T>};
    static constinit inline tape value{.array_types = tape_of<array_operand<T>>::parts.arrays, .n_arrays = 1, .result = ref_array, .type = dtype_of<R>, .then = &all};
};

template <class Steps, class R, std::floating_point T>
[[nodiscard]] array<R> record_composed(const array<T>& values, const axes_argument& axes, bool keepdims, const char* name, source where, index_t ddof = 0) {
    node* const operand = values.reading().release();
    return array<R>(edge{detail::record_reduction(composed<Steps, T, R>::value, &operand, nullptr, {0, name, over_nothing::identity, axes, keepdims, ddof}, where)});
}

}  // namespace sinter::inline v1::detail
