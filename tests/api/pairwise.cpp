#include "support/check.hpp"

#include <sinter/detail/reduction_order.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

// Every row against every row, by metrics of the user's own.

namespace {

namespace sn = sinter;
using floats = sn::array<float>;

/// Numbers between 0 and 1, different for each seed.
[[nodiscard]] floats numbers(sn::index_t rows, sn::index_t d, int seed) {
    return (sn::cast<float>((sn::arange<std::int32_t>(rows * d) * 37 + seed * 11) % 1009) * (1 / 1009.0f)).reshape({rows, d});
}

template <class F>
void check_pairs(const floats& got, const floats& a, const floats& b, F f, float tolerance) {
    BOOST_REQUIRE(got.shape() == (sn::extents{a.extent(0), b.extent(0)}));
    const auto d = static_cast<std::size_t>(a.extent(1));
    for (sn::index_t i = 0; i < a.extent(0); ++i) {
        for (sn::index_t j = 0; j < b.extent(0); ++j) {
            const double expected = f(a.data() + static_cast<std::size_t>(i) * d, b.data() + static_cast<std::size_t>(j) * d, d);
            BOOST_TEST(std::abs(static_cast<double>(got(i, j)) - expected) <= static_cast<double>(tolerance) * (1 + std::abs(expected)), i << ", " << j);
        }
    }
}

template <class E>
[[nodiscard]] auto summed(E element) {
    return [element](const float* x, const float* y, std::size_t d) {
        double s = 0;
        for (std::size_t k = 0; k < d; ++k) s += element(static_cast<double>(x[k]), static_cast<double>(y[k]));
        return s;
    };
}

/// A product that is rounded when it has been added.
template <class T>
struct product {
    T x, y;
};

template <class T>
[[nodiscard]] T added(T sum, T value) { return sum + value; }
template <class T>
[[nodiscard]] T added(T sum, product<T> value) { return std::fma(value.x, value.y, sum); }
template <class T>
[[nodiscard]] T alone(T value) { return value; }
template <class T>
[[nodiscard]] T alone(product<T> value) { return value.x * value.y; }

/// The sum of so many values in the order that is promised, a block at most; a single one is not added to anything.
template <class T, class F>
[[nodiscard]] T in_order(std::size_t d, F value) {
    constexpr auto lanes = static_cast<std::size_t>(sn::detail::reduction_order::row_lanes(sizeof(T)));
    if (d == 1) return alone(value(0));
    std::array<T, lanes> lane{};
    for (std::size_t e = 0; e < d; ++e) lane[e % lanes] = added(lane[e % lanes], value(e));
    for (std::size_t h = lanes / 2; h > 0; h /= 2) {
        for (std::size_t l = 0; l < h; ++l) lane[l] = lane[l] + lane[l + h];
    }
    return lane[0];
}

/// The same of any number: blocks are added up, then what they come to.
template <class T, class F>
[[nodiscard]] T in_blocks(std::size_t d, F value) {
    constexpr auto block = static_cast<std::size_t>(sn::detail::reduction_order::row_block);
    if (d <= block) return in_order<T>(d, value);
    std::vector<T> sums;
    for (std::size_t first = 0; first < d; first += block) sums.push_back(in_order<T>(std::min(block, d - first), [&](std::size_t e) { return value(first + e); }));
    return in_order<T>(sums.size(), [&](std::size_t b) { return sums[b]; });
}

/// Rows of numbers of both signs; some are NaN, infinite or -0, if wanted.
template <class T>
[[nodiscard]] sn::array<T> rows_of(sn::index_t rows, sn::index_t d, int seed, bool special) {
    std::vector<T> values(static_cast<std::size_t>(rows * d));
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t x = (i * 7919 + static_cast<std::size_t>(seed) * 104729) % 100003;
        values[i] = static_cast<T>(x) / T(50001) - T(1);
        if (special && x % 2003 == 5) values[i] = std::numeric_limits<T>::quiet_NaN();
        if (special && x % 1009 == 7) values[i] = std::numeric_limits<T>::infinity();
        if (special && x % 5 == 1) values[i] = -T(0);
    }
    return sn::from(values, {rows, d});
}

template <class T>
[[nodiscard]] bool same_bits(T x, T y) {
    using bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
    return (std::isnan(x) && std::isnan(y)) || std::bit_cast<bits>(x) == std::bit_cast<bits>(y);
}

/// f of two elements, summed over all pairs of rows: every bit of it.
template <class T, class F>
void check_bits(const sn::array<T>& got, const sn::array<T>& a, const sn::array<T>& b, F f, const std::string& what) {
    const auto n = static_cast<std::size_t>(a.extent(0)), k = static_cast<std::size_t>(b.extent(0)), d = static_cast<std::size_t>(a.extent(1));
    BOOST_REQUIRE((got.shape() == sn::extents{a.extent(0), b.extent(0)}));
    const T *x = a.data(), *y = b.data(), *z = got.data();
    std::size_t wrong = 0, first = 0;
    for (std::size_t i = 0; i < n * k; ++i) {
        const T *p = x + i / k * d, *q = y + i % k * d;
        if (same_bits(z[i], in_blocks<T>(d, [&](std::size_t e) { return f(p[e], q[e], e); }))) continue;
        if (wrong++ == 0) first = i;
    }
    BOOST_TEST(wrong == 0U, what << ", " << n << " x " << k << " x " << d << ": " << wrong << " differ, the first at " << first / k << ", " << first % k);
}

template <class T>
void check_all_bits(const sn::array<T>& a, const sn::array<T>& b, const std::string& what) {
    check_bits<T>(sn::pairwise(sn::metrics::squared_euclidean, a, b), a, b, [](T p, T q, std::size_t) { return product<T>{p - q, p - q}; }, what + ": squares");
    check_bits<T>(sn::pairwise(sn::metrics::manhattan, a, b), a, b, [](T p, T q, std::size_t) { return std::abs(p - q); }, what + ": differences");
    check_bits<T>(sn::pairwise(sn::metrics::inner_product, a, b), a, b, [](T p, T q, std::size_t) { return product<T>{p, q}; }, what + ": products");
    const sn::array<T> w = rows_of<T>(1, a.extent(1), 9, false).reshape({a.extent(1)});
    const T* const weights = w.data();
    check_bits<T>(sn::pairwise([](auto p, auto q, auto weight) { return weight * square(p - q); }, a, b, w), a, b,
                  [weights](T p, T q, std::size_t e) { const T apart = p - q; return product<T>{weights[e], apart * apart}; }, what + ": weights");
}

/// As many pairs as make kernels of several rows by several others worth it, and rows that are left over.
constexpr std::array<std::array<sn::index_t, 3>, 18> many_pairs{
    {{600, 601, 1}, {139, 137, 15}, {131, 137, 16}, {130, 133, 17}, {67, 71, 63}, {66, 71, 64}, {67, 73, 65}, {65, 68, 64}, {25, 200, 64}, {134, 69, 32},
     {42, 67, 96}, {37, 59, 127}, {37, 59, 129}, {25, 31, 768}, {14, 201, 1024}, {7, 1001, 100}, {5, 17, 4099}, {2, 3, 70'000}}};

}  // namespace

BOOST_AUTO_TEST_SUITE(pairs_of_rows)

BOOST_AUTO_TEST_CASE(bits_are_those_of_the_fixed_order) {
    for (const int threads : {1, 2, 3}) {
        sn::set_threads(threads);
        for (const auto& [n, k, d] : many_pairs) {
            for (const bool special : {false, true}) {
                const std::string what = std::to_string(threads) + " threads" + (special ? ", special numbers" : "");
                check_all_bits(rows_of<float>(n, d, 1, special), rows_of<float>(k, d, 2, special), what);
                if (threads == 2) check_all_bits(rows_of<double>(n, d, 1, special), rows_of<double>(k, d, 2, special), what + ", double");
            }
        }
        check_all_bits(rows_of<float>(3, 0, 1, false), rows_of<float>(5, 0, 2, false), "nothing");
    }
}

// A sum of -0 alone is 0, as sums begin with 0.
BOOST_AUTO_TEST_CASE(sums_of_negative_zeros) {
    for (const sn::index_t d : {64, 65, 128, 200}) {
        const floats a = sn::full({60, d}, -0.0f), b = sn::full({100, d}, 1.0f);
        check_bits<float>(sn::pairwise(sn::metrics::inner_product, a, b), a, b, [](float p, float q, std::size_t) { return product<float>{p, q}; }, "negative zeros");
    }
}

// Products that are too small for any number but 0 keep its sign where nothing else is added.
BOOST_AUTO_TEST_CASE(sums_of_products_that_vanish) {
    for (const sn::index_t d : {2, 3, 5, 16, 63, 64, 65, 128, 130, 200}) {
        const floats a = sn::full({60, d}, -1e-30f), b = sn::full({100, d}, 1e-30f), w = sn::full({d}, -1e-45f);
        check_bits<float>(sn::pairwise(sn::metrics::inner_product, a, b), a, b, [](float p, float q, std::size_t) { return product<float>{p, q}; }, "products");
        check_bits<float>(sn::pairwise([](auto p, auto q, auto v) { return v * square(p - q); }, a, b, w), a, b,
                          [](float p, float q, std::size_t) { return product<float>{-1e-45f, (p - q) * (p - q)}; }, "weights");
        check_bits<float>(sn::pairwise(sn::metrics::squared_euclidean, a, b), a, b, [](float p, float q, std::size_t) { return product<float>{p - q, p - q}; }, "squares");
    }
}

// A statement of its own keeps its rounding, also beside pairs of the same products; and so do all under precision::strict.
BOOST_AUTO_TEST_CASE(products_are_rounded_elsewhere) {
    for (const auto& [n, k, d] : many_pairs) {
        const floats a = rows_of<float>(n, d, 1, false), b = rows_of<float>(k, d, 2, false);
        const floats x = a.reshape({n, 1, d}), y = b.reshape({1, k, d});
        const floats pairs = sn::pairwise(sn::metrics::inner_product, a, b), sums = sn::sum(x * y, {.axis = 2});
        sn::eval(pairs, sums);
        check_bits<float>(pairs, a, b, [](float p, float q, std::size_t) { return product<float>{p, q}; }, "pairs");
        check_bits<float>(sums, a, b, [](float p, float q, std::size_t) { return p * q; }, "a sum");
        // What is a product already when it comes to the element.
        const floats doubled = a * 3.0f;
        check_bits<float>(sn::pairwise([](auto p, auto) { return p; }, a * 3.0f, b), doubled, b, [](float p, float, std::size_t) { return p; }, "another statement's");
        const sn::scoped_options strict{.precision = sn::precision::strict};
        check_bits<float>(sn::pairwise(sn::metrics::inner_product, a, b), a, b, [](float p, float q, std::size_t) { return p * q; }, "strict products");
        check_bits<float>(sn::pairwise(sn::metrics::squared_euclidean, a, b), a, b, [](float p, float q, std::size_t) { return (p - q) * (p - q); }, "strict squares");
        BOOST_TEST(sn::array_equal(sn::pairwise(sn::metrics::squared_euclidean, a, b), sn::sum(square(x - y), {.axis = 2})));
    }
}

BOOST_AUTO_TEST_CASE(each_part_by_itself) {
    const sn::metric parts{[](auto p, auto q) { return std::tuple{p * q, abs(p - q), p * p + q, 0.5f * p}; },
                           [](auto a, auto b, auto c, auto e) { return where(a < b, a, b) + where(c < e, c, e); }};
    for (const auto& [n, k, d] : many_pairs) {
        const floats a = rows_of<float>(n, d, 1, false), b = rows_of<float>(k, d, 2, false);
        const floats got = sn::pairwise(parts, a, b);
        const float *x = a.data(), *y = b.data(), *z = got.data();
        const auto length = static_cast<std::size_t>(d), others = static_cast<std::size_t>(k);
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < static_cast<std::size_t>(n) * others; ++i) {
            const float *p = x + i / others * length, *q = y + i % others * length;
            const float first = in_blocks<float>(length, [&](std::size_t e) { return product<float>{p[e], q[e]}; });
            const float second = in_blocks<float>(length, [&](std::size_t e) { return std::abs(p[e] - q[e]); });
            const float third = in_blocks<float>(length, [&](std::size_t e) { return std::fma(p[e], p[e], q[e]); });
            const float fourth = in_blocks<float>(length, [&](std::size_t e) { return product<float>{0.5f, p[e]}; });
            wrong += same_bits(z[i], (first < second ? first : second) + (third < fourth ? third : fourth)) ? 0U : 1U;
        }
        BOOST_TEST(wrong == 0U, n << " x " << k << " x " << d);
    }
}

// Any sizes, metrics, layouts and numbers of threads.
BOOST_AUTO_TEST_CASE(random_pairs) {
    const unsigned seed = std::random_device{}();
    std::mt19937 random(seed);
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    for (int turn = 0; turn < 60; ++turn) {
        const sn::scoped_options o{.threads = 1 + below(3)};
        const bool long_rows = below(3) == 0;
        const sn::index_t d = 1 + (below(2) == 0 ? 64 * below(5) : below(long_rows ? 900 : 200)), n = 1 + below(90), k = 1 + below(long_rows ? 70 : 300);
        floats a = rows_of<float>(n, d, turn, below(4) == 0), b = rows_of<float>(k, d, turn + 1000, below(4) == 0);
        const floats w = rows_of<float>(1, d, 9, false).reshape({d});
        sn::eval(a, b, w);
        const floats p = a, q = b;
        if (below(3) == 0) a = floats(floats(a.transpose()) * 1.0f).eval().transpose();  // not + 0, which takes the sign of -0
        if (below(3) == 0) b = floats(floats(b.transpose()) * 1.0f).eval().transpose();
        const float* const weights = w.data();
        const std::string what = "seed " + std::to_string(seed) + ", turn " + std::to_string(turn);
        switch (below(4)) {
            case 0: check_bits<float>(sn::pairwise(sn::metrics::squared_euclidean, a, b), p, q, [](float x, float y, std::size_t) { return product<float>{x - y, x - y}; }, what); break;
            case 1: check_bits<float>(sn::pairwise(sn::metrics::inner_product, a, b), p, q, [](float x, float y, std::size_t) { return product<float>{x, y}; }, what); break;
            case 2:
                check_bits<float>(sn::pairwise([](auto x, auto y, auto v) { return v * square(x - y); }, a, b, w), p, q,
                                  [weights](float x, float y, std::size_t e) { return product<float>{weights[e], (x - y) * (x - y)}; }, what);
                break;
            default: check_bits<float>(sn::pairwise(sn::metrics::manhattan, a, b), p, q, [](float x, float y, std::size_t) { return std::abs(x - y); }, what);
        }
    }
}

BOOST_AUTO_TEST_CASE(operands_that_are_views_or_expressions) {
    const floats a = rows_of<float>(74, 130, 1, false), b = rows_of<float>(130, 130, 2, false);
    const auto expect = [](const floats& got, const floats& x, const floats& y, const std::string& what) {
        const floats p = x + 0.0f, q = y + 0.0f;
        sn::eval(p, q);
        check_bits<float>(got, p, q, [](float u, float v, std::size_t) { return product<float>{u - v, u - v}; }, what);
    };
    const auto distances = [](const auto& x, const auto& y) { return floats(sn::pairwise(sn::metrics::squared_euclidean, x, y)); };
    const floats across = b.transpose(), every_second = b(sn::range({}, {}, 2), sn::all), part = a(sn::range(1, -1), sn::range(3, 100)), part_of_b = b(sn::all, sn::range(5, 102));
    const floats backwards = sn::flip(b, 1), gaps = b(sn::all, sn::range({}, {}, 2)), gaps_of_a = a(sn::all, sn::range({}, {}, 2));
    expect(distances(a, across), a, across, "transposed");
    expect(distances(a, every_second), a, every_second, "every second row");
    expect(distances(part, part_of_b), part, part_of_b, "parts");
    expect(distances(a, backwards), a, backwards, "backwards");
    const floats long_a = rows_of<float>(300, 70, 3, false).transpose(), long_b = rows_of<float>(300, 90, 4, false).transpose();
    expect(distances(long_a, long_b), long_a, long_b, "both transposed, long");
    expect(distances(gaps_of_a, gaps), gaps_of_a, gaps, "gaps");
    const floats doubled = a * 2.0f;
    expect(distances(a * 2.0f, b), doubled, b, "an expression");
    expect(distances(a, a), a, a, "itself");
    const floats result = distances(a, b) * 0.5f, whole = distances(a, b);
    BOOST_TEST(sn::array_equal(result, whole * 0.5f));
}

BOOST_AUTO_TEST_CASE(several_sums_of_both_rows) {
    const sn::metric bray_curtis{[](auto x, auto y) { return std::tuple{abs(x - y), abs(x + y)}; }, [](auto apart, auto all) { return apart / all; }};
    for (const auto& [n, k, d] : many_pairs) {
        const floats a = rows_of<float>(n, d, 1, false), b = rows_of<float>(k, d, 2, false);
        const floats got = sn::pairwise(bray_curtis, a, b);
        const float *x = a.data(), *y = b.data(), *z = got.data();
        const auto length = static_cast<std::size_t>(d), others = static_cast<std::size_t>(k);
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < static_cast<std::size_t>(n) * others; ++i) {
            const float *p = x + i / others * length, *q = y + i % others * length;
            const float apart = in_blocks<float>(length, [&](std::size_t e) { return std::abs(p[e] - q[e]); });
            const float all = in_blocks<float>(length, [&](std::size_t e) { return std::abs(p[e] + q[e]); });
            wrong += same_bits(z[i], apart / all) ? 0U : 1U;
        }
        BOOST_TEST(wrong == 0U, n << " x " << k << " x " << d);
    }
}

BOOST_AUTO_TEST_CASE(other_reductions_of_pairs) {
    for (const auto& size : {std::array<sn::index_t, 3>{67, 71, 64}, {43, 61, 129}, {7, 1001, 100}}) {
        const sn::index_t n = size[0], k = size[1], d = size[2];
        const floats a = rows_of<float>(n, d, 1, false), b = rows_of<float>(k, d, 2, false);
        const sn::array<std::int32_t> ia = sn::cast<std::int32_t>(a * 1000.0f), ib = sn::cast<std::int32_t>(b * 1000.0f);
        const auto check = [&](const auto& got, const auto& x, const auto& y, auto reduce) {
            for (sn::index_t i = 0; i < n; i += 3) {
                for (sn::index_t j = 0; j < k; j += 2) BOOST_TEST(got(i, j) == reduce(x(i, sn::all), y(j, sn::all)));
            }
        };
        const auto first = [&](const auto& x) { return x.reshape({n, 1, d}); };
        const auto second = [&](const auto& x) { return x.reshape({1, k, d}); };
        check(floats(sn::max(abs(first(a) - second(b)), {.axis = 2})), a, b, [](const auto& x, const auto& y) { return sn::max(abs(x - y)).item(); });
        check(floats(sn::min(abs(first(a) - second(b)), {.axis = 2})), a, b, [](const auto& x, const auto& y) { return sn::min(abs(x - y)).item(); });
        check(sn::array<std::int64_t>(sn::sum(first(ia) * second(ib), {.axis = 2})), ia, ib, [](const auto& x, const auto& y) { return sn::sum(x * y).item(); });
    }
}

BOOST_AUTO_TEST_CASE(the_nearest_row) {
    for (const auto& [n, k, d] : many_pairs) {
        const floats a = rows_of<float>(n, d, 1, false), b = rows_of<float>(k, d, 2, false);
        const floats all = sn::pairwise(sn::metrics::squared_euclidean, a, b);
        const sn::array<std::int64_t> nearest = sn::argmin(sn::pairwise(sn::metrics::squared_euclidean, a, b), {.axis = 1});
        const float* const at = all.data();
        for (sn::index_t i = 0; i < n; ++i) {
            const float* const row = at + i * k;
            BOOST_TEST(nearest(i) == std::min_element(row, row + k) - row, n << " x " << k << " x " << d << ", row " << i);
        }
    }
}

BOOST_AUTO_TEST_CASE(metrics_by_name) {
    using sizes = std::array<sn::index_t, 3>;
    for (const auto& [n, k, d] : {sizes{1, 1, 1}, sizes{3, 5, 7}, sizes{5, 9, 64}, sizes{2, 33, 100}, sizes{17, 4, 768}}) {
        const floats a = numbers(n, d, 1), b = numbers(k, d, 2);
        check_pairs(sn::pairwise(sn::metrics::squared_euclidean, a, b), a, b, summed([](double x, double y) { return (x - y) * (x - y); }), 1e-5f);
        check_pairs(sn::pairwise(sn::metrics::manhattan, a, b), a, b, summed([](double x, double y) { return std::abs(x - y); }), 1e-5f);
        check_pairs(sn::pairwise(sn::metrics::inner_product, a, b), a, b, summed([](double x, double y) { return x * y; }), 1e-5f);
        const auto sums = summed([](double x, double y) { return (x - y) * (x - y); });
        check_pairs(sn::pairwise(sn::metrics::euclidean, a, b), a, b, [&](const float* x, const float* y, std::size_t m) { return std::sqrt(sums(x, y, m)); }, 1e-5f);
        check_pairs(sn::pairwise(sn::metrics::cosine, a, b), a, b,
                    [](const float* x, const float* y, std::size_t m) {
                        double xy = 0, xx = 0, yy = 0;
                        for (std::size_t e = 0; e < m; ++e) {
                            const double p = static_cast<double>(x[e]), q = static_cast<double>(y[e]);
                            xy += p * q;
                            xx += p * p;
                            yy += q * q;
                        }
                        return 1 - xy / std::sqrt(xx * yy);
                    },
                    1e-5f);
    }
}

BOOST_AUTO_TEST_CASE(metrics_of_the_users_own) {
    const floats a = numbers(6, 40, 3) + 0.1f, b = numbers(8, 40, 4) + 0.1f;
    // Jensen-Shannon, without logarithms of more than one number at a time.
    const auto jensen_shannon = sn::metric{[](auto p, auto q) {
                                               const auto m = 0.5f * (p + q);
                                               return 0.5f * (p * log(p / m) + q * log(q / m));
                                           },
                                           [](auto s) { return sqrt(s); }};
    check_pairs(sn::pairwise(jensen_shannon, a, b), a, b,
                [](const float* x, const float* y, std::size_t d) {
                    double s = 0;
                    for (std::size_t e = 0; e < d; ++e) {
                        const double p = static_cast<double>(x[e]), q = static_cast<double>(y[e]), m = 0.5 * (p + q);
                        s += 0.5 * (p * std::log(p / m) + q * std::log(q / m));
                    }
                    return std::sqrt(s);
                },
                1e-4f);
    // Weights are a further operand.
    const floats w = numbers(1, 40, 5).reshape({40});
    const float* const weights = w.data();
    check_pairs(sn::pairwise([](auto x, auto y, auto weight) { return weight * square(x - y); }, a, b, w), a, b,
                [weights](const float* x, const float* y, std::size_t d) {
                    double s = 0;
                    for (std::size_t e = 0; e < d; ++e) s += static_cast<double>(weights[e]) * std::pow(static_cast<double>(x[e]) - static_cast<double>(y[e]), 2.0);
                    return s;
                },
                1e-5f);
    // The largest difference: another reduction.
    const sn::metric chebyshev{[](auto x, auto y) { return abs(x - y); }, [](auto s) { return s; },
                               sn::reduction{[](auto p, auto q) { return maximum(p, q); }, 0.0f}};
    check_pairs(sn::pairwise(chebyshev, a, b), a, b,
                [](const float* x, const float* y, std::size_t d) {
                    double s = 0;
                    for (std::size_t e = 0; e < d; ++e) s = std::max(s, std::abs(static_cast<double>(x[e]) - static_cast<double>(y[e])));
                    return s;
                },
                1e-6f);
}

// However many rows are taken at once, each has the bits that it has alone.
BOOST_AUTO_TEST_CASE(rows_do_not_depend_on_each_other) {
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        for (const sn::index_t n : {2, 3, 4, 5, 8, 11}) {
            for (const auto& size : {std::pair<sn::index_t, sn::index_t>{8, 100}, {33, 768}, {1000, 65}}) {
                const auto k = size.first, d = size.second;
                const floats a = numbers(n, d, 1), b = numbers(k, d, 2), w = numbers(1, d, 3).reshape({d});
                const auto expect = [&](const auto& metric, const auto&... further) {
                    const floats all = sn::pairwise(metric, a, b, further...);
                    for (sn::index_t i = 0; i < n; ++i) {
                        const floats row = a(i, sn::all), alone = sn::pairwise(metric, row, b, further...);
                        BOOST_TEST(sn::array_equal(alone, all(i, sn::all)), n << " x " << k << " x " << d << ", row " << i);
                    }
                };
                expect(sn::metrics::squared_euclidean);
                expect(sn::metrics::cosine);
                expect([](auto x, auto y, auto weight) { return weight * abs(x - y); }, w);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(vectors_stand_for_a_row) {
    const floats a = numbers(1, 12, 1), b = numbers(4, 12, 2);
    const floats whole = sn::pairwise(sn::metrics::euclidean, a, b), row = sn::pairwise(sn::metrics::euclidean, a.reshape({12}), b);
    BOOST_TEST((row.shape() == sn::extents{4}));
    BOOST_TEST(sn::array_equal(row, whole.reshape({4})));
    BOOST_TEST(sn::pairwise(sn::metrics::euclidean, a.reshape({12}), a.reshape({12})).rank() == 0);
    BOOST_TEST((sn::pairwise(sn::metrics::euclidean, sn::zeros<float>({0, 3}), sn::zeros<float>({2, 3})).shape() == sn::extents{0, 2}));
}

// Neither are the distances of all pairs where only the nearest rows are asked for.
BOOST_AUTO_TEST_CASE(no_array_of_all_pairs) {
    const floats a = sn::zeros<float>({20000, 64}), b = sn::zeros<float>({50000, 64});
    sn::eval(a, b);
    sn::array<std::int64_t> nearest;
    nearest = sn::argmin(sn::pairwise(sn::metrics::squared_euclidean, a, b), {.axis = 1});
    const sn::plan_report r = sn::explain(nearest);
    if (r.kernels[0].backend != "portable") BOOST_TEST(r.peak_bytes < 20000.0 * 50000 * 4 / 2, r.peak_bytes);
}

BOOST_AUTO_TEST_CASE(no_array_of_all_pairs_of_elements) {
    const floats a = numbers(50, 256, 1), b = numbers(300, 256, 2);
    const sn::plan_report r = sn::explain(sn::pairwise(sn::metrics::cosine, a, b));
    BOOST_TEST(r.peak_bytes < 50.0 * 300 * 256 * 4 / 8);
}

BOOST_AUTO_TEST_SUITE_END()
