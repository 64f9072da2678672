#include "differential/operations.hpp"
#include "support/check.hpp"

#include <random>

// Reductions against plain code: exactly where the order cannot matter, in the documented order where it does, and always the same bits
// for the same logical shape.

namespace {

namespace sn = sinter;
using sn::all;
using sn::range;
using floats = sn::array<float>;
using support::same;

[[nodiscard]] std::vector<float> small_integers(sn::index_t n, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<float> out(static_cast<std::size_t>(n));
    for (float& v : out) v = static_cast<float>(random() % 17) - 8.0f;
    return out;
}
[[nodiscard]] std::vector<float> fractions(sn::index_t n, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<float> out(static_cast<std::size_t>(n));
    for (float& v : out) v = static_cast<float>(random()) * 0x1p-31f - 1.0f;
    return out;
}

/// The documented order along a last axis: 64 lanes, then a tree.
[[nodiscard]] float in_lanes(const float* v, std::size_t n) {
    float lane[64] = {};
    for (std::size_t i = 0; i < n; ++i) lane[i % 64] = lane[i % 64] + v[i];
    for (std::size_t h = 32; h > 0; h /= 2) {
        for (std::size_t l = 0; l < h; ++l) lane[l] = lane[l] + lane[l + h];
    }
    return lane[0];
}

using across_types = std::tuple<float, double, std::int8_t, std::uint32_t, std::int64_t>;

BOOST_AUTO_TEST_SUITE(reductions)

BOOST_AUTO_TEST_CASE(sums_that_are_exact) {
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        for (const sn::index_t n : differential::lengths) {
            const std::vector<float> v = small_integers(n, 1);
            double expected = 0;
            for (const float x : v) expected += static_cast<double>(x);
            BOOST_TEST(static_cast<double>(sn::sum(sn::from(v)).item()) == expected, n);
        }
        const std::vector<float> v = small_integers(differential::large, 2);
        double expected = 0;
        for (const float x : v) expected += static_cast<double>(x);
        BOOST_TEST(static_cast<double>(sn::sum(sn::from(v)).item()) == expected);
    }
}

BOOST_AUTO_TEST_CASE(short_rows_in_the_documented_order) {
    for (const sn::index_t n : {1, 5, 63, 64, 65, 127, 128, 200, 256}) {
        const std::vector<float> v = fractions(n * 3, 3);
        const std::vector<float> got = sn::sum(sn::from(v, {3, n}), {.axis = 1}).to_vector();
        for (std::size_t r = 0; r < 3; ++r) {
            const float expected = in_lanes(v.data() + r * static_cast<std::size_t>(n), static_cast<std::size_t>(n));
            BOOST_TEST(same(got[r], expected), n << ": " << got[r] << " instead of " << expected);
        }
    }
}

// Rows that lie across memory may be reduced with their lanes in memory: the bits are those of the same rows next to each other.
BOOST_AUTO_TEST_CASE_TEMPLATE(rows_across_memory, T, across_types) {
    constexpr sn::reduce_options rows{.axis = 1};
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        for (const auto& [n, r] : {std::pair{256, 64}, {257, 65}, {300, 100}, {511, 1030}, {1000, 64}, {1234, 2100}, {70000, 66}}) {
            const auto values = sn::cast<T>(sn::from(fractions(sn::index_t{n} * r, 5), {n, r}) * 100.0f);
            const sn::array<T> m = values;
            const sn::array<T> across = m.transpose();
            sn::array<T> straight = sn::zeros<T>({r, n});
            straight(all, all) = across;
            straight.eval();
            const auto expect = [&](const auto& got, const auto& expected, const char* what) {
                BOOST_TEST(sn::array_equal(got, expected), what << " of " << r << " rows of " << n << ", " << threads << " threads");
            };
            expect(sn::sum(across, rows), sn::sum(straight, rows), "sum");
            constexpr sn::reduce_options columns{.axis = 0};
            expect(sn::sum(across, columns), sn::sum(straight, columns), "sum of columns");
            expect(sn::mean(across(range(1, {}), all), columns), sn::mean(straight(range(1, {}), all), columns), "mean of columns");
            expect(sn::max(across, columns), sn::max(straight, columns), "max of columns");
            expect(sn::max(across, rows), sn::max(straight, rows), "max");
            expect(sn::prod(across, rows), sn::prod(straight, rows), "prod");
            const sn::array<T> w = sn::arange<T>(n);
            expect(sn::sum(across * w, rows), sn::sum(straight * w, rows), "weighted sum");
            // Several at once, and one that stores what it reduces.
            auto both = [&](const sn::array<T>& x) {
                const sn::array<T> y = x * x;
                const auto s = sn::sum(y, rows), t = sn::sum(x, rows);
                sn::eval(y, s, t);
                return std::tuple{y, s, t};
            };
            const auto [y0, s0, t0] = both(across);
            const auto [y1, s1, t1] = both(straight);
            expect(y0, y1, "squares");
            expect(s0, s1, "sum of squares");
            expect(t0, t1, "sum beside");
        }
    }
}

BOOST_AUTO_TEST_CASE(few_rows_in_order) {
    for (const sn::index_t n : {1, 5, 16, 63, 64, 65, 1000}) {
        const std::vector<float> v = fractions(n * 5, 4);
        const std::vector<float> got = sn::sum(sn::from(v, {5, n}), {.axis = 0}).to_vector();
        for (std::size_t c = 0; c < got.size(); ++c) {
            float expected = 0;
            for (std::size_t r = 0; r < 5; ++r) expected += v[r * got.size() + c];
            BOOST_REQUIRE_MESSAGE(same(got[c], expected), n << ": " << got[c] << " instead of " << expected);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_shape_against_plain_code) {
    for (const auto& [r, c] :
         {std::pair<sn::index_t, sn::index_t>{1, 1}, {3, 5}, {17, 33}, {64, 64}, {100, 7}, {7, 1000}, {1000, 129}, {1, 5000}, {5000, 1}}) {
        const std::vector<float> v = small_integers(r * c, 5);
        const floats m = sn::from(v, {r, c});
        std::vector<float> rows(static_cast<std::size_t>(r)), columns(static_cast<std::size_t>(c));
        std::vector<float> most_of_row(rows.size(), -1e30f), least_of_column(columns.size(), 1e30f);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            for (std::size_t j = 0; j < columns.size(); ++j) {
                const float x = v[i * columns.size() + j];
                rows[i] += x;
                columns[j] += x;
                most_of_row[i] = std::max(most_of_row[i], x);
                least_of_column[j] = std::min(least_of_column[j], x);
            }
        }
        support::check(sn::sum(m, {.axis = 1}), {r}, rows);
        support::check(sn::sum(m, {.axis = 0}), {c}, columns);
        support::check(sn::max(m, {.axis = 1}), {r}, most_of_row);
        support::check(sn::min(m, {.axis = 0}), {c}, least_of_column);
        support::check(sn::sum(m.transpose(), {.axis = 0}), {r}, rows);
        support::check(sn::sum(m.transpose(), {.axis = 1}), {c}, columns);
        support::check(sn::sum(m(range({}, {}, -1), range({}, {}, -1)), {.axis = 1})(range({}, {}, -1)), {r}, rows);
    }
}

BOOST_AUTO_TEST_CASE(inner_axes_of_rank_four) {
    const sn::index_t e[] = {3, 4, 5, 6};
    const std::vector<float> v = small_integers(360, 6);
    const floats a = sn::from(v, {3, 4, 5, 6});
    for (unsigned mask = 1; mask < 16; ++mask) {
        std::vector<sn::index_t> kept;
        for (unsigned d = 0; d < 4; ++d) {
            if ((mask >> d & 1U) == 0) kept.push_back(e[d]);
        }
        sn::index_t count = 1;
        for (const sn::index_t k : kept) count *= k;
        std::vector<float> expected(static_cast<std::size_t>(count)), most(expected.size(), -1e30f);
        for (sn::index_t flat = 0; flat < 360; ++flat) {
            const sn::index_t index[] = {flat / 120, flat / 30 % 4, flat / 6 % 5, flat % 6};
            sn::index_t to = 0;
            for (unsigned d = 0; d < 4; ++d) {
                if ((mask >> d & 1U) == 0) to = to * e[d] + index[d];
            }
            expected[static_cast<std::size_t>(to)] += v[static_cast<std::size_t>(flat)];
            most[static_cast<std::size_t>(to)] = std::max(most[static_cast<std::size_t>(to)], v[static_cast<std::size_t>(flat)]);
        }
        const auto reduced = [&](auto&& f) {
            switch (mask) {
                case 1: return f({0});
                case 2: return f({1});
                case 3: return f({0, 1});
                case 4: return f({2});
                case 5: return f({0, 2});
                case 6: return f({1, 2});
                case 7: return f({0, 1, 2});
                case 8: return f({3});
                case 9: return f({0, 3});
                case 10: return f({1, 3});
                case 11: return f({0, 1, 3});
                case 12: return f({2, 3});
                case 13: return f({0, 2, 3});
                case 14: return f({1, 2, 3});
                default: return f({0, 1, 2, 3});
            }
        };
        support::check(reduced([&](const sn::axis_list& axes) { return sn::sum(a, {.axis = axes}); }), kept, expected);
        support::check(reduced([&](const sn::axis_list& axes) { return sn::max(a, {.axis = axes}); }), kept, most);
    }
}

BOOST_AUTO_TEST_CASE(the_same_bits_whatever_the_layout) {
    for (const auto& [r, c] : {std::pair<sn::index_t, sn::index_t>{3, 5}, {65, 130}, {1000, 1001}, {1, 100003}, {20000, 17}}) {
        const std::vector<float> v = fractions(r * c, 7);
        const floats m = sn::from(v, {r, c});
        const floats t = sn::from(m.transpose().to_vector(), {c, r});
        const std::vector<float> back = m(all, range({}, {}, -1)).to_vector();
        const floats backwards = sn::from(back, {r, c});
        for (const int axis : {0, 1}) {
            const std::vector<float> expected = sn::sum(m, {.axis = axis}).to_vector();
            BOOST_TEST((sn::sum(t.transpose(), {.axis = axis}).to_vector() == expected), "transposed, axis " << axis << ' ' << r << 'x' << c);
            BOOST_TEST((sn::sum(backwards(all, range({}, {}, -1)), {.axis = axis}).to_vector() == expected),
                       "reversed, axis " << axis << ' ' << r << 'x' << c);
        }
        BOOST_TEST(sn::sum(t.transpose()).item() == sn::sum(m).item());
        BOOST_TEST(sn::sum(backwards(all, range({}, {}, -1))).item() == sn::sum(m).item());
    }
}

BOOST_AUTO_TEST_CASE(the_same_bits_whatever_the_fusion_and_threads) {
    for (const sn::index_t n : {100, 5000, 1'000'003}) {
        const floats x = sn::from(fractions(n, 8)), y = sn::from(fractions(n, 9));
        std::vector<float> results;
        for (const int threads : {1, 2}) {
            sn::set_threads(threads);
            results.push_back(sn::sum(x * y).item());
            const floats product = x * y;
            results.push_back(sn::sum(product.eval()).item());
            const floats again = x * y;
            const floats total = sn::sum(again), most = sn::max(again), square = sn::sum(again * again);
            sn::eval(again, most, total, square);
            results.push_back(total.item());
            results.push_back(sn::sum(x * y, {.axis = 0, .keepdims = true}).item());
        }
        for (const float r : results) BOOST_TEST(same(r, results[0]), n);
    }
}

BOOST_AUTO_TEST_CASE(close_to_the_exact_sum) {
    for (const sn::index_t n : {1000, 100000, 10'000'001}) {
        const std::vector<float> v = fractions(n, 10);
        double exact = 0, absolute = 0;
        for (const float x : v) {
            exact += static_cast<double>(x);
            absolute += std::fabs(static_cast<double>(x));
        }
        BOOST_TEST(std::fabs(static_cast<double>(sn::sum(sn::from(v)).item()) - exact) <= absolute * 64 * 0x1p-24, n);
    }
}

BOOST_AUTO_TEST_CASE(special_values) {
    const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    for (const sn::index_t n : {1, 2, 15, 16, 17, 63, 64, 65, 129, 1001, 100003}) {
        for (const sn::index_t place : {sn::index_t{0}, n / 2, n - 1}) {
            std::vector<float> v = fractions(n, 11);
            v[static_cast<std::size_t>(place)] = nan;
            BOOST_TEST(std::isnan(sn::max(sn::from(v)).item()), n);
            BOOST_TEST(std::isnan(sn::min(sn::from(v)).item()), n);
            BOOST_TEST(std::isnan(sn::sum(sn::from(v)).item()), n);
            v[static_cast<std::size_t>(place)] = inf;
            BOOST_TEST(sn::max(sn::from(v)).item() == inf, n);
            BOOST_TEST(sn::sum(sn::from(v)).item() == inf, n);
            v[static_cast<std::size_t>(place)] = -7;
            BOOST_TEST(sn::min(sn::from(v)).item() == -7, n);
        }
    }
}

BOOST_AUTO_TEST_CASE(integers) {
    for (const sn::index_t n : differential::lengths) {
        std::vector<std::int32_t> v(static_cast<std::size_t>(n));
        std::mt19937 random(12);
        std::int64_t total = 0;
        std::int32_t most = std::numeric_limits<std::int32_t>::min(), least = std::numeric_limits<std::int32_t>::max();
        for (std::int32_t& x : v) {
            x = static_cast<std::int32_t>(random());
            total += x;
            most = std::max(most, x);
            least = std::min(least, x);
        }
        BOOST_TEST(sn::sum(sn::from(v)).item() == total);
        if (n > 0) {
            BOOST_TEST(sn::max(sn::from(v)).item() == most);
            BOOST_TEST(sn::min(sn::from(v)).item() == least);
        }
        std::vector<std::uint8_t> bytes(v.size());
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < v.size(); ++i) {
            bytes[i] = static_cast<std::uint8_t>(v[i]);
            sum += bytes[i];
        }
        BOOST_TEST(sn::sum(sn::from(bytes)).item() == sum);
        if (n > 0) BOOST_TEST(+sn::max(sn::from(bytes)).item() == +*std::max_element(bytes.begin(), bytes.end()));
    }
}

BOOST_AUTO_TEST_CASE(steps_that_share_rows) {
    // More than the second cache of any machine: in pieces that all steps go through, whole blocks of rows and some that are shorter.
    constexpr sn::index_t steps = 5, count = 3, length = 400000, columns = 7;
    const floats rows = sn::from(fractions(count * length, 1), {count, length}), weights = sn::from(fractions(steps * count, 2), {steps, count, 1});
    const floats tall = sn::from(fractions(count * length * columns, 3), {count, length, columns});
    for (const int threads : {1, 2}) {
        const sn::scoped_options some{.threads = threads};
        const floats seen = rows(sn::newaxis, all, all), sums = sn::sum(seen * weights, {.axis = 2}), products = (seen * weights).eval();
        const floats below = sn::sum(tall(sn::newaxis, all, all, all) * weights(all, all, all, sn::newaxis), {.axis = 2});
        const sn::array<sn::index_t> places = sn::argmax(seen * weights, {.axis = 2});
        for (sn::index_t s = 0; s < steps; ++s) {
            for (sn::index_t c = 0; c < count; ++c) {
                const floats one = (rows(c, all) * weights.at(s, c, 0)).eval();
                BOOST_TEST(same(sums.at(s, c), sn::sum(one).item()));
                BOOST_TEST(sn::array_equal(products(s, c, all), one));
                BOOST_TEST(places.at(s, c) == sn::argmax(one).item());
                BOOST_TEST(sn::array_equal(below(s, c, all), floats(sn::sum(tall(c, all, all) * weights.at(s, c, 0), {.axis = 0}))));
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
