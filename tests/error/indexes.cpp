#include "support/check.hpp"

#include <sinter/fixed.hpp>

// Misuse of indices, axes and values.

namespace {

namespace sn = sinter;
using sn::index_error;
using support::check;
using support::check_throws;

BOOST_AUTO_TEST_SUITE(indexes)

BOOST_AUTO_TEST_CASE(elements_out_of_range) {
    sn::array<float> m = sn::ones<float>({2, 3});
    check_throws<index_error>([&] { static_cast<void>(m(2, 0)); }, {"2", "(2, 3)"});
    check_throws<index_error>([&] { static_cast<void>(m(0, 3)); }, {"3", "(2, 3)"});
    check_throws<index_error>([&] { static_cast<void>(m(-3, 0)); }, {"-3", "(2, 3)"});
    check_throws<index_error>([&] { static_cast<void>(m(0, -4)); }, {"-4", "(2, 3)"});
    check_throws<index_error>([&] { m.at(5, 0) = 1; }, {"5", "(2, 3)"});
    check_throws<index_error>([&] { m.at(0, 3) = 1; }, {"3", "(2, 3)"});
    check_throws<index_error>([&] { static_cast<void>(static_cast<float>(sn::array<float>{1, 2}(2))); }, {"2"});
    check_throws<index_error>([&] { static_cast<void>(static_cast<float>(sn::array<float>{1, 2}(-3))); }, {"-3"});
    check_throws<index_error>([&] { static_cast<void>(sn::array<float>{}.at(0)); }, {"0"});
    check(m, {2, 3}, {1, 1, 1, 1, 1, 1});
}

BOOST_AUTO_TEST_CASE(number_of_indices) {
    sn::array<float> m = sn::ones<float>({2, 3});
    check_throws<sn::error>([&] { static_cast<void>(m(0, 0, 0)); }, {"3", "2"});
    check_throws<sn::error>([&] { m.at(0) = 1; }, {"1", "2"});
    check_throws<index_error>([&] { static_cast<void>(m(sn::all, sn::all, sn::all).eval()); }, {"3", "(2, 3)"});
    check_throws<index_error>([&] { static_cast<void>(m(sn::ellipsis, sn::ellipsis).eval()); }, {"ellips"});
    check_throws<sn::error>([&] { static_cast<void>(static_cast<float>(m(0))); }, {});
}

BOOST_AUTO_TEST_CASE(views_out_of_range) {
    const sn::array<float> m = sn::ones<float>({2, 3});
    check_throws<index_error>([&] { static_cast<void>(m(2).eval()); }, {"2", "(2, 3)"});
    check_throws<index_error>([&] { static_cast<void>(m(sn::all, 3).eval()); }, {"3", "(2, 3)"});
    check_throws<index_error>([&] { static_cast<void>(m(sn::all, -4).eval()); }, {"-4", "(2, 3)"});
    check_throws<sn::value_error>([&] { static_cast<void>(m(sn::range(0, 2, 0)).eval()); }, {"step", "zero"});
}

BOOST_AUTO_TEST_CASE(writes_out_of_range) {
    sn::array<float> x{1, 2, 3};
    check_throws<index_error>([&] { x(3) = 1.0f; }, {"3"});
    check_throws<index_error>([&] { x(sn::all, 0) = 1.0f; }, {"2", "1"});
    check(x, {3}, {1, 2, 3});
    const sn::array<float> fixed{1, 2, 3};
    check_throws<sn::value_error>([&] { fixed(sn::range(0, 1)) = 5.0f; }, {"const"});
    check(fixed, {3}, {1, 2, 3});
}

BOOST_AUTO_TEST_CASE(axes) {
    const sn::array<float> m = sn::ones<float>({2, 3});
    check_throws<index_error>([&] { static_cast<void>(sn::sum(m, {.axis = 2})); }, {"sum", "2", "(2, 3)"});
    check_throws<index_error>([&] { static_cast<void>(sn::mean(m, {.axis = -3})); }, {"mean", "-3", "(2, 3)"});
    check_throws<index_error>([&] { static_cast<void>(sn::max(m, {.axis = {0, 5}})); }, {"max", "5", "(2, 3)"});
    check_throws<sn::error>([&] { static_cast<void>(sn::min(m, {.axis = {0, 0}})); }, {"min", "twice"});
    check_throws<sn::error>([&] { static_cast<void>(sn::min(m, {.axis = {1, -1}})); }, {"min", "twice"});
    check_throws<index_error>([&] { static_cast<void>(m.extent(2)); }, {"extent", "2"});
    check_throws<index_error>([&] { static_cast<void>(m.extent(-3)); }, {"extent"});
    BOOST_TEST(m.extent(-1) == 3);
}

BOOST_AUTO_TEST_CASE(extremes_of_nothing) {
    check_throws<sn::value_error>([] { static_cast<void>(sn::min(sn::array<float>{}).item()); }, {"min", "(0"});
    check_throws<sn::value_error>([] { static_cast<void>(sn::max(sn::zeros<float>({2, 0}), {.axis = 1}).eval()); }, {"max", "(2, 0)"});
}

BOOST_AUTO_TEST_CASE(integer_division_by_zero) {
    sn::array<std::int32_t> a{6, 7, 8};
    sn::array<std::int32_t> b{2, 0, 4};
    sn::array<std::int32_t> y{1, 1, 1};
    y = a / b;
    BOOST_TEST(y.is_pending());
    check_throws<sn::value_error>([&] { y.eval(); }, {"zero"});
    BOOST_TEST(y.is_pending());
    check_throws<sn::value_error>([&] { static_cast<void>(y.to_vector()); }, {"zero"});
    support::check_ints(a, {3}, {6, 7, 8});
    support::check_ints(b, {3}, {2, 0, 4});
    b.at(1) = 7;
    support::check_ints(sn::array<std::int32_t>(a / b), {3}, {3, 1, 2});
    check_throws<sn::value_error>([&] { static_cast<void>((a / 0).eval()); }, {"zero"});
}

BOOST_AUTO_TEST_CASE(division_by_zero_is_found_before_anything_is_stored) {
    std::vector<std::int32_t> v{10, 20, 30};
    sn::array<std::int32_t> a = sn::borrow(v.data(), {3});
    const sn::array<std::int32_t> zeros = sn::zeros<std::int32_t>({3});
    check_throws<sn::value_error>([&] { a(sn::range(0, 2)) = a(sn::range(1, 3)) / zeros(sn::range(0, 2)); }, {"zero"});
    BOOST_TEST(v == (std::vector<std::int32_t>{10, 20, 30}));
    check_throws<sn::value_error>([&] { a /= zeros; }, {"zero"});
    BOOST_TEST(v == (std::vector<std::int32_t>{10, 20, 30}));
    support::check_ints(a, {3}, {10, 20, 30});
}

BOOST_AUTO_TEST_CASE(errors_name_the_users_line) {
    const sn::array<std::int32_t> a{1, 2};
    const sn::array<std::int32_t> zero{0, 1};
    const std::string line = std::to_string(__LINE__ + 1);
    const sn::array<std::int32_t> y = a / zero;
    check_throws<sn::value_error>([&] { y.eval(); }, {"indexes.cpp", line.c_str()});
}

/// Operators that write know their line where they can fail: an assignment, and an integer's division.
BOOST_AUTO_TEST_CASE(writing_operators_name_the_users_line) {
    const sn::array<std::int32_t> a{1, 2};
    const sn::array<std::int16_t> zero{0, 1};
    using changed = sn::array<std::int32_t>;
    const auto in_line = [&](unsigned line, auto&& change) {
        changed x = a;
        const std::string wanted = "indexes.cpp:" + std::to_string(line) + ": divide: an integer is divided by zero";
        check_throws<sn::value_error>([&] { change(x); x.eval(); }, {wanted.c_str()});
    };
    in_line(__LINE__, [&](changed& x) { x(sn::range(0, 2)) = a / zero; });
    in_line(__LINE__, [&](changed& x) { x(1) = a(1) / zero(sn::range(0, 1)); });
    in_line(__LINE__, [&](changed& x) { x(a > 0) = a / zero; });
    in_line(__LINE__, [&](changed& x) { x /= zero; });
    in_line(__LINE__, [&](changed& x) { x /= 0; });
    in_line(__LINE__, [&](changed& x) { x /= zero * zero; });
    in_line(__LINE__, [&](changed& x) { x /= zero(sn::range(0, 2)); });
    in_line(__LINE__, [&](changed& x) { x /= zero(0); });
    in_line(__LINE__, [&](changed& x) { x(sn::range(0, 2)) /= zero; });
    in_line(__LINE__, [&](changed& x) { x(0) /= 0; });
    in_line(__LINE__, [&](changed& x) { x(a > 0) /= zero; });
    in_line(__LINE__, [&](changed& x) { x(a > 0) /= 0; });
}

/// Parts of expressions are statements of the line that takes them.
BOOST_AUTO_TEST_CASE(parts_of_expressions_name_the_users_line) {
    const sn::array<std::int32_t> a{1, 2}, zero{0, 1};
    const auto in_line = [&](unsigned line, auto&& read) {
        const std::string wanted = "indexes.cpp:" + std::to_string(line) + ": divide: an integer is divided by zero";
        check_throws<sn::value_error>([&] { static_cast<void>(read()); }, {wanted.c_str()});
    };
    in_line(__LINE__, [&] { return (a / zero)(0).item(); });
    in_line(__LINE__, [&] { return (a / zero)(sn::range(0, 2)).to_vector(); });
    in_line(__LINE__, [&] { return (a / zero)(0, sn::newaxis).to_vector(); });
    in_line(__LINE__, [&] { return (a / zero)(a > 1).to_vector(); });
    in_line(__LINE__, [&] { return (a / zero)(a - 1).to_vector(); });
    in_line(__LINE__, [&] { return (a / zero).reshape({2, 1})(1, 0); });
    in_line(__LINE__, [&] { return (a / zero).flatten().to_vector(); });
    in_line(__LINE__, [&] { return (a / zero).at(0); });
    in_line(__LINE__, [&] { return (a / zero)(sn::all, sn::newaxis)(0, 0); });
    in_line(__LINE__, [&] { int sum = 0; for (const int i : a / zero) sum += i; return sum; });
}

/// Whoever makes a statement of an expression, or asks for its values, names it.
BOOST_AUTO_TEST_CASE(whoever_evaluates_names_the_users_line) {
    const sn::array<std::int32_t> a{1, 2}, zero{0, 1};
    const auto in_line = [&](unsigned line, auto&& run) {
        const std::string wanted = "indexes.cpp:" + std::to_string(line) + ": divide: an integer is divided by zero";
        check_throws<sn::value_error>([&] { run(); }, {wanted.c_str()});
    };
    std::ostringstream out;
    sn::array<std::int32_t> x = a;
    sn::array<float> f{1, 2};
    sn::array<std::int32_t, 2> fixed{1, 2};
    std::vector<sn::array<std::int32_t>> v;
    in_line(__LINE__, [&] { out << a / zero; });
    // A stream without a name passes through the standard library, whose line is nobody's.
    try {
        std::ostringstream() << (a / zero);
        BOOST_ERROR("no error");
    } catch (const sn::value_error& e) {
        BOOST_TEST(std::string(e.what()).find("/include/") == std::string::npos, e.what());
    }
    in_line(__LINE__, [&] { sn::eval(a / zero); });
    in_line(__LINE__, [&] { sn::eval({.max_bytes = 1 << 20}, f, a / zero); });
    in_line(__LINE__, [&] { sn::eval(sn::to(std::vector<std::int32_t>(2), a / zero)); });
    in_line(__LINE__, [&] { x += a / zero; x.eval(); });
    in_line(__LINE__, [&] { x = a; x -= 1 - a / zero; x.eval(); });
    in_line(__LINE__, [&] { f *= sn::cast<float>(a / zero); f.eval(); });
    x = a;
    in_line(__LINE__ + 1, [&] {
        x(sn::range(0, 2)) += a / zero;
        x.eval();
    });
    x = a;
    in_line(__LINE__ + 1, [&] {
        x(1) *= sn::max(2 - a / zero);
        x.eval();
    });
    x = a;
    in_line(__LINE__ + 1, [&] {
        x(a > 0) -= a / zero;
        x.eval();
    });
    x = a;
    f = {1, 2};
    in_line(__LINE__, [&] { v.clear(); v.emplace_back(a / zero); v[0].eval(); });
    in_line(__LINE__, [&] { v.clear(); v.emplace_back(a / zero); static_cast<void>(v[0].data()); });
    in_line(__LINE__, [&] { v.clear(); v.emplace_back(a / zero); static_cast<void>(v[0].to_vector()); });
    in_line(__LINE__, [&] { v.clear(); v.emplace_back(a / zero); sn::eval(f, v[0]); });
    in_line(__LINE__, [&] { static_cast<void>(std::make_unique<sn::array<std::int64_t>>(sn::sum(a / zero, {}, {}))->item()); });
    in_line(__LINE__, [&] { static_cast<void>(sn::roll(a / zero, 1).to_vector()); });
    in_line(__LINE__, [&] { static_cast<void>(sn::tile(a / zero, 2).to_vector()); });
    in_line(__LINE__, [&] { static_cast<void>(sn::pad(a / zero, 1).to_vector()); });
    in_line(__LINE__, [&] { static_cast<void>(sn::repeat(a / zero, 2).to_vector()); });
    in_line(__LINE__, [&] { static_cast<void>(sn::flip(a / zero).to_vector()); });
    in_line(__LINE__, [&] { static_cast<void>(sn::concatenate({a / zero, a / zero}).to_vector()); });
    in_line(__LINE__, [&] { static_cast<void>((a / zero).transpose().to_vector()); });
    in_line(__LINE__, [&] { static_cast<void>(sn::cumsum(sn::cast<std::complex<float>>(a / zero)).to_vector()); });
    in_line(__LINE__, [&] { sn::put(x, zero, a / zero); });
    in_line(__LINE__, [&] { static_cast<void>(a(a / zero > 0).to_vector()); });
    in_line(__LINE__, [&] { sn::array<std::int32_t> y = a; y(a / zero > 0) = 1; y.eval(); });
    in_line(__LINE__, [&] { fixed = a / zero; });
    in_line(__LINE__, [&] { static_cast<void>(sn::array_equal(a / zero, a)); });
    in_line(__LINE__, [&] { static_cast<void>(sn::named(a / zero, "q").to_vector()); });
    in_line(__LINE__, [&] { out << v[0] + a / zero; });
    // What knows its line keeps it.
    const unsigned line = __LINE__ + 1;
    const sn::array<std::int32_t> known = a / zero;
    const std::string wanted = "indexes.cpp:" + std::to_string(line) + ": divide";
    check_throws<sn::value_error>([&] { sn::eval(known); }, {wanted.c_str()});
    check_throws<sn::value_error>([&] { out << known; }, {wanted.c_str()});
}

BOOST_AUTO_TEST_CASE(metrics_name_the_users_line) {
    const sn::array<std::int32_t> a = sn::ones<std::int32_t>({2, 3}), zero = sn::zeros<std::int32_t>({4, 3}), weights{1, 2, 3};
    const auto in_line = [&](unsigned line, auto&& pairs) {
        const std::string wanted = "indexes.cpp:" + std::to_string(line) + ": divide: an integer is divided by zero";
        check_throws<sn::value_error>([&] { pairs().eval(); }, {wanted.c_str()});
    };
    in_line(__LINE__, [&] { return sn::pairwise([](auto p, auto q) { return p / q; }, a, zero); });
    in_line(__LINE__, [&] { return sn::pairwise([](auto p, auto q, auto w) { return w * p / q; }, a, zero, weights); });
    in_line(__LINE__, [&] { return sn::pairwise(sn::metric{[](auto p, auto q) { return p * q; }, [](auto s) { return 1 / s; }}, a, zero); });
    const unsigned line = __LINE__ + 1;
    const sn::array<float> far = sn::pairwise(sn::metrics::euclidean, sn::ones<float>({2, 3}), sn::ones<float>({4, 3}));
    BOOST_TEST(sn::explain(far).kernels[0].source.find("indexes.cpp:" + std::to_string(line)) != std::string::npos);
}

template <class E>
void is_caught_as_error() {
    static_assert(std::is_base_of_v<std::runtime_error, sn::error>);
    BOOST_CHECK_EXCEPTION(throw E("what happened"), sn::error, [](const sn::error& e) { return std::string(e.what()) == "what happened"; });
}

BOOST_AUTO_TEST_CASE(all_derive_from_error) {
    is_caught_as_error<sn::shape_error>();
    is_caught_as_error<sn::index_error>();
    is_caught_as_error<sn::value_error>();
    is_caught_as_error<sn::io_error>();
    is_caught_as_error<sn::memory_error>();
    is_caught_as_error<sn::settings_error>();
    is_caught_as_error<sn::internal_error>();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
