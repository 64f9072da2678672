#include "base/sanitizer.hpp"

#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

// fork after use: the child computes, whatever other threads were doing.

namespace {

namespace sn = sinter;

constexpr sn::index_t many = 1 << 20;

/// Runs f in a child: 0 if it says true. A child that has not come to its end in a minute is killed, and that is a failure.
template <class F>
[[nodiscard]] int in_child(F&& f) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGALRM, SIG_DFL);
        ::alarm(60);
        int code = 2;
        try {
            code = f() ? 0 : 1;
        } catch (...) {
            code = 3;
        }
        ::_exit(code);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/// A statement on two threads, a reduction, and small ones.
[[nodiscard]] bool computes(const sn::array<float>& x, float k) {
    const sn::scoped_options two{.threads = 2};
    const sn::array<float> y = x * k + 1.0f;
    if (y(5) != 5 * k + 1 || y(5000) != 5000 * k + 1) return false;
    const sn::array<float> ones = minimum(x * 0.0f + 1.0f, 1.0f);
    if (sn::sum(ones).item() != static_cast<float>(many)) return false;
    const sn::array<float> small = x(sn::range(0, 10)) + k;
    return small(9) == 9 + k && sn::explain(y + small(0)).kernels.size() == 1 && sn::kernel_cache().stats().misses > 0 && sn::about().threads > 0;
}

/// Threads that compute until this ends.
class busy_threads {
public:
    template <class F>
    busy_threads(int count, F f) {
        for (int t = 0; t < count; ++t) {
            list_.emplace_back([this, f, t] {
                for (int i = 0; !stop_.load(std::memory_order_relaxed); ++i) {
                    if (!f(t, i)) good_.store(false, std::memory_order_relaxed);
                    rounds_.fetch_add(1, std::memory_order_relaxed);
                }
            });
        }
        while (rounds_.load(std::memory_order_relaxed) < count) std::this_thread::yield();
    }
    busy_threads(const busy_threads&) = delete;
    busy_threads& operator=(const busy_threads&) = delete;
    ~busy_threads() {
        stop_ = true;
        for (std::thread& t : list_) t.join();
    }
    [[nodiscard]] bool good() const { return good_; }

private:
    std::atomic<bool> stop_{false}, good_{true};
    std::atomic<int> rounds_{0};
    std::vector<std::thread> list_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(forks)

BOOST_AUTO_TEST_CASE(child_and_parent_go_on_computing) {
    sn::set_threads(2);
    const sn::array<float> x = sn::arange<float>(many);
    BOOST_TEST(computes(x, 2.0f));
    const sn::array<float> pending = x + 3.0f;
    for (int round = 0; round < 5; ++round) {
        const auto k = static_cast<float>(round);
        BOOST_REQUIRE_EQUAL(in_child([&] { return computes(x, k) && computes(x, k + 100) && pending(4) == 7.0f; }), 0);
        BOOST_TEST(computes(x, k));
    }
    BOOST_TEST(pending(4) == 7.0f);
}

BOOST_AUTO_TEST_CASE(a_child_forks_again) {
    const sn::array<float> x = sn::arange<float>(many);
    BOOST_TEST(computes(x, 2.0f));
    BOOST_TEST(in_child([&] { return computes(x, 3.0f) && in_child([&] { return computes(x, 4.0f); }) == 0 && computes(x, 5.0f); }) == 0);
}

// The sanitizers do not follow a process of several threads over fork: their own allocators' locks may be held there.
#if !defined(SINTER_TSAN) && !defined(SINTER_ASAN)

BOOST_AUTO_TEST_CASE(while_others_evaluate) {
    sn::set_threads(2);
    const sn::array<float> x = sn::arange<float>(many);
    BOOST_TEST(computes(x, 2.0f));
    const busy_threads others(3, [&](int t, int i) {
        const auto k = static_cast<float>(t * 7 + i % 50);
        if (i % 10 == 0) sn::kernel_cache().clear();
        if (i % 3 != 0) {
            const sn::array<float> small = x(sn::range(t, t + 100)) * k;
            return small(1) == static_cast<float>(t + 1) * k;
        }
        return computes(x, k);
    });
    for (int round = 0; round < 40; ++round) {
        const auto k = static_cast<float>(round);
        BOOST_REQUIRE_EQUAL(in_child([&] { return computes(x, k); }), 0);
    }
    BOOST_TEST(others.good());
}

BOOST_AUTO_TEST_CASE(what_others_are_computing_is_whole_in_the_child) {
    // Values that another thread has claimed, or has begun to write over their dying operands, at the moment of fork.
    for (int round = 0; round < 60; ++round) {
        const auto k = static_cast<float>(round);
        sn::array<float> base = sn::arange<float>(many);
        const sn::array<float> y = std::move(base) * 2.0f + k;
        const sn::array<float> z = y - 1.0f;
        std::atomic<bool> started{false};
        std::thread other([&] {
            started = true;
            z.eval();
            y.eval();
        });
        while (!started) {}
        for (int spin = 0; spin < round * 400; ++spin) static_cast<void>(started.load());
        const int code = in_child([&] { return z(7) == 13 + k && y(many - 1) == 2 * static_cast<float>(many - 1) + k; });
        other.join();
        BOOST_REQUIRE_EQUAL(code, 0);
        BOOST_REQUIRE(z(7) == 13 + k);
    }
}

BOOST_AUTO_TEST_CASE(while_others_write_to_borrowed_memory_and_record_functions) {
    const sn::array<float> x = sn::arange<float>(1000);
    BOOST_TEST(sn::sum(x).item() == 499500.0f);
    const busy_threads others(2, [&](int, int i) {
        std::vector<float> mine(100, 1.0f);
        sn::array<float> b = sn::borrow(mine.data(), {100});
        const sn::array<float> old = b;
        b += static_cast<float>(i % 9);
        const auto k = static_cast<float>(i % 5);
        const sn::array<float> y = sn::fn([k](auto v) { return v * k; })(b);
        return y(3) == k * static_cast<float>(1 + i % 9) && old(3) == 1.0f;
    });
    for (int round = 0; round < 60; ++round) {
        BOOST_REQUIRE_EQUAL(in_child([&] {
                                std::vector<float> mine(100, 1.0f);
                                sn::array<float> b = sn::borrow(mine.data(), {100});
                                b(sn::range(0, 10)) = 5.0f;
                                const auto k = static_cast<float>(round);
                                const sn::array<float> y = sn::fn([k](auto v) { return v + k; })(x);
                                return mine[9] == 5.0f && mine[10] == 1.0f && y(2) == 2 + k;
                            }),
                            0);
    }
    BOOST_TEST(others.good());
}

BOOST_AUTO_TEST_CASE(forks_of_several_threads_at_once) {
    const sn::array<float> x = sn::arange<float>(1000);
    const busy_threads others(4, [&](int t, int i) {
        const auto k = static_cast<float>(t + i % 10);
        const auto small = [&] {
            const sn::array<float> y = x * k;
            return y(2) == 2 * k;
        };
        return small() && (i % 4 != 0 || in_child(small) == 0);
    });
    for (int round = 0; round < 30; ++round) {
        BOOST_REQUIRE_EQUAL(in_child([&] { return sn::sum(x * 2.0f).item() == 999000.0f; }), 0);
    }
    BOOST_TEST(others.good());
}

#endif

BOOST_AUTO_TEST_SUITE_END()
