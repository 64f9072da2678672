#include "support/check.hpp"

#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

// topk of few among many, nonzero, masks, put, bincount and histograms of many elements, which have ways of their own: against plain loops.

namespace {

namespace sn = sinter;
using sn::index_t;

/// Ties, zeros of both signs, infinities and NaN among ordinary numbers, more of one or of the other.
template <class T>
[[nodiscard]] std::vector<T> mixed(std::mt19937& random, index_t n) {
    const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
    const auto kind = static_cast<unsigned>(random() % 4);
    std::vector<T> v(static_cast<std::size_t>(n));
    for (T& x : v) {
        const auto chance = static_cast<unsigned>(random() % 100);
        x = static_cast<T>(static_cast<int>(random() % (kind == 0 ? 5 : 100000)) - (kind == 0 ? 2 : 50000)) / T(7);
        if (kind == 1 && chance < 30) x = chance % 2 != 0 ? T(0) : -T(0);
        if (kind == 2 && chance < 60) x = chance % 2 != 0 ? nan : -nan;
        if (kind == 3 && chance < 10) x = chance < 5 ? inf : -inf;
        if (chance == 99) x = nan;
    }
    return v;
}

template <class T>
void check_few(std::uint32_t seed) {
    std::mt19937 random(seed);
    const auto n = static_cast<index_t>(1 + random() % 20000), k = static_cast<index_t>(1 + random() % std::max<index_t>(1, n / (1 + random() % 40)));
    const std::vector<T> v = mixed<T>(random, n);
    const sn::array<T> x = sn::from(v);
    for (const bool largest : {true, false}) {
        std::vector<index_t> wanted(v.size());
        std::iota(wanted.begin(), wanted.end(), 0);
        std::stable_sort(wanted.begin(), wanted.end(), [&](index_t i, index_t j) {
            const T a = v[static_cast<std::size_t>(i)], b = v[static_cast<std::size_t>(j)];
            if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
            return largest ? a > b : a < b;
        });
        wanted.resize(static_cast<std::size_t>(k));
        const auto [values, indices] = sn::topk(x, k, {.largest = largest});
        BOOST_TEST(indices.to_vector() == wanted, "seed " << seed << ", " << k << " of " << n);
        BOOST_TEST(sn::count_nonzero(sn::take(x, indices) != values).item() == sn::count_nonzero(sn::isnan(values)).item(), "seed " << seed);
    }
}

BOOST_AUTO_TEST_SUITE(order_of_many)

BOOST_AUTO_TEST_CASE(the_first_few) {
    for (std::uint32_t seed = 0; seed < 60; ++seed) {
        check_few<float>(seed);
        check_few<double>(seed);
    }
    const sn::array<std::int8_t> bytes = sn::cast<std::int8_t>(sn::arange<std::int32_t>(5000) * 37);
    BOOST_TEST(sn::topk(bytes, 3).values.to_vector() == (std::vector<std::int8_t>{127, 127, 127}));
}

BOOST_AUTO_TEST_CASE(places_and_masks) {
    std::mt19937 random(1);
    for (const index_t n : {1, 7, 127, 128, 129, 1000, 70001}) {
        for (const unsigned share : {0U, 1U, 20U, 50U, 99U, 100U}) {
            std::vector<std::int32_t> v(static_cast<std::size_t>(n));
            std::vector<index_t> places;
            std::vector<std::int32_t> chosen;
            for (index_t i = 0; i < n; ++i) {
                if (random() % 100 >= share) continue;
                v[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(1 + random() % 1000);
                places.push_back(i);
                chosen.push_back(v[static_cast<std::size_t>(i)]);
            }
            const sn::array<std::int32_t> x = sn::from(v);
            const sn::array<bool> mask = x != 0;
            BOOST_TEST(sn::flatnonzero(x).to_vector() == places, share << "% of " << n);
            BOOST_TEST(sn::flatnonzero(mask).to_vector() == places, share << "% of " << n);
            BOOST_TEST(sn::array<std::int32_t>(x(mask)).to_vector() == chosen, share << "% of " << n);
        }
    }
}

/// Indices of every type, some from the end, for extents around the type's bounds; then one that is wrong.
template <class T, class V>
void check_put(std::mt19937& random, index_t extent, index_t n, index_t count) {
    const auto text = [&] { return std::to_string(n) + " indices of " + std::to_string(sizeof(T)) + " bytes, extent " + std::to_string(extent) + ", values " + std::to_string(count); };
    const auto least = std::is_signed_v<T> && random() % 2 == 0 ? std::max<index_t>(-extent, std::numeric_limits<T>::min()) : 0;
    const auto most = std::numeric_limits<T>::max() < static_cast<std::uint64_t>(extent) ? static_cast<index_t>(std::numeric_limits<T>::max()) : extent - 1;
    std::vector<T> at(static_cast<std::size_t>(n));
    for (T& i : at) i = static_cast<T>(least + static_cast<index_t>(random() % static_cast<std::uint64_t>(most - least + 1)));
    at[random() % at.size()] = static_cast<T>(least);
    at[random() % at.size()] = static_cast<T>(most);
    std::vector<V> values(static_cast<std::size_t>(count)), wanted(static_cast<std::size_t>(extent));
    for (V& v : values) v = static_cast<V>(random() % 100 + 1);
    for (std::size_t i = 0; i < at.size(); ++i) {
        const auto place = static_cast<index_t>(at[i]);
        wanted[static_cast<std::size_t>(place < 0 ? place + extent : place)] = values[i % values.size()];
    }
    for (const int threads : {1, 2}) {
        const sn::scoped_options o{.threads = threads};
        sn::array<V> x = sn::zeros<V>({extent});
        sn::put(x, sn::from(at), sn::from(values));
        BOOST_TEST((x.to_vector() == wanted), text());
        std::vector<std::pair<std::string, T>> wrong;
        if (static_cast<std::uint64_t>(extent) <= static_cast<std::uint64_t>(std::numeric_limits<T>::max())) {
            wrong = {{std::to_string(extent), static_cast<T>(extent)}, {std::to_string(std::numeric_limits<T>::max()), std::numeric_limits<T>::max()}};
            if (std::is_signed_v<T>) wrong.emplace_back(std::to_string(-extent - 1), static_cast<T>(-extent - 1));
        }
        for (const auto& [name, index] : wrong) {
            const std::size_t place = random() % at.size();
            std::vector<T> bad = at;
            bad[place] = index;
            const std::string message = "put: index " + name + " at position " + std::to_string(place) + " is out of range for axis 0 of extent " + std::to_string(extent);
            support::check_throws<sn::index_error>([&] { sn::put(x, sn::from(bad), sn::from(values)); }, {message.c_str()});
            BOOST_TEST((x.to_vector() == wanted), text());
        }
    }
}

BOOST_AUTO_TEST_CASE(putting) {
    std::mt19937 random(3);
    const auto each_type = [&]<class V>(V, index_t extent, index_t n, index_t count) {
        check_put<std::int8_t, V>(random, extent, n, count);
        check_put<std::uint8_t, V>(random, extent, n, count);
        check_put<std::int16_t, V>(random, extent, n, count);
        check_put<std::uint16_t, V>(random, extent, n, count);
        check_put<std::int32_t, V>(random, extent, n, count);
        check_put<std::uint32_t, V>(random, extent, n, count);
        check_put<std::int64_t, V>(random, extent, n, count);
        check_put<std::uint64_t, V>(random, extent, n, count);
    };
    for (const index_t extent : {1, 100, 127, 128, 129, 200, 255, 256, 257, 20000, 32768, 40000, 65535, 65536, 200000}) {
        each_type(1.0f, extent, 1 + static_cast<index_t>(random() % 5000), 1 + static_cast<index_t>(random() % 5000));
    }
    for (const index_t n : {1, 3, 31, 32, 33, 36, 600000}) {
        each_type(1.0, 100000, n, n);
        each_type(std::int8_t{}, 1000, n, 1);
        each_type(std::int16_t{}, 300, n, 3);
    }
}

/// Indices that are in the memory that is written.
BOOST_AUTO_TEST_CASE(putting_over_the_indices) {
    std::vector<std::int32_t> memory(1000);
    std::iota(memory.begin(), memory.end(), 0);
    sn::array<std::int32_t> x = sn::borrow(memory.data(), {1000});
    const sn::array<std::int32_t> same = sn::borrow(static_cast<const std::int32_t*>(memory.data()), {1000});
    sn::put(x, x, sn::array<std::int32_t>(999 - sn::arange<std::int32_t>(1000)));
    BOOST_TEST((memory.front() == 999 && memory[1] == 998 && memory.back() == 0));
    sn::put(x, same, sn::arange<std::int32_t>(1000));
    for (std::size_t i = 0; i < memory.size(); ++i) BOOST_TEST(memory[i] == static_cast<std::int32_t>(999 - i));
}

template <class T>
void check_counts(std::mt19937& random, index_t n, unsigned most) {
    std::vector<T> v(static_cast<std::size_t>(n));
    std::vector<index_t> wanted(most + 1);
    for (T& x : v) {
        x = static_cast<T>(random() % (most + 1));
        ++wanted[static_cast<std::size_t>(x)];
    }
    for (const int threads : {1, 2}) {
        const sn::scoped_options o{.threads = threads};
        BOOST_TEST((sn::bincount(sn::from(v), {.minlength = static_cast<index_t>(most) + 1}).to_vector() == wanted), n << " up to " << most);
        if constexpr (std::is_signed_v<T>) {
            std::vector<T> bad = v;
            bad.back() = T(-3);
            const std::string message = "bincount: element " + std::to_string(n - 1) + " is -3, below 0";
            support::check_throws<sn::value_error>([&] { static_cast<void>(sn::bincount(sn::from(bad))); }, {message.c_str()});
        }
    }
}

BOOST_AUTO_TEST_CASE(counting_equal_elements) {
    std::mt19937 random(4);
    for (const index_t n : {1, 5, 1000, 100003}) {
        for (const unsigned most : {0U, 1U, 100U, 127U}) {
            check_counts<std::int8_t>(random, n, most);
            check_counts<std::uint8_t>(random, n, most);
            check_counts<std::int64_t>(random, n, most * 20);
        }
        for (const unsigned most : {300U, 5000U, 32767U}) {
            check_counts<std::int16_t>(random, n, most);
            check_counts<std::int32_t>(random, n, most * 3);
            check_counts<std::uint64_t>(random, n, most);
        }
    }
}

template <class T>
void check_bins(index_t n, index_t bins, double low, double high) {
    std::mt19937 random(7);
    std::vector<T> v(static_cast<std::size_t>(n));
    for (T& x : v) x = static_cast<T>(low - 0.1 * (high - low) + 1.2 * (high - low) * (static_cast<double>(random()) * 0x1p-32));
    const auto [counts, edges] = sn::histogram(sn::from(v), bins, {low, high});
    const auto ends = edges.to_vector();
    // Values on an edge belong to the bin above it, those on the last one to the last bin.
    std::copy(ends.begin(), ends.begin() + std::min<std::ptrdiff_t>(bins + 1, n), v.begin());
    std::vector<index_t> wanted(static_cast<std::size_t>(bins));
    for (const T x : v) {
        using E = typename std::remove_cvref_t<decltype(ends)>::value_type;
        const auto e = static_cast<E>(x);
        if (!(e >= ends.front() && e <= ends.back())) continue;
        const auto b = std::min<std::ptrdiff_t>(std::upper_bound(ends.begin(), ends.end(), e) - ends.begin() - 1, bins - 1);
        ++wanted[static_cast<std::size_t>(b)];
    }
    BOOST_TEST(sn::histogram(sn::from(v), bins, {low, high}).counts.to_vector() == wanted, bins << " bins from " << low << " to " << high);
}

BOOST_AUTO_TEST_CASE(equal_bins) {
    for (const index_t bins : {1, 2, 10, 100, 1023, 70000}) {
        check_bins<float>(200001, bins, 0.0, 1.0);
        check_bins<float>(200001, bins, -3.7, 1e6);
        check_bins<float>(200001, bins, 1e6, 1e6 + 50);  // bins narrower than what a float can tell
        check_bins<double>(200001, bins, -1.0 / 3, 2.0 / 7);
        check_bins<std::int32_t>(200001, bins, -5000, 123456);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
