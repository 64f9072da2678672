#include "support/check.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

// Every message of the library, with a program that provokes it. messages.py sees to it that none is missing.

namespace {

namespace sn = sinter;
using sn::all;
using sn::index_t;
using sn::range;
using floats = sn::array<float>;
using ints = sn::array<std::int32_t>;

struct row {
    row(const char* what, std::function<void()> how, unsigned at = __builtin_LINE()) : text{what}, program{std::move(how)}, line{at} {}

    std::string text;  // the whole of it; "@: " in front stands for this row's file and line
    std::function<void()> program;
    unsigned line;
};

/// The row's own file is written without its folder, and the line has to be the row's.
std::string shortened(std::string what, unsigned line) {
    const std::string here = "messages.cpp:" + std::to_string(line) + ": ";
    if (const auto at = what.find(here); at != std::string::npos) what = "@: " + what.substr(at + here.size());
    return what;
}

const floats m = sn::ones<float>({2, 3});
const floats four = sn::ones<float>({4});
const ints whole{6, 7};
const ints none{2, 0};
/// What the compiler does not know: it would warn of the loops over it.
const index_t huge = [] {
    volatile int bits = 62;
    return index_t{1} << bits;
}();

/// Who refers to the arrays that the rows share. What a failed call has taken it gives back.
std::array<std::uint64_t, 4> references() { return {m.reading()->refs, four.reading()->refs, whole.reading()->refs, none.reading()->refs}; }

template <class E>
void provoke(std::initializer_list<row> rows) {
    for (const row& r : rows) {
        std::string what = "nothing";
        const auto before = references();
        try {
            r.program();
        } catch (const E& e) {
            what = e.what();
        } catch (const std::exception& e) {
            what = std::string("another kind of error: ") + e.what();
        }
        BOOST_TEST(shortened(what, r.line) == r.text);
        BOOST_TEST_INFO(r.text);
        BOOST_TEST((references() == before));
    }
}

template <class X>
void use(const X& x) {
    static_cast<void>(x.eval());
}

BOOST_AUTO_TEST_SUITE(messages)

BOOST_AUTO_TEST_CASE(shapes) {
    std::vector<float> out(4);
    floats x{1, 2, 3};
    sn::array<float, sn::dyn, 3> threes;
    float storage[4] = {};
    provoke<sn::shape_error>({
        row{"pairwise: the second operand has shape (2, 2, 2), not (d) or (rows, d)",
            [] { use(sn::pairwise(sn::metrics::euclidean, m, sn::zeros<float>({2, 2, 2}))); }},
        row{"pairwise: the vectors of shapes (2, 3) and (5) differ in length", [] { use(sn::pairwise(sn::metrics::euclidean, sn::zeros<float>({2, 3}), sn::zeros<float>({5}))); }},
        row{"add: the shapes (2, 3) and (4) do not broadcast", [] { use(m + four); }},
        row{"add: the shapes (3) and (4) do not broadcast", [&] { x += four; }},
        row{"compound assignment: the result has shape (2, 3), the array (3)", [&] { x += m; }},
        row{"@: fma: the shapes (2, 3), (4) do not broadcast", [] { const floats y = sn::fn([](auto u, auto v) { return u * v + u; })(m, four); }},
        row{"assignment: an array of shape (any, 3) is given the shape (4)", [&] { threes = four; }},
        row{"assignment: a value of shape (4) does not broadcast to the view's shape (2)", [&] { x(range(0, 2)) = four; }},
        row{"array: the lists in braces are ragged: on axis 1 2 values were expected, a list of 1 found", [] { const floats a{{1, 2}, {3}}; }},
        row{"array: the lists in braces are more than 8 deep", [] { const floats a{{{{{{{{{1, 2}, {3, 4}}}}}}}}}; }},
        row{"roll: more than 8 numbers are given, one for each axis", [] { use(sn::roll(m, {1, 2, 3, 4, 5, 6, 7, 8, 9})); }},
        row{"tile: more than 8 numbers are given, one for each axis", [] { use(sn::tile(m, std::vector<index_t>(9, 2))); }},
        row{"empty: the shape (2, -3) has an extent below 0", [] { use(sn::empty<float>({2, -3})); }},
        row{"random::uniform: the shape (3, -1) has an extent below 0", [] { use(sn::random::uniform<float>(sn::random::key{1}, {3, -1})); }},
        row{"zeros: the shape (-1) has an extent below 0", [] { use(sn::zeros<float>({-1})); }},
        row{"from: the shape (2, -1) has an extent below 0", [] { use(sn::from(std::vector<float>(3), {2, -1})); }},
        row{"borrow: the shape (-1) has an extent below 0", [&] { use(sn::borrow(storage, {-1})); }},
        row{"eye: the shape (-1, -1) has an extent below 0", [] { use(sn::eye<float>(-1)); }},
        row{"borrow: the strides (1) for the shape (1, 1)", [&] { use(sn::borrow(storage, {1, 1}, {1})); }},
        row{"broadcast_to: the shape (2, 3) does not broadcast to (3, 2)", [] { use(sn::broadcast_to(m, {3, 2})); }},
        row{"concatenate: the shapes (2, 3) and (4) do not fit along axis 0", [] { use(sn::concatenate({m, four})); }},
        row{"diagonal: an array of two axes or more is needed, not the shape (4)", [] { use(sn::diagonal(four)); }},
        row{"pad: widths for more than 8 axes", [] { use(sn::pad(four, {{1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}})); }},
        row{"squeeze: axis 1 of shape (2, 3) has an extent that is not 1", [] { use(sn::squeeze(m, -1)); }},
        row{"stack: the shapes (2, 3) and (4) do not fit along axis -1", [] { use(sn::stack({m, four}, {.axis = -1})); }},
        row{"copy_to: a range of 4 elements for an array of 3", [&] { x.copy_to(out); }},
        row{"element: 1 indices for one element of an array of rank 2, shape (2, 3); for a view write all for the other axes", [] { floats a = m; a.at(0) = 1; }},
        row{"from: 3 values for a shape of 4 elements", [] { use(sn::from(std::vector<float>(3), {2, 2})); }},
        row{"from: 3 values for a shape of 1 element", [] { use(sn::from(std::vector<float>(3), sn::extents{})); }},
        row{"@: item: the shape (3) has 3 elements, not one", [] { const floats y = 1.0f * floats{1, 2, 3}; static_cast<void>(y.item()); }},
        row{"reshape: the shape (2, 3) has 6 elements, not those of (4, 2)", [] { use(m.reshape({4, 2})); }},
        row{"reshape: the shape (2, 3) to (-1, -1): one extent may be -1, the others are 0 or more", [] { use(m.reshape({-1, -1})); }},
        row{"reshape: the shape (0) has 0 elements, not those of (4611686018427387904, 4)", [] { use(sn::zeros<float>({0}).reshape({index_t{1} << 62, 4})); }},
        row{"shape: the extent 18446744073709551615 is too large", [] { use(sn::zeros<float>({std::size_t{0} - 1})); }},
        row{"shape: an array has at most 8 dimensions", [] { use(sn::ones<float>({1, 1, 1, 1, 1, 1, 1, 1, 1})); }},
        row{"to: a range of 4 elements for an array of 3", [&] { sn::eval(sn::to(out, x)); }},
        row{"transpose: 1 axes for shape (2, 3)", [] { use(m.transpose({0})); }},
        row{"where: the shapes (4) and (2) do not broadcast", [] { use(sn::where(four > 1.0f, four, sn::ones<float>({2}))); }},
        row{"@: less, where: the shapes (4), (2) do not broadcast",
            [] { const floats y = sn::fn([](auto u, auto v) { return select(u < v, u, v); })(four, sn::ones<float>({2})); }, __builtin_LINE()},
    });
}

BOOST_AUTO_TEST_CASE(more_axes_than_there_may_be) {
    const floats deep = sn::ones<float>({1, 1, 1, 1, 1, 1, 1, 1});
    provoke<sn::shape_error>({
        row{"expand_dims: the result would have 9 dimensions, an array has at most 8", [&] { use(sn::expand_dims(deep, 0)); }},
        row{"quantile: the result would have 9 dimensions, an array has at most 8", [&] { use(sn::quantile(deep, {0.5, 0.75}, {.axis = 0, .keepdims = true})); }},
        row{"stack: the result would have 9 dimensions, an array has at most 8", [&] { use(sn::stack({deep, deep})); }},
        row{"take: the result would have 9 dimensions, an array has at most 8", [&] { use(sn::take(deep, ints{{0}}, {.axis = 0})); }},
        row{"view: the result would have 9 dimensions, an array has at most 8", [&] { use(deep(sn::newaxis, sn::ellipsis)); }},
        row{"x(mask): the result would have 9 dimensions, an array has at most 8", [&] { use(deep(sn::full<bool>({}, true))); }},
    });
}

BOOST_AUTO_TEST_CASE(indices) {
    provoke<sn::index_error>({
        row{"axis: more than 8 axes are given", [] { use(sn::sum(m, {.axis = {0, 0, 0, 0, 0, 0, 0, 0, 0}})); }},
        row{"element: index 5 is out of range on axis 0 of shape (2, 3)", [] { static_cast<void>(static_cast<float>(m(5, 0))); }},
        row{"cumprod: axis 2 is out of range for shape (2, 3)", [] { use(sn::cumprod(m, {.axis = 2})); }},
        row{"expand_dims: axis 4 is out of range for a result of rank 3", [] { use(sn::expand_dims(m, 4)); }},
        row{"extent: axis 2 is out of range for an array of rank 2", [] { static_cast<void>(m.extent(2)); }},
        row{"flip: axis 2 is out of range for shape (2, 3)", [] { use(sn::flip(m, 2)); }},
        row{"sum: axis -3 is out of range for shape (2, 3)", [] { use(sn::sum(m, {.axis = -3})); }},
        row{"transpose: axis 2 is out of range for shape (2, 3)", [] { use(m.transpose({0, 2})); }},
        row{"view: 3 indices for an array of rank 2, shape (2, 3)", [] { use(m(all, all, all)); }},
        row{"view: index 3 is out of range on axis 1 of shape (2, 3)", [] { use(m(all, 3)); }},
        row{"view: two ellipses in the indices for the shape (2, 3)", [] { use(m(sn::ellipsis, sn::ellipsis)); }},
    });
}

BOOST_AUTO_TEST_CASE(values) {
    alignas(8) char bytes[16] = {};
    float storage[4] = {};
    const floats fixed{1, 2};
    provoke<sn::value_error>({
        row{"arange: the step is zero", [] { use(sn::arange<float>(0, 1, 0)); }},
        row{"arange: no number of steps leads from 0.000000 to nan in steps of 1.000000", [] { use(sn::arange<float>(0, std::numeric_limits<float>::quiet_NaN(), 1)); }},
        row{"arange: no number of steps leads from 0.000000 to 1.000000 in steps of nan", [] { use(sn::arange<double>(0, 1, std::numeric_limits<double>::quiet_NaN())); }},
        row{"argmax: nothing to reduce in shape (0, 3)", [] { use(sn::argmax(sn::ones<float>({0, 3}), {.axis = 0})); }},
        row{"argmin: one axis or none is needed, 2 are given", [] { use(sn::argmin(m, {.axis = {0, 1}})); }},
        row{"assignment: to a view of an array that is const or temporary", [&] { fixed(range(0, 1)) = 5.0f; }},
        row{"borrow: a null pointer for the shape (3)", [] { use(sn::borrow(static_cast<float*>(nullptr), {3})); }},
        row{"borrow: a pointer that is not aligned for float32, shape (2)", [&] { use(sn::borrow(reinterpret_cast<float*>(bytes + 1), {2})); }},
        row{"mutable_data: the elements of a borrowed array of shape (2) are not one after another in memory: write x(...) = y, or x.at(...)",
            [&] { floats a = sn::borrow(storage, {2}, {2}); static_cast<void>(a.mutable_data()); }},
        row{"@: divide: an integer is divided by zero, in shapes (2), (2)", [] { const ints y = whole / none; use(y); }},
        row{"@: divide: an integer is divided by zero, in shapes (2), (2)", [] { use(sn::sum(whole / none)); }},
        row{"@: modulo: an integer is divided by zero, in shape (2)", [] { const ints y = whole % 0; use(y); }},
        row{"@: divide, modulo: an integer is divided by zero, in shapes (2), (2), (2)", [] { const ints y = whole / 3 + whole % none; use(y); }},
        row{"@: divide: an integer is divided by zero, in shapes (2), (2)", [] { use(sn::fn([](auto u, auto v) { return u / v; })(whole, none)); }},
        row{"@: divide: an integer is divided by zero, in shapes (2), (2)", [] { ints y = whole; y /= none; use(y); }},
        row{"calibrate_in_background: after_seconds is -1.000000, not a time", [] { sn::calibrate_in_background(-1); }},
        row{"concatenate: no arrays are given", [] { use(sn::concatenate(std::vector<floats>{})); }},
        row{"cumsum: one axis or none is needed, 2 are given", [] { use(sn::cumsum(m, {.axis = {0, 1}})); }},
        row{"cumprod: one axis or none is needed, 2 are given", [] { use(sn::cumprod(sn::ones<std::complex<float>>({2, 3}), {.axis = {0, 1}})); }},
        row{"expand_dims: axis -3 is given twice", [] { use(sn::expand_dims(m, {1, -3})); }},
        row{"moveaxis: 2 axes are moved to 1 places", [] { use(sn::moveaxis(m, {0, 1}, 0)); }},
        row{"pad: widths for 2 axes, the shape is (4)", [] { use(sn::pad(four, {{1, 1}, {1, 1}})); }},
        row{"pad: a width is negative, on axis 0 of shape (4)", [] { use(sn::pad(four, {0, -1})); }},
        row{"pad: nothing to repeat, on axis 0 of shape (0)", [] { use(sn::pad(floats(), 1, sn::pad_mode::edge)); }},
        row{"repeat: one axis or none is needed, 2 are given", [] { use(sn::repeat(m, 2, {.axis = {0, 1}})); }},
        row{"roll: 2 shifts without axes", [] { use(sn::roll(m, {1, 2})); }},
        row{"roll: 2 shifts for 1 axes", [] { use(sn::roll(m, {1, 2}, {.axis = 0})); }},
        row{"tile: -1 times", [] { use(sn::tile(m, -1)); }},
        row{"linspace: the count is negative", [] { use(sn::linspace<float>(0, 1, -2)); }},
        row{"max: nothing to reduce in shape (0, 3)", [] { use(sn::max(sn::ones<float>({0, 3}), {.axis = 0})); }},
        row{"min: axis 1 is given twice for shape (2, 3)", [] { use(sn::min(m, {.axis = {1, 1}})); }},
        row{"random::bernoulli: the probability is -0.500000, not from 0 to 1", [] { use(sn::random::bernoulli(sn::random::key{1}, -0.5, {2})); }},
        row{"random::bernoulli: the probability is nan, not from 0 to 1", [] { use(sn::random::bernoulli(sn::random::key{1}, std::numeric_limits<double>::quiet_NaN(), {2})); }},
        row{"random::integers: low is 5 and high is 5, which leaves no number", [] { use(sn::random::integers<std::uint8_t>(sn::random::key{1}, 5, 5, {2})); }},
        row{"random::permutation: of -1 numbers", [] { use(sn::random::permutation(sn::random::key{1}, -1)); }},
        row{"random::split: into -1 keys", [] { static_cast<void>(sn::random::split(sn::random::key{1}, -1)); }},
        row{"range: the step is zero, on axis 0 of shape (2, 3)", [] { use(m(range(0, 2, 0))); }},
        row{"transpose: axis 0 is given twice for shape (2, 3)", [] { use(m.transpose({0, 0})); }},
    });
}

BOOST_AUTO_TEST_CASE(a_value_outside_of_its_function) {
    using lane = decltype(sn::lane<sn::detail::traced<float>>{sn::detail::traced<float>{}});
    static std::optional<lane> kept;
    use(sn::fn([](auto v) {
        kept = v;
        return v;
    })(four));
    provoke<sn::value_error>({row{"fn: a value of a function is used outside of it", [] { static_cast<void>(*kept + *kept); }}});
}

BOOST_AUTO_TEST_CASE(memory) {
    provoke<sn::memory_error>({
        row{"empty: the shape (1099511627776, 1099511627776) has more bytes than can be addressed", [] { use(sn::empty<float>({index_t{1} << 40, index_t{1} << 40})); }},
        row{"random::uniform: the shape (2305843009213693952) has more bytes than can be addressed", [] { use(sn::random::uniform<float>(sn::random::key{1}, {huge / 2})); }},
        row{"random::split: out of memory", [] { static_cast<void>(sn::random::split(sn::random::key{1}, index_t{1} << 61)); }},
        row{"zeros: the shape (4611686018427387904, 2) has more bytes than can be addressed", [] { use(sn::zeros<float>({index_t{1} << 62, 2})); }},
        row{"arange: the shape (9223372036854775807) has more bytes than can be addressed", [] { use(sn::arange<float>(0, std::numeric_limits<float>::infinity(), 1)); }},
        row{"broadcast_to: the shape (4611686018427387904, 4) has more bytes than can be addressed", [] { use(sn::broadcast_to(four, {huge, 4})); }},
        row{"eye: the shape (4611686018427387904, 4611686018427387904) has more bytes than can be addressed", [] { use(sn::eye<float>(huge)); }},
        row{"linspace: the shape (4611686018427387904) has more bytes than can be addressed", [] { use(sn::linspace<float>(0, 1, huge)); }},
        row{"multiply: the shape (144115188075855872, 4) has more bytes than can be addressed", [] { use(sn::broadcast_to(sn::ones<float>({1, 1}), {huge / 32, 1}) * four); }},
        row{"concatenate: 4611686018427387904 and 4611686018427387904 elements along an axis are more than can be addressed",
            [] {
                const floats wide = sn::ones<float>({0, huge});
                use(sn::concatenate({wide, wide}, {.axis = 1}));
            }},
        row{"pad: 4611686018427387908 and 4611686018427387904 elements along an axis are more than can be addressed", [] { use(sn::pad(four, {huge, huge})); }},
        row{"repeat: 4 elements, 4611686018427387904 times, are more than can be addressed", [] { use(sn::repeat(four, huge)); }},
        row{"repeat: the shape (4611686018427387904) has more bytes than can be addressed", [] { use(sn::repeat(four, huge / 4)); }},
        row{"tile: 4 elements, 4611686018427387904 times, are more than can be addressed", [] { use(sn::tile(four, huge)); }},
        row{"tile: the shape (1152921504606846976, 8) has more bytes than can be addressed", [] { use(sn::tile(four, {huge / 4, 2})); }},
        row{"cannot allocate 4503599627370496 bytes for an array", [] { use(sn::empty<float>({index_t{1} << 50})); }},
        row{"bincount: cannot allocate 9007199254740992 bytes for an array", [] { use(sn::bincount(whole, {.minlength = index_t{1} << 50})); }},
        row{"bincount: the shape (2305843009213693952) has more bytes than can be addressed", [] { use(sn::bincount(whole, {.minlength = huge / 2})); }},
        row{"@: cannot allocate 4503599627370496 bytes for an array", [] { const floats y = sn::zeros<float>({index_t{1} << 50}) + 1.0f; use(y); }},
        row{"@: eval: 4000 bytes are needed, max_bytes is 100", [] { const floats y = sn::ones<float>({1000}) + 1.0f; sn::eval({.max_bytes = 100}, y); }},
    });
}

BOOST_AUTO_TEST_CASE(settings) {
    provoke<sn::settings_error>({
        row{"scoped_options: threads is -1, 1 or more are needed", [] { const sn::scoped_options o{.threads = -1}; }},
        row{"set_threads(0): the number of threads is from 1 to 1024", [] { sn::set_threads(0); }},
    });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
