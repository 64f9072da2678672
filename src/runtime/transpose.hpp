#pragma once

#include <sinter/detail/extents.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace sinter::inline v1::detail::runtime {

/// Asks for the lines of rows that come next, some at a time, each row from its start to its end: hardware follows a row, but
/// none of it sees a stream in a walk across rows. Into the second cache, whose sets hold enough of them.
class asker {
public:
    asker() noexcept = default;
    /// steps: so many calls of next() ask for everything. Past the last row there need not be memory: nothing is read.
    asker(const std::byte* first, index_t stride, index_t rows, index_t bytes, index_t steps) noexcept
        : at_{reinterpret_cast<std::uintptr_t>(first)}, jump_{stride - (bytes + line - 1) / line * line}, in_row_{(bytes + line - 1) / line},
          left_in_row_{in_row_}, left_{in_row_ * rows}, share_{steps > 0 ? (left_ + steps - 1) / steps : 0} {}

    template <bool Write = false>
    void next() noexcept {
        const index_t n = share_ < left_ ? share_ : left_;
        left_ -= n;
        for (index_t k = 0; k < n; ++k) {
            __builtin_prefetch(reinterpret_cast<const void*>(at_), Write ? 1 : 0, 2);
            at_ += line;
            if (--left_in_row_ > 0) continue;
            at_ += static_cast<std::uintptr_t>(jump_);
            left_in_row_ = in_row_;
        }
    }

private:
    static constexpr index_t line = 64;
    std::uintptr_t at_ = 0;  // a number, as it may leave the operand
    index_t jump_ = 0, in_row_ = 0, left_in_row_ = 0, left_ = 0, share_ = 0;
};

/// Which side of a transposition is in memory: the other one, a tile, is in the caches. Neither: the caller asks for what is to come.
enum class far_side : std::uint8_t { neither, source, target };

/// Rows that one call transposes at least where there are so many: a multiple of what registers hold, for every size.
inline constexpr index_t rows_of_squares = 16;

/// Squares of a transposition, at most.
[[nodiscard]] inline index_t squares_of(index_t rows, index_t columns) noexcept {
    return ((rows + rows_of_squares - 1) / rows_of_squares) * ((columns + rows_of_squares - 1) / rows_of_squares);
}

/// to[r][c] = from[c][r] for r < rows, c < columns: elements of `size` bytes, neighbours along the second index on either side, and
/// strides in bytes along the first. The two must not overlap. The rows of the far side are asked for some time before they are needed,
/// and those that follow the last one too: another tile comes there. Each of `asks` goes on by one with each square.
void transpose(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride, index_t rows, index_t columns, std::size_t size,
               far_side far, std::span<asker> asks = {}) noexcept;

}  // namespace sinter::inline v1::detail::runtime
