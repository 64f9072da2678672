#include <sinter/report.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

// Reports in text: for people, for Graphviz, for programs.

namespace sinter::inline v1 {

namespace detail::plan {

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

/// With no more than the last folder of a file.
[[nodiscard]] std::string short_source(const std::string& s) {
    const std::size_t end = s.find(" '");
    const std::size_t slash = s.rfind('/', end == std::string::npos ? std::string::npos : end);
    return slash == std::string::npos ? s : s.substr(slash + 1);
}

[[nodiscard]] std::string padded(std::string s, std::size_t width) {
    s.resize(std::max(width, s.size()), ' ');
    return s;
}

/// A kernel's number left out of the reason that follows it: "needs the whole reduction of kernel 3".
/// Cells under one another, two blanks apart.
[[nodiscard]] std::vector<std::string> aligned(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::string> lines(rows.size());
    for (std::size_t c = 0; !rows.empty() && c < rows[0].size(); ++c) {
        std::size_t width = 0;
        for (const auto& row : rows) width = std::max(width, row[c].size());
        const bool last = c + 1 == rows[0].size();
        for (std::size_t r = 0; r < rows.size(); ++r) lines[r] += last ? rows[r][c] : padded(rows[r][c], width + 2);
    }
    return lines;
}

[[nodiscard]] std::string without_kernel(std::string reason, const std::string& kernel) {
    for (const auto& [what, instead] : {std::pair<std::string, const char*>{kernel + "'s", "its"}, {" of " + kernel, ""}, {kernel, "it"}}) {
        if (const std::size_t at = reason.find(what); at != std::string::npos) return reason.replace(at, what.size(), instead);
    }
    return reason;
}

[[nodiscard]] std::string compared(double there, double here) {
    if (there < 0 || here < 0) return "is not estimated";
    const double more = there - here;
    return "would take " + (std::abs(more) < 0.5e-9 ? "as long" : seconds(std::abs(more)) + (more > 0 ? " more" : " less"));
}

/// "a", "a and b", "a, b and c".
[[nodiscard]] std::string listed(const std::vector<std::string>& all, const char* last = " and ") {
    std::string s;
    for (std::size_t i = 0; i < all.size(); ++i) s += (i == 0 ? "" : i + 1 == all.size() ? last : ", ") + all[i];
    return s;
}

/// What is said of several things alike, in the order in which it first is.
struct saying {
    std::string what;
    std::vector<std::string> of;
};

void say(std::vector<saying>& all, const std::string& what, const std::string& of) {
    const auto known = std::find_if(all.begin(), all.end(), [&](const saying& x) { return x.what == what; });
    (known != all.end() ? *known : all.emplace_back(saying{what, {}})).of.push_back(of);
}

/// "kernel 3", "kernels 3 and 5", of such names.
[[nodiscard]] std::string kernels_of(std::vector<std::string> names) {
    constexpr std::string_view one = "kernel ";
    for (std::string& n : names) n = n.substr(std::min(one.size(), n.size()));
    return (names.size() > 1 ? "kernels " : "kernel ") + listed(names);
}

/// Why the taken option and not the others, a sentence each; what is said of several is said once.
[[nodiscard]] std::vector<std::string> sentences(const decision_report& d) {
    constexpr std::size_t most_refusals = 3;
    std::vector<std::string> all;
    const decision_report::option& taken = d.options[d.taken];
    const std::string asked = d.forced ? " (forced)" : "";
    std::vector<saying> others;
    if (d.kind == "fuse") {
        if (d.taken > 0) all.push_back("fused with " + taken.name + asked + ": alone it " + compared(d.options[0].seconds, taken.seconds));
        for (std::size_t i = 1; i < d.options.size(); ++i) {
            const decision_report::option& o = d.options[i];
            if (i == d.taken) continue;
            say(others, o.refused.empty() ? asked + ": there it " + compared(o.seconds, taken.seconds) : ": " + without_kernel(o.refused, o.name), o.name);
        }
        std::size_t refusals = 0, left = 0;
        for (const saying& x : others) {
            if (!x.what.starts_with(": there") && !x.what.starts_with(" (forced)") && ++refusals > most_refusals) {
                left += x.of.size();
            } else {
                all.push_back("not fused with " + kernels_of(x.of) + x.what);
            }
        }
        if (left > 0) all.push_back("nor with " + std::to_string(left) + (left > 1 ? " other kernels" : " other kernel"));
        return all;
    }
    std::string s = taken.name + asked;
    for (std::size_t i = 0; i < d.options.size(); ++i) {
        const decision_report::option& o = d.options[i];
        if (i != d.taken) say(others, o.refused.empty() ? compared(o.seconds, taken.seconds) : "is not possible, as " + o.refused, o.name);
    }
    for (std::size_t i = 0; i < others.size(); ++i) s += (i == 0 ? ": " : "; ") + listed(others[i].of, " or ") + " " + others[i].what;
    return {s};
}

/// Whether every way that was possible would have taken as long.
[[nodiscard]] bool makes_no_difference(const decision_report& d) {
    if (d.kind == "fuse" || d.forced) return false;
    const double taken = d.options[d.taken].seconds;
    return std::all_of(d.options.begin(), d.options.end(), [&](const auto& o) { return !o.refused.empty() || compared(o.seconds, taken) == compared(0, 0); });
}

/// "0-2, 5" of 0, 1, 2, 5 and 5; "-" of no kernel.
[[nodiscard]] std::string in_runs(std::vector<int> kernels) {
    if (kernels.back() < 0) return "-";
    std::erase_if(kernels, [](int k) { return k < 0; });
    kernels.erase(std::unique(kernels.begin(), kernels.end()), kernels.end());
    std::string s;
    for (std::size_t i = 0; i < kernels.size();) {
        std::size_t past = i + 1;
        while (past < kernels.size() && kernels[past] == kernels[past - 1] + 1) ++past;
        s += (s.empty() ? "" : ", ") + std::to_string(kernels[i]) + (past > i + 1 ? "-" + std::to_string(kernels[past - 1]) : "");
        i = past;
    }
    return s;
}

/// Decisions of which the same is said.
struct told_alike {
    const decision_report* first;
    std::string text;
    std::vector<int> kernels;
};

/// The decisions in columns: those that matter by kernel, then the others by what is said of them.
[[nodiscard]] std::string told(const std::vector<decision_report>& decisions) {
    constexpr std::size_t widest_kernels = 12;
    std::vector<told_alike> lines, alike;
    for (const decision_report& d : decisions) {
        const bool matters = !makes_no_difference(d);
        std::vector<told_alike>& into = matters ? lines : alike;
        for (std::string& text : sentences(d)) {
            const auto same = [&](const told_alike& l) {
                return l.text == text && l.first->kind == d.kind && (!matters || (l.first->value == d.value && l.first->source == d.source));
            };
            const auto known = std::find_if(into.rbegin(), into.rend(), same);
            told_alike& l = known != into.rend() ? *known : into.emplace_back(told_alike{&d, std::move(text), {}});
            l.kernels.push_back(d.kernel);
        }
    }
    // A long list stands behind.
    const auto number_of = [](const told_alike& l) {
        const std::string all = in_runs(l.kernels);
        return all.size() <= widest_kernels ? all : std::to_string(l.first->kernel) + " ...";
    };
    std::size_t widest_kernel = 2, widest_value = 0, widest_source = 0;
    for (const told_alike& l : lines) {
        widest_kernel = std::max(widest_kernel, number_of(l).size());
        widest_value = std::max(widest_value, l.first->value.size());
        widest_source = std::max(widest_source, short_source(l.first->source).size());
    }
    std::string s;
    for (const told_alike& l : lines) {
        const decision_report& d = *l.first;
        const bool often = l.kernels.size() > 1 && l.kernels.front() == l.kernels.back();
        const std::string number = number_of(l), all = in_runs(l.kernels);
        s += "  " + padded(number, widest_kernel + 2) + padded(d.kind, 9) + padded(d.value, widest_value + 2) + padded(short_source(d.source), widest_source + 2) +
             l.text + (often ? " (" + std::to_string(l.kernels.size()) + " times)" : "") + (number == all ? "" : "   [kernels " + all + "]") + "\n";
    }
    if (!alike.empty()) s += "what would make no difference, or is not possible:\n";
    for (const told_alike& l : alike) s += "  " + padded(l.first->kind, 9) + l.text + "   [" + (l.kernels.front() == l.kernels.back() ? "kernel " : "kernels ") + in_runs(l.kernels) + "]\n";
    return s;
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

using detail::plan::aligned;
using detail::plan::bytes;
using detail::plan::joined;
using detail::plan::number;
using detail::plan::quoted;
using detail::plan::seconds;
using detail::plan::short_source;
using detail::plan::told;

std::string plan_report::to_string() const {
    std::string s = std::to_string(kernels.size()) + (kernels.size() == 1 ? " kernel, " : " kernels, ") + seconds(predicted_seconds) + " predicted, " +
                    (measured_seconds > 0 ? seconds(measured_seconds) + " measured, " + std::to_string(page_faults) + " page faults, " : "") + bytes(peak_bytes) +
                    " of memory\n";
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < kernels.size(); ++i) {
        const kernel_report& k = kernels[i];
        rows.push_back({std::to_string(i), k.backend, k.kind, k.shape, std::to_string(k.inputs) + " in, " + std::to_string(k.outputs) + " out",
                        bytes(k.bytes_read) + " read, " + bytes(k.bytes_written) + " written", k.bound + "-bound", seconds(k.predicted_seconds),
                        std::to_string(k.threads) + (k.threads == 1 ? " thread" : " threads") + (k.streaming ? ", streaming" : "")});
    }
    const std::vector<std::string> lines = aligned(rows);
    for (std::size_t i = 0; i < kernels.size(); ++i) {
        const kernel_report& k = kernels[i];
        s += "  " + lines[i] + "\n";
        if (k.calls > 0) {
            const double once = k.measured_seconds / static_cast<double>(k.calls);
            const auto rate = [&](double of) { return number(of / once / 1e9); };
            s += "       measured: " + seconds(once) + (k.calls > 1 ? " each of " + std::to_string(k.calls) + " times" : "") + ", " +
                 number(once / k.predicted_seconds) + " of predicted, " + rate(k.bytes_read + k.bytes_written) + " GB/s, " + rate(k.flops) + " GFLOP/s" +
                 (k.passed_over > 0 ? ", " + number(k.passed_over / static_cast<double>(k.calls)) + " elements passed over" : "") + "\n";
        }
        s += "       " + joined(k.ops);
        for (std::size_t n = 0; n < k.names.size(); ++n) s += (n == 0 ? " -> '" : ", '") + k.names[n] + "'";
        s += "\n";
        s += "       because: " + k.why + (k.source.empty() ? "" : "   [" + k.source + "]") + "\n";
    }
    if (!decisions.empty()) s += "what was chosen, and what was not, by kernel:\n" + told(decisions);
    return s;
}

namespace {

/// Numbers have no boxes of their own: they stand where they are used.
[[nodiscard]] bool is_number(const value_report& v) { return !v.memory && v.reads.empty() && v.kernels.empty(); }

/// With line breaks as Graphviz has them.
[[nodiscard]] std::string quoted_label(const std::string& s) {
    std::string out = quoted(s);
    for (std::size_t at = out.find("\\u000a"); at != std::string::npos; at = out.find("\\u000a", at)) out.replace(at, 6, "\\n");
    return out;
}

/// With the numbers that it takes; the last value of a statement has its name.
[[nodiscard]] std::string label_of(std::size_t i, const std::vector<value_report>& all) {
    const value_report& v = all[i];
    std::string s = v.text;
    for (const int r : v.reads) {
        if (is_number(all[static_cast<std::size_t>(r)])) s += ", " + all[static_cast<std::size_t>(r)].text;
    }
    const std::size_t name = v.source.find('\'');
    const bool last = std::none_of(all.begin() + static_cast<std::ptrdiff_t>(i) + 1, all.end(), [&](const value_report& x) { return x.source == v.source && !is_number(x); });
    return name == std::string::npos || !last ? s : s + "\n" + v.source.substr(name);
}

[[nodiscard]] std::string box(const std::string& id, std::size_t i, const std::vector<value_report>& all) {
    const bool input = all[i].memory && all[i].reads.empty();
    return "    " + id + " [label=" + quoted_label(label_of(i, all)) + (input ? ", shape=cylinder" : all[i].memory ? ", penwidth=2" : "") + "];\n";
}

[[nodiscard]] std::string drawn_before(const std::vector<value_report>& all) {
    std::string s = "  subgraph cluster_recorded {\n    label=\"recorded\";\n    color=gray;\n";
    std::string edges;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (is_number(all[i])) continue;
        s += box("r" + std::to_string(i), i, all);
        for (const int r : all[i].reads) {
            if (!is_number(all[static_cast<std::size_t>(r)])) edges += "    r" + std::to_string(r) + " -> r" + std::to_string(i) + ";\n";
        }
    }
    return s + edges + "  }\n";
}

/// A value stands in each kernel that computes it.
[[nodiscard]] std::string drawn_after(const std::vector<value_report>& all, const std::vector<kernel_report>& kernels) {
    const auto id = [](int value, int kernel) { return "v" + std::to_string(value) + (kernel < 0 ? "" : "_" + std::to_string(kernel)); };
    std::string s = "  subgraph cluster_planned {\n    label=\"planned\";\n    color=gray;\n";
    std::string edges;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].kernels.empty() && !is_number(all[i])) s += box(id(static_cast<int>(i), -1), i, all);
    }
    for (std::size_t k = 0; k < kernels.size(); ++k) {
        const int here = static_cast<int>(k);
        s += "    subgraph cluster_k" + std::to_string(k) + " {\n    label=" +
             quoted("kernel " + std::to_string(k) + ": " + kernels[k].kind + " " + kernels[k].shape + ", " + seconds(kernels[k].predicted_seconds)) +
             ";\n    style=filled;\n    color=\"#dde8f4\";\n";
        for (std::size_t i = 0; i < all.size(); ++i) {
            const value_report& v = all[i];
            if (std::find(v.kernels.begin(), v.kernels.end(), here) == v.kernels.end()) continue;
            s += box(id(static_cast<int>(i), here), i, all);
            for (const int r : v.reads) {
                const value_report& from = all[static_cast<std::size_t>(r)];
                if (is_number(from)) continue;
                const bool inside = std::find(from.kernels.begin(), from.kernels.end(), here) != from.kernels.end();
                edges += "    " + id(r, inside ? here : from.kernels.empty() ? -1 : from.kernels.front()) + " -> " + id(static_cast<int>(i), here) + ";\n";
            }
        }
        s += "    }\n";
    }
    return s + edges + "  }\n";
}

}  // namespace

std::string plan_report::to_dot() const {
    return "digraph plan {\n  fontname=\"sans-serif\";\n  node [shape=box, style=\"filled\", fillcolor=white, fontname=\"sans-serif\"];\n" + drawn_before(values_before) +
           drawn_after(values_after, kernels) + "}\n";
}

std::string plan_report::to_json() const {
    std::string s = "{\"peak_bytes\": " + number(peak_bytes) + ", \"predicted_seconds\": " + number(predicted_seconds) +
                    (measured_seconds > 0 ? ", \"page_faults\": " + std::to_string(page_faults) : "") + ", \"kernels\": [";
    for (std::size_t i = 0; i < kernels.size(); ++i) {
        const kernel_report& k = kernels[i];
        s += i == 0 ? "\n" : ",\n";
        s += "  {\"backend\": " + quoted(k.backend) + ", \"kind\": " + quoted(k.kind) + ", \"shape\": " + quoted(k.shape) + ", \"ops\": [";
        for (std::size_t o = 0; o < k.ops.size(); ++o) s += (o == 0 ? "" : ", ") + quoted(k.ops[o]);
        s += "], \"names\": [";
        for (std::size_t n = 0; n < k.names.size(); ++n) s += (n == 0 ? "" : ", ") + quoted(k.names[n]);
        s += "], \"inputs\": " + std::to_string(k.inputs) + ", \"outputs\": " + std::to_string(k.outputs) +
             ", \"bytes_read\": " + number(k.bytes_read) + ", \"bytes_written\": " + number(k.bytes_written) + ", \"flops\": " + number(k.flops) +
             ", \"bound\": " + quoted(k.bound) + ", \"predicted_seconds\": " + number(k.predicted_seconds) +
             ", \"threads\": " + std::to_string(k.threads) + ", \"streaming\": " + (k.streaming ? "true" : "false") + ", \"why\": " + quoted(k.why) +
             ", \"source\": " + quoted(k.source) +
             (k.calls > 0 ? ", \"calls\": " + std::to_string(k.calls) + ", \"measured_seconds\": " + number(k.measured_seconds) +
                                ", \"passed_over\": " + number(k.passed_over) : "") + "}";
    }
    s += "],\n \"flows\": [";
    for (std::size_t i = 0; i < flows.size(); ++i) {
        s += (i == 0 ? "" : ", ") + ("[" + std::to_string(flows[i].first) + ", " + std::to_string(flows[i].second) + "]");
    }
    s += "],\n \"decisions\": [";
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        const decision_report& d = decisions[i];
        s += std::string(i == 0 ? "\n" : ",\n") + "  {\"kind\": " + quoted(d.kind) + ", \"kernel\": " + std::to_string(d.kernel) + ", \"value\": " + quoted(d.value) +
             ", \"source\": " + quoted(d.source) + ", \"taken\": " + std::to_string(d.taken) + ", \"forced\": " + (d.forced ? "true" : "false") + ", \"options\": [";
        for (std::size_t o = 0; o < d.options.size(); ++o) {
            s += (o == 0 ? "" : ", ") + ("{\"name\": " + quoted(d.options[o].name)) + ", \"seconds\": " + (d.options[o].seconds < 0 ? "null" : number(d.options[o].seconds)) +
                 ", \"refused\": " + quoted(d.options[o].refused) + "}";
        }
        s += "]}";
    }
    return s + "]}\n";
}

std::string runtime_info::to_string() const {
    std::string s = "Sinter " + version + " on " + cpu + "\n";
    s += "  instruction set " + isa + ", " + std::to_string(threads) + (threads == 1 ? " thread" : " threads") + " on processors " + processors + ", " + std::to_string(numa_nodes) +
         (numa_nodes == 1 ? " NUMA node\n" : " NUMA nodes\n");
    s += "  NUMA " + numa + ": " + (numa_shared == 1 ? "one node" : "shared by " + std::to_string(numa_shared) + " nodes") +
         (numa_note.empty() ? "" : "; " + numa_note) + "\n";
    s += "  caches " + bytes(static_cast<double>(l1_bytes)) + ", " + bytes(static_cast<double>(l2_bytes)) + ", " +
         bytes(static_cast<double>(l3_bytes)) + "; memory " + number(bandwidth_one_thread / 1e9) + " GB/s by one thread, " + number(bandwidth / 1e9) +
         " by all (as the cost model takes them)\n";
    s += "  machine: " + (measured.empty() ? std::string("defaults") : "measured on " + measured) + (machine_file.empty() ? "" : ", kept in " + machine_file) + "\n";
    if (!machine_note.empty()) s += "    " + machine_note + "\n";
    s += "  built on " + libraries + "\n";
    s += "  kernels declined by the JIT: " + std::to_string(declined) + "\n";
    for (const std::string& r : declined_reasons) s += "    " + r + "\n";
    s += "  long pending chains computed early: " + std::to_string(segments) + "\n";
    return s;
}

}  // namespace sinter::inline v1
