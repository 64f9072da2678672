#include "base/borrowed_lock.hpp"
#include "base/operation_table.hpp"
#include "base/settings.hpp"
#include "base/system_file.hpp"
#include "graph/capture.hpp"
#include "graph/segment.hpp"
#include "plan/machine.hpp"
#include "plan/machine_text.hpp"
#include "plan/plan.hpp"
#include "plan/report.hpp"
#include "prepare.hpp"
#include "runtime/compile_later.hpp"
#include "runtime/execute.hpp"
#include "runtime/hint.hpp"
#include "runtime/kernel_cache.hpp"
#include "runtime/machine_file.hpp"
#include "runtime/machine_in_use.hpp"
#include "runtime/numa.hpp"
#include "runtime/place_steps.hpp"
#include "runtime/plan_cache.hpp"
#include "runtime/profiler.hpp"
#include "runtime/threads.hpp"
#include "runtime/topology.hpp"
#include "runtime/values.hpp"

#include <sinter/eval.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

// The way from statements to values: capture, lower, simplify, plan, compile, run.

namespace sinter::inline v1::detail {

namespace {

/// Those that were made for what the machine was taken for before. Kernels are as good as they were.
void forget_plans() {
    runtime::forget_hints();
    runtime::clear_plan_cache();
}

/// The plan for a signed capture: one that is known, or a new one.
[[nodiscard]] std::shared_ptr<const runtime::ready_plan> ready_plan_for(const graph::capture& c) {
    const bool cached = base::env().plan_cache;
    if (cached) {
        if (auto known = runtime::find_plan(c.signature())) return known;
    }
    runtime::note_new_plan(target_isa(), forget_plans);
    const bool log = base::env().log != base::log_level::off;
    const planned_graph simple = simplify(c);
    plan::request request = make_request(c);
    request.keep_decisions = log;
    planned p = make_plans(simple, request);
    if (log) {
        const std::string text = graph::to_string(simple.recorded) + "--\n" + graph::to_string(simple.simple) + "--\n" + plan::report(p.steps, c).to_string();
        std::fprintf(stderr, "%s\n", text.c_str());
    }
    std::shared_ptr<runtime::ready_plan> ready = runtime::make_ready(std::move(p.steps));
    if (!p.checks.launches.empty()) ready->checks = runtime::make_ready(std::move(p.checks));
    ready->divisors = std::move(p.divisors);
    if (cached) runtime::keep_plan(c.signature(), ready);
    if (ready->in_background) runtime::compile_later(ready);
    return ready;
}

/// The values that have to be computed, on the stack unless they are very many.
class wanted_roots {
public:
    wanted_roots(const eval_root* roots, std::size_t count) {
        if (count > few) many_.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            if (roots[i].out == nullptr ? roots[i].value->is_done() : roots[i].value->size == 0) continue;
            std::construct_at(data() + size_++, graph::capture::root{roots[i].value, roots[i].out != nullptr, roots[i].out});
        }
    }
    [[nodiscard]] graph::capture::root* data() noexcept { return many_.empty() ? reinterpret_cast<graph::capture::root*>(few_) : many_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    static constexpr std::size_t few = 8;

    // Roots that nobody asks for are not even cleared.
    alignas(graph::capture::root) std::byte few_[few * sizeof(graph::capture::root)];
    std::vector<graph::capture::root> many_;
    std::size_t size_ = 0;
};

}  // namespace

namespace {

void evaluate_wanted(wanted_roots& wanted, const eval_options& options, bool want_held) {
    const base::reading_arrays reading;
    const auto threads = static_cast<std::uint64_t>(runtime::allowed_threads());
    runtime::recent_plans recent;
    graph::capture c(want_held);
    std::shared_ptr<const runtime::ready_plan> found;
    const runtime::ready_plan* ready = recent.take(c, wanted.data(), wanted.size(), threads);
    if (ready == nullptr) {
        c.take(wanted.data(), wanted.size());
        c.sign(threads);
        found = ready_plan_for(c);
        ready = found.get();
        if (base::env().plan_cache) recent.remember(c, threads, found);
        if (wanted.size() == 1 && ready->compiled_after == 0) runtime::leave_hint(*ready, c, threads == 1);
    }
    if (const runtime::ready_plan& now = runtime::compiled_when_it_pays(*ready); &now != ready) {
        found = now.shared_from_this();
        ready = found.get();
        recent.replace(found);
        if (wanted.size() == 1) runtime::leave_hint(*ready, c, threads == 1);
    }
    if (options.max_bytes > 0 && ready->steps.peak_bytes > options.max_bytes) {
        throw memory_error("eval: " + std::to_string(ready->steps.peak_bytes) + " bytes are needed, max_bytes is " +
                           std::to_string(options.max_bytes));
    }
    if (runtime::active_profile() == nullptr) {
        runtime::run_checks(*ready, c);
        runtime::execute(*ready, c, wanted.data());
        return;
    }
    runtime::measurement measured(*ready, c);
    runtime::run_checks(*ready, c);
    runtime::execute(*ready, c, wanted.data(), measured.launches());
    measured.finish();
}

}  // namespace

void evaluate_all(const eval_root* roots, std::size_t count, const eval_options& options) try {
    wanted_roots wanted(roots, count);
    if (wanted.size() == 0) return;
    try {
        evaluate_wanted(wanted, options, false);
    } catch (const runtime::wrong_index& e) {
        e.tell();
    } catch (const memory_error& e) {
        throw memory_error(graph::where(*wanted.data()[0].n) + e.what());
    } catch (const std::bad_alloc&) {
        throw memory_error(graph::where(*wanted.data()[0].n) + "eval: no memory for the plan");
    }
} catch (const std::bad_alloc&) {
    throw_no_memory("eval");
}

void evaluate(node& n) try {
    while (!n.is_done()) {
        const base::reading_arrays reading;
        if (runtime::evaluate_by_hint(n)) return;
        const eval_root root{&n, nullptr};
        evaluate_all(&root, 1, {});
    }
} catch (const std::bad_alloc&) {
    throw_no_memory("eval");
}

namespace {

/// An error's text with a line in front, unless it has one.
[[nodiscard]] std::string with_place(const char* text, source where) {
    const std::string_view all{text}, first = all.substr(0, all.find(": "));
    const std::size_t digits = first.find_last_not_of("0123456789");
    const bool has_line = digits != std::string_view::npos && digits + 1 < first.size() && first[digits] == ':';
    return has_line ? text : detail::text_of_place(where) + text;
}

}  // namespace

void tell_place(source where) try {
    try {
        throw;
    } catch (const value_error& e) {
        throw value_error(with_place(e.what(), where));
    } catch (const index_error& e) {
        throw index_error(with_place(e.what(), where));
    }
} catch (const std::bad_alloc&) {
    throw_no_memory("eval");
}

void evaluate_at(node& n, source where) try {
    evaluate(n);
} catch (const error&) {
    tell_place(where);
}

void evaluate_all_at(const eval_root* roots, std::size_t count, const eval_options& options, source where) try {
    evaluate_all(roots, count, options);
} catch (const error&) {
    tell_place(where);
}

void graph::compute_segment(node& n) noexcept try {
    const eval_root root{&n, nullptr};
    wanted_roots wanted(&root, 1);
    if (wanted.size() > 0) evaluate_wanted(wanted, {}, true);
} catch (...) {
    // Whatever it is, the statement that asks for a value will meet it again, and name itself.
}

plan_report explain_all(const eval_root* roots, std::size_t count) try {
    wanted_roots wanted(roots, count);
    if (wanted.size() == 0) return {};
    const base::reading_arrays reading;
    const graph::capture c(wanted.data(), wanted.size());
    const planned_graph simple = simplify(c);
    plan::request request = make_request(c);
    request.keep_decisions = true;
    const planned p = make_plans(simple, request);
    plan_report r = plan::report(p.steps, c, p.checks.launches.size());
    plan::draw_recorded(r, simple.recorded, c);
    plan_report first = plan::report(p.checks, c);
    for (kernel_report& k : first.kernels) {
        k.why = "looks for zero divisors and wrong indices before anything is stored";
        k.names.clear();
    }
    r.kernels.insert(r.kernels.begin(), first.kernels.begin(), first.kernels.end());
    r.predicted_seconds += first.predicted_seconds;
    if (runtime::shares_nodes()) {
        for (const auto& [steps, number] : {std::pair{&p.checks, std::size_t{0}}, {&p.steps, p.checks.launches.size()}}) {
            for (decision_report& d : runtime::told_places(*steps, c, number)) {
                d.source = r.kernels[static_cast<std::size_t>(d.kernel)].source;
                r.decisions.push_back(std::move(d));
            }
        }
        std::ranges::stable_sort(r.decisions, {}, &decision_report::kernel);
    }
    r.graph_before = graph::to_string(simple.recorded);
    r.graph_after = graph::to_string(simple.simple);
    return r;
} catch (const std::bad_alloc&) {
    throw_no_memory("explain");
}

namespace {

/// Writes into memory that is the user's. Whoever else still looks at it keeps the old values.
void write_through(handle& target, const index_map& region, edge value) {
    // The value as it is before anything is written, in the region's shape.
    node* const whole = record_view(value.release(), nullptr, 0, {});
    edge v{whole};
    evaluate(*v);
    const base::writing_borrowed writing;
    // The same memory may also have been borrowed to be read.
    if (runtime::may_overlap(*v, *target)) {
        const handle apart{allocate_node(v->type, v->shape())};
        runtime::copy_elements(*v, apart->data, apart->stride);
        v = edge::share(apart.get());
    }
    // The value broadcasts to the region.
    const index_map spread = graph::broadcast_map(v->shape(), region.space);
    index_t from[max_rank] = {};
    for (std::size_t d = 0; d < v->rank; ++d) {
        if (spread[d].axis >= 0) from[spread[d].axis] = v->stride[d];
    }
    node* const seen = graph::new_leaf(v->type, region.space, from, v->data, v->memory);
    seen->refs.store(node::one_edge, std::memory_order_relaxed);
    const edge guard{seen};
    runtime::detach_readers(target);
    const node& at = *target;
    index_t strides[max_rank] = {};
    index_t offset = 0;
    for (std::size_t d = 0; d < region.source_rank; ++d) {
        offset += region[d].offset * at.stride[d];
        if (region[d].axis >= 0) strides[region[d].axis] += region[d].step * at.stride[d];
    }
    runtime::copy_elements(*seen, at.data + offset * static_cast<index_t>(size_of(at.type)), strides);
}

}  // namespace

void assign_view(handle& target, bool in_place, const index_item* items, std::size_t count, node* value, source where) try {
    edge v{value};
    if (in_place && target->is_done() && target->borrowed_writable) {
        const index_map region = graph::view_map(target->shape(), items, count);
        write_through(target, region, graph::value_for(std::move(v), region.space));
        return;
    }
    node* const n = graph::record_update(edge::share(target.get()), std::move(v), items, count, where);
    target = handle{n};
    // Not before: what the old value was may be written over.
    graph::note_depth(*n);
} catch (const std::bad_alloc&) {
    throw_no_memory("assignment");
}

}  // namespace sinter::inline v1::detail

namespace sinter::inline v1 {

void set_threads(int n) try {
    detail::runtime::set_threads(n);
} catch (const std::bad_alloc&) {
    detail::throw_no_memory("set_threads");
}

runtime_info about() try {
    detail::runtime::finish_compiling();
    const detail::base::at_work working;
    const detail::plan::machine& m = detail::target_machine();
    const detail::runtime::cache_counts counts = detail::runtime::kernel_cache_counts();
    runtime_info i;
    i.version = SINTER_VERSION;
    i.isa = detail::plan::name_of(detail::target_isa());
    i.cpu = detail::plan::processor_name();
    i.threads = detail::runtime::allowed_threads();
    i.processors = detail::base::list_of(detail::runtime::host_processors().cpus);
    i.numa_nodes = detail::plan::numa_nodes();
    detail::runtime::numa_facts numa = detail::runtime::numa_report();
    i.numa = std::move(numa.mode);
    i.numa_shared = numa.nodes;
    i.numa_note = std::move(numa.note);
    i.l1_bytes = m.l1.bytes;
    i.l2_bytes = m.l2.bytes;
    i.l3_bytes = m.l3.bytes;
    i.bandwidth_one_thread = m.memory_bandwidth_one;
    i.bandwidth = m.memory_bandwidth_all;
    i.libraries = SINTER_LIBRARIES;
    i.segments = detail::graph::segments_computed();
    i.declined = counts.declined;
    i.declined_reasons = counts.reasons;
    i.measured = m.measured;
    i.machine = detail::plan::to_text(m);
    i.machine_file = m.measured.empty() ? std::string{} : detail::runtime::machine_file(m);
    i.machine_note = detail::runtime::machine_note();
    return i;
} catch (const std::bad_alloc&) {
    detail::throw_no_memory("about");
}

runtime_info calibrate() try {
    {
        const detail::base::at_work working;
        detail::runtime::check_cache_folder(detail::target_isa());
        detail::runtime::measure_machine(detail::target_isa());
        detail::forget_plans();
    }
    return about();
} catch (const std::bad_alloc&) {
    detail::throw_no_memory("calibrate");
}

void calibrate_in_background(double after_seconds) try {
    if (!std::isfinite(after_seconds) || after_seconds < 0) {
        throw value_error("calibrate_in_background: after_seconds is " + std::to_string(after_seconds) + ", not a time");
    }
    const detail::base::at_work working;
    detail::runtime::measure_later(after_seconds);
} catch (const std::bad_alloc&) {
    detail::throw_no_memory("calibrate_in_background");
}

std::vector<operation_report> operations() {
    std::vector<operation_report> all;
    for (const detail::base::operation_info& o : detail::base::operations()) {
        if (o.name == nullptr || o.assisted || o.looser) continue;
        const detail::base::operation_info& fast = detail::base::operation_of(o.fast);
        all.push_back({.name = o.name,
                       .arity = o.arity,
                       .primitive = o.primitive,
                       .floating_only = o.rule == detail::type_rule::floating,
                       .integer_only = o.rule == detail::type_rule::integer || o.rule == detail::type_rule::integral,
                       .ulp = o.ulp,
                       .ulp_double = o.ulp_double,
                       .fast_ulp = fast.ulp,
                       .fast_ulp_double = fast.ulp_double});
    }
    return all;
}

cache_stats kernel_cache_view::stats() const try {
    detail::runtime::finish_compiling();
    const detail::base::at_work working;
    const detail::runtime::cache_counts k = detail::runtime::kernel_cache_counts();
    const detail::runtime::plan_counts p = detail::runtime::plan_cache_counts();
    return {.kernels = k.kernels,
            .code_bytes = k.code_bytes,
            .hits = k.hits + p.hits,
            .misses = k.misses,
            .plans = p.plans,
            .plan_hits = p.hits,
            .plan_misses = p.misses,
            .compile_seconds = k.compile_seconds,
            .in_background = detail::runtime::compiled_in_background()};
} catch (const std::bad_alloc&) {
    detail::throw_no_memory("stats");
}

void kernel_cache_view::clear() const try {
    detail::runtime::finish_compiling();
    const detail::base::at_work working;
    detail::runtime::forget_hints();
    detail::runtime::clear_plan_cache();
    detail::runtime::clear_kernel_cache();
} catch (const std::bad_alloc&) {
    detail::throw_no_memory("clear");
}

}  // namespace sinter::inline v1
