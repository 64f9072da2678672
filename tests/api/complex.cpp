#include "support/complex.hpp"

#include <array>
#include <numeric>
#include <sstream>

// Arrays of complex numbers as programs use them: what they are made of, looked at and written through, what gives which type, and what reductions give.

namespace {

namespace sn = sinter;
using sn::all;
using sn::index_t;
using sn::range;
using singles = sn::array<std::complex<float>>;
using doubles = sn::array<std::complex<double>>;
using c64 = std::complex<float>;
using c128 = std::complex<double>;
using support::check_complex;

template <class T, class X>
constexpr bool gives = std::same_as<typename std::remove_cvref_t<X>::value_type, T>;

template <class T>
[[nodiscard]] std::string text(const sn::array<T>& x) {
    std::ostringstream out;
    out << x;
    return out.str();
}

/// 0, 1+2j, 2+4j, ...
[[nodiscard]] singles counted(const sn::extents& shape) {
    std::vector<c64> v(static_cast<std::size_t>(shape.count()));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = c64(static_cast<float>(i), 2.0f * static_cast<float>(i));
    return sn::from(v, shape);
}

BOOST_AUTO_TEST_SUITE(complex_numbers)

BOOST_AUTO_TEST_CASE(where_they_come_from) {
    check_complex(singles{c64(1, 2), 3, -4.5}, {3}, {{1, 2}, {3, 0}, {-4.5f, 0}});
    check_complex(singles{{1, c64(0, 1)}, {2, 3}}, {2, 2}, {{1, 0}, {0, 1}, {2, 0}, {3, 0}});
    check_complex(sn::zeros<c64>({2}), {2}, {{0, 0}, {0, 0}});
    check_complex(sn::ones<c128>({1, 2}), {1, 2}, {{1, 0}, {1, 0}});
    check_complex(sn::full({2}, c128(1, -2)), {2}, {{1, -2}, {1, -2}});
    check_complex(sn::eye<c64>(2), {2, 2}, {{1, 0}, {0, 0}, {0, 0}, {1, 0}});
    const std::array<c128, 2> list{c128(1, 2), c128(3, 4)};
    check_complex(sn::from(list), {2}, {{1, 2}, {3, 4}});
    BOOST_TEST(singles().size() == 0);
    BOOST_TEST((sn::array<c64, sn::dyn, 2>(singles{{1, 2}, {3, 4}}).shape() == sn::extents{2, 2}));
    BOOST_TEST(sn::empty<c128>({3, 4}).size() == 12);
}

BOOST_AUTO_TEST_CASE(elements_one_by_one) {
    doubles z{{c128(1, 2), c128(3, 4)}, {c128(5, 6), c128(7, 8)}};
    BOOST_TEST(z(1, 0) == c128(5, 6));
    BOOST_TEST(z(-1, -1) == c128(7, 8));
    BOOST_TEST(z.at(0, 1) == c128(3, 4));
    const doubles before = z;
    z.at(0, 1) = c128(-1, 0);
    BOOST_TEST(z(0, 1) == c128(-1, 0));
    BOOST_TEST(before(0, 1) == c128(3, 4));
    z.mutable_data()[3] *= 2.0;
    BOOST_TEST(z.data()[3] == c128(14, 16));
    const singles v{c64(1, 2), c64(3, 4)};
    const c64 second = v(1);
    BOOST_TEST(second == c64(3, 4));
    check_complex(v(1) * 2.0f, {}, {{6, 8}});
    BOOST_TEST(v(range(0, 1)).item() == c64(1, 2));
    BOOST_TEST(v.to_vector()[1] == c64(3, 4));
    std::vector<c64> out(2);
    v.copy_to(out);
    BOOST_TEST(out[1] == c64(3, 4));
    BOOST_TEST(std::accumulate(v.begin(), v.end(), c64(0)) == c64(4, 6));
    sn::eval(sn::to(out, v + v));
    BOOST_TEST(out[1] == c64(6, 8));
    support::check_throws<sn::index_error>([&] { static_cast<void>(v.at(2)); }, {"index 2"});
    support::check_throws<sn::shape_error>([&] { static_cast<void>(v.item()); }, {"2 elements"});
    support::check_throws<sn::shape_error>([&] { static_cast<void>((v + singles{1, 2, 3}).eval()); }, {"add", "(2)", "(3)"});
}

BOOST_AUTO_TEST_CASE(memory_of_the_program) {
    std::vector<double> parts{1, 2, 3, 4, 5, 6};
    doubles z = sn::borrow(reinterpret_cast<c128*>(parts.data()), {3});
    z += 1.0;
    z(range(1, 2)) = c128(0, 7);
    BOOST_TEST((parts == std::vector<double>{2, 2, 0, 7, 6, 6}));
    const c128* const data = reinterpret_cast<const c128*>(parts.data());
    check_complex(sn::borrow(data, {2}, {2}) * 2.0, {2}, {{4, 4}, {12, 12}});
}

BOOST_AUTO_TEST_CASE(types_of_results) {
    const singles z{c64(1, 2)};
    const doubles w{c128(3, 4)};
    const sn::array<float> f{2};
    const sn::array<double> d{2};
    const sn::array<std::int32_t> i{2};
    static_assert(gives<c64, decltype(z * 2.0)> && gives<c64, decltype(2 + z)> && gives<c64, decltype(z * c128(1, 1))>);
    static_assert(gives<c64, decltype(f * z)> && gives<c64, decltype(z - i)> && gives<c64, decltype(f + c64(0, 1))> && gives<c64, decltype(f * c128(0, 1))>);
    static_assert(gives<c128, decltype(f * w)> && gives<c128, decltype(z * w)> && gives<c128, decltype(d * z)> && gives<c128, decltype(d + c64(0, 1))>);
    static_assert(gives<float, decltype(abs(z))> && gives<double, decltype(real(w))> && gives<float, decltype(imag(z * 2.0))> && gives<float, decltype(arg(z))>);
    static_assert(gives<bool, decltype(z == w)> && gives<bool, decltype(isnan(z))> && gives<c64, decltype(where(f > 0, z, 0))> && gives<c128, decltype(where(f > 0, z, w))>);
    static_assert(gives<c64, decltype(sn::complex(f, 1))> && gives<c128, decltype(sn::complex(f, d))> && gives<c64, decltype(sn::polar(2.0, f))>);
    static_assert(gives<c128, decltype(sn::cast<c128>(z))> && gives<c64, decltype(sn::cast<c64>(d))> && gives<c64, decltype(sum(z))> && gives<double, decltype(norm(w))>);
    check_complex(f * z, {1}, {{2, 4}});
    check_complex(z - i, {1}, {{-1, 2}});
    check_complex(z * w, {1}, {{-5, 10}});
    check_complex(f + c64(0, 1), {1}, {{2, 1}});
    check_complex(sn::cast<c128>(z), {1}, {{1, 2}});
    check_complex(sn::cast<c64>(i), {1}, {{2, 0}});
    BOOST_TEST(sn::cast<bool>(singles{0, c64(0, 1)}).to_vector()[1]);
}

BOOST_AUTO_TEST_CASE(arithmetic) {
    const singles z{c64(1, 2), c64(-3, 0.5f)}, w{c64(2, -1), c64(0, 4)};
    check_complex(z + w, {2}, {{3, 1}, {-3, 4.5f}});
    check_complex(z - w, {2}, {{-1, 3}, {-3, -3.5f}});
    check_complex(z * w, {2}, {{4, 3}, {-2, -12}});
    check_complex(z / w, {2}, {{0, 1}, {0.125f, 0.75f}});
    check_complex(-z, {2}, {{-1, -2}, {3, -0.5f}});
    check_complex(1 - z, {2}, {{0, -2}, {4, -0.5f}});
    check_complex(2 / singles{c64(0, 1)}, {1}, {{0, -2}});
    check_complex(z / 2, {2}, {{0.5f, 1}, {-1.5f, 0.25f}});
    check_complex(conj(z), {2}, {{1, -2}, {-3, -0.5f}});
    check_complex(square(z), {2}, {{-3, 4}, {8.75f, -3}});
    check_complex(sn::reciprocal(w), {2}, {{0.4f, 0.2f}, {0, -0.25f}});
    support::check(abs(singles{c64(3, -4), 0}), {2}, {5, 0});
    support::check(real(z) + imag(w), {2}, {0, 1});
    support::check(sn::angle(singles{1, c64(0, 2), -1}), {3}, {0, 1.57079637f, 3.14159274f});
    check_complex(sn::complex(sn::array<float>{1, 2}, sn::array<float>{3, 4}), {2}, {{1, 3}, {2, 4}});
    check_complex(sn::polar(sn::array<float>{1, 2}, 0), {2}, {{1, 0}, {2, 0}});
    check_complex(where(sn::array<bool>{true, false}, z, 1), {2}, {{1, 2}, {1, 0}});
    check_complex(where(sn::array<bool>{true, false}, c64(0, 1), c64(2, 0)), {2}, {{0, 1}, {2, 0}});
    BOOST_TEST(sn::array_equal(z == w, sn::array<bool>{false, false}));
    BOOST_TEST(sn::array_equal(singles{2, c64(2, 1)} == 2, sn::array<bool>{true, false}));
    BOOST_TEST(sn::array_equal(singles{2, c64(2, 1)} != c64(2, 1), sn::array<bool>{true, false}));
    singles x = z;
    x += w;
    x *= 2;
    x -= c64(0, 1);
    x /= sn::array<float>{1, 2};
    check_complex(x, {2}, {{6, 1}, {-3, 4}});
    const auto kept = [&] {
        const singles gone{c64(1, 1), c64(2, 2)};
        return gone * gone + 1;
    }();
    check_complex(kept, {2}, {{1, 2}, {1, 8}});
}

BOOST_AUTO_TEST_CASE(zeros_infinities_and_nan) {
    constexpr float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    const singles z{c64(inf, 0), c64(0, nan), c64(1, 2), c64(nan, inf)};
    BOOST_TEST(sn::array_equal(isnan(z), sn::array<bool>{false, true, false, true}));
    BOOST_TEST(sn::array_equal(isinf(z), sn::array<bool>{true, false, false, true}));
    BOOST_TEST(sn::array_equal(isfinite(z), sn::array<bool>{false, false, true, false}));
    // As NumPy has it: each part by zero.
    check_complex(singles{c64(1, 0), c64(-1, 2), 0} / singles{0, 0, 0}, {3}, {{inf, nan}, {-inf, inf}, {nan, nan}});
    // The divisor's square would overflow, or vanish.
    check_complex(singles{c64(1e30f, 1e30f), c64(1e-30f, 0)} / singles{c64(2e30f, 2e30f), c64(2e-30f, 0)}, {2}, {{0.5f, 0}, {0.5f, 0}});
    check_complex(exp(singles{c64(100, 0), c64(-inf, 1)}), {2}, {{inf, 0}, {0, 0}});
    check_complex(sqrt(singles{0, -4, c64(-4, -0.0f), c64(0, 2)}), {4}, {{0, 0}, {0, 2}, {0, -2}, {1, 1}});
    check_complex(log(singles{1, 0, c64(1, -0.0f)}), {3}, {{0, 0}, {-inf, 0}, {0, -0.0f}});
    check_complex(pow(singles{0, 0, 2}, singles{2, 0, 0}), {3}, {{0, 0}, {1, 0}, {1, 0}});
}

BOOST_AUTO_TEST_CASE(views_and_pieces) {
    const singles z = counted({3, 4});
    check_complex(z(1), {4}, {{4, 8}, {5, 10}, {6, 12}, {7, 14}});
    check_complex(z(all, -1), {3}, {{3, 6}, {7, 14}, {11, 22}});
    check_complex(z(range({}, {}, -2), range(1, 3)), {2, 2}, {{9, 18}, {10, 20}, {1, 2}, {2, 4}});
    check_complex(z(sn::newaxis, 0, range(0, 2)), {1, 2}, {{0, 0}, {1, 2}});
    // Pending and in memory, every view sees what the same view of the parts sees.
    for (const singles& x : {z, singles(z * 2)}) {
        const auto same = [&](const auto& view, const char* name) {
            const singles seen = view(x);
            const sn::array<float> re = view(sn::array<float>(real(x))), im = view(sn::array<float>(imag(x)));
            BOOST_TEST((seen.shape() == re.shape()), name);
            BOOST_TEST(sn::array_equal(real(seen), re), name);
            BOOST_TEST(sn::array_equal(imag(seen), im), name);
        };
        same([](const auto& a) { return a.transpose(); }, "transpose");
        same([](const auto& a) { return a.reshape({2, 6}); }, "reshape");
        same([](const auto& a) { return a.transpose().flatten(); }, "flatten");
        same([](const auto& a) { return flip(a, 1); }, "flip");
        same([](const auto& a) { return sn::swapaxes(a, 0, 1); }, "swapaxes");
        same([](const auto& a) { return sn::moveaxis(a, 0, 1); }, "moveaxis");
        same([](const auto& a) { return squeeze(sn::expand_dims(a, {0, 3})); }, "expand_dims");
        same([](const auto& a) { return sn::broadcast_to(a, {2, 3, 4}); }, "broadcast_to");
        same([](const auto& a) { return diagonal(a, {.offset = 1}); }, "diagonal");
        same([](const auto& a) { return roll(a, {1, -1}, {.axis = {0, 1}}); }, "roll");
        same([](const auto& a) { return roll(a, 5); }, "roll flattened");
        for (const sn::pad_mode m : {sn::pad_mode::constant, sn::pad_mode::edge, sn::pad_mode::reflect, sn::pad_mode::wrap}) {
            same([&](const auto& a) { return pad(a, {{1, 2}, {0, 3}}, m); }, "pad");
        }
        same([]<class A>(const A& a) { return sn::concatenate<typename A::value_type>({a, a, a}, {.axis = 1}); }, "concatenate");
        same([]<class A>(const A& a) { return sn::stack<typename A::value_type>({a, a}, {.axis = -1}); }, "stack");
        same([](const auto& a) { return sn::tile(a, {2, 2}); }, "tile");
        same([](const auto& a) { return repeat(a, 3, {.axis = 1}); }, "repeat");
    }
    check_complex(pad(counted({1}), 1, sn::pad_mode::constant, c64(7, 8)), {3}, {{7, 8}, {0, 0}, {7, 8}});
    const singles eight = counted({2, 1, 2, 1, 2, 1, 2, 1});
    check_complex(sum(eight(sn::ellipsis, 0), {.axis = {0, 2, 4, 6}}), {1, 1, 1}, {{120, 240}});
}

BOOST_AUTO_TEST_CASE(writes_through_views) {
    singles z = counted({2, 3});
    const singles before = z;
    z(0) = 1;
    z(1, range(1, {})) = singles{c64(0, 1), c64(0, 2)};
    check_complex(z, {2, 3}, {{1, 0}, {1, 0}, {1, 0}, {3, 6}, {0, 1}, {0, 2}});
    z(all, range({}, {}, 2)) *= c64(0, 1);
    check_complex(z, {2, 3}, {{0, 1}, {1, 0}, {0, 1}, {-6, 3}, {0, 1}, {-2, 0}});
    check_complex(before, {2, 3}, {{0, 0}, {1, 2}, {2, 4}, {3, 6}, {4, 8}, {5, 10}});
    // The old values are read.
    z(0, range(1, {})) = z(0, range(0, -1)) + 1;
    check_complex(z(0), {3}, {{0, 1}, {1, 1}, {2, 0}});
    doubles w = sn::zeros<c128>({4});
    w(range({}, {}, -2)) = doubles{c128(1, 2), c128(3, 4)};
    check_complex(w, {4}, {{0, 0}, {3, 4}, {0, 0}, {1, 2}});
}

BOOST_AUTO_TEST_CASE(reductions_and_scans) {
    const singles z{{c64(1, 1), c64(2, -1)}, {c64(0, 3), c64(-1, 0)}};
    BOOST_TEST(sum(z).item() == c64(2, 3));
    check_complex(sum(z, {.axis = 0}), {2}, {{1, 4}, {1, -1}});
    check_complex(sum(z, {.axis = -1, .keepdims = true}), {2, 1}, {{3, 0}, {-1, 3}});
    check_complex(mean(z, {.axis = 0}), {2}, {{0.5f, 2}, {0.5f, -0.5f}});
    BOOST_TEST(prod(z).item() == c64(3, -9));
    check_complex(prod(z, {.axis = 0}), {2}, {{-3, 3}, {-2, 1}});
    check_complex(prod(z, {.axis = {1, 0}, .keepdims = true}), {1, 1}, {{3, -9}});
    check_complex(sn::cumsum(z, {.axis = 1}), {2, 2}, {{1, 1}, {3, 0}, {0, 3}, {-1, 3}});
    check_complex(sn::cumsum(z), {4}, {{1, 1}, {3, 0}, {3, 3}, {2, 3}});
    check_complex(sn::cumprod(z, {.axis = 0}), {2, 2}, {{1, 1}, {2, -1}, {-3, 3}, {-2, 1}});
    check_complex(sn::cumprod(z), {4}, {{1, 1}, {3, 1}, {-3, 9}, {3, -9}});
    BOOST_TEST(norm(singles{c64(3, 4), c64(0, 12)}).item() == 13.0f);
    BOOST_TEST(var(singles{c64(1, 0), c64(-1, 0), c64(0, 1), c64(0, -1)}).item() == 1.0f);
    BOOST_TEST(sn::std(doubles{c128(3, 4), c128(-3, -4)}, {.ddof = 0}).item() == 5.0);
    BOOST_TEST(sn::var(doubles{c128(1e9, 1), c128(1e9, -1)}).item() == 1.0);
    BOOST_TEST(sn::count_nonzero(singles{0, c64(0, 1), 1}).item() == 2);
    BOOST_TEST(sn::any(singles{0, c64(0, 1)}).item());
    BOOST_TEST(!sn::all(singles{0, c64(0, 1)}).item());
    BOOST_TEST((sn::flatnonzero(singles{0, c64(0, 1), 1}).to_vector() == std::vector<index_t>{1, 2}));
    BOOST_TEST(sn::nonzero(z)[1].size() == 4);
    // Over nothing.
    const singles none = sn::zeros<c64>({0, 2});
    check_complex(sum(none, {.axis = 0}), {2}, {{0, 0}, {0, 0}});
    check_complex(prod(none, {.axis = 0}), {2}, {{1, 0}, {1, 0}});
    BOOST_TEST(sum(none, {.axis = 1}).size() == 0);
    BOOST_TEST(isnan(mean(none)).item());
    BOOST_TEST(sn::cumprod(none, {.axis = 0}).size() == 0);
    // Products of many, in whatever order.
    for (const index_t n : {1, 2, 3, 7, 64, 1000, 5000}) {
        std::vector<c128> v(static_cast<std::size_t>(n));
        for (std::size_t i = 0; i < v.size(); ++i) v[i] = std::polar(1.0 + 0.001 * static_cast<double>(i % 3) - 0.001, 0.7 * static_cast<double>(i));
        std::vector<c128> until(v.size());
        std::partial_sum(v.begin(), v.end(), until.begin(), std::multiplies<>());
        BOOST_TEST(std::abs(prod(sn::from(v)).item() - until.back()) < 1e-12);
        BOOST_TEST(sn::allclose(sn::cumprod(sn::from(v)), sn::from(until), {.rtol = 1e-12}));
    }
}

BOOST_AUTO_TEST_CASE(reduced_by_the_users_function) {
    const auto times = [](auto p, auto q) { return p * q; };
    const auto plus = [](auto p, auto q) { return p + q; };
    const singles z{{c64(1, 1), c64(2, -1), c64(1, 0)}, {c64(0, 3), c64(-1, 0), c64(4, 1)}};
    BOOST_TEST(sn::reduce(times, 1, z).item() == prod(z).item());
    check_complex(sn::reduce(plus, 0.0f, z, {.axis = 0}), {3}, {{1, 4}, {1, -1}, {5, 1}});
    check_complex(sn::reduce(plus, c64(0), z, {.axis = {0, 1}, .keepdims = true}), {1, 1}, {{7, 4}});
    check_complex(sn::reduce(plus, c64(2, 3), sn::zeros<c64>({2, 0}), {.axis = 1}), {2}, {{2, 3}, {2, 3}});
    // Of the parts apart, with a captured number.
    for (const double most : {2.0, 10.0}) {
        const auto bounded = [most](auto p, auto q) { return sn::complex(sn::minimum(sn::maximum(real(p), real(q)), most), sn::minimum(imag(p), imag(q))); };
        BOOST_TEST(sn::reduce(bounded, c128(-1e300, 1e300), sn::cast<c128>(z)).item() == c128(std::min(most, 4.0), -1));
    }
    // As products are, in every length and layout.
    for (const index_t n : {1, 2, 3, 7, 64, 1000, 5000}) {
        std::vector<c128> v(static_cast<std::size_t>(3 * n));
        for (std::size_t i = 0; i < v.size(); ++i) v[i] = std::polar(1.0, 0.7 * static_cast<double>(i));
        const doubles m = sn::from(v, {3, n});
        BOOST_TEST(sn::array_equal(sn::reduce(times, 1.0, m, {.axis = 1}), prod(m, {.axis = 1})));
        BOOST_TEST(sn::array_equal(sn::reduce(times, 1.0, m.transpose(), {.axis = 0}), prod(m, {.axis = 1})));
    }
}

BOOST_AUTO_TEST_CASE(comparing_whole_arrays) {
    const singles z{c64(1, 2), c64(3, 4)};
    BOOST_TEST(sn::array_equal(z, singles{c64(1, 2), c64(3, 4)}));
    BOOST_TEST(!sn::array_equal(z, singles{c64(1, 2), c64(3, -4)}));
    BOOST_TEST(!sn::array_equal(z, singles{c64(1, 2)}));
    BOOST_TEST(sn::allclose(z, z * 1.000001f));
    BOOST_TEST(!sn::allclose(z, z + c64(0, 0.01f)));
    BOOST_TEST(!sn::allclose(singles{c64(0, std::numeric_limits<float>::quiet_NaN())}, singles{c64(0, std::numeric_limits<float>::quiet_NaN())}));
    // How far they are apart in the plane counts: an imaginary part may be off by what the real part allows.
    BOOST_TEST(sn::allclose(singles{c64(1000, 1e-3f)}, singles{c64(1000, 0)}));
}

BOOST_AUTO_TEST_CASE(printing) {
    BOOST_TEST(text(singles{c64(1, 2), c64(-3.5f, -0.25f)}) == "[      1+2j -3.5-0.25j]");
    BOOST_TEST(text(sn::full({}, c128(0, 1e100))) == "0+1e+100j");
    BOOST_TEST(text(doubles{{c128(0, std::numeric_limits<double>::quiet_NaN()), c128(std::numeric_limits<double>::infinity(), 0)}}) == "[[0+nanj inf+0j]]");
}

BOOST_AUTO_TEST_CASE(one_kernel_a_statement) {
    const singles a = counted({1000}), x = counted({1000}), z = counted({1000});
    const singles y = a * x + z;
    const sn::plan_report r = sn::explain(y);
    BOOST_REQUIRE_EQUAL(r.kernels.size(), 1);
    BOOST_TEST(r.kernels[0].bytes_read == 3 * 8000);
    BOOST_TEST(r.kernels[0].bytes_written == 8000);
    const sn::array<float> size = abs(y * y);
    BOOST_TEST(sn::explain(size).kernels.size() == 1);
    BOOST_TEST(sn::explain(y, size).kernels.size() == 1);
}

// As whole numbers, of either size.
BOOST_AUTO_TEST_CASE(arrays_as_indices) {
    const auto check = []<class C>(std::type_identity<C>) {
        using numbers = sn::array<C>;
        const auto values = [](const numbers& a) { return a.to_vector(); };
        numbers z{{C{1, 2}, C{3, 4}}, {C{5, 6}, C{7, 8}}};
        const std::vector<C> rows{C{5, 6}, C{7, 8}, C{1, 2}, C{3, 4}}, column{C{3, 4}, C{7, 8}};
        BOOST_TEST((values(sn::take(z, sn::array<int>{1, 0}, {.axis = 0})) == rows));
        BOOST_TEST((values(z(sn::array<int>{-1, 0})) == rows));
        BOOST_TEST((values(sn::take(z.transpose(), 1, {.axis = 0})) == column));
        BOOST_TEST((values(sn::take(z, sn::array<std::int64_t>{3, -4})) == std::vector<C>{C{7, 8}, C{1, 2}}));
        BOOST_TEST((values(sn::take_along_axis(z, sn::array<int>{{1}, {0}}, {.axis = 1})) == std::vector<C>{C{3, 4}, C{5, 6}}));
        BOOST_TEST((values(z(real(z) > 2)) == std::vector<C>{C{3, 4}, C{5, 6}, C{7, 8}}));
        BOOST_CHECK_THROW(static_cast<void>(sn::take(z, sn::array<int>{4}).eval()), sn::index_error);
        const numbers before = z;
        sn::put(z, sn::array<int>{0, -1}, numbers{C{9, 1}, C{9, 2}});
        BOOST_TEST((values(z) == std::vector<C>{C{9, 1}, C{3, 4}, C{5, 6}, C{9, 2}}));
        sn::put_along_axis(z, sn::array<int>{{0, 0}}, C{0, 1}, {.axis = 0});
        BOOST_TEST((values(z) == std::vector<C>{C{0, 1}, C{0, 1}, C{5, 6}, C{9, 2}}));
        z(imag(z) < 3) *= 2;
        BOOST_TEST((values(z) == std::vector<C>{C{0, 2}, C{0, 2}, C{5, 6}, C{18, 4}}));
        z(real(z) == 0) = numbers{C{1, 1}, C{2, 2}};
        BOOST_TEST((values(z) == std::vector<C>{C{1, 1}, C{2, 2}, C{5, 6}, C{18, 4}}));
        BOOST_TEST((values(before) == std::vector<C>{C{1, 2}, C{3, 4}, C{5, 6}, C{7, 8}}));
    };
    check(std::type_identity<c64>{});
    check(std::type_identity<c128>{});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
