#pragma once

#include <sinter/detail/error.hpp>

#include <concepts>
#include <initializer_list>
#include <iosfwd>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace sinter::inline v1 {

namespace detail {

/// A shape as messages write it: "(2, 3)".
[[nodiscard]] inline std::string text_of_shape(std::span<const index_t> shape) {
    std::string text = "(";
    for (std::size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
    return text + ")";
}

/// An extent in braces, of whatever integral type: sizes of the standard library are unsigned, and would be narrowed.
struct braced_extent {
    template <std::integral I>
    constexpr braced_extent(I given) : value{static_cast<index_t>(given)} {
        if constexpr (std::unsigned_integral<I> && sizeof(I) >= sizeof(index_t)) {
            if (given > static_cast<I>(std::numeric_limits<index_t>::max())) throw shape_error("shape: the extent " + std::to_string(given) + " is too large");
        }
    }
    /// Of what converts to an index without narrowing, such as an element of an array.
    template <class I>
        requires(!std::is_arithmetic_v<I> && requires(const I& given) { index_t{given}; })
    constexpr braced_extent(const I& given) : value{given} {}

    index_t value;
};

}  // namespace detail

/// The extents of an array, or its strides: at most eight numbers, held in place.
class extents {
public:
    constexpr extents() noexcept = default;
    constexpr extents(std::initializer_list<detail::braced_extent> list) { assign(list.begin(), list.size()); }
    constexpr explicit extents(std::span<const index_t> list) { assign(list.data(), list.size()); }
    extents(const std::vector<index_t>& list) { assign(list.data(), list.size()); }

    [[nodiscard]] constexpr std::size_t size() const noexcept { return rank_; }
    [[nodiscard]] constexpr bool empty() const noexcept { return rank_ == 0; }
    [[nodiscard]] constexpr index_t operator[](std::size_t axis) const noexcept { return values_[axis]; }
    [[nodiscard]] constexpr index_t& operator[](std::size_t axis) noexcept { return values_[axis]; }
    [[nodiscard]] constexpr const index_t* data() const noexcept { return values_; }
    [[nodiscard]] constexpr const index_t* begin() const noexcept { return values_; }
    [[nodiscard]] constexpr const index_t* end() const noexcept { return values_ + rank_; }
    [[nodiscard]] constexpr index_t front() const noexcept { return values_[0]; }
    [[nodiscard]] constexpr index_t back() const noexcept { return values_[rank_ - 1]; }

    constexpr void push_back(index_t value) {
        if (rank_ == max_rank) throw shape_error("shape: an array has at most 8 dimensions");
        values_[rank_++] = value;
    }

    /// The product: how many elements an array of these extents has.
    [[nodiscard]] constexpr index_t count() const noexcept {
        index_t n = 1;
        for (const index_t e : *this) n *= e;
        return n;
    }

    friend constexpr bool operator==(const extents& a, const extents& b) noexcept {
        if (a.rank_ != b.rank_) return false;
        for (std::size_t i = 0; i < a.rank_; ++i) {
            if (a.values_[i] != b.values_[i]) return false;
        }
        return true;
    }

    /// "(2, 3)", as in messages.
    template <class Traits>
    friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const extents& shape) {
        return out << detail::text_of_shape(shape).c_str();
    }

private:
    static constexpr index_t plain(index_t extent) noexcept { return extent; }
    static constexpr index_t plain(detail::braced_extent extent) noexcept { return extent.value; }

    template <class E>
    constexpr void assign(const E* list, std::size_t count) {
        if (count > static_cast<std::size_t>(max_rank)) throw shape_error("shape: an array has at most 8 dimensions");
        for (std::size_t i = 0; i < count; ++i) values_[i] = plain(list[i]);
        rank_ = count;
    }

    index_t values_[max_rank] = {};
    std::size_t rank_ = 0;
};

}  // namespace sinter::inline v1
