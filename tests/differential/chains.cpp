#include "support/digest.hpp"

#include <sinter/sinter.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <span>
#include <string>
#include <vector>

// Statements that go over the same rows several times: the same bits whether each is evaluated at once or all together, tile by tile.
// Prints a digest of each case, so that runs on different backends, numbers of threads and with or without chains can be compared.

namespace {

namespace sn = sinter;
using sn::all;
using sn::range;

/// Collects values; one by one, each is evaluated as soon as it is there.
template <class T>
class notes {
public:
    explicit notes(bool one_by_one) : one_by_one_{one_by_one} {}
    sn::array<T> operator()(sn::array<T> x) const {
        if (one_by_one_) x.eval();
        return x;
    }

private:
    bool one_by_one_;
};

/// What a program leaves: the value that is asked for first, and others that are held meanwhile.
template <class T>
using left = std::vector<sn::array<T>>;

template <class T>
struct statements {
    const char* name;
    left<T> (*run)(const sn::array<T>& x, const sn::reduce_options& o, const notes<T>& n);
};

template <class T>
constexpr statements<T> programs[] = {
    {"softmax",
     [](const sn::array<T>& x, const sn::reduce_options& o, const notes<T>& n) -> left<T> {
         const auto m = n(sn::max(x, o)), e = n(sn::exp(x - m)), s = n(sn::sum(e, o));
         return {n(e / s)};
     }},
    {"softmax_held",
     [](const sn::array<T>& x, const sn::reduce_options& o, const notes<T>& n) -> left<T> {
         const auto m = n(sn::max(x, o)), e = n(sn::exp(x - m)), s = n(sn::sum(e, o));
         return {n(e / s), m, e, s};
     }},
    {"log_softmax",
     [](const sn::array<T>& x, const sn::reduce_options& o, const notes<T>& n) -> left<T> {
         const auto m = n(sn::max(x, o)), d = n(x - m);
         return {n(d - sn::log(sn::sum(sn::exp(d), o)))};
     }},
    {"layer_norm",
     [](const sn::array<T>& x, const sn::reduce_options& o, const notes<T>& n) -> left<T> {
         const auto m = n(sn::mean(x, o)), d = n(x - m), v = n(sn::mean(d * d, o));
         return {n(d * (T(1) / sn::sqrt(v + T(1e-5))) * T(1.5) + T(0.25))};
     }},
    {"rms_norm",
     [](const sn::array<T>& x, const sn::reduce_options& o, const notes<T>& n) -> left<T> {
         const auto r = n(T(1) / sn::sqrt(sn::mean(x * x, o) + T(1e-6)));
         return {n(x * r), r};
     }},
    {"z_score",
     [](const sn::array<T>& x, const sn::reduce_options& o, const notes<T>& n) -> left<T> {
         const auto m = n(sn::mean(x, o)), v = n(sn::mean((x - m) * (x - m), o)), z = n((x - m) / sn::sqrt(v));
         return {z, n(sn::max(sn::abs(z), o))};
     }},
    {"variance",
     [](const sn::array<T>& x, const sn::reduce_options& o, const notes<T>& n) -> left<T> {
         const auto d = n(x - n(sn::mean(x, o)));
         return {n(sn::mean(d * d, o))};
     }},
    {"norm",
     [](const sn::array<T>& x, const sn::reduce_options& o, const notes<T>& n) -> left<T> {
         return {n(x / sn::sqrt(n(sn::sum(x * x, o))))};
     }},
    {"log_sum_exp",
     [](const sn::array<T>& x, const sn::reduce_options& o, const notes<T>& n) -> left<T> {
         const auto m = n(sn::max(x, o));
         return {n(m + sn::log(n(sn::sum(sn::exp(x - m), o))))};
     }},
    {"backwards",  // reads the row's other end, which is of the same row but not of the same column
     [](const sn::array<T>& x, const sn::reduce_options& o, const notes<T>& n) -> left<T> {
         const auto e = n(sn::exp(x - n(sn::max(x, o))));
         const sn::array<T> turned = e(all, range({}, {}, -1));
         return {n(turned / n(sn::sum(e, o)) + e), e};
     }},
    {"other_rows",  // reads the rows in another order: no tile has them all
     [](const sn::array<T>& x, const sn::reduce_options& o, const notes<T>& n) -> left<T> {
         const auto s = n(sn::sum(x, o)), d = n(x - s);
         const sn::array<T> turned = d(range({}, {}, -1), all);
         return {n(turned * n(sn::max(d, o)))};
     }},
    {"neighbours",  // what is made in one loop over all is read by rows; such loops in between go by the same rows
     [](const sn::array<T>& x, const sn::reduce_options&, const notes<T>& n) -> left<T> {
         const auto e = n(sn::exp(x)), root = n(sn::sqrt(e));
         return {n(sn::array<T>(root(all, range(1, {})) - root(all, range(0, -1))) * sn::array<T>(e(all, range(0, -1)))), e};
     }},
};

struct layout {
    const char* name;
    bool whole;  // for rows of any length
};
constexpr layout layouts[] = {{"contiguous", true}, {"transposed", false}, {"strided", false}, {"reversed", false}, {"one_row", false}, {"one_column", false}};

template <class T>
[[nodiscard]] sn::array<T> numbers(sn::index_t r, sn::index_t c, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<T> v(static_cast<std::size_t>(r * c));
    for (T& x : v) x = static_cast<T>(random()) * T(0x1p-30) - T(2);
    sn::array<T> x = sn::from(v, {r, c});
    x.eval();
    return x;
}

template <class T>
[[nodiscard]] sn::array<T> operand(std::size_t kind, sn::index_t r, sn::index_t c) {
    switch (kind) {
        case 0: return numbers<T>(r, c, 1);
        case 1: return numbers<T>(c, r, 2).transpose();
        case 2: return numbers<T>(r, 2 * c, 3)(all, range(0, {}, 2));
        case 3: return numbers<T>(r, c, 4)(all, range({}, {}, -1));
        case 4: return sn::zeros<T>({r, 1}) + numbers<T>(1, c, 5);
        default: return sn::zeros<T>({1, c}) + numbers<T>(r, 1, 6);
    }
}

bool failed = false;

template <class T>
void check(const statements<T>& p, std::size_t kind, sn::index_t r, sn::index_t c, sn::index_t axis, const char* type) {
    const std::string name = std::string(p.name) + '_' + layouts[kind].name + '_' + std::to_string(r) + 'x' + std::to_string(c) + "_axis" +
                             std::to_string(axis) + '_' + type;
    const sn::reduce_options o{.axis = axis, .keepdims = true};
    const auto digest = [&](bool one_by_one) {
        support::digest d;
        left<T> made = p.run(operand<T>(kind, r, c), o, notes<T>{one_by_one});
        for (const sn::array<T>& x : made) d.add(x);
        return d.value();
    };
    const std::uint64_t together = digest(false);
    std::printf("case %s %016llx\n", name.c_str(), static_cast<unsigned long long>(together));
    if (together != digest(true)) {
        std::fprintf(stderr, "%s: other bits one by one\n", name.c_str());
        failed = true;
    }
}

template <class T>
void check_all(const char* type) {
    for (const statements<T>& p : programs<T>) {
        for (const sn::index_t axis : {0, 1}) {
            for (const sn::index_t length : {0, 1, 15, 16, 17, 1000, 1024, 4097, 66000}) {
                for (const sn::index_t count : {1, 2, 7, 33}) {
                    if (length > 4097 && count != 7) continue;
                    for (std::size_t kind = 0; kind < std::size(layouts); ++kind) {
                        if ((length == 0 && std::string(p.name) != "norm" && std::string(p.name) != "variance") || (!layouts[kind].whole && (length > 1000 || count == 33))) continue;
                        check<T>(p, kind, axis == 1 ? count : length, axis == 1 ? length : count, axis, type);
                    }
                }
            }
        }
    }
}

/// What no cache holds is reduced in rows and blocks that are read once: the same whether what is reduced is in memory or yet to be computed, and however it lies there.
template <class T>
void check_long(const char* type) {
    using long_program = sn::array<T> (*)(const sn::array<T>&, const sn::reduce_options&);
    struct named {
        const char* name;
        long_program run;
    };
    constexpr named all_of_them[] = {
        {"var", [](const sn::array<T>& x, const sn::reduce_options& o) { return sn::array<T>(sn::var(x, {.axis = o.axis, .keepdims = o.keepdims, .ddof = 1})); }},
        {"mean_and_std", [](const sn::array<T>& x, const sn::reduce_options& o) { return sn::array<T>(sn::mean(x, o) + sn::std(x, {.axis = o.axis, .keepdims = o.keepdims})); }},
        {"logsumexp", [](const sn::array<T>& x, const sn::reduce_options& o) { return sn::array<T>(sn::logsumexp(x, o)); }},
    };
    constexpr sn::index_t many = 1 << 20;
    for (const sn::extents& shape : {sn::extents{2 * many}, sn::extents{many + 70001}, sn::extents{1030, 1024}, sn::extents{2, many + 65536}, sn::extents{2, many + 3}, sn::extents{700, 3, 512}}) {
        std::string of = type;
        for (const sn::index_t e : shape) of += '_' + std::to_string(e);
        const sn::array<T> flat = numbers<T>(1, 2 * shape.count(), 8).reshape({-1});
        sn::array<T> gaps = flat(range(0, {}, 2)).reshape(shape), dense = gaps * T(1);
        dense.eval();
        for (const named& p : all_of_them) {
            for (const bool last_only : {false, true}) {
                const sn::reduce_options o{.axis = last_only ? sn::axis_list(-1) : sn::axis_list(), .keepdims = last_only};
                const auto digest = [&](const sn::array<T>& x) {
                    support::digest d;
                    d.add(p.run(x, o));
                    return d.value();
                };
                sn::array<T> shifted = dense * T(0.5) + T(3);
                const std::uint64_t pending = digest(shifted), held = digest(dense);
                const std::string name = std::string(p.name) + (last_only ? "_rows_" : "_all_") + of;
                std::printf("case %s %016llx\ncase %s_pending %016llx\n", name.c_str(), static_cast<unsigned long long>(held), name.c_str(), static_cast<unsigned long long>(pending));
                shifted.eval();
                if (digest(gaps) == held && digest(shifted) == pending) continue;
                std::fprintf(stderr, "%s: other bits %s\n", name.c_str(), digest(gaps) == held ? "once it is in memory" : "with gaps");
                failed = true;
            }
        }
    }
}

/// Rows of results that no cache holds, in the user's memory, wherever that begins; nothing around them is touched.
template <class T>
void check_to(const char* type) {
    constexpr sn::index_t rows = 5003, columns = 4096 / static_cast<sn::index_t>(sizeof(T));
    constexpr std::size_t count = rows * columns, around = 64;
    constexpr T untouched = T(-77);
    const sn::array<T> x = numbers<T>(rows, columns, 9);
    for (const statements<T>& p : programs<T>) {
        const std::string name = p.name;
        if (name != "softmax" && name != "layer_norm" && name != "rms_norm") continue;
        const auto value = [&] { return p.run(x, {.axis = 1, .keepdims = true}, notes<T>{false})[0]; };
        const sn::array<T> own = value();
        support::digest expected;
        expected.add(own);
        std::printf("case %s_to_%s %016llx\n", p.name, type, static_cast<unsigned long long>(expected.value()));
        std::vector<T> memory(count + 2 * around + 64 / sizeof(T));
        for (const std::size_t offset : {0U, 1U, 4U, 7U}) {
            std::fill(memory.begin(), memory.end(), untouched);
            T* first = memory.data() + around;
            while (reinterpret_cast<std::uintptr_t>(first) % 64 != 0) ++first;
            first += offset;
            sn::eval(sn::to(std::span<T>(first, count), value()));
            support::digest d;
            d.add(sn::from(std::span<const T>(first, count), {rows, columns}));
            const bool clean = std::all_of(memory.data(), first, [&](T v) { return v == untouched; }) &&
                               std::all_of(first + count, memory.data() + memory.size(), [&](T v) { return v == untouched; });
            if (d.value() == expected.value() && clean) continue;
            std::fprintf(stderr, "%s of %s %zu elements behind a line: %s\n", p.name, type, offset, clean ? "other bits" : "writes elsewhere");
            failed = true;
        }
    }
}

/// That there are chains, where they are asked for, and with AVX-512 that rows go side by side, as registers have room for two sums.
void check_plans() {
    const char* const asked = std::getenv("SINTER_CHAINS");
    const std::string how = asked == nullptr ? "" : asked;
    if (how != "always" && how != "pipelined") return;
    const sn::array<float> x = numbers<float>(33, 100, 7);
    for (const statements<float>& p : programs<float>) {
        for (const sn::index_t axis : {0, 1}) {
            const left<float> made = p.run(x, {.axis = axis, .keepdims = true}, notes<float>{false});
            const std::string plan = sn::explain(made[0]).to_string();
            const bool tiles = plan.find("runs in tiles of ") != std::string::npos, rows = plan.find("runs side by side with ") != std::string::npos;
            // Rows in another order cut the chain in two, of which one has a single reduction; neighbours have none.
            const std::string name = p.name;
            const bool side_by_side = how == "pipelined" && axis == 1 && sn::about().isa == "avx512" && name != "other_rows" && name != "neighbours";
            if (side_by_side ? rows : tiles || (how == "pipelined" && rows)) continue;
            std::fprintf(stderr, "%s along axis %d is no %s:\n%s", p.name, static_cast<int>(axis), side_by_side ? "pipeline" : "chain", plan.c_str());
            failed = true;
        }
    }
}

}  // namespace

int main() try {
    check_all<float>("f32");
    check_all<double>("f64");
    check_long<float>("f32");
    check_long<double>("f64");
    check_to<float>("f32");
    check_to<double>("f64");
    check_plans();
    return failed ? 1 : 0;
} catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
}
