#include "runtime/runner.hpp"

#include "runtime/transpose.hpp"

#include <algorithm>

namespace sinter::inline v1::detail::runtime {

using plan::launch;
using plan::place;

namespace {

/// Elements before the first store that a streaming kernel could do, or -1 if its outputs are not aligned alike.
[[nodiscard]] index_t peel(const launch& l, std::byte* const* pointers, index_t rows) noexcept {
    const codegen::kernel& k = l.kernel;
    index_t head = -1;
    for (std::size_t i = 0; i < k.outputs.size(); ++i) {
        if (l.places[k.inputs.size() + i].stays) continue;
        const auto address = reinterpret_cast<std::uintptr_t>(pointers[k.inputs.size() + i]);
        const std::size_t bytes = size_of(k.outputs[i].type);
        const std::size_t misaligned = (64 - address % 64) % 64;
        if (misaligned % bytes != 0) return -1;
        const auto elements = static_cast<index_t>(misaligned / bytes);
        if (head >= 0 && elements != head) return -1;
        head = elements;
    }
    // A row that is reduced has to stay whole.
    const bool whole = rows > 1 || k.kind == codegen::kernel_kind::row_reduce;
    return whole && head != 0 ? -1 : head;
}

}  // namespace

runner::runner(const launch& l, const codegen::executable& code, const codegen::executable* streaming, std::byte* const* base,
               const std::uint64_t* params, std::byte* tiles, std::uint64_t* room)
    : l_{l}, code_{code}, streaming_{streaming}, tiles_{tiles}, count_{l.places.size()} {
    std::uint64_t* const at = room == nullptr ? few_.data() : room;
    starts_ = reinterpret_cast<std::byte**>(at);
    pointers_ = starts_ + count_;
    origins_ = reinterpret_cast<index_t*>(at + 2 * count_);
    offsets_ = origins_ + count_;
    row_strides_ = offsets_ + count_;
    inner_strides_ = row_strides_ + count_;
    for (std::size_t i = 0; i < count_; ++i) {
        const place& p = l.places[i];
        starts_[i] = base[i];
        origins_[i] = 0;
        row_strides_[i] = p.turned ? plan::tile_pitch(l, p) : p.row * p.bytes;
        inner_strides_[i] = p.turned ? p.bytes : p.inner * p.bytes;
    }
    f_.pointers = pointers_;
    f_.row_strides = row_strides_;
    f_.inner_strides = inner_strides_;
    f_.params = params;
}

void runner::run(const portion& part) {
    const bool blocks_of_n = l_.kernel.kind == codegen::kernel_kind::row_reduce;
    for (index_t u = part.around_low; u < part.around_high; ++u) {
        const index_t b = u % l_.blocks;
        index_t o = u / l_.blocks;
        for (std::size_t i = 0; i < count_; ++i) offsets_[i] = origins_[i] + b * l_.block_step[i];
        for (std::size_t d = l_.outer.size(); d-- > 0;) {
            for (std::size_t i = 0; i < count_; ++i) offsets_[i] += o % l_.outer[d] * l_.places[i].outer[d];
            o /= l_.outer[d];
        }
        portion now = part;
        if (l_.block > 0) {
            index_t& high = blocks_of_n ? now.n_high : now.rows_high;
            high = std::min(l_.block, high - b * l_.block);
        }
        go_through(now);
    }
}

void runner::begin_units(std::size_t own_bytes) {
    for (std::size_t i = 0; i < count_; ++i) {
        const place& p = l_.places[i];
        if (p.local) starts_[i] += own_bytes;
        offsets_[i] = p.local ? 0 : plan::unit_stride(l_, p) * p.bytes;
    }
}

void runner::run_units(index_t low, index_t high) {
    for (std::size_t i = 0; i < count_; ++i) pointers_[i] = starts_[i] + low * offsets_[i];
    // Anew each time: run_kernel() changes them.
    const index_t steps = (high - low) * l_.per_unit;
    f_.rows = l_.along == plan::split_dim::rows ? steps : l_.rows;
    f_.n = l_.along == plan::split_dim::rows ? l_.n : steps;
    run_kernel();
}

// An empty loop still gives a reduction its identity.
void runner::go_through(const portion& part) {
    const index_t rows_step = l_.tile_rows > 0 ? l_.tile_rows : std::max<index_t>(part.rows_high - part.rows_low, 1);
    const index_t n_step = l_.tile_n > 0 ? l_.tile_n : std::max<index_t>(part.n_high - part.n_low, 1);
    index_t row = part.rows_low;
    do {
        index_t at = part.n_low;
        do {
            f_.rows = std::min(rows_step, part.rows_high - row);
            f_.n = std::min(n_step, part.n_high - at);
            run_tile(row, at);
            at += n_step;
        } while (at < part.n_high);
        row += rows_step;
    } while (row < part.rows_high);
}

void runner::run_tile(index_t row, index_t at) {
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
    if (streaming_ == nullptr) return code_.run(f_);
    const index_t head = peel(l_, pointers_, f_.rows);
    if (head < 0 || head >= f_.n) return code_.run(f_);
    if (head > 0) {
        const index_t n = f_.n;
        f_.n = head;
        code_.run(f_);
        f_.n = n - head;
        for (std::size_t i = 0; i < count_; ++i) pointers_[i] += head * inner_strides_[i];
    }
    streaming_->run(f_);
}

}  // namespace sinter::inline v1::detail::runtime
