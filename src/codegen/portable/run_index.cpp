#include "codegen/portable/run.hpp"

#include <cstring>

// Reductions that give the index of an extreme value. Along a row the extreme values are accumulated as they always are; only a block that brings a new one, of which
// there are few, is looked at element by element. Down columns the indices are a row of their own, of which the elements change where the extreme values do.

namespace sinter::inline v1::detail::codegen::portable {
namespace {

template <class T>
[[nodiscard]] bool is_nan(T x) noexcept {
    return x != x;
}

/// Whether a is more extreme than b. NaN is the most extreme of all.
template <class T>
[[nodiscard]] bool exceeds(T a, T b, bool least) noexcept {
    return least ? a < b || (is_nan(a) && !is_nan(b)) : a > b || (is_nan(a) && !is_nan(b));
}

template <class T>
[[nodiscard]] T element(const std::byte* from) noexcept {
    T x;
    std::memcpy(&x, from, sizeof x);
    return x;
}

/// Calls f with the type as a template argument; types that have no extreme values give no call.
template <class F>
auto with_type(dtype t, F&& f) noexcept {
    return visit_dtype(t, [&]<class T>(std::type_identity<T>) { return f.template operator()<T>(); });
}

template <bool Least, class T>
[[nodiscard]] std::size_t first_extreme(const std::byte* values, std::size_t n) noexcept {
    std::size_t at = 0;
    T best = element<T>(values);
    for (std::size_t i = 0; i < n; ++i) {
        const T x = element<T>(values + i * sizeof(T));
        if (is_nan(x)) return i;
        if (Least ? x < best : x > best) {
            best = x;
            at = i;
        }
    }
    return at;
}

}  // namespace

std::int64_t runner::index_of(const index_search& s, index_t at, std::size_t element_of) const noexcept {
    const std::int64_t from = s.start == index_search::no_start ? 0 : element<std::int64_t>(places_[s.start] + element_of * sizeof(std::int64_t));
    return from + at * s.step;
}

void runner::start_searches() noexcept {
    for (const index_search& s : p_.searches) {
        const index_state none;
        std::memcpy(scratch_ + s.state, &none, sizeof none);
    }
}

void runner::search_row(const index_search& s, index_t at, std::size_t skipped, std::size_t n) noexcept {
    const result& value = p_.reductions[s.reduction];
    const std::byte* const values = places_[value.place] + skipped * value.size;
    std::byte* const state = scratch_ + s.state;
    auto now = element<index_state>(state);
    if (one_by_one(n)) {
        const std::size_t i = with_type(s.type, [&]<class T>() { return s.least ? first_extreme<true, T>(values, n) : first_extreme<false, T>(values, n); });
        now.index = index_of(s, at + static_cast<index_t>(i), skipped + i);
        std::memcpy(state, &now, sizeof now);
        return;
    }
    std::byte* const best = scratch_ + s.splat;
    std::byte* const lanes = scratch_ + s.lanes;
    const std::byte* const extremes = accumulator(s.extremes);
    const std::size_t count = fold_lanes(s.type);
    const auto is_nan_at = [&](const std::byte* x) { return with_type(s.type, [&]<class T>() { return is_nan(element<T>(x)); }); };
    if (now.known) {
        if (is_nan_at(best)) return;
        // All lanes at once: mostly there is nothing that exceeds what is known. Zeros of the other sign and the like come through, and are seen below.
        value.combine({.out = lanes, .in = {best, extremes, extremes}, .n = count});
        if (std::memcmp(lanes, best, count * value.size) == 0) return;
    }
    std::memcpy(lanes, extremes, count * value.size);
    for (std::size_t half = count / 2; half > 0; half /= 2) value.combine({.out = lanes, .in = {lanes, lanes + half * value.size, lanes}, .n = half});
    if (now.known && !with_type(s.type, [&]<class T>() { return exceeds(element<T>(lanes), element<T>(best), s.least); })) return;
    std::uint64_t bits = 0;
    std::memcpy(&bits, lanes, value.size);
    fill(best, bits, value.size, group);
    std::byte* const found = scratch_ + s.found;
    if (is_nan_at(best)) {
        s.not_equal({.out = found, .in = {values, values, values}, .n = n});
    } else {
        s.equal({.out = found, .in = {values, best, best}, .advance = {1, 0, 0}, .n = n});
    }
    const auto i = static_cast<std::size_t>(static_cast<const std::byte*>(std::memchr(found, 1, n)) - found);
    now = {true, index_of(s, at + static_cast<index_t>(i), skipped + i)};
    std::memcpy(state, &now, sizeof now);
}

/// Rows of a batch that are gone through one by one, with nothing else to reduce.
void runner::search_short_rows(index_t row, std::size_t rows, std::size_t n) noexcept {
    for (const index_search& s : p_.searches) {
        const result& value = p_.reductions[s.reduction];
        const std::byte* const values = places_[value.place];
        const std::size_t o = reduction_at(s.reduction);
        std::byte* to = f_.pointers[o] + row * f_.row_strides[o];
        with_type(s.type, [&]<class T>() {
            for (std::size_t r = 0; r < rows; ++r) {
                const std::byte* const from = values + r * n * sizeof(T);
                const std::size_t i = s.least ? first_extreme<true, T>(from, n) : first_extreme<false, T>(from, n);
                const std::int64_t index = index_of(s, static_cast<index_t>(i), r * n + i);
                std::memcpy(to, &index, sizeof index);
                to += f_.row_strides[o];
            }
        });
    }
}

void runner::finish_searches(index_t row) noexcept {
    for (const index_search& s : p_.searches) {
        const std::size_t o = reduction_at(s.reduction);
        const std::int64_t index = element<index_state>(scratch_ + s.state).index;
        std::memcpy(f_.pointers[o] + row * f_.row_strides[o], &index, sizeof index);
    }
}

void runner::search_columns(const index_search& s, index_t row, std::size_t skipped, std::size_t n) noexcept {
    const result& value = p_.reductions[s.reduction];
    const std::byte* const values = places_[value.place] + skipped * value.size;
    std::byte* const best = scratch_ + s.extreme;
    std::byte* const index = scratch_ + s.index;
    const bool starts = s.start != index_search::no_start;
    const std::byte* const from = starts ? places_[s.start] + skipped * sizeof(std::int64_t) : nullptr;
    if (row == 0) {
        std::memcpy(best, values, n * value.size);
        if (starts) {
            std::memcpy(index, from, n * sizeof(std::int64_t));
        } else {
            std::memset(index, 0, n * sizeof(std::int64_t));
        }
        return;
    }
    std::byte* const now = accumulator(s.extremes);
    if (s.extremes == s.reduction) value.combine({.out = now, .in = {best, values, values}, .n = n});
    if (std::memcmp(now, best, n * value.size) == 0) return;
    std::byte* const changed = scratch_ + s.found;
    s.not_equal({.out = changed, .in = {now, best, best}, .n = n});
    if (is_floating(s.type)) {
        // Where NaN was already it stays.
        std::byte* const known = scratch_ + s.known;
        s.equal({.out = known, .in = {best, best, best}, .n = n});
        s.both({.out = changed, .in = {changed, known, known}, .n = n});
    }
    std::byte* const splat = scratch_ + s.splat;
    std::byte* const moved = scratch_ + s.moved;
    fill(splat, static_cast<std::uint64_t>(row * s.step), sizeof(std::int64_t), group);
    if (starts) s.add({.out = moved, .in = {from, splat, splat}, .advance = {1, 0, 0}, .n = n});
    s.choose({.out = index, .in = {changed, starts ? moved : splat, index}, .advance = {1, starts ? std::size_t{1} : std::size_t{0}, 1}, .n = n});
    std::memcpy(best, now, n * value.size);
}

void runner::finish_column_searches(index_t at, std::size_t n) noexcept {
    constexpr std::size_t size = sizeof(std::int64_t);
    for (const index_search& s : p_.searches) {
        std::byte* const out = f_.pointers[reduction_at(s.reduction)] + at * static_cast<index_t>(size);
        if (f_.rows == 0) {
            std::memset(out, 0, n * size);
        } else {
            std::memcpy(out, scratch_ + s.index, n * size);
        }
    }
}

}  // namespace sinter::inline v1::detail::codegen::portable
