#include "support/check.hpp"

#include <sinter/sinter.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <cstdint>
#include <tuple>

// Operands that lie across memory, alone and beside others: squares in registers, what is left of them at two edges, tiles for what has no squares.

namespace {

namespace sn = sinter;
using sn::all;
using sn::index_t;
using sn::range;

template <class T>
struct operands {
    index_t rows, columns;
    sn::array<T> x, w, v;  // w and v are the other way round
};

template <class T>
[[nodiscard]] operands<T> make(index_t rows, index_t columns) {
    const auto numbers = [](std::uint64_t seed, index_t r, index_t c) {
        sn::array<T> a = sn::cast<T>(sn::random::integers<int>(sn::random::key{seed}, 0, 100, {r, c}));
        return a.eval();
    };
    return {rows, columns, numbers(1, rows, columns), numbers(2, columns, rows), numbers(3, columns, rows)};
}

/// value: of the element at a row and column, from the operands' elements there.
template <class T, class F>
void check(const operands<T>& o, const sn::array<T>& y, const char* what, F&& value) {
    const T *const p = y.data(), *const x = o.x.data(), *const w = o.w.data(), *const v = o.v.data();
    std::size_t wrong = 0;
    for (index_t r = 0; r < o.rows; ++r) {
        for (index_t c = 0; c < o.columns; ++c) {
            const T wanted = value(r, c, x[r * o.columns + c], w[c * o.rows + r], v[c * o.rows + r]);
            wrong += p[r * o.columns + c] == wanted ? 0 : 1;
        }
    }
    BOOST_TEST(wrong == 0U, what << " of " << o.rows << " x " << o.columns << ", elements of " << sizeof(T) << " bytes: " << wrong << " wrong");
}

template <class T>
void check_all(index_t rows, index_t columns) {
    const operands<T> o = make<T>(rows, columns);
    const auto wt = o.w.transpose(), vt = o.v.transpose();
    check<T>(o, wt * T{3}, "one alone", [](index_t, index_t, T, T w, T) { return static_cast<T>(w * T{3}); });
    check<T>(o, wt - vt, "two alone", [](index_t, index_t, T, T w, T v) { return static_cast<T>(w - v); });
    check<T>(o, o.x + wt, "one beside another", [](index_t, index_t, T x, T w, T) { return static_cast<T>(x + w); });
    check<T>(o, wt - o.x + wt(all, range({}, {})) - vt, "three", [](index_t, index_t, T x, T w, T v) { return static_cast<T>(w - x + w - v); });
    const sn::array<T> row = o.x(range(0, 1), all), column = o.x(all, range(0, 1));
    const T* const all_of_x = o.x.data();
    check<T>(o, sn::maximum(wt, o.x) + row - column, "beside a row and a column",
             [&](index_t r, index_t c, T x, T w, T) { return static_cast<T>((w > x ? w : x) + all_of_x[c] - all_of_x[r * columns]); });
    // Two results of one kernel.
    const sn::array<T> sum = o.x + wt, difference = o.x - wt;
    sn::eval(sum, difference);
    check<T>(o, sum, "first of two", [](index_t, index_t, T x, T w, T) { return static_cast<T>(x + w); });
    check<T>(o, difference, "second of two", [](index_t, index_t, T x, T w, T) { return static_cast<T>(x - w); });
}

constexpr index_t extents[] = {7, 8, 15, 16, 17, 33, 64, 100, 131};

}  // namespace

BOOST_AUTO_TEST_SUITE(transposed)

BOOST_DATA_TEST_CASE(every_size, boost::unit_test::data::make(extents), rows) {
    for (const index_t columns : {8, 16, 17, 31, 48, 65, 130}) {
        check_all<float>(rows, columns);
        check_all<double>(rows, columns);
        check_all<std::int32_t>(rows, columns);
        check_all<std::uint64_t>(rows, columns);
        check_all<std::int16_t>(rows, columns);
        check_all<std::uint8_t>(rows, columns);
    }
}

// Past the caches, in parts of several threads, and with rows that no vector divides.
BOOST_AUTO_TEST_CASE(large) {
    for (const auto& [rows, columns] : {std::pair<index_t, index_t>{2048, 1024}, {1037, 1051}, {4096, 520}, {16, 20000}, {20000, 16}}) {
        check_all<float>(rows, columns);
        check_all<double>(rows, columns);
    }
}

// A type that is wider than what lies across memory, and a long body, whose constants want the registers that squares are transposed in.
BOOST_AUTO_TEST_CASE(no_squares_of_half_vectors_and_long_bodies) {
    const operands<float> o = make<float>(70, 90);
    const sn::array<double> wide = sn::cast<double>(o.w.transpose()) + sn::cast<double>(o.x);
    const sn::array<float> plain = o.w.transpose().eval();
    BOOST_TEST(sn::array_equal(wide, sn::array<double>(sn::cast<double>(plain) + sn::cast<double>(o.x))));
    const auto body = [](const auto& a, const auto& b) { return sn::array<float>(sn::sin(a) * sn::exp(b * -0.01f) + sn::log(a + 1.5f) / (b + 0.25f) - sn::tanh(a - b)); };
    BOOST_TEST(sn::array_equal(body(o.w.transpose(), o.x), body(plain, o.x)));
    BOOST_TEST(sn::array_equal(body(o.x, o.w.transpose()), body(o.x, plain)));
}

// Into memory that no line begins with: no stores past the caches.
BOOST_AUTO_TEST_CASE(into_the_users_memory) {
    const operands<float> o = make<float>(1500, 1800);
    for (const std::size_t head : {0U, 1U, 15U}) {
        std::vector<float> room(static_cast<std::size_t>(o.rows * o.columns) + 32, -1.0f);
        sn::array<float> y = o.x + o.w.transpose();
        sn::eval(sn::to(std::span{room}.subspan(head, static_cast<std::size_t>(o.rows * o.columns)), y));
        BOOST_TEST(room.back() == -1.0f);
        if (head > 0) BOOST_TEST(room[head - 1] == -1.0f);
        const sn::array<float> got = sn::from(std::span<const float>{room}.subspan(head, static_cast<std::size_t>(o.rows * o.columns)), {o.rows, o.columns});
        BOOST_TEST(sn::array_equal(got, y));
    }
}

BOOST_AUTO_TEST_SUITE_END()
