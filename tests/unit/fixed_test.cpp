#include <sinter/detail/scalar_lane.hpp>
#include <sinter/fixed.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <sstream>

// Arrays of static shape against plain loops, bit for bit.

namespace {

namespace sn = sinter;
namespace op = sinter::detail::op;
using sn::index_t;

/// a * b + c as this program's arrays compute it: contracted where that is one instruction.
template <class T>
T product_and_sum(T a, T b, T c) {
    if constexpr (std::floating_point<T>) {
#if defined(__FMA__)
        return std::fma(a, b, c);
#else
        volatile T product = a * b;
        return product + c;
#endif
    } else {
        using wide = std::make_unsigned_t<std::common_type_t<T, int>>;
        return static_cast<T>(static_cast<wide>(a) * static_cast<wide>(b) + static_cast<wide>(c));
    }
}

/// An operation on plain numbers.
template <class Op, class... T>
auto plain(T... x) {
    return sn::detail::apply_to_lanes<Op>(sn::lane<T>(x)...).raw();
}

template <class A>
A random_array(unsigned seed) {
    using T = typename A::value_type;
    std::mt19937 random{seed};
    A x;
    for (index_t i = 0; i < A::size(); ++i) {
        if constexpr (std::same_as<T, bool>) x.mutable_data()[i] = random() % 2 == 0;
        else if constexpr (std::integral<T>) x.mutable_data()[i] = static_cast<T>(random());
        else x.mutable_data()[i] = static_cast<T>(static_cast<double>(random()) / 4294967296.0 * 8 - 4);
    }
    return x;
}

/// Every element is what f gives for its place; NaN equals NaN, and zeros have signs.
template <class A, class F>
bool matches(const A& found, F f) {
    for (index_t i = 0; i < A::size(); ++i) {
        const auto expected = static_cast<typename A::value_type>(f(i));
        if (std::memcmp(&found.data()[i], &expected, sizeof expected) != 0) {
            BOOST_TEST_MESSAGE("element " << i << " of " << A::size() << ": " << +found.data()[i] << ", expected " << +expected);
            return false;
        }
    }
    return true;
}

template <index_t... N, class F>
void for_sizes(F f) {
    (f.template operator()<N>(), ...);
}
template <class F, std::size_t... N>
void for_sizes_up_to(F f, std::index_sequence<N...>) {
    for_sizes<static_cast<index_t>(N) + 1 ...>(f);
}

/// The operands of one case, and its result, without the size in their type: the checks are then compiled once.
template <class T>
struct views {
    std::span<const T> x, y, z, r;

    template <class F>
    void check(const char* what, F f) const {
        for (std::size_t i = 0; i < r.size(); ++i) {
            const T expected = f(x[i], y[i], z[i]);
            if (std::memcmp(&r[i], &expected, sizeof expected) == 0) continue;
            BOOST_TEST(false, what << ", element " << i << " of " << r.size() << ": " << +r[i] << ", expected " << +expected);
            return;
        }
    }
};

template <class T, index_t N>
void try_fused() {
    using array = sn::array<T, N>;
    const auto x = random_array<array>(1), z = random_array<array>(3);
    array r = T(3) * x + z;
    const views<T> v{{x.data(), x.end()}, {x.data(), x.end()}, {z.data(), z.end()}, {r.data(), r.end()}};
    v.check("3 x + z", [](T p, T, T q) { return product_and_sum(T(3), p, q); });
    r = x;
    r -= z * r;
    v.check("x - z x in place", [](T p, T, T q) { return product_and_sum(plain<op::negative>(q), p, p); });
}

template <class T, index_t N>
void try_elementwise() {
    using array = sn::array<T, N>;
    const auto x = random_array<array>(1), y = random_array<array>(2), z = random_array<array>(3);
    array r = z - x * y;
    const views<T> v{{x.data(), x.end()}, {y.data(), y.end()}, {z.data(), z.end()}, {r.data(), r.end()}};
    v.check("z - x y", [](T p, T q, T s) { return product_and_sum(plain<op::negative>(p), q, s); });
    r = where(x < y, minimum(x, z), abs(-y));
    v.check("where", [](T p, T q, T s) { return p < q ? plain<op::minimum>(p, s) : plain<op::abs>(plain<op::negative>(q)); });
    const sn::array<bool, N> b = (x >= y) != (z == z);
    BOOST_TEST(matches(b, [&](index_t i) { return !(x.data()[i] >= y.data()[i]); }), "comparisons of " << N);
    r = x;
    r *= 2;
    r += r * r - x;
    v.check("in place", [](T p, T, T) {
        const T twice = plain<op::multiply>(p, T(2));
        return plain<op::add>(twice, product_and_sum(twice, twice, plain<op::negative>(p)));
    });
}

template <index_t N>
void try_functions() {
    using array = sn::array<float, N>;
    const auto x = random_array<array>(4), y = random_array<array>(5);
    array r = exp(x) / sqrt(abs(y));
    const views<float> v{{x.data(), x.end()}, {y.data(), y.end()}, {y.data(), y.end()}, {r.data(), r.end()}};
    v.check("exp", [](float p, float q, float) { return plain<op::exp>(p) / std::sqrt(std::fabs(q)); });
    r = pow(abs(x), y);
    v.check("pow", [](float p, float q, float) { return plain<op::pow>(std::fabs(p), q); });
    r = round(x) + rsqrt(square(y)) * sign(x);
    v.check("round, rsqrt, square, sign",
            [](float p, float q, float) { return std::fma(plain<op::rsqrt>(q * q), plain<op::sign>(p), std::round(p)); });
    r = log(y * y) + tanh(x);
    v.check("log and tanh", [](float p, float q, float) { return plain<op::log>(q * q) + plain<op::tanh>(p); });
}

/// The sum as the order of reductions has it, one row.
template <class T>
T row_sum(const std::vector<T>& values) {
    const std::size_t lanes = sizeof(T) == 8 ? 32 : 64;
    std::vector<T> lane(lanes, T(0));
    for (std::size_t i = 0; i < values.size(); ++i) lane[i % lanes] += values[i];
    for (std::size_t h = lanes / 2; h > 0; h /= 2) {
        for (std::size_t l = 0; l < h; ++l) lane[l] += lane[l + h];
    }
    return lane[0];
}

/// Axes merge into rows of 1024 elements or more; rows are cut at row_block; results are reduced again.
template <class T>
T whole_sum(std::vector<T> values, std::vector<index_t> shape) {
    constexpr index_t row_block = sn::detail::reduction_order::row_block;
    while (!shape.empty()) {
        index_t length = 1;
        do {
            length *= shape.back();
            shape.pop_back();
        } while (!shape.empty() && length < 1024);
        if (length > row_block) shape.push_back((length + (row_block - 1)) / row_block);
        std::vector<T> results;
        for (std::size_t row = 0; row < values.size(); row += static_cast<std::size_t>(length)) {
            for (std::size_t at = 0; at < static_cast<std::size_t>(length); at += std::size_t{row_block}) {
                const std::size_t n = std::min<std::size_t>(std::size_t{row_block}, static_cast<std::size_t>(length) - at);
                const auto first = values.begin() + static_cast<std::ptrdiff_t>(row + at);
                results.push_back(row_sum(std::vector<T>(first, first + static_cast<std::ptrdiff_t>(n))));
            }
        }
        values = results;
    }
    return values[0];
}

template <class T, index_t... E>
void try_sum() {
    static const auto x = random_array<sn::array<T, E...>>(6);
    BOOST_TEST(sum(x).item() == whole_sum(x.to_vector(), {E...}), "sum of " << x.size());
}

BOOST_AUTO_TEST_SUITE(fixed)

BOOST_AUTO_TEST_CASE(operations_match_plain_loops_at_every_size) {
    for_sizes_up_to([]<index_t N>() { try_fused<float, N>(); }, std::make_index_sequence<70>{});
    for_sizes<3, 16, 31, 200>([]<index_t N>() { try_elementwise<float, N>(); });
    for_sizes<7, 20>([]<index_t N>() { try_functions<N>(); });
}

BOOST_AUTO_TEST_CASE(operations_match_plain_loops_for_every_type) {
    const auto sizes = []<class T>(T) { for_sizes<5, 67>([]<index_t N>() { try_elementwise<T, N>(), try_fused<T, N>(); }); };
    sizes(double{});
    sizes(std::int32_t{});
    sizes(std::uint8_t{});
    sizes(std::int64_t{});
    sizes(std::int16_t{});
}

BOOST_AUTO_TEST_CASE(shapes_broadcast) {
    const auto cube = random_array<sn::array<float, 2, 3, 5>>(1);
    const auto row = random_array<sn::array<float, 5>>(2);
    const auto column = random_array<sn::array<float, 3, 1>>(3);
    const auto front = random_array<sn::array<float, 2, 1, 1>>(4);
    const sn::array<float, 2, 3, 5> r = cube * row + column / front;
    index_t at = 0;
    for (index_t i = 0; i < 2; ++i) {
        for (index_t j = 0; j < 3; ++j) {
            for (index_t k = 0; k < 5; ++k, ++at) {
                const float expected = product_and_sum(cube(i, j, k), row(k), column(j, 0) / front(i, 0, 0));
                BOOST_TEST(r.data()[at] == expected);
            }
        }
    }
    const sn::array<float, 3, 5> outer = column + row;
    BOOST_TEST(outer(2, 4) == column(2, 0) + row(4));
    static const auto tall = random_array<sn::array<double, 40, 33>>(5);
    static const auto wide = random_array<sn::array<double, 33>>(6);
    static const sn::array<double, 40, 33> shifted = tall - wide;
    BOOST_TEST(matches(shifted, [](index_t i) { return tall.data()[i] - wide.data()[i % 33]; }));
    const sn::array<float, 1> one{2};
    BOOST_TEST((row + one).eval()(3) == row(3) + 2.0f);
}

BOOST_AUTO_TEST_CASE(expressions_keep_small_operands) {
    sn::array<float, 4> x{1, 2, 3, 4};
    const auto e = x * 2 + 1;
    x = x * 0;
    const sn::array y = e;
    BOOST_TEST((y == sn::array<float, 4>{3, 5, 7, 9}).eval()(0));
    BOOST_TEST(array_equal(y, sn::array<float, 4>{3, 5, 7, 9}));
    static_assert(std::same_as<decltype(y), const sn::array<float, 4>>);
}

BOOST_AUTO_TEST_CASE(an_operand_may_be_what_is_written) {
    auto x = random_array<sn::array<float, 69>>(1);
    const auto before = x;
    x = x * 3 - x / 2;
    BOOST_TEST(matches(x, [&](index_t i) { return product_and_sum(before.data()[i], 3.0f, -(before.data()[i] / 2)); }));
}

BOOST_AUTO_TEST_CASE(types_follow_the_arrays) {
    const sn::array<float, 3> x{1.5, -2.5, 3};
    const sn::array<std::int32_t, 3> k{1, 2, 3};
    static_assert(std::same_as<decltype((x * 2.0).eval()), sn::array<float, 3>>);
    static_assert(std::same_as<decltype((x + k).eval()), sn::array<float, 3>>);
    static_assert(std::same_as<decltype((x < k).eval()), sn::array<bool, 3>>);
    static_assert(std::same_as<decltype(((x > 0) + (x < 0)).eval()), sn::array<std::int32_t, 3>>);
    static_assert(std::same_as<decltype(sum(k).item()), std::int64_t>);
    static_assert(std::same_as<decltype(mean(k).item()), double>);
    BOOST_TEST(array_equal(sn::cast<std::int32_t>(x), sn::array<std::int32_t, 3>{1, -2, 3}));
    BOOST_TEST(array_equal(sn::cast<std::uint8_t>(k + 254), sn::array<std::uint8_t, 3>{255, 0, 1}));
    BOOST_TEST(array_equal((x > 0) + (x < 2), sn::array<std::int32_t, 3>{2, 1, 1}));
    BOOST_TEST(array_equal(sn::cast<double>(x) + 0.5, sn::array<double, 3>{2, -2, 3.5}));
    const auto bytes = random_array<sn::array<std::uint8_t, 50>>(9);
    const sn::array<float, 50> scaled = sn::cast<float>(bytes) / 255;
    BOOST_TEST(matches(scaled, [&](index_t i) { return static_cast<float>(bytes.data()[i]) / 255.0f; }));
}

BOOST_AUTO_TEST_CASE(sums_have_the_one_order) {
    for_sizes<1, 2, 3, 5, 8, 15, 16, 31, 33, 63, 64, 65, 70>([]<index_t N>() { try_sum<float, N>(); });
    try_sum<float, 128>();
    try_sum<float, 1000>();
    try_sum<double, 33>();
    try_sum<double, 500>();
    try_sum<float, 7, 9>();
    try_sum<float, 3, 40, 50>();
    try_sum<float, 5, 1200>();
    try_sum<float, 40000>();
    try_sum<float, 3, 17000>();
    const auto k = random_array<sn::array<std::int32_t, 75>>(7);
    std::int64_t total = 0;
    for (const std::int32_t v : k) total += v;
    BOOST_TEST(sum(k).item() == total);
    BOOST_TEST(mean(k).item() == static_cast<double>(total) / 75);
    const sn::array<float, 0> nothing;
    BOOST_TEST(sum(nothing).item() == 0.0f);
    BOOST_TEST(std::isnan(mean(nothing).item()));
}

BOOST_AUTO_TEST_CASE(sums_over_an_axis) {
    static const auto x = random_array<sn::array<float, 3, 300, 21>>(8);
    const auto rows = sum<2>(x);
    const auto columns = sum<1>(x);
    const auto planes = mean<-3>(x);
    static_assert(std::same_as<decltype(rows), const sn::array<float, 3, 300>>);
    static_assert(std::same_as<decltype(columns), const sn::array<float, 3, 21>>);
    const float* p = x.data();
    BOOST_TEST(matches(rows, [&](index_t i) { return row_sum(std::vector<float>(p + i * 21, p + i * 21 + 21)); }));
    BOOST_TEST(matches(columns, [&](index_t i) {
        float part[2] = {0, 0};
        for (index_t k = 0; k < 300; ++k) part[k / 256] += p[(i / 21) * 6300 + k * 21 + i % 21];
        return 0.0f + part[0] + part[1];
    }));
    BOOST_TEST(matches(planes, [&](index_t i) { return (p[i] + p[6300 + i] + p[12600 + i]) / 3.0f; }));
    BOOST_TEST(array_equal(sum<0>(x * 2 + 1), sum<0>((x * 2 + 1).eval())));
}

BOOST_AUTO_TEST_CASE(least_and_greatest) {
    auto x = random_array<sn::array<float, 5, 13>>(10);
    BOOST_TEST(max(x).item() == *std::max_element(x.begin(), x.end()));
    BOOST_TEST(min<0>(x)(4) == std::min({x(0, 4), x(1, 4), x(2, 4), x(3, 4), x(4, 4)}));
    BOOST_TEST(max<1>(x)(-1) == *std::max_element(x.end() - 13, x.end()));
    x.at(3, 3) = std::numeric_limits<float>::quiet_NaN();
    BOOST_TEST(std::isnan(max(x).item()));
    BOOST_TEST(std::isnan(min<0>(x)(3)));
    const auto bytes = random_array<sn::array<std::uint8_t, 100>>(3);
    BOOST_TEST(+min(bytes).item() == +*std::min_element(bytes.begin(), bytes.end()));
    BOOST_TEST(!max(bytes < 0).item());
}

BOOST_AUTO_TEST_CASE(functions_contract_as_statements_do) {
    const auto x = random_array<sn::array<float, 37>>(11), y = random_array<sn::array<float, 37>>(12);
    const sn::array<float, 37> one = apply_fn([](auto a, auto b) { return a * b + a - 2 * b; }, x, y);
    BOOST_TEST(array_equal(one, x * y + x - 2 * y));
    const sn::array<float, 37> fallback = apply_fn([](auto a, auto b) { return select(a < b, a * a, 0.5f) - b; }, x, y);
    BOOST_TEST(array_equal(fallback, where(x < y, x * x, 0.5f) - y));
    const auto [product, less, seven] = apply_fn([](auto a, auto b) { return std::tuple{a * b + 1, a < b, 7}; }, x, y);
    BOOST_TEST(array_equal(product, x * y + 1));
    BOOST_TEST(array_equal(less, x < y));
    BOOST_TEST(array_equal(seven, sn::cast<int>(x * 0) + 7));
    const sn::array<float, 37> whole = apply_fn([](auto a) { return tanh(a * 0.5f) * exp(a); }, x);
    BOOST_TEST(array_equal(whole, tanh(x * 0.5f) * exp(x)));
}

BOOST_AUTO_TEST_CASE(members_that_read) {
    sn::array<std::int32_t, 2, 3> m{{1, 2, 3}, {4, 5, 6}};
    BOOST_TEST(m.rank() == 2);
    BOOST_TEST(m.size() == 6);
    BOOST_TEST(m.extent(-1) == 3);
    BOOST_TEST((m.shape() == sn::extents{2, 3}));
    BOOST_TEST(m(-1, 0) == 4);
    m.at(0, -1) = 30;
    BOOST_TEST(m.mutable_data()[2] == 30);
    BOOST_TEST((m + 1).to_vector() == (std::vector<std::int32_t>{2, 3, 31, 5, 6, 7}), boost::test_tools::per_element());
    BOOST_TEST((sn::array<float, 1, 1>{{5}} * 2).item() == 10.0f);
    m = {};
    BOOST_TEST(sum(m).item() == 0);
    BOOST_TEST(allclose(sn::array<float, 2>{1, 2}, sn::array<float, 2>{1.000001f, 2}));
    BOOST_TEST(!allclose(sn::array<float, 2>{1, 2}, sn::array<float, 2>{1.1f, 2}));
    std::ostringstream out;
    out << sn::array<float, 2, 2>{{1, 2.5}, {-3, 4}} << sn::array<bool, 2>{true, false} << m(0, 0);
    BOOST_TEST(out.str() == "[[  1 2.5]\n [ -3   4]][ true false]0");
}

BOOST_AUTO_TEST_CASE(indices_of_extremes) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const sn::array<float, 2, 3> m{{1, 9, 4}, {4, 5, 9}};
    BOOST_TEST(argmax(m).item() == 1);
    BOOST_TEST(argmin(m * -1.0f).item() == 1);
    BOOST_TEST((argmax<0>(m).to_vector() == std::vector<sn::index_t>{1, 0, 1}));
    BOOST_TEST((argmin<-1>(m + 1.0f).to_vector() == std::vector<sn::index_t>{0, 0}));
    BOOST_TEST((argmax<1>(sn::array<float, 2, 3>{{1, nan, nan}, {0, 0, 0}}).to_vector() == std::vector<sn::index_t>{1, 0}));
    const sn::array<std::int8_t, 2, 2, 3> k{{{1, 2, 3}, {3, 2, 1}}, {{5, 5, 5}, {6, 0, 6}}};
    BOOST_TEST((argmax<1>(k).to_vector() == std::vector<sn::index_t>{1, 0, 0, 1, 0, 1}));
    BOOST_TEST(argmin(k).item() == 10);
    BOOST_TEST(argmax(sn::array<bool, 3>{false, true, true}).item() == 1);
}

/// The variance of every step-th of n elements in double, as its definition has it.
template <class T>
[[nodiscard]] double spread_of(const T* v, index_t n, index_t step, index_t ddof) {
    double mean = 0, squares = 0;
    for (index_t i = 0; i < n; ++i) mean += static_cast<double>(v[i * step]) / static_cast<double>(n);
    for (index_t i = 0; i < n; ++i) squares += (static_cast<double>(v[i * step]) - mean) * (static_cast<double>(v[i * step]) - mean);
    return squares / static_cast<double>(n - ddof);
}

template <class T>
void check_spread(T first) {
    sn::array<T, 7, 30> x;
    for (index_t i = 0; i < x.size(); ++i) x.mutable_data()[i] = static_cast<T>(static_cast<T>(i * 7919 % 101) + first);
    constexpr double close = sizeof(T) == 4 ? 1e-5 : 1e-12;
    const auto near = [&](auto found, double wanted) { BOOST_TEST(std::abs(static_cast<double>(found) / wanted - 1) < close); };
    near(var(x).item(), spread_of(x.data(), 210, 1, 0));
    near(sn::std(x, {.ddof = 1}).item(), std::sqrt(spread_of(x.data(), 210, 1, 1)));
    for (index_t i = 0; i < 30; ++i) near(var<0>(x)(i), spread_of(x.data() + i, 7, 30, 0));
    for (index_t i = 0; i < 7; ++i) near(sn::std<-1>(x, {.ddof = 2})(i), std::sqrt(spread_of(x.data() + 30 * i, 30, 1, 2)));
}

BOOST_AUTO_TEST_CASE(spread) {
    check_spread<float>(100'000);
    check_spread<double>(-3);
    check_spread<std::int32_t>(5);
    static_assert(std::same_as<decltype(var(sn::array<std::uint8_t, 2>{}).item()), double>);
    const sn::array<float, 3> line{1, 2, 6};
    BOOST_TEST(var<0>(line).item() == 14.0f / 3);
    BOOST_TEST(std::isnan(var(sn::array<float, 0>{}).item()));
    BOOST_TEST(std::isnan(var(sn::array<float, 1>{5}, {.ddof = 1}).item()));
}

BOOST_AUTO_TEST_CASE(products_and_any) {
    const sn::array<std::int32_t, 2, 3> k{{1, 2, 3}, {4, 5, -6}};
    BOOST_TEST(prod(k).item() == -720);
    static_assert(std::same_as<decltype(prod(k).item()), std::int64_t>);
    BOOST_TEST((prod<0>(k).to_vector() == std::vector<std::int64_t>{4, 10, -18}));
    BOOST_TEST((prod<-1>(k * 2).to_vector() == std::vector<std::int64_t>{48, -960}));
    BOOST_TEST(prod(sn::array<float, 0>{}).item() == 1);
    BOOST_TEST(any(k).item());
    BOOST_TEST(!any(k > 5).item());
    BOOST_TEST((any<0>(k > 4).to_vector() == std::vector<bool>{false, true, false}));
    BOOST_TEST((any<1>(k > 4).to_vector() == std::vector<bool>{false, true}));
    BOOST_TEST(!any(sn::array<float, 0>{}).item());
}

BOOST_AUTO_TEST_CASE(mistakes_are_told) {
    const auto tells = [](const char* words) {
        return [words](const sn::error& e) { return std::string(e.what()).find(words) != std::string::npos; };
    };
    BOOST_CHECK_EXCEPTION((sn::array<float, 3>{1, 2}), sn::shape_error, tells("(2)"));
    BOOST_CHECK_EXCEPTION((sn::array<float, 2, 2>{1, 2}), sn::shape_error, tells("(2, 2)"));
    BOOST_CHECK_EXCEPTION((sn::array<float, 2, 2>{{1, 2}, {3}}), sn::shape_error, tells("ragged"));
    sn::array<float, 2, 2> m;
    BOOST_CHECK_EXCEPTION(m.at(2, 0) = 1, sn::index_error, tells("axis 0"));
    BOOST_CHECK_EXCEPTION(static_cast<void>(m(0, -3)), sn::index_error, tells("axis 1"));
    BOOST_CHECK_EXCEPTION(static_cast<void>(m.extent(2)), sn::index_error, tells("rank 2"));
}

BOOST_AUTO_TEST_CASE(loops_in_functions) {
    const auto x = random_array<sn::array<float, 37>>(21), y = random_array<sn::array<float, 37>>(22);
    const auto [p, q, n] = apply_fn(
        [](auto c, auto d) {
            // The first state begins as a product, which no sum in the loop takes apart.
            return sn::loop(30, std::tuple{c * d, 0.0f, std::int32_t{0}}, [](auto u, auto v, auto) { return u * u + v * v <= 4.0f; },
                            [&](auto u, auto v, auto k) { return std::tuple{u + c, v + (u * v + d), k + 1}; });
        },
        x, y);
    for (index_t i = 0; i < 37; ++i) {
        volatile float begin = x(i) * y(i);
        float u = begin, v = 0;
        int k = 0;
        while (k < 30) {
            volatile float square = v * v;
            if (!(product_and_sum<float>(u, u, square) <= 4.0f)) break;
            const float next = u + x(i);
            v = v + product_and_sum<float>(u, v, y(i));
            u = next;
            ++k;
        }
        BOOST_TEST(p(i) == u);
        BOOST_TEST(q(i) == v);
        BOOST_TEST(n(i) == k);
    }
    // A value that changes may divide integers here, as zero is found before anything is stored.
    const auto gcd = [](auto a, auto b) {
        auto [u, v] = sn::loop(100, std::tuple{a, b}, [](auto, auto rest) { return rest != 0; },
                               [](auto whole, auto rest) { return std::tuple{rest, whole % rest}; });
        return u;
    };
    const sn::array<std::int32_t, 4> a{12, 7, 0, 100}, b{18, 7, 5, 75};
    const sn::array<std::int32_t, 4> common = apply_fn(gcd, a, b);
    BOOST_TEST(array_equal(common, sn::array<std::int32_t, 4>{6, 7, 5, 25}));
    const auto by_zero = [](auto v) {
        auto [u] = sn::loop(100, std::tuple{v}, [](auto) { return true; }, [](auto divisor) { return std::tuple{12 / divisor}; });
        return u;
    };
    BOOST_CHECK_THROW((sn::array<std::int32_t, 4>(apply_fn(by_zero, a))), sn::value_error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
