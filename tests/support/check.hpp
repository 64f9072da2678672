#pragma once

#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <bit>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace support {

namespace sn = sinter;

[[nodiscard]] inline std::string text(const std::vector<sn::index_t>& shape) {
    std::string s = "(";
    for (const sn::index_t e : shape) s += (s.size() > 1 ? ", " : "") + std::to_string(e);
    return s + ")";
}

template <class X>
[[nodiscard]] std::vector<sn::index_t> shape_of(const X& x) {
    const auto shape = x.shape();
    return {shape.begin(), shape.end()};
}

/// The same bits, or both NaN: which NaN an operation gives is not promised.
template <class T>
[[nodiscard]] bool same(T a, T b) {
    if constexpr (std::floating_point<T>) {
        using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
        return (a != a && b != b) || std::bit_cast<bits>(a) == std::bit_cast<bits>(b);
    } else if constexpr (sn::detail::half<T>) {
        return (a != a && b != b) || a.bits() == b.bits();
    } else {
        return a == b;
    }
}

/// Fails the current test case with the first element that differs. Checks the shape first.
template <class X, class T>
void check_equal(const X& x, const std::vector<sn::index_t>& shape, const std::vector<T>& expected) {
    BOOST_CHECK_MESSAGE(shape_of(x) == shape, "shape " << text(shape_of(x)) << " instead of " << text(shape));
    const auto got = x.to_vector();
    BOOST_REQUIRE_EQUAL(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        if (!same<T>(static_cast<T>(got[i]), expected[i])) {
            BOOST_ERROR("element " << i << " is " << +static_cast<T>(got[i]) << " instead of " << +static_cast<T>(expected[i]));
            return;
        }
    }
}

template <class X>
void check(const X& x, const std::vector<sn::index_t>& shape, const std::vector<float>& expected) {
    check_equal<X, float>(x, shape, expected);
}
template <class X>
void check_ints(const X& x, const std::vector<sn::index_t>& shape, const std::vector<std::int64_t>& expected) {
    check_equal<X, std::int64_t>(x, shape, expected);
}

/// Checks that f throws an E whose message is exactly this one.
template <class E, class F>
void check_message(F&& f, const std::string& message) {
    std::string what = "nothing";
    try {
        f();
    } catch (const E& e) {
        what = e.what();
    }
    BOOST_CHECK_EQUAL(what, message);
}

/// Checks that f throws exactly an E whose message has all of the words.
template <class E, class F>
void check_throws(F&& f, std::initializer_list<const char*> words) {
    try {
        f();
    } catch (const E& e) {
        const std::string message = e.what();
        for (const char* word : words) {
            BOOST_CHECK_MESSAGE(message.find(word) != std::string::npos, "no \"" << word << "\" in \"" << message << '"');
        }
        return;
    } catch (const std::exception& e) {
        BOOST_ERROR("another exception: " << e.what());
        return;
    }
    BOOST_ERROR("nothing was thrown");
}

/// Units in the last place between two floats; 0 for two NaN, huge for one.
[[nodiscard]] inline double ulps(float a, float b) {
    if (same(a, b)) return 0;
    if (a != a || b != b) return std::numeric_limits<double>::infinity();
    const auto ordered = [](float v) {
        const auto bits = std::bit_cast<std::int32_t>(v);
        return bits < 0 ? static_cast<double>(std::numeric_limits<std::int32_t>::min()) - bits : static_cast<double>(bits);
    };
    const double distance = ordered(a) - ordered(b);
    return distance < 0 ? -distance : distance;
}

}  // namespace support
