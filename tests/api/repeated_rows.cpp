#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

// Reductions of rows that are the same along an axis that stays are done once: with the bits of those of a copy that has all the rows.

namespace sn = sinter;

namespace {

template <class T>
sn::array<T> copied(const sn::array<T>& x) {
    const std::vector<T> all = x.to_vector();
    return sn::from(all).reshape(x.shape());
}

template <class T>
void same(const sn::array<T>& left, const sn::array<T>& right) {
    BOOST_REQUIRE((left.shape() == right.shape()));
    const std::vector<T> a = left.to_vector(), b = right.to_vector();
    for (std::size_t i = 0; i < a.size(); ++i) {
        if constexpr (std::same_as<T, float>) {
            BOOST_TEST(std::bit_cast<std::uint32_t>(a[i]) == std::bit_cast<std::uint32_t>(b[i]));
        } else {
            BOOST_TEST(a[i] == b[i]);
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(repeated_rows)

BOOST_AUTO_TEST_CASE(have_the_bits_of_rows_of_their_own) {
    const sn::random::key k{7};
    for (const sn::index_t n : {1, 17, 1000, 70000}) {
        const auto rows = sn::random::normal<float>(k, {3, 1, n}), one = sn::random::normal<float>(k, {n});
        for (const sn::array<float>& x : {sn::array<float>(sn::broadcast_to(rows, {3, 4, n})), sn::array<float>(sn::broadcast_to(one, {2, 3, n})),
                                          sn::array<float>(sn::broadcast_to(rows(sn::all, 0, sn::all), {2, 3, n}))}) {
            const sn::array<float> y = copied(x);
            for (const sn::reduce_options& o : {sn::reduce_options{.axis = -1}, sn::reduce_options{.axis = -1, .keepdims = true}}) {
                same(sn::array<float>(sn::sum(x, o)), sn::array<float>(sn::sum(y, o)));
                same(sn::array<float>(sn::max(x, o)), sn::array<float>(sn::max(y, o)));
                same(sn::array<float>(sn::mean(x, o)), sn::array<float>(sn::mean(y, o)));
                same(sn::array<sn::index_t>(sn::argmin(x, o)), sn::array<sn::index_t>(sn::argmin(y, o)));
                same(sn::array<bool>(sn::any(x > 1.0f, o)), sn::array<bool>(sn::any(y > 1.0f, o)));
            }
            same(sn::array<float>(sn::sum(x, {.axis = {1, 2}})), sn::array<float>(sn::sum(y, {.axis = {1, 2}})));
            same(sn::array<float>(sn::sum(x, {.axis = 0})), sn::array<float>(sn::sum(y, {.axis = 0})));
            same(sn::array<float>(sn::sum(x)), sn::array<float>(sn::sum(y)));
            same(sn::array<float>(sn::var(x, {.axis = 2})), sn::array<float>(sn::var(y, {.axis = 2})));
        }
    }
}

BOOST_AUTO_TEST_CASE(are_reduced_once) {
    const sn::random::key k{8};
    const auto a = sn::random::normal<float>(k, {40, 1, 100}), b = sn::random::normal<float>(k, {1, 50, 100});
    a.eval();
    b.eval();
    const sn::array<float> wide_norms = sn::sum(a * a, {.axis = 2}) * sn::sum(b * b, {.axis = 2});
    const auto multiplications = [](const sn::array<float>& x) {
        double most = 0;
        for (const sn::kernel_report& each : sn::explain(x).kernels) most = std::max(most, each.flops);
        return most;
    };
    BOOST_TEST(multiplications(wide_norms) < 40.0 * 50 * 100);
    // Also where a program has made them the same length, and through pairwise.
    const sn::array<float> repeated = sn::sum(sn::broadcast_to(sn::array<float>(a * a), {40, 50, 100}), {.axis = 2});
    BOOST_TEST(multiplications(repeated) < 40.0 * 50 * 100);
    const sn::array<float> cosine = sn::pairwise(sn::metrics::cosine, a.reshape({40, 100}), b.reshape({50, 100}));
    std::size_t all = 0;
    for (const sn::kernel_report& each : sn::explain(cosine).kernels) all += each.flops >= 40.0 * 50 * 100 ? 1U : 0U;
    BOOST_TEST(all == 1U);
    const sn::array<float> wide = sn::broadcast_to(a, {40, 50, 100}), norms = sn::sum(wide * wide, {.axis = 2});
    BOOST_REQUIRE((norms.shape() == sn::extents{40, 50}));
    same(norms, sn::array<float>(sn::sum(copied(wide) * copied(wide), {.axis = 2})));
}

BOOST_AUTO_TEST_CASE(may_be_written_into) {
    const sn::array<float> row = sn::arange<float>(100).eval();
    sn::array<float> sums = sn::sum(sn::broadcast_to(row, {3, 100}), {.axis = 1});
    sums(1) = 5.0f;
    BOOST_TEST(sums.to_vector() == (std::vector<float>{4950, 5, 4950}), boost::test_tools::per_element());
    const sn::array<float> reshaped = sn::sum(sn::broadcast_to(row, {6, 100}), {.axis = 1}).reshape({2, 3}) + 1.0f;
    BOOST_TEST(reshaped.to_vector() == std::vector<float>(6, 4951), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
