#include "support/check.hpp"

#include <cmath>
#include <limits>

// any and all stop at the element that decides: what they give is what a look at every element gives, and what is passed over is counted.

namespace {

namespace sn = sinter;
using sn::index_t;

/// Where the deciding element is, n for none: around the ends of vectors, turns and blocks.
[[nodiscard]] std::vector<index_t> places_in(index_t n) {
    std::vector<index_t> places{n};
    for (const index_t at : {0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 2047, 2048, 2111, 2112, 65535, 65536}) {
        if (at < n) places.push_back(at);
    }
    places.push_back(n / 2);
    places.push_back(n - 1);
    return places;
}

constexpr index_t lengths[] = {1, 7, 16, 63, 64, 65, 300, 2048, 2112, 4099, 65536, 65537, 3 * 65536 + 100};

/// For one thread and for two.
template <class F>
void with_threads(F f) {
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        f(threads);
    }
}

[[nodiscard]] double passed_over(const sn::profile& p) {
    double all = 0;
    for (const sn::kernel_report& k : p.report().kernels) all += k.passed_over;
    return all;
}

template <class T>
[[nodiscard]] std::vector<T> with(index_t n, index_t at, T usual, T other) {
    std::vector<T> v(static_cast<std::size_t>(n), usual);
    if (at < n) v[static_cast<std::size_t>(at)] = other;
    return v;
}

template <class T>
void check_any(index_t n, index_t at) {
    const sn::array<T> x = sn::from(with<T>(n, at, T(1), T(7)), {n});
    const bool there = at < n;
    const std::string where = std::to_string(at) + " of " + std::to_string(n) + " " + sn::detail::name_of(sn::detail::dtype_of<T>);
    BOOST_TEST(sn::any(x > T(3)).item() == there, where);
    BOOST_TEST(sn::all(x <= T(3)).item() == !there, where);
    BOOST_TEST(sn::any((x > T(3)) & (x != T(5))).item() == there, where);
    BOOST_TEST(sn::any(((x > T(3)) & (x < T(8))) | ((x != T(1)) & !(x < T(2)) & (x * T(2) > T(1)))).item() == there, where);
    BOOST_TEST(sn::any(x - T(1)).item() == there, where);
}

BOOST_AUTO_TEST_SUITE(decided)

BOOST_AUTO_TEST_CASE(at_every_place) {
    with_threads([](int) {
        for (const index_t n : lengths) {
            for (const index_t at : places_in(n)) {
                check_any<float>(n, at);
                check_any<double>(n, at);
                check_any<std::int8_t>(n, at);
                check_any<std::int64_t>(n, at);
                check_any<sn::float16>(n, at);
            }
        }
    });
}

BOOST_AUTO_TEST_CASE(not_a_number_and_infinities) {
    with_threads([](int) {
        for (const index_t n : lengths) {
            for (const index_t at : places_in(n)) {
                for (const float special : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
                    const sn::array<float> x = sn::from(with<float>(n, at, 0.0f, special), {n});
                    BOOST_TEST(sn::all(sn::isfinite(x)).item() == (at >= n));
                    BOOST_TEST(sn::any(x).item() == (at < n));  // NaN counts as true
                }
            }
        }
    });
}

BOOST_AUTO_TEST_CASE(arrays_of_bool_and_views) {
    with_threads([](int) {
        for (const index_t n : lengths) {
            for (const index_t at : places_in(n)) {
                const sn::array<bool> hit = sn::arange<std::int64_t>(0, n) == static_cast<std::int64_t>(at);
                hit.eval();
                const sn::array<bool> miss = !hit;
                miss.eval();
                BOOST_TEST(sn::any(hit).item() == (at < n));
                BOOST_TEST(sn::all(miss).item() == (at >= n));
                BOOST_TEST(sn::any(hit(sn::range({}, {}, -1))).item() == (at < n));
                BOOST_TEST(sn::all(miss(sn::range({}, {}, 2))).item() == (at >= n || at % 2 == 1));
            }
        }
    });
}

BOOST_AUTO_TEST_CASE(each_row_by_itself) {
    with_threads([](int) {
        for (const index_t n : lengths) {
            constexpr index_t rows = 5;
            const std::vector<index_t> places = places_in(n);
            std::vector<float> v(static_cast<std::size_t>(rows * n));
            std::vector<index_t> hits;
            for (index_t r = 0; r < rows; ++r) {
                hits.push_back(places[static_cast<std::size_t>(r * 3) % places.size()]);
                if (hits.back() < n) v[static_cast<std::size_t>(r * n + hits.back())] = 1.0f;
            }
            const sn::array<float> x = sn::from(v, {rows, n});
            const std::vector<bool> any = sn::any(x > 0.5f, {.axis = 1}).to_vector(), all = sn::all(x < 0.5f, {.axis = -1}).to_vector();
            const std::vector<bool> across = sn::any(x.transpose() > 0.5f, {.axis = 0}).to_vector();
            const std::vector<bool> down = sn::any(x > 0.5f, {.axis = 0}).to_vector();
            for (index_t r = 0; r < rows; ++r) {
                const auto at = static_cast<std::size_t>(r);
                BOOST_TEST(any[at] == (hits[at] < n));
                BOOST_TEST(all[at] == (hits[at] >= n));
                BOOST_TEST(across[at] == (hits[at] < n));
            }
            for (index_t c = 0; c < n; ++c) BOOST_REQUIRE(down[static_cast<std::size_t>(c)] == (std::ranges::find(hits, c) != hits.end()));
        }
    });
}

BOOST_AUTO_TEST_CASE(what_follows_is_passed_over) {
    // Elements that are looked at past the deciding one, and the least part of a row that a thread has.
    constexpr index_t n = 16 * 65536, late = 4096;
    with_threads([&](int threads) {
        for (const index_t at : {index_t{0}, index_t{70000}, n / 2 + 10, n - 65536}) {
            const sn::array<float> x = sn::from(with<float>(n, at, 0.0f, 1.0f), {n});
            sn::profile p;
            BOOST_TEST(sn::any(x > 0.5f).item());
            // The thread that finds it passes over what is left of its part.
            const index_t part = n / threads, past = (at / part + 1) * part;
            BOOST_TEST(passed_over(p) >= static_cast<double>(past - at - late), "at " << at << ": " << passed_over(p));
            if (threads == 1) BOOST_TEST(passed_over(p) < static_cast<double>(n - at));
        }
        const sn::array<float> none = sn::zeros<float>({n});
        none.eval();
        sn::profile p;
        BOOST_TEST(!sn::any(none > 0.5f).item());
        BOOST_TEST(sn::all(none < 0.5f).item());
        BOOST_TEST(passed_over(p) == 0);
        BOOST_TEST(p.report().to_string().find("passed over") == std::string::npos);
    });
    sn::set_threads(1);
    const sn::array<double> rows = sn::ones<double>({4, 100000});
    rows.eval();
    sn::profile p;
    BOOST_TEST(sn::any(rows, {.axis = 1}).to_vector() == std::vector<bool>({true, true, true, true}), boost::test_tools::per_element());
    BOOST_TEST(passed_over(p) >= 4.0 * (100000 - late));
    BOOST_TEST(p.report().to_string().find("elements passed over") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_row_that_is_tiles_of_a_chain) {
    // The rows' maxima and what is asked about them stay in a cache, row by row.
    with_threads([](int) {
        const sn::array<float> x = sn::arange<float>(0, 400 * 3000).reshape({400, 3000});
        x.eval();
        const sn::array<float> most = sn::max(x, {.axis = 1, .keepdims = true});
        const std::vector<bool> equal = sn::any(x - most == 0.0f, {.axis = 1}).to_vector();
        const std::vector<bool> above = sn::all(most - x > 0.5f, {.axis = 1}).to_vector();
        for (std::size_t r = 0; r < equal.size(); ++r) BOOST_REQUIRE((equal[r] && !above[r]));
    });
}

BOOST_AUTO_TEST_CASE(whatever_else_a_kernel_makes_is_whole) {
    constexpr index_t n = 3 * 65536 + 11;
    with_threads([&](int) {
        const sn::array<float> x = sn::ones<float>({n});
        x.eval();
        const sn::array<float> y = x * 2.0f;
        const sn::array<bool> found = sn::any(y > 1.0f);
        const sn::array<bool> whole = sn::all(y > 1.0f);
        const sn::array<float> sum = sn::sum(y);
        sn::eval(y, found, whole, sum);
        BOOST_TEST(found.item());
        BOOST_TEST(whole.item());
        BOOST_TEST(sum.item() == 2.0f * static_cast<float>(n));
        for (const float v : y.to_vector()) BOOST_REQUIRE(v == 2.0f);
        const sn::array<bool> first = sn::any(x > 0.5f), second = sn::any(x > 2.0f);
        sn::eval(first, second);
        BOOST_TEST(first.item());
        BOOST_TEST(!second.item());
    });
}

BOOST_AUTO_TEST_CASE(errors_of_elements_that_follow_are_told) {
    constexpr index_t n = 3 * 65536;
    with_threads([&](int) {
        const sn::array<std::int32_t> x = sn::full<std::int32_t>({n}, 8), by = sn::from(with<std::int32_t>(n, n - 1, 2, 0), {n});
        BOOST_CHECK_THROW((void)sn::any(x / by > 3).item(), sn::value_error);
        const sn::array<std::int32_t> indices = sn::from(with<std::int32_t>(n, n - 1, 2, 9), {n});
        BOOST_CHECK_THROW((void)sn::any(sn::take(sn::ones<float>({5}), indices) > 0.5f).item(), sn::index_error);
    });
}

BOOST_AUTO_TEST_CASE(of_nothing) {
    const sn::array<float> none = sn::zeros<float>({0}), rows = sn::zeros<float>({3, 0});
    BOOST_TEST(!sn::any(none > 1.0f).item());
    BOOST_TEST(sn::all(none > 1.0f).item());
    BOOST_TEST(sn::all(rows > 1.0f, {.axis = 1}).to_vector() == std::vector<bool>({true, true, true}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
