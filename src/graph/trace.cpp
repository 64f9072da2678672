#include "base/fork.hpp"
#include "base/operation_table.hpp"
#include "base/settings.hpp"
#include "base/user_reductions.hpp"
#include "graph/loop_body.hpp"

#include <sinter/detail/error.hpp>
#include <sinter/detail/primitives.hpp>
#include <sinter/fn.hpp>

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

// Recording the user's functions: lanes call trace_instruction, and the recording becomes a tape that lives for good.

namespace sinter::inline v1::detail {

namespace {

/// A tape that owns what it points at.
struct stored_tape {
    std::vector<tape_instruction> code;
    std::vector<dtype> arrays, scalars, constant_types;
    std::vector<std::uint64_t> constants;
    tape view;
};

struct recording {
    std::vector<tape_instruction> code;
    std::vector<dtype> arrays, scalars, constant_types;
    std::vector<std::uint64_t> constants;
    std::vector<tape_ref> apart;  // products that no sum contracts with
    std::size_t loop_at = 0, loop_states = 0;  // of a loop that is being recorded: the instructions that stand for its states
};

/// Recordings of this thread, the innermost last: a lambda may call another function on arrays.
thread_local std::vector<recording> open;
thread_local std::vector<std::uint64_t> captured_numbers;

[[nodiscard]] recording& current() {
    if (open.empty()) throw value_error("fn: a value of a function is used outside of it");
    return open.back();
}

[[nodiscard]] bool is_product(const recording& r, tape_ref x) {
    return (x & ref_kind) == ref_instruction && r.code[x].code == op::multiply::code && is_floating(r.code[x].type) && std::ranges::find(r.apart, x) == r.apart.end();
}

/// Removes what the result does not need.
void prune(std::vector<tape_instruction>& code, tape_ref& result) {
    std::vector<char> needed(code.size(), 0);
    const auto need = [&](tape_ref r) {
        if ((r & ref_kind) == ref_instruction && !code.empty()) needed[r] = 1;
    };
    if ((result & ref_kind) == ref_instruction) need(result);
    for (std::size_t i = code.size(); i-- > 0;) {
        if (needed[i] == 0) continue;
        const tape_ref refs[3] = {code[i].a, code[i].b, code[i].c};
        for (std::size_t a = 0; a < base::operation_of(code[i].code).arity; ++a) need(refs[a]);
    }
    std::vector<tape_ref> now(code.size(), 0);
    std::vector<tape_instruction> kept;
    const auto rename = [&](tape_ref r) { return (r & ref_kind) == ref_instruction && !now.empty() ? now[r] : r; };
    for (std::size_t i = 0; i < code.size(); ++i) {
        if (needed[i] == 0) continue;
        tape_instruction x = code[i];
        const std::size_t arity = base::operation_of(x.code).arity;
        x.a = rename(x.a);
        if (arity > 1) x.b = rename(x.b);
        if (arity > 2) x.c = rename(x.c);
        now[i] = static_cast<tape_ref>(kept.size());
        kept.push_back(x);
    }
    if ((result & ref_kind) == ref_instruction) result = rename(result);
    code = std::move(kept);
}

/// The functions of one lambda type: one entry for each structure that its captures have given, and which of its constants have ever changed.
struct history {
    struct known {
        recording last;
        std::vector<tape_ref> results;
        std::vector<char> varies;
        std::vector<const tape*> tapes;
    };
    std::mutex mutex;
    std::vector<known> structures;
    std::vector<const tape*> kept;  // all tapes that were ever made
};

std::vector<const tape*> make_tapes(const recording& r, const tape_ref* results, const dtype* types, std::size_t count,
                                    const std::vector<char>& varies) {
    // Constants that vary become further numbers.
    std::vector<tape_ref> constant(r.constants.size());
    stored_tape base;
    base.arrays = r.arrays;
    base.scalars = r.scalars;
    for (std::size_t i = 0; i < r.constants.size(); ++i) {
        if (!varies.empty() && varies[i] != 0) {
            constant[i] = static_cast<tape_ref>(ref_scalar | base.scalars.size());
            base.scalars.push_back(r.constant_types[i]);
        } else {
            constant[i] = static_cast<tape_ref>(ref_constant | base.constants.size());
            base.constants.push_back(r.constants[i]);
            base.constant_types.push_back(r.constant_types[i]);
        }
    }
    const auto rename = [&](tape_ref x) { return (x & ref_kind) == ref_constant ? constant[x & ref_index] : x; };
    base.code = r.code;
    for (tape_instruction& x : base.code) {
        const std::size_t arity = base::operation_of(x.code).arity;
        x.a = rename(x.a);
        if (arity > 1) x.b = rename(x.b);
        if (arity > 2) x.c = rename(x.c);
    }
    std::vector<std::unique_ptr<stored_tape>> made;
    std::vector<const tape*> tapes;
    tapes.reserve(count);
    for (std::size_t k = 0; k < count; ++k) {
        stored_tape* const t = made.emplace_back(std::make_unique<stored_tape>()).get();
        t->code = base.code;
        t->arrays = base.arrays;
        t->scalars = base.scalars;
        t->constant_types = base.constant_types;
        t->constants = base.constants;
        tape_ref result = rename(results[k]);
        prune(t->code, result);
        for (const tape_instruction& x : t->code) {
            if (x.code == code_loop_state) throw value_error("loop: a value of the body is used outside of it: the states after the loop are what loop returns");
        }
        t->view.code = t->code.data();
        t->view.array_types = t->arrays.data();
        t->view.scalar_types = t->scalars.data();
        t->view.constants = t->constants.data();
        t->view.constant_types = t->constant_types.data();
        t->view.n_code = static_cast<std::uint16_t>(t->code.size());
        t->view.n_arrays = static_cast<std::uint16_t>(t->arrays.size());
        t->view.n_scalars = static_cast<std::uint16_t>(t->scalars.size());
        t->view.n_constants = static_cast<std::uint16_t>(t->constants.size());
        t->view.result = result;
        t->view.type = types[k];
        tapes.push_back(&t->view);
    }
    // Kept for good: nodes and hints point at them.
    for (std::unique_ptr<stored_tape>& t : made) static_cast<void>(t.release());
    return tapes;
}

[[nodiscard]] bool same_structure(const recording& a, const recording& b) {
    return a.code == b.code && a.arrays == b.arrays && a.scalars == b.scalars && a.constant_types == b.constant_types;
}

}  // namespace

void trace_begin(const dtype* arrays, std::size_t n_arrays, const dtype* scalars, std::size_t n_scalars) try {
    recording r;
    r.arrays.assign(arrays, arrays + n_arrays);
    r.scalars.assign(scalars, scalars + n_scalars);
    open.push_back(std::move(r));
} catch (const std::bad_alloc&) {
    throw_no_memory("fn");
}

void trace_abandon() noexcept { open.pop_back(); }

tape_ref trace_constant(dtype type, std::uint64_t bits) try {
    recording& r = current();
    // Equal literals are kept apart: one of them may be a captured number that changes.
    if (r.constants.size() >= ref_index) throw value_error("fn: more than 16383 constants");
    r.constants.push_back(bits);
    r.constant_types.push_back(type);
    return static_cast<tape_ref>(ref_constant | (r.constants.size() - 1));
} catch (const std::bad_alloc&) {
    throw_no_memory("fn");
}

void trace_apart(tape_ref product) try {
    recording& r = current();
    if (is_product(r, product)) r.apart.push_back(product);
} catch (const std::bad_alloc&) {
    throw_no_memory("fn");
}

tape_ref trace_instruction(std::uint16_t code, dtype type, tape_ref a, tape_ref b, tape_ref c) try {
    recording& r = current();
    if (r.code.size() >= ref_index) throw value_error("fn: more than 16383 operations");
    tape_instruction x{code, type, 0, a, b, c, 0};
    // The same contraction as in statements: the left product when both sides are products.
    const bool sum = code == op::add::code;
    if ((sum || code == op::subtract::code) && is_floating(type)) {
        if (is_product(r, a)) {
            x = {sum ? op::fma::code : op::fms::code, type, 1, r.code[a].a, r.code[a].b, b, 0};
        } else if (is_product(r, b)) {
            x = {sum ? op::fma::code : op::fnma::code, type, 1, r.code[b].a, r.code[b].b, a, 0};
        }
    }
    r.code.push_back(x);
    return static_cast<tape_ref>(ref_instruction | (r.code.size() - 1));
} catch (const std::bad_alloc&) {
    throw_no_memory("fn");
}

void trace_loop_begin(const dtype* types, std::size_t n_states, tape_ref* states) try {
    recording& r = current();
    if (r.loop_states > 0) throw value_error("loop: a loop within a loop is not supported");
    if (r.code.size() + n_states > ref_index) throw value_error("fn: more than 16383 operations");
    r.loop_at = r.code.size();
    r.loop_states = n_states;
    for (std::size_t k = 0; k < n_states; ++k) {
        states[k] = static_cast<tape_ref>(ref_instruction | r.code.size());
        r.code.push_back({.code = code_loop_state, .type = types[k], .number = static_cast<std::uint16_t>(k)});
    }
} catch (const std::bad_alloc&) {
    throw_no_memory("loop");
}

namespace {

/// Cuts a loop's body out of a recording: what needs a state, and is needed by the next states or the condition.
class loop_cutter {
public:
    explicit loop_cutter(const recording& r) : r_{r}, begin_{r.loop_at}, varies_(r.code.size() - begin_, 0), place_(varies_.size(), 0) {
        for (std::size_t i = begin_; i < r.code.size(); ++i) {
            varies_[i - begin_] = r.code[i].code == code_loop_state ? 1 : 0;
            each_operand(r.code[i], [&](tape_ref x) {
                if (varies(x)) varies_[i - begin_] = 1;
            });
        }
    }

    graph::loop_body cut(tape_ref condition, const tape_ref* next) {
        std::vector<char> needed(varies_.size(), 0);
        const auto need = [&](tape_ref x) {
            if (varies(x)) needed[x - begin_] = 1;
        };
        need(condition);
        for (std::size_t k = 0; k < r_.loop_states; ++k) need(next[k]);
        for (std::size_t i = r_.code.size(); i-- > begin_;) {
            if (needed[i - begin_] != 0) each_operand(r_.code[i], need);
        }
        for (std::size_t k = 0; k < r_.loop_states; ++k) body_.states.push_back(r_.code[begin_ + k].type);
        for (std::size_t i = begin_ + r_.loop_states; i < r_.code.size(); ++i) {
            if (needed[i - begin_] == 0) continue;
            tape_instruction x = r_.code[i];
            const base::operation_info& info = base::operation_of(x.code);
            if (info.divides && is_integer(x.type) && varies(x.b)) {
                throw value_error("loop: " + std::string(info.name) + ": an integer is divided by a value that changes in the loop, which cannot be known to be other than "
                                                                     "zero before: divide in floating point");
            }
            x.a = inside(x.a);
            if (info.arity > 1) x.b = inside(x.b);
            if (info.arity > 2) x.c = inside(x.c);
            place_[i - begin_] = static_cast<tape_ref>(ref_instruction | body_.code.size());
            body_.code.push_back(x);
        }
        body_.condition = inside(condition);
        for (std::size_t k = 0; k < r_.loop_states; ++k) body_.next.push_back(inside(next[k]));
        return std::move(body_);
    }

    /// What the body's captures are, outside.
    [[nodiscard]] const std::vector<tape_ref>& captures() const noexcept { return captures_; }

private:
    template <class F>
    static void each_operand(const tape_instruction& x, const F& f) {
        const tape_ref refs[3] = {x.a, x.b, x.c};
        for (std::size_t a = 0; a < base::operation_of(x.code).arity; ++a) f(refs[a]);
    }
    [[nodiscard]] bool varies(tape_ref x) const { return (x & ref_kind) == ref_instruction && x >= begin_ && varies_[x - begin_] != 0; }
    [[nodiscard]] tape_ref inside(tape_ref x) {
        if (varies(x)) return x < begin_ + r_.loop_states ? static_cast<tape_ref>(ref_array | (x - begin_)) : place_[x - begin_];
        std::size_t at = 0;
        while (at < captures_.size() && captures_[at] != x) ++at;
        if (at == captures_.size()) {
            captures_.push_back(x);
            const auto k = static_cast<std::size_t>(x & ref_index);
            body_.captures.push_back((x & ref_kind) == ref_array      ? r_.arrays[k]
                                     : (x & ref_kind) == ref_scalar   ? r_.scalars[k]
                                     : (x & ref_kind) == ref_constant ? r_.constant_types[k]
                                                                      : r_.code[k].type);
        }
        return static_cast<tape_ref>(ref_scalar | at);
    }

    const recording& r_;
    std::size_t begin_;
    std::vector<char> varies_;
    std::vector<tape_ref> place_;
    std::vector<tape_ref> captures_;
    graph::loop_body body_;
};

}  // namespace

void trace_loop_end(tape_ref limit, const tape_ref* initial, tape_ref condition, const tape_ref* next, tape_ref* results) try {
    const base::at_work working;
    recording& r = current();
    loop_cutter cutter{r};
    const graph::loop_body body = cutter.cut(condition, next);
    const auto add = [&](const tape_instruction& x) {
        if (r.code.size() >= ref_index) throw value_error("fn: more than 16383 operations");
        r.code.push_back(x);
        return static_cast<tape_ref>(ref_instruction | (r.code.size() - 1));
    };
    const auto list = [&](const tape_ref* refs, const std::vector<dtype>& types) {
        // Something has to stand for an empty list.
        if (types.empty()) return limit;
        tape_ref rest = refs[types.size() - 1];
        for (std::size_t i = types.size() - 1; i-- > 0;) rest = add({.code = code_list, .type = types[i], .a = refs[i], .b = rest});
        return rest;
    };
    const tape_ref begins = list(initial, body.states);
    const tape_ref uses = list(cutter.captures().data(), body.captures);
    const tape_ref whole = add({.code = code_loop, .type = body.states[0], .a = begins, .b = uses, .c = limit, .number = graph::number_of(body)});
    for (std::size_t k = 0; k < body.states.size(); ++k) {
        results[k] = add({.code = code_loop_part, .type = body.states[k], .a = whole, .number = static_cast<std::uint16_t>(k)});
    }
    r.loop_states = 0;
} catch (const std::bad_alloc&) {
    throw_no_memory("loop");
}

traced_function trace_end(const tape_ref* results, const dtype* types, std::size_t n_results, trace_history* lambda) try {
    const base::at_work working;
    recording r = std::move(open.back());
    open.pop_back();
    captured_numbers.clear();
    if (lambda == nullptr) {
        // Recorded once for each lambda, and kept for good.
        struct lasting {
            std::mutex mutex;
            std::deque<std::vector<const tape*>> lists;
        };
        static lasting* const all = new lasting;
        const std::lock_guard lock{all->mutex};
        std::vector<const tape*>& list = all->lists.emplace_back();
        try {
            list = make_tapes(r, results, types, n_results, {});
        } catch (...) {
            all->lists.pop_back();
            throw;
        }
        return {.results = list.data()};
    }
    auto* h = static_cast<history*>(lambda->state.load(std::memory_order_acquire));
    if (h == nullptr) {
        auto* const fresh = new history;
        void* expected = nullptr;
        if (lambda->state.compare_exchange_strong(expected, fresh, std::memory_order_acq_rel)) {
            h = fresh;
        } else {
            delete fresh;
            h = static_cast<history*>(expected);
        }
    }
    // The list of tapes may be replaced by another thread; this thread's copy lives until it records again.
    static thread_local std::vector<const tape*> mine;
    mine.reserve(n_results);
    captured_numbers.reserve(r.constants.size());
    const std::lock_guard lock{h->mutex};
    // Room for what may be added comes first: what has changed by half would be another function.
    h->structures.reserve(h->structures.size() + 1);
    h->kept.reserve(h->kept.size() + n_results);
    std::vector<tape_ref> refs(results, results + n_results);
    history::known* k = nullptr;
    for (history::known& x : h->structures) {
        if (same_structure(x.last, r) && x.results == refs) k = &x;
    }
    bool remake = k == nullptr;
    const auto is_new = [&](std::size_t i) { return k->varies[i] == 0 && k->last.constants[i] != r.constants[i]; };
    for (std::size_t i = 0; !remake && i < r.constants.size(); ++i) remake = is_new(i);
    if (remake) {
        std::vector<char> varies = k == nullptr ? std::vector<char>(r.constants.size(), 0) : k->varies;
        for (std::size_t i = 0; k != nullptr && i < r.constants.size(); ++i) {
            if (is_new(i)) varies[i] = 1;
        }
        // Tapes are kept for good, as nodes and hints point at them; there is one set for each constant that was found to vary.
        std::vector<const tape*> tapes = make_tapes(r, results, types, n_results, varies);
        h->kept.insert(h->kept.end(), tapes.begin(), tapes.end());
        if (k == nullptr) k = &h->structures.emplace_back(history::known{{}, std::move(refs), {}, {}});
        k->varies = std::move(varies);
        k->tapes = std::move(tapes);
    }
    for (std::size_t i = 0; i < r.constants.size(); ++i) {
        if (k->varies[i] != 0) captured_numbers.push_back(r.constants[i]);
    }
    k->last = std::move(r);
    mine = k->tapes;
    return {.results = mine.data(), .scalars = captured_numbers.data(), .n_scalars = captured_numbers.size()};
} catch (const std::bad_alloc&) {
    throw_no_memory("fn");
}

std::uint16_t trace_end_reduction(tape_ref result, dtype type, std::uint64_t identity) try {
    const base::at_work working;
    recording r = std::move(open.back());
    open.pop_back();
    prune(r.code, result);
    const auto view = [&](tape& t, const std::vector<tape_instruction>& code) {
        t.code = code.data();
        t.array_types = r.arrays.data();
        t.constants = r.constants.data();
        t.constant_types = r.constant_types.data();
        t.n_code = static_cast<std::uint16_t>(code.size());
        t.n_arrays = static_cast<std::uint16_t>(r.arrays.size());
        t.n_constants = static_cast<std::uint16_t>(r.constants.size());
        t.result = result;
        t.type = type;
    };
    tape looked_for;
    view(looked_for, r.code);
    return base::code_of_user_reduction(looked_for, identity, base::current_options().precision != precision::strict, [](const tape& t) -> const tape* {
        recording all;
        all.code.assign(t.code, t.code + t.n_code);
        all.arrays.assign(t.array_types, t.array_types + t.n_arrays);
        all.constants.assign(t.constants, t.constants + t.n_constants);
        all.constant_types.assign(t.constant_types, t.constant_types + t.n_constants);
        return make_tapes(all, &t.result, &t.type, 1, {}).front();
    });
} catch (const std::bad_alloc&) {
    throw_no_memory("reduce");
}

}  // namespace sinter::inline v1::detail
