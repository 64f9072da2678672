#include "codegen/jit/emitter.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace sinter::inline v1::detail::codegen::jit {

namespace {

// Operations and inputs that take many instructions, in instructions.
constexpr int weight_of_many = 24;

// The same of masks as `most_fetched` of vectors.
constexpr int most_fetched_masks = 3;
// Pairs of rows keep what they fetch, but in tails.
constexpr int most_fetched_beside = 1;
// Registers that values that do not change get in any case.
constexpr int most_hoisted = 4;
constexpr int most_beside_squares = 10;
constexpr int most_masks_together = 5;
// Beside those that stay in registers; a tail needs one more.
constexpr int most_masks_beside_kept = 1;
// Values of two long bodies side by side that may have no register: with half as many registers it still pays to wait less, by up to 30 in a hundred.
constexpr int most_spilled_together = 4, most_spilled_of_few = 16;
// What counts as a chain, and how many instructions of them may stand side by side.
constexpr int chain_vectors = 3;
constexpr int longest_chains = 1280;

/// Vectors that may stand side by side step by step. Two that share an accumulator must not, where it takes several steps: the second would begin from what there was before the first.
[[nodiscard]] int most_side_by_side(const program& p, int copies) {
    int most = copies;
    for (std::size_t f = 0; f < p.folds.size(); ++f) {
        const std::uint16_t accumulator = p.folds[f].accumulator;
        const auto reads_before = [&](const step& s) {
            const std::uint16_t operands[] = {s.a, s.b, s.c};
            return !s.dead && s.into != f + 1 && std::find(operands, operands + operands_of(s.shape), accumulator) != operands + operands_of(s.shape);
        };
        if (std::any_of(p.steps.begin(), p.steps.begin() + p.loop_end, reads_before)) most = std::min(most, p.folds[f].vectors);
    }
    return most;
}

[[nodiscard]] int weight(const kernel& k, const program& p, const std::vector<std::uint16_t>& order) {
    int sum = static_cast<int>(order.size());
    for (std::size_t n = 0; n < p.loop_end; ++n) {
        const step& s = p.steps[n];
        if (s.shape == form::load && s.when == level::element) sum += s.piece == 0 && k.inputs[s.a].inner == access::strided ? weight_of_many : 1;
        if (s.shape == form::gather && p.steps[s.a].when == level::element) sum += 2 * p.lanes;
        if (s.shape == form::store && s.piece == 0 && k.outputs[s.imm].inner == access::strided) sum += weight_of_many;
    }
    return sum;
}

}  // namespace

emitter::emitter(const kernel& k, const program& p, asmjit::CodeHolder& code, int spills) : k_{k}, p_{p}, as_{&code}, spill_limit_{spills} {
    copy_step_ = p.lanes;
    vectors_ = p.avx512 ? 0xffffffffU : 0xffffU;
    masks_ = p.avx512 ? std::uint64_t{0xfc} << mask_base : 0;
    vectors_label_ = as_.newLabel();
    scalars_label_ = as_.newLabel();
    exit_ = as_.newLabel();
    plan_schedules();
    plan_registers();
    plan_frame();
}

bool emitter::is_hoisted(const step& s) const noexcept {
    if (s.shape == form::position) return false;
    return s.when == level::never || s.when == level::call || (s.when == level::row && !column());
}

void emitter::plan_schedules() {
    if (p_.loops()) return plan_turns();
    const std::vector<std::uint16_t> order = order_of(p_);
    single_ = make_schedule(p_, order, 1);
    call_ = make_schedule(p_, level::call);
    if (!column()) row_ = make_schedule(p_, level::row);
    for (const input& i : k_.inputs) has_row_loads_ |= i.inner == access::broadcast;

    // Enough independent vectors to hide latencies and the loop itself, not so many that the code gets long.
    const int length = weight(k_, p_, order);
    constexpr int longest = 128, longest_four = 200, longest_pair = 400;
    unroll_ = 4 * length <= longest_four ? 4 : 2 * length <= longest_pair ? 2 : 1;
    if (p_.kind == kernel_kind::map && k_.vectors > 0) unroll_ = k_.vectors;
    if (k_.has_squares()) {
        for (const input& i : k_.inputs) {
            if (i.turned && static_cast<int>(size_of(i.type)) * p_.lanes != p_.vector_bytes) throw declined{"a square that is not whole vectors"};
        }
        unroll_ = 1;
    }
    if (k_.beside > 0) {
        check_beside();
        unroll_ = vectors_beside();
        copy_step_ = p_.lanes * (p_.folds[0].vectors / unroll_);
    } else if (p_.kind == kernel_kind::row_reduce) {
        unroll_ = 1;
        for (const fold& f : p_.folds) unroll_ = std::max(unroll_, f.vectors);
    } else if (column()) {
        // Accumulators for as many columns as registers allow.
        const int folds = static_cast<int>(p_.folds.size());
        const int room = (p_.avx512 ? 32 : 16) - 2 - std::max(single_.most_vectors, 2);
        const bool masks = p_.avx512 && std::any_of(p_.folds.begin(), p_.folds.end(), [](const fold& f) { return f.type == dtype::boolean; });
        unroll_ = masks ? 2 : p_.avx512 ? 16 : 8;
        while (unroll_ > 1 && (folds * unroll_ > room || unroll_ * length > longest)) unroll_ /= 2;
    }
    // Side by side, vectors hide latencies better. It is worth more than constants in registers, which can be operands in memory.
    int together = 1;
    bool by_itself = false;
    if (!column() && k_.beside == 0) {
        int registers = p_.avx512 ? 32 : 16;
        // A reduction's accumulators have theirs.
        for (const fold& f : p_.folds) registers -= p_.steps[f.accumulator].width == 0 ? 0 : f.vectors;
        // A long body waits for its own results most of the time: beside another one it may even spill some values.
        const bool waits = unroll_ * length > longest;
        const int room = waits ? registers + (p_.avx512 ? most_spilled_together : most_spilled_of_few) : registers - most_fetched - std::min(count_hoisted(), most_hoisted);
        const int most_masks = p_.keeps_masks ? most_masks_beside_kept : most_masks_together;
        const auto masks_fit = [&](int copies) { return single_.most_masks == 0 || make_schedule(p_, order, unroll_, copies).most_masks <= most_masks; };
        const int most = most_side_by_side(p_, unroll_);
        while (2 * together <= most && 2 * together * single_.most_vectors <= room && masks_fit(2 * together)) together *= 2;
        // A long body is repeated only to run beside itself. One that is a chain, each value made of the one before, waits all the time and
        // takes hardly a register. A reduction has as many as it has accumulators.
        // Loads by pieces of vectors take many registers; stores by pieces, masked, wait for lines that others are about to fill: one after the other. Measured
        // with rows of three floats.
        const auto by_pieces = [](const auto& o) { return o.inner == access::strided && o.stride != 0; };
        const bool stores = std::any_of(k_.outputs.begin(), k_.outputs.end(), [&](const output& o) { return by_pieces(o) && !is_pair(o); });
        const bool pieces = p_.kind == kernel_kind::map && (stores || std::any_of(k_.inputs.begin(), k_.inputs.end(), by_pieces));
        if (pieces && k_.vectors == 0) {
            unroll_ = std::min(unroll_, stores ? 1 : 2);
            together = std::min(together, unroll_);
        }
        const bool map = p_.kind == kernel_kind::map && !k_.has_squares() && !pieces;
        // Stores past the caches one by one as their values come, not all of a turn together: a twentieth to a fifth quicker on Zen 5. Of longer bodies they come
        // one by one anyway.
        constexpr int short_body = 8;
        const bool streams = std::any_of(k_.outputs.begin(), k_.outputs.end(), [](const output& o) { return o.streaming; });
        if (map && streams && length <= short_body) together = 1;
        if (map && k_.vectors == 0 && waits && together == 1) unroll_ = 1;
        if (map && k_.vectors == 0 && single_.most_vectors <= chain_vectors && single_.most_masks == 0) {
            while (unroll_ < 4 && 2 * unroll_ * length <= longest_chains) unroll_ = together = 2 * unroll_;
        }
        by_itself = map && k_.vectors == 0 && together == unroll_;
    }
    if (stagger(order)) return;
    constexpr std::size_t shortest_apart = 20;
    if (by_itself && unroll_ > 1 && order.size() >= shortest_apart) {
        // A little behind each other: what only one instruction at a time can do, such as quotients, is not asked for by all of them at once. Measured on Granite Rapids:
        // a tenth less for tanh of double and erf of float, for none more.
        main_ = make_staggered(p_, order, unroll_, order.size() / 10);
        return;
    }
    main_ = unroll_ == 1 ? single_ : make_schedule(p_, order, unroll_, together);
}

// Long bodies, each vector's some way behind the one before: quotients of one run while another does arithmetic, and of the chains that a processor finds within its
// view fewer wait for each other. From turn to turn (rotation.cpp), or where registers have no room for that, in each turn anew. In the latter way Black-Scholes took a sixth less time on
// Granite Rapids than with two vectors step by step side by side, pow a tenth; by llvm-mca it loses nothing on Zen 4. Four of floats, a third apart, took 3 to 8% less than three; four of
// doubles a tenth more.
bool emitter::stagger(const std::vector<std::uint16_t>& order) {
    constexpr std::size_t shortest_apart = 48;
    constexpr int most_fetched_here = 2;
    if (!p_.avx512 || unroll_ > 4 || !may_go_on(k_) || order.size() < fewest_going_on || order.size() > most_going_on) return false;
    const int room = std::popcount(vectors_) - most_fetched_here;
    if (rotate(order, room)) return true;
    if (unroll_ > 2 || order.size() < shortest_apart) return false;
    const std::vector<std::uint16_t> listed = order_of(p_, ordering::least_waiting);
    constexpr std::array<std::pair<int, int>, 3> ways{{{4, 3}, {3, 4}, {2, 4}}};
    for (const auto& [copies, apart] : ways) {
        if (copies == 4 && p_.widest > 4) continue;
        schedule s = make_staggered(p_, listed, copies, listed.size() / static_cast<std::size_t>(apart));
        if (s.most_vectors > room || s.most_masks > most_masks_together) continue;
        main_ = std::move(s);
        single_ = make_schedule(p_, listed, 1);
        unroll_ = copies;
        return true;
    }
    return false;
}

// Values of vectors that do not change in the loop.
int emitter::count_hoisted() const {
    std::vector<bool> seen(p_.steps.size());
    int n = 0;
    for (const item& it : single_.items) {
        const step& s = p_.steps[it.step];
        const std::uint16_t operands[] = {s.a, s.b, s.c};
        for (int i = 0; i < operands_of(s.shape); ++i) {
            const step& o = p_.steps[operands[i]];
            if (seen[operands[i]] || !is_hoisted(o) || o.width == 0) continue;
            seen[operands[i]] = true;
            ++n;
        }
    }
    return n;
}

void emitter::plan_registers() {
    resident_.assign(p_.steps.size(), -1);
    home_.assign(p_.steps.size(), no_slot);
    std::uint64_t left = vectors_ | masks_;
    const auto take = [&](bool mask) {
        const std::uint64_t of_class = left & (mask ? masks_ : vectors_);
        // From the top, so that short encodings stay for the values that change.
        const int r = 63 - std::countl_zero(of_class);
        left &= ~(std::uint64_t{1} << r);
        return static_cast<std::int8_t>(r);
    };
    const int fetched = k_.beside == 0 ? most_fetched : most_fetched_beside;
    int vectors = std::popcount(vectors_) - main_.most_vectors - fetched;
    // Squares are transposed in the lower ones.
    if (k_.has_squares()) vectors = std::min(vectors, most_beside_squares);
    int masks = std::popcount(masks_) - (p_.keeps_masks ? most_masks_beside_kept + 1 : main_.most_masks + most_fetched_masks);
    if (p_.loops()) take_carries(true, vectors, masks, left);

    accumulators_.resize(p_.folds.size());
    accumulator_slots_.resize(p_.folds.size());
    for (std::size_t r = 0; r < p_.folds.size(); ++r) {
        const bool mask = p_.steps[p_.folds[r].accumulator].width == 0;
        const int n = column() ? unroll_ : k_.beside > 0 ? unroll_ : p_.folds[r].vectors;
        for (int j = 0; j < n; ++j) {
            int& room = mask ? masks : vectors;
            if (k_.beside > 0 && room <= 0) throw declined{"too many pairs of rows"};
            accumulators_[r].push_back(room > 0 ? take(mask) : std::int8_t{-1});
            room -= room > 0 ? 1 : 0;
        }
        accumulator_slots_[r].assign(static_cast<std::size_t>(n), no_slot);
    }

    if (k_.beside > 0) vectors = std::min(vectors, most_residents_beside());

    // Values that do not change in the loop, those first that are used most.
    std::vector<std::uint16_t> uses(p_.steps.size());
    for (const item& it : single_.items) {
        const step& s = p_.steps[it.step];
        const std::uint16_t operands[] = {s.a, s.b, s.c};
        for (int n = 0; n < operands_of(s.shape); ++n)
            if (is_hoisted(p_.steps[operands[n]])) ++uses[operands[n]];
    }
    std::vector<std::uint16_t> candidates;
    for (std::uint16_t s = 0; s < p_.loop_end; ++s) {
        if (uses[s] != 0) candidates.push_back(s);
    }
    std::stable_sort(candidates.begin(), candidates.end(), [&](std::uint16_t a, std::uint16_t b) {
        // What is not a constant costs more to get again.
        const auto rank = [&](std::uint16_t s) { return 2 * uses[s] + (p_.steps[s].shape == form::constant ? 0 : 1); };
        return rank(a) > rank(b);
    });
    for (const std::uint16_t s : candidates) {
        const bool mask = p_.steps[s].width == 0;
        int& room = mask ? masks : vectors;
        if (room <= 0) continue;
        --room;
        resident_[s] = take(mask);
    }
    if (p_.loops()) take_carries(false, vectors, masks, left);
    fixed_ = (vectors_ | masks_) & ~left;
    values_.resize(p_.steps.size() * static_cast<std::size_t>(std::max({unroll_, main_.copies, 1})) + 4);
}

int emitter::reserve(int bytes, int alignment) {
    frame_bytes_ = (frame_bytes_ + alignment - 1) / alignment * alignment;
    const int at = frame_bytes_;
    frame_bytes_ += bytes;
    return at;
}

void emitter::plan_frame() {
    // Pointers: those of the loop first.
    std::vector<x86::Gp> registers{x86::r8, x86::r9, x86::r10, x86::rsi, x86::rbx, x86::r12, x86::r13, x86::r14, x86::r15};
    std::size_t taken = 0;
    const auto next = [&]() -> x86::Gp {
        if (taken == registers.size()) return {};
        if (taken >= 4) saved_.push_back(registers[taken]);
        return registers[taken++];
    };
    const std::size_t operands = k_.inputs.size() + k_.outputs.size() + (p_.kind == kernel_kind::row_reduce ? k_.reductions.size() : 0);
    pointers_.resize(operands);
    pointer_slots_.assign(operands, no_slot);
    stride_slots_.assign(operands, no_slot);
    step_slots_.assign(operands, no_slot);
    const auto is_broadcast = [&](std::size_t n) { return n < k_.inputs.size() && k_.inputs[n].inner == access::broadcast; };
    const auto is_strided = [&](std::size_t n) {
        return n < k_.inputs.size() ? k_.inputs[n].inner == access::strided
                                    : n < k_.inputs.size() + k_.outputs.size() && k_.outputs[n - k_.inputs.size()].inner == access::strided;
    };
    // Imaginary parts are found by the pointer to the real ones.
    const auto is_second = [&](std::size_t n) {
        if (n < k_.inputs.size()) return pair_of(k_, n) >= 0 && pair_of(k_, n) != static_cast<int>(n);
        const std::size_t output = n - k_.inputs.size();
        return output > 0 && is_pair(k_.outputs[output - 1]);
    };
    bool strided = false;
    for (std::size_t n = 0; n < k_.inputs.size() + k_.outputs.size(); ++n) {
        strided |= is_strided(n);
        if ((!is_broadcast(n) || column()) && !is_second(n)) pointers_[n] = next();
    }
    rows_ = next();
    for (std::size_t n = 0; n < operands; ++n) {
        if (!pointers_[n].isValid() && has_pointer(n)) pointers_[n] = next();
    }

    // The stack.
    bool narrow = false;
    if (!p_.avx512) {
        const auto note = [&](dtype t) {
            const std::size_t size = size_of(t);
            if (!masked_by_vector(size)) narrow = true;
            mask_slots_[static_cast<std::size_t>(std::countr_zero(size))] = 0;
        };
        for (const input& i : k_.inputs) {
            if (i.inner == access::unit) note(i.type);
        }
        for (const output& o : k_.outputs) {
            if (o.inner == access::unit) note(o.type);
        }
        if (p_.loops()) mask_slots_[static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(p_.widest)))] = 0;
        for (const fold& f : p_.folds) {
            note(f.type);
            mask_slots_[static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(p_.steps[f.accumulator].element)))] = 0;
        }
        for (int& slot : mask_slots_) {
            if (slot == 0) slot = reserve(32, 32);
        }
    }
    const bool gathers = std::any_of(k_.inputs.begin(), k_.inputs.end(), [](const input& i) { return i.gathers; });
    if (strided || narrow || gathers) {
        buffers_ = reserve(3 * 64, 64);
        count_slot_ = reserve(8, 8);
        counter_slot_ = reserve(8, 8);
    }
    for (std::size_t n = 0; n < operands; ++n) {
        if (!pointers_[n].isValid() && has_pointer(n)) pointer_slots_[n] = reserve(8, 8);
        if (is_strided(n)) stride_slots_[n] = reserve(8, 8);
        if (n < k_.inputs.size() && k_.inputs[n].gathers && !k_.inputs[n].next) step_slots_[n] = reserve(8, 8);
    }
    if (!rows_.isValid()) rows_slot_ = reserve(8, 8);
    std::vector<bool> used(p_.steps.size());
    const auto note_operands = [&](const step& s) {
        const std::uint16_t all[] = {s.a, s.b, s.c};
        for (int n = 0; n < operands_of(s.shape); ++n) {
            const step& o = p_.steps[all[n]];
            used[all[n]] = used[all[n]] || (is_hoisted(o) && o.when < s.when);
        }
    };
    for (const step& s : p_.steps) note_operands(s);
    for (std::size_t n = 0; n < p_.steps.size(); ++n) {
        const bool computed = p_.steps[n].shape >= form::unary;
        if (used[n] && computed && resident_[n] < 0) home_[n] = reserve(p_.vector_bytes, p_.vector_bytes);
    }
    for (std::size_t r = 0; r < p_.folds.size(); ++r) {
        for (std::size_t j = 0; j < accumulators_[r].size(); ++j) {
            if (accumulators_[r][j] < 0) accumulator_slots_[r][j] = reserve(p_.vector_bytes, p_.vector_bytes);
        }
    }
    if (!p_.rare.empty()) {
        rare_operands_ = reserve(3 * p_.vector_bytes, p_.vector_bytes);
        rare_saved_ = reserve(region_registers * p_.vector_bytes + 8 * 8, p_.vector_bytes);
        rare_return_ = reserve(8, 8);
        for (std::size_t n = 0; n < p_.rare.size(); ++n) region_labels_.push_back(as_.newLabel());
    }
    for (std::size_t c = 0; c < p_.loop.carries.size(); ++c) {
        for (std::size_t copy = 0; copy < carry_registers_[c].size(); ++copy) {
            if (carry_registers_[c][copy] < 0) carry_slots_[c][copy] = reserve(p_.vector_bytes, p_.vector_bytes);
        }
    }
    if (k_.has_squares()) plan_squares();
    if (k_.beside > 0) plan_beside();
    spill_base_ = reserve(spill_limit_, p_.vector_bytes);
}

}  // namespace sinter::inline v1::detail::codegen::jit
