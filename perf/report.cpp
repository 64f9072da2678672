#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <sstream>
#include <vector>

#include "contenders.hpp"

namespace perf {

namespace {

template <class... Args>
std::string format(const char* pattern, Args... args) {
    char text[160];
    std::snprintf(text, sizeof text, pattern, args...);
    return text;
}

// Right-aligned in so many columns; wide texts push on rather than being cut.
std::string column(const std::string& text, std::size_t width) {
    return (text.size() < width ? std::string(width - text.size(), ' ') : " ") + text;
}

std::string ratio_text(double r) { return std::isfinite(r) && r > 0 ? format("%.2f", r) : "-"; }

std::string time_of(const timing* t) { return t == nullptr ? "-" : format_time(t->median()); }

std::string against(const timing* other, const timing* ours) {
    return other == nullptr || ours == nullptr ? "-" : ratio_text(ratio(*other, *ours));
}

const char* name(traffic kind) {
    return kind == traffic::read ? "read" : kind == traffic::write ? "write" : kind == traffic::copy ? "copy" : "triad";
}

}

std::string format_time(double s) {
    if (!(s > 0)) return "-";
    const char* unit = "ns";
    double v = s * 1e9;
    if (v >= 1000) { v /= 1000; unit = "us"; }
    if (v >= 1000) { v /= 1000; unit = "ms"; }
    return format(v < 10 ? "%.2f %s" : v < 100 ? "%.1f %s" : "%.0f %s", v, unit);
}

const timing* result::find(const std::string& wanted) const {
    for (const timing& t : timings)
        if (t.name == wanted) return &t;
    return nullptr;
}

const timing* result::limit() const {
    const timing *ordinary = find("limit"), *streaming = find("limit nt");
    const timing* const arithmetic = find("arithmetic");
    const timing* memory = ordinary;
    if (streaming != nullptr && ordinary != nullptr && (what->result_for_later || streaming->median() < ordinary->median())) memory = streaming;
    return memory != nullptr && arithmetic != nullptr && arithmetic->median() > memory->median() ? arithmetic : memory;
}

double result::of_limit(const timing& t) const {
    const timing* l = limit();
    if (l == nullptr) return std::nan("");
    return std::max(ratio(*l, t), compute_limit / t.median());
}

double result::over_predicted() const {
    const timing* ours = find("ours");
    return ours == nullptr || !(predicted > 0) ? std::nan("") : ours->median() / predicted;
}

double result::difference() const {
    double worst = std::nan("");
    for (const char* name : {"ours", "to"})
        if (const auto at = differences.find(name); at != differences.end()) worst = std::fmax(worst, at->second);
    return worst;
}

bool result::agrees(const std::string& name) const {
    const auto at = differences.find(name);
    return at == differences.end() || !(at->second > what->tolerance);
}

bool result::agrees() const {
    return std::all_of(differences.begin(), differences.end(), [&](const auto& d) { return agrees(d.first); });
}

prediction_summary predictions(const report& r) {
    prediction_summary s;
    std::vector<double> all;
    for (const result& q : r.results) {
        const double ratio = q.over_predicted();
        if (!std::isfinite(ratio)) continue;
        all.push_back(ratio);
        if (ratio >= 0.5 && ratio <= 2) s.within_two += 1;
    }
    s.count = all.size();
    if (all.empty()) return s;
    s.median = quantile_of(all, 0.5);
    s.within_two /= static_cast<double>(all.size());
    return s;
}

void print(std::ostream& o, const prediction_summary& s) {
    if (s.count == 0) return;
    o << format("measured over predicted, %zu results: median %.2f, %.0f%% between 0.5 and 2\n", s.count, s.median, 100 * s.within_two);
}

void print_header(std::ostream& o) {
    const bool dnnl = !dnnl_version().empty();
    o << "case                       size thr       ours         to       hand      eigen" << (dnnl ? "       dnnl" : "") << "      limit    GB/s |"
      << " of hand  to/hand | of limit to/limit | x eigen |" << (dnnl ? "  x dnnl |" : "") << "  predicted  ratio |  difference\n";
}

void print(std::ostream& o, const result& r) {
    const timing *ours = r.find("ours"), *to = r.find("to"), *hand = r.find("hand"), *dnnl = r.find("dnnl"), *limit = r.limit();
    const bool with_dnnl = !dnnl_version().empty();
    const timing* shown = ours != nullptr ? ours : hand;
    const std::string by = limit == nullptr ? " " : limit->name == "limit nt" ? "s" : limit->name == "arithmetic" ? "a" : " ";
    const bool computes = limit != nullptr && r.compute_limit > limit->median();
    const std::string limit_text = limit == nullptr ? "-" : computes ? format_time(r.compute_limit) + "f" : time_of(limit) + by;
    o << r.what->name << column(r.size.label(), 31 - r.what->name.size()) << column(format("%d", r.threads), 4) << column(time_of(ours), 11)
      << column(time_of(to), 11) << column(time_of(hand), 11) << column(time_of(r.find("eigen")), 11)
      << (with_dnnl ? column(time_of(dnnl), 11) : "") << column(limit_text, 11)
      << column(shown == nullptr ? "-" : format("%.1f", static_cast<double>(r.what->bytes(r.size)) / shown->median() / 1e9), 8) << " |"
      << column(against(hand, ours), 8) << column(against(hand, to), 9) << " |" << column(ours ? ratio_text(r.of_limit(*ours)) : "-", 9)
      << column(to ? ratio_text(r.of_limit(*to)) : "-", 9) << " |" << column(against(r.find("eigen"), ours), 8) << " |"
      << (with_dnnl ? column(r.agrees("dnnl") ? against(dnnl, ours) : "WRONG", 8) + " |" : "")
      << column(format_time(r.predicted), 11) << column(ratio_text(r.over_predicted()), 7) << " |"
      << column(std::isnan(r.difference()) ? "-" : format("%.1e%s", r.difference(), r.agrees("ours") && r.agrees("to") ? "" : " WRONG"), 12) << '\n';
    const timing *fresh = r.find("fresh"), *hand_fresh = r.find("hand fresh");
    if (fresh != nullptr || hand_fresh != nullptr)
        o << "  into fresh memory" << column("", 16) << column(time_of(fresh), 11) << column("", 11) << column(time_of(hand_fresh), 11)
          << column("", with_dnnl ? 41 : 30) << " |" << column(against(hand_fresh, fresh), 8) << column("", 9) << " |" << column("", 18) << " |" << column("", 8)
          << " |" << (with_dnnl ? column("", 8) + " |" : "") << column("", 18) << " |\n";
    o.flush();
}

void print(std::ostream& o, const std::vector<level>& levels) {
    o << "bandwidth, GB/s (bytes of the streams; no read for ownership counted)\n"
         "  working set  thr  kind   ordinary stores  streaming stores\n";
    for (const level& l : levels) {
        const std::size_t kib = l.bytes >> 10;
        const std::string set = kib >= 1024 ? format("%zu MiB", kib >> 10) : format("%zu KiB", kib);
        o << column(set, 13) << column(format("%d", l.threads), 5) << "  " << name(l.kind) << column(format("%.1f", l.ordinary * 1e-9), 22 - std::string(name(l.kind)).size())
          << column(l.streaming > 0 ? format("%.1f", l.streaming * 1e-9) : "-", 18) << '\n';
    }
    o.flush();
}

void print(std::ostream& o, const first_times& f) {
    o << "first_eval, " << f.what << ": the first of the process " << format_time(f.first) << "; new statements after it: median "
      << format_time(quantile_of(f.rest, 0.5)) << ", 10% " << format_time(quantile_of(f.rest, 0.1)) << ", 90% " << format_time(quantile_of(f.rest, 0.9))
      << ", worst " << format_time(quantile_of(f.rest, 1.0)) << " (" << f.rest.size() << " statements); the same again: " << format_time(f.again) << '\n';
    o.flush();
}

void write_json(std::ostream& o, const report& r) {
    const auto number = [](double v) { return std::isfinite(v) ? format("%.9g", v) : std::string("null"); };
    o << "{\n  \"peaks\": [";
    const char* comma = "";
    for (const auto& [threads, rate] : r.peaks) {
        o << comma << "{\"threads\": " << threads << ", \"flops_per_second\": " << number(rate) << "}";
        comma = ", ";
    }
    o << "],\n";
    if (const std::string version = dnnl_version(); !version.empty()) o << "  \"dnnl\": \"" << version << "\",\n";
    o << "  \"bandwidth\": [";
    comma = "";
    for (const level& l : r.levels) {
        o << comma << "\n    {\"kind\": \"" << name(l.kind) << "\", \"bytes\": " << l.bytes << ", \"threads\": " << l.threads
          << ", \"ordinary\": " << number(l.ordinary) << ", \"streaming\": " << (l.streaming > 0 ? number(l.streaming) : "null") << "}";
        comma = ",";
    }
    o << "],\n  \"first_eval\": [";
    comma = "";
    for (const first_times& f : r.firsts) {
        o << comma << "\n    {\"what\": \"" << f.what << "\", \"first\": " << number(f.first) << ", \"again\": " << number(f.again) << ", \"rest\": [";
        const char* inner = "";
        for (const double v : f.rest) {
            o << inner << number(v);
            inner = ", ";
        }
        o << "]}";
        comma = ",";
    }
    o << "],\n  \"results\": [";
    comma = "";
    for (const result& q : r.results) {
        o << comma << "\n    {\"case\": \"" << q.what->name << "\", \"rows\": " << q.size.rows << ", \"columns\": " << q.size.columns
          << ", \"threads\": " << q.threads << ", \"bytes\": " << q.what->bytes(q.size) << ", \"flops_per_element\": " << number(q.what->flops)
          << ", \"predicted\": " << (q.predicted > 0 ? number(q.predicted) : "null") << ", \"measured_over_predicted\": " << number(q.over_predicted())
          << ", \"difference\": " << number(q.difference()) << ", \"tolerance\": " << number(q.what->tolerance) << ",\n     \"contenders\": {";
        const timing* hand = q.find("hand");
        const char* inner = "";
        for (const timing& t : q.timings) {
            o << inner << "\n      \"" << t.name << "\": {\"median\": " << number(t.median()) << ", \"p25\": " << number(t.quantile(0.25)) << ", \"p75\": "
              << number(t.quantile(0.75)) << ", \"least\": " << number(t.quantile(0)) << ", \"samples\": " << t.samples.size() << ", \"repetitions\": "
              << t.repetitions << ", \"of_hand\": " << (hand ? number(ratio(*hand, t)) : "null") << ", \"of_limit\": " << number(q.of_limit(t));
            if (const auto d = q.differences.find(t.name); d != q.differences.end()) o << ", \"difference\": " << number(d->second);
            o << "}";
            inner = ",";
        }
        o << "}}";
        comma = ",";
    }
    const prediction_summary p = predictions(r);
    o << "],\n  \"predictions\": {\"count\": " << p.count << ", \"median\": " << (p.count > 0 ? number(p.median) : "null") << ", \"within_two\": "
      << (p.count > 0 ? number(p.within_two) : "null") << "},\n  \"machine\": {";
    comma = "";
    std::istringstream lines(r.machine);
    for (std::string key, value; lines >> key && std::getline(lines >> std::ws, value);) {
        o << comma << "\n    \"" << key << "\": \"" << value << '"';
        comma = ",";
    }
    o << "}\n}\n";
}

}
