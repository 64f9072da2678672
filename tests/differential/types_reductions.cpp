#include "differential/types.hpp"
#include "support/check.hpp"

// Reductions of every type: over all elements, rows, columns and inner axes, in every layout, against plain loops.

namespace {

using namespace types;

/// What sum and prod of T give.
template <class T>
using total_of = std::conditional_t<std::floating_point<T>, T, std::conditional_t<std::unsigned_integral<T> && !std::same_as<T, bool>, std::uint64_t, std::int64_t>>;
template <class T>
using mean_of = std::conditional_t<std::floating_point<T>, T, double>;

/// One reduction of T, and the same of plain values: `next` of what there is and one more element.
template <class T, class R>
struct reduction {
    const char* name;
    sn::array<R> (*ours)(const sn::array<T>&, const sn::reduce_options&);
    R start;
    R (*next)(R, T);
    bool of_nothing;
};

template <class T>
[[nodiscard]] T least(T a, T b) {
    return plain<T>::of(op::minimum{}, a, b);
}
template <class T>
[[nodiscard]] T most(T a, T b) {
    return plain<T>::of(op::maximum{}, a, b);
}

template <class T, class R>
[[nodiscard]] std::vector<reduction<T, R>> reductions() {
    using limits = std::numeric_limits<T>;
    using array = const sn::array<T>&;
    using options = const sn::reduce_options&;
    std::vector<reduction<T, R>> list;
    if constexpr (std::same_as<R, total_of<T>>) {
        list.push_back({"sum", [](array x, options o) { return sn::sum(x, o); }, R(0), [](R a, T b) { return plain<R>::of(op::add{}, a, static_cast<R>(b)); }, true});
        list.push_back({"prod", [](array x, options o) { return sn::prod(x, o); }, R(1), [](R a, T b) { return plain<R>::of(op::multiply{}, a, static_cast<R>(b)); }, true});
    }
    if constexpr (std::same_as<R, T>) {
        const T top = limits::has_infinity ? limits::infinity() : limits::max(), bottom = limits::has_infinity ? static_cast<T>(-limits::infinity()) : limits::lowest();
        list.push_back({"min", [](array x, options o) { return sn::min(x, o); }, top, &least<T>, false});
        list.push_back({"max", [](array x, options o) { return sn::max(x, o); }, bottom, &most<T>, false});
    }
    if constexpr (std::same_as<R, bool>) {
        list.push_back({"all", [](array x, options o) { return sn::all(x, o); }, true, [](bool a, T b) { return a && b != T(0); }, true});
        list.push_back({"any", [](array x, options o) { return sn::any(x, o); }, false, [](bool a, T b) { return a || b != T(0); }, true});
    }
    return list;
}

/// Values whose sums and products are exact in any order.
template <class T>
[[nodiscard]] std::vector<T> exact_values(std::size_t n, std::uint32_t seed, bool factors) {
    std::vector<T> v = samples<T>(n, seed);
    if constexpr (std::floating_point<T>) {
        std::mt19937 random(seed);
        for (T& x : v) {
            const auto r = static_cast<int>(random() % 16);
            x = factors ? (r == 0 ? T(-1) : r == 1 ? T(2) : r == 2 ? T(0.5) : T(1)) : static_cast<T>(r - 7);
        }
    } else if (factors) {
        // Odd ones: products of even numbers soon are zero.
        for (auto&& x : v) x = static_cast<T>(x | T(1));
    }
    return v;
}

/// A rank-3 array's axes reduced as `axes` says, and its mean.
template <class T, class R>
void check_shape(sn::index_t p, sn::index_t r, sn::index_t c, bool strange_layouts) {
    const sn::axis_list axes[] = {{0, 1, 2}, {2}, {1}, {0}, {1, 2}, {0, 2}, {0, 1}};
    const unsigned masks[] = {7, 4, 2, 1, 6, 5, 3};
    for (const auto& red : reductions<T, R>()) {
        const std::string name = red.name;
        const auto n = static_cast<std::size_t>(p * r * c);
        const std::vector<T> v = exact_values<T>(n, 3, name == "prod");
        for (std::size_t k = 0; k < std::size(masks); ++k) {
            const bool d0 = (masks[k] & 1U) == 0, d1 = (masks[k] & 2U) == 0, d2 = (masks[k] & 4U) == 0;
            const sn::index_t kept = (d0 ? p : 1) * (d1 ? r : 1) * (d2 ? c : 1);
            if (n == 0 && kept > 0 && !red.of_nothing) continue;
            std::vector<R> expected(static_cast<std::size_t>(kept), red.start);
            for (sn::index_t i = 0, at = 0; i < p; ++i) {
                for (sn::index_t j = 0; j < r; ++j) {
                    for (sn::index_t l = 0; l < c; ++l, ++at) {
                        const auto to = static_cast<std::size_t>(((d0 ? i : 0) * (d1 ? r : 1) + (d1 ? j : 0)) * (d2 ? c : 1) + (d2 ? l : 0));
                        expected[to] = red.next(expected[to], v[static_cast<std::size_t>(at)]);
                    }
                }
            }
            const sn::array<T> x = array_of(v, {p, r, c});
            const auto compare = [&](const sn::array<T>& a, const char* how) {
                const std::vector<R> got = red.ours(a, {.axis = axes[k]}).to_vector();
                BOOST_REQUIRE_EQUAL(got.size(), expected.size());
                for (std::size_t i = 0; i < got.size(); ++i) {
                    if (support::same<R>(got[i], expected[i])) continue;
                    BOOST_ERROR(name << " of " << name_of<T>() << ' ' << p << 'x' << r << 'x' << c << ' ' << how << " over axes " << masks[k] << " is "
                                     << +got[i] << " instead of " << +expected[i] << " at " << i);
                    return;
                }
            };
            compare(x, "contiguous");
            if (!strange_layouts) continue;
            compare(array_of<T>(x.transpose().to_vector(), {c, r, p}).transpose(), "transposed");
            const auto back = sn::range({}, {}, -1);
            compare(array_of<T>(x(back, sn::all, back).to_vector(), {p, r, c})(back, sn::all, back), "reversed");
        }
    }
}

template <class T, class R>
void check_results() {
    for (const sn::index_t n : lengths) {
        check_shape<T, R>(1, 1, n, false);
        check_shape<T, R>(1, n, 1, false);
    }
    check_shape<T, R>(3, 5, 67, true);
    check_shape<T, R>(2, 130, 33, true);
    check_shape<T, R>(70, 1, 129, true);
    check_shape<T, R>(0, 3, 4, false);
    check_shape<T, R>(3, 0, 4, false);
    check_shape<T, R>(1, 1, large, false);
    check_shape<T, R>(1, 300, 301, false);
}

template <class T>
void check_type() {
    static_assert(std::same_as<typename decltype(sn::sum(sn::array<T>{}))::value_type, total_of<T>>);
    static_assert(std::same_as<typename decltype(sn::prod(sn::array<T>{}))::value_type, total_of<T>>);
    static_assert(std::same_as<typename decltype(sn::min(sn::array<T>{}))::value_type, T>);
    static_assert(std::same_as<typename decltype(sn::mean(sn::array<T>{}))::value_type, mean_of<T>>);
    check_results<T, total_of<T>>();
    if constexpr (!std::same_as<T, total_of<T>>) check_results<T, T>();
    if constexpr (!std::same_as<T, bool>) check_results<T, bool>();

    // The mean: sums of small numbers are exact.
    for (const sn::index_t n : {1, 3, 64, 65, 1001, 70'001}) {
        std::vector<T> v(static_cast<std::size_t>(n));
        double total = 0;
        for (std::size_t i = 0; i < v.size(); ++i) {
            v[i] = static_cast<T>(i % 100);
            total += static_cast<double>(v[i]);
        }
        const auto wanted = static_cast<mean_of<T>>(static_cast<mean_of<T>>(total) / static_cast<mean_of<T>>(n));
        BOOST_TEST(sn::mean(array_of(v)).item() == wanted, name_of<T>() << ' ' << n);
        BOOST_TEST(sn::mean(array_of(v, {1, n}), {.axis = 1}).to_vector()[0] == wanted, name_of<T>() << ' ' << n);
    }
    BOOST_TEST(std::isnan(sn::mean(sn::array<T>{}).item()));
    support::check_throws<sn::value_error>([] { static_cast<void>(sn::min(sn::array<T>{}).eval()); }, {"min"});

    // Fused with what makes the values, and with results that are kept.
    const std::vector<T> v = samples<T>(1001, 4), w = samples<T>(1001, 5);
    const sn::array<T> x = array_of(v), y = array_of(w);
    const auto count = sn::sum(x < y).item();
    static_assert(std::same_as<decltype(count), const std::int64_t>);
    std::int64_t wanted = 0;
    for (std::size_t i = 0; i < v.size(); ++i) wanted += v[i] < w[i] ? 1 : 0;
    BOOST_TEST(count == wanted);
}

BOOST_AUTO_TEST_SUITE(types_reductions)

BOOST_AUTO_TEST_CASE(every_type) {
    for_each_type([]<class T>() { check_type<T>(); });
}

// Sums that 8, 16 or 32 bits cannot hold, and means that 64 cannot.
BOOST_AUTO_TEST_CASE(wider_than_the_elements) {
    BOOST_TEST(sn::sum(sn::full({100'000}, std::int8_t{-128})).item() == -12'800'000);
    BOOST_TEST(sn::sum(sn::full({100'000}, std::uint8_t{255})).item() == 25'500'000U);
    BOOST_TEST(sn::sum(sn::full({100'000}, std::uint16_t{65535})).item() == 6'553'500'000U);
    BOOST_TEST(sn::sum(sn::full({10, 10'000}, std::int32_t{-2'000'000'000}), {.axis = 1}).to_vector()[9] == -20'000'000'000'000);
    BOOST_TEST(sn::sum(sn::full({70'000, 3}, std::uint32_t{4'000'000'000}), {.axis = 0}).to_vector()[2] == 280'000'000'000'000U);
    BOOST_TEST(sn::mean(sn::full({1000}, std::uint64_t{0x8000000000000000})).item() == 0x1p63);
    BOOST_TEST(sn::sum(sn::full({100'000}, true)).item() == 100'000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
