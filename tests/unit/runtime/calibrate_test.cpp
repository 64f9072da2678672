#include "runtime/calibrate.hpp"

#include "base/operation_table.hpp"
#include "plan/machine_text.hpp"
#include "runtime/threads.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <string>

namespace {

namespace pl = sinter::detail::plan;
namespace rt = sinter::detail::runtime;
namespace base = sinter::detail::base;
using sinter::detail::dtype;

// Times are not looked at: only that each number can be one.

void check_rate(double r) {
    BOOST_TEST(std::isfinite(r));
    BOOST_TEST(r > 1e6);
    BOOST_TEST(r < 1e14);
}

void check_rates(const pl::traffic_rates& r) {
    for (const double x : {r.read, r.columns, r.triad, r.copy, r.write}) check_rate(x);
}

[[nodiscard]] const pl::machine& measured() {
    static const pl::machine m = [] {
        pl::machine known = pl::detect();
        known.threads = std::min(rt::default_threads(), 4);
        return rt::calibrate(known, std::atomic<bool>{false});
    }();
    return m;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(calibration)

BOOST_AUTO_TEST_CASE(every_number_is_one) {
    const pl::machine& m = measured();
    for (const pl::machine::cache_level* l : {&m.l1, &m.l2, &m.l3}) {
        if (l->bytes == 0) continue;
        check_rate(l->bandwidth);
        check_rates(l->one);
        check_rates(l->all);
        BOOST_TEST(l->all.read >= l->one.read);
        BOOST_TEST(l->all.write >= l->one.write);
    }
    for (const pl::traffic_rates* r : {&m.memory_one, &m.memory_all, &m.streaming_one, &m.streaming_all}) check_rates(*r);
    BOOST_TEST(m.memory_all.triad >= m.memory_one.triad);
    BOOST_TEST(m.streaming_all.copy >= m.streaming_one.copy);
    BOOST_TEST(m.memory_bandwidth_one == m.memory_one.triad);
    BOOST_TEST(m.memory_bandwidth_all == m.memory_all.triad);
    BOOST_TEST(m.streaming_gain > 0);
    for (const double loss : {m.l2.overlap_loss, m.l3.overlap_loss, m.memory_overlap_loss}) {
        BOOST_TEST(loss >= 0);
        BOOST_TEST(loss <= 1);
    }
    for (const double seconds : {m.kernel_call_seconds, m.page_fault_seconds_4k, m.page_fault_seconds_huge, m.compile_seconds, m.compile_seconds_per_instruction}) {
        BOOST_TEST(seconds > 0);
        BOOST_TEST(seconds < 1);
    }
    BOOST_TEST(m.statement_seconds >= 0);
    BOOST_TEST(m.wake_seconds_hot > 0);
    BOOST_TEST(m.wake_seconds_idle >= m.wake_seconds_hot);
    // The nearest cache is faster than memory, on any machine and however busy it is.
    BOOST_TEST(m.l1.one.triad > m.memory_one.triad);
    BOOST_TEST(m.page_fault_seconds_huge > m.page_fault_seconds_4k);
}

BOOST_AUTO_TEST_CASE(every_operation_was_measured) {
    const pl::machine& m = measured();
    const std::pair<dtype, pl::cost_class> types[] = {
        {dtype::f32, pl::cost_class::f32}, {dtype::f64, pl::cost_class::f64}, {dtype::i32, pl::cost_class::i32}, {dtype::i64, pl::cost_class::i64}};
    for (std::uint16_t code = 0; code < base::operation_codes; ++code) {
        if (!base::is_operation_code(code)) continue;
        const base::operation_info& info = base::operation_of(code);
        for (const auto& [type, of_class] : types) {
            const double cycles = static_cast<double>(m.cycles[code][static_cast<std::size_t>(of_class)]);
            BOOST_TEST_CONTEXT(info.name << " of " << sinter::detail::name_of(type)) {
                if (!base::rule_allows(info.rule, type) || info.name == std::string("bitcast")) {
                    BOOST_TEST(cycles == 0);
                } else {
                    BOOST_TEST(cycles > 0.1);
                    BOOST_TEST(cycles < 1e6);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_usable_of_a_cache_is_where_its_rates_end) {
    constexpr std::size_t mib = std::size_t{1} << 20;
    // Seconds for a byte where a cache holds so much, memory takes so many times as long, and a quarter of the size lies between all and nothing.
    const auto curve = [](std::size_t held, double memory) {
        return [=](std::size_t bytes) {
            const double missed = std::clamp((static_cast<double>(bytes) - 0.875 * static_cast<double>(held)) / (0.25 * static_cast<double>(held)), 0.0, 1.0);
            return 1e-11 * (1 + (memory - 1) * missed);
        };
    };
    const auto usable = [&](std::size_t told, std::size_t held, double memory) { return rt::calibration::usable_part(told, 8 * mib, told / 4 * 5, curve(held, memory)); };
    // A guest's share, whatever memory is like.
    for (const double memory : {1.5, 2.0, 6.0}) {
        const double found = static_cast<double>(usable(480 * mib, 110 * mib, memory));
        BOOST_TEST(found <= 1.06 * 110 * mib);
        BOOST_TEST(found >= 0.94 * 110 * mib);
    }
    // All of it, and about all of it.
    BOOST_TEST(usable(32 * mib, 32 * mib, 3) == 32 * mib);
    BOOST_TEST(usable(32 * mib, 28 * mib, 3) == 32 * mib);
    // Memory that is as quick says nothing.
    BOOST_TEST(usable(480 * mib, 110 * mib, 1.1) == 480 * mib);
}

// Sizes are whole pages, of which there are few between the two.
BOOST_AUTO_TEST_CASE(small_caches_are_found_out_about_in_the_end) {
    for (const std::size_t kib : {128U, 256U, 512U}) {
        const std::size_t low = kib * 1024 / 2, high = low * 3;
        for (std::size_t held = low; held <= high; held += 1024) {
            const std::size_t found = rt::calibration::usable_size(low, high, 1.5, [&](std::size_t bytes) { return bytes <= held ? 1.0 : 2.0; });
            BOOST_TEST((found >= low && found <= held));
        }
    }
}

BOOST_AUTO_TEST_CASE(it_says_when_and_comes_back_from_its_text) {
    const pl::machine& m = measured();
    BOOST_TEST(m.measured.size() == std::string("2026-01-31T12:00Z").size());
    std::string why;
    const auto again = pl::from_text(pl::to_text(m), why);
    BOOST_REQUIRE_MESSAGE(again.has_value(), why);
    BOOST_TEST((*again == m));
}

BOOST_AUTO_TEST_CASE(it_stops_when_told_to) {
    const std::atomic<bool> stop{true};
    BOOST_CHECK_THROW(static_cast<void>(rt::calibrate(pl::detect(), stop)), rt::calibration::stopped);
}

BOOST_AUTO_TEST_CASE(what_is_known_stays) {
    const pl::machine& m = measured();
    const pl::machine known = pl::detect();
    BOOST_TEST((m.best == known.best));
    BOOST_TEST(m.clock_hz == known.clock_hz);
    BOOST_TEST(m.vector_bytes == known.vector_bytes);
    BOOST_TEST(m.l2.bytes == known.l2.bytes);
    BOOST_TEST(m.l3.bytes == known.l3.bytes);
    BOOST_TEST(m.l3.room() <= known.l3.bytes);
    BOOST_TEST(m.l2.room() <= 2 * known.l2.bytes);
}

BOOST_AUTO_TEST_SUITE_END()
