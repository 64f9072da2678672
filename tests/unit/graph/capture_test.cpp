#include "graph/capture.hpp"

#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

namespace sn = sinter;
namespace gr = sinter::detail::graph;

namespace {

gr::capture take(const sn::array<float>& x) {
    const gr::capture::root r{x.node(), false, nullptr};
    return gr::capture(&r, 1);
}

std::vector<std::uint64_t> signature_of(const sn::array<float>& x) {
    const gr::capture c = take(x);
    return {c.signature().begin(), c.signature().end()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(capture)

BOOST_AUTO_TEST_CASE(operands_stand_before_users_and_once) {
    const sn::array<float> x = sn::arange<float>(8);
    const sn::array<float> a = x + 1.0f;
    const sn::array<float> b = a * a + x;
    const gr::capture c = take(b);
    BOOST_TEST(c.nodes().size() == 3);
    BOOST_TEST(c.nodes()[0].done);
    BOOST_TEST(c.nodes()[2].root);
    for (std::uint32_t i = 0; i < c.nodes().size(); ++i) {
        if (c.nodes()[i].done) continue;
        for (std::size_t k = 0; k < c.nodes()[i].n->n_operands; ++k) BOOST_TEST(c.operand_of(c.nodes()[i], k) < i);
    }
}

BOOST_AUTO_TEST_CASE(equal_statements_have_equal_signatures) {
    const auto statement = [](float scale, sn::index_t n) {
        const sn::array<float> x = sn::arange<float>(n);
        return sn::array<float>(scale * x + 1.0f);
    };
    const auto a = statement(2, 8);
    const auto b = statement(3, 8);
    const auto other_shape = statement(2, 9);
    BOOST_TEST((signature_of(a) == signature_of(b)));
    BOOST_TEST((signature_of(a) != signature_of(other_shape)));
    const sn::array<float> x = sn::arange<float>(8);
    const sn::array<float> other = 2.0f * x - 1.0f;
    BOOST_TEST((signature_of(a) != signature_of(other)));
}

BOOST_AUTO_TEST_CASE(what_functions_are_composed_of_is_part_of_signatures) {
    const sn::array<float> x = sn::arange<float>(8);
    const sn::array<float> mean = sn::mean(x), var = sn::var(x), other = sn::var(x, {.ddof = 1}), root = sn::std(x), sum = sn::logsumexp(x);
    BOOST_TEST(take(var).nodes().size() == 2);
    BOOST_TEST((signature_of(var) == signature_of(other)));
    BOOST_TEST((signature_of(var) != signature_of(root)));
    BOOST_TEST((signature_of(var) != signature_of(mean)));
    BOOST_TEST((signature_of(mean) != signature_of(sum)));
    BOOST_TEST((signature_of(mean) != signature_of(sn::array<float>(sn::sum(x)))));
}

BOOST_AUTO_TEST_CASE(memory_is_sole_only_if_nothing_needs_it_afterwards) {
    sn::array<float> x = sn::arange<float>(8);
    const sn::array<float> kept = x + 1.0f;
    sn::array<float> y = kept * 2.0f;
    x = {};
    {
        const gr::capture c = take(y);
        BOOST_TEST(!c.nodes()[0].sole);  // kept stays pending, and is held
    }
    sn::array<float> z = sn::arange<float>(8);
    z = z + 1.0f;
    const gr::capture c = take(z);
    BOOST_TEST(c.nodes()[0].sole);
}

BOOST_AUTO_TEST_CASE(a_capture_that_ends_leaves_nodes_pending) {
    const sn::array<float> x = sn::arange<float>(8);
    const sn::array<float> y = x * x;
    { const gr::capture c = take(y); }
    BOOST_TEST(y.is_pending());
    BOOST_TEST(y(2) == 4.0f);
}

BOOST_AUTO_TEST_CASE(large_graphs_need_no_recursion) {
    const sn::array<float> x = sn::arange<float>(4);
    std::vector<sn::array<float>> chains(128, x);
    for (sn::array<float>& c : chains) {
        for (int i = 0; i < 150; ++i) c = c + 1.0f;
    }
    for (std::size_t n = chains.size() / 2; n > 0; n /= 2) {
        for (std::size_t k = 0; k < n; ++k) chains[k] = chains[k] + chains[k + n];
        chains.resize(n);
    }
    BOOST_TEST(take(chains[0]).nodes().size() == 1 + 128 * 150 + 127);
    chains.clear();  // and are taken apart without any
}

BOOST_AUTO_TEST_SUITE_END()
