#include "graph/recipe.hpp"

#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <vector>

namespace sn = sinter;
namespace gr = sinter::detail::graph;
using sinter::detail::node_state;

namespace {

using array = sn::array<float>;
using root = gr::capture::root;

/// A recipe of these arrays' capture.
gr::recipe recipe_of(const std::vector<array*>& arrays) {
    std::vector<root> roots;
    for (const array* a : arrays) roots.push_back({a->node(), false, nullptr});
    return gr::recipe(gr::capture(roots.data(), roots.size()));
}

bool works(const gr::recipe& r, const std::vector<array*>& arrays, bool external = false) {
    std::vector<root> roots;
    for (const array* a : arrays) roots.push_back({a->node(), external, nullptr});
    gr::capture known;
    const bool taken = known.take(roots.data(), roots.size(), r);
    if (!taken) {
        // Nothing may stay claimed.
        for (const array* a : arrays) BOOST_TEST((a->node()->state.load() == node_state::pending));
        BOOST_TEST(known.nodes().empty());
        return false;
    }
    for (const gr::captured_node& n : known.nodes()) BOOST_TEST((n.done || n.n->state.load() == node_state::claimed));
    for (std::size_t i = 0; i < arrays.size(); ++i) BOOST_TEST(known.nodes()[known.roots()[i]].n == arrays[i]->node());
    return true;
}

/// One statement of its own place in the program, so that it has one tape.
array step(const array& x, float a) { return a * x + 1.0f; }
array square_of(const array& x) { return x * x; }

}  // namespace

BOOST_AUTO_TEST_SUITE(recipe)

BOOST_AUTO_TEST_CASE(the_same_statements_are_taken_again) {
    array x = sn::arange<float>(8);
    array a = step(x, 2), b = square_of(a);
    const gr::recipe r = recipe_of({&b});
    BOOST_TEST(works(r, {&b}));
    array other = sn::arange<float>(8);
    array c = step(other, 3), d = square_of(c);
    BOOST_TEST(works(r, {&d}));
}

BOOST_AUTO_TEST_CASE(it_says_what_the_long_way_says) {
    array x = sn::arange<float>(8);
    array a = step(x, 2), b = square_of(a), c = square_of(b);
    b = {};
    const root roots[] = {{c.node(), false, nullptr}, {a.node(), false, nullptr}};
    std::vector<gr::captured_node> slow;
    std::vector<std::uint32_t> places;
    gr::recipe r;
    {
        const gr::capture long_way(roots, 2);
        slow = long_way.nodes();
        places = long_way.roots();
        r = gr::recipe(long_way);
    }
    gr::capture quick;
    BOOST_REQUIRE(quick.take(roots, 2, r));
    BOOST_TEST(quick.roots() == places, boost::test_tools::per_element());
    BOOST_REQUIRE(quick.nodes().size() == slow.size());
    for (std::size_t i = 0; i < slow.size(); ++i) {
        BOOST_TEST(quick.nodes()[i].n == slow[i].n);
        BOOST_TEST(quick.nodes()[i].done == slow[i].done);
        BOOST_TEST(quick.nodes()[i].root == slow[i].root);
        BOOST_TEST(quick.nodes()[i].sole == slow[i].sole);
    }
}

BOOST_AUTO_TEST_CASE(whatever_a_plan_depends_on_is_compared) {
    array x = sn::arange<float>(8);
    array a = step(x, 2), b = square_of(a);
    const gr::recipe r = recipe_of({&b});

    array longer = sn::arange<float>(9);
    array c = step(longer, 2), d = square_of(c);
    BOOST_TEST(!works(r, {&d}));  // another shape

    array e = square_of(x), f = square_of(e);
    BOOST_TEST(!works(r, {&f}));  // another statement below

    array g = square_of(step(x, 2));
    BOOST_TEST(!works(r, {&g}));  // the program has let go of the middle

    BOOST_TEST(!works(r, {&b}, true));   // to the user's memory
    BOOST_TEST(!works(r, {&b, &a}));     // more is wanted

    array user = square_of(a);
    BOOST_TEST(!works(r, {&b}));  // somebody else needs the middle
    user = {};
    BOOST_TEST(works(r, {&b}));

    const array strided = sn::arange<float>(16)(sn::range({}, {}, 2));
    array h = step(strided, 2), i = square_of(h);
    BOOST_TEST(!works(r, {&i}));  // memory with gaps

    a.eval();
    BOOST_TEST(!works(r, {&b}));  // the middle is memory by now
}

BOOST_AUTO_TEST_CASE(a_dying_operand_is_not_a_kept_one) {
    array kept = sn::arange<float>(8);
    kept.eval();
    array a = step(kept, 2);
    const gr::recipe r = recipe_of({&a});
    array passing = sn::arange<float>(8);
    passing.eval();
    array b = step(passing, 2);
    passing = {};
    BOOST_TEST(!works(r, {&b}));
}

BOOST_AUTO_TEST_CASE(two_uses_of_one_array_are_not_two_arrays) {
    array x = sn::arange<float>(8), z = sn::arange<float>(8);
    const auto sum_of = [](const array& p, const array& q) { return array(p * q); };
    array same = sum_of(x, x);
    const gr::recipe r = recipe_of({&same});
    array different = sum_of(x, z);
    BOOST_TEST(!works(r, {&different}));
    BOOST_TEST(works(r, {&same}));
}

BOOST_AUTO_TEST_CASE(views_and_updates_compare_their_maps) {
    const auto part = [](array& x, sn::index_t from) {
        array y = square_of(x);
        y(sn::range(from, from + 2)) = 1.0f;
        return y;
    };
    array x = sn::arange<float>(8);
    array a = part(x, 1);
    const gr::recipe r = recipe_of({&a});
    array b = part(x, 1), c = part(x, 2);
    BOOST_TEST(works(r, {&b}));
    BOOST_TEST(!works(r, {&c}));
}

BOOST_AUTO_TEST_SUITE_END()
