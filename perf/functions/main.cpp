// The functions of mathematics and formulas made of them, beside other libraries' vector code: times and measured errors.

#include <sinter/sinter.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "../harness.hpp"
#include "../memory.hpp"
#include "../workers.hpp"
#include "peers.hpp"

namespace {

namespace sn = sinter;
using perf::contender;
using wide = long double;

constexpr int most_inputs = 5;

template <class T>
using arrays = std::array<sn::array<T>, most_inputs>;

template <class T>
using results = std::array<sn::array<T>, 2>;

struct range {
    double low = 0, high = 0;
};

/// What is computed: by statements, and exactly.
template <class T>
struct function {
    const char* name;
    std::vector<range> inputs;
    std::function<void(const arrays<T>&, results<T>&)> ours;
    std::function<wide(const wide*)> exact;  // of the first output
    std::size_t outputs = 1;
};

template <class T>
std::vector<function<T>> functions() {
    const auto normal = [](wide x) { return std::erfc(-x / std::sqrt(wide{2})) / 2; };
    return {
        {"exp", {{-10, 10}}, [](const auto& x, auto& y) { y[0] = sn::exp(x[0]); }, [](const wide* x) { return std::exp(x[0]); }},
        {"log", {{0.01, 100}}, [](const auto& x, auto& y) { y[0] = sn::log(x[0]); }, [](const wide* x) { return std::log(x[0]); }},
        {"sin", {{-10, 10}}, [](const auto& x, auto& y) { y[0] = sn::sin(x[0]); }, [](const wide* x) { return std::sin(x[0]); }},
        {"cos", {{-10, 10}}, [](const auto& x, auto& y) { y[0] = sn::cos(x[0]); }, [](const wide* x) { return std::cos(x[0]); }},
        {"tan", {{-10, 10}}, [](const auto& x, auto& y) { y[0] = sn::tan(x[0]); }, [](const wide* x) { return std::tan(x[0]); }},
        {"tanh", {{-5, 5}}, [](const auto& x, auto& y) { y[0] = sn::tanh(x[0]); }, [](const wide* x) { return std::tanh(x[0]); }},
        {"erf", {{-3, 3}}, [](const auto& x, auto& y) { y[0] = sn::erf(x[0]); }, [](const wide* x) { return std::erf(x[0]); }},
        {"pow", {{0.1, 10}, {-3, 3}}, [](const auto& x, auto& y) { y[0] = sn::pow(x[0], x[1]); }, [](const wide* x) { return std::pow(x[0], x[1]); }},
        {"sigmoid", {{-8, 8}}, [](const auto& x, auto& y) { y[0] = sn::nn::sigmoid(x[0]); }, [](const wide* x) { return 1 / (1 + std::exp(-x[0])); }},
        {"silu", {{-8, 8}}, [](const auto& x, auto& y) { y[0] = sn::nn::silu(x[0]); }, [](const wide* x) { return x[0] / (1 + std::exp(-x[0])); }},
        {"gelu", {{-1, 4}}, [](const auto& x, auto& y) { y[0] = sn::nn::gelu(x[0]); }, [normal](const wide* x) { return x[0] * normal(x[0]); }},
        {"black_scholes",
         {{90, 110}, {100, 120}, {0.2, 2}, {0.01, 0.05}, {0.1, 0.5}},
         [](const auto& x, auto& y) {
             const auto& [s, k, t, r, v] = x;
             const auto share = sn::fn([](auto d) { return 0.5 + 0.5 * erf(d * 0.70710678118654752440); });
             const sn::array<T> w = v * sn::sqrt(t);
             const sn::array<T> d = (sn::log(s / k) + (r + 0.5 * v * v) * t) / w;
             const sn::array<T> e = k * sn::exp(-r * t);
             const sn::array<T> call = s * share(d) - e * share(d - w);
             const sn::array<T> put = call - s + e;
             y = {call, put};
         },
         [normal](const wide* x) {
             const wide w = x[4] * std::sqrt(x[2]), d = (std::log(x[0] / x[1]) + (x[3] + x[4] * x[4] / 2) * x[2]) / w;
             return x[0] * normal(d) - x[1] * std::exp(-x[3] * x[2]) * normal(d - w);
         },
         2},
    };
}

template <class T>
class typed_memory {
public:
    explicit typed_memory(std::size_t n) : memory_{n * sizeof(T) / sizeof(float)} {}
    [[nodiscard]] T* data() const { return reinterpret_cast<T*>(memory_.data()); }

private:
    perf::memory memory_;
};

template <class T>
perf::kernel<T> kernel_of(const perf::peer& p) {
    if constexpr (std::same_as<T, float>) return p.single;
    else return p.twice;
}

/// The largest error in units in the last place.
template <class T>
double error_of(const T* got, const function<T>& f, const std::vector<typed_memory<T>>& in, std::size_t n) {
    double worst = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(n, 1 << 16); ++i) {
        wide x[most_inputs] = {};
        for (std::size_t k = 0; k < in.size(); ++k) x[k] = in[k].data()[i];
        const wide exact = f.exact(x);
        int exponent = 0;
        std::frexp(static_cast<T>(exact), &exponent);
        const wide error = std::fabs(std::ldexp(static_cast<wide>(got[i]) - exact, std::numeric_limits<T>::digits - exponent));
        worst = std::max(worst, static_cast<double>(error));
    }
    return worst;
}

struct arguments {
    std::string only;
    std::vector<std::size_t> sizes{4096, 1 << 20, 32 << 20};
    std::vector<int> threads{1, 2};
    perf::settings how;
};

template <class T>
void run(const function<T>& f, std::size_t n, int threads, const perf::settings& how) {
    std::vector<typed_memory<T>> in;
    const auto x = std::make_shared<arrays<T>>();
    std::vector<const T*> from;
    for (const range& r : f.inputs) {
        in.emplace_back(n);
        std::mt19937_64 random{in.size()};
        std::uniform_real_distribution<double> within{r.low, r.high};
        T* const p = in.back().data();
        for (std::size_t i = 0; i < n; ++i) p[i] = static_cast<T>(i < (1 << 16) ? within(random) : static_cast<double>(p[i - (1 << 16)]));
        (*x)[in.size() - 1] = sn::from(std::span<const T>(p, n));
        from.push_back(p);
    }
    from.resize(most_inputs, from[0]);
    std::vector<typed_memory<T>> out;
    std::vector<T*> into;
    for (std::size_t k = 0; k < f.outputs; ++k) {
        out.emplace_back(n);
        std::fill_n(out.back().data(), n, T(0));
        into.push_back(out.back().data());
    }

    std::vector<contender> all;
    std::vector<std::function<double()>> errors;
    for (const bool fast : {false, true}) {
        const auto y = std::make_shared<results<T>>();
        contender c{fast ? "fast" : "ours", [&f, x, y, fast](std::size_t repetitions) {
            const sn::scoped_options o{.precision = fast ? sn::precision::fast : sn::precision::standard};
            for (; repetitions > 0; --repetitions) {
                f.ours(*x, *y);
                if (f.outputs == 2) sn::eval((*y)[0], (*y)[1]);
                else (*y)[0].eval();
            }
            perf::observe(y.get());
        }};
        c.enter = [threads] { sn::set_threads(threads); };
        errors.push_back([&f, &in, y, n, run = c.run] {
            run(1);
            return error_of((*y)[0].data(), f, in, n);
        });
        all.push_back(std::move(c));
    }
    const auto add = [&](const perf::peer& p) {
        if (std::string_view(p.function) != f.name) return;
        const auto k = kernel_of<T>(p);
        contender c{p.library, [k, into, from, n](std::size_t repetitions) {
            for (; repetitions > 0; --repetitions) {
                perf::workers::instance().split(n, 64, [&](int, std::size_t first, std::size_t last) {
                    std::array<T*, 2> y{};
                    std::array<const T*, most_inputs> x_from{};
                    for (std::size_t i = 0; i < into.size(); ++i) y[i] = into[i] + first;
                    for (std::size_t i = 0; i < x_from.size(); ++i) x_from[i] = from[i] + first;
                    k(y.data(), x_from.data(), last - first);
                });
                perf::observe(into[0]);
            }
        }};
        const int useful = n < 16384 ? 1 : threads;
        c.enter = [useful] { perf::workers::instance().enter(useful); };
        c.leave = [] { perf::workers::instance().leave(); };
        errors.push_back([&f, &in, into, n, run = c.run, enter = c.enter, leave = c.leave] {
            enter();
            run(1);
            leave();
            return error_of(into[0], f, in, n);
        });
        all.push_back(std::move(c));
    };
    for (const perf::peer& p : perf::sleef_peers()) add(p);
    for (const perf::peer& p : perf::libmvec_peers()) add(p);
    for (const perf::peer& p : perf::eigen_peers()) add(p);

    const std::vector<perf::timing> times = perf::measure(all, how);
    std::vector<double> ulp;
    for (const auto& e : errors) ulp.push_back(e());
    // Who is as accurate: within half a unit of ours. Everybody competes with `fast`.
    double accurate = 0, any = 0;
    for (std::size_t i = 2; i < times.size(); ++i) {
        const double over_ours = perf::ratio(times[i], times[0]), over_fast = perf::ratio(times[i], times[1]);
        if (ulp[i] <= ulp[0] + 0.5) accurate = accurate == 0 ? over_ours : std::min(accurate, over_ours);
        any = any == 0 ? over_fast : std::min(any, over_fast);
    }
    std::printf("%-14s %-6s %8zu %3d", f.name, sizeof(T) == 4 ? "float" : "double", n, threads);
    for (std::size_t i = 0; i < times.size(); ++i) {
        std::printf("  %s %.3f ns %.2f ULP%s", times[i].name.c_str(), times[i].median() / static_cast<double>(n) * 1e9, ulp[i], i == 1 ? "  |" : "");
    }
    if (accurate > 0) std::printf("  |  as accurate: %.2f", accurate);
    std::printf("  |  of all: %.2f\n", any);
    std::fflush(stdout);
}

constexpr const char* help =
    "Usage: sinter_functions [--only NAME] [--sizes N,N] [--threads N,N] [--quick]\n"
    "Nanoseconds for an element and the largest error, of Sinter (ours, and fast under precision::fast) and of vector code by others. At the end: the time of\n"
    "the quickest of those that are as accurate over ours, and of the quickest of all over fast's; above 1 is faster.\n";

std::vector<std::size_t> numbers(std::string_view text) {
    std::vector<std::size_t> all;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        all.push_back(std::strtoull(std::string(text.substr(0, comma)).c_str(), nullptr, 10));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return all;
}

template <class T>
void run_all(const arguments& a) {
    for (const function<T>& f : functions<T>()) {
        if (!a.only.empty() && a.only != f.name) continue;
        for (const std::size_t n : a.sizes) {
            for (const int threads : a.threads) {
                if (threads > 1 && n < 16384) continue;
                run(f, n, threads, a.how);
            }
        }
    }
}

}  // namespace

int main(int count, char** words) try {
    arguments a;
    for (int i = 1; i < count; ++i) {
        const std::string_view word = words[i];
        if (word == "--only" && i + 1 < count) {
            a.only = words[++i];
        } else if (word == "--sizes" && i + 1 < count) {
            a.sizes = numbers(words[++i]);
        } else if (word == "--threads" && i + 1 < count) {
            a.threads.clear();
            for (const std::size_t t : numbers(words[++i])) a.threads.push_back(static_cast<int>(t));
        } else if (word == "--quick") {
            a.how.samples = 9;
            a.how.budget = 1;
        } else {
            std::fputs(help, word == "--help" ? stdout : stderr);
            return word == "--help" ? 0 : 2;
        }
    }
    run_all<float>(a);
    run_all<double>(a);
    return 0;
} catch (const std::exception& e) {
    std::fprintf(stderr, "sinter_functions: %s\n", e.what());
    return 2;
}
