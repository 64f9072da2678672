#include "support/check.hpp"

#include <algorithm>
#include <sstream>

namespace {

namespace sn = sinter;

[[nodiscard]] bool has(const std::string& text, const char* word) { return text.find(word) != std::string::npos; }

BOOST_AUTO_TEST_SUITE(looking_inside)

BOOST_AUTO_TEST_CASE(explain_computes_nothing) {
    const sn::array<float> a = sn::ones<float>({1000});
    const sn::array<float> y = a.eval() + 1.0f;
    const sn::plan_report r = sn::explain(y);
    BOOST_TEST(y.is_pending());
    BOOST_TEST(r.kernels.size() == 1U);
}

BOOST_AUTO_TEST_CASE(explain_of_something_done_is_empty) {
    const sn::array<float> a{1, 2, 3};
    BOOST_TEST(sn::explain(a).kernels.empty());
}

BOOST_AUTO_TEST_CASE(statements_fuse) {
    const sn::array<float> a = sn::arange<float>(100000);
    const sn::array<float> b = sn::arange<float>(100000);
    const sn::array<float> t = a * b;
    const sn::array<float> u = t + 1.0f;
    const sn::array<float> v = sn::exp(u) - t;
    const sn::array<float> y = v * v;
    const sn::plan_report r = sn::explain(y);
    BOOST_REQUIRE_EQUAL(r.kernels.size(), 1U);
    BOOST_TEST(r.kernels[0].inputs == 2);
    BOOST_TEST(r.kernels[0].outputs == 1);
    BOOST_TEST(r.kernels[0].bytes_read == 800000.0);
    BOOST_TEST(r.kernels[0].bytes_written == 400000.0);
}

BOOST_AUTO_TEST_CASE(several_outputs_fuse) {
    const sn::array<float> a = sn::arange<float>(100000);
    const sn::array<float> t = a * 2.0f;
    const sn::array<float> y = t + 1.0f;
    const sn::array<float> z = t - 1.0f;
    const sn::plan_report r = sn::explain(y, z);
    BOOST_REQUIRE_EQUAL(r.kernels.size(), 1U);
    BOOST_TEST(r.kernels[0].inputs == 1);
    BOOST_TEST(r.kernels[0].outputs >= 2);
}

BOOST_AUTO_TEST_CASE(reductions_fuse_with_what_they_reduce) {
    const sn::array<float> x = sn::arange<float>(100000);
    const sn::array<float> y = sn::arange<float>(100000);
    const sn::array<float> xy = sn::sum(x * y), xx = sn::sum(x * x), yy = sn::sum(y * y);
    const sn::plan_report r = sn::explain(xy, xx, yy);
    BOOST_REQUIRE(!r.kernels.empty());
    BOOST_TEST(r.kernels[0].inputs == 2);
    BOOST_TEST(r.kernels[0].outputs == 3);
    BOOST_TEST(r.kernels[0].bytes_read == 800000.0);
    // What follows at most combines the blocks.
    for (std::size_t k = 1; k < r.kernels.size(); ++k) BOOST_TEST(r.kernels[k].bytes_read < 1000.0);
}

BOOST_AUTO_TEST_CASE(common_values_are_computed_once) {
    const sn::array<float> a = sn::arange<float>(1000);
    const sn::array<float> y = sn::exp(a) + sn::exp(a);
    const sn::plan_report r = sn::explain(y);
    BOOST_REQUIRE_EQUAL(r.kernels.size(), 1U);
    BOOST_TEST(std::count(r.kernels[0].ops.begin(), r.kernels[0].ops.end(), "exp") == 1);
}

BOOST_AUTO_TEST_CASE(a_kernel_report_is_complete) {
    const sn::array<float> a = sn::arange<float>(1 << 20);
    const unsigned line = __LINE__ + 1;
    const sn::array<float> y = sn::sqrt(a) * 2.0f + 1.0f;
    const sn::plan_report r = sn::explain(y);
    BOOST_REQUIRE_EQUAL(r.kernels.size(), 1U);
    const sn::kernel_report& k = r.kernels[0];
    BOOST_TEST((k.backend == "jit-avx512" || k.backend == "jit-avx2" || k.backend == "portable"));
    BOOST_TEST(std::count(k.ops.begin(), k.ops.end(), "sqrt") == 1);
    BOOST_TEST((k.bound == "memory" || k.bound == "compute"));
    BOOST_TEST(k.predicted_seconds > 0.0);
    BOOST_TEST(k.predicted_seconds < 1.0);
    BOOST_TEST(k.flops > 0.0);
    BOOST_TEST(k.threads >= 1);
    BOOST_TEST(!k.why.empty());
    BOOST_TEST(has(k.source, "looking_inside.cpp:"), k.source);
    BOOST_TEST(has(k.source, (":" + std::to_string(line)).c_str()), k.source);
    BOOST_TEST(r.peak_bytes >= 4.0 * (1 << 20));
}

BOOST_AUTO_TEST_CASE(reasons_name_kernels_by_their_numbers) {
    const sn::array<float> m = sn::from(std::vector<float>(4000, 2.0f), {40, 100});
    const sn::array<float> a = exp(m);
    const sn::array<float> total = sn::sum(a, {.axis = 1, .keepdims = true});
    const sn::array<float> z = sn::log(m) + 1.0f;
    const sn::array<float> shifted = a(sn::all, sn::range(1, {})) + a(sn::all, sn::range(0, -1)) * sn::sum(z);
    const sn::array<float> y = a / total;
    const sn::plan_report r = sn::explain(y, shifted);
    int named = 0;
    for (std::size_t i = 0; i < r.kernels.size(); ++i) {
        const std::string& why = r.kernels[i].why;
        BOOST_TEST(!has(why, "#"), why);
        const auto at = why.find(" of kernel ");
        if (at == std::string::npos) continue;
        // What it reads, or needs the whole reduction of, runs before it and hands something over.
        const int from = std::stoi(why.substr(at + 11));
        const std::pair<int, int> flow{from, static_cast<int>(i)};
        BOOST_TEST((std::find(r.flows.begin(), r.flows.end(), flow) != r.flows.end()), why << " is what kernel " << i << " says");
        ++named;
    }
    BOOST_TEST(named > 0);
}

BOOST_AUTO_TEST_CASE(a_report_prints) {
    const sn::array<float> a = sn::arange<float>(1000);
    const sn::array<float> loss = sn::named(sn::mean(a * a), "loss");
    const sn::plan_report r = sn::explain(loss);
    std::ostringstream s;
    s << r;
    BOOST_TEST(has(s.str(), "multiply"), s.str());
    BOOST_TEST(has(s.str() + r.to_dot() + r.graph_before, "loss"), s.str() << r.graph_before);
    BOOST_TEST(has(r.to_dot(), "digraph"));
    BOOST_TEST(r.to_json().front() == '{');
    BOOST_TEST(has(r.to_json(), "\"kernels\""));
    BOOST_TEST(!r.graph_before.empty());
    BOOST_TEST(!r.graph_after.empty());
}

BOOST_AUTO_TEST_CASE(kernels_have_the_names_of_what_they_compute) {
    const sn::array<float> x = sn::arange<float>(100000);
    const sn::array<float> y = sn::named(sn::array<float>(x * 2.0f + 1.0f), "y"), s = sn::sum(y);
    const auto named = [](const sn::plan_report& r, const char* name) {
        std::size_t n = 0;
        for (const sn::kernel_report& k : r.kernels) n += std::count(k.names.begin(), k.names.end(), name) > 0 ? 1 : 0;
        return n;
    };
    // Stored beside a sum, fused into it, and in the user's memory.
    std::vector<float> out(100000);
    for (const sn::plan_report& r : {sn::explain(y, s), sn::explain(s), sn::explain(s, y), sn::explain(sn::to(out, y), s)}) {
        BOOST_TEST(named(r, "y") == 1U);
        BOOST_TEST(has(r.to_string(), " -> 'y'\n"), r.to_string());
        BOOST_TEST(has(r.to_json(), "\"names\": [\"y\"]"), r.to_json());
    }
    sn::named(s, "s");
    const sn::plan_report both = sn::explain(y, s);
    BOOST_TEST(named(both, "y") == 1U);
    BOOST_TEST(named(both, "s") == 1U);
    // What looks for zero divisors computes nothing that has a name.
    const sn::array<std::int64_t> i = sn::arange<std::int64_t>(10000), q = sn::named(sn::array<std::int64_t>(i % (i + 1)), "q");
    BOOST_TEST(named(sn::explain(q), "q") == 1U);
    // Memory is not computed.
    y.eval();
    BOOST_TEST(named(sn::explain(sn::exp(y)), "y") == 0U);
    // A profile has them too.
    const sn::array<float> z = sn::named(sn::array<float>(x + 3.0f), "z"), total = sn::sum(z);
    sn::profile p;
    sn::eval(z, total);
    BOOST_TEST(has(p.report().to_string(), "'z'"), p.report().to_string());
}

BOOST_AUTO_TEST_CASE(names_outlive_the_strings_they_are_given_by) {
    const sn::array<float> a = sn::arange<float>(1000);
    std::vector<sn::array<float>> layers;
    for (const char* number : {"one", "two", "three"}) layers.push_back(sn::named(a * 2.0f, (std::string("the values of layer ") + number).c_str()));
    const std::string other(24, '?');   // where the last one was
    BOOST_TEST(has(sn::explain(layers[0]).to_string(), "'the values of layer one'"));
    BOOST_TEST(has(sn::explain(layers[2]).to_string(), "'the values of layer three'"));
}

BOOST_AUTO_TEST_CASE(names_do_not_change_values) {
    sn::array<float> a{1, 2};
    sn::named(a, "a");
    const sn::array<float> y = sn::named(a + 1.0f, "y");
    support::check(y, {2}, {2, 3});
}

BOOST_AUTO_TEST_CASE(views_are_read_without_a_copy) {
    const sn::array<float> m = sn::arange<float>(10000).reshape({100, 100});
    const sn::array<float> y = m.transpose() + m(sn::range({}, {}, -1)) * 2.0f;
    const sn::plan_report r = sn::explain(y);
    BOOST_TEST(r.kernels.size() == 1U);
    BOOST_TEST(y.is_pending());
}

BOOST_AUTO_TEST_CASE(numbers_that_divide_take_no_kernel) {
    const sn::array<std::int64_t> i = sn::arange<std::int64_t>(10000).eval();
    const sn::plan_report r = sn::explain(i % 3 + i / 7);
    BOOST_TEST(r.kernels.size() == 1U);
    // Divisors that are elements do.
    BOOST_TEST(sn::explain(i % (i + 1)).kernels.size() > 1U);
    // Whichever way the statement is found again, a zero is noticed, and nothing has happened.
    for (int turn = 0; turn < 4; ++turn) {
        for (const std::int64_t by : {3, 0, 5}) {
            const sn::array<std::int64_t> y = i % by;
            if (by != 0) {
                BOOST_TEST(y.at(8) == 8 % by);
            } else {
                support::check_throws<sn::value_error>([&] { y.eval(); }, {"modulo: an integer is divided by zero, in shape (10000)"});
                BOOST_TEST(y.is_pending());
            }
            const sn::array<std::int64_t> small = i(sn::range(0, 8)), z = small / by + 1;
            if (by != 0) {
                BOOST_TEST(z.at(7) == 7 / by + 1);
            } else {
                support::check_throws<sn::value_error>([&] { z.eval(); }, {"divide: an integer is divided by zero, in shape (8)"});
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(the_machine) {
    const sn::runtime_info i = sn::about();
    BOOST_TEST((i.isa == "avx512" || i.isa == "avx2" || i.isa == "portable"), i.isa);
    BOOST_TEST(i.threads >= 1);
    BOOST_TEST(i.numa_nodes >= 1);
    BOOST_TEST(i.numa_shared >= 1);
    BOOST_TEST(i.numa_shared <= std::max(1, i.numa_nodes));
    BOOST_TEST((i.numa == "auto" || i.numa == "force" || i.numa == "off"), i.numa);
    BOOST_TEST(i.l1_bytes > 0U);
    BOOST_TEST(i.l2_bytes >= i.l1_bytes);
    BOOST_TEST(i.bandwidth > 0.0);
    BOOST_TEST(!i.version.empty());
    std::ostringstream s;
    s << i;
    BOOST_TEST(has(s.str(), i.isa.c_str()));
    BOOST_TEST(has(s.str(), ("NUMA " + i.numa + ": ").c_str()));
}

BOOST_AUTO_TEST_CASE(the_cache_knows_a_statement_again) {
    const auto statement = [](const sn::array<float>& x) { return sn::array<float>(x * 1.5f - sn::sqrt(x + 3.25f)); };
    statement(sn::arange<float>(1000)).eval();
    const sn::cache_stats before = sn::kernel_cache().stats();
    BOOST_TEST(before.kernels >= 1U);
    for (sn::index_t n = 1000; n < 1100; ++n) statement(sn::arange<float>(n)).eval();
    const sn::cache_stats after = sn::kernel_cache().stats();
    BOOST_TEST(after.misses == before.misses);
    BOOST_TEST(after.kernels == before.kernels);
    sn::kernel_cache().clear();
    BOOST_TEST(sn::kernel_cache().stats().kernels == 0U);
    support::check(statement(sn::array<float>{0.75f}), {1}, {1.125f - 2.0f});
}

BOOST_AUTO_TEST_CASE(nothing_named_here_is_declined) {
    const sn::array<float> x = sn::linspace<float>(0.1f, 2.0f, 100);
    const sn::array<std::int32_t> i = sn::arange<std::int32_t>(100);
    const sn::array<std::uint8_t> u = sn::cast<std::uint8_t>(i);
    const sn::array<bool> b = x > 1.0f;
    const sn::array<float> everything = sn::where(b, sn::minimum(x, 1.5f), sn::maximum(x, 0.5f)) + sn::abs(-x) + sn::sqrt(x) + sn::fma(x, x, x) +
                                        sn::exp(x) + sn::log(x) + sn::pow(x, x) + sn::tanh(x) - x / 3.0f;
    const sn::array<std::int32_t> whole = sn::where(i > 50, i * 2, -i) + sn::cast<std::int32_t>(u) + sn::cast<std::int32_t>(x);
    const sn::array<std::uint8_t> bytes = sn::cast<std::uint8_t>(x * 100.0f);
    sn::eval(everything, whole, bytes, sn::sum(x), sn::mean(x), sn::min(x), sn::max(x), sn::sum(i), sn::sum(u), sn::max(u), sn::mean(i),
             sn::sum(x.reshape({10, 10}), {.axis = 0}), sn::max(x.reshape({10, 10}).transpose(), {.axis = 1}));
    for (const std::string& reason : sn::about().declined_reasons) BOOST_TEST_MESSAGE(reason);
    BOOST_TEST(sn::about().declined == 0U);
}

BOOST_AUTO_TEST_CASE(writes_to_a_part_are_explained) {
    // What the assignment leaves is copied by kernels that stand for no statement.
    sn::array<float> u = sn::full({64, 48}, 1.0f);
    const sn::array<float> before = u;
    u(sn::range(1, -1), sn::range(1, -1)) = 0.5f * (u(sn::range(0, -2), sn::range(1, -1)) + u(sn::range(2, {}), sn::range(1, -1)));
    const sn::array<float> e = exp(u) + before;
    const sn::plan_report r = sn::explain(e, u);
    BOOST_TEST(r.kernels.size() >= 2U);
    BOOST_TEST(r.to_string().find("assignment leaves") != std::string::npos);
    BOOST_TEST(r.to_dot().starts_with("digraph"));
    BOOST_TEST(u.is_pending());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
