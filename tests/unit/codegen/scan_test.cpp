#include "codegen/portable/scan.hpp"

#include <sinter/detail/operations.hpp>
#include <sinter/detail/reduction_order.hpp>
#include <sinter/detail/scalar_lane.hpp>

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <random>
#include <vector>

// The functions that accumulate along rows, against plain code in the documented order: with vectors where the processor has them, without elsewhere.

namespace {

using namespace sinter::detail;
namespace pt = codegen::portable;

template <class T>
[[nodiscard]] T combined(bool sums, T a, T b) {
    if constexpr (std::integral<T>) {
        const auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
        return static_cast<T>(sums ? x + y : x * y);
    } else {
        return sums ? a + b : a * b;
    }
}

template <class T>
[[nodiscard]] std::vector<T> in_order(bool sums, const std::vector<T>& v, T before) {
    constexpr auto piece = static_cast<std::size_t>(reduction_order::scan_piece);
    std::vector<T> out(v);
    for (std::size_t first = 0; first < v.size(); first += piece) {
        const std::size_t past = std::min(v.size(), first + piece);
        for (std::size_t i = first + 1; i < past; ++i) out[i] = combined(sums, out[i - 1], out[i]);
        for (std::size_t i = first; i < past; ++i) out[i] = combined(sums, before, out[i]);
        before = out[past - 1];
    }
    return out;
}

template <class T>
void check(bool sums, std::size_t n) {
    const dtype type = dtype_of<T>;
    const auto code = static_cast<std::uint16_t>(sums ? op::add::code : op::multiply::code);
    const pt::scan_functions by = pt::scan_by(code, type);
    BOOST_REQUIRE((by.whole != nullptr && by.pieces != nullptr && by.pass != nullptr && by.finish != nullptr));
    std::mt19937_64 random(n);
    // Results begin on a line, as those that go past the caches do, and one element beside it.
    for (const std::size_t apart : {0U, 1U}) {
        std::vector<T> values(n);
        for (T& x : values) {
            if constexpr (std::integral<T>) x = static_cast<T>(random() | 1U);
            else x = static_cast<T>(random()) * static_cast<T>(0x1p-65) + static_cast<T>(0.75);
        }
        const T start = static_cast<T>(3);
        const std::vector<T> expected = in_order(sums, values, start);
        std::vector<T> room(n + 64 / sizeof(T) + 1), made(n);
        const auto* const bytes = reinterpret_cast<const std::byte*>(values.data());
        T* const out = room.data() + (64 - reinterpret_cast<std::uintptr_t>(room.data()) % 64) % 64 / sizeof(T) + apart;
        for (const bool past_caches : {false, true}) {
            // What is asked for meanwhile changes nothing.
            const pt::read_soon soon = past_caches ? pt::read_soon{bytes, bytes} : pt::read_soon{};
            T before = start;
            std::fill(room.begin(), room.end(), T{});
            by.whole(reinterpret_cast<std::byte*>(out), bytes, n, reinterpret_cast<std::byte*>(&before), past_caches, soon);
            BOOST_TEST(std::memcmp(out, expected.data(), n * sizeof(T)) == 0, name_of(type) << " " << n);
            BOOST_TEST((before == expected.back()));
            // In steps.
            T after = start;
            std::fill(room.begin(), room.end(), T{});
            by.pieces(reinterpret_cast<std::byte*>(made.data()), bytes, n, {});
            by.pass(reinterpret_cast<const std::byte*>(made.data()), n, reinterpret_cast<std::byte*>(&after));
            by.finish(reinterpret_cast<std::byte*>(out), reinterpret_cast<const std::byte*>(made.data()), n, reinterpret_cast<const std::byte*>(&start), past_caches, soon);
            BOOST_TEST(std::memcmp(out, expected.data(), n * sizeof(T)) == 0, name_of(type) << " in steps " << n);
            BOOST_TEST((after == expected.back()));
        }
        std::vector<T> over(values);
        T before = start;
        by.whole(reinterpret_cast<std::byte*>(over.data()), reinterpret_cast<const std::byte*>(over.data()), n, reinterpret_cast<std::byte*>(&before), false, {});
        BOOST_TEST((over == expected), name_of(type) << " in place " << n);
    }
}

BOOST_AUTO_TEST_SUITE(scan_functions)

BOOST_AUTO_TEST_CASE(in_the_documented_order) {
    for (const std::size_t n : {1U, 2U, 63U, 64U, 65U, 511U, 512U, 513U, 1023U, 1024U, 1025U, 1600U, 5000U}) {
        for (const bool sums : {true, false}) {
            check<float>(sums, n);
            check<double>(sums, n);
            check<std::int64_t>(sums, n);
            check<std::uint64_t>(sums, n);
        }
    }
}

BOOST_AUTO_TEST_CASE(nothing_keeps_every_value) {
    const auto add = static_cast<std::uint16_t>(op::add::code), multiply = static_cast<std::uint16_t>(op::multiply::code);
    BOOST_TEST(pt::nothing_for_scan(add, dtype::f32) == 0x80000000U);
    BOOST_TEST(pt::nothing_for_scan(add, dtype::i64) == 0U);
    BOOST_TEST(pt::nothing_for_scan(multiply, dtype::u64) == 1U);
    BOOST_TEST((pt::scan_by(add, dtype::i8).whole == nullptr));
    BOOST_TEST((pt::scan_by(static_cast<std::uint16_t>(op::minimum::code), dtype::f32).whole == nullptr));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
