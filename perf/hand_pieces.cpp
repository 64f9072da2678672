// What moves elements: copies, views, masks.
#include "vectors.hpp"

namespace perf::hand {

namespace {

inline __mmask16 mask_of(std::size_t count) { return static_cast<__mmask16>(count < lanes ? (1u << count) - 1u : 0xffffu); }

// Elements up to the next address at which a vector may be streamed.
inline std::size_t before_line(const float* y) { return (-reinterpret_cast<std::uintptr_t>(y) / sizeof(float)) % lanes; }

// Which of sixteen bools are true.
inline __mmask16 truths(const bool* mask) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(mask));
    return _mm_test_epi8_mask(bytes, bytes);
}

inline __mmask16 truths(const bool* mask, std::size_t count) {
    const __m128i bytes = _mm_maskz_loadu_epi8(mask_of(count), mask);
    return _mm_test_epi8_mask(bytes, bytes);
}

// value(at) gives sixteen elements.
template <stores How, class Value>
inline void move_with(float* y, std::size_t n, const Value& value) {
    std::size_t i = 0;
    for (; i + 4 * lanes <= n; i += 4 * lanes) unrolled<4>([&](auto k) { store<How>(y + i + k * lanes, value(i + k * lanes)); });
    for (; i + lanes <= n; i += lanes) store<How>(y + i, value(i));
    if constexpr (How == stores::streaming) _mm_sfence();
}

template <class Value>
inline void move(float* y, std::size_t n, stores how, const Value& value) {
    if (how == stores::streaming) move_with<stores::streaming>(y, n, value);
    else move_with<stores::ordinary>(y, n, value);
}

}

void copy(float* y, const float* x, std::size_t n, stores how) {
    // A store that crosses cache lines costs twice, a load less.
    const std::size_t head = before_line(y) < n ? before_line(y) : n;
    _mm512_mask_storeu_ps(y, mask_of(head), _mm512_maskz_loadu_ps(mask_of(head), x));
    each(y + head, n - head, how, [x = x + head](auto load) { return load(x); });
}

void reversed(float* y, const float* x, float a, std::size_t first, std::size_t last, std::size_t n, stores how) {
    const __m512i back = _mm512_set_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512 va = _mm512_set1_ps(a);
    const float* const end = x + n - first;
    move(y + first, last - first, how, [=](std::size_t i) { return _mm512_mul_ps(va, _mm512_permutexvar_ps(back, _mm512_loadu_ps(end - i - lanes))); });
    for (std::size_t i = last - (last - first) % lanes; i < last; ++i) y[i] = a * x[n - 1 - i];
}

void every_second(float* y, const float* x, float a, std::size_t first, std::size_t last, stores how) {
    const __m512i even = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
    const __m512 va = _mm512_set1_ps(a);
    move(y + first, last - first, how, [=, p = x + 2 * first](std::size_t i) {
        return _mm512_mul_ps(va, _mm512_permutex2var_ps(_mm512_loadu_ps(p + 2 * i), even, _mm512_loadu_ps(p + 2 * i + lanes)));
    });
    for (std::size_t i = last - (last - first) % lanes; i < last; ++i) y[i] = a * x[2 * i];
}

void interleave(float* y, const float* x, const float* z, std::size_t n, stores how) {
    const __m512i low = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
    const auto pass = [&](auto kind) {
        std::size_t i = 0;
        for (; i + lanes <= n; i += lanes) {
            const __m512 vx = _mm512_loadu_ps(x + i), vz = _mm512_loadu_ps(z + i);
            store<decltype(kind)::value>(y + 2 * i, _mm512_permutex2var_ps(vx, low, vz));
            store<decltype(kind)::value>(y + 2 * i + lanes, _mm512_permutex2var_ps(vx, high, vz));
        }
        for (; i < n; ++i) {
            y[2 * i] = x[i];
            y[2 * i + 1] = z[i];
        }
    };
    if (how == stores::streaming) pass(std::integral_constant<stores, stores::streaming>{});
    else pass(std::integral_constant<stores, stores::ordinary>{});
    if (how == stores::streaming) _mm_sfence();
}

void take_along_rows(float* y, const float* x, const std::int32_t* at, std::size_t rows, std::size_t columns, stores how) {
    for (std::size_t r = 0; r < rows; ++r) {
        const float* const p = x + r * columns;
        const std::int32_t* const places = at + r * columns;
        move(y + r * columns, columns, how, [=](std::size_t j) { return _mm512_i32gather_ps(_mm512_loadu_si512(places + j), p, sizeof(float)); });
    }
}

// Loaded before they are stored: masked stores alone have nothing that fetches lines ahead.
void write_masked(float* x, const bool* mask, float value, std::size_t n, stores how) {
    const __m512 v = _mm512_set1_ps(value);
    move(x, n, how, [=](std::size_t i) { return _mm512_mask_mov_ps(_mm512_loadu_ps(x + i), truths(mask + i), v); });
    const std::size_t i = n - n % lanes;
    _mm512_mask_storeu_ps(x + i, truths(mask + i, n - i), v);
}

// Packed in a register and stored whole: stores that pack are slow on some processors.
std::size_t masked(float* y, const float* x, const bool* mask, std::size_t n) {
    float* to = y;
    std::size_t i = 0;
    for (; i + lanes <= n; i += lanes) {
        const __mmask16 m = truths(mask + i);
        _mm512_storeu_ps(to, _mm512_maskz_compress_ps(m, _mm512_loadu_ps(x + i)));
        to += __builtin_popcount(m);
    }
    for (; i < n; ++i)
        if (mask[i]) *to++ = x[i];
    return static_cast<std::size_t>(to - y);
}

std::size_t places(std::int64_t* y, const bool* mask, std::size_t n) {
    std::int64_t* to = y;
    const __m512i count = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
    std::size_t i = 0;
    for (; i + lanes <= n; i += lanes) {
        const unsigned m = truths(mask + i);
        unrolled<2>([&](auto half) {
            const auto part = static_cast<__mmask8>(m >> (8 * half));
            _mm512_storeu_si512(to, _mm512_maskz_compress_epi64(part, _mm512_add_epi64(_mm512_set1_epi64(static_cast<long long>(i + 8 * half)), count)));
            to += __builtin_popcount(part);
        });
    }
    for (; i < n; ++i)
        if (mask[i]) *to++ = static_cast<std::int64_t>(i);
    return static_cast<std::size_t>(to - y);
}

void pad(float* y, const float* m, std::size_t first, std::size_t last, std::size_t rows, std::size_t columns) {
    const std::size_t wide = columns + 2;
    const auto clear = [=](float* row) {
        for (std::size_t j = 0; j < wide; ++j) row[j] = 0;
    };
    if (first == 0) clear(y);
    if (last == rows) clear(y + (rows + 1) * wide);
    for (std::size_t r = first; r < last; ++r) {
        float* const row = y + (r + 1) * wide;
        row[0] = row[wide - 1] = 0;
        // Rows that begin and end within lines are not for streaming.
        copy(row + 1, m + r * columns, columns, stores::ordinary);
    }
}

}
