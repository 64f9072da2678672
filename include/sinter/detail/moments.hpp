#pragma once

#include <sinter/array.hpp>
#include <sinter/detail/index.hpp>
#include <sinter/detail/record.hpp>
#include <sinter/detail/reduction_order.hpp>

#include <optional>

// Means, variances and the like of more elements than caches hold, in rows of which each is read from memory once.

namespace sinter::inline v1::detail {

/// Reductions over more elements than this that look at them twice do so row by row.
inline constexpr index_t beyond_caches = 1 << 20;
/// A variance looks at rows as long as these once, which pays off sooner.
inline constexpr index_t beyond_near_caches = 1 << 18;

/// Of a block, some elements stand for all: of each of so many stretches a piece, each from another part of its stretch, so that neither steps, slopes nor periods hide from them. A few
/// pieces are read sooner than many lines.
inline constexpr index_t stretches = 16;
inline constexpr index_t piece = reduction_order::row_block / (stretches * stretches);

/// The last reduced axes as one row, as sums take them (reduction_order.hpp). A row that is longer than `limit` is cut into the blocks of a sum.
struct long_rows {
    index_t limit = 0;
    extents before{};       // the axes in front of the row, but for those of extent 1
    axes_argument outer{};  // those of them that are reduced, and the blocks' axis: of what is cut
    axes_argument inner{};  // of the shape: the row
    index_t length = 0;     // of a row
    index_t count = 0;      // over all reduced axes
    extents result{};       // the shape of what is reduced, without the axes
    extents kept{};         // and with them

    [[nodiscard]] bool is_cut() const noexcept { return length > limit; }
    [[nodiscard]] index_t blocks() const noexcept { return length / reduction_order::row_block; }
    [[nodiscard]] index_t rest() const noexcept { return length % reduction_order::row_block; }
    [[nodiscard]] const extents& shape(bool keepdims) const noexcept { return keepdims ? kept : result; }
    [[nodiscard]] extents with(index_t a) const {
        extents e = before;
        e.push_back(a);
        return e;
    }
    [[nodiscard]] extents with(index_t a, index_t b) const {
        extents e = with(a);
        e.push_back(b);
        return e;
    }
};

/// None where the reduction is not over so many elements, where its last axis stays, where its rows are short, where one of several has no whole number of blocks, and where the axes are
/// wrong, which others tell.
[[nodiscard]] inline std::optional<long_rows> find_long_rows(const extents& shape, const axes_argument& axes, index_t limit) {
    if (shape.count() <= limit) return {};
    const std::size_t rank = shape.size();
    bool reduced[max_rank] = {};
    for (std::size_t d = 0; d < rank; ++d) reduced[d] = !axes.given;
    for (std::size_t i = 0; i < axes.count; ++i) {
        const index_t a = axes.list[i] + (axes.list[i] < 0 ? static_cast<index_t>(rank) : 0);
        if (a < 0 || a >= static_cast<index_t>(rank) || reduced[a]) return {};
        reduced[a] = true;
    }
    long_rows r{.limit = limit};
    r.count = r.length = 1;
    for (std::size_t d = 0; d < rank; ++d) {
        r.count *= reduced[d] ? shape[d] : 1;
        r.kept.push_back(reduced[d] ? 1 : shape[d]);
        if (!reduced[d]) r.result.push_back(shape[d]);
    }
    // Axes of extent 1 do not count.
    std::size_t from = rank;
    while (from > 0 && (reduced[from - 1] || shape[from - 1] == 1) && r.length < reduction_order::merged_row) r.length *= shape[--from];
    if (r.count <= limit || r.length < reduction_order::merged_row) return {};
    for (std::size_t d = 0; d < from; ++d) {
        if (shape[d] == 1) continue;
        if (reduced[d]) r.outer.list[r.outer.count++] = static_cast<index_t>(r.before.size());
        r.before.push_back(shape[d]);
    }
    // What is computed element by element can be seen as blocks, and those as pieces, where its operands' memory can.
    if (r.is_cut() && ((r.rest() != 0 && !r.before.empty()) || r.before.size() + 4 > static_cast<std::size_t>(max_rank))) return {};
    r.outer.given = r.inner.given = true;
    if (r.is_cut()) r.outer.list[r.outer.count++] = static_cast<index_t>(r.before.size());
    for (std::size_t d = from; d < rank; ++d) r.inner.list[r.inner.count++] = static_cast<index_t>(d);
    return r;
}

/// The same of an array, whose shape is not copied where it has few elements.
template <class T>
[[nodiscard]] std::optional<long_rows> find_long_rows(const array<T>& values, const axes_argument& axes, index_t limit) {
    if (values.size() <= limit) return {};
    return detail::find_long_rows(values.shape(), axes, limit);
}

template <class T>
[[nodiscard]] array<T> in_shape(const array<T>& x, const extents& shape, source where) {
    return array<T>(edge{detail::record_reshape(x.reading().release(), shape, where)});
}

template <class Op, class T, class X>
[[nodiscard]] array<T> reduced(X&& x, const axes_argument& axes, bool keepdims, const char* name, source where) {
    auto operand = detail::as_operand<T>(static_cast<X&&>(x));
    using E = decltype(operand);
    collected<E> parts{static_cast<E&&>(operand)};
    return array<T>(edge{detail::record_reduction(tape_of<E>::value, parts.arrays, parts.scalars, {Op::code, name, over_nothing::identity, axes, keepdims}, where)});
}

/// What is reduced, row by row.
template <class T>
struct some_rows {
    array<T> uncut;  // the same elements, as they were before they became blocks
    array<T> rows;
    axes_argument inner;  // the rows' axes
    axes_argument outer;  // what else is to be reduced
    index_t length = 0;

    /// Of each row; its axes stay, with extent 1.
    template <class Op, class X>
    [[nodiscard]] array<T> of_each(X&& x, const char* name, source where) const {
        return detail::reduced<Op, T>(static_cast<X&&>(x), inner, true, name, where);
    }
    template <class Op, class X>
    [[nodiscard]] array<T> of_all(X&& x, const char* name, source where) const {
        return detail::reduced<Op, T>(static_cast<X&&>(x), outer, true, name, where);
    }
};

/// Rows that are read from memory once: those of an array, or the blocks of longer ones and what is left of these.
template <class T>
struct all_rows {
    some_rows<T> blocks;
    std::optional<some_rows<T>> rest;

    /// merged(what `each` gives for the blocks, what it gives for the rest), if there is a rest.
    template <class E, class M>
    [[nodiscard]] auto merge(E&& each, M&& merged) const {
        auto first = each(blocks);
        if (!rest) return first;
        return static_cast<decltype(first)>(merged(first, each(*rest)));
    }
};

template <class T>
[[nodiscard]] all_rows<T> rows_of(const array<T>& values, const long_rows& r, const axes_argument& axes, source where) {
    if (!r.is_cut()) return {{values, values, r.inner, axes, r.length}, {}};
    const axes_argument inner{.list = {static_cast<index_t>(r.before.size()) + 1}, .count = 1, .given = true};
    constexpr index_t block = reduction_order::row_block;
    const array<T> flat = detail::in_shape(values, r.with(r.length), where);
    if (r.rest() == 0) return {{flat, detail::in_shape(flat, r.with(r.blocks(), block), where), inner, r.outer, block}, {}};
    const index_t past = r.blocks() * block;
    const array<T> whole = flat(ellipsis, range(0, past)), rest = flat(ellipsis, range(past, r.length));
    return {{whole, detail::in_shape(whole, r.with(r.blocks(), block), where), inner, r.outer, block}, some_rows<T>{rest, detail::in_shape(rest, r.with(1, r.rest()), where), inner, r.outer, r.rest()}};
}

/// The sum over the axes, which stay: the same bits as of the values, from the rows' own sums.
template <class T>
[[nodiscard]] array<T> total_of_rows(const array<T>& values, const all_rows<T>& all, const long_rows& r, const axes_argument& axes, const char* name, source where) {
    if (!r.is_cut()) return detail::reduced<op::add, T>(values, axes, true, name, where);
    const array<T> sums = all.merge([&](const some_rows<T>& s) { return s.template of_each<op::add>(s.rows, name, where); },
                                    [&](const array<T>& a, const array<T>& b) {
                                        node* const both[] = {a.reading().release(), b.reading().release()};
                                        return array<T>(handle{detail::record_joined(both, 2, static_cast<index_t>(r.before.size()), false, where)});
                                    });
    return detail::reduced<op::add, T>(sums, r.outer, true, name, where);
}

/// Whether any shape's elements lie in memory as they do in order.
template <class T>
[[nodiscard]] bool lies_in_order(const array<T>& x) {
    if (x.is_pending()) return false;
    const extents shape = x.shape(), strides = x.strides();
    index_t step = 1;
    for (std::size_t d = shape.size(); d-- > 0; step *= shape[d]) {
        if (shape[d] != 1 && strides[d] != step) return false;
    }
    return true;
}

/// Whether a mean takes its blocks' sums, which are those of a variance.
template <class V>
[[nodiscard]] bool shares_blocks(const array<V>& values, const axes_argument& axes) {
    const std::optional<long_rows> r = detail::find_long_rows(values, axes, beyond_near_caches);
    return r && r->is_cut() && detail::lies_in_order(values);
}

/// The sum over the axes as T. What is cut shares its blocks with the variance, where it costs nothing to see it as blocks; the bits are the same.
template <class T, class V>
[[nodiscard]] array<T> total_of(const array<V>& values, const axes_argument& axes, bool keepdims, const char* name, source where) {
    const std::optional<long_rows> r = detail::find_long_rows(values, axes, beyond_near_caches);
    if (!r || !r->is_cut() || !detail::lies_in_order(values)) return detail::reduced<op::add, T>(values, axes, keepdims, name, where);
    const array<T> wide(detail::record(detail::as_operand<T>(values), where));
    return detail::in_shape(detail::total_of_rows(wide, detail::rows_of(wide, *r, axes, where), *r, axes, name, where), r->shape(keepdims), where);
}

/// Something near the mean of each row. Rows that have not been cut are short enough to be read twice: it is their mean. Of blocks it is that of some of their elements, all of which are read
/// later, once, together with whatever else needs them. At worst (those elements are alike and no others are) its distance, squared, is some 16 times the block's variance, which then loses
/// four bits.
template <class T>
[[nodiscard]] array<T> middle_of(const some_rows<T>& some, const long_rows& r, const char* name, source where) {
    if (!r.is_cut() || some.length != reduction_order::row_block) return array<T>(some.template of_each<op::add>(some.rows, name, where) / static_cast<T>(some.length), where.file, where.line);
    const auto axis = static_cast<index_t>(r.before.size()) + 1;
    extents split = r.with(r.blocks(), stretches);
    for (const index_t n : {stretches, piece}) split.push_back(n);
    // Of stretch k its piece k.
    const array<T> pieces(edge{detail::record_diagonal(detail::in_shape(some.uncut, split, where).reading().release(), 0, axis, axis + 1, where)});
    const array<T> lines(edge{detail::record_swapped_axes(pieces.reading().release(), axis, axis + 1, where)});
    const auto over = [&](const array<T>& x, index_t a) { return detail::reduced<op::add, T>(x, {.list = {a}, .count = 1, .given = true}, false, name, where); };
    const array<T> sums = over(over(lines, axis + 1), axis);
    return array<T>(detail::in_shape(sums, r.with(r.blocks(), 1), where) / static_cast<T>(stretches * piece), where.file, where.line);
}

/// The sum of the squares of what each value is away from the mean of all.
///
/// Each row's own squares come from the corrected two-pass algorithm (Chan, Golub and LeVeque, "Algorithms for computing the sample variance", 1983): something near its mean, then what each
/// value is away from that, with the rest by which it is not the mean. Rows are merged as there, about the mean of all; a row's mean counts with its rest, so nothing is lost where the mean is
/// large.
template <class T>
[[nodiscard]] array<T> squares_of_rows(const array<T>& values, const long_rows& r, const axes_argument& axes, const char* name, source where) {
    const all_rows<T> all = detail::rows_of(values, r, axes, where);
    const auto count = static_cast<T>(r.count);
    const array<T> mean(detail::total_of_rows(values, all, r, axes, name, where) / count, where.file, where.line);
    struct spread {
        array<T> squares, rest;
    };
    const spread s = all.merge(
        [&](const some_rows<T>& some) {
            const auto n = static_cast<T>(some.length);
            const array<T> own = detail::middle_of(some, r, name, where);
            const array<T> away(some.rows - own, where.file, where.line);
            const array<T> rest = some.template of_each<op::add>(away, name, where);
            const array<T> error(rest / n, where.file, where.line);
            const array<T> squares(some.template of_each<op::add>(square(away), name, where) - rest * error, where.file, where.line);
            const array<T> off((own - mean) + error, where.file, where.line);
            return spread{some.template of_all<op::add>(squares + n * square(off), name, where), some.template of_all<op::add>(n * off, name, where)};
        },
        [&](const spread& a, const spread& b) {
            return spread{array<T>(a.squares + b.squares, where.file, where.line), array<T>(a.rest + b.rest, where.file, where.line)};
        });
    return array<T>(maximum(s.squares - s.rest * (s.rest / count), T(0)), where.file, where.line);
}

/// log(sum(exp(x))), each row without its greatest value, and those without the greatest of all. Of a row with NaN that may be any: its sum is NaN.
template <class T>
[[nodiscard]] array<T> logsumexp_of_rows(const array<T>& values, const long_rows& r, const axes_argument& axes, source where) {
    constexpr const char* name = "logsumexp";
    const all_rows<T> all = detail::rows_of(values, r, axes, where);
    // What is not finite is left in.
    const auto finite = [&](const array<T>& m) { return array<T>(sinter::where(isfinite(m), m, T(0)), where.file, where.line); };
    const auto most_of = [&](const some_rows<T>& some) { return some.template of_each<op::larger>(some.rows, name, where); };
    const array<T> most = finite(all.merge([&](const some_rows<T>& some) { return some.template of_all<op::larger>(most_of(some), name, where); },
                                           [&](const array<T>& a, const array<T>& b) { return array<T>(maximum(a, b), where.file, where.line); }));
    const array<T> total = all.merge(
        [&](const some_rows<T>& some) {
            const array<T> own = most_of(some);
            const array<T> sums = some.template of_each<op::add>(exp(some.rows - finite(own)), name, where);
            return some.template of_all<op::add>(sums * exp(own - most), name, where);
        },
        [&](const array<T>& a, const array<T>& b) { return array<T>(a + b, where.file, where.line); });
    return array<T>(log(total) + most, where.file, where.line);
}

}  // namespace sinter::inline v1::detail
