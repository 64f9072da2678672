#include "plan/report.hpp"

#include "base/operation_table.hpp"
#include "graph/node.hpp"

#include <algorithm>
#include <string>

namespace sinter::inline v1 {

namespace detail::plan {

namespace {

[[nodiscard]] const char* kind_name(codegen::kernel_kind k) {
    switch (k) {
        case codegen::kernel_kind::map: return "map";
        case codegen::kernel_kind::row_reduce: return "row_reduce";
        default: return "column_reduce";
    }
}

/// The line of a captured statement, and its name if it has one.
[[nodiscard]] std::string source_of(const graph::capture& c, std::uint32_t captured) {
    const node& n = *c.nodes()[captured].n;
    std::string s = graph::source_line(n);
    if (!c.nodes()[captured].done && n.name != nullptr) s += (s.empty() ? "" : " ") + std::string("'") + n.name + "'";
    return s;
}

/// Kernels are meant by "#3#", counted from the plan's first.
[[nodiscard]] std::string numbered(std::string text, std::size_t first) {
    const std::size_t at = text.find('#');
    if (at == std::string::npos) return text;
    const std::size_t past = text.find('#', at + 1);
    return text.substr(0, at) + std::to_string(first + std::stoul(text.substr(at + 1, past - at - 1))) + text.substr(past + 1);
}

[[nodiscard]] decision_report told(const decision& d, const plan& p, const graph::capture& c, std::size_t first) {
    decision_report r;
    r.kind = name_of(d.kind);
    r.kernel = d.launch == no_launch ? -1 : static_cast<int>(first + d.launch);
    r.value = d.value < p.drawn.size() ? p.drawn[d.value].text : std::string{};
    r.source = source_of(c, d.captured);
    r.taken = d.taken;
    r.forced = d.forced;
    for (const option& o : d.options) r.options.push_back({numbered(o.name, first), o.seconds, numbered(o.refused, first)});
    return r;
}

/// Why a launch runs in a chain.
[[nodiscard]] std::string chain_reason(const chain& c, std::size_t first, std::size_t at) {
    const std::string unit = c.of == chain::unit::column ? "column" : c.of == chain::unit::row ? "row" : "element";
    std::string s = c.pipelined ? "runs side by side" : "runs in tiles of " + std::to_string(c.tile) + " " + unit + (c.tile == 1 ? "" : "s");
    s += std::string(" with kernel") + (c.past - c.first > 2 ? "s " : " ");
    std::size_t left = c.past - c.first - 1;
    for (std::size_t i = c.first; i < c.past; ++i) {
        if (i == at) continue;
        --left;
        s += std::to_string(first + i) + (left > 1 ? ", " : left == 1 ? " and " : "");
    }
    const int lag = c.lags[at - c.first];
    if (c.pipelined && lag > 0) s += ", " + std::to_string(lag) + (lag == 1 ? " row" : " rows") + " behind";
    return s + ": its " + unit + "s stay in L" + std::to_string(c.level);
}

/// The names of what each kernel computes: of what it stores, and of what is fused into it.
void name_kernels(plan_report& r, const plan& p, const graph::capture& c) {
    std::vector<char> met(c.nodes().size(), 0);
    const auto computes = [&](std::size_t launch, std::uint32_t captured) {
        const graph::captured_node& of = c.nodes()[captured];
        met[captured] = 1;
        if (of.done || of.n->name == nullptr) return;
        std::vector<std::string>& names = r.kernels[launch].names;
        if (std::find(names.begin(), names.end(), of.n->name) == names.end()) names.emplace_back(of.n->name);
    };
    const auto stores = [&](std::uint32_t slot, std::uint32_t captured) {
        for (std::size_t i = 0; i < p.launches.size(); ++i) {
            const launch& l = p.launches[i];
            for (std::size_t o = l.kernel.inputs.size(); o < l.places.size(); ++o) {
                if (!l.places[o].leaf && l.places[o].index == slot) computes(i, captured);
            }
        }
    };
    for (const stored& s : p.results) {
        if (!s.leaf) stores(s.index, s.captured);
    }
    for (std::uint32_t s = 0; s < p.slots.size(); ++s) {
        if (p.slots[s].from == slot::source::external) stores(s, p.slots[s].captured);
    }
    // The last value of a statement is its result.
    for (auto v = p.drawn.rbegin(); v != p.drawn.rend(); ++v) {
        if (v->launches.empty() || met[v->captured] != 0) continue;
        for (const std::uint32_t l : v->launches) computes(l, v->captured);
    }
}

}  // namespace

plan_report report(const plan& p, const graph::capture& c, std::size_t first) {
    plan_report r;
    r.peak_bytes = static_cast<double>(p.peak_bytes);
    r.predicted_seconds = p.predicted_seconds;
    for (std::size_t i = 0; i < p.launches.size(); ++i) {
        const launch& l = p.launches[i];
        kernel_report k;
        k.backend = backend_name(l.compiled_after > 0 && !l.in_background ? isa::portable : l.backend);
        k.kind = !l.kernel.loop.empty() ? "loop" : kind_name(l.lanes > 0 ? codegen::kernel_kind::row_reduce : l.kernel.kind);
        double flops = 0;
        // Counted from bodies over primitives, whatever the machine has instructions for.
        const machine on{};
        const auto count = [&](const std::vector<codegen::instruction>& code, double times) {
            for (const codegen::instruction& x : code) {
                if (x.code == codegen::code_gather) k.ops.emplace_back("take");
                if (x.code >= base::operation_codes) continue;
                const base::operation_info& info = base::operation_of(x.code);
                k.ops.emplace_back(info.name);
                const bool fused = x.code == 5 || x.code == 6 || x.code == 7;
                flops += times * (fused ? 2.0 : static_cast<double>(instructions_of(on, x.code, x.type)));
            }
        };
        count(l.kernel.code, 1);
        if (const codegen::iteration& loop = l.kernel.loop; !loop.empty()) {
            k.ops.emplace_back("loop");
            count(loop.body, likely_turns(loop.limit_param == codegen::iteration::no_param ? std::max<std::int64_t>(loop.limit, 0) : -1));
        }
        for (const codegen::output& x : l.kernel.outputs) {
            if (!x.accumulates()) continue;
            k.ops.push_back(std::string("accumulate ") + base::operation_of(x.scan).name);
            flops += 1;
        }
        for (const codegen::reduction& x : l.kernel.reductions) {
            k.ops.push_back(std::string(x.gives_index() ? "index of " : "reduce ") + base::operation_of(x.code).name + (x.adds_products() ? " products" : ""));
            flops += x.adds_products() ? 2 : 1;
        }
        std::string shape;
        for (const index_t e : l.outer) shape += std::to_string(e) + " x ";
        if (l.rows != 1 || !l.outer.empty()) shape += std::to_string(l.rows) + " x ";
        k.shape = shape + std::to_string(l.n);
        k.inputs = static_cast<int>(std::count_if(l.kernel.inputs.begin(), l.kernel.inputs.end(), [](const codegen::input& x) { return x.ahead == 0 && x.imag == 0; }));
        k.outputs = static_cast<int>(l.kernel.outputs.size() + l.kernel.reductions.size());
        k.outputs -= static_cast<int>(std::count_if(l.kernel.outputs.begin(), l.kernel.outputs.end(), [](const codegen::output& x) { return x.paired; }));
        k.bytes_read = l.does.bytes_read;
        k.bytes_written = l.does.bytes_written;
        k.flops = flops * l.does.elements;
        k.bound = l.predicted.memory_bound() ? "memory" : "compute";
        k.predicted_seconds = l.predicted.seconds;
        k.threads = l.threads;
        k.streaming = l.predicted.streaming;
        k.why = l.why;
        if (const std::size_t at = k.why.find('#'); at != std::string::npos) k.why.replace(at, 1, std::to_string(first + l.other));
        if (!l.apart.empty()) {
            k.why += "; " + l.apart;
            k.why.replace(k.why.find('#'), 1, std::to_string(first + l.apart_from));
        }
        for (const chain& x : p.chains) {
            if (x.first <= i && i < x.past) k.why += "; " + chain_reason(x, first, i);
        }
        k.source = graph::source_line(*c.nodes()[l.captured].n);
        for (const std::uint32_t from : l.after) r.flows.emplace_back(static_cast<int>(first + from), static_cast<int>(first + i));
        r.kernels.push_back(std::move(k));
    }
    name_kernels(r, p, c);
    for (const decision& d : p.decisions) r.decisions.push_back(told(d, p, c, first));
    std::stable_sort(r.decisions.begin(), r.decisions.end(), [](const auto& a, const auto& b) { return a.kernel < b.kernel; });
    for (const drawn_value& v : p.drawn) {
        value_report& into = r.values_after.emplace_back();
        into = {.text = v.text, .source = source_of(c, v.captured), .memory = v.memory, .reads = {v.reads.begin(), v.reads.end()}, .kernels = {}};
        for (const std::uint32_t l : v.launches) into.kernels.push_back(static_cast<int>(first + l));
    }
    return r;
}

void draw_recorded(plan_report& r, const graph::graph& g, const graph::capture& c) {
    for (graph::value_id i = 0; i < g.values.size(); ++i) {
        const graph::value& v = g.values[i];
        value_report& into = r.values_before.emplace_back();
        into = {.text = graph::describe(g, i), .source = source_of(c, v.captured), .memory = v.kind == graph::value_kind::leaf, .reads = {}, .kernels = {}};
        for (std::size_t a = 0; a < v.n_args; ++a) into.reads.push_back(static_cast<int>(v.args[a].value));
    }
}

}  // namespace detail::plan

}  // namespace sinter::inline v1
