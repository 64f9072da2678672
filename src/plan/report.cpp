#include "plan/report.hpp"

#include "base/operation_table.hpp"
#include "graph/node.hpp"

#include <algorithm>
#include <cstdio>

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

/// Why a launch runs in a chain.
[[nodiscard]] std::string chain_reason(const chain& c, std::size_t first, std::size_t at) {
    const std::string unit = c.columns ? "column" : "row";
    std::string s = "runs in tiles of " + std::to_string(c.tile) + " " + unit + (c.tile == 1 ? "" : "s") + " with kernel" + (c.past - c.first > 2 ? "s " : " ");
    std::size_t left = c.past - c.first - 1;
    for (std::size_t i = c.first; i < c.past; ++i) {
        if (i == at) continue;
        --left;
        s += std::to_string(first + i) + (left > 1 ? ", " : left == 1 ? " and " : "");
    }
    return s + ": its " + unit + "s stay in L" + std::to_string(c.level);
}

}  // namespace

plan_report report(const plan& p, const graph::capture& c, isa target, std::size_t first) {
    plan_report r;
    r.peak_bytes = static_cast<double>(p.peak_bytes);
    r.predicted_seconds = p.predicted_seconds;
    for (std::size_t i = 0; i < p.launches.size(); ++i) {
        const launch& l = p.launches[i];
        kernel_report k;
        k.backend = target == isa::portable ? "portable" : target == isa::avx2 ? "jit-avx2" : "jit-avx512";
        k.kind = kind_name(l.kernel.kind);
        double flops = 0;
        // Counted from bodies over primitives, whatever the machine has instructions for.
        const machine on{};
        for (const codegen::instruction& x : l.kernel.code) {
            if (x.code >= base::operation_codes) continue;
            const base::operation_info& info = base::operation_of(x.code);
            k.ops.emplace_back(info.name);
            const bool fused = x.code == 5 || x.code == 6 || x.code == 7;
            flops += fused ? 2.0 : static_cast<double>(instructions_of(on, x.code, x.type));
        }
        for (const codegen::reduction& x : l.kernel.reductions) {
            k.ops.push_back(std::string("reduce ") + base::operation_of(x.code).name);
            flops += 1;
        }
        std::string shape;
        for (const index_t e : l.outer) shape += std::to_string(e) + " x ";
        if (l.rows != 1 || !l.outer.empty()) shape += std::to_string(l.rows) + " x ";
        k.shape = shape + std::to_string(l.n);
        k.inputs = static_cast<int>(std::count_if(l.kernel.inputs.begin(), l.kernel.inputs.end(), [](const codegen::input& x) { return !x.ahead; }));
        k.outputs = static_cast<int>(l.kernel.outputs.size() + l.kernel.reductions.size());
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
        const node& n = *c.nodes()[l.captured].n;
        k.source = graph::source_line(n);
        if (!c.nodes()[l.captured].done && n.name != nullptr) k.source += (k.source.empty() ? "" : " ") + std::string("'") + n.name + "'";
        for (const std::uint32_t from : l.after) r.flows.emplace_back(static_cast<int>(first + from), static_cast<int>(first + i));
        r.kernels.push_back(std::move(k));
    }
    return r;
}

namespace {

[[nodiscard]] std::string number(double x) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", x);
    return text;
}

[[nodiscard]] std::string with_unit(double x, const char* const* units, double step) {
    int i = 0;
    while (x >= step && units[i + 1] != nullptr) {
        x /= step;
        ++i;
    }
    return number(x) + " " + units[i];
}

[[nodiscard]] std::string bytes(double x) {
    static const char* const units[] = {"B", "KiB", "MiB", "GiB", nullptr};
    return with_unit(x, units, 1024);
}

[[nodiscard]] std::string seconds(double x) {
    static const char* const units[] = {"ns", "us", "ms", "s", nullptr};
    return with_unit(x * 1e9, units, 1000);
}

[[nodiscard]] std::string joined(const std::vector<std::string>& list) {
    // Repeats are counted: "multiply, add x2".
    std::string s;
    for (std::size_t i = 0; i < list.size();) {
        std::size_t n = 1;
        while (i + n < list.size() && list[i + n] == list[i]) ++n;
        s += (s.empty() ? "" : ", ") + list[i] + (n > 1 ? " x" + std::to_string(n) : "");
        i += n;
    }
    return s.empty() ? "copy" : s;
}

[[nodiscard]] std::string quoted(const std::string& s) {
    std::string out = "\"";
    for (const char ch : s) {
        if (ch == '"' || ch == '\\') out += '\\';
        if (static_cast<unsigned char>(ch) < 0x20) {
            char text[8];
            std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(ch)));
            out += text;
        } else {
            out += ch;
        }
    }
    return out + "\"";
}

}  // namespace

}  // namespace detail::plan

using detail::plan::bytes;
using detail::plan::joined;
using detail::plan::number;
using detail::plan::quoted;
using detail::plan::seconds;

std::string plan_report::to_string() const {
    std::string s = std::to_string(kernels.size()) + (kernels.size() == 1 ? " kernel, " : " kernels, ") + seconds(predicted_seconds) +
                    " predicted, " + bytes(peak_bytes) + " of memory\n";
    for (std::size_t i = 0; i < kernels.size(); ++i) {
        const kernel_report& k = kernels[i];
        s += "  " + std::to_string(i) + "  " + k.backend + "  " + k.kind + "  " + k.shape + "  " + std::to_string(k.inputs) + " in, " +
             std::to_string(k.outputs) + " out  " + bytes(k.bytes_read) + " read, " + bytes(k.bytes_written) + " written  " + k.bound + "-bound  " +
             seconds(k.predicted_seconds) + "  " + std::to_string(k.threads) + (k.threads == 1 ? " thread" : " threads") +
             (k.streaming ? "  streaming" : "") + "\n";
        s += "       " + joined(k.ops) + "\n";
        s += "       because: " + k.why + (k.source.empty() ? "" : "   [" + k.source + "]") + "\n";
    }
    return s;
}

std::string plan_report::to_dot() const {
    std::string s = "digraph plan {\n  node [shape=box, fontname=\"sans-serif\"];\n";
    for (std::size_t i = 0; i < kernels.size(); ++i) {
        const kernel_report& k = kernels[i];
        s += "  k" + std::to_string(i) + " [label=" + quoted(k.kind + " " + k.shape + "\n" + joined(k.ops) + "\n" + seconds(k.predicted_seconds)) +
             "];\n";
    }
    for (const auto& [from, to] : flows) s += "  k" + std::to_string(from) + " -> k" + std::to_string(to) + ";\n";
    return s + "}\n";
}

std::string plan_report::to_json() const {
    std::string s = "{\"peak_bytes\": " + number(peak_bytes) + ", \"predicted_seconds\": " + number(predicted_seconds) + ", \"kernels\": [";
    for (std::size_t i = 0; i < kernels.size(); ++i) {
        const kernel_report& k = kernels[i];
        s += i == 0 ? "\n" : ",\n";
        s += "  {\"backend\": " + quoted(k.backend) + ", \"kind\": " + quoted(k.kind) + ", \"shape\": " + quoted(k.shape) + ", \"ops\": [";
        for (std::size_t o = 0; o < k.ops.size(); ++o) s += (o == 0 ? "" : ", ") + quoted(k.ops[o]);
        s += "], \"inputs\": " + std::to_string(k.inputs) + ", \"outputs\": " + std::to_string(k.outputs) +
             ", \"bytes_read\": " + number(k.bytes_read) + ", \"bytes_written\": " + number(k.bytes_written) + ", \"flops\": " + number(k.flops) +
             ", \"bound\": " + quoted(k.bound) + ", \"predicted_seconds\": " + number(k.predicted_seconds) +
             ", \"threads\": " + std::to_string(k.threads) + ", \"streaming\": " + (k.streaming ? "true" : "false") + ", \"why\": " + quoted(k.why) +
             ", \"source\": " + quoted(k.source) + "}";
    }
    s += "],\n \"flows\": [";
    for (std::size_t i = 0; i < flows.size(); ++i) {
        s += (i == 0 ? "" : ", ") + ("[" + std::to_string(flows[i].first) + ", " + std::to_string(flows[i].second) + "]");
    }
    return s + "]}\n";
}

std::string runtime_info::to_string() const {
    std::string s = "Sinter " + version + " on " + cpu + "\n";
    s += "  instruction set " + isa + ", " + std::to_string(threads) + (threads == 1 ? " thread, " : " threads, ") + std::to_string(numa_nodes) +
         (numa_nodes == 1 ? " NUMA node\n" : " NUMA nodes\n");
    s += "  caches " + bytes(static_cast<double>(l1_bytes)) + ", " + bytes(static_cast<double>(l2_bytes)) + ", " +
         bytes(static_cast<double>(l3_bytes)) + "; memory " + number(bandwidth_one_thread / 1e9) + " GB/s by one thread, " + number(bandwidth / 1e9) +
         " by all (as the cost model takes them)\n";
    s += "  built on " + libraries + "\n";
    s += "  kernels declined by the JIT: " + std::to_string(declined) + "\n";
    for (const std::string& r : declined_reasons) s += "    " + r + "\n";
    s += "  long pending chains computed early: " + std::to_string(segments) + "\n";
    return s;
}

}  // namespace sinter::inline v1
