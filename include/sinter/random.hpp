#pragma once

#include <sinter/fn.hpp>

#include <array>
#include <vector>

// Random numbers without a state: an element is a function of its key and of its place, by Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", 2011). Arrays of them are statements like others: they are made within the kernels that use them and take no memory of
// their own there.
//
// The bits are a promise, for every version, machine and number of threads. Element i in row-major order, whatever the shape, has the four words w0 to w3 that Philox gives for
// the counter (i mod 2^32, i / 2^32, 0, 0) and the key's lower and upper half. x is w0 + 2^32 w1, y is w2 + 2^32 w3. What is made of them stands with each function.

namespace sinter::inline v1 {

namespace detail {

/// Four numbers below 2^32, each in 64 bits.
template <class V>
struct philox_words {
    V w0, w1, w2, w3;
};

/// V: std::uint64_t, or lanes of it. Only the lower halves of all arguments matter; what is above them is cleared where a product would see it, which takes no
/// instruction where there is one for the product of halves.
template <class V>
[[nodiscard]] constexpr philox_words<V> philox(philox_words<V> c, V key0, V key1) {
    constexpr std::uint64_t low = 0xffffffff;
    for (std::uint64_t round = 0; round < 10; ++round) {
        const V p = (c.w0 & low) * std::uint64_t{0xd2511f53}, q = (c.w2 & low) * std::uint64_t{0xcd9e8d57};
        c = {(q >> 32) ^ (key0 + round * 0x9e3779b9) ^ c.w1, q, (p >> 32) ^ (key1 + round * 0xbb67ae85) ^ c.w3, p};
    }
    return {c.w0 & low, c.w1 & low, c.w2 & low, c.w3 & low};
}

/// The words of an element; use 0 is for elements, 1 for new keys.
template <class V>
[[nodiscard]] constexpr philox_words<V> philox_of(V number, V key, std::uint64_t use = 0) {
    return detail::philox<V>({number, number >> 32, V(std::uint64_t{0}), V(use)}, key, key >> 32);
}

/// The upper half of the product.
template <class V>
[[nodiscard]] constexpr V product_high(V a, V b) {
    constexpr std::uint64_t low = 0xffffffff;
    const V a0 = a & low, a1 = a >> 32, b0 = b & low, b1 = b >> 32;
    const V p01 = a0 * b1, p10 = a1 * b0;
    const V middle = ((a0 * b0) >> 32) + (p01 & low) + (p10 & low);
    return a1 * b1 + (p01 >> 32) + (p10 >> 32) + (middle >> 32);
}

/// The integer part of (x + 2^64 y) * range / 2^128.
template <class V>
[[nodiscard]] constexpr V scaled_to(const philox_words<V>& w, V range) {
    const V x = w.w0 | (w.w1 << 32), y = w.w2 | (w.w3 << 32);
    const V lower = y * range, carried = detail::product_high(x, range), sum = lower + carried;
    return detail::product_high(y, range) + (((lower & carried) | ((lower | carried) & ~sum)) >> 63);
}

[[noreturn]] SINTER_API void throw_empty_range(const char* low, const char* high);
/// One handle.
[[nodiscard]] SINTER_API node* random_permutation(std::uint64_t key, index_t n);

}  // namespace detail

namespace random {

/// Where random numbers come from: a value. The same key always gives the same numbers; for others take another key, see split.
class key {
public:
    explicit constexpr key(std::uint64_t seed) noexcept : bits_{seed} {}
    [[nodiscard]] constexpr std::uint64_t bits() const noexcept { return bits_; }
    friend constexpr bool operator==(key, key) noexcept = default;

private:
    std::uint64_t bits_;
};

}  // namespace random

namespace detail {

/// An array of what f makes of the words of each element and of further numbers.
template <class F, class... S>
[[nodiscard]] auto drawn(const char* name, random::key k, const extents& shape, source where, F, S... numbers) {
    detail::check_shape(name, shape);
    const array<std::uint64_t> count(edge{detail::count_node(shape)});
    constexpr auto f = [](auto at, auto bits, auto... n) { return F{}(detail::philox_of(at >> 3, bits), n...); };
    return function{f, where}(count, k.bits(), numbers...);
}

}  // namespace detail

namespace random {

/// As many keys as wanted, of numbers that have nothing to do with each other's or with k's. Key i is w0 + 2^32 w1 of the counter (i mod 2^32, i / 2^32, 0, 1). Throws
/// value_error if n is negative, and memory_error.
[[nodiscard]] inline std::vector<key> split(key k, index_t n) try {
    if (n < 0) throw value_error("random::split: into " + std::to_string(n) + " keys");
    std::vector<key> keys;
    if (static_cast<std::size_t>(n) > keys.max_size()) detail::throw_no_memory("random::split");
    keys.reserve(static_cast<std::size_t>(n));
    for (index_t i = 0; i < n; ++i) {
        const auto w = detail::philox_of<std::uint64_t>(static_cast<std::uint64_t>(i), k.bits(), 1);
        keys.emplace_back(w.w0 | w.w1 << 32);
    }
    return keys;
} catch (const std::bad_alloc&) {
    detail::throw_no_memory("random::split");
}
/// The same with their number as a constant: auto [a, b] = random::split<2>(k).
template <std::size_t N>
[[nodiscard]] constexpr std::array<key, N> split(key k) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        const auto child = [&](std::uint64_t i) {
            const auto w = detail::philox_of<std::uint64_t>(i, k.bits(), 1);
            return key{w.w0 | w.w1 << 32};
        };
        return std::array<key, N>{child(I)...};
    }(std::make_index_sequence<N>{});
}

/// Evenly spread over [0, 1): multiples of 2^-24 (float: w0 / 2^8), of 2^-53 (double: x / 2^11), of 2^-11 (float16: w0 / 2^21) or of 2^-8 (bfloat16: w0 / 2^24), rounded down.
template <class T>
    requires detail::floating<T> && detail::element<T>
[[nodiscard]] array<T> uniform(key k, const extents& shape, detail::source where = detail::source::current()) {
    return detail::drawn("random::uniform", k, shape, where, [](auto w) {
        if constexpr (detail::half<T>) {
            constexpr int bits = std::numeric_limits<T>::digits;
            return cast<T>(cast<float>(cast<std::int32_t>(w.w0 >> (32 - bits))) * (1.0f / (1 << bits)));
        } else if constexpr (std::same_as<T, float>) {
            return cast<float>(cast<std::int32_t>(w.w0 >> 8)) * 0x1p-24f;
        } else {
            return cast<double>(cast<std::int64_t>((w.w0 | (w.w1 << 32)) >> 11)) * 0x1p-53;
        }
    });
}

/// Normally distributed with mean 0 and standard deviation 1, by Box and Muller's method: sqrt(-2 log u) sin(pi t).
/// float: u = w0 2^-32 + 2^-33, t = (w1 / 2^8 + 1/2) 2^-24 - 1/2; no further than 6.8 from 0. double: u = (x / 2^11) 2^-53 + 2^-54, t = (y / 2^11 + 1/2) 2^-53 - 1/2; no further
/// than 8.7. float16 and bfloat16: the float, rounded. Quotients are rounded down. The result is within 5 ULP of the exact one of u and t. With precision::fast the logarithm and
/// the sine are the fast ones, so these numbers have other bits then; those of the other functions have not.
template <class T>
    requires detail::floating<T> && detail::element<T>
[[nodiscard]] array<T> normal(key k, const extents& shape, detail::source where = detail::source::current()) {
    return detail::drawn("random::normal", k, shape, where, [](auto w) {
        if constexpr (std::same_as<detail::computed_t<T>, float>) {
            const auto u = fma(cast<float>(cast<std::int64_t>(w.w0)), 0x1p-32f, 0x1p-33f);
            const auto t = cast<float>(cast<std::int32_t>(w.w1 >> 8) * 2 - 0xffffff) * 0x1p-25f;
            const auto x = sqrt(-2.0f * log(u)) * sin(t * 3.14159265f);
            if constexpr (detail::half<T>) return cast<T>(x);
            else return x;
        } else {
            const auto u = fma(cast<double>(cast<std::int64_t>((w.w0 | (w.w1 << 32)) >> 11)), 0x1p-53, 0x1p-54);
            const auto t = cast<double>(cast<std::int64_t>((w.w2 | (w.w3 << 32)) >> 11) * 2 - 0x1fffffffffffff) * 0x1p-54;
            return sqrt(-2.0 * log(u)) * sin(t * 3.14159265358979323846);
        }
    });
}

/// Integers from low up to and without high, each as likely as the others up to 2^-64: low + (x + 2^64 y) (high - low) / 2^128, rounded down. Throws value_error unless low is less
/// than high.
template <class T>
    requires std::integral<T> && detail::element<T> && (!std::same_as<T, bool>)
[[nodiscard]] array<T> integers(key k, T low, T high, const extents& shape, detail::source where = detail::source::current()) {
    if (low >= high) detail::throw_empty_range(std::to_string(low).c_str(), std::to_string(high).c_str());
    const std::uint64_t range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    return detail::drawn("random::integers", k, shape, where, [](auto w, auto count, auto from) { return cast<T>(detail::scaled_to(w, count) + from); }, range,
                         static_cast<std::uint64_t>(low));
}

/// True with probability p: where x / 2^11, rounded down, is less than p 2^53. Throws value_error unless p is from 0 to 1.
[[nodiscard]] inline array<bool> bernoulli(key k, double p, const extents& shape, detail::source where = detail::source::current()) {
    if (!(p >= 0 && p <= 1)) throw value_error("random::bernoulli: the probability is " + std::to_string(p) + ", not from 0 to 1");
    const double scaled = p * 0x1p53;
    const auto whole = static_cast<std::int64_t>(scaled);
    const std::int64_t bound = static_cast<double>(whole) < scaled ? whole + 1 : whole;
    return detail::drawn("random::bernoulli", k, shape, where, [](auto w, auto b) { return cast<std::int64_t>((w.w0 | (w.w1 << 32)) >> 11) < b; }, bound);
}

/// 0 to n - 1 in a random order: for i = n - 1, ..., 1, element i is swapped with the one that integers gives for element i of an array with low 0 and high i + 1. Made at
/// once, on one thread. Throws value_error if n is negative.
[[nodiscard]] inline array<index_t> permutation(key k, index_t n) { return array<index_t>(detail::handle{detail::random_permutation(k.bits(), n)}); }

}  // namespace random

}  // namespace sinter::inline v1
