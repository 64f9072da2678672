#include "prepare.hpp"

#include "base/settings.hpp"
#include "passes/passes.hpp"
#include "plan/machine.hpp"
#include "runtime/machine_in_use.hpp"
#include "runtime/threads.hpp"

#include <sinter/detail/error.hpp>

#include <algorithm>
#include <string>

namespace sinter::inline v1::detail {

/// The instruction set that kernels are made for.
plan::isa target_isa() {
    static const plan::isa chosen = [] {
        const base::environment& e = base::env();
        const auto wanted = static_cast<plan::isa>(e.isa);
#if SINTER_HAVE_JIT
        const plan::isa best = plan::host().best;
        if (e.isa_given && wanted > best) {
            throw settings_error(std::string("SINTER_ISA=") + plan::name_of(wanted) + ", but this machine has " + plan::name_of(best));
        }
        return std::min(wanted, best);
#else
        if (e.isa_given && wanted != plan::isa::portable) {
            throw settings_error(std::string("SINTER_ISA=") + plan::name_of(wanted) + ", but this library was built without the JIT");
        }
        return plan::isa::portable;
#endif
    }();
    return chosen;
}

const plan::machine& target_machine() { return runtime::machine_in_use(target_isa()); }

plan::request make_request(const graph::capture& c) {
    plan::request r;
    r.target = &target_machine();
    r.max_threads = runtime::allowed_threads();
    r.chains = static_cast<plan::chaining>(base::env().chains);
    r.compiling = base::env().compile;
    if (r.max_threads == 1) {
        r.no_background = "one thread is allowed";
    } else if (!base::env().plan_cache) {
        r.no_background = "no plan is kept that it could be made for";
    } else if (base::env().log == base::log_level::assembly) {
        r.no_background = "code is shown as it is made";
    }
    for (const graph::captured_node& n : c.nodes()) {
        plan::request::node_facts f;
        f.sole = n.sole;
        f.external = n.external;
        f.wanted_before = n.wanted_before;
        if (n.done) {
            f.contiguous = n.n->contiguous;
            f.borrowed = n.n->borrowed_writable;
            f.strides = extents(std::span<const index_t>(n.n->stride, n.n->rank));
            f.memory = reinterpret_cast<std::uintptr_t>(n.n->memory);
            f.address = reinterpret_cast<std::uintptr_t>(n.n->data);
        }
        r.nodes.push_back(f);
    }
    return r;
}

planned_graph simplify(const graph::capture& c) {
    planned_graph g;
    g.recorded = graph::lower(c);
    g.simple = passes::simplify(g.recorded);
    return g;
}

planned make_plans(const planned_graph& g, const plan::request& request) {
    if (g.simple.checks.empty()) return {.steps = plan::make_plan(g.simple, request), .checks = {}, .divisors = g.simple.divisors};
    planned p;
    p.divisors = g.simple.divisors;
    graph::graph checks = g.simple;
    checks.roots = std::move(checks.checks);
    checks.checks.clear();
    checks.held.clear();
    plan::request first = request;
    first.forced.clear();
    first.keep_decisions = false;
    // Nothing is written over, and nothing goes to the user's memory.
    for (plan::request::node_facts& f : first.nodes) f.sole = f.external = false;
    p.checks = plan::make_plan(passes::drop_dead(checks), first);
    graph::graph rest = g.simple;
    rest.checks.clear();
    p.steps = plan::make_plan(passes::drop_dead(rest), request);
    return p;
}

}  // namespace sinter::inline v1::detail
