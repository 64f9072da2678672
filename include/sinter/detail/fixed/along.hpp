#pragma once

#include <sinter/detail/fixed/more_reductions.hpp>

// Reductions of arrays of static shape over axes that are known at run time: the result has no static shape, so they are those of an array of run-time shape, made of this one.
// Those are found by their arguments: either header may come first.

namespace sinter::inline v1 {

template <detail::static_like X>
[[nodiscard]] auto sum(const X& x, const reduce_options& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return sum(all_of_it, o, where); }, where);
}
template <detail::static_like X>
[[nodiscard]] auto prod(const X& x, const reduce_options& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return prod(all_of_it, o, where); }, where);
}
template <detail::static_like X>
[[nodiscard]] auto mean(const X& x, const reduce_options& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return mean(all_of_it, o, where); }, where);
}
template <detail::static_like X>
[[nodiscard]] auto min(const X& x, const reduce_options& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return min(all_of_it, o, where); }, where);
}
template <detail::static_like X>
[[nodiscard]] auto max(const X& x, const reduce_options& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return max(all_of_it, o, where); }, where);
}
template <detail::static_like X>
[[nodiscard]] auto argmin(const X& x, const reduce_options& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return argmin(all_of_it, o, where); }, where);
}
template <detail::static_like X>
[[nodiscard]] auto argmax(const X& x, const reduce_options& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return argmax(all_of_it, o, where); }, where);
}
template <detail::static_like X>
[[nodiscard]] auto any(const X& x, const reduce_options& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return any(all_of_it, o, where); }, where);
}
template <detail::static_like X>
[[nodiscard]] auto count_nonzero(const X& x, const reduce_options& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return count_nonzero(all_of_it, o, where); }, where);
}
template <detail::static_like X>
[[nodiscard]] auto norm(const X& x, const reduce_options& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return norm(all_of_it, o, where); }, where);
}
template <detail::static_like X>
[[nodiscard]] auto logsumexp(const X& x, const reduce_options& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return logsumexp(all_of_it, o, where); }, where);
}
template <class F, class I, detail::static_like X>
[[nodiscard]] auto reduce(F f, I identity, const X& x, const reduce_options& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return reduce(f, identity, all_of_it, o, where); }, where);
}

namespace detail {

template <static_like X>
[[nodiscard]] auto over_all(all_object all_of_it, const X& x, const reduce_options& o, source where) {
    return fixed::with_dynamic(x, [&](const auto& values) { return all_of_it(values, o, where); }, where);
}

namespace fixed {

/// Options that are told apart from others by what they must say: braces without it do not convert.
struct given_axes {
    template <std::integral... I>
        requires(sizeof...(I) > 0)
    constexpr given_axes(I... axes) : list{static_cast<index_t>(axes)...} {}
    template <class R>
        requires(std::convertible_to<const R&, axis_list> && !std::integral<R>)
    constexpr given_axes(const R& axes) : list(axes) {}

    axis_list list;
};
struct given_flag {
    constexpr given_flag(bool flag) : value{flag} {}

    bool value;
};
struct variance_along {
    given_axes axis;
    bool keepdims = false;
    index_t ddof = 0;

    constexpr operator variance_options() const { return {axis.list, keepdims, ddof}; }
};
struct variance_of_ones {
    given_flag keepdims;
    index_t ddof = 0;

    constexpr operator variance_options() const { return {{}, keepdims.value, ddof}; }
};

}  // namespace fixed
}  // namespace detail

template <detail::static_like X>
[[nodiscard]] auto var(const X& x, const detail::fixed::variance_along& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return var(all_of_it, variance_options(o), where); }, where);
}
template <detail::static_like X>
[[nodiscard]] auto var(const X& x, const detail::fixed::variance_of_ones& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return var(all_of_it, variance_options(o), where); }, where);
}
template <detail::static_like X>
[[nodiscard]] auto std(const X& x, const detail::fixed::variance_along& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return std(all_of_it, variance_options(o), where); }, where);
}
template <detail::static_like X>
[[nodiscard]] auto std(const X& x, const detail::fixed::variance_of_ones& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return std(all_of_it, variance_options(o), where); }, where);
}
template <detail::static_like X, std::same_as<variance_options> O>
[[nodiscard]] auto var(const X& x, const O& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return var(all_of_it, o, where); }, where);
}
template <detail::static_like X, std::same_as<variance_options> O>
[[nodiscard]] auto std(const X& x, const O& o, detail::source where = detail::source::current()) {
    return detail::fixed::with_dynamic(x, [&](const auto& all_of_it) { return std(all_of_it, o, where); }, where);
}

}  // namespace sinter::inline v1
