// Prints a digest of what every operation gives, for each length: the same on every backend and any number of threads.

#include "differential/operations.hpp"
#include "support/digest.hpp"

#include <cstdio>

namespace sn = sinter;

namespace {

void print(const std::string& name, std::uint64_t digest) { std::printf("case %s %016llx\n", name.c_str(), static_cast<unsigned long long>(digest)); }

void operation_digests() {
    for (const differential::operation& o : differential::operations()) {
        support::digest d;
        for (const sn::index_t n : differential::lengths) {
            const auto count = static_cast<std::size_t>(n);
            d.add(o.ours(sn::from(differential::samples(count, 1)), sn::from(differential::samples(count, 2)),
                         sn::from(differential::samples(count, 3))));
        }
        const auto count = static_cast<std::size_t>(differential::large);
        d.add(
            o.ours(sn::from(differential::samples(count, 1)), sn::from(differential::samples(count, 2)), sn::from(differential::samples(count, 3))));
        print(o.name, d.value());
    }
}

void reduction_digests() {
    for (const auto& [rows, columns] :
         {std::pair<sn::index_t, sn::index_t>{1, 100}, {100, 1}, {33, 1001}, {1001, 33}, {3, 333'333}, {333'333, 3}, {2000, 700}}) {
        std::vector<float> v = differential::samples(static_cast<std::size_t>(rows * columns), 4);
        for (float& x : v) x = x == x && std::fabs(x) < 1e6f ? x : 0.125f;
        const sn::array<float> m = sn::from(v, {rows, columns});
        const std::string name = "of_" + std::to_string(rows) + "x" + std::to_string(columns);
        const auto all_ways = [&](const char* what, auto&& reduce) {
            support::digest d;
            d.add(reduce(m, sn::reduce_options{}));
            d.add(reduce(m, {.axis = 0}));
            d.add(reduce(m, {.axis = 1}));
            d.add(reduce(m.transpose(), {.axis = 0}));
            d.add(reduce(m * m, {.axis = 1, .keepdims = true}));
            print(what + name, d.value());
        };
        all_ways("sum_", [](const auto& x, const sn::reduce_options& o) { return sn::sum(x, o); });
        all_ways("mean_", [](const auto& x, const sn::reduce_options& o) { return sn::mean(x, o); });
        all_ways("min_", [](const auto& x, const sn::reduce_options& o) { return sn::min(x, o); });
        all_ways("max_", [](const auto& x, const sn::reduce_options& o) { return sn::max(x, o); });
        all_ways("var_", [](const auto& x, const sn::reduce_options& o) { return sn::var(x, {.axis = o.axis, .keepdims = o.keepdims, .ddof = 1}); });
        all_ways("std_", [](const auto& x, const sn::reduce_options& o) { return sn::std(x, {.axis = o.axis, .keepdims = o.keepdims}); });
        all_ways("logsumexp_", [](const auto& x, const sn::reduce_options& o) { return sn::logsumexp(x, o); });
    }
}

void zero_sign_digests() {
    // Of zeros of both signs, which one min and max give must not depend on the backend either.
    std::vector<float> v(1000);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = i * i % 7 < 3 ? -0.0f : 0.0f;
    support::digest d;
    for (sn::index_t n = 1; n < 1000; n += 37) {
        const sn::array<float> x = sn::from(v)(sn::range(0, n));
        d.add(sn::min(x));
        d.add(sn::max(x));
        d.add(sn::sum(x));
        d.add(sn::minimum(x, x(sn::range({}, {}, -1))));
        d.add(sn::maximum(x, 0.0f));
    }
    print("signs_of_zero", d.value());
}

}  // namespace

int main() {
    operation_digests();
    reduction_digests();
    zero_sign_digests();
}
