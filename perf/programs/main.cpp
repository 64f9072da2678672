// sinter_programs: how far the planner's choice is from the best that it could have chosen, and its predictions from what is measured.
#include "trial.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <regex>
#include <stdexcept>

namespace {

using programs::trial;

struct options {
    bool list = false, ways = false, calibrate = false;
    std::string filter = ".*", json;
    std::string dot;
    double budget = 2.0;  // seconds for each program
    std::size_t most = 200;
    int threads = 0;
};

constexpr const char* usage =
    "sinter_programs [options]\n"
    "  --list           the programs, and what they are\n"
    "  --filter REGEX   only programs whose name matches in full\n"
    "  --threads N      at most so many (default: the library's)\n"
    "  --budget S       seconds of measurement for each program (default 2)\n"
    "  --most N         plans for each program (default 200)\n"
    "  --ways           the quickest plans of each program, by name\n"
    "  --dot PROGRAM    its plan for Graphviz, and nothing else\n"
    "  --calibrate      measure the machine first, for the cost model\n"
    "  --json FILE      all numbers for programs\n";

options parse(int argc, char** argv) {
    options o;
    for (int i = 1; i < argc; ++i) {
        const std::string a = argv[i];
        const auto value = [&]() -> std::string {
            if (i + 1 >= argc) throw std::invalid_argument(a + " needs a value");
            return argv[++i];
        };
        const auto positive = [&] {
            const std::string text = value();
            char* end = nullptr;
            const double x = std::strtod(text.c_str(), &end);
            if (end == text.c_str() || *end != '\0' || !(x > 0)) throw std::invalid_argument(a + ": not a positive number: " + text);
            return x;
        };
        if (a == "--list") o.list = true;
        else if (a == "--ways") o.ways = true;
        else if (a == "--calibrate") o.calibrate = true;
        else if (a == "--filter") o.filter = value();
        else if (a == "--dot") o.dot = value();
        else if (a == "--json") o.json = value();
        else if (a == "--budget") o.budget = positive();
        else if (a == "--most") o.most = static_cast<std::size_t>(positive());
        else if (a == "--threads") o.threads = static_cast<int>(positive());
        else throw std::invalid_argument("unknown option " + a + "\n" + usage);
    }
    return o;
}

double quantile(std::vector<double> v, double q) {
    if (v.empty()) return std::nan("");
    std::sort(v.begin(), v.end());
    const double at = q * static_cast<double>(v.size() - 1);
    const auto low = static_cast<std::size_t>(at);
    const std::size_t high = std::min(low + 1, v.size() - 1);
    return v[low] + (at - static_cast<double>(low)) * (v[high] - v[low]);
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// What reading the clock costs within a sample.
double clock_cost() {
    std::vector<double> each;
    for (int i = 0; i < 1000; ++i) {
        const auto start = std::chrono::steady_clock::now();
        each.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return quantile(each, 0.5);
}

struct result {
    std::string name;
    std::size_t plans = 0, kernels = 0;
    double predicted = 0, measured = 0, best = 0;
    double regret = 1;  // of the chosen plan's time over the best one's: the median of rounds
    std::string best_name = "chosen", wrong;
    std::vector<std::pair<double, std::string>> finalists;
    [[nodiscard]] double ratio() const { return measured / predicted; }
};

// One sample: the median of a few runs after some that leave in the caches what this plan does: the last cache of an Intel server takes six to learn that results are no
// longer stored past it.
double sample(const trial& t, const trial::way& w, double each, double clock) {
    for (int i = 0; i < 6; ++i) static_cast<void>(t.seconds(w));
    std::vector<double> runs;
    const double until = now() + each;
    do {
        runs.push_back(std::max(t.seconds(w) - clock, 1e-9));
    } while (runs.size() < 3 || (now() < until && runs.size() < 1000));
    return quantile(runs, 0.5);
}

result measure(const programs::program& p, const options& o) {
    const trial t(p.make(false), o.most);
    const auto& ways = t.ways();
    result r;
    r.name = p.name;
    r.plans = ways.size();
    r.kernels = ways[0].kernels;
    r.predicted = ways[0].predicted;
    const std::uint64_t bits = t.bits(ways[0]);
    for (const trial::way& w : ways) {
        if (t.bits(w) != bits) r.wrong += (r.wrong.empty() ? "" : " | ") + w.name;
    }
    const double clock = clock_cost();
    // A look at all, twice, so that a slow moment of the machine does not put a plan out of the running; then the best against the chosen one,
    // turn by turn.
    std::vector<double> looks(ways.size(), HUGE_VAL);
    const double share = o.budget / 4 / static_cast<double>(ways.size());
    for (int turn = 0; turn < 2; ++turn) {
        for (std::size_t i = 0; i < ways.size(); ++i) looks[i] = std::min(looks[i], sample(t, ways[i], std::min(share, 2e-3), clock));
    }
    std::vector<std::size_t> order;
    for (std::size_t i = 1; i < ways.size(); ++i) order.push_back(i);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return looks[a] < looks[b]; });
    if (order.size() > 5) order.resize(5);
    order.insert(order.begin(), 0);
    std::vector<std::vector<double>> samples(order.size());
    const double until = now() + o.budget / 2;
    for (std::size_t round = 0; round < 9 || (now() < until && round < 101); ++round) {
        for (std::size_t k = 0; k < order.size(); ++k) {
            const std::size_t i = (k + round) % order.size();
            samples[i].push_back(sample(t, ways[order[i]], 1e-3, clock));
        }
    }
    r.measured = r.best = quantile(samples[0], 0.5);
    for (std::size_t k = 0; k < order.size(); ++k) {
        std::vector<double> ratios;
        for (std::size_t i = 0; i < samples[k].size(); ++i) ratios.push_back(samples[0][i] / samples[k][i]);
        const double regret = quantile(ratios, 0.5);
        r.finalists.emplace_back(quantile(samples[k], 0.5), ways[order[k]].name);
        if (regret <= r.regret) continue;
        r.regret = regret;
        r.best = quantile(samples[k], 0.5);
        r.best_name = ways[order[k]].name;
    }
    return r;
}

std::string json_of(const std::vector<result>& all) {
    std::string s = "[";
    for (const result& r : all) {
        char text[256];
        std::snprintf(text, sizeof text, "%s\n {\"program\": \"%s\", \"plans\": %zu, \"kernels\": %zu, \"predicted\": %.6g, \"measured\": %.6g, \"best\": %.6g, \"regret\": %.4f, \"same_bits\": %s, ",
                      &r == all.data() ? "" : ",", r.name.c_str(), r.plans, r.kernels, r.predicted, r.measured, r.best, r.regret, r.wrong.empty() ? "true" : "false");
        s += text;
        s += "\"best_plan\": \"" + r.best_name + "\"}";
    }
    return s + "\n]\n";
}

int draw(const std::string& name) {
    for (const programs::program& p : programs::all_programs()) {
        if (p.name != name) continue;
        const programs::recorded r = p.make(false)();
        std::vector<sinter::detail::eval_root> roots;
        for (sinter::detail::node* const n : r.wanted()) roots.push_back({n, nullptr});
        std::cout << sinter::detail::explain_all(roots.data(), roots.size()).to_dot();
        return 0;
    }
    throw std::invalid_argument("--dot: there is no program " + name);
}

int run(const options& o) {
    const std::regex filter(o.filter);
    std::vector<result> all;
    if (o.calibrate) static_cast<void>(sinter::calibrate());
    const sinter::scoped_options limit{.threads = o.threads};
    std::printf("%-30s %5s %7s %12s %12s %6s %7s  %s\n", "program", "plans", "kernels", "predicted", "measured", "ratio", "regret", "best plan");
    for (const programs::program& p : programs::all_programs()) {
        if (!std::regex_match(p.name, filter)) continue;
        if (o.list) {
            std::printf("%-30s %s\n", p.name.c_str(), p.what.c_str());
            continue;
        }
        const result r = measure(p, o);
        std::printf("%-30s %5zu %7zu %9.3f us %9.3f us %6.2f %7.3f  %s\n", r.name.c_str(), r.plans, r.kernels, r.predicted * 1e6, r.measured * 1e6, r.ratio(), r.regret,
                    r.wrong.empty() ? r.best_name.c_str() : ("OTHER BITS: " + r.wrong).c_str());
        if (o.ways) {
            for (const auto& [seconds, name] : r.finalists) std::printf("    %9.3f us  %s\n", seconds * 1e6, name.c_str());
        }
        std::fflush(stdout);
        all.push_back(r);
    }
    if (o.list || all.empty()) return 0;
    std::vector<double> ratios;
    double within_two = 0, within_tenth = 0, worst = 1;
    bool same = true;
    for (const result& r : all) {
        ratios.push_back(r.ratio());
        within_two += r.ratio() >= 0.5 && r.ratio() <= 2 ? 1 : 0;
        within_tenth += r.regret <= 1.1 ? 1 : 0;
        worst = std::max(worst, r.regret);
        same = same && r.wrong.empty();
    }
    const auto count = static_cast<double>(all.size());
    std::printf("%zu programs: measured over predicted %.2f in the median, %.0f%% within a factor of 2; regret within 10%% in %.0f%%, %.2f at worst; %s\n", all.size(),
                quantile(ratios, 0.5), 100 * within_two / count, 100 * within_tenth / count, worst, same ? "the same bits from every plan" : "BITS DIFFER");
    if (!o.json.empty() && !(std::ofstream(o.json) << json_of(all))) throw std::runtime_error("cannot write " + o.json);
    return same ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const options o = parse(argc, argv);
        return o.dot.empty() ? run(o) : draw(o.dot);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 2;
    }
}
