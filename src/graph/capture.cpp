#include "graph/capture.hpp"

#include "base/memory.hpp"
#include "base/thread_spare.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <thread>

namespace sinter::inline v1::detail::graph {

namespace {

constexpr std::uint32_t no_place = ~std::uint32_t{0};

[[nodiscard]] std::size_t hash(const node* n) noexcept {
    // Nodes are at least 64 bytes apart.
    const auto x = reinterpret_cast<std::uintptr_t>(n) >> 6U;
    return static_cast<std::size_t>(x * 0x9e3779b97f4a7c15ULL >> 20U);
}

}  // namespace

bool claim(node& n) noexcept {
    return detail::change(n.state, node_state::pending, node_state::claimed);
}

std::uint64_t kind_word(const node& n, bool done) noexcept {
    static_assert(offsetof(node, keepdims) == offsetof(node, kind) + 7);
    std::uint64_t word;
    std::memcpy(&word, reinterpret_cast<const std::byte*>(&n) + offsetof(node, kind), sizeof word);
    // Without bounds, reduce_axes and keepdims.
    return done ? word & 0x0000ffff00ffffffULL : word;
}

bool is_same_memory(const node& a, const node& b) noexcept {
    if (a.data != b.data || kind_word(a, true) != kind_word(b, true)) return false;
    for (int d = 0; d < a.rank; ++d) {
        if (a.extent[d] != b.extent[d] || a.stride[d] != b.stride[d]) return false;
    }
    return base::is_kept_alike(a.memory, b.memory);
}

bool is_sole(const captured_node& c, const node& n) noexcept {
    return !c.root && !c.stays && !n.borrowed_writable && n.refs.load(std::memory_order_acquire) == node::one_edge &&
           base::is_sole_memory(n.memory) && n.contiguous;
}

void wait_while_claimed(const node& n) noexcept {
    for (int i = 0; n.state.load(std::memory_order_acquire) == node_state::claimed; ++i) {
        if (i < 64) {
            std::this_thread::yield();
        } else {
            std::this_thread::sleep_for(std::chrono::microseconds(20));
        }
    }
}

void capture::storage::clear() noexcept {
    nodes.clear();
    operands.clear();
    roots.clear();
    signed_words = 0;
    stack.clear();
    table.clear();
    used = 0;
    hashed = false;
    n_met = 0;
}

// An evaluation inside another one on the same thread finds nothing to spare, and makes its own.
capture::capture(bool want_held) : own_{base::thread_spare<storage>::take()}, s_{*own_}, want_held_{want_held} {}

void capture::take(const root* roots, std::size_t count) {
    for (;;) {
        node* in_the_way = nullptr;
        if (collect(roots, count, in_the_way)) break;
        // Holding claims while waiting could be a deadlock; so all are given back first.
        give_back();
        wait_while_claimed(*in_the_way);
    }
    describe();
}

capture::~capture() {
    give_back();
    // Lists that one large graph made long are not kept.
    if (s_.nodes.capacity() <= 4096 && s_.table.capacity() <= 16384) base::thread_spare<storage>::give(std::move(own_));
}

void capture::give_back() noexcept {
    for (const captured_node& c : s_.nodes) {
        if (!c.done && c.n->state.load(std::memory_order_relaxed) == node_state::claimed) {
            c.n->state.store(node_state::pending, std::memory_order_release);
        }
    }
    for (const visit& v : s_.stack) v.n->state.store(node_state::pending, std::memory_order_release);
    s_.clear();
}

void capture::give_back_but(const std::vector<node*>& kept) noexcept {
    std::size_t next = 0;
    for (const captured_node& c : s_.nodes) {
        if (next < kept.size() && kept[next] == c.n) {
            ++next;
        } else if (!c.done) {
            c.n->state.store(node_state::pending, std::memory_order_release);
        }
    }
}

std::uint32_t capture::find(node* n) {
    constexpr std::size_t few = 16;
    auto& table = s_.table;
    if (!s_.hashed) {
        for (std::size_t i = 0; i < table.size(); ++i) {
            if (table[i].first == n) return static_cast<std::uint32_t>(i);
        }
        if (table.size() < few) {
            table.emplace_back(n, no_place);
            return static_cast<std::uint32_t>(table.size() - 1);
        }
        grow_table();
    }
    const std::size_t mask = table.size() - 1;
    std::size_t i = hash(n) & mask;
    while (table[i].first != nullptr) {
        if (table[i].first == n) return static_cast<std::uint32_t>(i);
        i = (i + 1) & mask;
    }
    table[i] = {n, no_place};
    ++s_.used;
    return static_cast<std::uint32_t>(i);
}

void capture::grow_table() {
    const std::vector<std::pair<node*, std::uint32_t>> old = std::move(s_.table);
    s_.used = s_.hashed ? s_.used : old.size();
    s_.table.assign(4 * old.size(), {nullptr, no_place});
    s_.hashed = true;
    for (const auto& entry : old) {
        if (entry.first == nullptr) continue;
        std::size_t i = hash(entry.first) & (s_.table.size() - 1);
        while (s_.table[i].first != nullptr) i = (i + 1) & (s_.table.size() - 1);
        s_.table[i] = entry;
    }
    // Entries have moved: those of the nodes on the stack are looked up again.
    for (visit& v : s_.stack) v.entry = find(v.n);
}

bool capture::collect(const root* roots, std::size_t count, node*& in_the_way) {
    /// Where a node stands; no_place if it has just gone on the stack, or if someone else has claimed it (in_the_way says so).
    const auto meet = [&](node* n, std::uint32_t for_operand) {
        if (s_.hashed && 2 * (s_.used + 1) > s_.table.size()) grow_table();
        const std::uint32_t entry = find(n);
        if (s_.table[entry].second != no_place) return s_.table[entry].second;
        if (!n->is_done()) {
            if (claim(*n)) {
                const auto first = static_cast<std::uint32_t>(s_.operands.size());
                try {
                    s_.operands.resize(first + n->n_operands);
                    s_.stack.push_back({n, 0, first, entry, for_operand});
                } catch (...) {
                    // What is not on the stack nobody would give back.
                    n->state.store(node_state::pending, std::memory_order_release);
                    throw;
                }
                return no_place;
            }
            if (!n->is_done()) {
                in_the_way = n;
                return no_place;
            }
        }
        // Equal views of one memory are one operand. Roots stand for themselves, as each is asked for.
        const std::size_t known = for_operand == no_place ? 0 : std::min(s_.n_met, s_.met.size());
        for (std::size_t i = 0; i < known; ++i) {
            const storage::memory_met& m = s_.met[i];
            if (m.data != n->data || !is_same_memory(*s_.nodes[m.place].n, *n)) continue;
            s_.table[entry].second = m.place;
            return m.place;
        }
        const auto place = static_cast<std::uint32_t>(s_.nodes.size());
        s_.table[entry].second = place;
        s_.nodes.push_back({.n = n, .done = true});
        if (for_operand != no_place) s_.met[s_.n_met++ % s_.met.size()] = {n->data, place};
        return place;
    };
    for (std::size_t r = 0; r < count; ++r) {
        // Depth first without recursion: a node goes on the stack when first met, and into the list after its operands.
        std::uint32_t place = meet(roots[r].n, no_place);
        while (!s_.stack.empty() && in_the_way == nullptr) {
            visit& v = s_.stack.back();
            if (v.next < v.n->n_operands) {
                const std::uint32_t operand = v.first_operand + v.next;
                node* const n = v.n->operands[v.next++];
                if (const std::uint32_t known = meet(n, operand); known != no_place) s_.operands[operand] = known;
                continue;
            }
            place = static_cast<std::uint32_t>(s_.nodes.size());
            s_.table[v.entry].second = place;
            s_.nodes.push_back({.n = v.n, .held = v.n->is_held(), .wanted_before = wanted_before(*v.n), .first_operand = v.first_operand});
            if (v.for_operand != no_place) s_.operands[v.for_operand] = place;
            s_.stack.pop_back();
        }
        if (in_the_way != nullptr) return false;
        // Wanted in memory of its own and in the user's: the first is made, and copied.
        captured_node& c = s_.nodes[place];
        c.external = roots[r].external && (c.external || !c.root);
        c.root = true;
        s_.roots.push_back(place);
    }
    return true;
}

void capture::describe() {
    // What outlives the evaluation as a pending node keeps its operands alive, and theirs.
    for (const std::uint32_t o : s_.operands) ++s_.nodes[o].users;
    for (std::size_t i = s_.nodes.size(); i-- > 0;) {
        captured_node& c = s_.nodes[i];
        if (c.done) continue;
        const std::uint64_t edges = c.n->refs.load(std::memory_order_acquire) / node::one_edge;
        c.stays = c.stays || (c.root ? c.external : c.held || edges != c.users);
        for (std::size_t k = 0; c.stays && k < c.n->n_operands; ++k) s_.nodes[operand_of(c, k)].stays = true;
    }
    static_assert(offsetof(captured_node, spare) == offsetof(captured_node, done) + 7);
    static_assert(sizeof(tape_instruction) == 12);
    std::uint64_t* at = s_.signature.data();
    const std::uint64_t* end = at + s_.signature.size();
    // Room for what one node may need, so that the words are written without asking each time.
    const auto make_room = [&](std::size_t words) {
        if (static_cast<std::size_t>(end - at) >= words) return;
        const std::size_t used = static_cast<std::size_t>(at - s_.signature.data());
        s_.signature.resize(2 * (used + words));
        at = s_.signature.data() + used;
        end = s_.signature.data() + s_.signature.size();
    };
    const auto word = [&](std::uint64_t w) { *at++ = w; };
    const auto index = [&](index_t i) { *at++ = static_cast<std::uint64_t>(i); };
    const auto bytes = [&](const void* from, std::size_t count) {
        if (count == 0) return;
        const std::size_t words = (count + 7) / 8;
        at[words - 1] = 0;
        std::memcpy(at, from, count);
        at += words;
    };
    for (captured_node& c : s_.nodes) {
        const node& n = *c.n;
        make_room(8 + 2 * max_rank);
        c.sole = c.done && is_sole(c, n);
        word(kind_word(n, c.done));
        bytes(reinterpret_cast<const std::byte*>(&c) + offsetof(captured_node, done), 8);
        for (int d = 0; d < n.rank; ++d) index(n.extent[d]);
        if (c.done) {
            for (int d = 0; !n.contiguous && d < n.rank; ++d) index(n.stride[d]);
            continue;
        }
        word(n.reduce_code | std::uint64_t{n.map != nullptr} << 16U | std::uint64_t{n.program != nullptr} << 17U);
        make_room(n.n_operands);
        for (std::size_t i = 0; i < n.n_operands; ++i) word(operand_of(c, i));
        if (n.map != nullptr) {
            make_room(1 + 4 * max_rank);
            word(n.map->source_rank | n.map->space.size() << 8U);
            for (const index_t e : n.map->space) index(e);
            for (std::size_t d = 0; d < n.map->source_rank; ++d) {
                index((*n.map)[d].axis);
                index((*n.map)[d].offset);
                index((*n.map)[d].step);
            }
        }
        const auto describe_tape = [&](const tape& t) {
            make_room(6 + 2 * std::size_t{t.n_code} + t.n_scalars + 2 * std::size_t{t.n_constants});
            word(t.n_code | std::uint64_t{t.n_arrays} << 16U | std::uint64_t{t.n_scalars} << 32U | std::uint64_t{t.n_constants} << 48U);
            word(t.result | std::uint64_t{t.then == nullptr ? 0U : t.then->n_steps} << 16U);
            bytes(t.code, sizeof(tape_instruction) * t.n_code);
            bytes(t.scalar_types, t.n_scalars);
            bytes(t.constant_types, t.n_constants);
            bytes(t.constants, sizeof(std::uint64_t) * t.n_constants);
        };
        if (n.program == nullptr) continue;
        describe_tape(*n.program);
        for (int s = 0; n.program->then != nullptr && s < n.program->then->n_steps; ++s) {
            const composed_step& step = n.program->then->steps[s];
            describe_tape(*step.program);
            make_room(3);
            word(step.code | std::uint64_t{step.reduces} << 16U | static_cast<std::uint64_t>(step.program->type) << 24U);
            bytes(step.operands, sizeof step.operands);
            bytes(step.scalars, sizeof step.scalars);
        }
    }
    make_room(s_.roots.size() + 1);
    for (const std::uint32_t r : s_.roots) word(r);
    s_.signed_words = static_cast<std::size_t>(at - s_.signature.data());
}

}  // namespace sinter::inline v1::detail::graph
