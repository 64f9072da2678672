#pragma once

#include <sinter/detail/may_fail.hpp>
#include <sinter/detail/operation.hpp>
#include <sinter/options.hpp>

namespace sinter::inline v1 {

namespace detail {

/// As an index: the whole axis. Called on an array: true where all elements over the axes are. What it does stands beside the other reductions of either kind of array, as over_all.
struct all_object {
    template <class X>
        requires(kind_of<std::remove_cvref_t<X>> != kind_static && (kind_of<std::remove_cvref_t<X>> == kind_dynamic || requires(const X& x) { x.reading(); }))
    [[nodiscard]] auto operator()(X&& x, const reduce_options& options = {}, source where = source::current()) const {
        return over_all(*this, static_cast<X&&>(x), options, where);
    }
    template <class X>
        requires(kind_of<X> == kind_static)
    [[nodiscard]] auto operator()(const X& x, place_of_call<X> at = place_of_call<X>::current()) const {
        return over_all(*this, x, at);
    }
    template <class X>
        requires(kind_of<X> == kind_static)
    [[nodiscard]] auto operator()(const X& x, const reduce_options& options, source where = source::current()) const {
        return over_all(*this, x, options, where);
    }
};

}  // namespace detail

inline constexpr detail::all_object all{};

}  // namespace sinter::inline v1
