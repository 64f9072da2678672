#include "runtime/runner.hpp"

#include "runtime/lane_operands.hpp"
#include "runtime/lanes.hpp"
#include "runtime/sum_across.hpp"
#include "runtime/transpose.hpp"

#include <algorithm>
#include <limits>

namespace sinter::inline v1::detail::runtime {

using plan::launch;
using plan::place;

namespace {

/// Elements before the first store that a streaming kernel could do, or -1 if its outputs are not aligned alike.
[[nodiscard]] index_t peel(const launch& l, std::byte* const* pointers, index_t rows, index_t n) noexcept {
    const codegen::kernel& k = l.kernel;
    index_t head = -1, narrowest = 64;
    for (std::size_t i = 0; i < k.outputs.size(); ++i) {
        if (l.places[k.inputs.size() + i].stays || (i > 0 && codegen::is_pair(k.outputs[i - 1]))) continue;
        const auto address = reinterpret_cast<std::uintptr_t>(pointers[k.inputs.size() + i]);
        const std::size_t bytes = size_of(k.outputs[i].type) * (codegen::is_pair(k.outputs[i]) ? 2 : 1);
        const std::size_t misaligned = (64 - address % 64) % 64;
        if (misaligned % bytes != 0) return -1;
        const auto elements = static_cast<index_t>(misaligned / bytes);
        if (head >= 0 && elements != head) return -1;
        head = elements;
        narrowest = std::min(narrowest, static_cast<index_t>(bytes));
    }
    // A row that is reduced has to stay whole. Of several rows, which are aligned alike, each has its own head: not for a few lines' sake.
    constexpr index_t worth = 16 * 64;
    const bool whole = k.kind == codegen::kernel_kind::row_reduce || (rows > 1 && (k.kind != codegen::kernel_kind::map || n * narrowest < worth));
    return whole && head != 0 ? -1 : head;
}

}  // namespace

runner::runner(const launch& l, const launch_code& code, std::byte* const* base,
               const std::uint64_t* params, std::byte* tiles, std::uint64_t* room)
    : l_{l}, code_{code}, tiles_{tiles}, count_{l.places.size()} {
    std::uint64_t* const at = room == nullptr ? few_.data() : room;
    starts_ = reinterpret_cast<std::byte**>(at);
    pointers_ = starts_ + count_;
    origins_ = reinterpret_cast<index_t*>(at + 2 * count_);
    offsets_ = origins_ + count_;
    row_strides_ = offsets_ + count_;
    inner_strides_ = row_strides_ + count_;
    steps_ = inner_strides_ + count_;
    for (std::size_t i = 0; i < count_; ++i) {
        starts_[i] = base[i];
        origins_[i] = 0;
        set_strides(i);
        steps_[i] = l.places[i].along * l.places[i].bytes;
    }
    if (l_.kernel.kind == codegen::kernel_kind::map && l_.tile_rows > 0 && l_.tile_n > 0 && !l_.turns_output) {
        for (std::size_t i = 0; i < l_.kernel.inputs.size(); ++i) strips_ = strips_ || l_.places[i].turned;
        squares_ = l_.squares && code_.lanes != nullptr && *code_.lanes != nullptr;
        // Nothing but what is turned: along its rows, which is how memory has them, and hardware that asks for lines by itself goes on from tile to tile. Tiles one beside the
        // other would read the same places of a cache again where rows are a power of two apart.
        rows_first_ = strips_ && plan::reads_across_only(l_);
    }
    f_.pointers = pointers_;
    f_.row_strides = row_strides_;
    f_.inner_strides = inner_strides_;
    f_.params = params;
    f_.steps = steps_;
    f_.passed_over = &passed_over_;
}

void runner::go_to(index_t around) {
    const index_t b = around % l_.blocks;
    index_t o = around / l_.blocks;
    for (std::size_t i = 0; i < count_; ++i) offsets_[i] = origins_[i] + b * l_.block_step[i];
    for (std::size_t d = l_.outer.size(); d-- > 0;) {
        for (std::size_t i = 0; i < count_; ++i) offsets_[i] += o % l_.outer[d] * l_.places[i].outer[d];
        o /= l_.outer[d];
    }
}

void runner::run(const portion& part) {
    if (l_.together > 0) return l_.block > 0 ? run_blocks_together(part) : run_together(part);
    if (l_.sums_columns) return sum_columns(part);
    if (known_ != nullptr) return run_until_decided(part);
    const bool blocks_of_n = l_.kernel.kind == codegen::kernel_kind::row_reduce;
    const auto step = [&](index_t u, portion now) {
        go_to(u);
        if (l_.block > 0) {
            const index_t left = (blocks_of_n ? part.n_high : part.rows_high) - u % l_.blocks * l_.block;
            (blocks_of_n ? now.n_high : now.rows_high) = std::min(l_.block, left);
        }
        go_through(now);
    };
    if (l_.shared_rows == 0) {
        for (index_t u = part.around_low; u < part.around_high; ++u) step(u, part);
        return;
    }
    portion now = part;
    for (index_t b = 0; b < l_.blocks; ++b) {
        for (now.rows_low = part.rows_low; now.rows_low < part.rows_high; now.rows_low = now.rows_high) {
            now.rows_high = std::min(now.rows_low + l_.shared_rows, part.rows_high);
            for (now.n_low = part.n_low; now.n_low < part.n_high; now.n_low = now.n_high) {
                now.n_high = std::min(now.n_low + l_.shared_n, part.n_high);
                for (index_t u = part.around_low / l_.blocks * l_.blocks + b; u < part.around_high; u += l_.blocks) {
                    if (u >= part.around_low) step(u, now);
                }
            }
        }
    }
}

// A row that is known in one of its blocks is so in the others.
void runner::run_until_decided(const portion& part) {
    const std::size_t to = count_ - 1;
    const std::byte decides = codegen::deciding_byte(l_.kernel);
    for (index_t u = part.around_low; u < part.around_high; ++u) {
        go_to(u);
        const index_t b = u % l_.blocks, n = std::min(l_.block, l_.n - b * l_.block);
        for (index_t row = part.rows_low; row < part.rows_high; ++row) {
            std::byte* const result = place_of(to, row, 0);
            // What another thread writes is not looked at.
            const bool own = b > 0 && u > part.around_low;
            const index_t number = u / l_.blocks * l_.rows + row;
            if (known_->contains(number) || (own && *(result - l_.block_step[to]) == decides)) {
                *result = decides;
                passed_over_ += n;
                continue;
            }
            f_.rows = 1;
            f_.n = n;
            run_tile(row, 0);
            if (*result == decides) known_->add(number);
        }
    }
}

void runner::begin_units(std::size_t own_bytes, index_t low, index_t tile) {
    const std::size_t first_output = l_.kernel.inputs.size();
    bool in_lines = true;
    for (std::size_t i = 0; i < count_; ++i) {
        const place& p = l_.places[i];
        const index_t unit = p.local ? 0 : plan::unit_stride(l_, p) * p.bytes;
        starts_[i] += p.local ? static_cast<index_t>(own_bytes) : low * unit;
        offsets_[i] = tile * unit;
        in_lines = in_lines && (i < first_output || unit % 64 == 0);
    }
    always_ = code_.usual;
    // Where one tile begins with a line, all do: then none has a head, whatever its rows.
    if (code_.streaming != nullptr) always_ = in_lines && peel(l_, starts_, 1, std::numeric_limits<index_t>::max()) == 0 ? code_.streaming : nullptr;
}

void runner::set_units(index_t units) noexcept {
    const index_t steps = units * l_.per_unit;
    f_.rows = l_.along == plan::split_dim::rows ? steps : l_.rows;
    f_.n = l_.along == plan::split_dim::rows ? l_.n : steps;
    units_ = units;
}

// An empty loop still gives a reduction its identity.
void runner::go_through(const portion& part) {
    if (l_.lanes > 0) return run_lanes(part);
    if (l_.at_once > 0) return run_rows_at_once(part);
    if (l_.scan_rows > 0) return l_.kernel.kind == codegen::kernel_kind::row_reduce ? scan_along_rows(part) : scan_down_columns(part);
    if (rows_first_) {
        for (index_t at = part.n_low; at < part.n_high; at += l_.tile_n) {
            for (index_t row = part.rows_low; row < part.rows_high; row += l_.tile_rows) {
                f_.rows = std::min(l_.tile_rows, part.rows_high - row);
                f_.n = std::min(l_.tile_n, part.n_high - at);
                if (squares_) find_next(part, row, at);
                run_tile(row, at);
            }
        }
        return;
    }
    const index_t rows_step = l_.tile_rows > 0 ? l_.tile_rows : std::max<index_t>(part.rows_high - part.rows_low, 1);
    const index_t n_step = l_.tile_n > 0 ? l_.tile_n : std::max<index_t>(part.n_high - part.n_low, 1);
    index_t row = part.rows_low;
    do {
        index_t at = part.n_low;
        do {
            f_.rows = std::min(rows_step, part.rows_high - row);
            f_.n = std::min(n_step, part.n_high - at);
            if (squares_) find_next(part, row, at);
            run_tile(row, at);
            at += n_step;
        } while (at < part.n_high);
        row += rows_step;
    } while (row < part.rows_high);
}

// After the last tile comes the same once more, which is in a cache: what lies behind it is another thread's, or nobody's. What is too narrow for a square
// asks for itself.
void runner::find_next(const portion& part, index_t row, index_t at) {
    const index_t side = plan::side_of_squares(l_);
    next_row_ = row;
    next_at_ = at;
    const bool beside = at + l_.tile_n + side <= part.n_high, below = row + l_.tile_rows + side <= part.rows_high;
    if (rows_first_ ? below : !beside && below) {
        next_row_ += l_.tile_rows;
        if (!rows_first_) next_at_ = part.n_low;
    } else if (beside) {
        next_at_ += l_.tile_n;
        if (rows_first_) next_row_ = part.rows_low;
    }
}

// All blocks of a column behind each other, then the next column's: that is how memory has them.
void runner::sum_columns(const portion& part) {
    const place& from = l_.places[0];
    const place& to = l_.places[1];
    const index_t columns = part.n_high - part.n_low;
    for (index_t u = part.around_low; u < part.around_high;) {
        const index_t first = u % l_.blocks, past = std::min(l_.blocks, first + part.around_high - u);
        const index_t length = l_.block > 0 ? l_.block : l_.rows;
        const index_t last = l_.rows - (l_.blocks - 1) * length;  // of the last block
        const index_t whole = past == l_.blocks && last < length ? past - first - 1 : past - first;
        const auto sum = [&](index_t block, index_t blocks, index_t rows) {
            go_to(u + block);
            const memory_rows all{place_of(0, 0, part.n_low), from.inner * from.bytes, blocks, l_.block_step[0] * from.bytes};
            sum_rows_in_order(l_.kernel.reductions[0].type, all, columns * blocks, rows, place_of(1, 0, part.n_low), to.bytes, l_.block_step[1] * to.bytes);
        };
        if (whole > 0) sum(0, whole, length);
        if (whole < past - first) sum(whole, 1, last);
        u += past - first;
    }
}

void runner::run_lanes(const portion& part) {
    for (index_t at = part.n_low; at < part.n_high; at += l_.tile_n) {
        const index_t n = std::min(l_.tile_n, part.n_high - at);
        begin_lanes(n);
        const index_t several = rows_of_lane_step(l_) * l_.lanes;
        index_t row = part.rows_low;
        for (; row + several <= part.rows_high; row += several) add_to_lanes(*code_.usual, row, at, several / l_.lanes, l_.lanes, n);
        for (; row < part.rows_high; row += l_.lanes) add_to_lanes(*code_.lanes[0], row, at, 1, std::min(l_.lanes, part.rows_high - row), n);
        finish_lanes(at, n);
    }
}

// Whole blocks of as many rows as there are lanes, or a part of one.
void runner::add_to_lanes(const codegen::executable& code, index_t row, index_t at, index_t blocks, index_t lanes, index_t n) {
    const std::size_t inputs = l_.kernel.inputs.size(), operands = inputs + l_.kernel.outputs.size();
    lane_operands all;
    const auto add = [&](std::size_t first, std::size_t last) {
        for (index_t b = 0; b < blocks; ++b) {
            for (std::size_t i = first; i < last; ++i) all.add(place_of(i, row + b * l_.lanes, at), row_strides_[i], inner_strides_[i]);
        }
        std::byte* lane = tiles_;
        for (std::size_t i = operands; i < count_; ++i) {
            const index_t pitch = plan::lane_pitch(l_, l_.places[i].bytes);
            all.add(lane, pitch, l_.places[i].bytes);
            lane += l_.lanes * pitch;
        }
    };
    add(0, inputs);
    add(inputs, operands);
    code.run(all.of(f_.params, lanes, n));
}

void runner::begin_lanes(index_t n) {
    std::byte* lane = tiles_;
    const std::size_t operands = l_.kernel.inputs.size() + l_.kernel.outputs.size();
    for (std::size_t i = operands; i < count_; ++i) {
        const index_t bytes = l_.places[i].bytes;
        for (index_t k = 0; k < l_.lanes; ++k, lane += plan::lane_pitch(l_, bytes)) {
            codegen::fill(lane, l_.kernel.reductions[i - operands].identity, static_cast<std::size_t>(bytes), static_cast<std::size_t>(n));
        }
    }
}

// The fixed tree of a row's lanes, the last of it into the results.
void runner::finish_lanes(index_t at, index_t n) {
    std::byte* lanes = tiles_;
    const std::size_t operands = l_.kernel.inputs.size() + l_.kernel.outputs.size();
    for (std::size_t i = operands; i < count_; ++i) {
        const index_t bytes = l_.places[i].bytes, pitch = plan::lane_pitch(l_, bytes);
        for (index_t half = l_.lanes / 2; half > 0; half /= 2) {
            lane_operands pair;
            pair.add(lanes, pitch, bytes);
            pair.add(lanes + half * pitch, pitch, bytes);
            pair.add(half > 1 ? lanes : place_of(i, 0, at), pitch, bytes);
            code_.lanes[1 + i - operands]->run(pair.of(nullptr, half, n));
        }
        lanes += l_.lanes * pitch;
    }
}

// Of a tile of squares: the whole ones, in one call, and strips for what is left below and beside them.
void runner::run_squares(index_t row, index_t at) {
    const codegen::executable& code = *code_.lanes[0];
    const index_t side = plan::side_of_squares(l_), rows = f_.rows, n = f_.n;
    const index_t whole_rows = rows / side * side, whole_n = n / side * side;
    for (std::size_t i = 0; i < count_; ++i) pointers_[i] = place_of(i, row, at);
    if (whole_rows == 0 || whole_n == 0 || (code_.streaming != nullptr && peel(l_, pointers_, whole_rows, whole_n) != 0)) return run_strips(row, at);
    const std::size_t inputs = l_.kernel.inputs.size();
    for (std::size_t i = 0; i < inputs; ++i) {
        const place& p = l_.places[i];
        const index_t next = place_of(i, next_row_, next_at_) - pointers_[i];
        if (p.turned) row_strides_[i] = next;
        inner_strides_[i] = p.turned ? p.inner * p.bytes : next;
    }
    f_.rows = whole_rows;
    f_.n = whole_n;
    code.run(f_);
    for (std::size_t i = 0; i < inputs; ++i) set_strides(i);
    if (whole_rows < rows) {
        f_.rows = rows - whole_rows;
        f_.n = n;
        run_strips(row + whole_rows, at);
    }
    if (whole_n < n) {
        f_.rows = whole_rows;
        f_.n = n - whole_n;
        run_strips(row, at + whole_n);
    }
}

// A strip of rows is transposed and computed, then the next one: stores go out while lines come in, and the strip stays in the first cache.
// Meanwhile the turned operands' part of the next tile is asked for, and the others' part of this one, whose pieces of rows are too
// short for hardware to follow.
void runner::run_strips(index_t row, index_t at) {
    const index_t rows = f_.rows, n = f_.n;
    std::array<asker, most_asked> asks;
    std::size_t asked = 0;
    const index_t squares = squares_of(rows, n);
    for (std::size_t i = 0; i < l_.kernel.inputs.size() && asked < asks.size(); ++i) {
        const place& p = l_.places[i];
        const std::byte* const from = place_of(i, row, at);
        if (p.turned) {
            asks[asked++] = {from + (rows_first_ ? rows : n * p.inner) * p.bytes, p.inner * p.bytes, n, rows * p.bytes, squares};
        } else if (p.inner == 1 && p.row != 0 && !p.counts) {
            asks[asked++] = {from, row_strides_[i], rows, n * p.bytes, squares};
        }
    }
    const index_t strip = std::min(rows_of_squares, l_.tile_rows);
    for (index_t r = 0; r < rows; r += strip) {
        f_.rows = std::min(strip, rows - r);
        f_.n = n;
        std::byte* tile = tiles_;
        for (std::size_t i = 0; i < count_; ++i) {
            const place& p = l_.places[i];
            pointers_[i] = place_of(i, row + r, at);
            if (!p.turned) continue;
            transpose(tile, row_strides_[i], pointers_[i], p.inner * p.bytes, f_.rows, n, p.bytes, far_side::neither,
                      {asks.data(), tile == tiles_ ? asked : 0});
            pointers_[i] = tile;
            tile += row_strides_[i] * strip;
        }
        run_kernel();
    }
}

void runner::run_tile(index_t row, index_t at) {
    if (squares_) return run_squares(row, at);
    if (strips_) return run_strips(row, at);
    for (std::size_t i = 0; i < count_; ++i) pointers_[i] = place_of(i, row, at);
    std::byte* tile = tiles_;
    for (std::size_t i = 0; i < count_; ++i) {
        const place& p = l_.places[i];
        if (!p.turned) continue;
        if (i < l_.kernel.inputs.size()) {
            transpose(tile, row_strides_[i], pointers_[i], p.inner * p.bytes, f_.rows, f_.n, p.bytes, far_side::source);
        }
        pointers_[i] = tile;
        tile += row_strides_[i] * l_.tile_rows;
    }
    const index_t n = f_.n;
    run_kernel();
    if (!l_.turns_output) return;
    tile = tiles_;
    for (std::size_t i = 0; i < count_; ++i) {
        const place& p = l_.places[i];
        if (!p.turned) continue;
        if (i >= l_.kernel.inputs.size()) {
            transpose(place_of(i, row, at), p.inner * p.bytes, tile, row_strides_[i], n, f_.rows, p.bytes, far_side::target);
        }
        tile += row_strides_[i] * l_.tile_rows;
    }
}

// Changes the pointers and n.
void runner::run_kernel() {
    if (code_.streaming == nullptr) return code_.usual->run(f_);
    const index_t head = peel(l_, pointers_, f_.rows, f_.n);
    if (head < 0 || head >= f_.n) return code_.usual->run(f_);
    if (head > 0) {
        const index_t n = f_.n;
        f_.n = head;
        code_.usual->run(f_);
        f_.n = n - head;
        for (std::size_t i = 0; i < count_; ++i) pointers_[i] += head * inner_strides_[i];
    }
    code_.streaming->run(f_);
}

}  // namespace sinter::inline v1::detail::runtime
