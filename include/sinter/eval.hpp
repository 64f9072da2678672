#pragma once

#include <sinter/array.hpp>
#include <sinter/report.hpp>

namespace sinter::inline v1 {

struct eval_options {
    std::size_t max_bytes = 0;   // outputs and temporaries together; more is a memory_error. 0: no bound
};

namespace detail {

/// One value that an evaluation has to produce, and where: in memory of its own, or in the user's.
struct eval_root {
    node* value = nullptr;
    std::byte* out = nullptr;
};

SINTER_API void evaluate_all(const eval_root* roots, std::size_t count, const eval_options& options);
SINTER_API void evaluate_all_at(const eval_root* roots, std::size_t count, const eval_options& options, source where);
[[nodiscard]] SINTER_API plan_report explain_all(const eval_root* roots, std::size_t count);
SINTER_API void set_name(node& n, const char* name);
[[noreturn]] SINTER_API void throw_target_size(std::size_t found, index_t wanted);

}  // namespace detail

/// A value and the memory that it goes to: see to().
template <class T>
struct target {
    detail::edge value;
    T* out;
};

/// For eval: y's values go straight into the caller's contiguous range of as many elements, with no copy; y stays pending. out may overlap
/// what y reads; after an exception its contents are unspecified.
template <detail::contiguous_numbers R, class Y>
    requires detail::array_like<Y>
[[nodiscard]] target<detail::range_element<R>> to(R&& out, const Y& y, detail::source where = detail::source::current()) {
    using T = detail::range_element<R>;
    static_assert(std::same_as<T, typename Y::value_type>, "sinter: to(out, y): out has another element type than y");
    target<T> result{detail::reading_of(y, where), std::data(out)};
    if (static_cast<index_t>(std::size(out)) != result.value->size) detail::throw_target_size(std::size(out), result.value->size);
    return result;
}

namespace detail {

template <class T>
[[nodiscard]] eval_root as_root(const target<T>& t, edge&, source) noexcept {
    return {t.value.get(), reinterpret_cast<std::byte*>(t.out)};
}
template <array_like A>
[[nodiscard]] eval_root as_root(const A& x, edge& keep, source where) {
    if constexpr (requires { x.looking(); }) {
        return {x.looking(), nullptr};
    } else {
        keep = detail::reading_of(x, where);
        return {keep.get(), nullptr};
    }
}

template <class A>
inline constexpr bool is_target = false;
template <class T>
inline constexpr bool is_target<target<T>> = true;

template <class A>
concept evaluable = array_like<A> || is_target<std::remove_cvref_t<A>>;

/// The first value of several, and where they stand: a parameter can know it where a function of any number of them cannot.
class first_value {
public:
    template <class A>
        requires evaluable<A>
    first_value(const A& x, source at = source::current()) : where{at}, root{detail::as_root(x, keep_, at)} {}
    first_value(const first_value&) = delete;
    first_value& operator=(const first_value&) = delete;

private:
    edge keep_;

public:
    source where;
    eval_root root;
};

}  // namespace detail

/// Computes all of them in one plan.
template <detail::evaluable... A>
void eval(const eval_options& options, const detail::first_value& first, const A&... others) {
    detail::edge keep[sizeof...(A) + 1];
    std::size_t i = 0;
    const detail::eval_root roots[] = {first.root, detail::as_root(others, keep[i++], first.where)...};
    detail::evaluate_all_at(roots, sizeof...(A) + 1, options, first.where);
}
template <detail::evaluable... A>
void eval(const detail::first_value& first, const A&... others) {
    sinter::eval(eval_options{}, first, others...);
}

/// What eval of the same arguments would do; computes nothing.
template <detail::evaluable... A>
[[nodiscard]] plan_report explain(const detail::first_value& first, const A&... others) {
    detail::edge keep[sizeof...(A) + 1];
    std::size_t i = 0;
    const detail::eval_root roots[] = {first.root, detail::as_root(others, keep[i++], first.where)...};
    return detail::explain_all(roots, sizeof...(A) + 1);
}

/// A name for reports, copied. Returns the array. What is in memory already is in no report, and needs none.
template <class T>
const array<T>& named(const array<T>& x, const char* name) {
    if (x.node() != nullptr) detail::set_name(*x.node(), name);
    return x;
}
template <class T>
array<T>& named(array<T>& x, const char* name) {
    if (x.node() != nullptr) detail::set_name(*x.node(), name);
    return x;
}
template <class X>
    requires(detail::array_like<X> && !std::is_lvalue_reference_v<X>)
[[nodiscard]] array<typename X::value_type> named(X&& x, const char* name, detail::source where = detail::source::current()) {
    array<typename X::value_type> result(detail::reading_of(x, where));
    if (result.node() != nullptr) detail::set_name(*result.node(), name);
    return result;
}

/// Same shape and equal elements; NaN equals nothing.
template <detail::array_like A, detail::array_like B>
    requires((detail::dynamic_like<A> || detail::dynamic_like<B>) && std::same_as<typename A::value_type, typename B::value_type>)
[[nodiscard]] bool array_equal(const A& x, const B& y, detail::source where = detail::source::current()) {
    return detail::equal_values(*detail::reading_of(x, where), *detail::reading_of(y, where));
}

/// Same shape and elements within the tolerance; NaN is close to nothing.
template <detail::array_like A, detail::array_like B>
    requires((detail::dynamic_like<A> || detail::dynamic_like<B>) && std::same_as<typename A::value_type, typename B::value_type>)
[[nodiscard]] bool allclose(const A& x, const B& y, const tolerance& t = {}, detail::source where = detail::source::current()) {
    return detail::close_values(*detail::reading_of(x, where), *detail::reading_of(y, where), t.rtol, t.atol);
}

}  // namespace sinter::inline v1
