#include "support/check.hpp"

// Misuse of arrays as indices: the type of the exception and the whole of its message. Nothing has changed then.

namespace {

namespace sn = sinter;
using ints = sn::array<std::int32_t>;
using floats = sn::array<float>;
using sn::index_error;
using support::check;
using support::check_message;
using support::check_throws;

const floats row{10, 20, 30, 40, 50};
const floats m{{1, 2, 3}, {4, 5, 6}};

/// A statement of that line, evaluated.
template <class X>
void evaluate(const X& x) {
    static_cast<void>(x.eval());
}

constexpr sn::detail::source here{"program.cpp", 7};

BOOST_AUTO_TEST_SUITE(indexing)

BOOST_AUTO_TEST_CASE(out_of_range_at_evaluation) {
    check_message<index_error>([] { evaluate(sn::take(row, ints{0, 5}, {}, here)); }, "program.cpp:7: take: index 5 at position 1 is out of range for axis 0 of extent 5");
    check_message<index_error>([] { evaluate(sn::take(row, ints{{0, 1}, {-6, 9}}, {}, here)); }, "program.cpp:7: take: index -6 at position (1, 0) is out of range for axis 0 of extent 5");
    check_message<index_error>([] { evaluate(sn::take(row, 5, {}, here)); }, "program.cpp:7: take: index 5 is out of range for axis 0 of extent 5");
    check_message<index_error>([] { evaluate(sn::take(m, ints{2, 3}, {.axis = -1}, here)); }, "program.cpp:7: take: index 3 at position 1 is out of range for axis 1 of extent 3");
    check_message<index_error>([] { evaluate(sn::take(row, sn::array<std::uint64_t>{~std::uint64_t{0}}, {}, here)); },
                               "program.cpp:7: take: index 18446744073709551615 at position 0 is out of range for axis 0 of extent 5");
    check_message<index_error>([] { evaluate(sn::take(row, sn::array<std::int8_t>{-128}, {}, here)); }, "program.cpp:7: take: index -128 at position 0 is out of range for axis 0 of extent 5");
    check_message<index_error>([] { evaluate(sn::take_along_axis(m, ints{{0, 1, 2}}, {.axis = 0}, here)); },
                               "program.cpp:7: take_along_axis: index 2 at position (0, 2) is out of range for axis 0 of extent 2");
    check_message<index_error>([] { evaluate(sn::take(sn::zeros<float>({3, 0}), ints{4}, {.axis = 0}, here)); }, "program.cpp:7: take: index 4 at position 0 is out of range for axis 0 of extent 3");
    check_throws<index_error>([] { evaluate(row(ints{7})); }, {"indexing.cpp:", "take: index 7 at position 0"});
    // Indices that are not in memory, and a statement around it.
    check_throws<index_error>([] { evaluate(floats(sn::take(row, ints{1, 3} * 2, {}, here) * 2.0f)); }, {"program.cpp:7: take: index 6 at position 1"});
    check_throws<index_error>([] { static_cast<void>(sn::sum(sn::take(row, ints{1, 3} * 2, {}, here)).item()); }, {"program.cpp:7: take: index 6 at position 1"});
}

BOOST_AUTO_TEST_CASE(what_is_looked_up_by_what_is_looked_up) {
    const sn::array<std::int64_t> far{std::int64_t{1} << 40, 0};
    check_throws<index_error>([&] { evaluate(sn::take(row, sn::take(far, ints{0, 1}))); }, {"index 1099511627776 at position 0 is out of range for axis 0 of extent 5"});
    check_throws<index_error>([&] { evaluate(sn::take(row, sn::take(ints{0, 1}, far))); }, {"index 1099511627776 at position 0 is out of range for axis 0 of extent 2"});
}

BOOST_AUTO_TEST_CASE(known_when_recorded) {
    check_message<index_error>([] { static_cast<void>(sn::take(sn::zeros<float>({0, 3}), ints{0, 0}, {.axis = 0})); }, "take: 2 elements of axis 0 of shape (0, 3), which has none");
    check_message<index_error>([] { static_cast<void>(sn::take(m, ints{0}, {.axis = 2})); }, "take: axis 2 is out of range for shape (2, 3)");
    check_message<sn::value_error>([] { static_cast<void>(sn::take(m, ints{0}, {.axis = {0, 1}})); }, "take: one axis or none is needed, 2 are given");
    check_message<sn::shape_error>([] { static_cast<void>(sn::take_along_axis(m, ints{0}, {.axis = 1})); },
                                   "take_along_axis: indices of shape (1) for shape (2, 3): as many axes are needed");
    check_message<sn::shape_error>([] { static_cast<void>(sn::take_along_axis(m, ints{{0}, {0}, {0}}, {.axis = 1})); },
                                   "take_along_axis: indices of shape (3, 1) and the shape (2, 3) do not broadcast but for axis 1");
    check_throws<sn::shape_error>([] { static_cast<void>(sn::take(sn::zeros<float>({1, 1, 1, 1, 1}), sn::zeros<int>({1, 1, 1, 1, 1}), {.axis = 0})); }, {"take: the result would have 9 dimensions"});
}

BOOST_AUTO_TEST_CASE(writes) {
    floats x = row;
    const floats copy = x;
    check_message<index_error>([&] { sn::put(x, ints{1, 2, -6}, 0.0f, here); }, "program.cpp:7: put: index -6 at position 2 is out of range for axis 0 of extent 5");
    check_message<index_error>([&] { sn::put(x, ints{{5}}, 0.0f, {}); }, "put: index 5 at position (0, 0) is out of range for axis 0 of extent 5");
    floats y = m;
    check_message<index_error>([&] { sn::put_along_axis(y, ints{{0}, {3}}, 0.0f, {.axis = 1}, here); },
                               "program.cpp:7: put_along_axis: index 3 at position (1, 0) is out of range for axis 1 of extent 3");
    check_message<sn::shape_error>([&] { sn::put_along_axis(y, ints{{0}}, 0.0f, {}, here); }, "put_along_axis: indices of shape (1, 1) for a flattened array; of rank 1 are needed");
    check_message<sn::value_error>([&] { sn::put_along_axis(y, ints{{0}}, 0.0f, {.axis = {0, 1}}); }, "put_along_axis: one axis or none is needed, 2 are given");
    check_throws<sn::shape_error>([&] { sn::put_along_axis(y, ints{{0}, {1}}, floats{1, 2, 3}, {.axis = 1}); }, {"(3)", "(2, 1)"});
    check(x, {5}, {10, 20, 30, 40, 50});
    check(y, {2, 3}, {1, 2, 3, 4, 5, 6});
}

BOOST_AUTO_TEST_CASE(masks) {
    floats x = m;
    check_message<index_error>([&] { floats(x(sn::array<bool>{true, false, true})).eval(); },
                               "x(mask): a mask of shape (3) for an array of shape (2, 3), whose first axes it has to have");
    check_throws<index_error>([&] { x(sn::array<bool>{true}) = 1.0f; }, {"x(mask): a mask of shape (1)"});
    check_throws<sn::shape_error>([&] { x(x > 2.0f) = floats{1, 2, 3}; }, {"(3)", "(4)"});
    check_throws<sn::shape_error>([&] { x(x > 2.0f) += floats{1, 2, 3}; }, {"(4)", "(3)"});
    check_throws<sn::value_error>([&] { m(m > 2.0f) = 1.0f; }, {"assignment: to a view of an array that is const or temporary"});
    check_throws<sn::value_error>([&] { m(m > 2.0f) += 1.0f; }, {"assignment: to a view of an array that is const or temporary"});
    check(x, {2, 3}, {1, 2, 3, 4, 5, 6});
}

BOOST_AUTO_TEST_CASE(masks_of_rank_0) {
    const sn::array<bool> yes = sn::full<bool>({}, true), no = sn::full<bool>({}, false);
    const floats one = sn::full<float>({}, 7.0f), two{1, 2};
    // As NumPy has it: the array is the only element of a new first axis.
    check(floats(one(yes)), {1}, {7});
    check(floats(one(no)), {0}, {});
    check(floats(two(yes)), {1, 2}, {1, 2});
    check(floats(two(no)), {0, 2}, {});
    floats x = two, y = one;
    x(no) = 5.0f;
    x(yes) += 1.0f;
    check(x, {2}, {2, 3});
    x(yes) = floats{{8, 9}};
    check(x, {2}, {8, 9});
    x(no) = floats{{6, 6}};
    check(x, {2}, {8, 9});
    y(no) = 1.0f;
    check(y, {}, {7});
    y(yes) = 1.0f;
    check(y, {}, {1});
}

BOOST_AUTO_TEST_CASE(an_evaluation_that_throws_changes_nothing) {
    floats x = row * 1.0f, y = row + 1.0f;
    y.eval();
    y = y * 2.0f;
    const floats wrong = sn::take(y, ints{4, 5, 0, 0, 0}) + y;
    check_throws<index_error>([&] { sn::eval(x, y, wrong); }, {"index 5 at position 1"});
    BOOST_TEST(x.is_pending());
    BOOST_TEST(wrong.is_pending());
    check(y, {5}, {22, 42, 62, 82, 102});
    check(x, {5}, {10, 20, 30, 40, 50});
    check_throws<index_error>([&] { wrong.eval(); }, {"index 5 at position 1"});
    std::vector<float> out(5, 9);
    check_throws<index_error>([&] { sn::eval(sn::to(out, wrong)); }, {"index 5"});
    BOOST_TEST(out == std::vector<float>(5, 9), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(dlpack) {
    std::int64_t shape[9] = {2, 1, 1, 1, 1, 1, 1, 1, 1};
    float data[2] = {1, 2};
    sn::dlpack::managed_tensor t{{1, 1}, nullptr, nullptr, 0, {data, {1, 0}, 1, {2, 32, 1}, shape, nullptr, 0}};
    const auto refused = [&](auto change, const char* message) {
        sn::dlpack::managed_tensor wrong = t;
        change(wrong);
        check_message<sn::error>([&] { static_cast<void>(sn::from_dlpack<float>(&wrong)); }, message);
    };
    refused([](auto& w) { w.version = {2, 3}; }, "from_dlpack: the tensor is of version 2.3, version 1 is needed");
    refused([](auto& w) { w.dl_tensor.device = {2, 0}; }, "from_dlpack: the memory is that of device 2, not the processor's, which is 1");
    refused([](auto& w) { w.dl_tensor.dtype = {2, 64, 1}; }, "from_dlpack: the elements are float64, not float32");
    refused([](auto& w) { w.dl_tensor.dtype = {2, 32, 4}; }, "from_dlpack: the elements are float32 x 4, not float32");
    refused([](auto& w) { w.dl_tensor.dtype = {17, 8, 1}; }, "from_dlpack: the elements are code 17 of 8, not float32");
    refused([](auto& w) { w.dl_tensor.byte_offset = 2; }, "from_dlpack: the elements, from byte 2 of the memory, are not aligned to 4 bytes");
    refused([](auto& w) { w.dl_tensor.ndim = 9; }, "from_dlpack: the tensor has 9 axes; an array has at most 8");
    check_message<sn::error>([] { static_cast<void>(sn::from_dlpack<float>(static_cast<sn::dlpack::managed_tensor*>(nullptr))); }, "from_dlpack: the tensor is null");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
