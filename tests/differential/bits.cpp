// Prints a digest of what every operation gives, for each length: the same on every backend and any number of threads. With the argument `few` arrays are
// smaller, for machines that are emulated.

#include "differential/operations.hpp"
#include "support/digest.hpp"

#include <cstdio>
#include <initializer_list>
#include <limits>
#include <string_view>

namespace sn = sinter;

namespace {

void print(const std::string& name, std::uint64_t digest) { std::printf("case %s %016llx\n", name.c_str(), static_cast<unsigned long long>(digest)); }

/// Elements of the largest arrays.
sn::index_t most = differential::large;

void operation_digests() {
    for (const differential::operation& o : differential::operations()) {
        support::digest d;
        for (const sn::index_t n : differential::lengths) {
            const auto count = static_cast<std::size_t>(n);
            d.add(o.ours(sn::from(differential::samples(count, 1)), sn::from(differential::samples(count, 2)),
                         sn::from(differential::samples(count, 3))));
        }
        const auto count = static_cast<std::size_t>(most);
        d.add(
            o.ours(sn::from(differential::samples(count, 1)), sn::from(differential::samples(count, 2)), sn::from(differential::samples(count, 3))));
        print(o.name, d.value());
    }
}

void reduction_digests() {
    for (const auto& [rows, columns] :
         {std::pair<sn::index_t, sn::index_t>{1, 100}, {100, 1}, {33, 1001}, {1001, 33}, {3, 333'333}, {333'333, 3}, {2000, 700}}) {
        if (rows * columns > 2 * most) continue;
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
        all_ways("argmin_", [](const auto& x, const sn::reduce_options& o) { return sn::argmin(x, o.axis.argument().count == 1 ? o : sn::reduce_options{}); });
        all_ways("argmax_", [](const auto& x, const sn::reduce_options& o) { return sn::argmax(x, o.axis.argument().count == 1 ? o : sn::reduce_options{}); });
        all_ways("cumsum_", [](const auto& x, const sn::reduce_options& o) { return sn::cumsum(x, {.axis = o.axis}); });
        all_ways("cumprod_", [](const auto& x, const sn::reduce_options& o) { return sn::cumprod(x * 0.5f + 0.75f, {.axis = o.axis}); });
        all_ways("var_", [](const auto& x, const sn::reduce_options& o) { return sn::var(x, {.axis = o.axis, .keepdims = o.keepdims, .ddof = 1}); });
        all_ways("std_", [](const auto& x, const sn::reduce_options& o) { return sn::std(x, {.axis = o.axis, .keepdims = o.keepdims}); });
        all_ways("logsumexp_", [](const auto& x, const sn::reduce_options& o) { return sn::logsumexp(x, o); });
    }
}

/// Statements on views and pieces, computed where they are read.
void piece_digests() {
    const sn::array<float> x = sn::from(differential::samples(40 * 33, 5), {40, 33}), y = sn::from(differential::samples(40 * 33, 6), {40, 33});
    support::digest d;
    d.add(sn::flip(x * y) + sn::roll(y, {3, -5}, {.axis = {0, 1}}));
    d.add(sn::swapaxes(x + y, 0, 1) * sn::broadcast_to(y(0, sn::ellipsis).reshape({33, 1}), {33, 40}));
    d.add(sn::sum(sn::diagonal(x * x, {.offset = 2})));
    d.add(sn::concatenate<float>({x * y, exp(-abs(y))}, {.axis = 1}));
    d.add(sn::stack<float>({x + y, x - y}, {.axis = -1}));
    for (const sn::pad_mode m : {sn::pad_mode::constant, sn::pad_mode::edge, sn::pad_mode::reflect, sn::pad_mode::wrap}) d.add(sn::pad(x * 2.0f, {{3, 50}, {0, 7}}, m));
    d.add(sn::tile(x - y, {2, 3}));
    d.add(sn::repeat(x * y, 3, {.axis = 0}));
    print("pieces", d.value());
}

/// Every row against every row: products that are rounded when they have been added, in tiles of pairs, one by one, and down columns.
void pair_digests() {
    const auto rows = [](sn::index_t n, sn::index_t d, std::uint32_t seed) {
        std::vector<float> v = differential::samples(static_cast<std::size_t>(n * d), seed);
        for (float& x : v) x = x == x && std::fabs(x) < 1e6f ? x : 0.125f;
        return sn::array<float>(sn::from(v, {n, d}));
    };
    for (const auto& [n, k, d] : {std::array<sn::index_t, 3>{70, 83, 64}, {70, 83, 67}, {41, 50, 200}, {3, 9, 1000}, {2, 3, 70'000}}) {
        const sn::array<float> x = rows(n, d, 7), y = rows(k, d, 8), w = rows(1, d, 9).reshape({d});
        support::digest digest;
        digest.add(sn::pairwise(sn::metrics::squared_euclidean, x, y));
        digest.add(sn::pairwise(sn::metrics::cosine, x, y));
        digest.add(sn::pairwise([](auto p, auto q, auto weight) { return weight * square(p - q); }, x, y, w));
        digest.add(sn::pairwise(sn::metric{[](auto p, auto q) { return std::tuple{p * q, abs(p - q), p * p + q}; }, [](auto a, auto b, auto c) { return a + b * c; }}, x, y));
        digest.add(sn::pairwise(sn::metrics::inner_product, x, sn::array<float>(y.transpose()).transpose()));
        digest.add(sn::pairwise(sn::metrics::squared_euclidean, sn::cast<double>(x), sn::cast<double>(y)));
        print("pairs_of_" + std::to_string(d), digest.value());
    }
}

/// Random numbers alone, through views, and in statements and reductions.
void random_digests() {
    namespace random = sn::random;
    support::digest d;
    const auto [a, b] = random::split<2>(random::key{5});
    for (const sn::extents& shape : {sn::extents{}, {1}, {7}, {1001}, {33, 1001}, {1001, 33}, {5, 1, 17, 3}, {700'001}}) {
        if (shape.count() > 2 * most) continue;
        d.add(random::uniform<float>(a, shape));
        d.add(random::uniform<double>(b, shape));
        d.add(random::normal<float>(a, shape));
        d.add(random::normal<double>(b, shape));
        d.add(random::integers<std::int16_t>(a, -100, 100, shape));
        d.add(random::integers<std::uint64_t>(b, 1, ~std::uint64_t{0}, shape));
        d.add(random::bernoulli(a, 0.3, shape));
        d.add(random::normal<float>(a, shape).transpose() * 2.0f + random::uniform<float>(b, shape).transpose());
        d.add(sn::sum(random::uniform<double>(a, shape) * random::normal<double>(b, shape)));
        if (shape.empty()) continue;
        d.add(sn::sum(random::normal<float>(a, shape), {.axis = 0}));
        d.add(sn::sum(random::uniform<float>(a, shape).transpose(), {.axis = -1}));
        d.add(random::uniform<float>(b, shape)(sn::ellipsis, sn::range({}, {}, -3)) + 1.0f);
    }
    // Written across memory, with gaps, into part of an array, and by kernels that run together on tiles.
    sn::array<double> into = sn::zeros<double>({70, 301});
    into(sn::range({}, {}, 2), sn::range(1, {}, 3)) = random::normal<double>(a, {35, 100});
    into(sn::range(1, {}, 2), sn::range({}, {}, -1)) = random::uniform<double>(b, {301, 35}).transpose();
    into(3) = random::uniform<double>(a, {301}) + into(4);
    d.add(into);
    for (const sn::extents& shape : {sn::extents{513, 300}, {3, 70'001}}) {
        if (shape.count() > 2 * most) continue;
        const sn::array<float> x = random::normal<float>(a, shape), shifted = x - sn::max(x, {.axis = 1, .keepdims = true});
        d.add(exp(shifted) / sn::sum(exp(shifted), {.axis = 1, .keepdims = true}) + random::uniform<float>(b, shape));
    }
    print("random", d.value());
}

/// Complex numbers: every function, in memory of several kinds, and what reductions of them give.
template <class T>
void complex_digests(const char* name) {
    using number = std::complex<T>;
    support::digest d;
    const auto of_everything = [&](const sn::array<number>& z, const sn::array<number>& w, const sn::array<T>& x) {
        d.add(z * w + z);
        d.add(z / w);
        d.add(x / z - w * x);
        d.add(exp(z * T(0.1)));
        d.add(log(z));
        d.add(sqrt(z));
        d.add(pow(z, w * T(0.1)));
        d.add(pow(z, x * T(0.1)));
        d.add(sin(z) + cos(w));
        d.add(sinh(z * T(0.1)) - cosh(w * T(0.1)));
        d.add(square(conj(z)) * sn::reciprocal(w));
        d.add(where(abs(z) < abs(w), z, w));
        d.add(sn::polar(abs(z), arg(w)));
        d.add(isfinite(z) | (z == w));
    };
    const auto numbers = [](sn::index_t count, std::uint32_t seed) {
        const auto n = static_cast<std::size_t>(count);
        return sn::array<number>(sn::complex(sn::cast<T>(sn::from(differential::samples(n, seed))), sn::cast<T>(sn::from(differential::samples(n, seed + 1)))));
    };
    for (const sn::index_t n : differential::lengths) of_everything(numbers(n, 71), numbers(n, 73), real(numbers(n, 75)));
    const sn::index_t large = 70'001;
    of_everything(numbers(large, 71), numbers(large, 73), real(numbers(large, 75)));
    of_everything(numbers(2000, 71).reshape({40, 50}).transpose(), numbers(2000, 73)(sn::range({}, {}, -1)).reshape({50, 40}), imag(numbers(6000, 75)(sn::range({}, {}, 3))).eval().reshape({50, 40}));
    for (const auto& [rows, columns] : {std::pair<sn::index_t, sn::index_t>{1, 100}, {33, 1001}, {1001, 33}, {3, 70'001}}) {
        const sn::array<number> all = numbers(rows * columns, 77);
        const sn::array<number> m = where(isfinite(all) & (abs(all) < T(1e6)), all, number(T(0.5), T(0.125))).eval().reshape({rows, columns});
        for (const sn::reduce_options& o : {sn::reduce_options{}, {.axis = 0}, {.axis = 1, .keepdims = true}}) {
            d.add(sum(m * m, o));
            d.add(mean(m.transpose(), o));
            d.add(norm(m, o));
            d.add(sn::std(m, {.axis = o.axis, .keepdims = o.keepdims}));
            d.add(prod(m * T(0.001) + number(T(0.8), T(0.6)), o));
            d.add(sn::cumsum(m, {.axis = o.axis}));
            d.add(sn::cumprod(m * T(0.001) + number(T(0.8), T(0.6)), {.axis = o.axis}));
        }
        sn::array<number> into = m;
        into(sn::range({}, {}, 2), sn::range({}, {}, -3)) = m(sn::range({}, {}, 2), sn::range({}, {}, -3)) * number(T(0), T(2));
        d.add(into);
        d.add(sn::roll(sn::pad(m, 1, sn::pad_mode::edge), {1, -2}, {.axis = {0, 1}}));
    }
    print(name, d.value());
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

/// Exponentials that round to zero, whole vectors of them and beside others. False if one does not.
template <class T>
[[nodiscard]] bool vanishing_digests(const char* name, std::initializer_list<T> values) {
    std::vector<T> x;
    for (const T v : values) x.insert(x.end(), 40, v);
    for (const T v : values) x.insert(x.end(), {v, T(1), v});
    const sn::array<T> a = sn::from(x), e = sn::exp(a), e2 = sn::exp2(a * T(1.5));
    support::digest d;
    d.add(e);
    d.add(e2);
    print(name, d.value());
    return sn::all((a > T(0)) | ((e == T(0)) & (e2 == T(0)) & (T(1) / e > T(0)))).item();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1 && std::string_view{argv[1]} == "few") most = 20'003;
    operation_digests();
    reduction_digests();
    piece_digests();
    pair_digests();
    random_digests();
    complex_digests<float>("complex64");
    complex_digests<double>("complex128");
    zero_sign_digests();
    const bool single = vanishing_digests<float>("vanishing_f32", {-104.0F, -104.5F, -131.0F, -131.5F, -200.0F, -355.0F, -970.0F, -971.0F, -1e4F, -1e9F, std::numeric_limits<float>::lowest(),
                                                                   -std::numeric_limits<float>::infinity()});
    const bool twice = vanishing_digests<double>("vanishing_f64", {-745.2, -746.5, -1039.0, -1040.0, -2000.0, -5545.0, -5546.0, -1e4, -1e9, std::numeric_limits<double>::lowest(),
                                                                   -std::numeric_limits<double>::infinity()});
    return single && twice ? 0 : 1;
}
