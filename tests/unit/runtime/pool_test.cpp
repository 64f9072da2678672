#include "runtime/pool.hpp"

#include "base/sanitizer.hpp"
#include "runtime/buffer.hpp"

#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <thread>
#include <vector>

namespace {

using namespace sinter::detail::runtime;
constexpr std::size_t mib = std::size_t{1} << 20;

/// Puts the limit back and leaves nothing behind.
struct with_limit {
    explicit with_limit(std::size_t bytes) : before{statistics().limit} {
        trim();
        set_pool_limit(bytes);
    }
    ~with_limit() {
        set_pool_limit(before);
        trim();
    }
    std::size_t before;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(pool_test)

BOOST_AUTO_TEST_CASE(the_default_limit_is_part_of_the_memory) {
    const pool_statistics s = statistics();
    BOOST_TEST(s.limit > mib);
    BOOST_TEST(s.limit < std::size_t{1} << 44);
}

BOOST_AUTO_TEST_CASE(numbers_between_kernels_are_not_allocated) {
    const sinter::array<float> x = sinter::arange<float>(4096);
    const auto both = [&] {
        sinter::array<float> total = sinter::sum(x), away = sinter::sum(sinter::square(x - total));
        total = {};
        sinter::array<float> y = sinter::sqrt(away);
        away = {};
        y.eval();
        return y.item();
    };
    const float first = both();
    // The result's memory is all that is asked for.
    fail_allocation_after(2);
    BOOST_TEST(both() == first);
    fail_allocation_after(1);
    BOOST_CHECK_THROW(static_cast<void>(both()), sinter::memory_error);
    fail_allocation_after(0);
}

BOOST_AUTO_TEST_CASE(statistics_follow_buffers) {
    trim();
    reset_peak();
    const pool_statistics before = statistics();
    {
        const buffer_ptr small = allocate(1000);
        const buffer_ptr large = allocate(10 * mib);
        const pool_statistics during = statistics();
        BOOST_TEST(during.in_use >= before.in_use + 1000 + 10 * mib);
        BOOST_TEST(during.in_use <= before.in_use + 1500 + 12 * mib);
        BOOST_TEST(during.peak == during.in_use);
    }
    const pool_statistics after = statistics();
    BOOST_TEST(after.in_use == before.in_use);
    BOOST_TEST(after.peak >= before.in_use + 10 * mib);
    BOOST_TEST(after.pooled >= before.pooled + 10 * mib);
    reset_peak();
    BOOST_TEST(statistics().peak == before.in_use);
    trim();
    BOOST_TEST(statistics().pooled < mib);
}

BOOST_AUTO_TEST_CASE(the_peak_is_of_all_threads) {
    reset_peak();
    const std::size_t before = statistics().in_use;
    const buffer_ptr here = allocate(2 * mib);
    std::thread{[] { const buffer_ptr there = allocate(3 * mib); }}.join();
    BOOST_TEST(statistics().peak >= before + 5 * mib);
}

BOOST_AUTO_TEST_CASE(the_peak_notices_many_blocks) {
    reset_peak();
    const std::size_t before = statistics().in_use;
    {
        std::vector<buffer_ptr> blocks;
        for (int i = 0; i < 1000; ++i) {
            blocks.push_back(allocate(8192));
        }
    }
    BOOST_TEST(statistics().peak >= before + 999 * 8192 - 65536);
}

BOOST_AUTO_TEST_CASE(the_longest_idle_mapping_goes_first) {
    const with_limit limit{7 * mib};
    const void* first = nullptr;
    const void* second = nullptr;
    {
        const buffer_ptr a = allocate(2 * mib - 64);
        const buffer_ptr b = allocate(4 * mib - 64);
        const buffer_ptr c = allocate(3 * mib - 64);
        first = b->data;
        second = c->data;
        // Given back in the order c, b, a: c is over the limit when a comes.
    }
    BOOST_TEST(statistics().pooled <= 7 * mib);
    BOOST_TEST(statistics().pooled >= 6 * mib);
    const std::size_t pooled = statistics().pooled;
    const buffer_ptr again = allocate(4 * mib - 64);
    BOOST_TEST(again->data == first);
    BOOST_TEST(statistics().pooled == pooled - 4 * mib);
    const buffer_ptr fresh = allocate(3 * mib - 64);
    BOOST_TEST(statistics().pooled == pooled - 4 * mib);
    static_cast<void>(second);
}

BOOST_AUTO_TEST_CASE(nothing_is_kept_with_a_limit_of_zero) {
    const with_limit limit{0};
    for (int i = 0; i < 3; ++i) {
        const buffer_ptr b = allocate(mib);
        std::memset(b->data, 1, mib);
    }
    BOOST_TEST(statistics().pooled < mib);
}

BOOST_AUTO_TEST_CASE(a_lower_limit_takes_effect_at_once) {
    const with_limit limit{64 * mib};
    { const buffer_ptr b = allocate(20 * mib); }
    BOOST_TEST(statistics().pooled >= 20 * mib);
    set_pool_limit(mib);
    BOOST_TEST(statistics().pooled <= 2 * mib);
}

// A program that once had very many small arrays does not keep their memory.
BOOST_AUTO_TEST_CASE(idle_slabs_go_back_to_the_system) {
    trim();
    const std::size_t before = statistics().pooled;
    {
        std::vector<buffer_ptr> blocks;
        for (int i = 0; i < 4000; ++i) {
            blocks.push_back(allocate(16000));
            std::memset(blocks.back()->data, i, 16000);
        }
        for (int i = 0; i < 4000; ++i) {
            BOOST_REQUIRE_EQUAL(static_cast<unsigned char*>(blocks[static_cast<std::size_t>(i)]->data)[15999], static_cast<unsigned char>(i));
        }
    }
    // 64 MB were given back; without a call of trim what is left is bounded.
    BOOST_TEST(statistics().pooled < before + 20 * mib);
    trim();
    BOOST_TEST(statistics().pooled <= before + mib);
    std::vector<buffer_ptr> again;
    for (int i = 0; i < 300; ++i) {
        again.push_back(allocate(16000));
        std::memset(again.back()->data, 1, 16000);
    }
}

BOOST_AUTO_TEST_CASE(trimming_while_others_work) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([] {
            for (int i = 0; i < 300; ++i) {
                std::vector<buffer_ptr> some;
                for (int j = 0; j < 50; ++j) {
                    some.push_back(allocate(static_cast<std::size_t>(j * 1000)));
                    std::memset(some.back()->data, j, static_cast<std::size_t>(j * 1000));
                }
            }
        });
    }
    for (int i = 0; i < 100; ++i) {
        trim();
        BOOST_TEST(statistics().limit > 0U);
    }
    for (std::thread& t : threads) {
        t.join();
    }
}

BOOST_AUTO_TEST_SUITE_END()
