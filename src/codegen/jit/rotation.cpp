#include "codegen/jit/emitter.hpp"
#include "codegen/jit/moves.hpp"

#include <sinter/detail/error.hpp>

#include <algorithm>
#include <bit>

// Loops of long bodies in which a vector's steps begin before those of the vectors before it have ended (software pipelining, its copies named apart: Lam, 1988). A processor looks some
// hundred steps ahead. Where all vectors of a turn end together, it finds there only the last steps of one and the first of another; here it is always among those of several, which
// stand side by side. Values that go on from turn to turn are in the same registers at its end as at its beginning.

namespace sinter::inline v1::detail::codegen::jit {

namespace {

using asmjit::Imm;
namespace I = asmjit::x86::Inst;

// Instead of a register: below the stack, where signals do not write.
constexpr int below_stack = -1, below_stack_bytes = -64;

// Values that may have no register. Measured on Granite Rapids: Black-Scholes of double keeps four vectors under way with six such, and takes a tenth less time than with three and none.
constexpr int most_spilled_here = 6;
// Left free where distances are chosen: operands stay a while once they are loaded.
constexpr int loads_at_a_time = 2;

}  // namespace

// Measured on Granite Rapids, of the time that they took before: 0.8 for Black-Scholes and pow of double, 0.84 to 0.9 for tgamma, tan, erf, sinh and cbrt, 0.9 to 0.98 for most others. By
// llvm-mca on Zen 4 0.77 (erf of double) to 1.03, Black-Scholes of double 1.04.
bool emitter::rotate(const std::vector<std::uint16_t>& order, int room) {
    // As they came, steps need the fewest registers as a rule, and with vectors enough beside each other it matters little that each waits for the one before; but for quotients.
    struct way {
        ordering how;
        int spills = 0;
        std::vector<std::uint16_t> steps{};
    };
    std::vector<way> ways;
    if (std::any_of(order.begin(), order.end(), [&](std::uint16_t n) { return is_quotient(p_.steps[n]); })) ways.push_back({ordering::past_quotients, most_spilled_here});
    ways.push_back({ordering::as_they_came});
    ways.push_back({ordering::least_waiting, most_spilled_here});
    // Where much is looked up, tables in registers are worth more than a third and a fourth vector: with two, GELU of double takes 0.93 of the time that it takes with four, erf 0.95.
    const int tables = count_tables(order), in_memory = tables / 8;
    const bool looks_up = 4 * static_cast<std::size_t>(tables) > order.size();
    for (const int copies : {4, 3, 2}) {
        for (way& w : ways) {
            if (w.steps.empty()) w.steps = stores_last(p_, w.how == ordering::as_they_came ? order : order_of(p_, w.how));
            if (w.steps.empty()) return false;
            std::optional<rotation> r = make_rotation(p_, w.steps, copies, room - loads_at_a_time, room + w.spills);
            if (!r || r->turn.most_masks >= std::popcount(masks_)) continue;
            if (looks_up && copies > 2 && r->turn.most_vectors + tables > std::popcount(vectors_) - most_fetched + in_memory) continue;
            begin_ = std::move(r->begin);
            main_ = std::move(r->turn);
            end_ = std::move(r->end);
            single_ = make_schedule(p_, w.steps, 1);
            unroll_ = copies;
            return true;
        }
    }
    return false;
}

// Vectors of numbers that steps look something up in.
int emitter::count_tables(const std::vector<std::uint16_t>& order) const {
    std::vector<bool> seen(p_.steps.size());
    int n = 0;
    for (const std::uint16_t at : order) {
        const step& s = p_.steps[at];
        const std::uint16_t operands[] = {s.a, s.b, s.c};
        for (int i = 0; i < operands_of(s.shape); ++i) {
            const std::uint16_t o = operands[i];
            if (p_.steps[o].shape == form::pattern && !seen[o]) ++n;
            seen[o] = true;
        }
    }
    return n;
}

// The index is ahead by two turns of the vectors that have begun.
void emitter::rotating_row() {
    const asmjit::Label main = as_.newLabel(), last = as_.newLabel();
    const int turn = unroll_ * p_.lanes;
    part_of_row(begin_, {});
    const std::vector<held> goes_on = settle();
    put(I::kIdAdd, x86::r11, Imm(turn));
    put(I::kIdJg, last);
    loop_head(64, main);
    part_of_row(main_, goes_on);
    bring(goes_on);
    put(I::kIdAdd, x86::r11, Imm(turn));
    put(I::kIdJle, main);
    as_.bind(last);
    part_of_row(end_, goes_on);
}

void emitter::part_of_row(const schedule& s, const std::vector<held>& from_before) {
    bias_ = -2 * unroll_ * p_.lanes;
    tail_ = false;
    reset(s, 0);
    for (const held& h : from_before) {
        own(h.reg, h.of);
        free_ &= ~bit(h.reg);
        wished_ |= bit(h.reg);
        values_[h.of + values_in_turn()].wish = h.reg;
    }
    if (&s != &end_) ask_ahead(unroll_, unroll_);
    for (std::size_t at = 0; at < s.items.size(); ++at) run(s.items[at], s.after[at]);
}

// All that the next turn needs, in registers; as values of the vectors that those have become by then.
std::vector<emitter::held> emitter::settle() {
    std::vector<held> all;
    pinned_ = 0;
    for (std::size_t v = values_in_turn(); v < 2 * values_in_turn(); ++v) {
        const state& s = values_[v];
        if (s.next == never_used || !goes_on(p_.steps[s.step]) || (s.reg < 0 && s.slot == no_slot)) continue;
        if (s.reg >= 0) pinned_ |= bit(s.reg);
        all.push_back({static_cast<value>(v - values_in_turn()), s.reg});
    }
    for (held& h : all) h.reg = static_cast<std::int8_t>(use(static_cast<value>(h.of + values_in_turn())));
    return all;
}

void emitter::bring(const std::vector<held>& to) {
    const std::vector<held> from = settle();
    if (!std::equal(from.begin(), from.end(), to.begin(), to.end(), [](const held& a, const held& b) { return a.of == b.of; })) {
        throw internal_error("sinter: a turn does not leave what the next one needs; please report this");
    }
    for (const bool masks : {false, true}) {
        std::uint64_t spare = (masks ? masks_ : vectors_) & ~fixed_;
        std::vector<register_move> moves;
        for (std::size_t n = 0; n < to.size(); ++n) {
            if ((to[n].reg >= mask_base) != masks) continue;
            spare &= ~(bit(from[n].reg) | bit(to[n].reg));
            moves.push_back({from[n].reg, to[n].reg});
        }
        const int bytes = masks ? 0 : p_.vector_bytes;
        for (const register_move& m : one_by_one(std::move(moves), spare != 0 ? std::countr_zero(spare) : below_stack)) {
            if (m.to == below_stack) {
                spill_to(stack(below_stack_bytes), m.from, bytes);
            } else if (m.from == below_stack) {
                fill_from(m.to, stack(below_stack_bytes), bytes);
            } else {
                move(m.to, m.from, bytes);
            }
        }
    }
}

}  // namespace sinter::inline v1::detail::codegen::jit
