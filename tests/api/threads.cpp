#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cmath>
#include <thread>
#include <vector>

namespace sn = sinter;

namespace {

/// Runs body(i) on so many threads that start together; true if all of them returned true.
template <class F>
bool together(int threads, F body) {
    std::atomic<int> waiting{threads};
    std::atomic<bool> good{true};
    std::vector<std::thread> list;
    for (int t = 0; t < threads; ++t) {
        list.emplace_back([&, t] {
            --waiting;
            while (waiting.load() > 0) std::this_thread::yield();
            if (!body(t)) good = false;
        });
    }
    for (std::thread& t : list) t.join();
    return good;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(threads)

BOOST_AUTO_TEST_CASE(one_pending_array_asked_for_by_many) {
    for (int round = 0; round < 50; ++round) {
        const sn::array<float> x = sn::arange<float>(1000);
        const sn::array<float> y = x * 2.0f + 1.0f;
        BOOST_TEST(together(8, [&](int) { return y(10) == 21.0f && sn::sum(y).item() == 1000000.0f; }));
    }
}

BOOST_AUTO_TEST_CASE(different_values_over_shared_pending_ones) {
    for (int round = 0; round < 50; ++round) {
        const sn::array<float> x = sn::arange<float>(500);
        const sn::array<float> shared = x + 1.0f;
        const sn::array<float> further = shared * shared;
        BOOST_TEST(together(8, [&](int t) {
            const auto k = static_cast<float>(t);
            const sn::array<float> mine = further + k * shared;
            return mine(3) == 16.0f + 4.0f * k && sn::max(mine).item() == 250000.0f + 500.0f * k;
        }));
    }
}

BOOST_AUTO_TEST_CASE(a_new_statement_met_by_many_at_once) {
    const sn::array<float> x = sn::arange<float>(100);
    BOOST_TEST(together(16, [&](int t) {
        const sn::array<float> y = sqrt(x * x + static_cast<float>(t)) - abs(x - 3.0f);
        return y(3) == std::sqrt(9.0f + static_cast<float>(t));
    }));
    BOOST_TEST(together(16, [&](int t) {
        const auto k = static_cast<float>(t);
        const sn::array<float> y = sn::fn([k](auto v) { return v * k + 1.0f; })(x);
        return y(2) == 2.0f * k + 1.0f;
    }));
}

BOOST_AUTO_TEST_CASE(copies_written_by_their_own_threads) {
    sn::array<float> x = sn::zeros<float>({64});
    x.eval();
    BOOST_TEST(together(8, [x](int t) {
        sn::array<float> mine = x;
        mine(sn::range(t, t + 1)) = 5.0f;
        mine.at(63) = 7.0f;
        return mine(t) == 5.0f && mine(63) == 7.0f && x(t) == 0.0f && sn::sum(mine).item() == 12.0f;
    }));
    BOOST_TEST(sn::sum(x).item() == 0.0f);
}

BOOST_AUTO_TEST_CASE(settings_changed_meanwhile) {
    const sn::array<float> x = sn::arange<float>(200000);
    BOOST_TEST(together(4, [&](int t) {
        bool good = true;
        for (int i = 0; i < 20; ++i) {
            if (t == 0) sn::set_threads(1 + i % 3);
            const sn::scoped_options o{.threads = 1 + t % 2};
            const sn::array<float> y = x * 0.5f;
            good = good && y(100000) == 50000.0f;
            if (t == 1 && i % 5 == 0) sn::kernel_cache().clear();
        }
        return good;
    }));
    sn::set_threads(2);
}

BOOST_AUTO_TEST_SUITE_END()
