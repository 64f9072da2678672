#pragma once

#include "order/keys.hpp"
#include "runtime/buffer.hpp"
#include "runtime/threads.hpp"

#include <sinter/detail/node.hpp>
#include <sinter/detail/record.hpp>

#include <algorithm>

// The rows of an array along one of its axes, wherever they are in memory, and how they are shared among threads.

namespace sinter::inline v1::detail::order {

/// Memory for a while.
template <class T>
class scratch {
public:
    explicit scratch(index_t count) : memory_{runtime::allocate(static_cast<std::size_t>(count) * sizeof(T))} {}
    [[nodiscard]] T* data() const noexcept { return static_cast<T*>(memory_->data); }
    [[nodiscard]] T& operator[](index_t i) const noexcept { return data()[i]; }

private:
    runtime::buffer_ptr memory_;
};

/// An array of rows, seen along one axis. Rows are numbered in row-major order of the other axes.
struct rows {
    std::byte* data = nullptr;
    extents others;        // of the other axes
    extents steps;         // theirs, in elements
    index_t count = 1;     // of rows
    index_t length = 0;    // of a row
    index_t step = 1;      // between its elements

    /// Where a row begins, in elements.
    [[nodiscard]] index_t start_of(index_t row) const noexcept {
        index_t at = 0;
        for (std::size_t d = others.size(); d-- > 0;) {
            at += row % others[d] * steps[d];
            row /= others[d];
        }
        return at;
    }
    [[nodiscard]] bool in_place() const noexcept { return step == 1 || length <= 1; }
};

/// The axis that is asked for, or whole: all elements count as one row. Throws value_error for several axes, index_error for one that there is not.
inline constexpr index_t whole = -1;
[[nodiscard]] index_t one_axis(const char* name, const axes_argument& axes, const extents& shape);

/// How long a row is.
[[nodiscard]] index_t length_along(const extents& shape, index_t axis) noexcept;

/// The shape with rows of another length.
[[nodiscard]] extents with_length(const extents& shape, index_t axis, index_t length);

/// Of a node that is computed for it, along an axis or as a whole.
[[nodiscard]] rows rows_of(node& n, index_t axis);

/// So many rows are moved at once where their elements are not neighbours, so that whole cache lines are.
[[nodiscard]] inline index_t rows_in_tile(const rows& r, std::size_t element) noexcept {
    constexpr index_t most = 16, bytes = index_t{16} << 20;
    return std::clamp<index_t>(bytes / std::max<index_t>(1, r.length * static_cast<index_t>(element)), 1, most);
}

/// Rows [row, past) one after the other as contiguous memory, for one thread.
template <class Bits>
class row_reader {
public:
    row_reader(const rows& r, index_t past) : rows_{r}, past_{past}, tile_{r.in_place() ? 0 : order::rows_in_tile(r, sizeof(Bits))}, copy_{tile_ * r.length} {}

    [[nodiscard]] const Bits* row(index_t i) noexcept {
        const Bits* const p = reinterpret_cast<const Bits*>(rows_.data);
        if (tile_ == 0) return p + rows_.start_of(i);
        if (i < first_ || i >= first_ + loaded_) load(i, p);
        return copy_.data() + (i - first_) * rows_.length;
    }

private:
    void load(index_t i, const Bits* p) noexcept {
        first_ = i;
        loaded_ = std::min(tile_, past_ - i);
        index_t starts[16];
        for (index_t r = 0; r < loaded_; ++r) starts[r] = rows_.start_of(i + r);
        Bits* const to = copy_.data();
        for (index_t k = 0; k < rows_.length; ++k) {
            for (index_t r = 0; r < loaded_; ++r) to[r * rows_.length + k] = p[starts[r] + k * rows_.step];
        }
    }

    const rows& rows_;
    index_t past_;
    index_t tile_;  // 0: rows are read where they are
    scratch<Bits> copy_;
    index_t first_ = 0, loaded_ = 0;
};

/// The same to write: row(i) is memory for row i, with undefined contents. finish() at the end.
template <class Bits>
class row_writer {
public:
    explicit row_writer(const rows& r) : rows_{r}, tile_{r.in_place() ? 0 : order::rows_in_tile(r, sizeof(Bits))}, copy_{tile_ * r.length} {}

    [[nodiscard]] Bits* row(index_t i) noexcept {
        if (tile_ == 0) return reinterpret_cast<Bits*>(rows_.data) + rows_.start_of(i);
        if (held_ == tile_) finish();
        if (held_ == 0) first_ = i;
        return copy_.data() + held_++ * rows_.length;
    }

    void finish() noexcept {
        Bits* const p = reinterpret_cast<Bits*>(rows_.data);
        index_t starts[16];
        for (index_t r = 0; r < held_; ++r) starts[r] = rows_.start_of(first_ + r);
        for (index_t k = 0; k < rows_.length; ++k) {
            for (index_t r = 0; r < held_; ++r) p[starts[r] + k * rows_.step] = copy_[r * rows_.length + k];
        }
        held_ = 0;
    }

private:
    const rows& rows_;
    index_t tile_;
    scratch<Bits> copy_;
    index_t first_ = 0, held_ = 0;
};

/// In how many parts work on so many elements is shared among threads.
[[nodiscard]] int parts_for(index_t elements);

/// Calls body(first, past) for parts of [0, count), which has `elements` elements in all.
template <class F>
void over_parts(index_t count, index_t elements, const F& body) {
    const int parts = static_cast<int>(std::min<index_t>(count, order::parts_for(elements)));
    if (parts <= 1) {
        if (count > 0) body(index_t{0}, count);
        return;
    }
    runtime::parallel(parts, [&](int p) { body(count * p / parts, count * (p + 1) / parts); });
}

/// Calls f with something of the size of an element, to move elements as.
template <class F>
void with_element(dtype type, const F& f) {
    switch (size_of(type)) {
        case 1: return f(std::uint8_t{});
        case 2: return f(std::uint16_t{});
        case 4: return f(std::uint32_t{});
        case 8: return f(std::uint64_t{});
        default: return f(std::array<std::uint64_t, 2>{});
    }
}

/// Longer rows are sorted in pieces that are merged: the counts of their digits are 32 bits.
inline constexpr index_t most_words_at_once = index_t{1} << 30;

/// Whether the rows are too few to keep the threads busy and long enough to share each of them, or too long for one piece.
[[nodiscard]] bool shares_rows(const rows& r);

/// Calls body(first, past) for parts of the rows; once, for all of them, where rows are shared.
template <class F>
void over_rows(const rows& r, const F& body) {
    if (order::shares_rows(r)) body(index_t{0}, r.count);
    else order::over_parts(r.count, r.count * r.length, body);
}

}  // namespace sinter::inline v1::detail::order
