// sinter_perf: what Sinter reaches, against the hardware's limit, loops written by hand, Eigen, and oneDNN where there is one.
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>
#include <stdexcept>

#include <sinter/sinter.hpp>

#include "contenders.hpp"
#include "first_eval.hpp"
#include "report.hpp"

namespace {

using namespace perf;

struct options {
    bool list = false, quick = false, help = false, calibrate = true;
    std::string filter = ".*", json;
    std::vector<int> threads{1};
    std::vector<std::string> sizes;
    std::size_t first_evaluations = 0;      // what the program calls itself with, to have a process of its own
};

constexpr const char* usage =
    "sinter_perf [options]\n"
    "  --list             the cases, and what they are\n"
    "  --filter REGEX     only cases whose name matches in full, such as 'axpy|dot' or 'axpy16.*'; also 'bandwidth' and 'first_eval'\n"
    "  --threads N[,M]    measure with N threads, then with M (default 1)\n"
    "  --sizes S[,S]      only these sizes: 16, '4Ki', '64Ki', '1Mi', '32Mi', '64Mi', '4096x1024', ...\n"
    "  --json FILE        all numbers for programs\n"
    "  --defaults         predictions from the cost model's defaults, instead of measuring the machine first\n"
    "  --quick            fewer samples: for a look, not for a claim\n";

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> out;
    std::stringstream s(text);
    for (std::string part; std::getline(s, part, ',');) out.push_back(part);
    return out;
}

options parse(int argc, char** argv) {
    options o;
    for (int i = 1; i < argc; ++i) {
        const std::string a = argv[i];
        const auto value = [&]() -> std::string {
            if (i + 1 >= argc) throw std::invalid_argument(a + " needs a value");
            return argv[++i];
        };
        const auto positive = [&](const std::string& text) {
            std::size_t used = 0;
            int n = 0;
            try {
                n = std::stoi(text, &used);
            } catch (const std::logic_error&) {
            }
            if (n < 1 || used != text.size()) throw std::invalid_argument(a + ": not a positive number: " + text);
            return n;
        };
        if (a == "--list") o.list = true;
        else if (a == "--quick") o.quick = true;
        else if (a == "--defaults") o.calibrate = false;
        else if (a == "--help" || a == "-h") o.help = true;
        else if (a == "--filter") o.filter = value();
        else if (a == "--json") o.json = value();
        else if (a == "--sizes") o.sizes = split(value());
        else if (a == "--first-evaluations") o.first_evaluations = static_cast<std::size_t>(positive(value()));
        else if (a == "--threads") {
            o.threads.clear();
            for (const std::string& n : split(value())) o.threads.push_back(positive(n));
            if (o.threads.empty()) throw std::invalid_argument("--threads needs a value");
        } else throw std::invalid_argument("unknown option " + a);
    }
    return o;
}

bool wanted(const options& o, const std::string& name) { return std::regex_match(name, std::regex(o.filter)); }

bool wanted(const options& o, const extent& e) {
    if (o.sizes.empty()) return true;
    std::string label = e.label();
    std::erase(label, ' ');
    return std::find(o.sizes.begin(), o.sizes.end(), label) != o.sizes.end();
}

double largest_difference(const std::vector<float>& ours, const std::vector<float>& hand) {
    if (ours.size() != hand.size()) return HUGE_VAL;
    // What is nearly nothing beside the others comes of subtractions, which leave only roundings.
    double mean = 0;
    for (const float b : hand) mean += std::abs(static_cast<double>(b)) / static_cast<double>(hand.size());
    const double least = std::max(1e-3 * mean, 1e-6);
    double worst = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        const double a = ours[i], b = hand[i];
        const double d = std::abs(a - b) / std::max(std::abs(b), least);
        // A NaN must not pass for agreement.
        if (!(d <= worst)) worst = std::isnan(d) ? HUGE_VAL : d;
    }
    return worst;
}

settings settings_for(const options& o, int threads) {
    settings s;
    // After another pool has run, two threads can share one core for milliseconds.
    if (threads > 1) s.least_warm_up = 10e-3;
    if (o.quick) {
        s.samples = 7;
        s.budget = 1.0;
    }
    return s;
}

result run(const case_info& c, const extent& e, int threads, double peak, const inputs& in, const options& o) {
    const problem p = in.make(c, e, threads);
    std::vector<contender> all;
    add_ours(p, all);
    add_hand(p, all);
    add_limit(p, all);
    add_eigen(p, all);
    add_dnnl(p, all);
    result r;
    r.what = &c;
    r.size = e;
    r.threads = threads;
    r.timings = measure(all, settings_for(o, threads));
    if (peak > 0) r.compute_limit = c.flops * static_cast<double>(p.n()) / peak;
    for (const contender& k : all) {
        if (!k.predicted) continue;
        if (k.enter) k.enter();
        r.predicted = k.predicted();
        if (k.leave) k.leave();
    }
    std::vector<float> hand;
    for (const contender& k : all) {
        if (k.name != "hand" || !k.result) continue;
        if (k.enter) k.enter();
        hand = k.result();
        if (k.leave) k.leave();
    }
    for (const contender& k : all) {
        if (k.name == "hand" || !k.result || hand.empty()) continue;
        if (k.enter) k.enter();
        r.differences[k.name] = largest_difference(k.result(), hand);
        if (k.leave) k.leave();
    }
    return r;
}

std::vector<level> bandwidth(int threads, const options& o) {
    constexpr std::size_t Ki = 1024, Mi = Ki * Ki;
    std::vector<level> out;
    for (const std::size_t bytes : {16 * Ki, 256 * Ki, 2 * Mi, 8 * Mi, 384 * Mi}) {
        for (const traffic kind : {traffic::read, traffic::copy, traffic::triad}) {
            problem p;
            p.size = {1, bytes / 4};
            p.threads = threads;
            p.bytes = bytes;
            p.kind = kind;
            std::vector<contender> all;
            add_limit(p, all);
            if (all.empty()) return {};
            settings s = settings_for(o, threads);
            s.samples = std::min(s.samples, 9);
            const std::vector<timing> t = measure(all, s);
            const double b = static_cast<double>(bytes);
            out.push_back({kind, bytes, threads, b / t[0].median(), t.size() > 1 ? b / t[1].median() : 0});
        }
    }
    return out;
}

// The first evaluation of a process can be had once a process.
first_times first_evaluations_elsewhere(std::size_t elements) {
    std::array<char, 4096> self{};
    if (readlink("/proc/self/exe", self.data(), self.size() - 1) < 0) throw std::runtime_error("cannot find this program");
    const std::string command = "SINTER_CACHE=memory '" + std::string(self.data()) + "' --first-evaluations " + std::to_string(elements);
    std::FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
    std::string text;
    for (std::array<char, 4096> part; std::fgets(part.data(), part.size(), pipe) != nullptr;) text += part.data();
    if (pclose(pipe) != 0) throw std::runtime_error("failed: " + command);
    std::stringstream s(text);
    first_times f;
    std::getline(s, f.what);
    s >> f.first >> f.again;
    for (double v; s >> v;) f.rest.push_back(v);
    return f;
}

int first_evaluations_here(std::size_t elements) {
    const first_times f = first_evaluations(elements);
    std::cout << f.what << '\n' << f.first << ' ' << f.again;
    for (const double v : f.rest) std::cout << ' ' << v;
    std::cout << '\n';
    return 0;
}

int measure_all(const options& o) {
    report all;
    if (o.calibrate) {
        const sinter::runtime_info machine = sinter::calibrate();
        std::printf("machine measured; predictions are by that\n");
        all.machine = machine.machine;
    }
    if (!dnnl_version().empty()) std::printf("oneDNN %s\n", dnnl_version().c_str());
    if (!has_avx512()) std::cout << "no AVX-512 here: neither hand-written loops nor limits\n";
    for (const int threads : o.threads) {
        const double peak = multiply_add_peak(threads);
        all.peaks.emplace_back(threads, peak);
        std::printf("FMA peak, float, %d thread%s: %.0f GFLOP/s\n", threads, threads > 1 ? "s" : "", peak * 1e-9);
    }
    std::fflush(stdout);
    if (wanted(o, std::string("bandwidth"))) {
        for (const int threads : o.threads)
            for (const level& l : bandwidth(threads, o)) all.levels.push_back(l);
        print(std::cout, all.levels);
    }
    if (wanted(o, std::string("first_eval"))) {
        for (const std::size_t elements : {4096u, 65536u}) {
            all.firsts.push_back(first_evaluations_elsewhere(elements));
            print(std::cout, all.firsts.back());
        }
    }
    bool right = true, header = false;
    for (const case_info& c : cases()) {
        if (!wanted(o, c.name)) continue;
        for (const extent& e : c.sizes) {
            if (!wanted(o, e)) continue;
            if (!header) print_header(std::cout);
            header = true;
            const inputs in(c, e);
            for (std::size_t i = 0; i < o.threads.size(); ++i) {
                // Static arrays have no threads.
                if (c.name.starts_with("axpy16_static") && o.threads[i] != 1) continue;
                all.results.push_back(run(c, e, o.threads[i], all.peaks[i].second, in, o));
                print(std::cout, all.results.back());
                right = right && all.results.back().agrees();
            }
        }
    }
    print(std::cout, predictions(all));
    if (!o.json.empty()) {
        std::ofstream file(o.json);
        write_json(file, all);
        if (!file.flush()) throw std::runtime_error("cannot write " + o.json);
    }
    if (!right) std::cout << "some results differ from the hand-written loops by more than they may\n";
    return right ? 0 : 1;
}

}

int main(int argc, char** argv) try {
    // What is measured here is for this run.
    setenv("SINTER_CACHE", "memory", 0);
    const options o = parse(argc, argv);
    if (o.help) {
        std::cout << usage;
        return 0;
    }
    if (o.first_evaluations > 0) return first_evaluations_here(o.first_evaluations);
    if (o.list) {
        std::cout << "bandwidth: read, copy and triad by working set\nfirst_eval: a statement's first evaluation, compiling included\n";
        for (const case_info& c : cases()) {
            std::cout << c.name << ": " << c.about << " (";
            const char* comma = "";
            for (const extent& e : c.sizes) {
                std::cout << comma << e.label();
                comma = ", ";
            }
            std::cout << ")\n";
        }
        return 0;
    }
    return measure_all(o);
} catch (const std::exception& e) {
    std::cerr << "sinter_perf: " << e.what() << '\n';
    return 2;
}
