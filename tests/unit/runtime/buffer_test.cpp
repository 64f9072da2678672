#include "runtime/buffer.hpp"

#include <sinter/detail/error.hpp>

#include "base/sanitizer.hpp"
#include "runtime/blocks.hpp"
#include "runtime/large_pool.hpp"
#include "runtime/pool.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <deque>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

namespace {

using namespace sinter::detail::runtime;
namespace base = sinter::detail::base;

[[nodiscard]] std::vector<std::size_t> interesting_sizes() {
    std::vector<std::size_t> sizes{0, 1};
    for (std::size_t power = 32; power <= (std::size_t{8} << 20); power *= 2) {
        for (const std::size_t size : {power - 1, power, power + 1, power + power / 4, power + power / 4 + 1}) {
            sizes.push_back(size);
        }
    }
    return sizes;
}

[[nodiscard]] long page_faults() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

/// A value that depends on where it is written, so that overlapping buffers cannot both be right.
void fill(const buffer_ptr& b, std::size_t bytes, unsigned char seed) { std::memset(b->data, seed, bytes); }

[[nodiscard]] bool holds(const buffer_ptr& b, std::size_t bytes, unsigned char seed) {
    const auto* const p = static_cast<const unsigned char*>(b->data);
    for (std::size_t i = 0; i < bytes; ++i) {
        if (p[i] != seed) {
            return false;
        }
    }
    return true;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(buffer_test)

BOOST_AUTO_TEST_CASE(size_classes_hold_what_is_asked_and_waste_little) {
    for (std::size_t bytes = 0; bytes <= largest_block; ++bytes) {
        const std::size_t k = block_class(bytes);
        BOOST_REQUIRE_LT(k, block_classes);
        BOOST_REQUIRE_GE(block_size(k), bytes);
        BOOST_REQUIRE(k == 0 || block_size(k - 1) < bytes);
        BOOST_REQUIRE_EQUAL(block_size(k) % data_alignment, 0U);
        BOOST_REQUIRE(bytes < 64 || block_size(k) <= bytes + std::max<std::size_t>(64, bytes / 4));
    }
    for (std::size_t bytes = largest_block + 1; bytes < (std::size_t{1} << 44); bytes += bytes / 37) {
        const std::size_t k = large_class(bytes);
        BOOST_REQUIRE_LT(k, large_classes);
        BOOST_REQUIRE_GE(large_size(k), bytes);
        BOOST_REQUIRE(k == 0 || large_size(k - 1) < bytes);
        BOOST_REQUIRE_EQUAL(large_size(k) % 4096, 0U);
    }
}

BOOST_AUTO_TEST_CASE(every_size_is_aligned_writable_and_apart) {
    std::vector<std::pair<buffer_ptr, std::size_t>> all;
    unsigned char seed = 1;
    for (const std::size_t bytes : interesting_sizes()) {
        buffer_ptr b = allocate(bytes);
        BOOST_REQUIRE(b->data != nullptr);
        BOOST_REQUIRE_EQUAL(reinterpret_cast<std::uintptr_t>(b->data) % data_alignment, 0U);
        BOOST_REQUIRE_GE(b->bytes, bytes);
        BOOST_REQUIRE(unique(*b));
        BOOST_REQUIRE(!borrowed(*b));
        BOOST_REQUIRE(writable(*b));
        fill(b, b->bytes, seed++);
        all.emplace_back(std::move(b), bytes);
    }
    seed = 1;
    for (const auto& [b, bytes] : all) {
        BOOST_REQUIRE(holds(b, b->bytes, seed++));
    }
}

BOOST_AUTO_TEST_CASE(huge_pages_start_at_their_boundary) {
    const buffer_ptr b = allocate(std::size_t{9} << 20);
    BOOST_TEST(reinterpret_cast<std::uintptr_t>(b->data) % (std::size_t{2} << 20) == 0U);
}

BOOST_AUTO_TEST_CASE(references_are_counted) {
    buffer_ptr a = allocate(100);
    buffer* const raw = a.get();
    {
        const buffer_ptr copy = a;
        BOOST_TEST(!unique(*raw));
        BOOST_TEST(copy.get() == raw);
    }
    BOOST_TEST(unique(*raw));
    buffer_ptr moved = std::move(a);
    BOOST_TEST(!a);
    BOOST_TEST(unique(*raw));
    const buffer_ptr& same = moved;
    moved = same;
    BOOST_TEST(moved.get() == raw);
    BOOST_TEST(unique(*raw));
    buffer* const released = moved.release();
    BOOST_TEST(!moved);
    a = buffer_ptr::steal(released);
    BOOST_TEST(unique(*a));
    moved = buffer_ptr::share(a.get());
    BOOST_TEST(raw->refs.load() == 2U);
    a.reset();
    BOOST_TEST(unique(*moved));
    static_assert(std::is_nothrow_move_constructible_v<buffer_ptr> && std::is_nothrow_move_assignable_v<buffer_ptr>);
    static_assert(std::is_nothrow_copy_constructible_v<buffer_ptr>);
}

BOOST_AUTO_TEST_CASE(a_freed_block_is_the_next_one) {
    const void* first = allocate(1000)->data;
    BOOST_TEST(allocate(1000)->data == first);
    first = allocate(1000000)->data;
    BOOST_TEST(allocate(1000000)->data == first);
}

BOOST_AUTO_TEST_CASE(borrowed_memory_is_used_as_it_is) {
    auto memory = std::make_shared<std::vector<float>>(10);
    const std::weak_ptr<std::vector<float>> watch = memory;
    const std::size_t before = statistics().in_use;
    float* const data = memory->data() + 1;
    buffer_ptr b = adopt(data, 9 * sizeof(float), std::move(memory), false);
    BOOST_TEST(b->data == data);
    BOOST_TEST(b->bytes == 36U);
    BOOST_TEST(borrowed(*b));
    BOOST_TEST(!writable(*b));
    BOOST_TEST(statistics().in_use == before);
    buffer_ptr copy = b;
    b.reset();
    BOOST_TEST(!watch.expired());
    copy.reset();
    BOOST_TEST(watch.expired());
    float unowned = 0;
    b = adopt(&unowned, sizeof unowned, {}, true);
    BOOST_TEST(writable(*b));
}

BOOST_AUTO_TEST_CASE(an_owner_may_use_the_pool_as_it_goes) {
    struct busy {
        buffer_ptr own = allocate(64);
        ~busy() { const buffer_ptr last = allocate(640000); }
    };
    BOOST_TEST(bool{adopt(nullptr, 0, std::make_shared<busy>(), true)});
}

BOOST_AUTO_TEST_CASE(too_much_is_a_memory_error_that_names_the_size) {
    for (const std::size_t bytes : {std::size_t{1} << 45, std::size_t{1} << 60, ~std::size_t{0}}) {
        BOOST_CHECK_EXCEPTION(static_cast<void>(allocate(bytes)), sinter::memory_error, [&](const sinter::memory_error& e) {
            return std::string{e.what()}.find(std::to_string(bytes) + " bytes") != std::string::npos;
        });
    }
    BOOST_TEST(bool{allocate(1)});
}

BOOST_AUTO_TEST_CASE(the_chosen_allocation_fails) {
    fail_allocation_after(3);
    const buffer_ptr first = allocate(10);
    const buffer_ptr second = allocate(1000000);
    BOOST_CHECK_THROW(static_cast<void>(allocate(20)), sinter::memory_error);
    BOOST_TEST(bool{allocate(20)});
    fail_allocation_after(1);
    auto owner = std::make_shared<int>(1);
    const std::weak_ptr<int> watch = owner;
    BOOST_CHECK_THROW(static_cast<void>(adopt(nullptr, 0, owner, true)), sinter::memory_error);
    owner.reset();
    BOOST_TEST(watch.expired());
    fail_allocation_after(1);
    fail_allocation_after(0);
    BOOST_TEST(bool{allocate(20)});
}

BOOST_AUTO_TEST_CASE(a_recycled_mapping_costs_no_page_faults) {
    if (base::address_sanitizer) {
        return;  // its shadow memory faults
    }
    constexpr std::size_t bytes = std::size_t{3} << 20;
    fill(allocate(bytes), bytes, 1);
    const long before = page_faults();
    for (int i = 0; i < 10; ++i) {
        fill(allocate(bytes), bytes, 2);
    }
    BOOST_TEST(page_faults() - before < 20);
    trim();
    const long after_trim = page_faults();
    fill(allocate(bytes), bytes, 3);
    BOOST_TEST(page_faults() - after_trim > 20);
}

BOOST_AUTO_TEST_CASE(address_sanitizer_sees_overruns_and_use_after_free) {
#if defined(SINTER_ASAN)
    for (const std::size_t bytes : interesting_sizes()) {
        buffer_ptr b = allocate(bytes);
        char* const data = static_cast<char*>(b->data);
        BOOST_REQUIRE(__asan_region_is_poisoned(data, bytes) == nullptr);
        BOOST_REQUIRE(__asan_address_is_poisoned(data + bytes) != 0);
        BOOST_REQUIRE(__asan_address_is_poisoned(data + bytes + 8) != 0);
        b.reset();
        BOOST_REQUIRE(__asan_address_is_poisoned(data) != 0);
    }
#endif
    BOOST_TEST(true);
}

// Buffers made by one thread are checked and dropped by others.
BOOST_AUTO_TEST_CASE(buffers_cross_threads) {
    struct parcel {
        buffer_ptr buffer;
        std::size_t bytes;
        unsigned char seed;
    };
    std::mutex mutex;
    std::deque<parcel> post;
    std::atomic<int> wrong = 0;
    const auto in_use_before = statistics().in_use;
    const auto work = [&](unsigned seed) {
        std::mt19937 random{seed};
        for (int i = 0; i < 20000; ++i) {
            const std::size_t bytes = i % 500 == 0 ? 200000 : random() % 3000;
            parcel mine{allocate(bytes), bytes, static_cast<unsigned char>(random())};
            fill(mine.buffer, bytes, mine.seed);
            const buffer_ptr second_reference = mine.buffer;
            parcel other;
            {
                const std::lock_guard lock{mutex};
                post.push_back(std::move(mine));
                if (post.size() > 100) {
                    const std::size_t which = random() % post.size();
                    std::swap(post[which], post.front());
                    other = std::move(post.front());
                    post.pop_front();
                }
            }
            if (other.buffer && !holds(other.buffer, other.bytes, other.seed)) {
                ++wrong;
            }
        }
    };
    for (unsigned round = 0; round < 2; ++round) {
        std::vector<std::thread> threads;
        for (unsigned t = 0; t < 4; ++t) {
            threads.emplace_back(work, 10 * round + t);
        }
        for (std::thread& t : threads) {
            t.join();
        }
    }
    BOOST_TEST(wrong == 0);
    post.clear();
    BOOST_TEST(statistics().in_use == in_use_before);
}

// Several threads drop the last references to one buffer at the same time.
BOOST_AUTO_TEST_CASE(a_buffer_is_recycled_once) {
    const auto in_use_before = statistics().in_use;
    for (int round = 0; round < 200; ++round) {
        std::atomic<int> ready = 0;
        std::vector<std::thread> threads;
        {
            const buffer_ptr shared = allocate(500);
            for (int t = 0; t < 3; ++t) {
                threads.emplace_back([&ready, own = shared]() mutable {
                    ++ready;
                    while (ready < 3) {
                    }
                    own.reset();
                });
            }
        }
        for (std::thread& t : threads) {
            t.join();
        }
    }
    BOOST_TEST(statistics().in_use == in_use_before);
}

BOOST_AUTO_TEST_CASE(a_thread_that_is_ending_may_still_allocate) {
    struct late {
        ~late() {
            last = allocate(300);
            last.reset();
            last = allocate(300);
        }
        buffer_ptr& last;
    };
    const auto in_use_before = statistics().in_use;
    buffer_ptr kept;
    std::thread{[&] {
        // Made before the thread's lists, so destroyed after them.
        static thread_local late at_end{kept};
        static_cast<void>(&at_end);
        const buffer_ptr b = allocate(300);
    }}.join();
    BOOST_TEST(bool{kept});
    std::memset(kept->data, 1, 300);
    kept.reset();
    BOOST_TEST(statistics().in_use == in_use_before);
}

BOOST_AUTO_TEST_CASE(a_child_of_fork_can_allocate) {
    std::atomic<bool> stop = false;
    std::thread busy{[&] {
        while (!stop) {
            std::vector<buffer_ptr> some;
            for (int i = 0; i < 300; ++i) {
                some.push_back(allocate(i % 10 == 0 ? 100000 : 2000));
            }
        }
    }};
    for (int round = 0; round < 20; ++round) {
        const pid_t child = ::fork();
        if (child == 0) {
            ::alarm(20);
            for (int i = 0; i < 1000; ++i) {
                const buffer_ptr small = allocate(2000);
                const buffer_ptr large = allocate(100000);
                static_cast<char*>(small->data)[1999] = 1;
                static_cast<char*>(large->data)[99999] = 1;
            }
            ::_exit(7);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 7));
    }
    stop = true;
    busy.join();
}

BOOST_AUTO_TEST_SUITE_END()
