#include "runtime/execute.hpp"

#include "base/memory.hpp"
#include "base/operation_table.hpp"
#include "base/thread_spare.hpp"
#include "graph/indices.hpp"
#include "graph/loop_body.hpp"
#include "runtime/buffer.hpp"
#include "runtime/kernel_cache.hpp"
#include "runtime/lanes.hpp"
#include "runtime/large_pool.hpp"
#include "runtime/numa.hpp"
#include "runtime/place_steps.hpp"
#include "runtime/values.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <string>

namespace sinter::inline v1::detail {

namespace base {

void retain_memory(void* memory) noexcept { detail::add_to(static_cast<runtime::buffer*>(memory)->refs, 1U); }
void release_memory(void* memory) noexcept { runtime::buffer_ptr::steal(static_cast<runtime::buffer*>(memory)).reset(); }
bool is_memory_short() noexcept { return runtime::shared_large_pool().is_short(); }
bool is_sole_memory(const void* memory) noexcept {
    if (memory == nullptr) return false;
    const auto& b = *static_cast<const runtime::buffer*>(memory);
    return runtime::unique(b) && !runtime::borrowed(b);
}

bool is_kept_alike(const void* memory, const void* other) noexcept {
    if (memory == other) return true;
    if (memory == nullptr || other == nullptr) return false;
    const auto of_user = [](const void* m) {
        const auto& b = *static_cast<const runtime::buffer*>(m);
        return runtime::borrowed(b) && b.owner == nullptr;
    };
    return of_user(memory) && of_user(other);
}

}  // namespace base

namespace runtime {

using plan::launch;
using plan::place;

namespace {

[[nodiscard]] ready_needs needs_of(const plan::plan& p) {
    ready_needs most;
    const auto look_at = [&](std::uint32_t first, std::uint32_t past) {
        std::size_t params = 0;
        std::size_t places = 0;
        for (std::uint32_t k = first; k < past; ++k) {
            params += p.launches[k].params.size();
            places += p.launches[k].places.size();
        }
        most.params = std::max(most.params, params);
        most.places = std::max(most.places, places);
    };
    for (std::uint32_t k = 0; k < p.launches.size(); ++k) {
        const launch& l = p.launches[k];
        look_at(k, k + 1);
        most.operand_words = std::max(most.operand_words, operand_room::words_for(l));
        most.tile_bytes = std::max(most.tile_bytes, plan::tile_bytes(l) * static_cast<std::size_t>(l.threads));
    }
    for (const plan::chain& c : p.chains) {
        look_at(c.first, c.past);
        most.tile_bytes = std::max(most.tile_bytes, c.bytes * static_cast<std::size_t>(c.threads));
    }
    return most;
}

/// All calls of a plan one after the other, if there is nothing else to its launches.
[[nodiscard]] straight_calls straight_of(const ready_plan& ready) {
    straight_calls all;
    const plan::plan& p = ready.steps;
    if (!p.chains.empty() || !std::ranges::all_of(p.launches, &launch::plain)) return all;
    for (std::size_t k = 0; k < p.launches.size(); ++k) {
        const launch& l = p.launches[k];
        const ready_call& c = ready.calls[k];
        all.calls.push_back({ready.code[k].get(), c.strides.data(), l.rows, l.n, static_cast<std::uint32_t>(c.starts.size()), static_cast<std::uint32_t>(l.params.size())});
        all.starts.insert(all.starts.end(), c.starts.begin(), c.starts.end());
        all.params.insert(all.params.end(), l.params.begin(), l.params.end());
    }
    return all;
}

}  // namespace

std::shared_ptr<ready_plan> make_ready(plan::plan p) {
    auto ready = std::make_shared<ready_plan>();
    for (launch& l : p.launches) {
        if (l.in_background && has_code(main_kernel(l), l.backend)) {
            l.compiled_after = 0;
            l.in_background = false;
        }
        const plan::isa backend = l.compiled_after > 0 ? plan::isa::portable : l.backend;
        ready->compiled_after = std::max(ready->compiled_after, l.compiled_after);
        ready->in_background = ready->in_background || l.in_background;
        ready->code.push_back(l.sums_columns ? nullptr : code_for(main_kernel(l), backend));
        codegen::executable_ptr past_caches;
        if (l.predicted.streaming && l.scan_rows > 0) {
            // Along rows the kernel stores nothing that stays: what accumulates does, and this says that it may.
            past_caches = l.kernel.kind == codegen::kernel_kind::row_reduce ? ready->code.back() : code_for(past_caches_but_lanes(main_kernel(l)), backend);
        } else if (l.predicted.streaming) {
            codegen::kernel k = l.kernel;
            for (std::size_t i = 0; i < k.outputs.size(); ++i) k.outputs[i].streaming = !l.places[k.inputs.size() + i].stays;
            past_caches = code_for(k, backend);
        }
        ready->streaming.push_back(std::move(past_caches));
        std::vector<codegen::executable_ptr>& lanes = ready->lanes.emplace_back();
        if (l.squares && backend == l.backend) {
            codegen::kernel k = l.kernel;
            for (std::size_t i = 0; i < k.inputs.size(); ++i) k.inputs[i].turned = l.places[i].turned;
            for (std::size_t i = 0; i < k.outputs.size(); ++i) k.outputs[i].streaming = l.predicted.streaming && !l.places[k.inputs.size() + i].stays;
            lanes.push_back(code_for(k, backend));
        }
        if (l.together > 0) lanes.push_back(code_for(l.kernel, backend));
        if (l.lanes > 0 || l.at_once > 0 || l.scan_rows > 1) lanes.push_back(code_for(lane_step(l, 1), backend));
        for (std::size_t r = 0; l.lanes > 0 && r < l.kernel.reductions.size(); ++r) lanes.push_back(code_for(lane_pairs(l, r), backend));
        ready_call& call = ready->calls.emplace_back();
        for (const place& at : l.places) {
            call.starts.push_back({at.index, at.leaf, at.offset * at.bytes});
            call.strides.push_back(at.row * at.bytes);
        }
        for (const place& at : l.places) call.strides.push_back(at.inner * at.bytes);
        for (const place& at : l.places) call.strides.push_back(at.along * at.bytes);
    }
    ready->threaded = std::ranges::any_of(p.launches, [](const launch& l) { return l.threads > 1; }) ||
                      std::ranges::any_of(p.chains, [](const plan::chain& x) { return x.threads > 1; });
    for (const plan::chain& c : p.chains) ready->pipelines.push_back(pipeline_of(p, c));
    ready->needs = needs_of(p);
    ready->steps = std::move(p);
    // Operands before users: a user that is finished may take them with it.
    std::sort(ready->steps.results.begin(), ready->steps.results.end(), [](const auto& a, const auto& b) { return a.captured < b.captured; });
    for (plan::stored& r : ready->steps.results) {
        std::size_t sharing = 0;
        for (const plan::stored& other : ready->steps.results) sharing += !other.leaf && other.index == r.index ? 1 : 0;
        r.sole = !r.leaf && sharing == 1;
    }
    ready->straight = straight_of(*ready);
    return ready;
}

void compile(const ready_plan& p) {
    if (p.being_compiled.exchange(true, std::memory_order_acq_rel)) return;
    try {
        plan::plan steps = p.steps;
        for (launch& l : steps.launches) {
            l.compiled_after = 0;
            l.in_background = false;
        }
        std::shared_ptr<ready_plan> fresh = make_ready(std::move(steps));
        fresh->checks = p.checks;
        fresh->divisors = p.divisors;
        p.owned = std::move(fresh);
        p.compiled.store(p.owned.get(), std::memory_order_release);
    } catch (...) {
        p.being_compiled.store(false, std::memory_order_release);
        throw;
    }
}

const ready_plan& compiled_when_it_pays(const ready_plan& p) try {
    if (p.compiled_after == 0) return p;
    const ready_plan* made = p.compiled.load(std::memory_order_acquire);
    if (made == nullptr && p.runs.fetch_add(1, std::memory_order_relaxed) + 1 >= p.compiled_after) {
        compile(p);
        made = p.compiled.load(std::memory_order_acquire);
    }
    return made == nullptr ? p : *made;
} catch (const std::bad_alloc&) {
    return p;
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

constexpr std::size_t line = 64;

/// The lists of an execution; a thread's next one uses them again.
struct scratch {
    struct alignas(line) cache_line { std::byte bytes[line]; };

    std::array<cache_line, 16> lines;  // for the first temporaries that are no larger, such as single numbers
    std::vector<buffer_ptr> memory;
    std::vector<std::byte*> data;
    std::vector<std::uint64_t> params;
    std::vector<std::byte*> base;
    operand_room room;
    std::vector<node*> finished;
    step_places places;
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
    if (s.params.size() < ready.needs.params) s.params.resize(ready.needs.params);
    if (s.base.size() < ready.needs.places) s.base.resize(ready.needs.places);
    s.room.make_for(ready.needs.operand_words);
    s.finished.reserve(p.results.size());
    s.copies.reserve(p.slots.size());
}

/// The time, where somebody wants it.
[[nodiscard]] std::chrono::steady_clock::time_point now_if(const launch_measure* wanted) {
    return wanted != nullptr ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point{};
}

/// A chain's launches run in turns: each gets the share that it was predicted to have.
void share_out(double all, const plan::plan& p, const plan::chain& c, launch_measure* measured) {
    double predicted = 0;
    for (std::uint32_t k = c.first; k < c.past; ++k) predicted += p.launches[k].predicted.seconds;
    for (std::uint32_t k = c.first; k < c.past; ++k) {
        measured[k].seconds += predicted > 0 ? all * p.launches[k].predicted.seconds / predicted : all / (c.past - c.first);
    }
}

/// Allocates everything and runs the launches; no node changes.
void run_steps(const ready_plan& ready, const graph::capture& c, const graph::capture::root* roots, scratch& s, launch_measure* measured) {
    const plan::plan& p = ready.steps;
    const auto& nodes = c.nodes();
    // Memory for everything, before anything runs.
    make_room(ready, s);
    s.used = p.slots.size();
    const std::size_t tile_bytes = ready.needs.tile_bytes;
    const bool placed = ready.threaded && shares_nodes();
    if (placed) choose_places(p, c, s.places);
    const plan::placement tile_place = placed ? s.places.tiles : plan::placement::anywhere();
    const buffer_ptr tile_memory = tile_bytes > 0 ? allocate(tile_bytes, tile_place) : buffer_ptr{};
    std::byte* const tiles = tile_bytes > 0 ? static_cast<std::byte*>(tile_memory->data) : nullptr;
    std::size_t next_line = 0;
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
        if (slot.from == plan::slot::source::tile) {
            s.data[i] = tiles + slot.start;
            continue;
        }
        if (slot.temporary && slot.bytes <= line && next_line < s.lines.size()) {
            s.data[i] = s.lines[next_line++].bytes;
            continue;
        }
        if (placed && s.places.across[i]) s.memory[i] = allocate_for_all(slot.bytes);
        else s.memory[i] = allocate(slot.bytes, placed ? s.places.slots[i] : plan::placement::anywhere());
        s.data[i] = static_cast<std::byte*>(s.memory[i]->data);
    }

    if (measured == nullptr && !ready.straight.calls.empty()) {
        ready.straight.run([&](std::uint32_t i) { return nodes[i].n->data; }, [&](std::uint32_t i) { return s.data[i]; },
                           [&](const plan::parameter& of) { return nodes[of.captured].n->scalars[of.slot]; }, s.base.data(), s.params.data());
        return;
    }
    // A launch's operands and numbers, behind those of others.
    const auto prepare = [&](std::size_t k, std::size_t place, std::size_t param) {
        const launch& l = p.launches[k];
        for (std::size_t i = 0; i < l.params.size(); ++i) s.params[param + i] = nodes[l.params[i].captured].n->scalars[l.params[i].slot];
        const std::vector<call_start>& starts = ready.calls[k].starts;
        for (std::size_t i = 0; i < starts.size(); ++i) {
            const call_start& at = starts[i];
            s.base[place + i] = (at.leaf ? nodes[at.index].n->data : s.data[at.index]) + at.bytes;
        }
    };
    auto next_chain = p.chains.begin();
    for (std::size_t k = 0; k < p.launches.size(); ++k) {
        if (next_chain != p.chains.end() && next_chain->first == k) {
            const plan::chain& together = *next_chain++;
            std::size_t place = 0;
            std::size_t param = 0;
            for (std::size_t stage = together.first; stage < together.past; ++stage) {
                prepare(stage, place, param);
                place += p.launches[stage].places.size();
                param += p.launches[stage].params.size();
            }
            const auto start = now_if(measured);
            run_chain(together, ready, s.base.data(), s.params.data(), tiles, placed ? s.places.splits[together.first] : nullptr,
                      measured);
            if (measured != nullptr) share_out(std::chrono::duration<double>(now_if(measured) - start).count(), p, together, measured);
            k = together.past - 1;
            continue;
        }
        const launch& l = p.launches[k];
        prepare(k, 0, 0);
        const auto start = now_if(measured);
        if (l.plain) {
            const std::vector<index_t>& strides = ready.calls[k].strides;
            index_t passed_over = 0;
            ready.code[k]->run({s.base.data(), strides.data(), strides.data() + l.places.size(), s.params.data(), l.rows, l.n,
                                strides.data() + 2 * l.places.size(), measured != nullptr ? &passed_over : nullptr});
            if (measured != nullptr) measured[k].passed_over += passed_over;
        } else {
            run_launch(l, code_of(ready, k), s.base.data(), s.params.data(), tiles, s.room, placed ? s.places.splits[k] : nullptr,
                       measured != nullptr ? measured + k : nullptr);
        }
        if (measured != nullptr) measured[k].seconds += std::chrono::duration<double>(now_if(measured) - start).count();
    }
}

}  // namespace

namespace {

/// Names what divides integers in a statement, and the shapes of its arrays.
[[noreturn]] void throw_division(const node& n) {
    std::string names, shapes;
    std::uint16_t last = 0;
    const auto look_at = [&](const tape_instruction& x) {
        if (!base::operation_of(x.code).divides || !is_integer(x.type) || (!names.empty() && x.code == last)) return;
        names += (names.empty() ? "" : ", ") + std::string(base::operation_of(x.code).name);
        last = x.code;
    };
    for (int i = 0; i < n.program->n_code; ++i) {
        const tape_instruction& x = n.program->code[i];
        look_at(x);
        if (x.code == code_loop) std::ranges::for_each(graph::loop_body_of(x.number).code, look_at);
    }
    for (int i = 0; i < n.n_operands; ++i) shapes += (i == 0 ? "" : ", ") + graph::to_string(n.operands[i]->shape());
    throw value_error(graph::where(n) + names + ": an integer is divided by zero" + (shapes.empty() ? shapes : (n.n_operands > 1 ? ", in shapes " : ", in shape ") + shapes));
}

}  // namespace

void wrong_index::tell() const { graph::throw_index(*indices, graph::first_out_of_range(*indices, extent), where + (along ? "take_along_axis" : "take"), axis, extent); }

void run_checks(const ready_plan& ready, const graph::capture& c) {
    for (const graph::divisor& d : ready.divisors) {
        const node& n = *c.nodes()[d.captured].n;
        if (n.scalars[d.slot] == 0) throw_division(n);
    }
    if (ready.checks == nullptr) return;
    borrowed_scratch own;
    run_steps(*ready.checks, c, nullptr, own.get(), nullptr);
    for (const plan::stored& r : ready.checks->steps.results) {
        const std::byte* const start = r.leaf ? c.nodes()[r.index].n->data : own.get().data[r.index];
        if (start[r.offset] == std::byte{0}) continue;
        const node& n = *c.nodes()[r.captured].n;
        if (n.kind != node_kind::gather) throw_division(n);
        throw wrong_index{edge::share(n.operands[1]), n.reduce_axes, static_cast<index_t>(n.scalars[0]), n.keepdims != 0, graph::where(n)};
    }
}

void execute(const ready_plan& ready, graph::capture& c, const graph::capture::root* roots, launch_measure* measured) {
    const plan::plan& p = ready.steps;
    const auto& nodes = c.nodes();
    borrowed_scratch own;
    scratch& s = own.get();
    run_steps(ready, c, roots, s, measured);
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
