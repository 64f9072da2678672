#include "support/check.hpp"

#include <cmath>
#include <random>

// Loops within functions against plain loops for each element, on every backend and any number of threads.

namespace {

namespace sn = sinter;
using sn::index_t;
using support::same;

template <class T>
[[nodiscard]] std::vector<T> fractions(std::size_t n, unsigned seed, T low, T high) {
    std::mt19937 random(seed);
    std::vector<T> v(n);
    for (T& x : v) x = low + static_cast<T>(random()) * static_cast<T>(0x1p-32) * (high - low);
    return v;
}

template <class T>
void expect(const sn::array<T>& got, const std::vector<T>& expected, const std::string& what) {
    const std::vector<T> values = got.to_vector();
    BOOST_REQUIRE_EQUAL(values.size(), expected.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (same(values[i], expected[i])) continue;
        BOOST_ERROR(what << ": element " << i << " is " << +values[i] << " instead of " << +expected[i]);
        return;
    }
}

/// Around every width of a vector, of several side by side, and of a block.
const std::vector<std::size_t> lengths{0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 129, 255, 257, 1023, 1025, 4099};

class on_threads {
public:
    explicit on_threads(int n) : options_{.threads = n} {}

private:
    sn::scoped_options options_;
};

template <class T>
auto orbit(int limit) {
    return sn::fn([=](auto cx, auto cy) {
        auto [x, y, n] = sn::loop(limit, std::tuple{T(0), T(0), std::int32_t{0}}, [](auto p, auto q, auto) { return p * p + q * q <= T(4); },
                                  [&](auto p, auto q, auto k) { return std::tuple{p * p - q * q + cx, T(2) * p * q + cy, k + 1}; });
        return std::tuple{x, y, n};
    });
}

template <class T>
void check_orbits(std::size_t size, int limit, int threads) {
    const std::string what = std::to_string(size) + " elements, at most " + std::to_string(limit) + " turns, " + std::to_string(threads) + " threads";
    const std::vector<T> a = fractions<T>(size, 1, -2, 1), b = fractions<T>(size, 2, -1, 1);
    std::vector<T> real(size), imaginary(size);
    std::vector<std::int32_t> turns(size);
    for (std::size_t i = 0; i < size; ++i) {
        T p = 0, q = 0;
        int k = 0;
        while (k < limit && std::fma(p, p, q * q) <= 4) {
            const T square = q * q, twice = 2 * p;
            const T next = std::fma(p, p, -square) + a[i];
            q = std::fma(twice, q, b[i]);
            p = next;
            ++k;
        }
        real[i] = p;
        imaginary[i] = q;
        turns[i] = k;
    }
    const on_threads now(threads);
    auto [x, y, n] = orbit<T>(limit)(sn::from(a), sn::from(b));
    sn::eval(x, y, n);
    expect<T>(x, real, "x of " + what);
    expect<T>(y, imaginary, "y of " + what);
    expect<std::int32_t>(n, turns, "turns of " + what);
    // By itself the count needs no exact states of those that are done.
    expect<std::int32_t>(std::get<2>(orbit<T>(limit)(sn::from(a), sn::from(b))), turns, "turns alone of " + what);
}

/// A loop whose elements end after 0 to 12 turns, over states of one type.
template <class T>
void check_type(std::size_t size) {
    std::vector<T> v(size), out(size);
    std::vector<std::uint8_t> odd(size);
    for (std::size_t i = 0; i < size; ++i) {
        v[i] = static_cast<T>(i * 7 % 13);
        T s = 1, n = 0;
        bool flag = false;
        for (; n < v[i]; n = static_cast<T>(n + 1)) {
            s = static_cast<T>(s * T(3) + n);
            flag = !flag;
        }
        out[i] = s;
        odd[i] = flag;
    }
    const auto f = sn::fn([](auto most) {
        auto [s, n, flag] = sn::loop(100, std::tuple{most * T(0) + T(1), T(0), false}, [&](auto, auto q, auto) { return q < most; },
                                     [](auto p, auto q, auto r) { return std::tuple{p * T(3) + q, q + T(1), !r}; });
        return std::tuple{s, sn::cast<std::uint8_t>(flag)};
    });
    auto [s, flag] = f(sn::from(v));
    sn::eval(s, flag);
    expect<T>(s, out, std::string(sn::detail::name_of(sn::detail::dtype_of<T>)) + " of " + std::to_string(size));
    expect<std::uint8_t>(flag, odd, "flags beside " + std::string(sn::detail::name_of(sn::detail::dtype_of<T>)) + " of " + std::to_string(size));
}

BOOST_AUTO_TEST_SUITE(loops)

BOOST_AUTO_TEST_CASE(every_length) {
    for (const std::size_t n : lengths) {
        check_orbits<float>(n, 100, 1);
        check_orbits<double>(n, 30, 1);
    }
    for (const int limit : {0, 1, 2, 3}) check_orbits<float>(77, limit, 1);
}

BOOST_AUTO_TEST_CASE(threads) {
    check_orbits<float>(200'003, 50, 1);
    check_orbits<float>(200'003, 50, 2);
    check_orbits<double>(100'001, 50, 2);
}

BOOST_AUTO_TEST_CASE(every_type) {
    for (const std::size_t n : {std::size_t{1}, std::size_t{31}, std::size_t{64}, std::size_t{500}}) {
        check_type<std::int8_t>(n);
        check_type<std::int16_t>(n);
        check_type<std::int32_t>(n);
        check_type<std::int64_t>(n);
        check_type<std::uint8_t>(n);
        check_type<std::uint16_t>(n);
        check_type<std::uint32_t>(n);
        check_type<std::uint64_t>(n);
        check_type<float>(n);
        check_type<double>(n);
    }
}

// More states and captured values than there are registers, which change places.
BOOST_AUTO_TEST_CASE(many_states) {
    constexpr std::size_t size = 331;
    const std::vector<float> v = fractions<float>(size, 5, 0, 1);
    const auto f = sn::fn([](auto u) {
        auto a = u + 1.0f, b = u * 2.0f, c = u * 3.0f, d = sqrt(u), e = u - 4.0f, g = u * u;
        auto [p, q, r, s, t, w, x, y, n] = sn::loop(
            40, std::tuple{a, b, c, d, e, g, u, u, 0}, [](auto s0, auto, auto, auto, auto, auto, auto, auto, auto k) { return (s0 < 50.0f) & (k < 25); },
            [&](auto s0, auto s1, auto s2, auto s3, auto s4, auto s5, auto s6, auto s7, auto k) {
                return std::tuple{s1 + a, s0, s3 * 1.25f, s2 - b, s5 + c * 0.125f, s4, s7 * d + e, s6 + g, k + 1};
            });
        return std::tuple{p + q, r, s, t, w, x, y, n};
    });
    std::vector<float> sums(size), last(size), seventh(size);
    std::vector<std::int32_t> turns(size);
    for (std::size_t i = 0; i < size; ++i) {
        const float u = v[i], a = u + 1, b = u * 2, c = u * 3, d = std::sqrt(u), e = u - 4, g = u * u;
        float p = a, q = b, r = c, s = d, t = e, w = g, x = u, y = u;
        int n = 0;
        for (; n < 40 && p < 50 && n < 25; ++n) {
            const float next[] = {q + a, p, s * 1.25f, r - b, std::fma(c, 0.125f, w), t, std::fma(y, d, e), std::fma(u, u, x)};
            p = next[0], q = next[1], r = next[2], s = next[3], t = next[4], w = next[5], x = next[6], y = next[7];
        }
        sums[i] = p + q;
        seventh[i] = x;
        last[i] = y;
        turns[i] = n;
    }
    auto [pq, r, s, t, w, x, y, n] = f(sn::from(v));
    sn::eval(pq, r, s, t, w, x, y, n);
    expect<float>(pq, sums, "sums");
    expect<float>(x, seventh, "seventh state");
    expect<float>(y, last, "last state");
    expect<std::int32_t>(n, turns, "turns");
}

BOOST_AUTO_TEST_CASE(strict_precision) {
    const std::vector<float> v = fractions<float>(100, 7, 0, 2);
    const auto f = sn::fn([](auto u) {
        auto [s] = sn::loop(6, std::tuple{u}, [](auto p) { return p < 100.0f; }, [&](auto p) { return std::tuple{p * p + u}; });
        return s;
    });
    std::vector<float> fused(v), apart(v);
    for (std::size_t i = 0; i < v.size(); ++i) {
        for (int n = 0; n < 6 && fused[i] < 100; ++n) fused[i] = std::fma(fused[i], fused[i], v[i]);
        for (int n = 0; n < 6 && apart[i] < 100; ++n) {
            const float square = apart[i] * apart[i];
            apart[i] = square + v[i];
        }
    }
    expect<float>(f(sn::from(v)), fused, "contracted");
    const sn::scoped_options strict{.precision = sn::precision::strict};
    expect<float>(f(sn::from(v)), apart, "strict");
}

BOOST_AUTO_TEST_CASE(rows_columns_and_strides) {
    constexpr index_t rows = 37, columns = 53;
    const std::vector<float> a = fractions<float>(columns, 1, -2, 1), b = fractions<float>(rows, 2, -1, 1);
    const sn::array<float> row = sn::from(a), column = sn::from(b).reshape({rows, 1});
    const sn::array<float> whole_row = sn::array<float>(sn::broadcast_to(row, {rows, columns}) + 0.0f).eval();
    const sn::array<float> whole_column = sn::array<float>(sn::broadcast_to(column, {rows, columns}) + 0.0f).eval();
    const auto turns = [](const auto& x, const auto& y) { return sn::array<std::int32_t>(std::get<2>(orbit<float>(60)(x, y))).to_vector(); };
    const std::vector<std::int32_t> expected = turns(whole_row, whole_column);
    expect<std::int32_t>(sn::from(turns(row, column)), expected, "broadcast");
    expect<std::int32_t>(sn::from(turns(whole_row.transpose().eval().transpose(), column)), expected, "transposed");
    const sn::array<float> apart = sn::concatenate({whole_row, whole_row}, {.axis = 1});
    expect<std::int32_t>(sn::array<std::int32_t>(std::get<2>(orbit<float>(60)(apart(sn::all, sn::range(0, columns)), column))), expected, "a slice");
    std::vector<std::int32_t> reversed = expected;
    for (index_t r = 0; r < rows; ++r) std::reverse(reversed.begin() + r * columns, reversed.begin() + (r + 1) * columns);
    expect<std::int32_t>(sn::from(turns(whole_row(sn::all, sn::range({}, {}, -1)), column)), reversed, "backward");
}

/// Sines of angles that become huge, of some elements in some turns: the reduction that hardly ever runs does, in the middle of a loop.
template <class T>
void check_angles(std::size_t size) {
    const std::vector<T> v = fractions<T>(size, 9, T(0.5), T(3));
    const auto f = sn::fn([](auto u) {
        auto [angle, total, n] = sn::loop(12, std::tuple{u, u * T(0), 0}, [&](auto, auto t, auto) { return t < T(2.5); },
                                          [&](auto a, auto t, auto k) { return std::tuple{select(sin(a) < T(0.4), a * T(31), a * T(0.25)), t + abs(cos(a)) * T(0.5), k + 1}; });
        return std::tuple{angle, total, n};
    });
    sn::array<T> angle = sn::from(v), total = angle * T(0);
    sn::array<std::int32_t> n = sn::array<std::int32_t>(sn::cast<std::int32_t>(total));
    for (int turn = 0; turn < 12; ++turn) {
        // A statement at a time: each product that is added to is one with its sum there, too.
        const sn::array<bool> goes_on = sn::array<bool>(total < T(2.5)).eval();
        const sn::array<T> next = where(sin(angle) < T(0.4), angle * T(31), angle * T(0.25));
        const sn::array<T> more = total + abs(cos(angle)) * T(0.5);
        angle = sn::array<T>(where(goes_on, next, angle)).eval();
        total = sn::array<T>(where(goes_on, more, total)).eval();
        n = sn::array<std::int32_t>(where(goes_on, n + 1, n)).eval();
    }
    auto [a, t, k] = f(sn::from(v));
    sn::eval(a, t, k);
    expect<T>(a, angle.to_vector(), "angles");
    expect<T>(t, total.to_vector(), "totals");
    expect<std::int32_t>(k, n.to_vector(), "turns");
    BOOST_TEST(sn::max(abs(a)).item() > T(1e6));
}

BOOST_AUTO_TEST_CASE(angles_of_any_size) {
    for (const std::size_t size : {std::size_t{7}, std::size_t{130}, std::size_t{2051}}) {
        check_angles<float>(size);
        check_angles<double>(size);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
