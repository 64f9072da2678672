#include "other_machines.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <string>

namespace {

using namespace other_machines;
using pl::machine;

[[nodiscard]] std::string replaced(std::string text, const std::string& what, const std::string& by) {
    const std::size_t at = text.find(what);
    BOOST_REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), by);
}

void check_refused(const std::string& text, const std::string& reason) {
    std::string why;
    BOOST_TEST(!pl::from_text(text, why).has_value());
    BOOST_TEST(why.find(reason) != std::string::npos, "\"" << why << "\" does not say " << reason);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(machine_text)

BOOST_AUTO_TEST_CASE(every_number_comes_back_exactly) {
    machine m = pl::detect();
    m.measured = "2026-01-31T12:00Z";
    m.memory_one = {.read = 1.0 / 3e-9, .columns = 3e10, .triad = 0.1e12, .copy = 42e9, .write = 1};
    m.l2.all.write = 123456789.123456789;
    m.memory_overlap_loss = 0.3;
    m.streaming_loss = 0.7;
    m.far_ahead = 3072;
    m.l3.usable = 123456789;
    m.statement_seconds = 1e-9 / 7;
    m.cycles[0][0] = 1.0F / 3;
    m.cycles[sinter::detail::op::exp::code][1] = 8.25F;
    std::string why = "left over";
    const auto again = pl::from_text(pl::to_text(m), why);
    BOOST_REQUIRE(again.has_value());
    BOOST_TEST(why.empty());
    BOOST_TEST((*again == m));
    BOOST_TEST(pl::to_text(*again) == pl::to_text(m));
}

BOOST_AUTO_TEST_CASE(the_host_has_text_without_measuring) {
    std::string why;
    BOOST_TEST(pl::from_text(pl::to_text(pl::host()), why).has_value(), why);
}

BOOST_AUTO_TEST_CASE(what_is_not_understood_is_refused) {
    const std::string good{two_nodes};
    std::string why;
    BOOST_REQUIRE(pl::from_text(good, why).has_value());
    BOOST_REQUIRE(pl::from_text("# a remark\n\n" + good, why).has_value());
    check_refused("", "no isa");
    check_refused(replaced(good, "threads 64\n", ""), "no threads");
    check_refused(good + "threads 64\n", "twice");
    check_refused(good + "colour blue\n", "unknown: colour");
    check_refused(good + "cycles.nothing.f32 1\n", "unknown: cycles.nothing");
    check_refused(good + "lonely\n", "without a value");
    check_refused(good + " 3\n", "without a value");
    check_refused(replaced(good, "isa avx512", "isa avx1024"), "isa cannot be avx1024");
    check_refused(replaced(good, "threads 64", "threads 0"), "threads cannot be 0");
    check_refused(replaced(good, "threads 64", "threads -3"), "threads cannot be");
    check_refused(replaced(good, "threads 64", "threads 64x"), "threads cannot be");
    check_refused(replaced(good, "clock_hz 3.2e9", "clock_hz nan"), "clock_hz cannot be");
    check_refused(replaced(good, "clock_hz 3.2e9", "clock_hz inf"), "clock_hz cannot be");
    check_refused(replaced(good, "clock_hz 3.2e9", "clock_hz -1"), "clock_hz cannot be");
    check_refused(replaced(good, "clock_hz 3.2e9", "clock_hz"), "without a value");
    check_refused(replaced(good, "l1.shared 0", "l1.shared 2"), "l1.shared cannot be");
    check_refused(replaced(good, "l1.bytes 49152", "l1.bytes -1"), "l1.bytes cannot be");
}

BOOST_AUTO_TEST_SUITE_END()
