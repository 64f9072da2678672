#pragma once

#include <sinter/detail/record.hpp>

namespace sinter::inline v1 {

/// One end of a range: an index, negative from the end, or {} for open.
class range_bound {
public:
    constexpr range_bound() noexcept = default;
    constexpr range_bound(index_t index) noexcept : index_{index}, given_{true} {}
    [[nodiscard]] constexpr bool given() const noexcept { return given_; }
    [[nodiscard]] constexpr index_t index() const noexcept { return index_; }

private:
    index_t index_ = 0;
    bool given_ = false;
};

/// The indices start, start + step, ... up to and without stop, as NumPy's start:stop:step. Negative ends count from the end;
/// ends past the array are cut; {} is open.
class range {
public:
    constexpr range(range_bound start, range_bound stop, index_t step = 1) noexcept : start_{start}, stop_{stop}, step_{step} {}
    [[nodiscard]] constexpr range_bound start() const noexcept { return start_; }
    [[nodiscard]] constexpr range_bound stop() const noexcept { return stop_; }
    [[nodiscard]] constexpr index_t step() const noexcept { return step_; }

private:
    range_bound start_, stop_;
    index_t step_;
};

struct newaxis_t {};
struct ellipsis_t {};
/// A new axis of extent 1.
inline constexpr newaxis_t newaxis{};
/// As many whole axes as are left.
inline constexpr ellipsis_t ellipsis{};

namespace detail {

enum class index_kind : std::uint8_t { index, range, newaxis, ellipsis };

/// One index of a view.
struct index_item {
    index_kind kind = index_kind::index;
    bool has_start = false, has_stop = false;
    index_t start = 0, stop = 0, step = 1;
};

/// Specialised for every type that may stand in x(...).
template <class I>
struct index_traits {
    static constexpr bool valid = std::is_integral_v<I> && !std::same_as<I, bool>;
    static constexpr index_item item(I i) noexcept { return {.kind = index_kind::index, .start = static_cast<index_t>(i)}; }
};
template <>
struct index_traits<range> {
    static constexpr bool valid = true;
    static constexpr index_item item(range r) noexcept {
        return {index_kind::range, r.start().given(), r.stop().given(), r.start().index(), r.stop().index(), r.step()};
    }
};
template <>
struct index_traits<newaxis_t> {
    static constexpr bool valid = true;
    static constexpr index_item item(newaxis_t) noexcept { return {.kind = index_kind::newaxis}; }
};
template <>
struct index_traits<ellipsis_t> {
    static constexpr bool valid = true;
    static constexpr index_item item(ellipsis_t) noexcept { return {.kind = index_kind::ellipsis}; }
};

template <class I>
concept index_argument = index_traits<std::remove_cvref_t<I>>::valid;
template <class I>
concept integer_index = std::is_integral_v<std::remove_cvref_t<I>> && !std::same_as<std::remove_cvref_t<I>, bool>;

/// The largest number of indices that a view takes: every axis, and as many new ones.
inline constexpr int max_indices = 2 * max_rank;

[[nodiscard]] SINTER_API node* record_view(node* operand, const index_item* items, std::size_t count, source where);
[[nodiscard]] SINTER_API node* record_transpose(node* operand, const index_t* axes, std::size_t count, source where);
[[nodiscard]] SINTER_API node* record_reshape(node* operand, const extents& shape, source where);

/// Writes value into the part of target that the indices name; target then holds the new array. Memory that the target
/// borrows is written at once when in_place is set. Takes over the edge value.
SINTER_API void assign_view(handle& target, bool in_place, const index_item* items, std::size_t count, node* value, source where);

}  // namespace detail
}  // namespace sinter::inline v1
