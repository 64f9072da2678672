#pragma once

#include <sinter/fn.hpp>
#include <sinter/reductions.hpp>

namespace sinter::inline v1 {

namespace detail {

/// Records the function once: the code of its reduction.
template <class T, class F>
[[nodiscard]] SINTER_LOCAL std::uint16_t trace_reduction(const F& f, T identity) {
    using V = lane<traced<T>>;
    const dtype elements[] = {dtype_of<T>, dtype_of<T>};
    detail::trace_begin(elements, 2, nullptr, 0);
    trace_guard abandon;
    const auto result = f(V{traced<T>{static_cast<tape_ref>(ref_array | 0)}}, V{traced<T>{static_cast<tape_ref>(ref_array | 1)}});
    using R = typename result_element<std::remove_cvref_t<decltype(result)>>::type;
    static_assert(std::same_as<R, T>, "sinter: reduce: the function must return a value of the elements' type");
    const tape_ref ref = detail::result_ref(result);
    abandon.armed = false;
    return detail::trace_end_reduction(ref, dtype_of<T>, detail::to_bits(identity));
}

}  // namespace detail

/// Reduces the elements over the axes by the user's own function of two elements, which must be associative, with its identity. In the type of the
/// elements; the identity over nothing. The order is that of sum, whatever the threads and the instruction set, so that functions that are associative up
/// to rounding always give the same bits. Fused with what feeds it and with other reductions, like sum. Numbers that the function captures are
/// constants: another value is another kernel.
template <class F, class I, class X>
    requires detail::array_like<X> && std::is_arithmetic_v<I>
[[nodiscard]] auto reduce(F f, I identity, X&& x, const reduce_options& options = {}, detail::source where = detail::source::current()) {
    using T = detail::value_of<X>;
    static_assert(!detail::is_complex<T>, "sinter: reduce: its function is one of real numbers: sum(z), prod(z), or reduce real(z) and imag(z)");
    static_assert(!std::same_as<T, bool>, "sinter: reduce: of bool there are all, any and count_nonzero; cast to an integer type for others");
    static_assert(std::is_invocable_v<const F&, lane<detail::traced<T>>, lane<detail::traced<T>>>,
                  "sinter: reduce: the function takes two generic parameters (auto)");
    const std::uint16_t code = detail::trace_reduction<T>(f, static_cast<T>(identity));
    return detail::reduce_by<T>(code, static_cast<X&&>(x), options, "reduce", where);
}

}  // namespace sinter::inline v1
