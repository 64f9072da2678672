#include "support/check.hpp"

#include <cmath>

// Misuse of what sorts, selects, searches and counts: the type of the exception and the whole of its message.

namespace {

namespace sn = sinter;
using ints = sn::array<std::int32_t>;
using support::check_message;
using support::check_throws;

const sn::array<float> m = sn::ones<float>({2, 3});
const sn::array<float> row{3, 1, 2};

BOOST_AUTO_TEST_SUITE(order)

BOOST_AUTO_TEST_CASE(axes) {
    check_message<sn::index_error>([] { static_cast<void>(sn::sort(m, {.axis = 2})); }, "sort: axis 2 is out of range for shape (2, 3)");
    check_message<sn::index_error>([] { static_cast<void>(sn::sort(sn::array<float>(sn::sum(m)))); }, "sort: axis -1 is out of range for shape ()");
    check_message<sn::index_error>([] { static_cast<void>(sn::argsort(m, {.axis = -3})); }, "argsort: axis -3 is out of range for shape (2, 3)");
    check_message<sn::index_error>([] { static_cast<void>(sn::partition(m, 0, {.axis = 5})); }, "partition: axis 5 is out of range for shape (2, 3)");
    check_message<sn::index_error>([] { static_cast<void>(sn::topk(m, 1, {.axis = 5})); }, "topk: axis 5 is out of range for shape (2, 3)");
    check_message<sn::index_error>([] { static_cast<void>(sn::median(m, {.axis = 2})); }, "median: axis 2 is out of range for shape (2, 3)");
    check_message<sn::index_error>([] { static_cast<void>(sn::quantile(m, 0.5, {.axis = {0, 2}})); }, "quantile: axis 2 is out of range for shape (2, 3)");
    check_message<sn::value_error>([] { static_cast<void>(sn::quantile(m, 0.5, {.axis = {0, -2}})); }, "quantile: axis -2 is given twice for shape (2, 3)");
    check_message<sn::value_error>([] { static_cast<void>(sn::sort(m, {.axis = {0, 1}})); }, "sort: one axis or none is needed, 2 are given");
    check_message<sn::value_error>([] { static_cast<void>(sn::argpartition(m, 0, {.axis = {0, 1}})); }, "argpartition: one axis or none is needed, 2 are given");
}

BOOST_AUTO_TEST_CASE(places) {
    check_message<sn::index_error>([] { static_cast<void>(sn::partition(m, 3)); }, "partition: kth is 3, but axis 1 of shape (2, 3) has 3 elements");
    check_message<sn::index_error>([] { static_cast<void>(sn::partition(m, -3, {.axis = 0})); }, "partition: kth is -3, but axis 0 of shape (2, 3) has 2 elements");
    check_message<sn::index_error>([] { static_cast<void>(sn::argpartition(m, 6, {.axis = {}})); }, "argpartition: kth is 6, but shape (2, 3) has 6 elements");
    check_message<sn::value_error>([] { static_cast<void>(sn::topk(m, 4)); }, "topk: k is 4, but axis 1 of shape (2, 3) has 3 elements");
    check_message<sn::value_error>([] { static_cast<void>(sn::topk(m, -1, {.axis = {}})); }, "topk: k is -1, but shape (2, 3) has 6 elements");
    check_message<sn::value_error>([] { static_cast<void>(sn::quantile(m, 1.5)); }, "quantile: q is 1.5, not from 0 to 1");
    check_message<sn::value_error>([] { static_cast<void>(sn::quantile(m, {0.5, -0.25})); }, "quantile: q is -0.25, not from 0 to 1");
    check_throws<sn::value_error>([] { static_cast<void>(sn::quantile(m, std::nan(""))); }, {"quantile: q is ", "nan, not from 0 to 1"});
}

BOOST_AUTO_TEST_CASE(searching_and_counting) {
    check_message<sn::shape_error>([] { static_cast<void>(sn::searchsorted(m, 1.0f)); }, "searchsorted: the sorted array has shape (2, 3), one axis is needed");
    check_message<sn::shape_error>([] { static_cast<void>(sn::nonzero(sn::array<float>(sn::sum(m)))); },
                                   "nonzero: an array of rank 0 has no axes to have indices along; flatnonzero takes it");
    check_message<sn::shape_error>([] { static_cast<void>(sn::bincount(sn::ones<int>({2, 3}))); }, "bincount: the array has shape (2, 3), one axis is needed");
    check_message<sn::value_error>([] { static_cast<void>(sn::bincount(ints{3, -1, -7})); }, "bincount: element 1 is -1, below 0");
    check_message<sn::value_error>([] { static_cast<void>(sn::bincount(ints{3}, {.minlength = -2})); }, "bincount: minlength is -2, below 0");
    check_message<sn::shape_error>([] { static_cast<void>(sn::bincount(ints{3, 4}, row)); }, "bincount: the weights have shape (3), the array (2)");
    check_message<sn::value_error>([] { static_cast<void>(sn::bincount(ints{3, -4, 5}, row)); }, "bincount: element 1 is -4, below 0");
    check_throws<sn::memory_error>([] { static_cast<void>(sn::bincount(sn::array<std::uint64_t>{1, std::uint64_t{1} << 63})); }, {"more bytes than can be addressed"});
}

BOOST_AUTO_TEST_CASE(histograms) {
    check_message<sn::value_error>([] { static_cast<void>(sn::histogram(m, 0)); }, "histogram: bins is 0, at least 1 is needed");
    check_message<sn::value_error>([] { static_cast<void>(sn::histogram(m, 4, {2, 1})); }, "histogram: the range from 2 to 1 has its ends the wrong way round");
    check_message<sn::value_error>([] { static_cast<void>(sn::histogram(m, 4, {0, std::numeric_limits<double>::infinity()})); },
                                   "histogram: the range from 0 to inf is not finite");
    check_throws<sn::value_error>([] { static_cast<void>(sn::histogram(row / 0.0f, 4)); }, {"histogram: the range from ", " is not finite"});
    check_message<sn::value_error>([] { static_cast<void>(sn::histogram(m, row)); }, "histogram: the edges do not increase: 3 is followed by 1");
    check_message<sn::shape_error>([] { static_cast<void>(sn::histogram(m, 2, {}, {.weights = {1, 2}})); }, "histogram: the weights have shape (2), the array (2, 3)");
    check_message<sn::shape_error>([] { static_cast<void>(sn::histogram(row, m)); }, "histogram: the edges have shape (2, 3), one axis of at least 2 is needed");
    check_message<sn::shape_error>([] { static_cast<void>(sn::histogram(row, sn::array<float>{1})); }, "histogram: the edges have shape (1), one axis of at least 2 is needed");
}

/// An operand that fails is named by its own line, and nothing else has changed.
BOOST_AUTO_TEST_CASE(operands_that_fail) {
    const ints zero{0, 1}, y{4, 5};
    const ints quotient(y / zero, "program.cpp", 12);
    check_throws<sn::value_error>([&] { static_cast<void>(sn::sort(quotient)); }, {"program.cpp:12", "divide"});
    check_throws<sn::value_error>([&] { static_cast<void>(sn::median(y / zero)); }, {"order.cpp:", "divide"});
    support::check_ints(y, {2}, {4, 5});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
