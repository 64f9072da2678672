#include "plan/machine.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace {

using namespace sinter::detail::plan;

/// What the system says the processor can do.
[[nodiscard]] std::set<std::string> flags() {
    std::ifstream in{"/proc/cpuinfo"};
    std::set<std::string> result;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("flags")) {
            std::istringstream words{line.substr(line.find(':') + 1)};
            for (std::string word; words >> word;) {
                result.insert(word);
            }
            break;
        }
    }
    return result;
}

[[nodiscard]] bool has_all(const std::set<std::string>& flags, std::initializer_list<const char*> names) {
    for (const char* const name : names) {
        if (!flags.contains(name)) {
            return false;
        }
    }
    return true;
}

void check_sense(const machine& m) {
    BOOST_TEST(m.vector_ops_per_cycle > 0);
    BOOST_TEST(m.fma_per_cycle <= m.vector_ops_per_cycle);
    BOOST_TEST((m.fma_per_cycle > 0) == (m.best != isa::portable));
    BOOST_TEST(m.loads_per_cycle > 0);
    BOOST_TEST(m.stores_per_cycle > 0);
    BOOST_TEST(m.div_cycles_per_vector >= 1);
    BOOST_TEST(m.sqrt_cycles_per_vector >= 1);
    BOOST_TEST(m.l1.bandwidth > m.l2.bandwidth);
    BOOST_TEST(m.l2.bandwidth >= m.l3.bandwidth);
    BOOST_TEST(m.l1.bandwidth <= m.clock_hz * m.vector_bytes * (m.loads_per_cycle + m.stores_per_cycle));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(machine_test)

BOOST_AUTO_TEST_CASE(the_instruction_set_is_what_the_system_reports) {
    const auto has = flags();
    BOOST_REQUIRE(!has.empty());
    const bool avx2 = has_all(has, {"avx2", "fma", "bmi2", "f16c"});
    const bool avx512 = avx2 && has_all(has, {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"});
    const machine m = detect();
    BOOST_TEST(name_of(m.best) == (avx512 ? "avx512" : avx2 ? "avx2" : "portable"));
    BOOST_TEST(m.vector_bytes == (avx512 ? 64 : avx2 ? 32 : 16));
    BOOST_TEST(!processor_name().empty());
}

BOOST_AUTO_TEST_CASE(everything_has_a_value_that_makes_sense) {
    const machine m = detect();
    check_sense(m);
    BOOST_TEST(m.threads >= 1);
    BOOST_TEST(numa_nodes() >= 1);
    BOOST_TEST(m.clock_hz > 0.5e9);
    BOOST_TEST(m.clock_hz < 10e9);
    BOOST_TEST(m.l1.bytes >= 8U * 1024);
    BOOST_TEST(m.l1.bytes <= 1024U * 1024);
    BOOST_TEST(m.l2.bytes > m.l1.bytes);
    BOOST_TEST((m.l3.bytes == 0 || m.l3.bytes > m.l2.bytes));
    BOOST_TEST(m.memory_bandwidth_one > 1e9);
    BOOST_TEST(m.memory_bandwidth_all >= m.memory_bandwidth_one);
    BOOST_TEST(m.streaming_gain >= 1);
    BOOST_TEST(m.wake_seconds_hot > 0);
    BOOST_TEST(m.wake_seconds_idle > m.wake_seconds_hot);
    BOOST_TEST(m.kernel_call_seconds > 0);
    BOOST_TEST(m.page_fault_seconds_huge > m.page_fault_seconds_4k);
    BOOST_TEST(m.page_fault_seconds_huge < 512 * m.page_fault_seconds_4k);
    BOOST_TEST(m.compile_seconds > m.compile_seconds_per_instruction);
    BOOST_TEST(m.compile_seconds_per_instruction > 0);
}

BOOST_AUTO_TEST_CASE(a_limit_changes_the_rates_and_nothing_else) {
    const machine m = detect();
    for (const isa set : {isa::portable, isa::avx2, isa::avx512}) {
        if (set > m.best) {
            continue;
        }
        const machine limited = limited_to(m, set);
        BOOST_TEST((limited.best == set));
        BOOST_TEST(limited.vector_bytes == (set == isa::avx512 ? 64 : set == isa::avx2 ? 32 : 16));
        BOOST_TEST(limited.memory_bandwidth_one == m.memory_bandwidth_one);
        BOOST_TEST(limited.l2.bytes == m.l2.bytes);
        check_sense(limited);
        // A narrower vector never makes an element cheaper.
        BOOST_TEST(limited.vector_ops_per_cycle * limited.vector_bytes <= m.vector_ops_per_cycle * m.vector_bytes);
        BOOST_TEST(limited.l1.bandwidth <= m.l1.bandwidth);
    }
}

BOOST_AUTO_TEST_CASE(the_host_is_detected_once_and_alike) {
    BOOST_TEST(&host() == &host());
    const machine again = detect();
    BOOST_TEST(again.clock_hz == host().clock_hz);
    BOOST_TEST(again.memory_bandwidth_all == host().memory_bandwidth_all);
}

BOOST_AUTO_TEST_SUITE_END()
