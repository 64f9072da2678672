#include "unit/plan/plan_of.hpp"

#include <sinter/detail/operations.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>

// What several kernels would compute, each for itself.

using namespace plan_tests;
using sn::all;
using sn::newaxis;

namespace {

/// Which of some centres is nearest to each pixel, and for each centre how many pixels it has and the sum of their colours.
struct clusters {
    explicit clusters(int centres, sn::index_t pixels = 300000) {
        const sn::array<float> planes = in_memory({3, pixels});
        const sn::array<float> r = planes(0, all), g = planes(1, all), b = planes(2, all);
        sn::array<float> least = sn::full({}, 1e30f);
        sn::array<std::int32_t> nearest = sn::zeros<std::int32_t>({});
        for (int c = 0; c < centres; ++c) {
            const float at = static_cast<float>(c);
            const sn::array<float> apart = sn::square(r - at) + sn::square(g - 2 * at) + sn::square(b - 3 * at);
            nearest = sn::where(apart < least, c, nearest);
            least = sn::minimum(apart, least);
        }
        for (int c = 0; c < centres; ++c) {
            const sn::array<bool> mine = nearest == c;
            members.push_back(sn::sum(mine));
            sums.push_back(sn::sum(sn::where(mine(newaxis, all), planes, 0.0f), {.axis = 1}));
        }
    }
    [[nodiscard]] std::vector<gr::capture::root> roots() const {
        std::vector<gr::capture::root> all_roots;
        for (const auto& x : members) all_roots.push_back({x.node(), false, nullptr});
        for (const auto& x : sums) all_roots.push_back({x.node(), false, nullptr});
        return all_roots;
    }

    std::vector<sn::array<sn::index_t>> members;
    std::vector<sn::array<float>> sums;
};

[[nodiscard]] std::size_t squares_in(const pl::launch& l) {
    const auto& code = l.kernel.code;
    return static_cast<std::size_t>(std::count_if(code.begin(), code.end(), [](const auto& i) { return i.code == sn::detail::op::square::code; }));
}

[[nodiscard]] std::size_t squares_in(const pl::plan& p) {
    std::size_t all_squares = 0;
    for (const pl::launch& l : p.launches) all_squares += squares_in(l);
    return all_squares;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(repeats)

BOOST_AUTO_TEST_CASE(what_many_reductions_use_is_stored_once) {
    for (const int centres : {4, 16, 64}) {
        const clusters c(centres);
        const pl::plan p = plan_of_roots(c.roots(), described(1));
        // No distance is computed twice.
        BOOST_TEST(squares_in(p) == static_cast<std::size_t>(3 * centres), centres << " centres");
    }
}

BOOST_AUTO_TEST_CASE(what_costs_little_is_computed_again) {
    const auto x = in_memory({300000}), y = in_memory({2, 300000});
    const sn::array<float> t = sn::square(x), a = sn::sum(t), b = sn::sum(y * t, {.axis = 1});
    const pl::plan p = plan_of({a, b}, described(1));
    BOOST_TEST(squares_in(p) == 2U);
}

BOOST_AUTO_TEST_CASE(long_bodies_keep_their_vectors_full) {
    const auto x = in_memory({300000});
    const sn::array<float> longer = sn::tanh(sn::sin(sn::exp(x) + 1.0f) * sn::log(x + 2.0f)), shorter = x * 2.0f + 1.0f;
    // Doubles leave room for half as many floats.
    const pl::plan p = plan_of({sn::cast<float>(sn::sum(sn::cast<double>(longer)))}, described(1));
    BOOST_TEST(!p.launches[0].kernel.outputs.empty());
    BOOST_TEST(p.launches[0].does.lanes == 16);
    const pl::plan q = plan_of({sn::cast<float>(sn::sum(sn::cast<double>(shorter)))}, described(1));
    BOOST_TEST(q.launches[0].kernel.outputs.empty());
}

BOOST_AUTO_TEST_CASE(a_stored_repeat_is_a_decision) {
    const clusters c(16);
    // A choice that nothing can be forced by has the record kept.
    const pl::plan p = plan_of_roots(c.roots(), described(1), pl::chaining::by_cost, {{pl::decision_kind::store, sinter::detail::graph::no_value, 0}});
    const auto stored = std::find_if(p.decisions.begin(), p.decisions.end(), [](const pl::decision& d) { return d.kind == pl::decision_kind::store && d.options[d.taken].key == 1; });
    BOOST_REQUIRE((stored != p.decisions.end()));
    // What the plans as a whole take.
    BOOST_TEST(stored->options[1].seconds == p.predicted_seconds, boost::test_tools::tolerance(1e-9));
    BOOST_TEST(stored->options[1].seconds < 0.6 * stored->options[0].seconds);
    const pl::plan again = plan_of_roots(c.roots(), described(1), pl::chaining::by_cost, {{pl::decision_kind::store, stored->value, 0}});
    const auto forced = std::find_if(again.decisions.begin(), again.decisions.end(), [](const pl::decision& d) { return d.forced; });
    BOOST_REQUIRE((forced != again.decisions.end()));
    BOOST_TEST(forced->value == stored->value);
    BOOST_TEST(forced->options[forced->taken].key == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
