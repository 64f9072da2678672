#include "support/check.hpp"

#include <vector>

// A reshape of what is pending is computed in the new shape where that is possible, and has the same bits either way.

namespace {

namespace sn = sinter;
using sn::all;
using sn::newaxis;
using support::check;
using array = sn::array<float>;

[[nodiscard]] array noise(const sn::extents& shape, std::uint64_t seed) {
    array x = sn::random::normal<float>(sn::random::key{seed}, shape);
    x.eval();
    return x;
}

[[nodiscard]] std::size_t kernels(const array& y) { return sn::explain(y).kernels.size(); }

/// The same with memory between the value and its reshape.
void check_as_stored(const array& y, const sn::extents& shape) {
    const array reshaped = sn::sqrt(y.reshape(shape)) + 1.0f;
    reshaped.eval();
    array stored = y;
    stored.eval();
    const array wanted = sn::sqrt(stored.reshape(shape)) + 1.0f;
    BOOST_TEST((sn::extents(reshaped.shape()) == shape));
    BOOST_TEST(reshaped.to_vector() == wanted.to_vector());
}

BOOST_AUTO_TEST_SUITE(reshaping)

BOOST_AUTO_TEST_CASE(is_no_pass_over_memory) {
    const array x = noise({24, 30}, 1), row = noise({30}, 2), column = noise({24, 1}, 3);
    BOOST_TEST(kernels((x * 2.0f + x).reshape({720}) + 1.0f) == 1U);
    BOOST_TEST(kernels((x * row).reshape({2, 12, 30}) + 1.0f) == 1U);
    BOOST_TEST(kernels((x * row).reshape({24, 5, 6}) + 1.0f) == 1U);
    BOOST_TEST(kernels((x * column).reshape({4, 6, 30}) + 1.0f) == 1U);
    BOOST_TEST(kernels((x * column).reshape({4, 6, 1, 5, 6}) + 1.0f) == 1U);
    BOOST_TEST(kernels(sn::sum((x + 1.0f).reshape({72, 10}), {.axis = 1})) == 1U);
    BOOST_TEST(kernels(sn::sum((x + 1.0f).reshape({24, 3, 10}), {.axis = 1})) == 1U);
    // One after the other, and with axes in another order behind it.
    BOOST_TEST(kernels((((x + 1.0f).reshape({720}) * 2.0f).reshape({8, 90}) - 3.0f).transpose() * 2.0f) == 1U);
    // Neither of these is whole: a row that each row goes with, other rows' elements.
    BOOST_TEST(kernels((x * row).reshape({720}) + 1.0f) == 2U);
    BOOST_TEST(kernels((x(all, sn::range({}, {}, -1)) + 1.0f).reshape({720}) + 1.0f) == 2U);
    BOOST_TEST(kernels((x.transpose() + 1.0f).reshape({720}) + 1.0f) == 2U);
}

BOOST_AUTO_TEST_CASE(has_the_same_bits) {
    const array x = sn::abs(noise({24, 30}, 1)), row = sn::abs(noise({30}, 2)), column = sn::abs(noise({24, 1}, 3)), cube = sn::abs(noise({4, 6, 30}, 4));
    sn::eval(x, row, column, cube);
    for (const sn::extents& shape : {sn::extents{720}, {2, 360}, {8, 3, 30}, {24, 5, 6}, {4, 6, 5, 3, 2}, {48, 15}, {1, 24, 1, 30}, {6, 4, 30}, {30, 24}}) {
        check_as_stored(x * 2.0f + 0.5f, shape);
        check_as_stored(x * row + column, shape);
        check_as_stored(x * row, shape);
        check_as_stored(x + column, shape);
        check_as_stored(cube * row, shape);
        check_as_stored(cube * cube(all, sn::range(0, 1), all), shape);
        check_as_stored(x(sn::range({}, {}, -1), all) * 3.0f, shape);
        check_as_stored(x(all, sn::range({}, {}, -1)) * 3.0f, shape);
        check_as_stored(x.transpose() * 3.0f, shape);
        check_as_stored(x / sn::sum(x, {.axis = 1, .keepdims = true}), shape);
        check_as_stored(x / sn::max(x, {.axis = 0}), shape);
        check_as_stored(sn::broadcast_to(column, {24, 30}) * 1.5f, shape);
        check_as_stored(sn::broadcast_to(row, {24, 30}) * 1.5f, shape);
        check_as_stored(sn::full({24, 30}, 2.0f) * 1.5f, shape);
        check_as_stored(sn::cast<float>(sn::arange<std::int32_t>(720).reshape({24, 30})) + x, shape);
        check_as_stored(sn::random::uniform<float>(sn::random::key{7}, {24, 30}) + x, shape);
        check_as_stored(sn::cumsum(x, {.axis = 1}) + 1.0f, shape);
        check_as_stored(sn::take(x, sn::array<int>{3, 1, 2}, {.axis = 0})(newaxis, all, all) + sn::zeros<float>({8, 3, 30}), shape);
    }
}

BOOST_AUTO_TEST_CASE(memory_that_is_read_in_two_shapes_stays) {
    for (int turn = 0; turn < 3; ++turn) {
        array x = sn::arange<float>(12).eval();
        const array a = x + 100.0f, b = (x * 2.0f).reshape({3, 4}) + 1.0f;
        x = x * -1.0f;
        sn::eval(a, b, x);
        check(a(sn::range(0, 3)), {3}, {100, 101, 102});
        check(b(2, all), {4}, {17, 19, 21, 23});
        check(x(sn::range(9, 12)), {3}, {-9, -10, -11});
    }
    array y = sn::arange<float>(12).eval();
    const array c = (y * 2.0f).reshape({3, 4}) + 1.0f;
    y(sn::range(0, 6)) = 0.0f;
    sn::eval(y, c);
    check(c(0, all), {4}, {1, 3, 5, 7});
    check(y(sn::range(4, 8)), {4}, {0, 0, 6, 7});
}

BOOST_AUTO_TEST_CASE(what_is_long_is_not_computed_in_both_shapes) {
    const array x = sn::abs(noise({40, 50}, 1));
    const array costly = sn::exp(sn::sin(sn::log(sn::sqrt(x) + 1.0f) * 3.0f) + 2.0f);
    const array a = costly * 2.0f, b = costly.reshape({2000}) + 1.0f;
    const sn::plan_report r = sn::explain(a, b);
    std::size_t sines = 0;
    for (const auto& k : r.kernels) sines += static_cast<std::size_t>(std::count(k.ops.begin(), k.ops.end(), "sin"));
    BOOST_TEST(sines == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_asked_for_again_and_again_is_stored) {
    const array x = noise({40, 50}, 1);
    const array y = sn::tanh(x);
    for (int turn = 0; turn < 3; ++turn) BOOST_TEST(sn::sum(y.reshape({2000})).item() == sn::sum(sn::tanh(x.reshape({2000}))).item());
    BOOST_TEST(!y.is_pending());
}

BOOST_AUTO_TEST_CASE(may_be_written_into) {
    const array row = noise({1, 65}, 1);
    array column = sn::log(sn::abs(row) + 1.0f).reshape({65, 1});
    const array before = column;
    column(all, 0) = column(sn::range({}, {}, -1), 0) + 1.0f;
    for (const sn::index_t i : {0, 1, 64}) {
        BOOST_TEST(column.at(i, 0) == before.at(64 - i, 0) + 1.0f);
        BOOST_TEST(before.at(i, 0) == array(sn::log(sn::abs(row) + 1.0f)).at(0, i));
    }
    array flat = (row + 2.0f).reshape({65});
    flat(sn::range(0, 5)) = 0.0f;
    check(flat.reshape({13, 5})(0, all), {5}, {0, 0, 0, 0, 0});
    BOOST_TEST(flat.at(5) == row.at(0, 5) + 2.0f);
}

BOOST_AUTO_TEST_CASE(integers_divide_in_any_shape) {
    const sn::array<int> i = sn::arange<int>(24).reshape({4, 6}), by = sn::arange<int>(24).reshape({4, 6}) - 5;
    support::check_throws<sn::value_error>([&] { sn::array<int>((i / by).reshape({24}) + 1).eval(); }, {"divide: an integer is divided by zero"});
    const sn::array<int> good = (i / (by * by + 1)).reshape({24}) + 1;
    BOOST_TEST(good.at(5) == 6);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
