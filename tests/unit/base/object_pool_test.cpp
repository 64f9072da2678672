#include "base/object_pool.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace sinter::detail::base;

struct object {
    unsigned char* at;
    std::size_t bytes;
    unsigned char value;
};

[[nodiscard]] bool intact(const object& o) {
    for (std::size_t i = 0; i < o.bytes; ++i) {
        if (o.at[i] != o.value) {
            return false;
        }
    }
    return true;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(object_pool_test)

BOOST_AUTO_TEST_CASE(objects_are_aligned_and_apart) {
    std::vector<object> all;
    for (std::size_t bytes = 0; bytes <= 600; ++bytes) {
        for (int i = 0; i < 70; ++i) {
            auto* const p = static_cast<unsigned char*>(pool_allocate(bytes));
            const auto address = reinterpret_cast<std::uintptr_t>(p);
            BOOST_REQUIRE_EQUAL(address % 16, 0U);
            BOOST_REQUIRE(bytes == 0 || bytes % 32 != 0 || address % 32 == 0);
            BOOST_REQUIRE(bytes == 0 || bytes % 64 != 0 || address % 64 == 0);
            all.push_back({p, bytes, static_cast<unsigned char>(all.size() * 7)});
            std::memset(p, all.back().value, bytes);
        }
    }
    for (const object& o : all) {
        BOOST_REQUIRE(intact(o));
        pool_free(o.at, o.bytes);
    }
}

BOOST_AUTO_TEST_CASE(objects_cross_threads) {
    std::mutex mutex;
    std::vector<object> post;
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (unsigned i = 0; i < 30000; ++i) {
                const std::size_t bytes = 16 + (i * 7 + t) % 200;
                object mine{static_cast<unsigned char*>(pool_allocate(bytes)), bytes, static_cast<unsigned char>(i)};
                std::memset(mine.at, mine.value, bytes);
                object other{};
                {
                    const std::lock_guard lock{mutex};
                    post.push_back(mine);
                    if (post.size() > 500) {
                        std::swap(post[i % post.size()], post.back());
                        other = post.back();
                        post.pop_back();
                    }
                }
                if (other.at != nullptr) {
                    wrong += intact(other) ? 0 : 1;
                    pool_free(other.at, other.bytes);
                }
            }
        });
    }
    for (std::thread& t : threads) {
        t.join();
    }
    BOOST_TEST(wrong == 0);
    for (const object& o : post) {
        BOOST_REQUIRE(intact(o));
        pool_free(o.at, o.bytes);
    }
}

BOOST_AUTO_TEST_CASE(a_constructor_that_throws_leaves_nothing) {
    struct fails {
        explicit fails(bool now) {
            if (now) {
                throw std::runtime_error{"now"};
            }
        }
        std::uint64_t words[5] = {1, 2, 3, 4, 5};
    };
    BOOST_CHECK_THROW(static_cast<void>(pool_new<fails>(true)), std::runtime_error);
    fails* const fine = pool_new<fails>(false);
    BOOST_TEST(fine->words[4] == 5U);
    pool_delete(fine);
}

BOOST_AUTO_TEST_SUITE_END()
