#include "passes/passes.hpp"

#include "graph/capture.hpp"
#include "graph/graph.hpp"

#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace sn = sinter;
namespace gr = sinter::detail::graph;
namespace op = sinter::detail::op;
using gr::value_kind;

namespace {

gr::graph lowered(std::initializer_list<sn::array<float>> wanted) {
    std::vector<gr::capture::root> roots;
    for (const auto& x : wanted) roots.push_back({x.node(), false, nullptr});
    return gr::lower(gr::capture(roots.data(), roots.size()));
}

std::size_t count(const gr::graph& g, value_kind k) {
    return static_cast<std::size_t>(std::count_if(g.values.begin(), g.values.end(), [&](const gr::value& v) { return v.kind == k; }));
}
std::size_t operations(const gr::graph& g, std::uint16_t code) {
    return static_cast<std::size_t>(
        std::count_if(g.values.begin(), g.values.end(), [&](const gr::value& v) { return v.kind == value_kind::operation && v.code == code; }));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(passes)

BOOST_AUTO_TEST_CASE(a_product_and_a_sum_of_one_statement_are_an_fma) {
    const sn::array<float> x = sn::arange<float>(8), y = x + 0.5f;
    const sn::array<float> left = x * y - y * 2.0f;
    const gr::graph g = lowered({left});
    BOOST_TEST(operations(g, op::fms::code) == 1);
    BOOST_TEST(operations(g, op::multiply::code) == 1);
    const sn::array<float> product = x * y;
    const sn::array<float> sum = product + y;
    const gr::graph apart = lowered({sum});
    BOOST_TEST(operations(apart, op::fma::code) == 0);
    BOOST_TEST(operations(apart, op::multiply::code) == 1);
}

BOOST_AUTO_TEST_CASE(strict_precision_rounds_twice) {
    const sn::array<float> x = sn::arange<float>(8);
    const sn::scoped_options o{.precision = sn::precision::strict};
    const sn::array<float> y = x * x - 2.0f;
    const gr::graph g = lowered({y});
    BOOST_TEST(operations(g, op::fms::code) == 0);
    BOOST_TEST(operations(g, op::multiply::code) == 1);
    BOOST_TEST(operations(g, op::subtract::code) == 1);
}

BOOST_AUTO_TEST_CASE(views_become_maps) {
    const sn::array<float> x = sn::ones<float>({6, 8});
    const sn::array<float> y = sqrt(x);
    const sn::array<float> z = y.transpose()(sn::range(1, -1), sn::all) + y.transpose()(sn::range(2, {}), sn::all);
    const gr::graph before = lowered({z});
    BOOST_TEST(count(before, value_kind::view) > 0);
    const gr::graph after = sinter::detail::passes::simplify(before);
    BOOST_TEST(count(after, value_kind::view) == 0);
    BOOST_TEST(operations(after, op::sqrt::code) == 1);
}

BOOST_AUTO_TEST_CASE(equal_values_are_computed_once) {
    const sn::array<float> x = sn::arange<float>(8);
    const sn::array<float> a = exp(x) + 1.0f;
    const sn::array<float> b = exp(x) * x;
    const gr::graph g = sinter::detail::passes::simplify(lowered({a, b}));
    BOOST_TEST(operations(g, op::exp::code) == 1);
}

BOOST_AUTO_TEST_CASE(what_nothing_needs_goes) {
    const sn::array<float> x = sn::arange<float>(8);
    const auto both = sn::fn([](auto v) { return std::tuple{exp(v), log(v)}; });
    const auto [e, l] = both(x);
    const gr::graph g = sinter::detail::passes::simplify(lowered({l}));
    BOOST_TEST(operations(g, op::exp::code) == 0);
    BOOST_TEST(operations(g, op::log::code) == 1);
}

BOOST_AUTO_TEST_CASE(constants_are_folded_and_identities_dropped) {
    const sn::array<float> x = sn::arange<float>(8);
    const sn::array<float> y = sn::fn([](auto v) {
        const auto two = decltype(v)(1.0f) + decltype(v)(1.0f);
        return (v * 1.0f - 0.0f) / two;
    })(x);
    const gr::graph g = sinter::detail::passes::simplify(lowered({y}));
    BOOST_TEST(operations(g, op::multiply::code) == 0);
    BOOST_TEST(operations(g, op::subtract::code) == 0);
    BOOST_TEST(operations(g, op::add::code) == 0);
    BOOST_TEST(operations(g, op::divide::code) == 1);
    // Adding zero is not nothing: it turns -0 into 0.
    const sn::array<float> z = sn::fn([](auto v) { return v + 0.0f; })(x);
    BOOST_TEST(operations(sinter::detail::passes::simplify(lowered({z})), op::add::code) == 1);
}

BOOST_AUTO_TEST_CASE(reductions_are_cut_by_shape_alone) {
    const auto cuts = [](const sn::extents& shape, const sn::reduce_options& o) {
        const sn::array<float> x = sn::ones<float>(shape);
        const sn::array<float> s = sn::sum(x, o);
        return count(sinter::detail::passes::simplify(lowered({s})), value_kind::reduction);
    };
    BOOST_TEST(cuts({65536}, {}) == 1);
    BOOST_TEST(cuts({65537}, {}) == 2);
    BOOST_TEST(cuts({100, 3}, {}) == 1);     // short rows are merged
    BOOST_TEST(cuts({100, 2000}, {}) == 2);  // long ones are not
    BOOST_TEST(cuts({256, 7}, {.axis = 0}) == 1);
    BOOST_TEST(cuts({257, 7}, {.axis = 0}) == 2);
    BOOST_TEST(cuts({4, 5, 6}, {.axis = {0, 2}}) == 2);
}

// What could be stored, or merged with a product that is rounded, is not there.
BOOST_AUTO_TEST_CASE(products_of_pairs_are_no_values) {
    const auto adding = [](const gr::graph& g) { return std::count_if(g.values.begin(), g.values.end(), [](const gr::value& v) { return v.adds_products(); }); };
    const auto rows = [](sn::index_t n, sn::index_t d) { return sn::array<float>(sn::arange<float>(n * d).reshape({n, d})); };
    const auto pairs = [&](sn::index_t n, sn::index_t k, sn::index_t d) { return sn::array<float>(sn::pairwise(sn::metrics::inner_product, rows(n, d), rows(k, d))); };
    const auto simple = [](const sn::array<float>& x) { return sinter::detail::passes::simplify(lowered({x})); };
    const gr::graph g = simple(pairs(30, 40, 8));
    BOOST_TEST(adding(g) == 1);
    BOOST_TEST(operations(g, op::multiply::code) == 0);
    BOOST_TEST(gr::to_string(g).find("reduce add products") != std::string::npos);
    // Blocks of long rows: then sums are added.
    const gr::graph blocks = simple(pairs(2, 3, 70000));
    BOOST_TEST(count(blocks, value_kind::reduction) == 2);
    BOOST_TEST(adding(blocks) == 1);
    // A lane of its own for each of few products, and one product, are no sums of several.
    BOOST_TEST(adding(simple(pairs(30, 40, 3))) == 0);
    BOOST_TEST(adding(simple(pairs(30, 40, 1))) == 0);
    // Beside a sum of its own of the same products.
    const sn::array<float> x = sn::ones<float>({5, 1, 64}), y = sn::ones<float>({1, 6, 64});
    const sn::array<float> sums = sn::sum(x * y, {.axis = 2}), both = sn::pairwise(sn::metrics::inner_product, x.reshape({5, 64}), y.reshape({6, 64}));
    BOOST_TEST(count(sinter::detail::passes::simplify(lowered({sums, both})), value_kind::reduction) == 2);
    {
        const sn::scoped_options strict{.precision = sn::precision::strict};
        const gr::graph rounded = simple(pairs(30, 40, 8));
        BOOST_TEST(adding(rounded) == 0);
        BOOST_TEST(operations(rounded, op::multiply::code) == 1);
    }
    gr::graph bad = g;
    for (gr::value& v : bad.values) {
        if (v.adds_products()) v.code = op::maximum::code;
    }
    BOOST_CHECK_THROW(gr::verify(bad, true), sn::internal_error);
}

BOOST_AUTO_TEST_CASE(the_verifier_finds_what_is_broken) {
    const sn::array<float> x = sn::arange<float>(8);
    const sn::array<float> y = x + 1.0f;
    const gr::graph good = lowered({y});
    gr::verify(good, true);
    gr::graph late = good;
    for (gr::value& v : late.values) {
        if (v.n_args > 0) v.args[0].value = static_cast<gr::value_id>(late.values.size());
    }
    BOOST_CHECK_THROW(gr::verify(late, true), sn::internal_error);
    gr::graph wrong_type = good;
    for (gr::value& v : wrong_type.values) {
        if (v.n_args > 0) v.type = sn::detail::dtype::i32;
    }
    BOOST_CHECK_THROW(gr::verify(wrong_type, true), sn::internal_error);
}

BOOST_AUTO_TEST_SUITE_END()
