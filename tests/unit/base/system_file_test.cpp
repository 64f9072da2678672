#include "base/system_file.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

using namespace sinter::detail::base;

namespace {

/// A file with some contents, gone at the end.
struct temporary_file {
    std::string path = "/tmp/sinter_system_file_" + std::to_string(::getpid());
    explicit temporary_file(const std::string& text) { std::ofstream{path} << text; }
    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;
    ~temporary_file() { ::unlink(path.c_str()); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(system_file_test)

BOOST_AUTO_TEST_CASE(a_file_is_read_as_it_is) {
    BOOST_TEST(read_system_file(temporary_file{"max 100000\n"}.path.c_str()) == "max 100000\n");
    BOOST_TEST(read_system_file(temporary_file{"17"}.path.c_str()) == "17");
    BOOST_TEST(read_system_file(temporary_file{""}.path.c_str()).empty());
    BOOST_TEST(read_system_file(temporary_file{std::string(10000, '7')}.path.c_str()) == std::string(4096, '7'));
    BOOST_TEST(!read_system_file("/proc/self/stat").empty());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_empty) {
    BOOST_TEST(read_system_file("/sys/no/such/file").empty());
    BOOST_TEST(read_system_file("/").empty());
}

BOOST_AUTO_TEST_CASE(numbers_are_taken_from_the_front) {
    std::string_view text = " 100\t-20 32K";
    BOOST_TEST(take_number<int>(text).value() == 100);
    BOOST_TEST(take_number<int>(text).value() == -20);
    BOOST_TEST(take_number<int>(text).value() == 32);
    BOOST_TEST(text == "K");
    BOOST_TEST(!take_number<int>(text).has_value());
    BOOST_TEST(text == "K");
    for (const char* const none : {"", " \n", "max 100000", "99999999999999999999"}) {
        std::string_view rest = none;
        BOOST_TEST(!take_number<std::int64_t>(rest).has_value(), none);
        BOOST_TEST(rest == none);
    }
}

BOOST_AUTO_TEST_CASE(lists_name_numbers_and_ranges) {
    const std::vector<int> expected = {0, 1, 2, 3, 8, 10, 11};
    BOOST_TEST(parse_list("0-3,8,10-11\n") == expected, boost::test_tools::per_element());
    BOOST_TEST(parse_list("0\n") == std::vector<int>{0}, boost::test_tools::per_element());
    BOOST_TEST(parse_list("").empty());
    BOOST_TEST(parse_list("\n").empty());
    BOOST_TEST(parse_list("none").empty());
    BOOST_TEST(parse_list("2,x,3") == std::vector<int>{2}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_list_may_go_to_the_largest_number) {
    const int top = std::numeric_limits<int>::max();
    const std::string list = std::to_string(top - 1) + "-" + std::to_string(top);
    const std::vector<int> expected = {top - 1, top};
    BOOST_TEST(parse_list(list) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
