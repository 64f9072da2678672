#pragma once

#include <sinter/detail/error.hpp>

#include <concepts>
#include <initializer_list>
#include <span>

// What functions of arrays are told in braces, whether their shape is known at run time or not.

namespace sinter::inline v1 {

namespace detail {

/// The axes that a reduction is asked for.
struct axes_argument {
    index_t list[max_rank] = {};
    std::size_t count = 0;
    bool given = false;
};

}  // namespace detail

/// One axis, or several in braces; negative ones count from the end.
class axis_list {
public:
    constexpr axis_list() noexcept = default;
    constexpr axis_list(index_t axis) noexcept : argument_{.list = {axis}, .count = 1, .given = true} {}
    constexpr axis_list(std::initializer_list<index_t> axes) : axis_list(std::span(axes.begin(), axes.size())) {}
    /// As many as the program finds out while it runs: a vector, an array, a span.
    template <class R>
        requires(std::convertible_to<const R&, std::span<const index_t>> && !std::same_as<R, axis_list>)
    constexpr axis_list(const R& axes) {
        const std::span<const index_t> given = axes;
        if (given.size() > static_cast<std::size_t>(max_rank)) throw index_error("axis: more than 8 axes are given");
        for (const index_t a : given) argument_.list[argument_.count++] = a;
        argument_.given = true;
    }
    [[nodiscard]] constexpr const detail::axes_argument& argument() const noexcept { return argument_; }

private:
    detail::axes_argument argument_;
};

/// Along which axes; without, the array counts as flattened.
struct axes_option {
    axis_list axis{};
};

/// What a reduction runs over. Without axes, over all. keepdims leaves the reduced axes with extent 1.
struct reduce_options {
    axis_list axis{};
    bool keepdims = false;
};

/// The same for var and std. The sum of squares is divided by the count less ddof, or by 0 where ddof is more.
struct variance_options {
    axis_list axis{};
    bool keepdims = false;
    index_t ddof = 0;
};

/// Largest differences that allclose accepts: |x - y| <= atol + rtol * |y|.
struct tolerance {
    double rtol = 1e-5;
    double atol = 1e-8;
};

}  // namespace sinter::inline v1
