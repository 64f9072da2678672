#include "support/check.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

// Sorting, selecting and searching against the standard library's stable algorithms, over element types, lengths and layouts.

namespace {

namespace sn = sinter;
using sn::index_t;
using sn::range;
using support::same;

constexpr index_t lengths[] = {0, 1, 2, 3, 17, 63, 64, 65, 511, 513, 1000, 8191, 8193, 20000, 140001};

/// What sorting goes by: NaN last, zeros of both signs the same.
template <class T>
[[nodiscard]] bool less(T a, T b) {
    return a < b || (b != b && a == a);
}

template <class T>
[[nodiscard]] sn::array<T> array_of(const std::vector<T>& v, const sn::extents& shape) {
    if constexpr (std::same_as<T, bool>) return sn::from(std::vector<std::uint8_t>(v.begin(), v.end()), shape) != 0;
    else return sn::from(v, shape);
}
template <class T>
[[nodiscard]] sn::array<T> array_of(const std::vector<T>& v) {
    return array_of<T>(v, {static_cast<index_t>(v.size())});
}

enum class content { any, few_values, rising, falling, special };

template <class T>
[[nodiscard]] std::vector<T> elements(index_t n, content c) {
    std::mt19937_64 random(static_cast<std::uint64_t>(n) * 7 + static_cast<std::uint64_t>(c));
    std::vector<T> v(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < v.size(); ++i) {
        const std::uint64_t bits = random();
        if (c == content::few_values) v[i] = static_cast<T>(bits % 5);
        else if (c == content::rising) v[i] = static_cast<T>(i);
        else if (c == content::falling) v[i] = static_cast<T>(v.size() - i);
        else if constexpr (std::floating_point<T>) v[i] = static_cast<T>(std::ldexp(static_cast<double>(bits >> 11) * 0x1p-53 - 0.5, static_cast<int>(bits % 60) - 30));
        else v[i] = static_cast<T>(bits);
        if constexpr (std::floating_point<T>) {
            using limits = std::numeric_limits<T>;
            const T list[] = {limits::quiet_NaN(), -limits::quiet_NaN(), limits::infinity(), -limits::infinity(), T(0), T(-0.0), limits::denorm_min(), -limits::denorm_min(),
                              limits::max(), limits::lowest()};
            if (c == content::special && bits % 3 != 0) v[i] = list[bits / 3 % std::size(list)];
        }
    }
    return v;
}

template <class T>
[[nodiscard]] std::vector<index_t> places(const std::vector<T>& v) {
    std::vector<index_t> p(v.size());
    std::iota(p.begin(), p.end(), index_t{0});
    std::stable_sort(p.begin(), p.end(), [&](index_t a, index_t b) { return less<T>(v[static_cast<std::size_t>(a)], v[static_cast<std::size_t>(b)]); });
    return p;
}

template <class T>
[[nodiscard]] std::vector<T> sorted(std::vector<T> v) {
    std::stable_sort(v.begin(), v.end(), less<T>);
    return v;
}

template <class T>
void expect(const sn::array<T>& got, const std::vector<T>& expected, const std::string& what) {
    const std::vector<T> values = got.to_vector();
    BOOST_REQUIRE_MESSAGE(values.size() == expected.size(), what << ": " << values.size() << " elements instead of " << expected.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (same<T>(values[i], expected[i])) continue;
        BOOST_ERROR(what << ": element " << i << " is " << +values[i] << " instead of " << +expected[i]);
        return;
    }
}

template <class T>
void check_row(const std::vector<T>& v, const std::string& what) {
    const sn::array<T> x = array_of<T>(v);
    const auto n = static_cast<index_t>(v.size());
    const std::vector<T> in_order = sorted(v);
    const std::vector<index_t> order = places(v);
    expect(sn::sort(x), in_order, "sort of " + what);
    expect(sn::argsort(x), order, "argsort of " + what);
    std::vector<T> distinct;
    for (const T e : in_order) {
        if (distinct.empty() || less<T>(distinct.back(), e)) distinct.push_back(e);
    }
    expect(sn::unique(x), distinct, "unique of " + what);
    const auto all = sn::unique_all(x);
    expect(all.values, distinct, "unique_all of " + what);
    BOOST_CHECK(sn::sum(all.counts).item() == n);
    const std::vector<index_t> inverse = all.inverse.to_vector(), firsts = all.indices.to_vector(), counts = all.counts.to_vector();
    std::vector<index_t> met(distinct.size(), 0);
    for (std::size_t i = 0; i < v.size(); ++i) {
        const auto which = static_cast<std::size_t>(inverse[i]);
        BOOST_REQUIRE(which < distinct.size() && !less<T>(v[i], distinct[which]) && !less<T>(distinct[which], v[i]));
        if (met[which]++ == 0) BOOST_REQUIRE(firsts[which] == static_cast<index_t>(i));
    }
    BOOST_CHECK(met == counts);

    for (const index_t k : {index_t{0}, n / 3, n - 1, index_t{-1}}) {
        if (n == 0 || k >= n) continue;
        const T pivot = in_order[static_cast<std::size_t>(k < 0 ? n + k : k)];
        std::vector<index_t> parts(v.size());
        std::iota(parts.begin(), parts.end(), index_t{0});
        const auto value = [&](index_t i) { return v[static_cast<std::size_t>(i)]; };
        const auto middle = std::stable_partition(parts.begin(), parts.end(), [&](index_t i) { return less<T>(value(i), pivot); });
        std::stable_partition(middle, parts.end(), [&](index_t i) { return !less<T>(pivot, value(i)); });
        std::vector<T> values;
        for (const index_t i : parts) values.push_back(value(i));
        const std::string at = " at " + std::to_string(k) + " of " + what;
        expect(sn::argpartition(x, k), parts, "argpartition" + at);
        expect(sn::partition(x, k), values, "partition" + at);
    }

    std::vector<index_t> down(v.size());
    std::iota(down.begin(), down.end(), index_t{0});
    std::stable_sort(down.begin(), down.end(), [&](index_t a, index_t b) {
        const T p = v[static_cast<std::size_t>(a)], q = v[static_cast<std::size_t>(b)];
        return p > q || (q != q && p == p);
    });
    for (const index_t k : {index_t{0}, index_t{1}, index_t{5}, n / 2, n}) {
        if (k > n) continue;
        for (const bool largest : {true, false}) {
            std::vector<index_t> first(largest ? down : order);
            first.resize(static_cast<std::size_t>(k));
            std::vector<T> values;
            for (const index_t i : first) values.push_back(v[static_cast<std::size_t>(i)]);
            const auto got = sn::topk(x, k, {.largest = largest});
            expect(got.indices, first, "topk of " + what);
            expect(got.values, values, "values of topk of " + what);
        }
    }

    using R = std::conditional_t<std::floating_point<T>, T, double>;
    const bool nan = n == 0 || in_order.back() != in_order.back();
    for (const double q : {0.0, 0.25, 0.5, 0.9, 1.0}) {
        const double at = static_cast<double>(n - 1) * q;
        const auto element = [&](double i) { return nan ? std::numeric_limits<R>::quiet_NaN() : static_cast<R>(in_order[static_cast<std::size_t>(i)]) + R(0); };
        expect(sn::quantile(x, q, {.method = sn::quantile_method::lower}).reshape({1}), {element(std::floor(at))}, "lower of " + what);
        expect(sn::quantile(x, q, {.method = sn::quantile_method::higher}).reshape({1}), {element(std::ceil(at))}, "higher of " + what);
        expect(sn::quantile(x, q, {.method = sn::quantile_method::nearest}).reshape({1}), {element(std::nearbyint(at))}, "nearest of " + what);
    }
    const auto at = [&](index_t i) { return static_cast<double>(in_order[static_cast<std::size_t>(i)]); };
    const R half = nan ? std::numeric_limits<R>::quiet_NaN() : static_cast<R>(n % 2 == 1 ? at(n / 2) + 0.0 : (at(n / 2 - 1) + at(n / 2)) / 2);
    if (nan || std::isfinite(half)) expect(sn::median(x).reshape({1}), {half}, "median of " + what);

    std::vector<index_t> left, right;
    for (const T e : v) {
        left.push_back(std::lower_bound(in_order.begin(), in_order.end(), e, less<T>) - in_order.begin());
        right.push_back(std::upper_bound(in_order.begin(), in_order.end(), e, less<T>) - in_order.begin());
    }
    const sn::array<T> table = array_of<T>(in_order);
    expect(sn::searchsorted(table, x), left, "searchsorted of " + what);
    expect(sn::searchsorted(table, x, {.side = sn::search_side::right}), right, "searchsorted to the right of " + what);

    std::vector<index_t> there;
    for (std::size_t i = 0; i < v.size(); ++i) {
        if (v[i] != T(0)) there.push_back(static_cast<index_t>(i));
    }
    expect(sn::flatnonzero(x), there, "flatnonzero of " + what);
}

template <class T>
void check_lengths() {
    for (const index_t n : lengths) {
        for (const content c : {content::any, content::few_values, content::rising, content::falling, content::special}) {
            check_row(elements<T>(n, c), std::to_string(n) + " of content " + std::to_string(static_cast<int>(c)));
        }
    }
}

/// Each function along each axis against itself on rows that are contiguous.
template <class T>
void check_layout(const sn::array<T>& x, const std::string& what) {
    for (index_t axis = -x.rank(); axis < x.rank(); ++axis) {
        const sn::array<T> rows = array_of<T>(sn::array<T>(sn::moveaxis(x, axis, -1)).to_vector(), sn::moveaxis(x, axis, -1).shape());
        const auto back = [&]<class U>(const sn::array<U>& y) { return sn::array<U>(sn::moveaxis(y, -1, axis)).to_vector(); };
        const std::string at = " along " + std::to_string(axis) + " of " + what;
        expect(sn::sort(x, {.axis = axis}), back(sn::sort(rows)), "sort" + at);
        expect(sn::argsort(x, {.axis = axis}), back(sn::argsort(rows)), "argsort" + at);
        const index_t k = rows.extent(rows.rank() - 1) / 2;
        expect(sn::partition(x, k, {.axis = axis}), back(sn::partition(rows, k)), "partition" + at);
        expect(sn::topk(x, k, {.axis = axis}).values, back(sn::topk(rows, k).values), "topk" + at);
        expect(sn::topk(x, k, {.axis = axis}).indices, back(sn::topk(rows, k).indices), "indices of topk" + at);
        expect(sn::median(x, {.axis = axis}), sn::median(rows, {.axis = -1}).to_vector(), "median" + at);
        expect(sn::quantile(x, {0.1, 0.7}, {.axis = axis}), sn::quantile(rows, {0.1, 0.7}, {.axis = -1}).to_vector(), "quantile" + at);
    }
    const sn::array<T> flat = array_of<T>(x.to_vector());
    expect(sn::sort(x, {.axis = {}}), sn::sort(flat).to_vector(), "sort of all of " + what);
    expect(sn::argsort(x, {.axis = {}}), sn::argsort(flat).to_vector(), "argsort of all of " + what);
    expect(sn::median(x).reshape({1}), sn::median(flat).reshape({1}).to_vector(), "median of all of " + what);
    expect(sn::unique(x), sn::unique(flat).to_vector(), "unique of " + what);
    expect(sn::flatnonzero(x), sn::flatnonzero(flat).to_vector(), "flatnonzero of " + what);
    BOOST_CHECK(sn::unique_all(x).inverse.shape() == x.shape());
}

template <class T>
void check_layouts() {
    const sn::array<T> x = array_of<T>(elements<T>(40 * 21 * 9, content::any), {40, 21, 9});
    check_layout<T>(x, "an array in order");
    check_layout<T>(x.transpose(), "a transposed array");
    check_layout<T>(x(range({}, {}, -1), sn::all, range({}, {}, -2)), "a reversed array");
    check_layout<T>(x(range(1, {}, 3), range(2, 20, 5), sn::newaxis), "an array with gaps");
    check_layout<T>(sn::broadcast_to(x(0), {5, 21, 9}), "a broadcast array");
    const sn::array<T> pending(sn::where(x == x, x, T(1)));
    check_layout<T>(pending, "a pending array");
}

using types = std::tuple<bool, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, float, double>;

BOOST_AUTO_TEST_SUITE(order)

BOOST_AUTO_TEST_CASE_TEMPLATE(rows_of_all_lengths, T, types) { check_lengths<T>(); }

BOOST_AUTO_TEST_CASE_TEMPLATE(layouts, T, types) { check_layouts<T>(); }

/// The same from any number of threads, where rows are shared, where each thread has its own, and where there is an odd number of pieces to merge.
BOOST_AUTO_TEST_CASE(threads) {
    const auto run = []<class T>(T) {
        const sn::array<T> x = array_of<T>(elements<T>(600'001, content::special)), m = array_of<T>(elements<T>(300'000, content::special), {2, 150'000});
        const auto results = [&] {
            const auto top = sn::topk(x, 1000);
            const auto parts = sn::unique_all(x);
            return std::tuple{sn::sort(x).to_vector(),       sn::argsort(x).to_vector(),  sn::sort(m, {.axis = 0}).to_vector(), sn::argsort(m).to_vector(),
                              sn::partition(x, 1234).to_vector(), top.indices.to_vector(), parts.inverse.to_vector(),            sn::flatnonzero(x).to_vector(),
                              sn::quantile(sn::where(isnan(x), T(1), x), 0.3).item(), sn::searchsorted(sn::sort(x), x).to_vector()};
        };
        const auto bits = [](const std::vector<T>& v) {
            std::vector<std::uint8_t> b(v.size() * sizeof(T));
            std::memcpy(b.data(), v.data(), b.size());
            return b;
        };
        const sn::scoped_options alone{.threads = 1};
        const auto expected = results();
        for (const int n : {2, 3, 5, 8}) {
            const sn::scoped_options some{.threads = n};
            const auto got = results();
            BOOST_CHECK(bits(std::get<0>(got)) == bits(std::get<0>(expected)));
            BOOST_CHECK(std::get<1>(got) == std::get<1>(expected));
            BOOST_CHECK(bits(std::get<2>(got)) == bits(std::get<2>(expected)));
            BOOST_CHECK(std::get<3>(got) == std::get<3>(expected));
            BOOST_CHECK(bits(std::get<4>(got)) == bits(std::get<4>(expected)));
            BOOST_CHECK(std::get<5>(got) == std::get<5>(expected) && std::get<6>(got) == std::get<6>(expected) && std::get<7>(got) == std::get<7>(expected));
            BOOST_CHECK(same(std::get<8>(got), std::get<8>(expected)));
            BOOST_CHECK(std::get<9>(got) == std::get<9>(expected));
        }
    };
    run(float{});
    run(double{});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
