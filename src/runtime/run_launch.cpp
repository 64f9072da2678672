#include "runtime/execute.hpp"

#include "runtime/threads.hpp"
#include "runtime/transpose.hpp"

#include <algorithm>
#include <array>

namespace sinter::inline v1::detail::runtime {

using plan::launch;
using plan::place;
using plan::split_dim;

namespace {

/// What one thread does of a launch: a part of one of its loops.
struct portion {
    index_t around_low = 0, around_high = 0;  // outer loops and blocks, flattened
    index_t rows_low = 0, rows_high = 0;
    index_t n_low = 0, n_high = 0;
};

/// Elements before the first store that a streaming kernel could do, or -1 if its outputs are not aligned alike.
[[nodiscard]] index_t peel(const codegen::kernel& k, std::byte* const* pointers, index_t rows) noexcept {
    index_t head = -1;
    for (std::size_t i = 0; i < k.outputs.size(); ++i) {
        const auto address = reinterpret_cast<std::uintptr_t>(pointers[k.inputs.size() + i]);
        const std::size_t bytes = size_of(k.outputs[i].type);
        const std::size_t misaligned = (64 - address % 64) % 64;
        if (misaligned % bytes != 0) return -1;
        const auto elements = static_cast<index_t>(misaligned / bytes);
        if (head >= 0 && elements != head) return -1;
        head = elements;
    }
    return rows > 1 && head != 0 ? -1 : head;
}

/// One thread's way through its portion of a launch.
class runner {
public:
    /// tiles, room: memory for one thread's tiles, and for what it knows of the operands.
    runner(const launch& l, const codegen::executable& code, const codegen::executable* streaming, std::byte* const* base,
           const std::uint64_t* params, std::byte* tiles, std::uint64_t* room)
        : l_{l}, code_{code}, streaming_{streaming}, base_{base}, tiles_{tiles}, count_{l.places.size()} {
        std::uint64_t* const at = room == nullptr ? few_.data() : room;
        pointers_ = reinterpret_cast<std::byte**>(at);
        offsets_ = reinterpret_cast<index_t*>(at + count_);
        row_strides_ = offsets_ + count_;
        inner_strides_ = row_strides_ + count_;
        for (std::size_t i = 0; i < count_; ++i) {
            const place& p = l.places[i];
            row_strides_[i] = p.turned ? plan::tile_pitch(l, p) : p.row * p.bytes;
            inner_strides_[i] = p.turned ? p.bytes : p.inner * p.bytes;
        }
        f_.pointers = pointers_;
        f_.row_strides = row_strides_;
        f_.inner_strides = inner_strides_;
        f_.params = params;
    }
    runner(const runner&) = delete;
    runner& operator=(const runner&) = delete;

    void run(const portion& part) {
        const bool blocks_of_n = l_.kernel.kind == codegen::kernel_kind::row_reduce;
        for (index_t u = part.around_low; u < part.around_high; ++u) {
            const index_t b = u % l_.blocks;
            index_t o = u / l_.blocks;
            for (std::size_t i = 0; i < count_; ++i) offsets_[i] = b * l_.block_step[i];
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

private:
    // An empty loop still gives a reduction its identity.
    void go_through(const portion& part) {
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

    void run_tile(index_t row, index_t at) {
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

    [[nodiscard]] std::byte* place_of(std::size_t i, index_t row, index_t at) noexcept {
        const place& p = l_.places[i];
        return base_[i] + (offsets_[i] + row * p.row + at * p.inner) * p.bytes;
    }

    // Changes the pointers and n.
    void run_kernel() {
        if (streaming_ == nullptr) return code_.run(f_);
        const index_t head = peel(l_.kernel, pointers_, f_.rows);
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

    const launch& l_;
    const codegen::executable& code_;
    const codegen::executable* streaming_;
    std::byte* const* base_;
    std::byte* tiles_;
    std::size_t count_;
    // One number for each operand: on the stack unless a kernel has very many.
    std::byte** pointers_;
    index_t* offsets_;  // elements, of the outer loops
    index_t* row_strides_;
    index_t* inner_strides_;
    std::array<std::uint64_t, operand_room::lists * operand_room::few> few_;
    codegen::frame f_;
};

}  // namespace

void operand_room::make_for(const launch& l) {
    const std::size_t threads = static_cast<std::size_t>(std::max(1, l.threads));
    const std::size_t words = l.places.size() > few ? lists * l.places.size() * threads : 0;
    if (words_.size() < words) words_.resize(words);
}

std::uint64_t* operand_room::of(const launch& l, std::size_t thread) noexcept {
    return l.places.size() > few ? words_.data() + lists * l.places.size() * thread : nullptr;
}

void run_launch(const launch& l, const codegen::executable& code, const codegen::executable* streaming, std::byte* const* base,
                const std::uint64_t* params, std::byte* tiles, operand_room& room) {
    const index_t around = l.outer.count() * l.blocks;
    const portion whole{0, around, 0, l.rows, 0, l.n};
    if (l.threads <= 1) {
        runner{l, code, streaming, base, params, tiles, room.of(l, 0)}.run(whole);
        return;
    }
    // The split depends on the loops and the number of threads only, so that later kernels find their rows where this one left them.
    const index_t length = l.split == split_dim::outer ? around : l.split == split_dim::rows ? l.rows : l.n;
    const index_t unit = l.split == split_dim::inner ? 1024 : 1;
    const index_t units = (length + unit - 1) / unit;
    parallel(l.threads, [&](int p) {
        const index_t low = std::min(length, units * p / l.threads * unit);
        const index_t high = std::min(length, units * (p + 1) / l.threads * unit);
        if (low >= high) return;
        portion part = whole;
        if (l.split == split_dim::outer) {
            part.around_low = low;
            part.around_high = high;
        } else if (l.split == split_dim::rows) {
            part.rows_low = low;
            part.rows_high = high;
        } else {
            part.n_low = low;
            part.n_high = high;
        }
        runner{l, code, streaming, base, params, tiles + static_cast<std::size_t>(p) * plan::tile_bytes(l),
               room.of(l, static_cast<std::size_t>(p))}
            .run(part);
    });
}

}  // namespace sinter::inline v1::detail::runtime
