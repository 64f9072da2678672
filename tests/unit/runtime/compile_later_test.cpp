#include "base/settings.hpp"
#include "plan/plan.hpp"
#include "prepare.hpp"
#include "runtime/compile_later.hpp"
#include "runtime/kernel_cache.hpp"

#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

namespace sn = sinter;
namespace pl = sinter::detail::plan;
namespace rt = sinter::detail::runtime;

namespace {

/// A plan of which another thread is to make the code, as evaluation would make it.
[[nodiscard]] std::shared_ptr<rt::ready_plan> waiting_plan(const sn::array<float>& y) {
    const sn::detail::graph::capture::root root{y.node(), false, nullptr};
    const sn::detail::graph::capture c(&root, 1);
    pl::request r = sn::detail::make_request(c);
    r.max_threads = 2;
    r.no_background.clear();
    r.compiling = sn::detail::base::compile_use::background;
    return rt::make_ready(sn::detail::make_plans(sn::detail::simplify(c), r).steps);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(compile_later)

BOOST_AUTO_TEST_CASE(machine_code_comes_while_portable_code_runs) {
    if (sn::detail::target_isa() == pl::isa::portable) return;
    sn::kernel_cache().clear();
    const auto x = sn::arange<float>(40);
    const sn::array<float> y = sin(x) + 3.0f;
    const auto ready = waiting_plan(y);
    BOOST_TEST(ready->in_background);
    BOOST_TEST(std::string(ready->code[0]->backend()) == "portable");
    const std::size_t before = rt::compiled_in_background();
    BOOST_REQUIRE(rt::compile_later(ready));
    rt::finish_compiling();
    BOOST_TEST(rt::compiled_in_background() == before + 1);
    const rt::ready_plan& now = rt::compiled_when_it_pays(*ready);
    BOOST_REQUIRE(&now != ready.get());
    BOOST_TEST(std::string(now.code[0]->backend()).starts_with("jit-"));
    BOOST_TEST(now.compiled_after == 0);
    // Nobody makes it twice, and a plan whose code is there does not wait.
    const std::size_t made = rt::kernel_cache_counts().misses;
    rt::compile(*ready);
    BOOST_TEST(rt::kernel_cache_counts().misses == made);
    const auto again = waiting_plan(y);
    BOOST_TEST(!again->in_background);
    BOOST_TEST(again->compiled_after == 0);
}

BOOST_AUTO_TEST_CASE(many_plans_from_many_threads) {
    if (sn::detail::target_isa() == pl::isa::portable) return;
    std::vector<std::thread> threads;
    std::array<int, 4> wrong{};
    for (std::size_t t = 0; t < wrong.size(); ++t) {
        threads.emplace_back([&wrong, t] {
            for (int i = 0; i < 50; ++i) {
                // Statements of the same kernel, and more than one round of each plan.
                const sn::array<float> x = sn::arange<float>(10 + i);
                const sn::array<float> y = i % 3 == 0 ? sn::array<float>(exp(x * -0.1f)) : i % 3 == 1 ? sn::array<float>(log1p(x) * 2.0f) : sn::array<float>(x / (1.0f + x));
                const auto ready = waiting_plan(y);
                if (ready->in_background) rt::compile_later(ready);
                for (int run = 0; run < 3; ++run) {
                    const rt::ready_plan& now = rt::compiled_when_it_pays(*ready);
                    wrong[t] += now.code[0] == nullptr ? 1 : 0;
                }
            }
        });
    }
    for (std::thread& t : threads) t.join();
    rt::finish_compiling();
    BOOST_TEST(wrong == (std::array<int, 4>{}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_same_bits_before_and_after) {
    const auto x = sn::linspace<float>(-40.0f, 40.0f, 333);
    const auto value = [&] { return sn::array<float>(sin(x) * cos(x) + tan(x * 1e6f)).to_vector(); };
    sn::kernel_cache().clear();
    const std::vector<float> first = value();
    const sn::cache_stats stats = sn::kernel_cache().stats();  // waits for the code
    for (int run = 0; run < 4; ++run) {
        const std::vector<float> later = value();
        BOOST_TEST(first == later, boost::test_tools::per_element());
    }
    BOOST_TEST(sn::kernel_cache().stats().misses == stats.misses);
}

BOOST_AUTO_TEST_SUITE_END()
