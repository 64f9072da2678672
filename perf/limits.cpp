#include <chrono>
#include <memory>

#include "contenders.hpp"
#include "workers.hpp"

namespace perf {

namespace {

using hand::stores;

// Below this, streaming stores only lose.
constexpr std::size_t streaming_from = std::size_t{4} << 20;

struct arrays {
    memory y, x, z;
};

std::size_t streams(traffic kind) { return kind == traffic::read || kind == traffic::write ? 1 : kind == traffic::copy ? 2 : 3; }

contender limit_of(const problem& p, const std::shared_ptr<arrays>& a, stores how, const char* name) {
    const std::size_t n = a->y.size();
    contender c{name, [=, kind = p.kind](std::size_t repetitions) {
        float *y = a->y.data(), *x = a->x.data(), *z = a->z.data();
        for (; repetitions > 0; --repetitions) {
            workers::instance().split(n, 1024, [&](int, std::size_t i, std::size_t e) {
                if (kind == traffic::read) limit::read(y + i, e - i);
                else if (kind == traffic::write) limit::write(y + i, e - i, how);
                else if (kind == traffic::copy) limit::copy(y + i, x + i, e - i, how);
                else limit::triad(y + i, x + i, z + i, 0.5f, e - i, how);
            });
        }
    }};
    c.enter = [threads = p.useful_threads()] { workers::instance().enter(threads); };
    c.leave = [] { workers::instance().leave(); };
    return c;
}

}

void add_limit(const problem& p, std::vector<contender>& out) {
    // Calling a function would take longer than the sixteen floats.
    if (!has_avx512() || p.name.starts_with("axpy16_static")) return;
    const std::size_t n = std::max<std::size_t>(p.bytes / sizeof(float) / streams(p.kind), 16);
    const auto a = std::make_shared<arrays>(arrays{memory(n), memory(n), memory(n)});
    fill(a->y.span(), 0.5f, 1.5f, 6);
    if (streams(p.kind) > 1) fill(a->x.span(), 0.5f, 1.5f, 7);
    if (streams(p.kind) > 2) fill(a->z.span(), 0.5f, 1.5f, 8);
    out.push_back(limit_of(p, a, stores::ordinary, "limit"));
    if (p.kind != traffic::read && p.bytes >= streaming_from) out.push_back(limit_of(p, a, stores::streaming, "limit nt"));
}

double multiply_add_peak(int threads) {
    if (!has_avx512()) return 0;
    workers& pool = workers::instance();
    pool.enter(threads);
    double best = 0;
    for (int sample = 0; sample < 20; ++sample) {
        std::vector<double> operations(static_cast<std::size_t>(threads));
        const auto start = std::chrono::steady_clock::now();
        pool.run([&](int i) { operations[static_cast<std::size_t>(i)] = limit::multiply_add(200000); });
        const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        double all = 0;
        for (const double n : operations) all += n;
        best = std::max(best, all / took);
    }
    pool.leave();
    return best;
}

}
