#include "differential/operations.hpp"
#include "support/check.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <deque>

// Operands in every layout, against the same operands read element by element.

namespace {

namespace sn = sinter;
using sn::all;
using sn::range;
using floats = sn::array<float>;

/// An operand of rows x columns in some layout, and the values that it has, row by row.
struct operand {
    floats array;
    std::vector<float> values;
};

struct layout {
    const char* name;
    operand (*make)(sn::index_t rows, sn::index_t columns, std::uint32_t seed);
};

std::ostream& operator<<(std::ostream& out, const layout& l) { return out << l.name; }

/// The values that a function of row and column gives.
template <class F>
[[nodiscard]] std::vector<float> gathered(sn::index_t rows, sn::index_t columns, F&& at) {
    std::vector<float> out;
    out.reserve(static_cast<std::size_t>(rows * columns));
    for (sn::index_t i = 0; i < rows; ++i) {
        for (sn::index_t j = 0; j < columns; ++j) out.push_back(at(i, j));
    }
    return out;
}

[[nodiscard]] std::vector<float> numbers(sn::index_t count, std::uint32_t seed) {
    return differential::samples(static_cast<std::size_t>(count), seed);
}
[[nodiscard]] std::size_t at(sn::index_t i) { return static_cast<std::size_t>(i); }

/// Memory that a test borrows, kept until it ends.
[[nodiscard]] std::vector<float>& keep(std::vector<float> v) {
    static std::deque<std::vector<float>> kept;
    if (kept.size() > 200) kept.erase(kept.begin(), kept.begin() + 100);
    return kept.emplace_back(std::move(v));
}

operand contiguous(sn::index_t r, sn::index_t c, std::uint32_t seed) {
    std::vector<float> v = numbers(r * c, seed);
    return {sn::from(v, {r, c}), v};
}
operand reversed_columns(sn::index_t r, sn::index_t c, std::uint32_t seed) {
    const std::vector<float> v = numbers(r * c, seed);
    return {sn::from(v, {r, c})(all, range({}, {}, -1)), gathered(r, c, [&](auto i, auto j) { return v[at(i * c + c - 1 - j)]; })};
}
operand reversed_rows(sn::index_t r, sn::index_t c, std::uint32_t seed) {
    const std::vector<float> v = numbers(r * c, seed);
    return {sn::from(v, {r, c})(range({}, {}, -1)), gathered(r, c, [&](auto i, auto j) { return v[at((r - 1 - i) * c + j)]; })};
}
operand every_third(sn::index_t r, sn::index_t c, std::uint32_t seed) {
    const std::vector<float> v = numbers(r * c * 3, seed);
    return {sn::from(v, {r, 3 * c})(all, range(1, {}, 3)), gathered(r, c, [&](auto i, auto j) { return v[at(i * 3 * c + 3 * j + 1)]; })};
}
operand every_second_backwards(sn::index_t r, sn::index_t c, std::uint32_t seed) {
    const std::vector<float> v = numbers(r * c * 2, seed);
    return {sn::from(v, {r, 2 * c})(all, range({}, {}, -2)), gathered(r, c, [&](auto i, auto j) { return v[at(i * 2 * c + 2 * c - 1 - 2 * j)]; })};
}
/// Columns so far apart, from the last one on if the step is negative.
template <int Step>
operand spaced(sn::index_t r, sn::index_t c, std::uint32_t seed) {
    constexpr sn::index_t step = Step, apart = Step < 0 ? -Step : Step;
    const std::vector<float> v = numbers(r * c * apart, seed);
    return {sn::from(v, {r, apart * c})(all, range({}, {}, step)), gathered(r, c, [&](auto i, auto j) {
                return v[at(i * apart * c + (step < 0 ? apart * c - 1 : 0) + j * step)];
            })};
}
operand inner_part(sn::index_t r, sn::index_t c, std::uint32_t seed) {
    const std::vector<float> v = numbers((r + 2) * (c + 3), seed);
    return {sn::from(v, {r + 2, c + 3})(range(1, -1), range(1, -2)),
            gathered(r, c, [&](auto i, auto j) { return v[at((i + 1) * (c + 3) + j + 1)]; })};
}
operand transposed(sn::index_t r, sn::index_t c, std::uint32_t seed) {
    const std::vector<float> v = numbers(r * c, seed);
    return {sn::from(v, {c, r}).transpose(), gathered(r, c, [&](auto i, auto j) { return v[at(j * r + i)]; })};
}
operand one_row(sn::index_t r, sn::index_t c, std::uint32_t seed) {
    const std::vector<float> v = numbers(c, seed);
    return {sn::from(v), gathered(r, c, [&](auto, auto j) { return v[at(j)]; })};
}
operand one_column(sn::index_t r, sn::index_t c, std::uint32_t seed) {
    const std::vector<float> v = numbers(r, seed);
    return {sn::from(v, {r, 1}), gathered(r, c, [&](auto i, auto) { return v[at(i)]; })};
}
operand one_number(sn::index_t r, sn::index_t c, std::uint32_t seed) {
    const float x = static_cast<float>(seed) * 0.37f;
    return {sn::full({}, x), gathered(r, c, [&](auto, auto) { return x; })};
}
template <int Offset>
operand borrowed_at(sn::index_t r, sn::index_t c, std::uint32_t seed) {
    const std::vector<float>& v = keep(numbers(r * c + Offset, seed));
    return {sn::borrow(v.data() + Offset, {r, c}), gathered(r, c, [&](auto i, auto j) { return v[at(i * c + j + Offset)]; })};
}
operand borrowed_diagonal(sn::index_t r, sn::index_t c, std::uint32_t seed) {
    const std::vector<float>& v = keep(numbers(r + c, seed));
    return {sn::borrow(v.data(), {r, c}, {1, 1}), gathered(r, c, [&](auto i, auto j) { return v[at(i + j)]; })};
}
operand pending(sn::index_t r, sn::index_t c, std::uint32_t seed) {
    const std::vector<float> v = numbers(r * c, seed);
    const floats a = sn::from(v, {r, c});
    return {a + 1.0f, gathered(r, c, [&](auto i, auto j) { return v[at(i * c + j)] + 1.0f; })};
}
operand pending_transposed(sn::index_t r, sn::index_t c, std::uint32_t seed) {
    const std::vector<float> v = numbers(r * c, seed);
    const floats a = sn::from(v, {c, r}) * 0.5f;
    return {a.transpose(), gathered(r, c, [&](auto i, auto j) { return v[at(j * r + i)] * 0.5f; })};
}

constexpr layout layouts[] = {
    {"contiguous", contiguous},
    {"reversed columns", reversed_columns},
    {"reversed rows", reversed_rows},
    {"every third", every_third},
    {"every second backwards", every_second_backwards},
    {"every fourth", spaced<4>},
    {"every fifth", spaced<5>},
    {"every ninth", spaced<9>},
    {"every third backwards", spaced<-3>},
    {"inner part", inner_part},
    {"transposed", transposed},
    {"one row", one_row},
    {"one column", one_column},
    {"one number", one_number},
    {"borrowed at 1", borrowed_at<1>},
    {"borrowed at 7", borrowed_at<7>},
    {"borrowed at 15", borrowed_at<15>},
    {"borrowed diagonal", borrowed_diagonal},
    {"pending", pending},
    {"pending transposed", pending_transposed},
};

constexpr sn::index_t shapes[][2] = {{1, 1}, {1, 17}, {17, 1}, {3, 5}, {8, 16}, {7, 33}, {33, 7}, {64, 64}, {65, 130}, {2, 1001}};

void expect_same(const floats& got, const std::vector<float>& expected, const char* first, const char* second, sn::index_t rows,
                 sn::index_t columns) {
    const std::vector<float> v = got.to_vector();
    BOOST_REQUIRE_EQUAL(v.size(), expected.size());
    for (std::size_t i = 0; i < v.size(); ++i) {
        if (!support::same(v[i], expected[i])) {
            BOOST_ERROR(first << " with " << second << ", " << rows << " x " << columns << ", element " << i << ": " << v[i] << " instead of "
                              << expected[i]);
            return;
        }
    }
}

void compare(const layout& la, const layout& lb, sn::index_t rows, sn::index_t columns) {
    const operand a = la.make(rows, columns, 11), b = lb.make(rows, columns, 12), c = contiguous(rows, columns, 13);
    std::vector<float> expected(c.values.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
        expected[i] = std::fma(a.values[i], b.values[i], c.values[i]) + std::sqrt(std::fabs(a.values[i]));
    expect_same(a.array * b.array + c.array + sn::sqrt(sn::abs(a.array)), expected, la.name, lb.name, rows, columns);
}

BOOST_AUTO_TEST_SUITE(operand_layouts)

BOOST_DATA_TEST_CASE(every_pair, boost::unit_test::data::make(layouts), first) {
    for (const layout& second : layouts) {
        for (const auto& shape : shapes) compare(first, second, shape[0], shape[1]);
    }
}

BOOST_DATA_TEST_CASE(large_ones, boost::unit_test::data::make(layouts), first) {
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        compare(first, layouts[0], 1009, 1013);
        compare(first, layouts[6], 1009, 1013);
    }
}

BOOST_DATA_TEST_CASE(written_through, boost::unit_test::data::make(layouts), source) {
    for (const auto& shape : shapes) {
        const sn::index_t r = shape[0], c = shape[1];
        const operand x = source.make(r, c, 21);
        std::vector<float> memory(at((r + 1) * 2 * (c + 1)), 5.0f);
        floats target = sn::borrow(memory.data() + 1, {r, c}, {2 * (c + 1), 2});
        target(all, range({}, {}, -1)) = x.array + 0.0f;
        std::vector<float> expected(memory.size(), 5.0f);
        for (sn::index_t i = 0; i < r; ++i) {
            for (sn::index_t j = 0; j < c; ++j) expected[at(1 + i * 2 * (c + 1) + 2 * (c - 1 - j))] = x.values[at(i * c + j)] + 0.0f;
        }
        for (std::size_t i = 0; i < memory.size(); ++i) {
            if (!support::same(memory[i], expected[i])) {
                BOOST_ERROR(source.name << ", " << r << " x " << c << ", at " << i << ": " << memory[i] << " instead of " << expected[i]);
                break;
            }
        }
    }
}

template <class T>
void strides_of(const char* name) {
    for (const sn::index_t n : {1, 2, 5, 8, 15, 16, 17, 31, 33, 63, 64, 65, 130, 1001}) {
        for (const sn::index_t step : {2, 3, 4, 5, 8, 9, -1, -2, -3, -4, -9}) {
            const sn::index_t apart = step < 0 ? -step : step;
            std::vector<T> v(at(n * apart)), w(at(n));
            for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<T>(i * 7 % 101);
            for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<T>(i * 5 % 89);
            const sn::array<T> x = sn::from(v);
            const sn::array<T> read = x(range({}, {}, step)) + sn::array<T>(sn::from(w));
            sn::array<T> written = sn::from(v);
            written(range({}, {}, step)) = sn::array<T>(sn::from(w)) * T(2);
            sn::array<T> updated = sn::from(v);
            updated(range({}, {}, step)) = updated(range({}, {}, step)) + T(3);
            std::vector<T> expected_read = w, expected_written = v, expected_updated = v;
            for (sn::index_t i = 0; i < n; ++i) {
                const std::size_t place = at(i * step + (step < 0 ? n * apart - 1 : 0));
                expected_read[at(i)] = static_cast<T>(v[place] + w[at(i)]);
                expected_written[place] = static_cast<T>(w[at(i)] * 2);
                expected_updated[place] = static_cast<T>(v[place] + 3);
            }
            const bool good = read.to_vector() == expected_read && written.to_vector() == expected_written && updated.to_vector() == expected_updated;
            BOOST_REQUIRE_MESSAGE(good, name << ", " << n << " elements by " << step);
        }
    }
}

BOOST_AUTO_TEST_CASE(strides_of_every_type) {
    strides_of<float>("float");
    strides_of<double>("double");
    strides_of<std::int8_t>("int8");
    strides_of<std::uint8_t>("uint8");
    strides_of<std::int16_t>("int16");
    strides_of<std::uint16_t>("uint16");
    strides_of<std::int32_t>("int32");
    strides_of<std::uint32_t>("uint32");
    strides_of<std::int64_t>("int64");
    strides_of<std::uint64_t>("uint64");
}

/// Operands, results and sums whose neighbours lie along the other axis.
template <class T>
void turned(const char* name, sn::index_t r, sn::index_t c) {
    std::vector<T> v(at(r * c)), w(at(r * c));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<T>(i * 7 % 61), w[i] = static_cast<T>(i * 5 % 53);
    const sn::array<T> a = sn::from(v, {r, c}), b = sn::from(w, {c, r});
    const auto value = [&](sn::index_t i, sn::index_t j) { return static_cast<T>(v[at(i * c + j)] + w[at(j * r + i)]); };
    const std::vector<T> both = (a + b.transpose()).eval().to_vector();
    const std::vector<T> twice = (b.transpose() * T(2)).eval().to_vector();
    std::vector<T> written(at(r * c));
    sn::array<T> target = sn::borrow(written.data(), {r, c}, {1, r});
    target(all) = a + b.transpose();
    const sn::array<T> mixed = sn::cast<T>(sn::cast<float>(a) + sn::cast<float>(b.transpose()));
    const std::vector<T> converted = mixed.to_vector();
    bool good = true;
    for (sn::index_t i = 0; i < r; ++i) {
        for (sn::index_t j = 0; j < c; ++j) {
            good = good && both[at(i * c + j)] == value(i, j) && twice[at(i * c + j)] == static_cast<T>(w[at(j * r + i)] * 2);
            good = good && written[at(j * r + i)] == value(i, j) && converted[at(i * c + j)] == value(i, j);
        }
    }
    // The order of a sum depends on its shape only: a copy in the other order gives the same bits.
    const sn::array<T> straight = sn::from((b.transpose() + T(0)).eval().to_vector(), {r, c});
    for (const int axis : {0, 1}) {
        good = good && sn::sum(b.transpose(), {.axis = axis}).to_vector() == sn::sum(straight, {.axis = axis}).to_vector();
        good = good && sn::max(a + b.transpose(), {.axis = axis}).to_vector() == sn::max(a + straight, {.axis = axis}).to_vector();
    }
    BOOST_TEST(good, name << ", " << r << " x " << c);
}

BOOST_AUTO_TEST_CASE(turned_operands_of_every_type) {
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        for (const auto& [r, c] : {std::pair<sn::index_t, sn::index_t>{1, 40}, {7, 9}, {8, 8}, {9, 40}, {40, 9}, {17, 31}, {64, 128}, {65, 129}, {63, 301}, {300, 70}, {3, 500}, {500, 9}, {2003, 13}}) {
            turned<float>("float", r, c);
            turned<double>("double", r, c);
            turned<std::uint8_t>("uint8", r, c);
            turned<std::int16_t>("int16", r, c);
            turned<std::int32_t>("int32", r, c);
            turned<std::uint64_t>("uint64", r, c);
        }
        turned<float>("float", 1031, 1100);
        turned<std::uint8_t>("uint8", 1031, 1100);
        turned<float>("float", 20, 70001);
        turned<float>("float", 70001, 20);
    }
}

BOOST_AUTO_TEST_CASE(turned_among_other_axes) {
    // Three axes in every order, alone and beside the order of memory.
    const sn::index_t n0 = 19, n1 = 23, n2 = 37;
    const std::vector<float> v = numbers(n0 * n1 * n2, 61);
    const floats x = sn::from(v, {n0, n1, n2});
    const std::vector<std::array<int, 3>> orders = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (const auto& o : orders) {
        const std::array<sn::index_t, 3> extent = {n0, n1, n2}, stride = {n1 * n2, n2, 1};
        const auto e = [&](std::size_t d) { return extent[at(o[d])]; };
        const auto s = [&](std::size_t d) { return stride[at(o[d])]; };
        const floats y = sn::arange<float>(n0 * n1 * n2).reshape({e(0), e(1), e(2)});
        const std::vector<float> got = (x.transpose({o[0], o[1], o[2]}) + y).eval().to_vector();
        std::size_t k = 0;
        bool good = true;
        for (sn::index_t i = 0; i < e(0); ++i) {
            for (sn::index_t j = 0; j < e(1); ++j) {
                for (sn::index_t l = 0; l < e(2); ++l, ++k) good = good && support::same(got[k], v[at(i * s(0) + j * s(1) + l * s(2))] + static_cast<float>(k));
            }
        }
        BOOST_TEST(good);
    }
}

BOOST_AUTO_TEST_CASE(planes_of_a_picture) {
    // Interleaved bytes in and out with floats between; few rows, which then go strip by strip, and many.
    for (const auto& [h, w] : {std::pair<sn::index_t, sn::index_t>{1, 1}, {3, 5}, {7, 33}, {300, 401}}) {
        std::vector<std::uint8_t> v(at(h * w * 3));
        for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<std::uint8_t>(i * 37 % 253);
        const sn::array<std::uint8_t> picture = sn::from(v, {h, w, 3});
        const floats linear = sn::cast<float>(picture) * 0.5f;
        const floats light = linear(all, all, 0) + linear(all, all, 1) * 2.0f + linear(all, all, 2) * 4.0f;
        const sn::array<std::uint8_t> lit = sn::cast<std::uint8_t>(sn::cast<float>(picture) * (light / 2048.0f)(all, all, sn::newaxis));
        sn::eval(light, lit);
        const std::vector<float> got_light = light.to_vector();
        const std::vector<std::uint8_t> got = lit.to_vector();
        for (std::size_t i = 0; i < got_light.size(); ++i) {
            const float expected = static_cast<float>(v[3 * i]) * 0.5f + static_cast<float>(v[3 * i + 1]) + static_cast<float>(v[3 * i + 2]) * 2.0f;
            BOOST_REQUIRE_EQUAL(got_light[i], expected);
            for (std::size_t c = 0; c < 3; ++c)
                BOOST_REQUIRE_EQUAL(+got[3 * i + c], +static_cast<std::uint8_t>(static_cast<float>(v[3 * i + c]) * (expected / 2048.0f)));
        }
    }
}

BOOST_AUTO_TEST_CASE(every_operation_on_strides) {
    for (const differential::operation& o : differential::operations()) {
        for (const sn::index_t n : {1, 17, 65, 1001}) {
            const operand a = every_third(1, n, 31), b = reversed_columns(1, n, 32), c = borrowed_at<3>(1, n, 33);
            const std::vector<float> got = o.ours(a.array, b.array, c.array).to_vector();
            const std::vector<float> plain = o.ours(sn::from(a.values), sn::from(b.values), sn::from(c.values)).to_vector();
            BOOST_REQUIRE_EQUAL(got.size(), plain.size());
            for (std::size_t i = 0; i < got.size(); ++i) BOOST_REQUIRE_MESSAGE(support::same(got[i], plain[i]), o.name << " at " << i << " of " << n);
        }
    }
}

BOOST_AUTO_TEST_CASE(rank_eight_without_a_layout_that_collapses) {
    std::vector<float> v = numbers(4 * 4 * 4 * 4 * 4 * 4 * 4 * 4, 41);
    const floats a = sn::from(v, {4, 4, 4, 4, 4, 4, 4, 4});
    const auto part =
        a(range(0, {}, 2), range(1, {}, 2), range({}, {}, -2), range(0, 3), range(1, 4), range({}, {}, -1), range(0, {}, 3), range(1, 3));
    std::vector<float> expected;
    for (const std::size_t i0 : {0, 2})
        for (const std::size_t i1 : {1, 3})
            for (const std::size_t i2 : {3, 1})
                for (const std::size_t i3 : {0, 1, 2})
                    for (const std::size_t i4 : {1, 2, 3})
                        for (const std::size_t i5 : {3, 2, 1, 0})
                            for (const std::size_t i6 : {0, 3})
                                for (const std::size_t i7 : {1, 2})
                                    expected.push_back(v[((((((i0 * 4 + i1) * 4 + i2) * 4 + i3) * 4 + i4) * 4 + i5) * 4 + i6) * 4 + i7] + 1.0f);
    support::check(part + 1.0f, {2, 2, 2, 3, 3, 4, 2, 2}, expected);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
