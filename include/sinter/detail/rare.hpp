#pragma once

#include <sinter/detail/primitives.hpp>

namespace sinter::inline v1::detail {

/// Carriers that compute say whether any element of a mask is set.
template <class C, class M>
concept computes_masks = requires(const M& m) {
    { C::any(m) } -> std::same_as<bool>;
};

/// Carriers that record have a region of the code for it.
template <class C, class F, class M, class B, class X>
concept records_rare = requires(M m, B b, X x) {
    C::template rare<F>(m, b, x);
};

/// F's body for the elements where a condition that hardly ever holds is true: select(needed, F::apply(otherwise, x), otherwise), but the body runs
/// only when some element needs it. F is a type with a static function template `apply`; the body sees no other values than these two.
template <class F, class M, class V, class X>
[[nodiscard, gnu::always_inline]] constexpr V rare(M needed, V otherwise, X x) {
    using C = carrier<typename V::carrier_type>;
    using N = carrier<typename M::carrier_type>;
    if constexpr (records_rare<C, F, typename M::carrier_type, typename V::carrier_type, typename X::carrier_type>) {
        return V{C::template rare<F>(needed.raw(), otherwise.raw(), x.raw())};
    } else if constexpr (computes_masks<N, typename M::carrier_type>) {
        if (!N::any(needed.raw())) return otherwise;
        return detail::primitive<op::select>(needed, F::apply(otherwise, x), otherwise);
    } else {
        return detail::primitive<op::select>(needed, F::apply(otherwise, x), otherwise);
    }
}

}  // namespace sinter::inline v1::detail
