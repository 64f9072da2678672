#pragma once

#include <sinter/detail/math/two_parts.hpp>
#include <sinter/detail/rare.hpp>

#include <utility>

// Angles less the nearest multiple of pi / 2, of any size.

namespace sinter::inline v1::detail::math {

/// What is left, in two parts, and the multiple's number in the low bits of an integer.
template <class V>
struct reduced_angle {
    V high, low;
    decltype(math::bits(std::declval<V>())) quarter;
};

/// pi / 2 in parts, of which the second is so short that its products with the multiples of `near` angles are exact.
template <class T>
struct quarter_turn;
template <>
struct quarter_turn<float> {
    static constexpr float first = 0x1.921fb6p0f, second = -0x1.778p-25f, third = 0x1.68c234p-39f;
    static constexpr float inverse = 0x1.45f306p-1f;
    static constexpr float near = 12800.0f;
};
template <>
struct quarter_turn<double> {
    static constexpr double first = 0x1.921fb54442d18p0, second = 0x1.1a626331p-54, third = 0x1.1701b839a252p-88;
    static constexpr double inverse = 0x1.45f306dc9c883p-1;
    static constexpr double near = 1.6e6;
};

/// For 0 <= a <= near: W. Cody and W. Waite, "Software Manual for the Elementary Functions", 1980. The first difference is exact, the second one's
/// rounding error is known, the third part goes to it.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr reduced_angle<V> reduce_near(V a) {
    using T = element_of<V>;
    using Q = quarter_turn<T>;
    const V magic = V(math::rounder<T>(0));
    const V shifted = math::fma(a, V(Q::inverse), magic);
    const V k = shifted - magic;
    const V first = detail::fnma(k, V(Q::first), a);
    const V high = detail::fnma(k, V(Q::second), first);
    const V low = detail::fnma(k, V(Q::second), first - high);
    return {high, detail::fnma(k, V(Q::third), low), math::bits(shifted)};
}

/// The digits of 2 / pi, in words of so many bits.
template <class T>
struct two_over_pi;
template <>
struct two_over_pi<float> {
    static constexpr int bits = 24;
    static constexpr int steps = 3;
    static constexpr float words[] = {0xa2f983p0f, 0x6e4e44p0f, 0x1529fcp0f, 0x2757d1p0f, 0xf534ddp0f, 0xc0db62p0f, 0x95993cp0f, 0x439041p0f, 0xfe5163p0f};
};
template <>
struct two_over_pi<double> {
    static constexpr int bits = 48;
    static constexpr int steps = 5;
    static constexpr double words[] = {0xa2f9836e4e44p0, 0x1529fc2757d1p0, 0xf534ddc0db62p0, 0x95993c439041p0, 0xfe5163abdebbp0,
                                       0xc561b7246e3ap0, 0x424dd2e00649p0, 0x2eea09d1921cp0, 0xfe1deb1cb129p0, 0xa73ee88235f5p0,
                                       0x2ebb4484e99cp0, 0x7026b45f7e41p0, 0x3991d6398353p0, 0x39f49c845f8bp0, 0xbdf9283b1ff8p0,
                                       0x97ffde05980fp0, 0xef2f118b5a0ap0, 0x6d1f6d367ecfp0, 0x27cb09b74f46p0, 0x3f669e5fea2dp0,
                                       0x7527bac7ebe5p0, 0xf17b3d0739f7p0, 0x8a5292ea6bfbp0, 0x5fb11f8d5d08p0, 0x56033046fc7bp0};
};

template <class V, std::size_t N>
struct word_list {
    V at[N];
};

/// Five of the words, from that which makes up whole turns of a on; a loses as many bits as there are before it. The words are shifted by
/// 16, 8, 4, 2 and 1 where a is large.
template <int Step, class V, std::size_t N>
[[nodiscard, gnu::always_inline]] constexpr auto shift_words(V& a, const word_list<V, N>& words) {
    using T = element_of<V>;
    constexpr int bits = two_over_pi<T>::bits;
    if constexpr (Step < 0) {
        return words;
    } else {
        constexpr std::size_t by = std::size_t{1} << Step;
        constexpr std::size_t left = 4 + by;
        const auto large = V(math::power_of_two<T>(bits * static_cast<int>(by) + format<T>::mantissa + 2)) <= a;
        a = math::select(large, a * V(math::power_of_two<T>(-bits * static_cast<int>(by))), a);
        const auto shifted = [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
            const auto one = [&]<std::size_t K>() __attribute__((always_inline)) {
                if constexpr (K + by < N) {
                    return math::select(large, words.at[K + by], words.at[K]);
                } else {
                    return words.at[K];
                }
            };
            return word_list<V, sizeof...(I)>{{one.template operator()<I>()...}};
        }(std::make_index_sequence<(left < N ? left : N)>{});
        return math::shift_words<Step - 1>(a, shifted);
    }
}

/// x less the nearest multiple of 4.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr V modulo_four(V x) {
    using T = element_of<V>;
    return detail::fnma(math::rint(x * V(T(0.25))), V(T(4)), x);
}

/// Adds every number to the sum of those after it: the first becomes the sum, the others what rounding lost (T. Ogita, S. Rump and S. Oishi,
/// "Accurate sum and dot product", 2005).
template <class V, std::size_t N>
[[nodiscard, gnu::always_inline]] constexpr word_list<V, N> distil(word_list<V, N> t) {
    [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
        const auto one = [&](std::size_t n) __attribute__((always_inline)) {
            const two_parts<V> s = math::exact_sum(t.at[n], t.at[n + 1]);
            t.at[n] = s.high;
            t.at[n + 1] = s.low;
        };
        (one(N - 2 - I), ...);
    }(std::make_index_sequence<N - 1>{});
    return t;
}

/// For large a: its product with those digits of 2 / pi that make up neither whole turns nor nothing (M. Payne and R. Hanek, "Radian reduction for
/// trigonometric functions", 1983). NaN for infinities.
template <class V>
[[nodiscard, gnu::always_inline]] constexpr reduced_angle<V> reduce_far(V a) {
    using T = element_of<V>;
    using P = two_over_pi<T>;
    constexpr std::size_t count = sizeof(P::words) / sizeof(T);
    const auto all = []<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
        return word_list<V, count>{{V(P::words[I])...}};
    }(std::make_index_sequence<count>{});
    V x = a;
    const word_list<V, 5> w = math::shift_words<P::steps - 1>(x, all);
    const auto term = [&](int n) __attribute__((always_inline)) {
        return math::exact_product(x * V(math::power_of_two<T>(-P::bits * (n + 1))), w.at[n]);
    };
    const two_parts<V> p0 = term(0), p1 = term(1), p2 = term(2), p3 = term(3), p4 = term(4);
    const word_list<V, 9> first = math::distil(word_list<V, 9>{{math::modulo_four(p0.high), math::modulo_four(p0.low), math::modulo_four(p1.high), p1.low,
                                                               math::modulo_four(p2.high), p2.low, p3.high, p3.low, p4.high}});
    const V k = math::rint(first.at[0]);
    word_list<V, 9> rest = first;
    rest.at[0] = first.at[0] - k;
    rest = math::distil(rest);
    const V low = ((rest.at[1] + rest.at[2]) + (rest.at[3] + rest.at[4])) + ((rest.at[5] + rest.at[6]) + (rest.at[7] + rest.at[8]));
    using Q = quarter_turn<T>;
    const two_parts<V> r = math::product(two_parts<V>{rest.at[0], low}, two_parts<V>{V(Q::first), V(math::pick<T>(-0x1.777a5cp-25f, 0x1.1a62633145c07p-54))});
    return {r.high, r.low, math::bits(k + V(math::rounder<T>(0)))};
}

}  // namespace sinter::inline v1::detail::math
