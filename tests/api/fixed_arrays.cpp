#include <sinter/fixed.hpp>

#include "support/check.hpp"

#include <algorithm>
#include <memory>
#include <sstream>
#include <tuple>

// Arrays of static shape among all others: what is not compiled in place takes them as arrays of run-time shape, and what is has the same bits.

namespace {

namespace sn = sinter;
using sn::all;
using sn::index_t;
using sn::range;

/// Values with signs and fractions, and a zero.
template <class A>
A some_values() {
    using T = typename A::value_type;
    A x;
    for (index_t i = 0; i < A::size(); ++i) {
        const float v = static_cast<float>((i * 7 + 3) % 11) - 4.0f;
        if constexpr (std::same_as<T, bool>) x.mutable_data()[i] = i % 3 != 0;
        else if constexpr (std::integral<T>) x.mutable_data()[i] = static_cast<T>(v);
        else x.mutable_data()[i] = static_cast<T>(v * 0.71f);
    }
    return x;
}

/// The same shape and bits, whatever the two are.
template <class X, class Y>
void equal(const char* what, const X& found, const Y& expected) {
    using T = typename X::value_type;
    static_assert(std::same_as<T, typename Y::value_type>);
    BOOST_TEST_CONTEXT(what) {
        BOOST_TEST(support::shape_of(found) == support::shape_of(expected), boost::test_tools::per_element());
        const std::vector<T> a = found.to_vector(), b = expected.to_vector();
        BOOST_TEST_REQUIRE(a.size() == b.size());
        for (std::size_t i = 0; i < a.size(); ++i) BOOST_TEST(support::same<T>(a[i], b[i]));
    }
}
#define EQUAL(FOUND, EXPECTED) equal(#FOUND, FOUND, EXPECTED)

template <class A>
void reductions_of() {
    using T = typename A::value_type;
    const A x = some_values<A>();
    const sn::array<T> d = x;
    EQUAL(sum(x), sum(d));
    EQUAL(prod(x), prod(d));
    EQUAL(mean(x), mean(d));
    EQUAL(all(x), all(d));
    EQUAL(any(x), any(d));
    EQUAL(count_nonzero(x), count_nonzero(d));
    EQUAL(sn::count_nonzero<0>(x), count_nonzero(d, {.axis = 0}));
    EQUAL(sum(x, {.axis = -1}), sum(d, {.axis = -1}));
    EQUAL(sum(x, {.axis = {0, 2}, .keepdims = true}), sum(d, {.axis = {0, 2}, .keepdims = true}));
    EQUAL(prod(x, {.axis = 1}), prod(d, {.axis = 1}));
    EQUAL(mean(x, {.axis = 1}), mean(d, {.axis = 1}));
    EQUAL(all(x, {.axis = 0}), all(d, {.axis = 0}));
    EQUAL(any(x, {.axis = 2}), any(d, {.axis = 2}));
    EQUAL(count_nonzero(x, {.axis = {0, 1}}), count_nonzero(d, {.axis = {0, 1}}));
    if constexpr (!std::same_as<T, bool>) {
        EQUAL(norm(x), norm(d));
        EQUAL(sn::norm<1>(x), norm(d, {.axis = 1}));
        EQUAL(norm(x, {.axis = {1, 2}}), norm(d, {.axis = {1, 2}}));
        EQUAL(var(x), var(d));
        EQUAL(sn::std(x, {.ddof = 1}), sn::std(d, {.ddof = 1}));
        EQUAL(var(x, {.axis = 0, .ddof = 1}), var(d, {.axis = 0, .ddof = 1}));
        EQUAL(sn::std(x, {.axis = {0, -1}, .keepdims = true}), sn::std(d, {.axis = {0, -1}, .keepdims = true}));
        EQUAL(sn::std(x, {.keepdims = true, .ddof = 1}), sn::std(d, {.keepdims = true, .ddof = 1}));
        const sn::variance_options named{.axis = 1, .ddof = 2};
        EQUAL(var(x, named), var(d, named));
        const auto larger = [](auto p, auto q) { return select(abs(p) < abs(q), q, p); };
        EQUAL(reduce(larger, 0, x), reduce(larger, 0, d));
        EQUAL(reduce(larger, 0, x, {.axis = 1}), reduce(larger, 0, d, {.axis = 1}));
        if constexpr (!sn::detail::is_complex<T>) EQUAL(sn::reduce<2>(larger, 0, x), reduce(larger, 0, d, {.axis = 2}));
        EQUAL(cumsum(x), cumsum(d));
        EQUAL(cumprod(x, {.axis = 1}), cumprod(d, {.axis = 1}));
    }
    if constexpr (!sn::detail::is_complex<T>) {
        EQUAL(min(x), min(d));
        EQUAL(max(x, {.axis = {0, 1}}), max(d, {.axis = {0, 1}}));
        EQUAL(min(x, {.axis = 1, .keepdims = true}), min(d, {.axis = 1, .keepdims = true}));
        EQUAL(argmin(x, {.axis = 0}), argmin(d, {.axis = 0}));
        EQUAL(argmax(x, {.keepdims = true}), argmax(d, {.keepdims = true}));
        EQUAL(median(x), median(d));
        EQUAL(quantile(x, 0.3, {.axis = 1}), quantile(d, 0.3, {.axis = 1}));
        EQUAL(sort(x), sort(d));
        EQUAL(argsort(x, {.axis = 0}), argsort(d, {.axis = 0}));
        EQUAL(topk(x, 2).values, topk(d, 2).values);
        EQUAL(unique(x), unique(d));
        if constexpr (!std::same_as<T, bool>) {
            EQUAL(logsumexp(x), logsumexp(d));
            EQUAL(sn::logsumexp<1>(x), logsumexp(d, {.axis = 1}));
            EQUAL(logsumexp(x, {.axis = {0, 2}}), logsumexp(d, {.axis = {0, 2}}));
        }
    }
    EQUAL(sum(x + x, {.axis = 1}), sum(d + d, {.axis = 1}));
}

BOOST_AUTO_TEST_SUITE(fixed_arrays)

BOOST_AUTO_TEST_CASE(reductions_have_the_same_bits) {
    reductions_of<sn::array<float, 3, 5, 4>>();
    reductions_of<sn::array<double, 2, 1, 70>>();
    reductions_of<sn::array<sn::float16, 3, 5, 4>>();
    reductions_of<sn::array<sn::bfloat16, 1, 5, 9>>();
    reductions_of<sn::array<std::int32_t, 3, 5, 4>>();
    reductions_of<sn::array<std::int8_t, 2, 2, 17>>();
    reductions_of<sn::array<bool, 3, 5, 4>>();
    reductions_of<sn::array<std::complex<float>, 3, 5, 4>>();
}

BOOST_AUTO_TEST_CASE(reductions_of_few) {
    const sn::array<float, 1> one{-2};
    const auto less = [](auto p, auto q) { return minimum(p, q); };
    BOOST_TEST(reduce(less, 9.0f, one).item() == reduce(less, 9.0f, sn::array<float>(one)).item());
    BOOST_TEST(norm(one).item() == 2);
    const sn::array<float, 2, 0> none{};
    BOOST_TEST(reduce(less, 9.0f, none).item() == 9);
    BOOST_TEST(norm(none).item() == 0);
    BOOST_TEST(all(none).item());
    BOOST_TEST(logsumexp(none).item() == -std::numeric_limits<float>::infinity());
    const sn::array<float, 2, 2> wide{{1e30f, 1}, {std::numeric_limits<float>::quiet_NaN(), 0}};
    EQUAL(sn::logsumexp<1>(wide), logsumexp(sn::array<float>(wide), {.axis = 1}));
    // What a function captures, and a number that it returns.
    const float least = 3;
    BOOST_TEST(reduce([=](auto p, auto q) { return maximum(maximum(p, q), least); }, 0.0f, sn::array<float, 2>{1, 2}).item() == 3);
    BOOST_TEST(reduce([](auto, auto) { return 5.0f; }, 0.0f, sn::array<float, 7>{}).item() == 5);
}

BOOST_AUTO_TEST_CASE(functions_of_arrays) {
    const auto x = some_values<sn::array<float, 3, 5>>();
    const sn::array<float> d = x;
    const sn::array<int, 2> at{2, 0};
    const sn::array<index_t> at_d{2, 0};
    EQUAL(take(x, at, {.axis = 0}), take(d, at_d, {.axis = 0}));
    EQUAL(take_along_axis(x, argsort(x), {.axis = -1}), sort(d));
    EQUAL(nonzero(x)[0], nonzero(d)[0]);
    EQUAL(roll(x, 2), roll(d, 2));
    EQUAL(pad(x, 1), pad(d, 1));
    EQUAL(tile(x, {2, 2}), tile(d, {2, 2}));
    EQUAL(repeat(x + 1, 2), repeat(d + 1, 2));
    EQUAL(flip(x), flip(d));
    EQUAL(swapaxes(x, 0, 1), swapaxes(d, 0, 1));
    EQUAL(expand_dims(x, 0), expand_dims(d, 0));
    EQUAL(broadcast_to(x, {2, 3, 5}), broadcast_to(d, {2, 3, 5}));
    EQUAL(diagonal(x), diagonal(d));
    EQUAL(sn::concatenate({x, x}), sn::concatenate({d, d}));
    EQUAL(sn::stack({x, x}, {.axis = 1}), sn::stack({d, d}, {.axis = 1}));
    EQUAL(sn::concatenate({d + 1, d + 2}), sn::concatenate({sn::array<float>(d + 1), sn::array<float>(d + 2)}));
    EQUAL(sn::nn::softmax(x), sn::nn::softmax(d));
    EQUAL(sn::searchsorted(sort(x)(0), x), sn::searchsorted(sort(d)(0), d));
    EQUAL(sn::histogram(x, 4).counts, sn::histogram(d, 4).counts);
    const auto both = sn::fn([](auto p, auto q) { return std::tuple{p - q, maximum(p, q)}; });
    EQUAL(std::get<1>(both(x, d * 2)), maximum(d, d * 2));
    BOOST_TEST(array_equal(x, d));
    BOOST_TEST(allclose(d, x + 1e-9f, {.rtol = 1e-3}));
    const sn::tolerance loose{.atol = 2};
    BOOST_TEST(allclose(x, x + 1, loose));
    BOOST_TEST(!array_equal(x, d(0)));
    sn::array<float> written = d;
    sn::put(written, at, cast<float>(at));
    BOOST_TEST(written(0, 2) == 2);
    std::vector<float> out(15);
    eval(to(out, x), written);
    BOOST_TEST(out == x.to_vector(), boost::test_tools::per_element());
    BOOST_TEST(explain(x + d).kernels.size() == 1U);
}

BOOST_AUTO_TEST_CASE(members) {
    const auto x = some_values<sn::array<float, 3, 5>>();
    const sn::array<float> d = x;
    static_assert(std::same_as<decltype(x.transpose()), sn::array<float, 5, 3>>);
    static_assert(std::same_as<decltype(x.reshape<5, 3>()), sn::array<float, 5, 3>>);
    static_assert(std::same_as<decltype(x.flatten()), sn::array<float, 15>>);
    EQUAL(x.transpose(), d.transpose());
    EQUAL((x * 2).transpose(), (d * 2).transpose());
    const auto cube = some_values<sn::array<std::int16_t, 2, 3, 4>>();
    EQUAL(cube.transpose(), sn::array<std::int16_t>(cube).transpose());
    EQUAL(cube.transpose({2, 0, 1}), sn::array<std::int16_t>(cube).transpose({2, 0, 1}));
    EQUAL(x.flatten(), d.flatten());
    EQUAL((x.reshape<5, 3>()), d.reshape({5, 3}));
    EQUAL((x + 1).reshape({-1, 3}), (d + 1).reshape({-1, 3}));
    BOOST_TEST(cube.strides()[0] == 12);
    BOOST_TEST(cube.strides()[2] == 1);
    BOOST_TEST(!(x + 1).is_pending());
    BOOST_TEST((x + 1).at(1, -1) == x(1, 4) + 1);
    BOOST_TEST(sum(x)() == sum(x).item());
    index_t next = 0;
    for (const float v : x * 2.0f) BOOST_TEST(v == x.data()[next++] * 2);
    BOOST_TEST(next == 15);
    std::vector<float> out(15);
    (x + 0).copy_to(out);
    BOOST_TEST(out == d.to_vector(), boost::test_tools::per_element());
    std::ostringstream a, b;
    a << x << sum(x) << x(0);
    b << d << sum(d) << d(0);
    BOOST_TEST(a.str() == b.str());
}

BOOST_AUTO_TEST_CASE(views) {
    auto x = some_values<sn::array<float, 3, 5>>();
    sn::array<float> d = x;
    const auto fixed = x;
    EQUAL(fixed(1), d(1));
    EQUAL((x + 1)(0), (d + 1)(0));
    EQUAL(x(all, range(1, -1)), d(all, range(1, -1)));
    EQUAL(x(sn::newaxis, sn::ellipsis, 0), d(sn::newaxis, sn::ellipsis, 0));
    EQUAL(x(x > 0), d(d > 0));
    EQUAL(x(sn::array<int, 2>{1, 0}), d(sn::array<int>{1, 0}));
    EQUAL(d(x > 0), d(d > 0));
    EQUAL(x(0) + 1.0f, d(0, all) + 1.0f);
    const auto before = x(0);
    const sn::array<float, 5> row = d(0), own_row = x(0);
    BOOST_TEST(array_equal(row, own_row));
    // Writes, from the same array, by numbers, through masks.
    const auto same_in_both = [&](auto change) {
        change(x);
        change(d);
        EQUAL(x, d);
    };
    same_in_both([](auto& a) { a(0) = 7.0f; });
    same_in_both([](auto& a) { a(all, 1) += 1; });
    same_in_both([](auto& a) { a(range(1, {})) = a(range({}, -1)); });
    same_in_both([](auto& a) { a(range(0, 2), range({}, {}, 2)) *= a(range(1, 3), range({}, {}, -2)); });
    same_in_both([](auto& a) { a(a > 5) = 0; });
    same_in_both([](auto& a) { a(a < 0) -= a * 2; });
    same_in_both([](auto& a) { a(-1) = sn::array<float, 5>{1, 2, 3, 4, 5}; });
    same_in_both([](auto& a) { a(2) = a(0); });
    // Parts of other kinds, and of other arrays.
    const auto other = some_values<sn::array<float, 3, 5>>();
    const sn::array<float> run_time = other * 2;
    same_in_both([](auto& a) { a(0) = a(1, all); });
    same_in_both([](auto& a) { a(range(0, 2)) = a(range(1, 3), all); });
    same_in_both([](auto& a) { a(0) = a(all, range(0, 5))(1); });
    same_in_both([&](auto& a) { a(1) = run_time(0); });
    same_in_both([&](auto& a) { a(1, all) = run_time(2); });
    same_in_both([&](auto& a) { a(other > 0) = run_time(other > 0); });
    same_in_both([&](auto& a) { a(2) = other(1, all); });
    same_in_both([](auto& a) { a(all, range({}, {}, -1)) = a(all, all); });
    BOOST_TEST(array_equal(before, fixed(0)));
    sn::array<int, 4> i{8, 9, 10, 11};
    i(range(1, 3)) /= 2;
    BOOST_TEST(array_equal(i, sn::array<int>{8, 4, 5, 11}));
    const auto in_line = [](unsigned line, auto&& run) {
        const std::string wanted = "fixed_arrays.cpp:" + std::to_string(line) + ": ";
        try {
            run();
            BOOST_ERROR("no error");
        } catch (const sn::error& e) {
            BOOST_TEST(std::string(e.what()).find(wanted) != std::string::npos, e.what());
        }
    };
    BOOST_CHECK_THROW(i(range(1, 3)) /= 0, sn::value_error);
    in_line(__LINE__, [&] { i(range(1, 3)) /= 0; });
    in_line(__LINE__, [&] { i(i > 4) /= i(i > 4) * 0; });
    in_line(__LINE__, [&] { static_cast<void>(i(sn::array<int>{7}).to_vector()); });
    in_line(__LINE__, [&] { static_cast<void>((i + 1)(sn::array<int>{7}).to_vector()); });
    BOOST_TEST(array_equal(i, sn::array<int>{8, 4, 5, 11}));
}

/// Copies of an iterator do not copy elements: many fit the stack.
BOOST_AUTO_TEST_CASE(elements_of_large_expressions) {
    const auto x = std::make_unique<sn::array<float, 512, 512>>();
    for (index_t i = 0; i < x->size(); ++i) x->mutable_data()[i] = static_cast<float>(i % 1001);
    const auto e = *x * 2.0f;
    BOOST_TEST(sizeof(e.begin()) <= 64U);
    BOOST_TEST(std::vector<float>(e.begin(), e.end()) == e.to_vector());
    BOOST_TEST(*std::max_element(e.begin(), e.end()) == max(e).item());
}

BOOST_AUTO_TEST_CASE(beside_others) {
    auto x = some_values<sn::array<float, 3, 5>>();
    sn::array<float> d = x;
    d += x;
    x += d;
    x -= 1;
    x *= 2.0;
    EQUAL(x, (d + d / 2 - 1) * 2);
    EQUAL(where(x > 0, d, 0.0f), where(d / 2 > -1, select(x > 0, d, x * 0), 0.0f) + 0.0f);
    EQUAL(clip(x, -1, 1), clip(sn::array<float>(x), -1, 1));
    EQUAL(x == x, sn::array<float>(x) == x);
    EQUAL(cast<int>(x), cast<int>(sn::array<float>(x)));
    const sn::array<float, sn::dyn, 5> partly = x;
    EQUAL(partly, x);
    x = d * 2;
    EQUAL(x, d * 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
