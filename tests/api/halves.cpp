#include "support/check.hpp"
#include "support/folder.hpp"

#include <cmath>
#include <complex>
#include <sstream>

// float16 and bfloat16 as programs use them.

namespace {

namespace sn = sinter;
using sn::bfloat16;
using sn::float16;
using support::check;
using support::check_ints;

template <class T, class X>
constexpr bool gives = std::same_as<typename std::remove_cvref_t<X>::value_type, T>;

/// 1 + 2^-10: its square has a bit more than float16 holds.
constexpr float16 fine = float16(1 + 0x1p-10F);

BOOST_AUTO_TEST_SUITE(halves)

BOOST_AUTO_TEST_CASE(factories_and_elements) {
    const sn::array<float16> a{0.1, 2, -3};
    check(a, {3}, {0.09997558594F, 2, -3});
    check(sn::array<bfloat16>{{0.1, 2}, {3, 4}}, {2, 2}, {0.10009765625F, 2, 3, 4});
    check(sn::full<float16>({2}, 0.5), {2}, {0.5F, 0.5F});
    check(sn::ones<bfloat16>({2}), {2}, {1, 1});
    check(sn::arange<float16>(4), {4}, {0, 1, 2, 3});
    check(sn::arange<float16>(0, 1, 0.25), {4}, {0, 0.25F, 0.5F, 0.75F});
    check(sn::linspace<float16>(0, 1, 3), {3}, {0, 0.5F, 1});
    check(sn::eye<float16>(2), {2, 2}, {1, 0, 0, 1});
    std::vector<float16> memory{1, 2, 3, 4};
    check(sn::from(memory, {2, 2}), {2, 2}, {1, 2, 3, 4});
    sn::array<float16> borrowed = sn::borrow(memory.data(), {4});
    borrowed(sn::range(1, 3)) = borrowed(sn::range(1, 3)) * 2.0;
    BOOST_TEST((memory[1] == 4 && memory[2] == 6));
    sn::array<float16> x{{1, 2}, {3, 4}};
    x.at(0, 1) = 7.5;
    x.at(1, 0) += 1;
    BOOST_TEST((x(0, 1) == 7.5F && x(1, 0) == 4 && a(0) < 0.1F));
    BOOST_TEST(a(1) + 1.5F == 3.5F);
    const float16 one = a(1);
    BOOST_TEST(static_cast<float>(one) == 2);
    BOOST_TEST(static_cast<float>(sn::sum(x).item()) == 16.5F);
    BOOST_TEST((x.to_vector()[3] == 4));
    BOOST_TEST(sn::array_equal(x, sn::array<float16>{{1, 7.5}, {4, 4}}));
    BOOST_TEST(sn::allclose(a, a + 0.0002, {.rtol = 1e-2}));
    std::ostringstream text;
    text << a << ' ' << sn::array<bfloat16>{65504.0, 1e30, NAN};
    BOOST_TEST(text.str() == "[0.1   2  -3] [65536 1e+30   nan]");
}

BOOST_AUTO_TEST_CASE(types_of_expressions) {
    const sn::array<float16> h{1, 2};
    const sn::array<bfloat16> b{1, 2};
    const sn::array<float> f{1, 2};
    const sn::array<double> d{1, 2};
    const sn::array<std::int64_t> i{1, 2};
    const sn::array<bool> t{true, false};
    static_assert(gives<float16, decltype(h + h)> && gives<float16, decltype(h * 2.0)> && gives<float16, decltype(3 - h)> && gives<float16, decltype(h + i)>);
    static_assert(gives<float16, decltype(t * h)> && gives<float, decltype(h + b)> && gives<float, decltype(b * f)> && gives<double, decltype(h - d)>);
    static_assert(gives<bool, decltype(h < b)> && gives<bfloat16, decltype(exp(b))> && gives<bfloat16, decltype(sn::where(t, b, 1))>);
    static_assert(gives<float16, decltype(sn::sum(h))> && gives<bfloat16, decltype(sn::mean(b))> && gives<float16, decltype(sn::var(h))> && gives<float16, decltype(sn::median(h))>);
    static_assert(gives<float16, decltype(sn::cumsum(h))> && gives<float16, decltype(sn::sort(h))> && gives<float, decltype(f * float16(2))>);
    check(h + i, {2}, {2, 4});
    check(f * float16(0.5F), {2}, {0.5F, 1});
    check(h + b, {2}, {2, 4});
    check_ints(h < b + 1, {2}, {1, 1});
}

BOOST_AUTO_TEST_CASE(a_statement_is_rounded_once_where_it_ends) {
    const sn::array<float16> a = sn::full<float16>({4}, fine);
    // The square is 1 + 2^-9 + 2^-20, of which float16 holds all but the last bit.
    const sn::array<float16> square = a * a;
    check(square, {4}, std::vector<float>(4, 1 + 0x1p-9F));
    check(sn::cast<float>((a * a - 1) * 0x1p9), {4}, std::vector<float>(4, 1 + 0x1p-11F));
    const sn::array<float16> pending = a * a;
    check(sn::cast<float>((pending - 1) * 0x1p9), {4}, std::vector<float>(4, 1));   // fused, and yet rounded in between
    check(sn::cast<float>(a * a), {4}, std::vector<float>(4, 1 + 0x1p-9F + 0x1p-20F));
    check(sn::cast<float>(sn::cast<float16>(a * a)), {4}, std::vector<float>(4, 1 + 0x1p-9F));
    // A number is a float: 0.1 would be another one if it were rounded first.
    check(sn::cast<float>(sn::ones<float16>({1}) * 0.1), {1}, {0.1F});
    // From a double at once: by way of a float it would be a tie.
    const sn::array<double> d{1 + 0x1p-11 + 0x1p-40};
    check(sn::cast<float16>(d), {1}, {1 + 0x1p-10F});
    check(sn::cast<float16>(sn::array<float>{65519, 65520, -1e6F, 3e-8F, 1e-9F}), {5}, {65504, INFINITY, -INFINITY, 0x1p-24F * 1, 0});
}

// What is added is not rounded before, also where it may fail.
BOOST_AUTO_TEST_CASE(quotients_are_added_as_they_are) {
    const sn::array<std::int32_t> a{100000, 3}, one{1, 1};
    const sn::array<sn::float16> start{sn::float16(-60000.0f), sn::float16(1.0f)};
    const auto wanted = sn::array<sn::float16>(start + a / one).to_vector();
    BOOST_TEST(static_cast<float>(wanted[0]) == 40000);
    const auto as_wanted = [&](auto change) {
        sn::array<sn::float16> x = start;
        change(x);
        BOOST_TEST((x.to_vector() == wanted));
    };
    as_wanted([&](auto& x) { x += a / one; });
    as_wanted([&](auto& x) { x(sn::all) += a / one; });
    using complex = std::complex<float>;
    sn::array<complex> z{complex(HUGE_VALF, 0), complex(1, -0.0f)};
    z(sn::all) *= a / one;
    BOOST_TEST(z.to_vector()[0].imag() == 0);
    BOOST_TEST(std::signbit(z.to_vector()[1].imag()));
}

BOOST_AUTO_TEST_CASE(functions) {
    const sn::array<float16> a = sn::full<float16>({3}, fine), b{1, 2, 3};
    check(sn::fn([](auto v) { return sn::cast<float>((v * v - 1) * 512); })(a), {3}, std::vector<float>(3, 1 + 0x1p-11F));
    check(sn::fn([](auto v) { return sn::cast<float>((sn::cast<float16>(v * v) - 1) * 512); })(a), {3}, {1, 1, 1});
    static_assert(gives<float16, decltype(sn::fn([](auto v) { return v + 1; })(b))>);
    static_assert(gives<float, decltype(sn::fn([](auto v) { return sn::cast<float>(v) + 1; })(b))>);
    const auto [sum, less] = sn::fn([](auto p, auto q) { return std::tuple{p + q, p < q}; })(b, 2);
    check(sum, {3}, {3, 4, 5});
    check_ints(less, {3}, {1, 0, 0});
    const float16 half = 0.5;
    check(sn::fn([half](auto v) { return v * half; })(b), {3}, {0.5F, 1, 1.5F});
    const auto doubled = sn::fn([](auto v) {
        const auto [x, n] = sn::loop(10, std::tuple{v, 0}, [](auto p, auto) { return p < 100.0F; }, [](auto p, auto k) { return std::tuple{p + p, k + 1}; });
        return x;
    });
    check(doubled(b), {3}, {128, 128, 192});
    check(sn::reduce([](auto p, auto q) { return p + q; }, 0, b), {}, {6});
    check(sn::pairwise(sn::metrics::squared_euclidean, b.reshape({3, 1}), sn::array<float16>{{0}, {1}}), {3, 2}, {1, 0, 4, 1, 9, 4});
}

BOOST_AUTO_TEST_CASE(sums_are_rounded_once) {
    // One after the other in 11 bits these would stop at 2048.
    check(sn::sum(sn::ones<float16>({5000})), {}, {5000});
    check(sn::mean(sn::full<float16>({300, 300}, 60000)), {}, {60000});
    BOOST_TEST(std::isinf(static_cast<float>(sn::sum(sn::full<float16>({2}, 60000)).item())));
    check(sn::cumsum(sn::ones<bfloat16>({600}))(sn::range(597, {})), {3}, {600, 600, 600});
    check(sn::var(sn::array<float16>{60000, 59968, 60032}), {}, {682.5F});
    check(sn::nn::softmax(sn::array<float16>{1, 1, 1, 1}), {4}, {0.25F, 0.25F, 0.25F, 0.25F});
    check_ints(sn::argmax(sn::array<bfloat16>{1, 5, 3}), {}, {1});
    check(sn::norm(sn::array<float16>{300, 400}), {}, {500});
}

BOOST_AUTO_TEST_CASE(views_and_pieces) {
    sn::array<float16> a = sn::arange<float16>(6).reshape({2, 3});
    check(a.transpose(), {3, 2}, {0, 3, 1, 4, 2, 5});
    check(sn::flip(a, {1}), {2, 3}, {2, 1, 0, 5, 4, 3});
    check(sn::roll(a, 1), {2, 3}, {5, 0, 1, 2, 3, 4});
    check(sn::pad(a(0), 1, sn::pad_mode::constant, 0.5), {5}, {0.5F, 0, 1, 2, 0.5F});
    check(sn::concatenate({a, sn::array<float16>(a * 2)}), {4, 3}, {0, 1, 2, 3, 4, 5, 0, 2, 4, 6, 8, 10});
    check(sn::stack({a, a})(1, 1, sn::all), {3}, {3, 4, 5});
    check(sn::tile(a(1), 2), {6}, {3, 4, 5, 3, 4, 5});
    a(0, sn::range(1, 3)) = a(1, sn::range(0, 2)) * 0.5;
    check(a, {2, 3}, {0, 1.5F, 2, 3, 4, 5});
    a(sn::all, 0) = 9;
    a += 1;
    check(a, {2, 3}, {10, 2.5F, 3, 10, 5, 6});
    std::vector<float16> out(6);
    sn::eval(sn::to(out, a * 2));
    BOOST_TEST((out[0] == 20 && out[5] == 12));
}

BOOST_AUTO_TEST_CASE(order) {
    const sn::array<float16> a{3, NAN, -0.0, 1, 0.0, -INFINITY, 1};
    check(sn::sort(a)(sn::range(0, 6)), {6}, {-INFINITY, -0.0F, 0.0F, 1, 1, 3});
    check_ints(sn::argsort(a), {7}, {5, 2, 4, 3, 6, 0, 1});
    check(sn::topk(a, 2).values, {2}, {3, 1});
    check(sn::unique(a)(sn::range(0, 4)), {4}, {-INFINITY, -0.0F, 1, 3});
    check(sn::median(sn::array<bfloat16>{1, 2, 4, 8}), {}, {3});
    check(sn::quantile(sn::array<float16>{1, 2, 4}, 0.25), {}, {1.5F});
    check_ints(sn::searchsorted(sn::array<float16>{1, 2, 3}, 2.5), {}, {2});
    check_ints(sn::histogram(sn::array<float16>{0, 0.5, 1, 1}, 2).counts, {2}, {1, 3});
    static_assert(gives<float16, decltype(sn::histogram(a, 2).edges)>);
    check_ints(sn::nonzero(sn::array<bfloat16>{0, 2, -0.0, 1})[0], {2}, {1, 3});
}

BOOST_AUTO_TEST_CASE(random_numbers) {
    const sn::random::key k{7};
    const auto check_uniform = [&]<class H>(std::type_identity<H>) {
        const sn::array<H> u = sn::random::uniform<H>(k, {20000});
        const sn::array<float> w = sn::random::uniform<float>(k, {20000});
        // The same numbers with fewer bits, rounded down: never 1.
        const float steps = static_cast<float>(1 << std::numeric_limits<H>::digits);
        BOOST_TEST(sn::array_equal(sn::cast<float>(u), floor(w * steps) / steps));
        BOOST_TEST(sn::array_equal(sn::random::normal<H>(k, {999}), sn::cast<H>(sn::random::normal<float>(k, {999}).eval())));
    };
    check_uniform(std::type_identity<float16>{});
    check_uniform(std::type_identity<bfloat16>{});
}

BOOST_AUTO_TEST_CASE(files) {
    const support::folder folder;
    const std::string path = folder / "x.npy";
    const sn::array<float16> a{{1.5, -2}, {65504, 6e-8}};
    sn::save(path, a);
    BOOST_TEST(sn::array_equal(sn::load<float16>(path), a));
    BOOST_CHECK_THROW(static_cast<void>(sn::load<bfloat16>(path)), sn::io_error);
    const sn::array<bfloat16> b{1.5, -2, 1e30};
    sn::save(path, b);
    BOOST_TEST(sn::array_equal(sn::load<bfloat16>(path), b));
    BOOST_CHECK_THROW(static_cast<void>(sn::load<float16>(path)), sn::io_error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
