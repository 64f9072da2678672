#pragma once

#include <sinter/reduce.hpp>
#include <sinter/views.hpp>

namespace sinter::inline v1 {

/// How two vectors are compared, in three parts: `element` of two numbers (and of further operands of pairwise) gives one number or a std::tuple of them; each of
/// these is reduced over the vectors, by a sum or by `reduction`; `finish` makes the result of what they come to.
///
/// An element and its sum are one statement: a number that `element` makes by a product or a square of floats as its last operation is not rounded before it
/// is added, sum = fma(x, y, sum), beginning with 0, in the order of sum. So it is on every backend, from any number of threads and whatever else is fused; under
/// precision::strict the product is rounded first, as by sum(x * y). Vectors of one number have that product as their sum.
template <class Element, class Finish, class Reduction = void>
struct metric {
    Element element;
    Finish finish;
    Reduction reduction;
};

/// Sums.
template <class Element, class Finish>
struct metric<Element, Finish, void> {
    Element element;
    Finish finish;
};

template <class Element, class Finish>
metric(Element, Finish) -> metric<Element, Finish, void>;
template <class Element, class Finish, class Reduction>
metric(Element, Finish, Reduction) -> metric<Element, Finish, Reduction>;

/// The user's associative function of two elements and its identity, as reduce takes them.
template <class F, class I>
struct reduction {
    F function;
    I identity;
};

template <class F, class I>
reduction(F, I) -> reduction<F, I>;

namespace detail {

template <class M>
inline constexpr bool is_metric = false;
template <class E, class F, class R>
inline constexpr bool is_metric<metric<E, F, R>> = true;

template <class T>
inline constexpr bool is_tuple = false;
template <class... T>
inline constexpr bool is_tuple<std::tuple<T...>> = true;

/// The element type of both operands.
template <class A, class B>
struct common_vectors : std::common_type<A, B> {};
template <class A, class B>
    requires(half<A> || half<B>)
struct common_vectors<A, B> : promoted<A, B> {};
template <class A, class B>
using vectors_type = typename common_vectors<A, B>::type;

[[noreturn]] SINTER_API void throw_no_rows(const char* which, const extents& shape);
[[noreturn]] SINTER_API void throw_lengths_differ(const extents& a, const extents& b);

/// (rows, d) as (rows, 1, d) or (1, rows, d); one vector is one row.
template <class T>
[[nodiscard]] array<T> spread_rows(const array<T>& x, bool first, const char* which) {
    if (x.rank() != 1 && x.rank() != 2) detail::throw_no_rows(which, x.shape());
    const index_t d = x.extent(-1), rows = x.rank() == 2 ? x.extent(0) : 1;
    return first ? array<T>(x.reshape({rows, 1, d})) : array<T>(x.reshape({1, rows, d}));
}

/// The sum over the vectors of one result of `element`, as one statement: what lowers it adds a product of floats by an fma.
struct sum_of_part {
    template <class T>
    [[nodiscard]] auto operator()(std::type_identity<T>, const tape& program, node* const* operands, const std::uint64_t* numbers, source where) const {
        constexpr axes_argument vectors{.list = {2}, .count = 1, .given = true};
        if constexpr (std::floating_point<T>) {
            return array<T>(edge{detail::record_reduction(program, operands, numbers, {op::fma::code, "pairwise", over_nothing::identity, vectors, false}, where)});
        } else {
            return sinter::sum(array<T>(edge{detail::record_map(program, operands, numbers, where)}), {.axis = 2}, where);
        }
    }
};

/// What each result of `element` comes to over the vectors, in a std::tuple if it gives one.
template <class M, class... A>
[[nodiscard]] auto reduce_parts(const M& m, source where, const A&... args) {
    if constexpr (requires { m.reduction.function; }) {
        const auto reduced = [&](const auto& part) { return sinter::reduce(m.reduction.function, m.reduction.identity, part, {.axis = 2}, where); };
        const auto parts = fn(m.element, where)(args...);
        if constexpr (is_tuple<std::remove_cvref_t<decltype(parts)>>) {
            return std::apply([&](const auto&... part) { return std::tuple{reduced(part)...}; }, parts);
        } else {
            return reduced(parts);
        }
    } else {
        return fn(m.element, where).record(sum_of_part{}, args...);
    }
}

template <class M, class A, class B, class... Further>
[[nodiscard]] auto each_pair(source where, const M& m, const A& a, const B& b, const Further&... further) {
    using R = vectors_type<value_of<A>, value_of<B>>;
    using T = computed_t<R>;
    const array<T> left = cast<T>(a), right = cast<T>(b);
    const array<T> x = detail::spread_rows(left, true, "the first operand"), y = detail::spread_rows(right, false, "the second operand");
    if (x.extent(2) != y.extent(2)) detail::throw_lengths_differ(left.shape(), right.shape());
    const auto shaped = [&](auto value) {
        using V = typename decltype(value)::value_type;
        extents shape;
        if (left.rank() == 2) shape.push_back(x.extent(0));
        if (right.rank() == 2) shape.push_back(y.extent(1));
        // Floats of 16 bits are computed with as float up to here.
        using S = std::conditional_t<std::same_as<V, T>, R, V>;
        return array<S>(detail::stored_as<S>(value, where).reshape(shape));
    };
    if constexpr (is_metric<M>) {
        auto parts = detail::reduce_parts(m, where, x, y, further...);
        if constexpr (is_tuple<decltype(parts)>) {
            return shaped(std::apply(fn(m.finish, where), parts));
        } else {
            return shaped(fn(m.finish, where)(parts));
        }
    } else {
        return shaped(fn(m, where).record(sum_of_part{}, x, y, further...));
    }
}

}  // namespace detail

/// Every row of a against every row of b: a of shape (n, d), b of (k, d), the result of (n, k); a vector of shape (d) stands for one row, and its axis is left out
/// of the result. m: a metric, or a function of two numbers whose values are summed over the vectors. No array of n x k x d elements is made. Throws shape_error
/// unless the vectors have one length.
template <class M, class A, class B>
    requires detail::array_like<A> && detail::array_like<B>
[[nodiscard]] auto pairwise(const M& m, const A& a, const B& b, detail::source where = detail::source::current()) {
    return detail::each_pair(where, m, a, b);
}
/// The same with further operands of `element`, which broadcast to (d), such as weights.
template <class M, class A, class B, class C>
    requires detail::array_like<A> && detail::array_like<B>
[[nodiscard]] auto pairwise(const M& m, const A& a, const B& b, const C& c, detail::source where = detail::source::current()) {
    return detail::each_pair(where, m, a, b, c);
}
/// The same with any number of them. Errors and reports have no line then, as nothing can follow a list.
template <class M, class A, class B, class C, class D, class... Further>
    requires(detail::array_like<A> && detail::array_like<B> && !std::same_as<D, detail::source>)
[[nodiscard]] auto pairwise(const M& m, const A& a, const B& b, const C& c, const D& d, const Further&... further) {
    return detail::each_pair(detail::source{}, m, a, b, c, d, further...);
}

/// Metrics by name.
namespace metrics {

/// The sum of squared differences.
inline constexpr auto squared_euclidean = [](auto x, auto y) { return square(x - y); };
/// The sum of absolute differences.
inline constexpr auto manhattan = [](auto x, auto y) { return abs(x - y); };
/// The sum of products.
inline constexpr auto inner_product = [](auto x, auto y) { return x * y; };
/// The root of the sum of squared differences.
inline constexpr metric euclidean{[](auto x, auto y) { return square(x - y); }, [](auto s) { return sqrt(s); }};
/// 1 less the cosine of the angle between the vectors; NaN where one of them is 0.
inline constexpr metric cosine{[](auto x, auto y) { return std::tuple{x * y, x * x, y * y}; },
                               [](auto xy, auto xx, auto yy) { return 1.0f - xy / sqrt(xx * yy); }};

}  // namespace metrics

}  // namespace sinter::inline v1
