#include "support/check.hpp"

#include <sinter/fixed.hpp>

// float16 and bfloat16 in arrays of static shape: the same bits as in others.

namespace {

namespace sn = sinter;

template <class X, class Y>
void check_same(const char* what, const X& fixed, const Y& dynamic) {
    using T = typename X::value_type;
    const std::vector<T> a = fixed.to_vector(), b = dynamic.to_vector();
    BOOST_REQUIRE_EQUAL(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!support::same<T>(a[i], b[i])) {
            BOOST_ERROR(what << ": " << +a[i] << " instead of " << +b[i] << " at " << i);
            return;
        }
    }
}

template <class H>
void check_conversions() {
    for (unsigned first = 0; first < 65536; first += 256) {
        std::vector<H> numbers;
        for (unsigned i = first; i < first + 256; ++i) numbers.push_back(H::from_bits(static_cast<std::uint16_t>(i)));
        const sn::array<H, 256> x(sn::from(numbers));
        const sn::array<float, 256> wide = sn::cast<float>(x), other = wide * 1.0003F;
        check_same("widened", wide, sn::from(std::vector<float>(numbers.begin(), numbers.end())));
        const std::vector<float> values = other.to_vector();
        const sn::array<H, 256> narrow = sn::cast<H>(other);
        check_same("narrowed", narrow, sn::from(std::vector<H>(values.begin(), values.end())));
    }
}

template <class H, class X, class Y>
void check_on(const X& x, const Y& y) {
    const auto both = [&](const char* what, auto f) { check_same(what, f(x), f(y)); };
    both("fma", [](const auto& v) { return v * v + 0.1; });
    both("integers", [](const auto& v) { return 2 * v - v / 3; });
    both("functions", [](const auto& v) { return exp(v) - sqrt(abs(v)); });
    both("comparison", [](const auto& v) { return v < 0.5; });
    both("where", [](const auto& v) { return sn::where(v > 1, v, -v); });
    both("not rounded", [](const auto& v) { return sn::cast<float>(v * v); });
    both("rounded", [](const auto& v) { return sn::cast<float>(sn::cast<H>(v * v)); });
    both("to integers", [](const auto& v) { return sn::cast<std::int32_t>(v * 3.0); });
    both("from double", [](const auto& v) { return sn::cast<H>(sn::cast<double>(v) / 3.0); });
    both("fn", [](const auto& v) { return sn::fn([](auto p) { return p * p + 0.3 * p; })(v); });
    both("fn that rounds", [](const auto& v) { return sn::fn([](auto p) { return sn::cast<H>(p * p) + 0.3 * p; })(v); });
    both("loop", [](const auto& v) {
        return sn::fn([](auto p) {
            const auto [q, n] = sn::loop(20, std::tuple{p, 0}, [](auto a, auto) { return a < 50.0F; }, [&](auto a, auto k) { return std::tuple{a * a + p + 0.25F, k + 1}; });
            return q;
        })(v);
    });
    both("sum", [](const auto& v) { return sn::sum(v); });
    both("mean", [](const auto& v) { return sn::mean(v); });
    both("max", [](const auto& v) { return sn::max(v); });
    both("argmin", [](const auto& v) { return sn::argmin(v); });
}

template <class H>
void check_all() {
    const auto numbers = [](sn::index_t n) { return sn::array<H>(sn::cast<H>(sn::linspace<double>(-3, 5, n))); };
    const sn::array<H> d7 = numbers(7), d133 = numbers(133), m = numbers(21).reshape({3, 7});
    const sn::array<H, 7> f7 = d7;
    const sn::array<H, 133> f133 = d133;
    const sn::array<H, 3, 7> fm = m;
    check_on<H>(f7, d7);
    check_on<H>(f133, d133);
    check_on<H>(fm, m);
    check_same("sum<0>", sn::sum<0>(fm), sn::sum(m, {.axis = 0}));
    check_same("sum<1>", sn::sum<1>(fm), sn::sum(m, {.axis = 1}));
    check_same("mean<1>", sn::mean<1>(fm), sn::mean(m, {.axis = 1}));
    check_same("min<0>", sn::min<0>(fm), sn::min(m, {.axis = 0}));
    const auto [twice, negative] = sn::fn([](auto v) { return std::tuple{v + v, v < 0}; })(f133);
    check_same("two results", twice, sn::array<H>(d133 + d133));
    check_same("the other result", negative, sn::array<bool>(d133 < 0));
    check_same("beside others", sn::array<H>(d7 + f7), sn::array<H>(d7 + d7));

    sn::array<H, 3> x{1, 0.1, -2};
    x.at(1) = 0.5;
    x *= 2;
    std::ostringstream text;
    text << x;
    BOOST_TEST(text.str() == "[ 2  1 -4]");
    BOOST_TEST((x(2) == -4 && sn::array_equal(x, x) && sn::allclose(x, x + 0.0)));
    BOOST_TEST((sn::array<H, 2>{}(0) == 0));
}

BOOST_AUTO_TEST_SUITE(fixed_halves)

BOOST_AUTO_TEST_CASE(every_number_is_converted) {
    check_conversions<sn::float16>();
    check_conversions<sn::bfloat16>();
}
BOOST_AUTO_TEST_CASE(float16_is_as_in_other_arrays) { check_all<sn::float16>(); }
BOOST_AUTO_TEST_CASE(bfloat16_is_as_in_other_arrays) { check_all<sn::bfloat16>(); }

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
