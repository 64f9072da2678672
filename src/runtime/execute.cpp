#include "runtime/execute.hpp"

#include "base/memory.hpp"
#include "base/thread_spare.hpp"
#include "runtime/buffer.hpp"
#include "runtime/kernel_cache.hpp"
#include "runtime/threads.hpp"
#include "runtime/values.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace sinter::inline v1::detail {

namespace base {

void retain_memory(void* memory) noexcept { detail::add_to(static_cast<runtime::buffer*>(memory)->refs, 1U); }
void release_memory(void* memory) noexcept { runtime::buffer_ptr::steal(static_cast<runtime::buffer*>(memory)).reset(); }
bool is_sole_memory(const void* memory) noexcept {
    if (memory == nullptr) return false;
    const auto& b = *static_cast<const runtime::buffer*>(memory);
    return runtime::unique(b) && !runtime::borrowed(b);
}

}  // namespace base

namespace runtime {

using plan::launch;
using plan::place;
using plan::split_dim;

namespace {

/// What a thread knows of the operands: pointers, and steps in bytes. On the stack unless a kernel has very many.
struct operand_list {
    operand_list(const launch& l, std::uint64_t* room) noexcept {
        const std::size_t count = l.places.size();
        std::uint64_t* const at = room == nullptr ? few.data() : room;
        pointers = reinterpret_cast<std::byte**>(at);
        row_strides = reinterpret_cast<index_t*>(at + count);
        inner_strides = reinterpret_cast<index_t*>(at + 2 * count);
        for (std::size_t i = 0; i < count; ++i) {
            row_strides[i] = l.places[i].row * l.places[i].bytes;
            inner_strides[i] = l.places[i].inner * l.places[i].bytes;
        }
    }
    operand_list(const operand_list&) = delete;
    operand_list& operator=(const operand_list&) = delete;

    std::byte** pointers;
    index_t* row_strides;
    index_t* inner_strides;
    std::array<std::uint64_t, 3 * operand_room::few> few;
};

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

/// Runs what the frame says; changes its pointers and n.
void run_frame(const launch& l, const codegen::executable& code, const codegen::executable* streaming, codegen::frame& f, std::byte** pointers) {
    if (streaming == nullptr) return code.run(f);
    const index_t head = peel(l.kernel, pointers, f.rows);
    if (head < 0 || head >= f.n) return code.run(f);
    if (head > 0) {
        const index_t n = f.n;
        f.n = head;
        code.run(f);
        f.n = n - head;
        for (std::size_t i = 0; i < l.places.size(); ++i) pointers[i] += head * f.inner_strides[i];
    }
    streaming->run(f);
}

void run_portion(const launch& l, const codegen::executable& code, const codegen::executable* streaming, std::byte* const* base,
                 const std::uint64_t* params, const portion& part, std::uint64_t* room) {
    const std::size_t count = l.places.size();
    const operand_list operands{l, room};
    std::byte** const pointers = operands.pointers;
    codegen::frame f;
    f.pointers = pointers;
    f.row_strides = operands.row_strides;
    f.inner_strides = operands.inner_strides;
    f.params = params;
    for (index_t u = part.around_low; u < part.around_high; ++u) {
        const index_t b = u % l.blocks;
        index_t o = u / l.blocks;
        index_t at[max_rank];
        for (std::size_t d = l.outer.size(); d-- > 0;) {
            at[d] = o % l.outer[d];
            o /= l.outer[d];
        }
        f.rows = part.rows_high - part.rows_low;
        f.n = part.n_high - part.n_low;
        if (l.block > 0) {
            index_t& length = l.kernel.kind == codegen::kernel_kind::row_reduce ? f.n : f.rows;
            length = std::min(l.block, length - b * l.block);
        }
        const index_t n = f.n, strip = l.strip > 0 ? l.strip : n;
        for (index_t from = 0;; from += strip) {
            f.n = std::min(strip, n - from);
            for (std::size_t i = 0; i < count; ++i) {
                const place& p = l.places[i];
                index_t offset = b * l.block_step[i] + part.rows_low * p.row + (part.n_low + from) * p.inner;
                for (std::size_t d = 0; d < l.outer.size(); ++d) offset += at[d] * p.outer[d];
                pointers[i] = base[i] + offset * p.bytes;
            }
            run_frame(l, code, streaming, f, pointers);
            if (from + strip >= n) break;
        }
    }
}

}  // namespace

namespace {

void run_in(operand_room& room, const launch& l, const codegen::executable& code, const codegen::executable* streaming, std::byte* const* base,
            const std::uint64_t* params) {
    if (l.plain) {
        const operand_list operands{l, room.of(l, 0)};
        code.run({base, operands.row_strides, operands.inner_strides, params, l.rows, l.n});
        return;
    }
    const index_t around = l.outer.count() * l.blocks;
    const portion whole{0, around, 0, l.rows, 0, l.n};
    if (l.threads <= 1) {
        run_portion(l, code, streaming, base, params, whole, room.of(l, 0));
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
        run_portion(l, code, streaming, base, params, part, room.of(l, static_cast<std::size_t>(p)));
    });
}

}  // namespace

void operand_room::make_for(const launch& l) {
    const std::size_t threads = static_cast<std::size_t>(std::max(1, l.threads));
    const std::size_t words = l.places.size() > few ? 3 * l.places.size() * threads : 0;
    if (words_.size() < words) words_.resize(words);
}

std::uint64_t* operand_room::of(const launch& l, std::size_t thread) noexcept {
    return l.places.size() > few ? words_.data() + 3 * l.places.size() * thread : nullptr;
}

void run_launch(const launch& l, const codegen::executable& code, const codegen::executable* streaming, std::byte* const* base,
                const std::uint64_t* params) {
    operand_room room;
    room.make_for(l);
    run_in(room, l, code, streaming, base, params);
}

std::shared_ptr<ready_plan> make_ready(plan::plan p, plan::isa target) {
    auto ready = std::make_shared<ready_plan>();
    for (const launch& l : p.launches) {
        ready->code.push_back(code_for(l.kernel, target));
        codegen::executable_ptr past_caches;
        if (l.predicted.streaming) {
            codegen::kernel k = l.kernel;
            for (codegen::output& o : k.outputs) o.streaming = true;
            past_caches = code_for(k, target);
        }
        ready->streaming.push_back(std::move(past_caches));
        ready_call& call = ready->calls.emplace_back();
        for (const place& at : l.places) {
            call.starts.push_back({at.index, at.leaf, at.offset * at.bytes});
            call.strides.push_back(at.row * at.bytes);
        }
        for (const place& at : l.places) call.strides.push_back(at.inner * at.bytes);
    }
    ready->steps = std::move(p);
    // Operands before users: a user that is finished may take them with it.
    std::sort(ready->steps.results.begin(), ready->steps.results.end(), [](const auto& a, const auto& b) { return a.captured < b.captured; });
    for (plan::stored& r : ready->steps.results) {
        std::size_t sharing = 0;
        for (const plan::stored& other : ready->steps.results) sharing += !other.leaf && other.index == r.index ? 1 : 0;
        r.sole = !r.leaf && sharing == 1;
    }
    return ready;
}

namespace {

/// The bytes that a leaf can reach.
[[nodiscard]] bool overlaps(const node& n, const std::byte* out, std::size_t bytes) noexcept {
    if (n.size == 0 || bytes == 0) return false;
    index_t low = 0;
    index_t high = 0;
    for (int d = 0; d < n.rank; ++d) {
        const index_t reach = n.stride[d] * (n.extent[d] - 1);
        (reach < 0 ? low : high) += reach;
    }
    const auto size = static_cast<index_t>(size_of(n.type));
    const std::byte* const first = n.data + low * size;
    const std::byte* const past = n.data + (high + 1) * size;
    return first < out + bytes && out < past;
}

}  // namespace

namespace {

/// The lists of an execution; a thread's next one uses them again.
struct scratch {
    std::vector<buffer_ptr> memory;
    std::vector<std::byte*> data;
    std::vector<std::uint64_t> params;
    std::vector<std::byte*> base;
    operand_room room;
    std::vector<node*> finished;
    std::vector<std::pair<std::byte*, std::uint32_t>> copies;  // the user's memory, where it overlaps what is read

    std::size_t used = 0;  // of memory

    void clear() noexcept {
        for (std::size_t i = 0; i < used; ++i) memory[i].reset();
        used = 0;
        finished.clear();
        copies.clear();
    }
};

/// Whether the user's memory for one root is apart from all that is read and from the other roots' memory.
[[nodiscard]] bool apart(const graph::capture& c, const graph::capture::root* roots, std::size_t k, std::size_t bytes) {
    for (const graph::captured_node& n : c.nodes()) {
        if (n.done && overlaps(*n.n, roots[k].out, bytes)) return false;
    }
    for (std::size_t j = 0; j < c.roots().size(); ++j) {
        if (j == k || !roots[j].external) continue;
        const std::size_t other = static_cast<std::size_t>(roots[j].n->size) * size_of(roots[j].n->type);
        if (roots[j].out < roots[k].out + bytes && roots[k].out < roots[j].out + other) return false;
    }
    return true;
}

}  // namespace

namespace {

/// A scratch of this thread, for as long as this lives. An evaluation inside another one finds none to spare, and makes its own.
class borrowed_scratch {
public:
    borrowed_scratch() : own_{base::thread_spare<scratch>::take()} {}
    borrowed_scratch(const borrowed_scratch&) = delete;
    borrowed_scratch& operator=(const borrowed_scratch&) = delete;
    ~borrowed_scratch() {
        own_->clear();
        base::thread_spare<scratch>::give(std::move(own_));
    }
    [[nodiscard]] scratch& get() noexcept { return *own_; }

private:
    std::unique_ptr<scratch> own_;
};

/// Makes the lists as long as they will ever be: values that die in the plan are written over, so that once it runs nothing may throw.
void make_room(const ready_plan& ready, scratch& s) {
    const plan::plan& p = ready.steps;
    if (s.memory.size() < p.slots.size()) s.memory.resize(p.slots.size());
    if (s.data.size() < p.slots.size()) s.data.resize(p.slots.size());
    for (const launch& l : p.launches) {
        if (s.params.size() < l.params.size()) s.params.resize(l.params.size());
        if (s.base.size() < l.places.size()) s.base.resize(l.places.size());
        s.room.make_for(l);
    }
    s.finished.reserve(p.results.size());
    s.copies.reserve(p.slots.size());
}

/// Allocates everything and runs the launches; no node changes.
void run_steps(const ready_plan& ready, const graph::capture& c, const graph::capture::root* roots, scratch& s) {
    const plan::plan& p = ready.steps;
    const auto& nodes = c.nodes();
    // Memory for everything, before anything runs.
    make_room(ready, s);
    s.used = p.slots.size();
    for (std::size_t i = 0; i < p.slots.size(); ++i) {
        const plan::slot& slot = p.slots[i];
        if (slot.from == plan::slot::source::donated) {
            s.memory[i] = buffer_ptr::share(static_cast<buffer*>(nodes[slot.captured].n->memory));
            s.data[i] = nodes[slot.captured].n->data;
            continue;
        }
        if (slot.from == plan::slot::source::external) {
            std::size_t k = 0;
            while (c.roots()[k] != slot.captured || !roots[k].external) ++k;
            if (apart(c, roots, k, slot.bytes)) {
                s.data[i] = roots[k].out;
                continue;
            }
            s.copies.emplace_back(roots[k].out, static_cast<std::uint32_t>(i));
        }
        if (slot.carried) continue;
        s.memory[i] = allocate(slot.bytes);
        s.data[i] = static_cast<std::byte*>(s.memory[i]->data);
    }

    for (std::size_t k = 0; k < p.launches.size(); ++k) {
        const launch& l = p.launches[k];
        for (std::size_t i = 0; i < l.params.size(); ++i) s.params[i] = nodes[l.params[i].captured].n->scalars[l.params[i].slot];
        const ready_call& call = ready.calls[k];
        const std::size_t count = call.starts.size();
        for (std::size_t i = 0; i < count; ++i) {
            const ready_call::start& at = call.starts[i];
            s.base[i] = (at.leaf ? nodes[at.index].n->data : s.data[at.index]) + at.bytes;
        }
        if (l.plain) {
            ready.code[k]->run({s.base.data(), call.strides.data(), call.strides.data() + count, s.params.data(), l.rows, l.n});
        } else {
            run_in(s.room, l, *ready.code[k], ready.streaming[k].get(), s.base.data(), s.params.data());
        }
    }
}

}  // namespace

void run_checks(const ready_plan& ready, const graph::capture& c) {
    if (ready.checks == nullptr) return;
    borrowed_scratch own;
    run_steps(*ready.checks, c, nullptr, own.get());
    for (const plan::stored& r : ready.checks->steps.results) {
        const std::byte* const start = r.leaf ? c.nodes()[r.index].n->data : own.get().data[r.index];
        if (start[r.offset] != std::byte{0}) throw value_error(graph::where(*c.nodes()[r.captured].n) + "divide: an integer is divided by zero");
    }
}

void execute(const ready_plan& ready, graph::capture& c, const graph::capture::root* roots) {
    const plan::plan& p = ready.steps;
    const auto& nodes = c.nodes();
    borrowed_scratch own;
    scratch& s = own.get();
    run_steps(ready, c, roots, s);
    for (const auto& [out, slot] : s.copies) std::memcpy(out, s.data[slot], p.slots[slot].bytes);
    // A value may be wanted in several places: the plan makes it in one.
    for (std::size_t k = 0; k < c.roots().size(); ++k) {
        if (!roots[k].external) continue;
        const std::byte* made = nullptr;
        for (std::size_t j = 0; j < k && made == nullptr; ++j) {
            if (roots[j].external && roots[j].n == roots[k].n) made = roots[j].out;
        }
        if (made != nullptr && made != roots[k].out)
            std::memmove(roots[k].out, made, static_cast<std::size_t>(roots[k].n->size) * size_of(roots[k].n->type));
    }

    for (const std::uint32_t n : p.passed_over) {
        if (nodes[n].n->demands < 255) ++nodes[n].n->demands;
    }
    // Memory for the results; what else was claimed goes back first, as finishing a node may take its operands with it.
    s.finished.clear();
    for (const plan::stored& r : p.results) {
        // A root that another thread has finished just before it was captured is memory already, and never changes again.
        if (!nodes[r.captured].done) s.finished.push_back(nodes[r.captured].n);
    }
    c.give_back_but(s.finished);
    for (const plan::stored& r : p.results) {
        if (nodes[r.captured].done) continue;
        node& n = *nodes[r.captured].n;
        const node* const leaf = r.leaf ? nodes[r.index].n : nullptr;
        std::byte* const start = leaf != nullptr ? leaf->data : s.data[r.index];
        void* owner = leaf != nullptr ? leaf->memory : r.sole ? s.memory[r.index].release() : s.memory[r.index].get();
        std::byte* const data = start + r.offset * static_cast<index_t>(size_of(n.type));
        // The only node on a slot takes over its reference.
        if (owner != nullptr && (leaf != nullptr || !r.sole)) base::retain_memory(owner);
        graph::finish(n, data, owner, r.stride);
    }
    // Wanted in memory of its own and in the user's: the node has it now, perhaps as a view with gaps.
    for (std::size_t k = 0; k < c.roots().size(); ++k) {
        const node& n = *roots[k].n;
        if (!roots[k].external || nodes[c.roots()[k]].external) continue;
        index_t strides[max_rank] = {};
        graph::contiguous_strides(n.shape(), strides);
        copy_elements(n, roots[k].out, strides);
    }
    c.end();
}

}  // namespace runtime
}  // namespace sinter::inline v1::detail
