#include "support/check.hpp"

#include <algorithm>
#include <numeric>
#include <sstream>
#include <thread>

namespace {

namespace sn = sinter;
using support::check;

BOOST_AUTO_TEST_SUITE(reading)

BOOST_AUTO_TEST_CASE(elements) {
    const sn::array<float> m{{1, 2, 3}, {4, 5, 6}};
    BOOST_TEST(m(0, 0) == 1.0f);
    BOOST_TEST(m(1, 2) == 6.0f);
    BOOST_TEST(m(-1, -1) == 6.0f);
    BOOST_TEST(m(-2, 1) == 2.0f);
    static_assert(std::same_as<decltype(m(0, 0)), float>);
    const sn::array<float> a{1, 2, 3};
    const float first = a(0);
    const float last = a(-1);
    BOOST_TEST(first == 1.0f);
    BOOST_TEST(last == 3.0f);
    BOOST_TEST(m.at(1, 0) == 4.0f);
    BOOST_TEST(m.at(-1, 0) == 4.0f);
}

BOOST_AUTO_TEST_CASE(elements_of_a_pending_array) {
    const sn::array<float> a{1, 2, 3};
    const sn::array<float> y = a * a;
    const float last = y(-1);
    BOOST_TEST(last == 9.0f);
    BOOST_TEST(y.at(1) == 4.0f);
}

BOOST_AUTO_TEST_CASE(an_integer_gives_a_row) {
    const sn::array<float> m{{1, 2, 3}, {4, 5, 6}};
    check(m(1), {3}, {4, 5, 6});
    check(m(-2), {3}, {1, 2, 3});
    const sn::array<float> row = m(0);
    check(row * 2.0f, {3}, {2, 4, 6});
}

BOOST_AUTO_TEST_CASE(item) {
    const sn::array<float> a{42};
    BOOST_TEST(a.item() == 42.0f);
    BOOST_TEST((a + 1.0f).item() == 43.0f);
    const sn::array<float> m{{{7}}};
    BOOST_TEST(m.item() == 7.0f);
}

BOOST_AUTO_TEST_CASE(data) {
    const sn::array<float> a{{1, 2}, {3, 4}};
    const float* const p = a.data();
    static_assert(std::same_as<decltype(a.data()), const float*>);
    BOOST_TEST(std::vector<float>(p, p + 4) == (std::vector<float>{1, 2, 3, 4}));
    const sn::array<float> t = a.transpose();
    const float* const q = t.data();
    BOOST_TEST(std::vector<float>(q, q + 4) == (std::vector<float>{1, 3, 2, 4}));
    const sn::array<float> y = a + 1.0f;
    BOOST_TEST(y.data()[3] == 5.0f);
    BOOST_TEST(!y.is_pending());
}

BOOST_AUTO_TEST_CASE(copies_out) {
    const sn::array<float> a{{1, 2}, {3, 4}};
    std::vector<float> out(4);
    (a * 2.0f).copy_to(out);
    BOOST_TEST(out == (std::vector<float>{2, 4, 6, 8}));
    a.copy_to(out);
    BOOST_TEST(out == (std::vector<float>{1, 2, 3, 4}));
    BOOST_TEST(a.transpose().to_vector() == (std::vector<float>{1, 3, 2, 4}));
    BOOST_CHECK_THROW(a.copy_to(std::span<float>(out).first(3)), sn::shape_error);
}

BOOST_AUTO_TEST_CASE(iterators) {
    const sn::array<float> a{3, 1, 2};
    BOOST_TEST(std::accumulate(a.begin(), a.end(), 0.0f) == 6.0f);
    float total = 0;
    for (const float v : a) total += v;
    BOOST_TEST(total == 6.0f);
    const sn::array<float> y = a * 2.0f;
    BOOST_TEST(*std::max_element(y.begin(), y.end()) == 6.0f);
    const sn::array<float> none;
    BOOST_TEST((none.begin() == none.end()));
}

BOOST_AUTO_TEST_CASE(printing) {
    const auto print = [](const auto& x) {
        std::ostringstream s;
        s << x;
        return s.str();
    };
    BOOST_TEST(print(sn::array<float>{1, 2.5f, -3}) == "[  1 2.5  -3]");
    BOOST_TEST(print(sn::array<std::int32_t>{{1, -2}, {3, 4}}) == "[[ 1 -2]\n [ 3  4]]");
    BOOST_TEST(print(sn::array<bool>{true, false}) == "[ true false]");
    BOOST_TEST(print(sn::array<std::uint8_t>{65, 200}) == "[ 65 200]");
    BOOST_TEST(print(sn::array<float>{}) == "[]");
    BOOST_TEST(print(sn::array<float>{1, 2} + 1.0f) == "[2 3]");
    BOOST_TEST(print(sn::full({}, 1.5f)) == "1.5");
    BOOST_TEST(print(sn::zeros<float>({2, 3}).shape()) == "(2, 3)");
    BOOST_TEST(print(sn::full({}, 1.5f).shape()) == "()");
}

BOOST_AUTO_TEST_CASE(printing_a_large_array_is_short) {
    std::ostringstream s;
    s << sn::zeros<float>({1000, 1000});
    BOOST_TEST(s.str().size() < 2000U);
    BOOST_TEST(s.str().find("...") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(whole_array_comparisons) {
    const sn::array<float> a{1, 2, 3};
    BOOST_TEST(sn::array_equal(a, sn::array<float>{1, 2, 3}));
    BOOST_TEST(!sn::array_equal(a, sn::array<float>{1, 2, 4}));
    BOOST_TEST(!sn::array_equal(a, sn::array<float>{1, 2}));
    BOOST_TEST(sn::array_equal(a + 1.0f, sn::array<float>{2, 3, 4}));
    BOOST_TEST(sn::allclose(a, a + 1e-7f));
    BOOST_TEST(!sn::allclose(a, a + 0.1f));
    BOOST_TEST(sn::allclose(a, a + 0.1f, {.rtol = 0.0, .atol = 0.2}));
    BOOST_TEST(!sn::allclose(a, a + 0.1f, {.rtol = 0.0, .atol = 0.05}));
}

BOOST_AUTO_TEST_CASE(comparison_of_whole_arrays_knows_nan) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const sn::array<float> a{1, nan};
    BOOST_TEST(!sn::array_equal(a, a + 0.0f));
    BOOST_TEST(!sn::allclose(a, a + 0.0f));
}

BOOST_AUTO_TEST_CASE(empty_arrays) {
    const sn::array<float> none;
    check(none + 1.0f, {0}, {});
    check(sn::exp(none), {0}, {});
    check(none + none, {0}, {});
    const sn::array<float> m = sn::zeros<float>({3, 0});
    check(m * 2.0f, {3, 0}, {});
    BOOST_TEST(sn::sum(m).item() == 0.0f);
    check(sn::sum(m, {.axis = 1}), {3}, {0, 0, 0});
    check(sn::sum(m, {.axis = 0}), {0}, {});
    BOOST_TEST(m.to_vector().empty());
    std::vector<float> out;
    m.copy_to(out);
    sn::eval(m, none + 1.0f);
    BOOST_TEST(sn::array_equal(none, sn::array<float>{}));
}

BOOST_AUTO_TEST_CASE(many_threads_read_one_pending_array) {
    const sn::array<float> a = sn::arange<float>(10000);
    for (int round = 0; round < 50; ++round) {
        const sn::array<float> y = a * 2.0f + 1.0f;
        std::vector<float> seen(4);
        std::vector<std::thread> readers;
        for (std::size_t t = 0; t < seen.size(); ++t) {
            readers.emplace_back([&y, &seen, t] { seen[t] = sn::sum(y).item() + y.data()[5000]; });
        }
        for (std::thread& r : readers) r.join();
        for (const float s : seen) BOOST_TEST(s == seen[0]);
        BOOST_TEST(y.data()[5000] == 10001.0f);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
