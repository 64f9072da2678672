// Every float there is, through every function of one argument, and many pairs through those of two, against glibc in double. Not among the tests:
// all of it takes an hour.

#include "support/ulp.hpp"

#include <sinter/sinter.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

namespace sn = sinter;
namespace op = sinter::detail::op;
using floats = sn::array<float>;

struct function {
    std::string name;
    int arity;
    double bound;
    std::function<floats(const floats&, const floats&)> ours;
    double (*exact)(double, double);
    bool relative_to_one = false;
    double fast_bound = bound;
};

template <class Op>
[[nodiscard]] constexpr double fast_bound() {
    if constexpr (sinter::detail::has_fast<Op>) {
        return Op::fast::ulp;
    } else {
        return Op::ulp;
    }
}

#define SINTER_ONE(NAME) \
    {#NAME, 1, op::NAME::ulp, [](const floats& x, const floats&) -> floats { return sn::NAME(x); }, [](double x, double) { return std::NAME(x); }, \
     false, fast_bound<op::NAME>()}
#define SINTER_TWO(NAME) \
    {#NAME, 2, op::NAME::ulp, [](const floats& x, const floats& y) -> floats { return sn::NAME(x, y); }, [](double x, double y) { return std::NAME(x, y); }, \
     false, fast_bound<op::NAME>()}

const std::vector<function>& functions() {
    static const std::vector<function> list = [] {
        std::vector<function> all{
            SINTER_ONE(exp),   SINTER_ONE(exp2),  SINTER_ONE(expm1), SINTER_ONE(log),   SINTER_ONE(log2),      SINTER_ONE(log10),    SINTER_ONE(log1p),
            SINTER_ONE(sin),   SINTER_ONE(cos),   SINTER_ONE(tan),   SINTER_ONE(asin),  SINTER_ONE(acos),      SINTER_ONE(atan),     SINTER_ONE(sinh),
            SINTER_ONE(cosh),  SINTER_ONE(tanh),  SINTER_ONE(asinh), SINTER_ONE(acosh), SINTER_ONE(atanh),     SINTER_ONE(erf),      SINTER_ONE(erfc),
            SINTER_ONE(cbrt),  SINTER_ONE(tgamma), SINTER_ONE(lgamma), SINTER_TWO(pow),  SINTER_TWO(atan2),     SINTER_TWO(hypot),    SINTER_TWO(fmod),
            SINTER_TWO(remainder), SINTER_TWO(copysign),
        };
        // Its bound counts from 1 close to its zeros at negative x.
        for (function& f : all) f.relative_to_one = f.name == "lgamma";
        return all;
    }();
    return list;
}

#undef SINTER_ONE
#undef SINTER_TWO

constexpr std::size_t block = std::size_t{1} << 20;

/// The worst of a block, which several threads go through.
support::worst_error compare(const function& f, const std::vector<float>& x, const std::vector<float>& y, const std::vector<float>& result) {
    const std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
    std::vector<support::worst_error> parts(threads);
    std::vector<std::thread> pool;
    for (std::size_t t = 0; t < threads; ++t) {
        pool.emplace_back([&, t] {
            for (std::size_t i = t; i < x.size(); i += threads) parts[t].check(result[i], f.exact(x[i], y[i]), x[i], y[i], f.relative_to_one);
        });
    }
    for (std::thread& t : pool) t.join();
    support::worst_error all;
    for (const support::worst_error& part : parts) all.take(part);
    return all;
}

/// True if the function keeps its bound.
bool run(const function& f, std::uint64_t stride, std::uint64_t pairs) {
    support::worst_error worst;
    std::vector<float> x, y;
    const auto flush = [&] {
        y.resize(x.size(), 1.0f);
        const floats result = f.ours(sn::from(x), sn::from(y));
        worst.take(compare(f, x, y, result.to_vector()));
        x.clear();
        y.clear();
    };
    if (f.arity == 1) {
        for (std::uint64_t bits = 0; bits < std::uint64_t{1} << 32; bits += stride) {
            x.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
            if (x.size() == block) flush();
        }
    } else {
        std::mt19937_64 random{1};
        std::uniform_real_distribution<float> exponent{-20, 20};
        for (std::uint64_t n = 0; n < pairs; ++n) {
            // Anything with anything, and numbers of sizes that are not far from each other.
            const std::uint64_t bits = random();
            const auto first = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
            x.push_back(first);
            y.push_back(n % 2 == 0 ? std::bit_cast<float>(static_cast<std::uint32_t>(bits >> 32)) : first * std::exp2(exponent(random)));
            if (x.size() == block) flush();
        }
    }
    if (!x.empty()) flush();
    const bool good = worst.wrong == 0 && worst.ulp <= (f.bound == 0.5 ? 0.0 : f.bound);
    std::printf("%-10s %.4f ULP at %a, %a (bound %g)%s", f.name.c_str(), worst.ulp, worst.x, worst.y, f.bound, good ? "\n" : "  FAILS");
    if (worst.wrong != 0) std::printf(": %ld of the wrong kind, first at %a, %a", worst.wrong, worst.wrong_x, worst.wrong_y);
    if (!good) std::printf("\n");
    std::fflush(stdout);
    return good;
}

constexpr const char* help =
    "Usage: exhaustive [--fast] [--stride N] [--pairs N] [function...]\n"
    "Largest errors of the functions of float, in units of the last place, against glibc's of double.\n"
    "  --fast       under precision::fast\n"
    "  --stride N   every Nth of the 2^32 arguments of functions of one argument (1)\n"
    "  --pairs N    so many pairs for functions of two arguments (1000000000)\n"
    "All functions if none is named. SINTER_ISA chooses the backend. The exit code is 1 if a bound does not hold.\n";

}  // namespace

int main(int count, char** arguments) {
    std::uint64_t stride = 1, pairs = 1'000'000'000;
    bool fast = false;
    std::vector<std::string> names;
    for (int i = 1; i < count; ++i) {
        const std::string_view a = arguments[i];
        if (a == "--help") {
            std::fputs(help, stdout);
            return 0;
        }
        if (a == "--fast") {
            fast = true;
            continue;
        }
        if ((a == "--stride" || a == "--pairs") && i + 1 < count) {
            const auto n = std::strtoull(arguments[++i], nullptr, 10);
            (a == "--stride" ? stride : pairs) = n > 0 ? n : 1;
        } else {
            names.emplace_back(a);
        }
    }
    const sn::scoped_options options{.precision = fast ? sn::precision::fast : sn::precision::standard};
    bool good = true;
    std::size_t found = 0;
    for (function f : functions()) {
        if (fast) f.bound = f.fast_bound;
        if (!names.empty() && std::find(names.begin(), names.end(), f.name) == names.end()) continue;
        ++found;
        good = run(f, stride, pairs) && good;
    }
    if (found == 0 || found < names.size()) {
        std::fputs("exhaustive: no such function\n", stderr);
        return 2;
    }
    return good ? 0 : 1;
}
