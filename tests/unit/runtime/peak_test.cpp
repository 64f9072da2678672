#include "runtime/pool.hpp"

#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <vector>

// The memory that a plan says it will take, against what it takes.

namespace {

namespace sn = sinter;
namespace rt = sinter::detail::runtime;

using floats = sn::array<float>;
constexpr sn::index_t n = 1 << 20;  // elements: 4 MiB
constexpr double array_bytes = 4.0 * n;

[[nodiscard]] floats in_memory(const sn::extents& shape) {
    floats x = sn::full(shape, 1.5f);
    x.eval();
    return x;
}

/// Bytes over what was in use before, at the most, while the values are computed; and what explain said.
template <class... Arrays>
void agree(double at_least, double at_most, Arrays&... wanted) {
    const double predicted = sn::explain(wanted...).peak_bytes;
    rt::reset_peak();
    const std::size_t before = rt::statistics().in_use;
    sn::eval(wanted...);
    const double real = static_cast<double>(rt::statistics().peak - before);
    BOOST_TEST_CONTEXT("predicted " << predicted << ", real " << real) {
        // Mappings come in eighths of a power of two; blocks of threads are noticed by batches of 64 KiB.
        BOOST_TEST(real <= 1.15 * predicted + 131072);
        BOOST_TEST(real >= 0.85 * predicted - 131072);
        BOOST_TEST(predicted >= at_least * array_bytes);
        BOOST_TEST(predicted <= at_most * array_bytes + 65536);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(peak)

BOOST_AUTO_TEST_CASE(one_result) {
    const floats x = in_memory({n});
    floats y = x * 2.0f + 1.0f;
    agree(1, 1, y);
}

BOOST_AUTO_TEST_CASE(several_results) {
    const floats x = in_memory({n});
    floats a = x * 2.0f, b = a + x, c = b * a;
    agree(3, 3, a, b, c);
}

BOOST_AUTO_TEST_CASE(a_reduction_takes_next_to_nothing) {
    const floats x = in_memory({n}), y = in_memory({n});
    floats s = sn::sum(x * y + 1.0f);
    agree(0, 0.01, s);
}

BOOST_AUTO_TEST_CASE(a_dying_input_gives_its_memory) {
    floats x = in_memory({n});
    x = x * 2.0f + 1.0f;
    agree(0, 0, x);
}

BOOST_AUTO_TEST_CASE(temporaries_share_memory) {
    // Each step reads its neighbours' old values, so that each one is stored; no more than two live at a time, and powers where they are better computed once.
    floats u = in_memory({n});
    const floats first = u;
    for (int i = 0; i < 6; ++i) {
        floats next = u;
        next(sn::range(1, -1)) = pow(u(sn::range(0, -2)), 1.5f) + pow(u(sn::range(2, {})), 1.5f) + pow(u(sn::range(1, -1)), 1.5f);
        u = next;
    }
    agree(1, 4, u);
    BOOST_TEST(!first.is_pending());
}

BOOST_AUTO_TEST_CASE(rows_that_are_used_twice) {
    const floats x = in_memory({1024, 1024});
    const floats e = exp(x - sn::max(x, {.axis = 1, .keepdims = true}));
    floats y = e / sn::sum(e, {.axis = 1, .keepdims = true});
    agree(1, 2.1, y);
}

BOOST_AUTO_TEST_CASE(into_the_programs_memory) {
    const floats x = in_memory({n});
    std::vector<float> out(static_cast<std::size_t>(n));
    const floats y = x * 3.0f;
    rt::reset_peak();
    const std::size_t before = rt::statistics().in_use;
    sn::eval(sn::to(out, y));
    BOOST_TEST(rt::statistics().peak - before < 200000U);
    BOOST_TEST(out[77] == 4.5f);
}

BOOST_AUTO_TEST_CASE(more_than_max_bytes_is_refused) {
    const floats x = in_memory({n});
    const floats y = x + 1.0f;
    BOOST_CHECK_THROW(sn::eval({.max_bytes = 1 << 20}, y), sn::memory_error);
    BOOST_TEST(y.is_pending());
    sn::eval({.max_bytes = 5 << 20}, y);
    BOOST_TEST(!y.is_pending());
}

BOOST_AUTO_TEST_SUITE_END()
