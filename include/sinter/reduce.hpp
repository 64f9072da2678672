#pragma once

#include <sinter/fn.hpp>
#include <sinter/reductions.hpp>

namespace sinter::inline v1 {

namespace detail {

/// Records the function once: the code of its reduction.
template <class T, class F>
[[nodiscard]] SINTER_LOCAL std::uint16_t trace_reduction(const F& f, computed_t<T> identity) {
    using V = traced_lane<T>;
    const dtype elements[] = {traced_dtype<V>, traced_dtype<V>};
    detail::trace_begin(elements, 2, nullptr, 0);
    trace_guard abandon;
    const auto result = f(detail::traced_at<V>(static_cast<tape_ref>(ref_array | 0)), detail::traced_at<V>(static_cast<tape_ref>(ref_array | 1)));
    using R = typename result_element<std::remove_cvref_t<decltype(result)>>::type;
    static_assert(std::same_as<R, T>, "sinter: reduce: the function must return a value of the elements' type");
    // Between elements it is not rounded.
    tape_ref ref;
    if constexpr (is_lane<std::remove_cvref_t<decltype(result)>>) ref = detail::traced_ref(result);
    else ref = detail::result_ref(static_cast<computed_t<T>>(result));
    abandon.armed = false;
    return detail::trace_end_reduction(ref, traced_dtype<V>, detail::to_bits(identity));
}

}  // namespace detail

/// Reduces the elements over the axes by the user's own function of two elements, which must be associative, with its identity. In the type of the
/// elements; the identity over nothing. The order is that of sum, whatever the threads and the instruction set, so that functions that are associative up
/// to rounding always give the same bits. Fused with what feeds it and with other reductions, like sum. Numbers that the function captures are
/// constants: another value is another kernel.
/// Complex numbers are combined half with half, as prod does it: of n of them in up to log2(n) kernels, those of large levels at once.
template <class F, class I, class X>
    requires detail::dynamic_like<X> && (detail::number_type<I> || detail::is_complex<I>)
[[nodiscard]] auto reduce(F f, I identity, X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    using T = detail::value_of<X>;
    static_assert(!std::same_as<T, bool>, "sinter: reduce: of bool there are all, any and count_nonzero; cast to an integer type for others");
    static_assert(std::is_invocable_v<const F&, detail::traced_lane<T>, detail::traced_lane<T>>,
                  "sinter: reduce: the function takes two generic parameters (auto)");
    if constexpr (detail::is_complex<T>) {
        const auto combine = sinter::fn(f, where);
        const auto both = [&](const array<T>& a, const array<T>& b) {
            using R = typename decltype(combine(a, b))::value_type;
            static_assert(std::same_as<R, T>, "sinter: reduce: the function must return a value of the elements' type");
            return combine(a, b);
        };
        return detail::halves_over(array<T>(detail::reading_of(x, where)), detail::number_as<T>(identity), options, both, "reduce", where);
    } else {
        static_assert(!detail::is_complex<I>, "sinter: reduce: the identity of real numbers is a real number");
        using C = detail::computed_t<T>;
        static_assert(!(detail::floating<I> && !detail::floating<T>),
                      "sinter: reduce: a floating-point identity for integers: cast<float>(x) the array first, or cast the number");
        const std::uint16_t code = detail::trace_reduction<T>(f, static_cast<C>(identity));
        return detail::stored_as<T>(detail::reduce_by<C>(code, static_cast<X&&>(x), options, "reduce", where), where);
    }
}

}  // namespace sinter::inline v1
