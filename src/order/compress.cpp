#include "base/borrowed_lock.hpp"
#include "graph/node.hpp"
#include "order/rows.hpp"
#include "order/tell.hpp"

#include <sinter/detail/indexing.hpp>
#include <sinter/detail/record.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <vector>

// The elements where a mask is true, of an array that is in memory.

namespace sinter::inline v1::detail {

namespace {

/// Elements of a mask that are looked at together.
constexpr index_t at_once = 64;

/// How many of n bytes, each 0 or 1, are 1. So few together that their count is a byte: whole vectors are added.
[[nodiscard]] index_t count_set(const std::uint8_t* mask, index_t n) noexcept {
    index_t sum = 0, i = 0;
    for (; i + at_once <= n; i += at_once) {
        std::uint8_t some = 0;
        for (index_t k = 0; k < at_once; ++k) some = static_cast<std::uint8_t>(some + mask[i + k]);
        sum += some;
    }
    for (; i < n; ++i) sum += mask[i];
    return sum;
}

/// One after the other: each is written, and stays where the mask is true. Eights of which none is are passed over. Gives where the next one goes.
template <class B>
B* take_one_by_one(const B* from, const std::uint8_t* mask, index_t n, B* to, const B* end) noexcept {
    constexpr index_t eight = 8;
    for (index_t first = 0; first < n && to < end; first += eight) {
        const index_t past = std::min(n, first + eight);
        std::uint64_t set = 0;
        std::memcpy(&set, mask + first, static_cast<std::size_t>(past - first));
        if (set == 0) continue;
        for (index_t i = first; i < past && to < end; ++i) {
            *to = from[i];
            to += mask[i];
        }
    }
    return to;
}

template <class B>
struct vector_of {
    typedef B type __attribute__((vector_size(64), aligned(1), may_alias));
};

/// Sixteen or eight at a time: what is beyond those that stay is written over by the next ones.
template <class B>
[[gnu::target("avx512f,avx512bw,popcnt"), gnu::no_sanitize_address]] void take_vectors(const B* from, const std::uint8_t* mask, index_t n, B* to, const B* end) noexcept {
    using vector = typename vector_of<B>::type;
    constexpr auto lanes = static_cast<index_t>(64 / sizeof(B));
    index_t i = 0;
    for (; i + at_once <= n && to < end; i += at_once) {
        std::uint64_t set;
        asm("vmovdqu64 %1, %%zmm16\n\tvptestmb %%zmm16, %%zmm16, %%k1\n\tkmovq %%k1, %0" : "=r"(set) : "m"(*reinterpret_cast<const vector*>(mask + i)) : "xmm16", "k1");
        if (set == 0) continue;
        if (end - to < at_once + lanes) {
            to = take_one_by_one(from + i, mask + i, at_once, to, end);
            continue;
        }
        for (index_t k = 0; k < at_once; k += lanes, set >>= lanes) {
            vector made;
            const auto here = static_cast<std::uint32_t>(set & ((std::uint64_t{1} << lanes) - 1));
            if constexpr (sizeof(B) == 4) {
                asm("kmovd %1, %%k1\n\tvpcompressd %2, %0%{%%k1%}%{z%}" : "=v"(made) : "r"(here), "v"(*reinterpret_cast<const vector*>(from + i + k)) : "k1");
            } else {
                asm("kmovd %1, %%k1\n\tvpcompressq %2, %0%{%%k1%}%{z%}" : "=v"(made) : "r"(here), "v"(*reinterpret_cast<const vector*>(from + i + k)) : "k1");
            }
            *reinterpret_cast<vector*>(to) = made;
            to += __builtin_popcount(here);
        }
    }
    take_one_by_one(from + i, mask + i, n - i, to, end);
}

template <class B>
void take(const B* from, const std::uint8_t* mask, index_t n, B* to, const B* end) noexcept {
    if constexpr (sizeof(B) == 4 || sizeof(B) == 8) {
        static const bool compresses = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("popcnt") != 0;
        if (compresses) return take_vectors(from, mask, n, to, end);
    }
    take_one_by_one(from, mask, n, to, end);
}

}  // namespace

node* masked_elements(node& x, node& mask) try {
    if (!x.is_done() || !x.contiguous || x.borrowed_writable || x.rank == 0 || x.shape() != mask.shape()) return nullptr;
    const auto* const set = reinterpret_cast<const std::uint8_t*>(contiguous_data(mask));
    const base::reading_arrays reading;
    const index_t n = x.size;
    const auto parts = static_cast<index_t>(order::parts_for(n));
    const auto each = [&](const auto& f) {
        order::over_parts(parts, n, [&](index_t first, index_t past) {
            for (index_t p = first; p < past; ++p) f(static_cast<std::size_t>(p), n * p / parts, n * (p + 1) / parts);
        });
    };
    // Where the elements of each part begin.
    std::vector<index_t> starts(static_cast<std::size_t>(parts) + 1, 0);
    each([&](std::size_t p, index_t first, index_t past) { starts[p + 1] = count_set(set + first, past - first); });
    for (std::size_t p = 1; p < starts.size(); ++p) starts[p] += starts[p - 1];
    handle out{allocate_node(x.type, {starts.back()})};
    order::with_element(x.type, [&]<class B>(B) {
        const B* const from = reinterpret_cast<const B*>(x.data);
        B* const to = reinterpret_cast<B*>(out->data);
        each([&](std::size_t p, index_t first, index_t past) { take(from + first, set + first, past - first, to + starts[p], to + starts[p + 1]); });
    });
    return out.release();
} catch (const std::exception&) {
    order::tell("x(mask)");
}

}  // namespace sinter::inline v1::detail
