#include <sinter/fixed.hpp>

#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <memory>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

// The messages of arrays of static shape; see messages.cpp.

namespace {

namespace sn = sinter;

template <class E, class Program>
std::string message_of(Program program) {
    try {
        program();
    } catch (const E& e) {
        return e.what();
    }
    return "nothing";
}

BOOST_AUTO_TEST_SUITE(fixed_messages)

BOOST_AUTO_TEST_CASE(shapes) {
    using square = sn::array<float, 2, 2>;
    BOOST_TEST(message_of<sn::shape_error>([] { const square a{1, 2, 3}; }) ==
               "array: values of shape (3) in braces, for an array of shape (2, 2)");
    BOOST_TEST(message_of<sn::shape_error>([] { const square a(sn::array<float>{1, 2, 3}); }) ==
               "array: a value of shape (3) for an array of shape (2, 2)");
}

BOOST_AUTO_TEST_CASE(indices) {
    sn::array<float, 3> a{1, 2, 3};
    BOOST_TEST(message_of<sn::index_error>([&] { static_cast<void>(a(5)); }) == "element: index 5 is out of range on axis 0 of extent 3");
    BOOST_TEST(message_of<sn::index_error>([&] { static_cast<void>(a.extent(1)); }) == "extent: axis 1 is out of range for an array of rank 1");
}

using ints = sn::array<std::int32_t, 3>;
using dynamic = sn::array<std::int32_t>;

template <class X>
void use(const X&) {}

/// What the program throws names this line, or none where it is 0, and what follows it.
template <class Program>
void fails_in(unsigned line, const std::string& what, Program program) {
    const std::string text = message_of<sn::value_error>(program), place = line > 0 ? "fixed_messages.cpp:" + std::to_string(line) + ": " : "";
    const std::size_t at = text.find(place + what);
    BOOST_TEST(at != std::string::npos, text << " where line " << line << " is expected");
    BOOST_TEST((line > 0 || at == 0), text);
}

const std::string by_zero = ": an integer is divided by zero, in shape (3)", divide = "divide" + by_zero, modulo = "modulo" + by_zero;

BOOST_AUTO_TEST_CASE(divisors) {
    const ints a{7, 8, 9}, b{1, 0, 2};
    ints kept{4, 5, 6};
    fails_in(__LINE__, divide, [&] { const ints made = a / b; use(made); });
    fails_in(__LINE__, divide, [&] { const sn::array made = a / b; use(made); });
    fails_in(__LINE__, divide, [&] { kept = a / b; });
    fails_in(__LINE__, modulo, [&] { kept = a + a % (b * 2); });
    fails_in(__LINE__, "divide: an integer is divided by zero, in shape ()", [&] { kept /= 0; });
    fails_in(__LINE__, divide, [&] { kept /= b; });
    fails_in(__LINE__, divide, [&] { kept /= b * b; });
    fails_in(__LINE__, divide, [&] { kept /= sn::array<std::int16_t, 3>{1, 0, 2}; });
    fails_in(__LINE__, divide, [&] { kept += a / b; });
    fails_in(__LINE__, divide, [&] { kept -= 2 * (a / b); });
    fails_in(__LINE__, modulo, [&] { kept *= a % b; });
    fails_in(__LINE__, "divide: an integer is divided by zero, in shape (1)", [&] { kept += sn::array<std::int32_t, 1>{1} / sn::array<std::int32_t, 1>{0}; });
    BOOST_TEST(sn::array_equal(kept, ints{4, 5, 6}));
    kept += a / a;
    kept /= 2;
    kept /= ints{1, 2, 1};
    kept /= sn::array<std::int32_t, 1>{1};
    BOOST_TEST(sn::array_equal(kept, ints{2, 1, 3}));
    sn::array<float, 3> f{1, 2, 3};
    sn::array<sn::float16, 3> h{1, 2, 3};
    sn::array<std::complex<float>, 3> z{1, 2, 3};
    fails_in(__LINE__, divide, [&] { f += a / b; });
    fails_in(__LINE__, divide, [&] { f /= sn::cast<float>(a / b); });
    fails_in(__LINE__, divide, [&] { f = f * sn::cast<float>(a / b) + f; });
    fails_in(__LINE__, divide, [&] { h = sn::cast<sn::float16>(a / b); });
    fails_in(__LINE__, divide, [&] { h -= sn::cast<sn::float16>(a / b); });
    fails_in(__LINE__, divide, [&] { z *= sn::cast<std::complex<float>>(a / b); });
    BOOST_TEST(sn::array_equal(f, sn::array<float, 3>{1, 2, 3}));
    f += b / a;
    f /= 2;
    BOOST_TEST(sn::array_equal(f, sn::array<float, 3>{0.5f, 1, 1.5f}));
    // The library's own includes are nobody's line.
    fails_in(0, divide, [&] { static_cast<void>(std::make_unique<ints>(a / b)); });
}

BOOST_AUTO_TEST_CASE(divisors_that_are_read) {
    const ints a{7, 8, 9}, b{1, 0, 2};
    const auto z = [&] { return sn::cast<std::complex<double>>(a / b); };
    std::vector<std::int32_t> out(3);
    std::ostringstream stream;
    fails_in(__LINE__, divide, [&] { static_cast<void>((b / b)(0)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>((b / b).at(-1)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>((a / b).eval()); });
    fails_in(__LINE__, divide, [&] { static_cast<void>((a / b).to_vector()); });
    fails_in(__LINE__, divide, [&] { (a / b).copy_to(out); });
    fails_in(__LINE__, divide, [&] { static_cast<void>((a / b).reshape<3, 1>()); });
    fails_in(__LINE__, divide, [&] { static_cast<void>((a / b).reshape({3, 1})); });
    fails_in(__LINE__, divide, [&] { static_cast<void>((a / b).flatten()); });
    fails_in(__LINE__, divide, [&] { static_cast<void>((a / b).transpose()); });
    fails_in(__LINE__, divide, [&] { static_cast<void>((a / b).transpose({0})); });
    fails_in(__LINE__, divide, [&] { static_cast<void>((a / b)(a > 7)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>((a / b)(a - 7)); });
    fails_in(__LINE__, divide, [&] { for (const int i : a / b) out[0] = i; });
    fails_in(__LINE__, divide, [&] { stream << a / b; });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::array_equal(a, a / b)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::allclose(a / b, a, {.rtol = 1})); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::sum(sn::cast<float>(a / b)).item()); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::sum<0>(a / b)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::sum(a / b, {.keepdims = true})); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::sum(a / b, {})); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::prod(a / b)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::mean(a / b)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::min(a / b)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::max<0>(a / b)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::argmin(a / b)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::argmax<0>(a / b)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::var(a / b, {.ddof = 1})); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::std<0>(a / b)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::any(a / b)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::all(a / b)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::all(a / b, {.axis = 0})); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::count_nonzero(a / b)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::norm(a / b)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::logsumexp<0>(a / b)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::reduce([](auto p, auto q) { return p + q; }, 0, a / b)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::sum(z())); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::mean<0>(z())); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::prod(z())); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::norm(z())); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::var(z())); });
    // Along an axis, and as part of what the library does.
    const sn::array<std::int32_t, 2, 2> m{{1, 2}, {3, 4}}, n{{1, 0}, {1, 1}};
    const std::string in_rows = "divide: an integer is divided by zero, in shape (2, 2)";
    fails_in(__LINE__, in_rows, [&] { static_cast<void>(sn::sum<1>(m / n)); });
    fails_in(__LINE__, in_rows, [&] { static_cast<void>(sn::argmin<0>(m / n)); });
    fails_in(__LINE__, in_rows, [&] { static_cast<void>((m / n)(1, 1)); });
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::roll(a / b, 1)); });
    fails_in(__LINE__, divide, [&] { const dynamic y = a / b; use(y); });
    fails_in(__LINE__, divide, [&] { sn::eval(a / b); });
}

BOOST_AUTO_TEST_CASE(divisors_in_functions) {
    const ints a{7, 8, 9}, b{1, 0, 2};
    ints kept{4, 5, 6};
    // With and without captures, with one result and with several, of elements and of other expressions.
    const auto quotient = sn::fn([](auto u, auto v) { return u / v; });
    const std::int32_t k = 1;
    const auto rest = sn::fn([k](auto u, auto v) { return u % (v - v * k); });
    const unsigned line = __LINE__ + 1;
    const auto rests = sn::fn([k](auto u, auto v) { return std::tuple{u + v, u % (v - v * k)}; });
    fails_in(__LINE__, divide, [&] { kept = quotient(a, b); });
    fails_in(__LINE__, divide, [&] { kept = a + quotient(a, b - 1) * 2; });
    fails_in(__LINE__, divide, [&] { kept += quotient(9, b); });
    fails_in(__LINE__, modulo, [&] { kept = rest(a, b); });
    fails_in(__LINE__, modulo, [&] { static_cast<void>(sn::sum(rest(a, b))); });
    fails_in(line, modulo, [&] { static_cast<void>(rests(a, b)); });   // computed at once, as a statement of the function's line
    fails_in(__LINE__, divide, [&] { static_cast<void>(sn::fn([](auto u) { return std::tuple{u, u}; })(a / b)); });
    fails_in(__LINE__, divide, [&] { kept = sn::fn([](auto u) { return sn::cast<std::int32_t>(u) / sn::cast<std::int32_t>(u); })(sn::array<float, 3>{1, 2, 0.5f}); });
    BOOST_TEST(sn::array_equal(kept, ints{4, 5, 6}));
    // With captures, of floating-point numbers: only what constructs an array names its line.
    const auto captures = sn::fn([k](auto u) { return sn::cast<std::int32_t>(u) / sn::cast<std::int32_t>(u - u * k); });
    const sn::array<float, 3> f{1, 2, 3};
    fails_in(__LINE__, divide, [&] { const ints made = captures(f); use(made); });
    fails_in(0, divide, [&] { kept = captures(f); });
    kept = quotient(b, a) + b / a;
    BOOST_TEST(sn::array_equal(kept, ints{0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(divisors_of_parts) {
    const ints a{7, 8, 9}, b{1, 0, 2};
    ints kept{4, 5, 6};
    fails_in(__LINE__, divide, [&] { kept(sn::all) = a / b; });
    fails_in(__LINE__, divide, [&] { kept(sn::all) += a / b; });
    fails_in(__LINE__, "divide", [&] { kept(sn::all) /= b; });
    fails_in(__LINE__, "divide", [&] { kept(sn::range(0, 2)) /= sn::array<std::int32_t, 2>{1, 0}; });
    fails_in(__LINE__, "divide", [&] { kept(a > 7) /= b * 2; });
    fails_in(__LINE__, "divide", [&] { kept(a > 7) /= 0; });
    BOOST_TEST(sn::array_equal(kept, ints{4, 5, 6}));
}

/// Arrays of run-time shape among those of static shape, and the other way round.
BOOST_AUTO_TEST_CASE(divisors_among_others) {
    const ints a{7, 8, 9}, b{1, 0, 2};
    const dynamic d = a, e = b;
    ints kept{4, 5, 6};
    fails_in(__LINE__, "divide", [&] { kept = d / e; });
    fails_in(__LINE__, "divide", [&] { kept += d / e; });
    fails_in(__LINE__, "divide", [&] { kept /= e; });
    fails_in(__LINE__, "divide", [&] { kept /= e(sn::all); });
    BOOST_TEST(sn::array_equal(kept, ints{4, 5, 6}));
    kept /= d;
    kept += d / a;
    BOOST_TEST(sn::array_equal(kept, ints{1, 1, 1}));

    const auto changed = [&](unsigned line, auto&& change) {
        fails_in(line, "divide", [&] {
            dynamic x = d;
            change(x);
            x.eval();
        });
    };
    changed(__LINE__, [&](dynamic& x) { x /= b; });
    changed(__LINE__, [&](dynamic& x) { x /= b * b; });
    changed(__LINE__, [&](dynamic& x) { x /= sn::array<std::int8_t, 3>{1, 0, 2}; });
    changed(__LINE__, [&](dynamic& x) { x /= sn::array<std::int8_t, 3>{1, 0, 2} + b; x /= x - x; });
    changed(__LINE__, [&](dynamic& x) { x /= a / b; });
    changed(__LINE__, [&](dynamic& x) { x /= sn::array<bool, 3>{true, false, true}; });
    changed(__LINE__, [&](dynamic& x) { x(sn::range(0, 3)) /= b; });
    changed(__LINE__, [&](dynamic& x) { x(sn::range(0, 3)) /= b * b; });
    changed(__LINE__, [&](dynamic& x) { x(a > 7) /= b; });
    changed(__LINE__, [&](dynamic& x) { x(d > 7) /= b + b; });
    changed(__LINE__, [&](dynamic& x) { x(1) /= sn::min(sn::cast<std::int32_t>(b)); });
    changed(__LINE__, [&](dynamic& x) { x += a / b; });
    changed(__LINE__, [&](dynamic& x) { x(sn::range(0, 3)) = a / b; });
    changed(__LINE__, [&](dynamic& x) { x(sn::range(0, 3)) *= a / b; });
    changed(__LINE__, [&](dynamic& x) { x(a > 7) = a / b; });
    changed(__LINE__, [&](dynamic& x) { x(a > 7) -= a / b; });
    changed(__LINE__, [&](dynamic& x) { x = a / b; });
    changed(__LINE__, [&](dynamic& x) { x = x(a / b); });
    changed(0, [&](dynamic& x) { x = a / b + d; });   // the operator computes a / b at once, and knows no line

    dynamic x = d;
    x /= a;
    x /= sn::array<std::int8_t, 3>{1, 1, 1} + 0;
    x(sn::range(0, 2)) /= sn::array<std::int32_t, 2>{1, 1} * 1;
    x(a > 8) /= a;
    x += a / ints{2, 2, 2};
    sn::array<std::int64_t> wide{10, 20, 30};
    wide /= b + 1;
    wide /= sn::sum(b) / sn::sum(b);
    wide += sn::sum(b) / sn::sum(b);
    BOOST_TEST(sn::array_equal(x, dynamic{4, 5, 4}));
    BOOST_TEST(sn::array_equal(wide, sn::array<std::int64_t>{6, 21, 11}));
}

// The stack has no room for another one: computed in place, and without a line.
BOOST_AUTO_TEST_CASE(large_quotients) {
    constexpr sn::index_t n = 1'200'000;
    using large = sn::array<std::int32_t, n>;
    const auto a = std::make_unique<large>(), b = std::make_unique<large>(), c = std::make_unique<large>();
    for (sn::index_t i = 0; i < n; ++i) {
        a->mutable_data()[i] = static_cast<std::int32_t>(i);
        b->mutable_data()[i] = 3;
    }
    *c = *a / *b;
    BOOST_TEST((c->data()[n - 1] == (n - 1) / 3 && c->data()[4] == 1));
    volatile int two = 2;
    *c /= two;
    BOOST_TEST(c->data()[n - 1] == (n - 1) / 6);
    b->mutable_data()[5] = 0;
    BOOST_CHECK_THROW(*c = *a / *b, sn::value_error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
