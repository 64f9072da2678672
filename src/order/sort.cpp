#include "order/sort.hpp"

#include "base/borrowed_lock.hpp"
#include "base/default_environment.hpp"
#include "order/pieces.hpp"
#include "order/tell.hpp"

#include <sinter/order.hpp>

#include <atomic>
#include <limits>
#include <new>
#include <numeric>

namespace sinter::inline v1::detail {

namespace order {

namespace {

/// Values by keys of the same size. The keys of a row take the place of its result, so one more row of memory is all that is needed.
template <class T>
struct value_sort {
    using K = bits_of<T>;
    static constexpr unsigned key_width = sizeof(K) * 8;
    static constexpr index_t key_values = sizeof(K) <= 2 ? index_t{1} << key_width % 32 : 0;  // where they are counted

    /// Whether there are elements that are not the only ones of their value: NaN, and zeros with a sign.
    [[nodiscard]] static bool make_keys(const K* in, K* keys, index_t n) noexcept {
        K unusual = 0;
        for (index_t i = 0; i < n; ++i) {
            keys[i] = order::exact_key<T>(in[i]);
            if constexpr (has_nan<T>) unusual |= static_cast<K>(keys[i] == nan_key<T> || in[i] == sign_bit<T>);
        }
        return unusual != 0;
    }

    /// Elements that compare equal without being so come in the order of the input.
    static void restore_order(const K* in, K* out, index_t n) noexcept {
        index_t zero = 0, nan = n;
        for (index_t i = 0; i < n; ++i) {
            zero += std::bit_cast<T>(in[i]) < T(0);
            nan -= order::exact_key<T>(in[i]) == nan_key<T>;
        }
        for (index_t i = 0; i < n; ++i) {
            if (std::bit_cast<T>(in[i]) == T(0)) out[zero++] = in[i];
            if (order::exact_key<T>(in[i]) == nan_key<T>) out[nan++] = in[i];
        }
    }

    static void finish(const K* in, const K* keys, K* out, index_t n, bool unusual) noexcept {
        for (index_t i = 0; i < n; ++i) out[i] = order::bits_of_key<T>(keys[i]);
        if constexpr (has_nan<T>) {
            if (unusual) restore_order(in, out, n);
        }
    }

    /// Few values: how often each is there says all.
    static void count(const K* in, K* out, index_t n, index_t* times) noexcept {
        std::fill_n(times, key_values, 0);
        for (index_t i = 0; i < n; ++i) ++times[order::exact_key<T>(in[i])];
        for (index_t v = 0; v < key_values; ++v) out = std::fill_n(out, times[v], order::bits_of_key<T>(static_cast<K>(v)));
    }
    [[nodiscard]] static constexpr bool counts(index_t n) noexcept {
        return sizeof(K) <= 2 && !has_nan<T> && n >= (sizeof(K) == 1 ? fewest_for_digits : index_t{1} << 14);
    }

    static void row(const K* in, K* out, K* spare, index_t* count_space, index_t n) noexcept {
        if constexpr (sizeof(K) <= 2) {
            if (counts(n)) return count(in, out, n, count_space);
        }
        const bool unusual = make_keys(in, out, n);
        finish(in, order::sort_words<0, key_width>(out, spare, n), out, n, unusual);
    }

    static void long_row(const K* in, K* out, index_t n) {
        const scratch<K> spare(n);
        if constexpr (sizeof(K) <= 2) {
            if (counts(n)) return count(in, out, n, scratch<index_t>(key_values).data());
        }
        std::atomic<bool> unusual = false;
        const K* const keys = order::sort_in_pieces<0, key_width>(out, spare.data(), n, [&](index_t first, index_t past) {
            if (make_keys(in + first, out + first, past - first)) unusual.store(true, std::memory_order_relaxed);
        });
        order::over_parts(n, n, [&](index_t first, index_t past) { finish(in + first, keys + first, out + first, past - first, false); });
        if constexpr (has_nan<T>) {
            if (unusual.load(std::memory_order_relaxed)) restore_order(in, out, n);
        }
    }

    static void all(const rows& in, const rows& out) {
        if (order::shares_rows(in)) {
            row_reader<K> from(in, in.count);
            row_writer<K> to(out);
            for (index_t r = 0; r < in.count; ++r) long_row(from.row(r), to.row(r), in.length);
            return to.finish();
        }
        order::over_parts(in.count, in.count * in.length, [&](index_t first, index_t past) {
            row_reader<K> from(in, past);
            row_writer<K> to(out);
            const scratch<K> spare(in.length);
            const scratch<index_t> count_space(counts(in.length) ? key_values : 0);
            for (index_t r = first; r < past; ++r) row(from.row(r), to.row(r), spare.data(), count_space.data(), in.length);
            to.finish();
        });
    }
};

/// Places by pairs of a key and a place: in one word where they fit, in which case the result's memory is one of the two buffers.
template <class T>
struct place_sort {
    using K = bits_of<T>;

    static constexpr bool fits = sizeof(K) <= 4;
    static constexpr index_t most_packed = index_t{1} << 32;

    static void make_packed(const K* in, std::uint64_t* words, index_t first, index_t past) noexcept {
        for (index_t i = first; i < past; ++i) {
            words[i] = order::packed_pair(static_cast<std::uint32_t>(order::value_key<T>(in[i])), static_cast<std::uint64_t>(i));
        }
    }
    static void make_wide(const K* in, wide_pair* pairs, index_t first, index_t past) noexcept {
        for (index_t i = first; i < past; ++i) pairs[i] = {order::value_key<T>(in[i]), static_cast<std::uint64_t>(i)};
    }
    static void take_packed(const std::uint64_t* words, std::uint64_t* out, index_t first, index_t past) noexcept {
        for (index_t i = first; i < past; ++i) out[i] = words[i] & 0xffffffffU;
    }
    static void take_wide(const wide_pair* pairs, std::uint64_t* out, index_t first, index_t past) noexcept {
        for (index_t i = first; i < past; ++i) out[i] = pairs[i].place;
    }

    static void long_row(const K* in, std::uint64_t* out, index_t n) {
        if constexpr (fits) {
            if (n < most_packed) {
                const scratch<std::uint64_t> spare(n);
                const auto make = [&](index_t first, index_t past) { make_packed(in, out, first, past); };
                const std::uint64_t* const words = order::sort_in_pieces<32, sizeof(K) * 8>(out, spare.data(), n, make);
                order::over_parts(n, n, [&](index_t first, index_t past) { take_packed(words, out, first, past); });
                return;
            }
        }
        const scratch<wide_pair> pairs(n), spare(n);
        const auto make = [&](index_t first, index_t past) { make_wide(in, pairs.data(), first, past); };
        const wide_pair* const sorted = order::sort_in_pieces<0, sizeof(K) * 8>(pairs.data(), spare.data(), n, make);
        order::over_parts(n, n, [&](index_t first, index_t past) { take_wide(sorted, out, first, past); });
    }

    static void all(const rows& in, const rows& out) {
        const index_t n = in.length;
        if (order::shares_rows(in)) {
            row_reader<K> from(in, in.count);
            row_writer<std::uint64_t> to(out);
            for (index_t r = 0; r < in.count; ++r) long_row(from.row(r), to.row(r), n);
            return to.finish();
        }
        order::over_parts(in.count, in.count * n, [&](index_t first, index_t past) {
            row_reader<K> from(in, past);
            row_writer<std::uint64_t> to(out);
            if constexpr (fits) {
                const scratch<std::uint64_t> spare(n);
                for (index_t r = first; r < past; ++r) {
                    std::uint64_t* const words = to.row(r);
                    make_packed(from.row(r), words, 0, n);
                    take_packed(order::sort_words<32, sizeof(K) * 8>(words, spare.data(), n), words, 0, n);
                }
            } else {
                const scratch<wide_pair> pairs(n), spare(n);
                for (index_t r = first; r < past; ++r) {
                    make_wide(from.row(r), pairs.data(), 0, n);
                    take_wide(order::sort_words<0, sizeof(K) * 8>(pairs.data(), spare.data(), n), to.row(r), 0, n);
                }
            }
            to.finish();
        });
    }
};

}  // namespace

void sort_elements(dtype type, const std::byte* in, std::byte* out, index_t n) {
    visit_dtype(type, [&]<class T>(std::type_identity<T>) {
        using K = bits_of<T>;
        value_sort<T>::long_row(reinterpret_cast<const K*>(in), reinterpret_cast<K*>(out), n);
    });
}

void sort_places(dtype type, const std::byte* in, index_t* out, index_t n) {
    visit_dtype(type, [&]<class T>(std::type_identity<T>) {
        place_sort<T>::long_row(reinterpret_cast<const bits_of<T>*>(in), reinterpret_cast<std::uint64_t*>(out), n);
    });
}

}  // namespace order

node* sorted_values(node& x, const axes_argument& axes) try {
    const base::reading_arrays reading;
    const base::default_environment rounding;  // results must not depend on the caller's
    const index_t axis = order::one_axis("sort", axes, x.shape());
    const order::rows in = order::rows_of(x, axis);
    handle out{allocate_node(x.type, order::with_length(x.shape(), axis, in.length))};
    if (x.size == 0) return out.release();
    const order::rows to = order::rows_of(*out, axis);
    visit_dtype(x.type, [&]<class T>(std::type_identity<T>) { order::value_sort<T>::all(in, to); });
    return out.release();
} catch (const std::exception&) {
    order::tell("sort");
}

node* sorted_places(node& x, const axes_argument& axes) try {
    const base::reading_arrays reading;
    const base::default_environment rounding;  // results must not depend on the caller's
    const index_t axis = order::one_axis("argsort", axes, x.shape());
    const order::rows in = order::rows_of(x, axis);
    handle out{allocate_node(dtype_of<index_t>, order::with_length(x.shape(), axis, in.length))};
    if (x.size == 0) return out.release();
    const order::rows to = order::rows_of(*out, axis);
    visit_dtype(x.type, [&]<class T>(std::type_identity<T>) { order::place_sort<T>::all(in, to); });
    return out.release();
} catch (const std::exception&) {
    order::tell("argsort");
}

}  // namespace sinter::inline v1::detail
