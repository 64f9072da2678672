#include "runtime/hint.hpp"

#include "base/memory.hpp"
#include "graph/node.hpp"
#include "runtime/buffer.hpp"
#include "runtime/profiler.hpp"
#include "runtime/threads.hpp"

#include <sinter/detail/reduction_order.hpp>

#include <array>
#include <bit>

namespace sinter::inline v1::detail::runtime {

namespace {

constexpr int most_operands = 24;
constexpr int most_params = 16;
/// A tape that is used in more ways than this goes the long way for the others.
constexpr int most_hints = 4;
/// Larger arrays are worth a plan: threads and streaming stores depend on their size, and planning costs them nothing that can be measured. A
/// row of this length is also what one reduction takes at once.
constexpr index_t largest = reduction_order::row_block;

enum class operand_kind : std::uint8_t { whole, single };

struct hint {
    const hint* next = nullptr;
    const hint* older = nullptr;  // of earlier generations: never looked at again, only kept
    std::size_t generation = 0;
    codegen::executable_ptr code;
    codegen::executable::entry_point entry = nullptr;
    index_t max_size = 0;
    precision bounds = precision::standard;
    std::uint8_t n_operands = 0, n_inputs = 0, n_params = 0;
    std::array<operand_kind, most_operands> kinds{};
    std::array<std::uint8_t, most_operands> same_as{};   // the first operand that is the same node, or the same elements of the same memory
    std::array<std::uint8_t, most_operands> input_of{};  // the operand that each input of the kernel reads
    std::array<std::uint8_t, most_operands> begins{};    // bytes from an operand's first element to the first one of the input: imaginary parts
    std::array<index_t, most_operands + 2> strides{};    // of inputs and outputs that are parts of complex numbers, in bytes
    std::uint8_t imag_begins = 0;  // the same of the second output; 0: there is none
    std::array<std::uint8_t, most_params> param_of{};    // the number that each parameter is
    std::uint16_t reduce_code = 0;
    std::uint8_t reduce_axes = 0;
    std::uint32_t divisors = 0;  // bit i: number i may not be zero
    bool reduces = false;  // all elements of operands of rank 1 to one
    bool several = false;  // calls, for one size
    bool alone = false;    // one thread because no more were allowed
    // Of a node that is several statements: their calls, whose leaves are operands of the node, and whose slots are the result and lines for what is between.
    straight_calls calls;
    std::shared_ptr<const ready_plan> plan;  // which their code and strides belong to
    std::uint8_t result = 0;                 // a slot
};

std::atomic<std::size_t> generation{0};

[[nodiscard]] bool same_elements(const node& a, const node& b) noexcept {
    if (a.rank != b.rank) return false;
    for (int d = 0; d < a.rank; ++d) {
        if (a.extent[d] != b.extent[d]) return false;
    }
    return true;
}

/// The node whose shape the loop runs over: the statement itself, or what it reduces.
[[nodiscard]] const node* loop_of(const node& n) noexcept {
    if (n.kind == node_kind::map) return &n;
    for (std::size_t i = 0; i < n.n_operands; ++i) {
        if (n.operands[i]->size != 1) return n.operands[i]->rank == 1 ? n.operands[i] : nullptr;
    }
    return nullptr;
}

[[nodiscard]] bool fits(const hint& h, const node& n, const node& loop) noexcept {
    if (h.reduces && (n.size != 1 || n.reduce_axes != h.reduce_axes)) return false;
    if ((h.several ? loop.size != h.max_size : loop.size > h.max_size) || n.bounds != h.bounds || n.n_operands != h.n_operands || (n.kind == node_kind::reduce) != h.reduces ||
        n.reduce_code != h.reduce_code || (h.alone && allowed_threads() > 1)) {
        return false;
    }
    for (std::size_t i = 0; i < h.n_operands; ++i) {
        const node& o = *n.operands[i];
        if (!o.is_done() || !o.contiguous || o.rank > loop.rank) return false;
        if (h.kinds[i] == operand_kind::whole ? !same_elements(o, loop) : o.size != 1) return false;
        if (const node& first = *n.operands[h.same_as[i]]; &o != &first && !graph::is_same_memory(o, first)) return false;
    }
    return true;
}

/// What statements of one node keep between them: single numbers.
struct alignas(64) line {
    std::byte bytes[64];
};
constexpr std::size_t most_slots = 12;

void run_calls(const hint& h, const node& n, std::byte* data) {
    line between[most_slots];
    std::byte* pointers[most_operands + 2];
    std::uint64_t params[most_params];
    h.calls.run([&](std::uint32_t i) { return n.operands[i]->data; }, [&](std::uint32_t i) { return i == h.result ? data : between[i].bytes; },
                [&](const plan::parameter& of) { return n.scalars[of.slot]; }, pointers, params);
}

}  // namespace

bool evaluate_by_hint(node& n) {
    if (n.size == 0 || active_profile() != nullptr) return false;
    // The operands may only be looked at by whoever has claimed the node.
    if (!graph::claim(n)) return false;
    const auto give_back = [&] {
        n.state.store(node_state::pending, std::memory_order_release);
        return false;
    };
    if (n.kind != node_kind::map && n.kind != node_kind::reduce) return give_back();
    const auto* h = static_cast<const hint*>(n.program->hint.load(std::memory_order_acquire));
    if (h == nullptr) return give_back();
    const node* const loop = loop_of(n);
    if (loop == nullptr) return give_back();
    while (h != nullptr && !fits(*h, n, *loop)) h = h->next;
    if (h == nullptr || h->generation != generation.load(std::memory_order_relaxed)) return give_back();
    // The long way says what is wrong.
    for (std::uint32_t left = h->divisors; left != 0; left &= left - 1) {
        if (n.scalars[std::countr_zero(left)] == 0) return give_back();
    }

    // The value that replaces a dying one takes its place.
    buffer_ptr memory;
    std::byte* data = nullptr;
    for (std::size_t i = 0; i < h->n_operands && !h->reduces; ++i) {
        const node& o = *n.operands[i];
        if (h->kinds[i] == operand_kind::whole && o.refs.load(std::memory_order_acquire) == node::one_edge && o.type == n.type &&
            base::is_sole_memory(o.memory)) {
            memory = buffer_ptr::share(static_cast<buffer*>(o.memory));
            data = o.data;
            break;
        }
    }
    if (data == nullptr) {
        try {
            memory = allocate(static_cast<std::size_t>(n.size) * size_of(n.type));
        } catch (const memory_error& e) {
            give_back();
            throw memory_error(graph::where(n) + e.what());
        }
        data = static_cast<std::byte*>(memory->data);
    }
    if (h->several) {
        run_calls(*h, n, data);
        graph::finish_contiguous(n, data, memory.release());
        return true;
    }
    std::byte* pointers[most_operands + 2];
    std::uint64_t params[most_params];
    static constexpr index_t no_strides[most_operands + 2] = {};
    for (std::size_t i = 0; i < h->n_inputs; ++i) pointers[i] = n.operands[h->input_of[i]]->data + h->begins[i];
    pointers[h->n_inputs] = data;
    pointers[h->n_inputs + 1] = data + h->imag_begins;
    for (std::size_t i = 0; i < h->n_params; ++i) params[i] = n.scalars[h->param_of[i]];
    codegen::frame f;
    f.pointers = pointers;
    f.row_strides = no_strides;
    f.inner_strides = h->strides.data();
    f.params = params;
    f.n = loop->size;
    h->entry(&f, h->code.get());

    graph::finish_contiguous(n, data, memory.release());
    return true;
}

namespace {

/// What the operands are; false if there is no short way for them.
[[nodiscard]] bool note_operands(hint& h, const node& n, const node& loop) {
    h.reduce_code = n.reduce_code;
    h.reduce_axes = n.reduce_axes;
    h.generation = generation.load(std::memory_order_relaxed);
    h.bounds = n.bounds;
    h.n_operands = static_cast<std::uint8_t>(n.n_operands);
    for (std::size_t i = 0; i < n.n_operands; ++i) {
        const node& o = *n.operands[i];
        if (!o.is_done() || !o.contiguous || o.rank > loop.rank) return false;
        if (same_elements(o, loop)) {
            h.kinds[i] = operand_kind::whole;
        } else if (o.size == 1) {
            h.kinds[i] = operand_kind::single;
        } else {
            return false;
        }
        h.same_as[i] = static_cast<std::uint8_t>(i);
        for (std::size_t j = i; j-- > 0;) {
            if (n.operands[j] == n.operands[i] || graph::is_same_memory(*n.operands[j], *n.operands[i])) h.same_as[i] = static_cast<std::uint8_t>(j);
        }
    }
    return true;
}

/// Leaves it at the tape, unless there is one that fits, or there are many.
void keep(hint&& h, const node& n, const node& loop) {
    int known = 0;
    const auto* first = static_cast<const hint*>(n.program->hint.load(std::memory_order_acquire));
    for (const hint* x = first; x != nullptr; x = x->next) {
        if (x->generation == h.generation && fits(*x, n, loop)) return;
        known += x->generation == h.generation ? 1 : 0;
    }
    if (known >= most_hints) return;
    (known > 0 ? h.next : h.older) = first;
    // Never freed: another thread may be reading it at any time, and there are no more than four for each statement.
    auto* const kept = new hint(std::move(h));
    const void* expected = first;
    if (!n.program->hint.compare_exchange_strong(expected, kept, std::memory_order_acq_rel)) delete kept;
}

/// The calls of a node that is several statements.
void leave_calls(const ready_plan& p, const graph::capture& c, const node& n, bool alone) {
    const plan::plan& s = p.steps;
    const node* const loop = n.size == 1 ? loop_of(n) : nullptr;
    if (loop == nullptr || loop->size > largest || n.n_operands > most_operands || p.straight.calls.empty() || !p.divisors.empty() || !s.passed_over.empty() || s.slots.size() > most_slots || s.results[0].leaf ||
        s.results[0].offset != 0) {
        return;
    }
    hint h;
    h.reduces = h.several = true;
    h.alone = alone;
    h.max_size = loop->size;
    h.calls = p.straight;
    h.result = static_cast<std::uint8_t>(s.results[0].index);
    for (std::size_t i = 0; i < s.slots.size(); ++i) {
        const plan::slot& at = s.slots[i];
        if (at.from != plan::slot::source::fresh || at.carried || at.bytes > sizeof(line) || at.temporary == (i == h.result)) return;
    }
    if (!note_operands(h, n, *loop)) return;
    for (call_start& x : h.calls.starts) {
        if (!x.leaf) continue;
        std::uint32_t operand = 0;
        while (operand < n.n_operands && n.operands[operand] != c.nodes()[x.index].n) ++operand;
        if (operand == n.n_operands) return;
        x.index = operand;
    }
    for (const plan::parameter& x : h.calls.params) {
        if (x.captured != c.roots()[0]) return;
    }
    for (const straight_calls::call& x : h.calls.calls) {
        if (x.n_places > most_operands || x.n_params > most_params) return;
    }
    h.plan = p.shared_from_this();
    keep(std::move(h), n, *loop);
}

}  // namespace

void leave_hint(const ready_plan& p, const graph::capture& c, bool alone) noexcept try {
    const plan::plan& s = p.steps;
    if (p.checks != nullptr || c.roots().size() != 1 || s.results.size() != 1) return;
    const graph::captured_node& root = c.nodes()[c.roots()[0]];
    if (!root.done && !root.external && root.n->kind == node_kind::reduce && root.n->program->then != nullptr) return leave_calls(p, c, *root.n, alone);
    if (s.launches.size() != 1 || s.slots.size() != 1) return;
    const plan::launch& l = s.launches[0];
    const codegen::kernel& k = l.kernel;
    const node& n = *root.n;
    if (root.done || root.external || n.n_operands > most_operands || k.params.size() > most_params ||
        c.nodes().size() > static_cast<std::size_t>(most_operands) + 1 || l.rows != 1 || !l.outer.empty() || l.blocks != 1 || l.threads != 1 ||
        l.predicted.streaming) {
        return;
    }
    const bool pairs = k.outputs.size() == 2 && codegen::is_pair(k.outputs[0]);
    const bool maps = n.kind == node_kind::map && k.kind == codegen::kernel_kind::map &&
                      (pairs || (k.outputs.size() == 1 && k.outputs[0].inner == codegen::access::unit));
    const bool reduces =
        n.kind == node_kind::reduce && k.kind == codegen::kernel_kind::row_reduce && k.outputs.empty() && k.reductions.size() == 1 && n.size == 1;
    const node* const loop = maps || reduces ? loop_of(n) : nullptr;
    if (loop == nullptr || loop->size > largest || loop->size == 0) return;
    hint h;
    h.reduces = reduces;
    h.alone = alone;
    // One thread was best at this size, or all there was, so it is for anything smaller.
    h.max_size = std::max<index_t>(loop->size, 4096);
    if (!note_operands(h, n, *loop)) return;
    h.n_inputs = static_cast<std::uint8_t>(k.inputs.size());
    for (std::size_t i = 0; i < k.inputs.size(); ++i) {
        const plan::place& at = l.places[i];
        const bool is_part = at.parts == 2;
        if (!at.leaf || (at.offset != 0 && !(is_part && at.offset == 1))) return;
        std::size_t operand = 0;
        while (operand < n.n_operands && n.operands[operand] != c.nodes()[at.index].n) ++operand;
        if (operand == n.n_operands) return;
        // One element along one: whole and single are the same place, but not for the next call.
        const bool moves = k.inputs[i].inner != codegen::access::broadcast;
        if ((k.inputs[i].inner == codegen::access::strided && !(is_part && k.inputs[i].stride == 2)) || (moves && h.kinds[operand] != operand_kind::whole)) return;
        if (!moves && h.kinds[operand] == operand_kind::whole) return;
        h.input_of[i] = static_cast<std::uint8_t>(operand);
        h.begins[i] = static_cast<std::uint8_t>(at.offset * at.bytes);
        h.strides[i] = at.inner * at.bytes;
    }
    if (pairs) {
        const plan::place& at = l.places[k.inputs.size()];
        h.imag_begins = at.bytes;
        h.strides[k.inputs.size()] = h.strides[k.inputs.size() + 1] = at.inner * at.bytes;
    }
    h.n_params = static_cast<std::uint8_t>(l.params.size());
    for (std::size_t i = 0; i < l.params.size(); ++i) {
        if (l.params[i].captured != c.roots()[0] || l.params[i].slot > 255) return;
        h.param_of[i] = static_cast<std::uint8_t>(l.params[i].slot);
    }
    for (const graph::divisor& d : p.divisors) {
        if (d.captured != c.roots()[0] || d.slot > 31) return;
        h.divisors |= std::uint32_t{1} << d.slot;
    }
    h.code = p.code[0];
    h.entry = p.code[0]->entry();
    keep(std::move(h), n, *loop);
} catch (const std::bad_alloc&) {
    // The statement goes the long way once more.
}

void forget_hints() noexcept { generation.fetch_add(1, std::memory_order_relaxed); }

}  // namespace sinter::inline v1::detail::runtime
