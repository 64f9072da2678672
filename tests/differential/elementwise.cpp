#include "differential/operations.hpp"
#include "support/check.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <cstdlib>

namespace differential {

std::ostream& operator<<(std::ostream& out, const operation& o) { return out << o.name; }

namespace {

/// How far a float is from an exact value, in units of its last place.
[[nodiscard]] double error_in_ulps(float got, double exact) {
    const auto rounded = static_cast<float>(exact);
    if (support::same(got, rounded)) return 0;
    if (got != got || exact != exact || std::isinf(exact)) return std::numeric_limits<double>::infinity();
    const double most = static_cast<double>(std::numeric_limits<float>::max());
    // Past the largest float, infinity is as far as the next power of two would be.
    const double value = std::isinf(got) ? std::copysign(0x1p128, static_cast<double>(got)) : static_cast<double>(got);
    if (std::fabs(exact) > most + 0x1p110 && std::isinf(got)) return 0;
    const int exponent = std::max(std::ilogb(exact == 0 ? 0x1p-149 : exact), -126);
    return std::fabs(value - exact) / std::ldexp(1.0, exponent - 23);
}

void compare(const operation& o, sn::index_t n) {
    const auto count = static_cast<std::size_t>(n);
    const std::vector<float> a = samples(count, 1), b = samples(count, 2), c = samples(count, 3);
    const std::vector<float> got = o.ours(sn::from(a), sn::from(b), sn::from(c)).to_vector();
    BOOST_REQUIRE_EQUAL(got.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
        const double exact = o.plain(a[i], b[i], c[i]);
        const bool good = o.ulp == 0 ? support::same(got[i], static_cast<float>(exact)) : error_in_ulps(got[i], exact) <= o.ulp;
        if (!good) {
            BOOST_ERROR(o.name << '(' << a[i] << ", " << b[i] << ", " << c[i] << ") is " << got[i] << " instead of " << exact << ", "
                               << error_in_ulps(got[i], exact) << " ulp off, at " << i << " of " << n);
            return;
        }
    }
}

BOOST_AUTO_TEST_SUITE(elementwise)

BOOST_DATA_TEST_CASE(every_length, boost::unit_test::data::make(operations()), o) {
    for (const sn::index_t n : lengths) compare(o, n);
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        compare(o, large);
    }
}

BOOST_AUTO_TEST_CASE(the_backend_is_the_one_asked_for) {
    const char* const isa = std::getenv("SINTER_ISA");
    if (isa == nullptr) return;
    const floats x = sn::arange<float>(100);
    const floats y = x * 2.0f + 1.0f;
    const sn::plan_report r = sn::explain(y);
    BOOST_REQUIRE_EQUAL(r.kernels.size(), 1U);
    BOOST_TEST(sn::about().isa == isa);
    const bool jit = r.kernels[0].backend != "portable";
    BOOST_TEST(r.kernels[0].backend == (jit ? "jit-" + std::string(isa) : "portable"));
    if (std::string(isa) == "portable") BOOST_TEST(!jit);
}

// Integers.

template <class T>
[[nodiscard]] std::vector<T> integers(std::size_t count, std::uint32_t seed) {
    std::vector<T> out(count);
    std::uint64_t state = seed * 0x9e3779b97f4a7c15U + 1;
    for (std::size_t i = 0; i < count; ++i) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out[i] = static_cast<T>(state >> (state % 3 == 0 ? 32 : 58));
        if (state % 19 == 0) out[i] = std::numeric_limits<T>::min();
        if (state % 23 == 0) out[i] = std::numeric_limits<T>::max();
    }
    return out;
}

template <class T>
void integer_operations(sn::index_t n) {
    using wide = std::uint32_t;
    const auto count = static_cast<std::size_t>(n);
    const std::vector<T> a = integers<T>(count, 4), b = integers<T>(count, 5);
    std::vector<T> divisor = b;
    for (T& d : divisor) d = d == 0 ? T(3) : d;
    const sn::array<T> x = sn::from(a), y = sn::from(b), d = sn::from(divisor);
    const auto expect = [&](const char* name, const auto& ours, auto&& plain) {
        const auto got = ours.to_vector();
        for (std::size_t i = 0; i < count; ++i) {
            const auto wanted = static_cast<typename std::remove_cvref_t<decltype(got)>::value_type>(plain(a[i], b[i], divisor[i]));
            if (got[i] != wanted) {
                BOOST_ERROR(name << '(' << +a[i] << ", " << +b[i] << ", " << +divisor[i] << ") is " << +got[i] << " instead of " << +wanted << " at "
                                 << i << " of " << n);
                return;
            }
        }
    };
    const auto w = [](T v) { return static_cast<wide>(v); };
    expect("add", (x + y).eval(), [&](T u, T v, T) { return static_cast<T>(w(u) + w(v)); });
    expect("subtract", (x - y).eval(), [&](T u, T v, T) { return static_cast<T>(w(u) - w(v)); });
    expect("multiply", (x * y).eval(), [&](T u, T v, T) { return static_cast<T>(w(u) * w(v)); });
    expect("divide", (x / d).eval(), [&](T u, T, T v) { return std::is_signed_v<T> && v == T(-1) ? static_cast<T>(wide{0} - w(u)) : static_cast<T>(u / v); });
    expect("negative", (-x).eval(), [&](T u, T, T) { return static_cast<T>(wide{0} - w(u)); });
    expect("abs", sn::abs(x).eval(), [&](T u, T, T) { return u < T(0) ? static_cast<T>(wide{0} - w(u)) : u; });
    expect("minimum", sn::minimum(x, y).eval(), [](T u, T v, T) { return u < v ? u : v; });
    expect("maximum", sn::maximum(x, y).eval(), [](T u, T v, T) { return u > v ? u : v; });
    expect("less", (x < y).eval(), [](T u, T v, T) { return u < v; });
    expect("less_equal", (x <= y).eval(), [](T u, T v, T) { return u <= v; });
    expect("equal", (x == y).eval(), [](T u, T v, T) { return u == v; });
    expect("where", sn::where(x > y, x, y + T(1)).eval(), [&](T u, T v, T) { return u > v ? u : static_cast<T>(w(v) + 1); });
    expect("to float", sn::cast<float>(x).eval(), [](T u, T, T) { return static_cast<float>(u); });
    expect("to bool", sn::cast<bool>(x).eval(), [](T u, T, T) { return u != 0; });
    expect("to byte", sn::cast<std::uint8_t>(x).eval(), [](T u, T, T) { return static_cast<std::uint8_t>(u); });
    expect("to int", sn::cast<std::int32_t>(x).eval(), [](T u, T, T) { return static_cast<std::int32_t>(u); });
    expect("from a comparison", sn::cast<T>(x < y).eval(), [](T u, T v, T) { return u < v ? T(1) : T(0); });
}

BOOST_AUTO_TEST_CASE(int32) {
    for (const sn::index_t n : lengths) integer_operations<std::int32_t>(n);
    integer_operations<std::int32_t>(large);
}

BOOST_AUTO_TEST_CASE(uint8) {
    for (const sn::index_t n : lengths) integer_operations<std::uint8_t>(n);
    integer_operations<std::uint8_t>(large);
}

BOOST_AUTO_TEST_CASE(bools) {
    for (const sn::index_t n : lengths) {
        const auto count = static_cast<std::size_t>(n);
        const std::vector<float> a = samples(count, 6), b = samples(count, 7);
        const sn::array<float> x = sn::from(a), y = sn::from(b);
        const sn::array<bool> p = x<y, q = x> 0.0f;
        const sn::array<bool> both = p & q, either = p | q, one = p ^ q, neither = (!p) & (!q);
        sn::eval(both, either, one, neither);
        const auto vb = both.to_vector(), ve = either.to_vector(), vo = one.to_vector(), vn = neither.to_vector();
        for (std::size_t i = 0; i < count; ++i) {
            const bool u = a[i]<b[i], v = a[i]> 0.0f;
            BOOST_REQUIRE_EQUAL(vb[i], u && v);
            BOOST_REQUIRE_EQUAL(ve[i], u || v);
            BOOST_REQUIRE_EQUAL(vo[i], u != v);
            BOOST_REQUIRE_EQUAL(vn[i], !u && !v);
        }
        const sn::array<std::int32_t> counted = p + q;
        const auto vc = counted.to_vector();
        for (std::size_t i = 0; i < count; ++i) BOOST_REQUIRE_EQUAL(vc[i], (a[i] < b[i] ? 1 : 0) + (a[i] > 0.0f ? 1 : 0));
    }
}

BOOST_AUTO_TEST_CASE(mixed_types_in_one_kernel) {
    for (const sn::index_t n : lengths) {
        const auto count = static_cast<std::size_t>(n);
        const std::vector<std::uint8_t> bytes = integers<std::uint8_t>(count, 8);
        const std::vector<std::int32_t> ints = integers<std::int32_t>(count, 9);
        const std::vector<float> numbers = samples(count, 10);
        const sn::array<std::uint8_t> u = sn::from(bytes);
        const sn::array<std::int32_t> i = sn::from(ints);
        const sn::array<float> f = sn::from(numbers);
        const sn::array<float> y = sn::where(u > 100, f * 0.5f, sn::cast<float>(i)) + u;
        const sn::array<std::uint8_t> z = sn::cast<std::uint8_t>(sn::where(i < 0, f, 7.0f));
        const sn::array<bool> b = (f < 1.0f) & (i > 5);
        sn::eval(y, z, b);
        const auto vy = y.to_vector();
        const auto vz = z.to_vector();
        const auto vb = b.to_vector();
        for (std::size_t k = 0; k < count; ++k) {
            const auto byte = static_cast<float>(bytes[k]);
            BOOST_REQUIRE(support::same(vy[k], (bytes[k] > 100 ? numbers[k] * 0.5f : static_cast<float>(ints[k])) + byte));
            const float chosen = ints[k] < 0 ? numbers[k] : 7.0f;
            BOOST_REQUIRE_EQUAL(+vz[k], chosen > -1.0f && chosen < 256.0f ? +static_cast<std::uint8_t>(chosen) : 0);
            BOOST_REQUIRE_EQUAL(vb[k], numbers[k] < 1.0f && ints[k] > 5);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace differential
