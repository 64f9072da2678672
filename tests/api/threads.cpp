#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cmath>
#include <cstdlib>
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

BOOST_AUTO_TEST_CASE(a_new_statement_met_by_32_threads) {
    const sn::array<float> x = sn::arange<float>(300), row = sn::arange<float>(30);
    for (int round = 0; round < 20; ++round) {
        sn::kernel_cache().clear();
        BOOST_TEST(together(32, [&](int) {
            const sn::array<float> y = abs(x - 100.0f) * x + 2.0f;
            const sn::array<float> table = x.reshape({10, 30}) * row + 1.0f;
            const sn::array<float> columns = sum(table, {.axis = 0});
            return y(90) == 902.0f && columns(2) == 2750.0f && table(1, 1) == 32.0f;
        }));
    }
}

BOOST_AUTO_TEST_CASE(a_new_function_met_by_32_threads) {
    const sn::array<float> x = sn::arange<float>(50);
    BOOST_TEST(together(32, [&](int t) {
        const sn::array<float> y = sn::fn([](auto v) { return v * v + 3.0f; })(x);
        const auto k = static_cast<float>(t % 5);
        const sn::array<float> z = sn::fn([k](auto v) { return v - k; })(x);
        return y(4) == 19.0f && z(40) == 40.0f - k;
    }));
}

BOOST_AUTO_TEST_CASE(parts_of_a_pending_graph) {
    for (int round = 0; round < 50; ++round) {
        std::vector<sn::array<float>> layer{sn::arange<float>(200)};
        for (int i = 0; i < 12; ++i) layer.emplace_back(layer.back() + (i > 1 ? layer[static_cast<std::size_t>(i) - 1] * 0.0f + 1.0f : layer[0] * 0.0f + 1.0f));
        const sn::array<float> total = sn::sum(layer[12]), other = layer[7](sn::range(0, 100, 2)) * 2.0f;
        BOOST_TEST(together(8, [&](int t) {
            bool good = true;
            // From the top, from the bottom, and from the middle.
            for (int i = 0; i <= 12; ++i) {
                const auto k = static_cast<std::size_t>(t % 3 == 0 ? 12 - i : t % 3 == 1 ? i : (i + 5) % 13);
                good = good && layer[k](3) == 3.0f + static_cast<float>(k);
                if (i == 4) good = good && total.item() == 19900.0f + 200.0f * 12;
                if (i == 6) good = good && other(1) == 18.0f;
            }
            return good;
        }));
    }
}

BOOST_AUTO_TEST_CASE(the_same_roots_together_and_in_memory_of_their_own) {
    for (int round = 0; round < 50; ++round) {
        const sn::array<float> x = sn::arange<float>(400);
        const sn::array<float> a = x * 2.0f, b = a + 1.0f, c = sum(b, {.keepdims = true});
        BOOST_TEST(together(8, [&](int t) {
            std::vector<float> mine(400);
            if (t % 4 == 0) sn::eval(a, b, c);
            if (t % 4 == 1) sn::eval(c, b);
            if (t % 4 == 2) sn::eval(sn::to(mine, b), c);
            if (t % 4 == 3) sn::eval(sn::to(mine, a));
            return a(5) == 10.0f && b(399) == 799.0f && c(0) == 160000.0f && (t % 4 != 2 || mine[7] == 15.0f) && (t % 4 != 3 || mine[7] == 14.0f);
        }));
    }
}

BOOST_AUTO_TEST_CASE(copies_written_while_others_read) {
    for (int round = 0; round < 20; ++round) {
        const sn::array<float> x = sn::arange<float>(600) + 0.0f;
        const sn::array<float> strided = x.reshape({20, 30}).transpose();
        BOOST_TEST(together(8, [&](int t) {
            if (t % 2 == 0) return sn::sum(x).item() == 179700.0f && strided.data()[1] == 30.0f && x.data()[599] == 599.0f && strided(2, 1) == 32.0f;
            sn::array<float> mine = x, turned = strided;
            mine.at(0) = 9.0f;
            turned.at(0, 1) = 4.0f;
            mine += 1.0f;
            mine(sn::range(5, 10)) = mine(sn::range(6, 11));
            return mine(0) == 10.0f && mine(9) == 11.0f && mine(10) == 11.0f && turned.data()[1] == 4.0f && x(0) == 0.0f;
        }));
    }
}

BOOST_AUTO_TEST_CASE(borrowed_memory_written_while_copies_are_read) {
    for (int round = 0; round < 20; ++round) {
        std::vector<float> memory(500, 1.0f);
        sn::array<float> owner = sn::borrow(memory.data(), {500});
        const sn::array<float> copy = owner, pending = owner * 2.0f, view = owner(sn::range(0, 500, 5));
        BOOST_TEST(together(8, [&](int t) {
            if (t == 0) {
                for (int i = 0; i < 20; ++i) {
                    owner(sn::range(i, i + 10)) = static_cast<float>(i);
                    owner += 1.0f;
                }
                return owner(499) == 21.0f && memory[499] == 21.0f;
            }
            bool good = true;
            for (int i = 0; i < 5; ++i) {
                const sn::array<float> mine = copy + static_cast<float>(t);
                good = good && mine(9) == 1.0f + static_cast<float>(t) && pending(9) == 2.0f && view(1) == 1.0f && sn::sum(copy).item() == 500.0f;
                good = good && !sn::explain(pending + copy + view(0)).kernels.empty();
            }
            return good;
        }));
    }
}

BOOST_AUTO_TEST_CASE(looking_inside_and_forgetting_meanwhile) {
    const sn::array<float> x = sn::arange<float>(200000);
    BOOST_TEST(together(8, [&](int t) {
        bool good = true;
        for (int i = 0; i < 30; ++i) {
            const auto k = static_cast<float>(i);
            const sn::scoped_options o{.threads = 1 + i % 2, .precision = t % 2 == 0 ? sn::precision::standard : sn::precision::strict};
            const sn::array<float> y = x * 0.5f + k;
            switch (t) {
                case 0: sn::set_threads(1 + i % 3); break;
                case 1: sn::kernel_cache().clear(); break;
                case 2: good = good && sn::about().threads >= 1 && sn::kernel_cache().stats().misses > 0; break;
                case 3: good = good && sn::explain(y, y + 1.0f).kernels.size() <= 2; break;
                default: break;
            }
            good = good && y(100000) == 50000.0f + k && sn::sum(x(sn::range(0, 10)) + k).item() == 45.0f + 10 * k;
        }
        return good;
    }));
    sn::set_threads(2);
}

BOOST_AUTO_TEST_CASE(an_error_in_one_thread_leaves_the_others_alone) {
    for (int round = 0; round < 30; ++round) {
        const sn::array<int> x = sn::arange<int>(100), shared = x + 1, zeros = x * 0;
        const sn::array<int> wrong = shared / zeros;
        BOOST_TEST(together(6, [&](int t) {
            if (t % 2 == 0) return shared(7) == 8 && sn::sum(shared * 2).item() == 10100;
            try {
                wrong.eval();
            } catch (const sn::value_error&) {
                return wrong.is_pending() && shared(9) == 10;
            }
            return false;
        }));
    }
}

namespace {

/// Evaluated by many threads, and once more when the program ends.
struct at_exit {
    sn::array<float> x = sn::arange<float>(64) + 1.0f;
    sn::array<float> never = x * 3.0f;
    ~at_exit() {
        if (never(1) != 6.0f) std::abort();
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(statics_and_the_ends_of_threads) {
    static const at_exit one;
    std::vector<sn::array<float>> left(16);
    for (int round = 0; round < 10; ++round) {
        BOOST_TEST(together(16, [&](int t) {
            // Dropped when the thread ends, after what the library keeps for it.
            thread_local sn::array<float> mine;
            thread_local std::vector<sn::array<float>> pending;
            mine = one.x + static_cast<float>(t);
            pending.emplace_back(mine * 2.0f);
            left[static_cast<std::size_t>(t)] = mine - 1.0f;
            return one.x(3) == 4.0f && pending.back()(3) == 2.0f * (4.0f + static_cast<float>(t));
        }));
        // Made by threads that are gone.
        for (std::size_t t = 0; t < left.size(); ++t) BOOST_TEST(left[t](3) == 3.0f + static_cast<float>(t));
    }
}

BOOST_AUTO_TEST_CASE(placed_arrays_are_the_same_arrays) {
    const sn::array<float> small{1, 2, 3};
    const sn::array<float> x = sn::arange<float>(300000).reshape({300, 1000});
    const sn::array<float> before = x * 2.0f;
    const float* const data = x.data();
    const std::vector<float> copy = before.to_vector();
    std::vector<float> own(40000, 2.5f);
    const sn::array<float> lent = sn::borrow(own.data(), {40000});
    for (const sn::memory_policy p : {sn::interleave, sn::by_rows, sn::on_node(0)}) {
        sn::place(x, p);
        sn::place(small, p);
        sn::place(lent, p);
        sn::place(sn::array<float>{}, p);
        BOOST_TEST(x.data() == data);
        const sn::array<float> y = x * 2.0f;
        BOOST_TEST(y.to_vector() == copy, boost::test_tools::per_element());
        BOOST_TEST(lent(39999) == 2.5f);
    }
    // What is pending is computed first.
    const sn::array<float> later = x + 1.0f;
    sn::place(later, sn::interleave);
    BOOST_TEST(!later.is_pending());
    BOOST_TEST(later(299, 999) == 300000.0f);
}

BOOST_AUTO_TEST_SUITE_END()
