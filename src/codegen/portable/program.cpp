#include "codegen/portable/program.hpp"

#include "base/user_reductions.hpp"
#include "codegen/portable/portable.hpp"
#include "codegen/recorder.hpp"

#include <sinter/detail/error.hpp>

#include <algorithm>
#include <cstring>

namespace sinter::inline v1::detail::codegen::portable {
namespace {

constexpr std::size_t cache_bytes = 24 << 10;  // of a core's 32 KiB or more
constexpr std::size_t largest_block = 1024;
constexpr std::size_t smallest_block = 128;
constexpr std::size_t group_bytes = group * 8;

/// What a function of the user does to two values, as a kernel.
[[nodiscard]] kernel combination_of(const reduction& r) {
    kernel k;
    k.inputs = {{.type = r.type}, {.type = r.type}};
    k.code = expand_combine(r.code, r.type, true);
    k.outputs.push_back({.type = r.type, .value = static_cast<std::uint16_t>(k.code.size() - 1)});
    return k;
}

/// How often a value changes.
enum class rate : std::uint8_t { never, once, row, element, turn, after };

class builder {
public:
    builder(const kernel& k, const block_table& table, bool batched) : k_{k}, table_{table}, batched_{batched} {}

    program build() {
        join_code();
        find_rates();
        if (!k_.loop.empty()) add_loop();
        for (const output& o : k_.outputs) {
            out_.outputs.push_back(leave(o.value, o.type, k_.outputs.size() > 1));
            if (o.accumulates()) add_scan(out_.outputs.back(), o);
        }
        for (const reduction& r : k_.reductions) {
            result left = leave(r.value, r.type, !k_.outputs.empty());
            const auto type = static_cast<std::size_t>(r.type);
            if (r.code < block_table::codes) {
                left.combine = table_.operation[r.code][type];
                left.fold = table_.fold[r.code][type];
            }
            if (r.adds_products()) {
                left.factor = r.factor == r.value ? left.place : leave(r.factor, r.type, !k_.outputs.empty()).place;
                left.fold_products = table_.fold_products[type];
                left.add_products = table_.operation[op::fma::code][type];
                if (left.fold_products == nullptr) throw internal_error("portable code: no such reduction");
            }
            if (base::is_user_code(r.code)) {
                left.function = make_portable(combination_of(r));
            } else if (left.combine == nullptr || left.fold == nullptr) throw internal_error("portable code: no such reduction");
            out_.reductions.push_back(left);
        }
        for (std::size_t r = 0; r < k_.reductions.size(); ++r) {
            if (k_.reductions[r].gives_index()) add_search(static_cast<std::uint16_t>(r));
        }
        if (k_.loop.empty()) find_direct_outputs();
        out_.decided_early = is_decided_early(k_);
        lay_out();
        return std::move(out_);
    }

private:
    static constexpr std::uint16_t none = 0xffff;

    [[nodiscard]] int operands_of(const instruction& i) const {
        if (i.code == code_gather) return 1;
        return is_operation_code(i.code) ? operation_of(i.code).arity : 0;
    }
    [[nodiscard]] std::uint16_t operand(const instruction& i, int which) const { return which == 0 ? i.a : which == 1 ? i.b : i.c; }

    /// The kernel's code, and behind it the body of its loop, in which captures are what they capture.
    void join_code() {
        code_ = k_.code;
        const auto within = [&](std::uint16_t v) {
            const instruction& i = k_.loop.body[v];
            return i.code == code_capture ? k_.loop.captures[i.a] : static_cast<std::uint16_t>(k_.code.size() + v);
        };
        for (instruction i : k_.loop.body) {
            const int count = operands_of(i);
            if (count > 0) i.a = within(i.a);
            if (count > 1) i.b = within(i.b);
            if (count > 2) i.c = within(i.c);
            code_.push_back(i);
        }
        for (const std::uint16_t v : k_.loop.next) next_.push_back(within(v));
        if (!k_.loop.empty()) condition_ = within(k_.loop.condition);
    }

    void find_rates() {
        rates_.reserve(code_.size());
        places_.assign(code_.size(), none);
        for (const instruction& i : code_) {
            rate r = rate::never;
            if (i.code == code_state) r = rates_.size() < k_.code.size() ? rate::after : rate::turn;
            if (i.code == code_load) r = !batched_ && k_.inputs[i.a].inner == access::broadcast ? rate::row : rate::element;
            if (i.code == code_param) r = rate::once;
            if (i.code == code_gather) r = !batched_ && k_.inputs[i.bits].inner == access::broadcast ? rate::row : rate::element;
            for (int which = 0; which < operands_of(i); ++which) r = std::max(r, rates_[operand(i, which)]);
            // A constant operation is left to the first run: folding is not this backend's work.
            if (r == rate::never && i.code != code_constant) r = rate::once;
            rates_.push_back(r);
        }
    }

    std::uint16_t new_place(rate r) {
        place_rates_.push_back(r);
        out_.constants.push_back(nullptr);
        return static_cast<std::uint16_t>(place_rates_.size() - 1);
    }

    [[nodiscard]] std::vector<step>& steps_of(rate r) {
        switch (r) {
            case rate::once: return out_.once;
            case rate::row: return out_.each_row;
            case rate::turn: return out_.loop.steps;
            case rate::after: return out_.after;
            default: return out_.each_block;
        }
    }

    [[nodiscard]] step copy_of(std::uint16_t place, dtype type, std::uint16_t to) const {
        const rate changes = place_rates_[place];
        step copy;
        copy.size = static_cast<std::uint8_t>(size_of(type));
        copy.function = table_.convert[static_cast<std::size_t>(type)][static_cast<std::size_t>(type)];
        for (auto& in : copy.in) in = place;
        for (auto& advance : copy.advance) advance = changes >= rate::element;
        copy.out = to;
        return copy;
    }

    /// A step in the place of its last operand.
    [[nodiscard]] step over(std::uint16_t code, dtype type, std::initializer_list<std::uint16_t> in) const {
        step s;
        s.size = static_cast<std::uint8_t>(size_of(type));
        s.function = table_.operation[code][static_cast<std::size_t>(type)];
        s.over = true;
        s.out = *(in.end() - 1);
        for (std::size_t which = 0; which < 3; ++which) {
            s.in[which] = which < in.size() ? *(in.begin() + which) : *in.begin();
            s.advance[which] = place_rates_[s.in[which]] >= rate::element;
        }
        return s;
    }

    void add_loop() {
        turns& loop = out_.loop;
        loop.limit = k_.loop.limit;
        loop.limit_param = k_.loop.limit_param;
        loop.active = new_place(rate::turn);
        out_.each_block.push_back({.what = step::action::start, .size = 1, .out = loop.active});
        std::vector<std::uint16_t> states;
        for (const std::uint16_t v : k_.loop.initial) {
            const std::uint16_t from = place_of(v);
            states.push_back(new_place(rate::turn));
            out_.each_block.push_back(copy_of(from, code_[v].type, states.back()));
        }
        for (std::size_t n = 0; n < code_.size(); ++n) {
            if (code_[n].code == code_state) places_[n] = states[code_[n].a];
        }
        const std::uint16_t holds = place_of(condition_);
        loop.steps.push_back(over(op::bitwise_and::code, dtype::boolean, {holds, loop.active}));
        loop.test = loop.steps.size();
        std::vector<std::uint16_t> next;
        for (std::size_t s = 0; s < states.size(); ++s) next.push_back(place_of(next_[s]));
        for (std::size_t s = 0; s < states.size(); ++s) {
            // Another state as it is now: it may have changed by the time it is needed.
            if (next[s] == states[s] || std::ranges::find(states, next[s]) == states.end()) continue;
            const std::uint16_t kept = new_place(rate::turn);
            loop.steps.push_back(copy_of(next[s], code_[next_[s]].type, kept));
            next[s] = kept;
        }
        for (std::size_t s = 0; s < states.size(); ++s) {
            if (next[s] != states[s]) loop.steps.push_back(over(op::select::code, code_[next_[s]].type, {loop.active, next[s], states[s]}));
        }
    }

    /// The place of a value, with the steps that compute it. Loads thus stand before their first use.
    std::uint16_t place_of(std::uint16_t root) {
        pending_.push_back(root);
        while (!pending_.empty()) {
            const std::uint16_t value = pending_.back();
            const instruction& i = code_[value];
            const std::size_t before = pending_.size();
            if (places_[value] == none) {
                for (int which = operands_of(i) - 1; which >= 0; --which) {
                    if (places_[operand(i, which)] == none) pending_.push_back(operand(i, which));
                }
            }
            if (pending_.size() > before) continue;
            pending_.pop_back();
            if (places_[value] == none) places_[value] = emit(i, rates_[value]);
        }
        return places_[root];
    }

    std::uint16_t emit(const instruction& i, rate r) {
        step s;
        s.size = static_cast<std::uint8_t>(size_of(i.type));
        if (i.code == code_constant) {
            const std::uint16_t place = new_place(rate::never);
            constant_bits_.push_back({place, i.bits, s.size});
            return place;
        }
        if (i.code == code_load || i.code == code_param) {
            s.what = i.code == code_param ? step::action::param : r == rate::row ? step::action::element : step::action::load;
            s.index = i.a;
        } else if (i.code == code_gather) {
            s.what = step::action::gather;
            s.index = static_cast<std::uint16_t>(i.bits);
            s.wide = code_[i.a].type == dtype::i64;
            for (auto& in : s.in) in = places_[i.a];
            for (auto& advance : s.advance) advance = rates_[i.a] >= rate::element;
        } else {
            if (i.code == op::bitcast::code && i.type != dtype::boolean && code_[i.a].type != dtype::boolean) return places_[i.a];
            s.function = function_of(i);
            const int count = operands_of(i);
            for (int which = 0; which < 3; ++which) {
                const std::uint16_t from = operand(i, which < count ? which : 0);
                s.in[which] = places_[from];
                s.advance[which] = rates_[from] >= rate::element;
            }
        }
        s.out = new_place(r);
        steps_of(r).push_back(s);
        return s.out;
    }

    [[nodiscard]] block_function function_of(const instruction& i) const {
        block_function f = nullptr;
        const auto to = static_cast<std::size_t>(i.type);
        if (i.code == op::convert::code || i.code == op::bitcast::code) {
            f = table_.convert[static_cast<std::size_t>(code_[i.a].type)][to];
        } else if (is_operation_code(i.code)) {
            const std::uint16_t last = operand(i, operands_of(i) - 1);
            f = table_.operation[i.code][static_cast<std::size_t>(code_[last].type)];
        }
        if (f == nullptr) throw internal_error("portable code: no such operation for " + std::string(name_of(i.type)));
        return f;
    }

    /// A value that leaves the kernel takes a whole block, also when all its elements are the same. Where something else is stored
    /// before it is read, it must not be an input itself, whose memory the store may share.
    result leave(std::uint16_t value, dtype type, bool after_stores) {
        result r;
        r.size = static_cast<std::uint8_t>(size_of(type));
        r.place = place_of(value);
        const rate changes = place_rates_[r.place];
        const auto loads_it = [&](const step& s) { return s.what == step::action::load && s.out == r.place; };
        if (changes < rate::element || (after_stores && std::ranges::any_of(out_.each_block, loads_it))) {
            const step copy = copy_of(r.place, type, new_place(rate::element));
            r.place = copy.out;
            out_.each_block.push_back(copy);
        }
        return r;
    }

    void add_scan(result& r, const output& o) {
        r.scan = scan_by(o.scan, o.type);
        r.nothing = nothing_for_scan(o.scan, o.type);
        r.combine = o.scan < block_table::codes ? table_.operation[o.scan][static_cast<std::size_t>(o.type)] : nullptr;
        if (r.scan.whole == nullptr || r.combine == nullptr) throw internal_error("portable code: no such scan");
    }

    void add_search(std::uint16_t at) {
        const reduction& r = k_.reductions[at];
        const auto type = static_cast<std::size_t>(r.type);
        constexpr auto number = static_cast<std::size_t>(dtype::i64);
        index_search s{.reduction = at, .extremes = at, .type = r.type, .least = static_cast<int>(r.code) == op::minimum::code, .step = r.step};
        for (std::uint16_t other = 0; other < k_.reductions.size(); ++other) {
            const reduction& o = k_.reductions[other];
            if (!o.gives_index() && o.code == r.code && o.value == r.value) s.extremes = other;
        }
        if (s.extremes != at) out_.reductions[at].fold = nullptr;
        if (r.start != reduction::no_start) s.start = leave(r.start, dtype::i64, !k_.outputs.empty()).place;
        s.equal = table_.operation[op::equal::code][type];
        s.not_equal = table_.operation[op::not_equal::code][type];
        s.both = table_.operation[op::bitwise_and::code][static_cast<std::size_t>(dtype::boolean)];
        s.choose = table_.operation[op::select::code][number];
        s.add = table_.operation[op::add::code][number];
        for (const block_function f : {s.equal, s.not_equal, s.both, s.choose, s.add}) {
            if (f == nullptr) throw internal_error("portable code: no such index");
        }
        out_.searches.push_back(s);
    }

    /// An output may be computed in place unless an input, whose memory it may share, is still read afterwards.
    void find_direct_outputs() {
        std::vector<bool> is_load(place_rates_.size(), false);
        for (const step& s : out_.each_block) {
            if (s.what == step::action::load) is_load[s.out] = true;
        }
        if (batched_) return;
        std::size_t first = 0;
        for (std::size_t at = 0; at < out_.each_block.size(); ++at) {
            const step& s = out_.each_block[at];
            if (s.what != step::action::compute)
                first = at;
            else if (is_load[s.in[0]] || is_load[s.in[1]] || is_load[s.in[2]])
                first = at;
        }
        for (std::size_t at = first; at < out_.each_block.size(); ++at) {
            step& s = out_.each_block[at];
            for (std::size_t o = 0; o < out_.outputs.size() && s.what == step::action::compute && s.direct < 0; ++o) {
                if (out_.outputs[o].place != s.out || out_.outputs[o].scan.whole != nullptr || k_.outputs[o].inner != access::unit) continue;
                s.direct = static_cast<int>(o);
                out_.outputs[o].direct = static_cast<int>(at);
            }
        }
    }

    /// Gives places their memory; those of blocks share slots by lifetime.
    void lay_out() {
        std::vector<step> steps = out_.each_block;
        for (const auto* more : {&out_.loop.steps, &out_.after}) steps.insert(steps.end(), more->begin(), more->end());
        std::vector<std::size_t> last(place_rates_.size(), 0);
        std::size_t widest = 1;
        for (std::size_t at = 0; at < steps.size(); ++at) {
            widest = std::max<std::size_t>(widest, steps[at].size);
            last[steps[at].out] = std::max(last[steps[at].out], at);
            if (steps[at].what != step::action::compute && steps[at].what != step::action::gather) continue;
            for (const std::uint16_t in : steps[at].in) last[in] = at;
        }
        // What is there before the loop is still needed when it comes around.
        for (const step& s : out_.loop.steps) {
            for (const std::uint16_t in : s.in) {
                const auto makes = [&](const step& b) { return b.out == in; };
                if (std::ranges::any_of(out_.each_block, makes)) last[in] = steps.size();
            }
        }
        for (const auto* results : {&out_.outputs, &out_.reductions}) {
            for (const result& r : *results) {
                last[r.place] = steps.size();
                if (r.fold_products != nullptr) last[r.factor] = steps.size();
                widest = std::max<std::size_t>(widest, r.size);
            }
        }
        const bool columns = k_.kind == kernel_kind::column_reduce;
        for (const index_search& x : out_.searches) {
            if (columns) widest = sizeof(std::int64_t);
            if (x.start != index_search::no_start) last[x.start] = steps.size();
        }

        std::vector<std::size_t> slot(place_rates_.size(), 0);
        std::vector<std::uint8_t> size(place_rates_.size(), 0);
        std::vector<std::size_t> vacant;
        std::size_t slots = 0;
        for (std::size_t at = 0; at < steps.size(); ++at) {
            const step& s = steps[at];
            size[s.out] = s.size;
            // The result may take an operand's slot only if it never overtakes what is still to be read.
            std::vector<std::size_t> later;
            if (s.what == step::action::compute || s.what == step::action::gather) {
                for (std::size_t which = 0; which < 3; ++which) {
                    const std::uint16_t in = s.in[which];
                    if (place_rates_[in] < rate::element || last[in] != at || std::find(s.in, s.in + which, in) != s.in + which) continue;
                    (size[in] == s.size && !s.over ? vacant : later).push_back(slot[in]);
                }
            }
            if (s.over) {
                // It has one.
            } else if (vacant.empty()) {
                slot[s.out] = slots++;
            } else {
                slot[s.out] = vacant.back();
                vacant.pop_back();
            }
            vacant.insert(vacant.end(), later.begin(), later.end());
        }

        const auto scans = static_cast<std::size_t>(std::ranges::count_if(out_.outputs, [](const result& r) { return r.scan.whole != nullptr; }));
        const std::size_t reductions = out_.reductions.size() + scans + (columns ? 3 * out_.searches.size() : 0);
        out_.block = largest_block;
        while (out_.block > smallest_block && (slots + reductions) * (out_.block + group) * widest > cache_bytes) out_.block /= 2;
        out_.slot_bytes = (out_.block + group) * widest;
        const std::size_t slot_stride = (out_.slot_bytes + 63) / 64 * 64;

        std::size_t at = (place_rates_.size() * sizeof(std::byte*) + 63) / 64 * 64;
        out_.offsets.assign(place_rates_.size(), program::nowhere);
        for (std::size_t place = 0; place < place_rates_.size(); ++place) {
            if (place_rates_[place] != rate::once && place_rates_[place] != rate::row) continue;
            out_.offsets[place] = at;
            at += group_bytes;
        }
        for (std::size_t place = 0; place < place_rates_.size(); ++place) {
            if (place_rates_[place] >= rate::element) out_.offsets[place] = at + slot[place] * slot_stride;
        }
        at += slots * slot_stride;
        out_.slot_bytes = slot_stride;
        out_.reduction_offset = at;
        at += out_.reductions.size() * slot_stride;
        const auto room = [&](std::size_t bytes) {
            const std::size_t from = at;
            at += (bytes + 63) / 64 * 64;
            return from;
        };
        for (result& r : out_.outputs) {
            if (r.scan.whole == nullptr) continue;
            r.before = room(sizeof(std::uint64_t));
            r.accumulated = room(slot_stride);
        }
        for (index_search& s : out_.searches) {
            s.state = room(sizeof(index_state));
            s.splat = room(group_bytes);
            s.lanes = room(2 * group_bytes);
            s.found = room(out_.block + group);
            if (!columns) continue;
            s.known = room(out_.block + group);
            s.extreme = room(slot_stride);
            s.index = room((out_.block + group) * sizeof(std::int64_t));
            s.moved = room((out_.block + group) * sizeof(std::int64_t));
        }
        out_.scratch_bytes = at;

        out_.pool.resize(constant_bits_.size() * group_bytes + 64);
        const auto misaligned = reinterpret_cast<std::uintptr_t>(out_.pool.data()) % 64;
        std::byte* to = out_.pool.data() + (64 - misaligned) % 64;
        for (const constant_place& c : constant_bits_) {
            fill(to, c.bits, c.size, group);
            out_.constants[c.place] = to;
            to += group_bytes;
        }
    }

    struct constant_place {
        std::uint16_t place;
        std::uint64_t bits;
        std::uint8_t size;
    };

    const kernel& k_;
    const block_table& table_;
    bool batched_;
    program out_;
    std::vector<instruction> code_;
    std::vector<std::uint16_t> next_;
    std::uint16_t condition_ = 0;
    std::vector<rate> rates_;
    std::vector<std::uint16_t> places_;
    std::vector<rate> place_rates_;
    std::vector<std::uint16_t> pending_;
    std::vector<constant_place> constant_bits_;
};

}  // namespace

program make_program(const kernel& k, const block_table& table, bool batched) { return builder{k, table, batched}.build(); }

}  // namespace sinter::inline v1::detail::codegen::portable
