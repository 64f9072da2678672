#include "codegen/portable/run.hpp"

#include <algorithm>
#include <cstring>

namespace sinter::inline v1::detail::codegen::portable {
namespace {

template <std::size_t Size>
void copy_strided(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride, std::size_t n) noexcept {
    for (std::size_t i = 0; i < n; ++i) {
        std::memcpy(to, from, Size);
        to += to_stride;
        from += from_stride;
    }
}

/// n elements with any strides, in bytes. The elements may be the same ones.
void copy(std::byte* to, index_t to_stride, const std::byte* from, index_t from_stride, std::size_t size, std::size_t n) noexcept {
    const auto whole = static_cast<index_t>(size);
    if (to_stride == whole && from_stride == whole) {
        std::memmove(to, from, n * size);
        return;
    }
    switch (size) {
        case 1: return copy_strided<1>(to, to_stride, from, from_stride, n);
        case 2: return copy_strided<2>(to, to_stride, from, from_stride, n);
        case 4: return copy_strided<4>(to, to_stride, from, from_stride, n);
        default: return copy_strided<8>(to, to_stride, from, from_stride, n);
    }
}

template <std::size_t Size, class Index>
void copy_gathered(std::byte* to, const std::byte* from, index_t stride, const std::byte* indices, index_t step, std::size_t n) noexcept {
    for (std::size_t i = 0; i < n; ++i) {
        Index index;
        std::memcpy(&index, indices + i * sizeof index, sizeof index);
        std::memcpy(to + i * Size, from + index * step, Size);
        from += stride;
    }
}

/// n elements that are each so many steps from where a stride puts them.
template <class Index>
void copy_gathered(std::byte* to, const std::byte* from, index_t stride, const std::byte* indices, index_t step, std::size_t size, std::size_t n) noexcept {
    switch (size) {
        case 1: return copy_gathered<1, Index>(to, from, stride, indices, step, n);
        case 2: return copy_gathered<2, Index>(to, from, stride, indices, step, n);
        case 4: return copy_gathered<4, Index>(to, from, stride, indices, step, n);
        default: return copy_gathered<8, Index>(to, from, stride, indices, step, n);
    }
}

/// n addresses, each a stride past the one before.
void count(std::byte* to, const std::byte* from, index_t stride, std::size_t n) noexcept {
    auto at = reinterpret_cast<std::uint64_t>(from);
    for (std::size_t i = 0; i < n; ++i) {
        std::memcpy(to + i * sizeof at, &at, sizeof at);
        at += static_cast<std::uint64_t>(stride);
    }
}

}  // namespace

runner::runner(const kernel& k, const program& p, const frame& f, std::byte* scratch) noexcept
    : k_{k}, p_{p}, f_{f}, scratch_{scratch}, places_{reinterpret_cast<const std::byte**>(scratch)} {
    for (std::size_t place = 0; place < p.offsets.size(); ++place) {
        places_[place] = p.constants[place] != nullptr ? p.constants[place] : scratch + p.offsets[place];
    }
    for (const step& s : p.once) {
        if (s.what == step::action::param)
            fill(own(s.out), f.params[s.index], s.size, group);
        else
            compute(s, group);
    }
}

void runner::run_rows() noexcept {
    if (k_.kind == kernel_kind::column_reduce) {
        for (index_t at = 0; at < f_.n;) {
            const std::size_t n = next_block(f_.n - at);
            start_columns(n);
            for (index_t row = 0; row < f_.rows; ++row) {
                steps_of_row(row);
                run_block(row, at, n);
                combine_columns(row, 0, n);
            }
            finish_columns(at, n);
            at += static_cast<index_t>(n);
        }
        return;
    }
    const bool reduces = k_.kind == kernel_kind::row_reduce;
    for (index_t row = 0; row < f_.rows; ++row) {
        if (reduces) start_rows();
        if (f_.n > 0) steps_of_row(row);
        for (index_t at = 0; at < f_.n;) {
            const std::size_t n = next_block(f_.n - at);
            run_block(row, at, n);
            if (reduces) fold(at, 0, n);
            at += static_cast<index_t>(n);
            if (p_.decided_early && at < f_.n && is_decided()) {
                if (f_.passed_over != nullptr) *f_.passed_over += f_.n - at;
                break;
            }
        }
        if (reduces) finish_row(row);
    }
}

void runner::run_batches() noexcept {
    const auto n = static_cast<std::size_t>(f_.n);
    const auto together = static_cast<index_t>(p_.block / n);
    if (k_.kind == kernel_kind::column_reduce) start_columns(n);
    for (index_t row = 0; row < f_.rows; row += together) {
        const auto rows = static_cast<std::size_t>(std::min(together, f_.rows - row));
        run_batch(row, rows);
        if (k_.kind == kernel_kind::row_reduce && p_.searches.size() == p_.reductions.size() && one_by_one(n) && !p_.searches.empty()) {
            search_short_rows(row, rows, n);
            continue;
        }
        for (std::size_t r = 0; r < rows && k_.kind != kernel_kind::map; ++r) {
            if (k_.kind == kernel_kind::column_reduce) {
                combine_columns(row + static_cast<index_t>(r), r * n, n);
            } else {
                start_rows();
                fold(0, r * n, n);
                finish_row(row + static_cast<index_t>(r));
            }
        }
    }
    if (k_.kind == kernel_kind::column_reduce) finish_columns(0, n);
}

std::size_t runner::next_block(index_t left) const noexcept {
    const auto n = std::min(static_cast<std::size_t>(left), p_.block);
    return n > group ? n / group * group : n;
}

void runner::steps_of_row(index_t row) noexcept {
    for (const step& s : p_.each_row) {
        if (s.what == step::action::compute) {
            compute(s, group);
        } else {
            const std::byte* at = f_.pointers[s.index] + row * f_.row_strides[s.index];
            if (s.what == step::action::gather) at += offset_of(s, 0);
            std::uint64_t bits = 0;
            if (k_.inputs[s.index].counts) {
                bits = reinterpret_cast<std::uint64_t>(at);
            } else {
                std::memcpy(&bits, at, s.size);
            }
            fill(own(s.out), bits, s.size, group);
        }
    }
}

void runner::compute(const step& s, std::size_t n) noexcept {
    block_args args;
    args.out = const_cast<std::byte*>(places_[s.out]);  // the run's own, or an output
    for (std::size_t which = 0; which < 3; ++which) {
        args.in[which] = places_[s.in[which]];
        args.advance[which] = s.advance[which];
    }
    args.n = n;
    s.function(args);
}

void runner::start(const step& s, std::size_t n) noexcept {
    std::memset(own(s.out), 1, n);
    std::memset(own(s.out) + n, 0, (group - n % group) % group);
}

bool runner::any_active(std::size_t n) const noexcept {
    const std::byte* const active = own(p_.loop.active);
    std::uint64_t any = 0;
    for (std::size_t i = 0; i < n; i += group) {
        std::uint64_t words[group / 8];
        std::memcpy(words, active + i, group);
        for (const std::uint64_t w : words) any |= w;
    }
    return any != 0;
}

/// The kernel's loop on a block, and what comes after it.
void runner::run_turns(std::size_t n) noexcept {
    const turns& loop = p_.loop;
    if (loop.steps.empty()) return;
    const std::int64_t limit = loop.limit_param == iteration::no_param ? loop.limit : static_cast<std::int64_t>(f_.params[loop.limit_param]);
    for (std::int64_t turn = 0; turn < limit; ++turn) {
        for (std::size_t at = 0; at < loop.test; ++at) compute(loop.steps[at], n);
        if (!any_active(n)) break;
        for (std::size_t at = loop.test; at < loop.steps.size(); ++at) compute(loop.steps[at], n);
    }
    for (const step& s : p_.after) compute(s, n);
}

void runner::run_block(index_t row, index_t at, std::size_t n) noexcept {
    const bool whole = n % group == 0;
    for (const step& s : p_.each_block) {
        if (s.what == step::action::load) {
            load(s, row, at, n);
            continue;
        }
        if (s.what == step::action::start) {
            start(s, n);
            continue;
        }
        if (s.what == step::action::gather) {
            gather(s, row, at, n);
            continue;
        }
        if (s.direct >= 0) {
            const std::size_t o = output_at(static_cast<std::size_t>(s.direct));
            places_[s.out] = whole ? f_.pointers[o] + row * f_.row_strides[o] + at * s.size : own(s.out);
        }
        compute(s, n);
    }
    run_turns(n);
    for (std::size_t o = 0; o < p_.outputs.size(); ++o) {
        if (!whole || p_.outputs[o].direct < 0) store(o, row, at, n);
    }
}

void runner::load(const step& s, index_t row, index_t at, std::size_t n) noexcept {
    const std::size_t i = s.index;
    const std::byte* from = f_.pointers[i] + row * f_.row_strides[i];
    if (k_.inputs[i].counts) {
        const index_t stride = k_.inputs[i].inner == access::unit ? s.size : f_.inner_strides[i];
        count(own(s.out), from + at * stride, stride, n);
    } else if (k_.inputs[i].inner == access::unit) {
        from += at * s.size;
        if (n % group == 0) {
            places_[s.out] = from;
            return;
        }
        std::memcpy(own(s.out), from, n * s.size);
    } else {
        const index_t stride = f_.inner_strides[i];
        copy(own(s.out), s.size, from + at * stride, stride, s.size, n);
    }
    places_[s.out] = own(s.out);
}

index_t runner::offset_of(const step& s, std::size_t element) const noexcept {
    std::int64_t wide = 0;
    std::int32_t narrow = 0;
    if (s.wide) {
        std::memcpy(&wide, places_[s.in[0]] + element * sizeof wide, sizeof wide);
    } else {
        std::memcpy(&narrow, places_[s.in[0]] + element * sizeof narrow, sizeof narrow);
    }
    return (s.wide ? wide : narrow) * f_.steps[s.index];
}

void runner::gather(const step& s, index_t row, index_t at, std::size_t n) noexcept {
    const std::size_t i = s.index;
    const access inner = k_.inputs[i].inner;
    const index_t stride = inner == access::unit ? s.size : inner == access::broadcast ? 0 : f_.inner_strides[i];
    const std::byte* const from = f_.pointers[i] + row * f_.row_strides[i] + at * stride;
    places_[s.out] = own(s.out);
    if (s.advance[0] != 0) {
        (s.wide ? copy_gathered<std::int64_t> : copy_gathered<std::int32_t>)(own(s.out), from, stride, places_[s.in[0]], f_.steps[i], s.size, n);
    } else if (inner == access::unit && n % group == 0) {
        places_[s.out] = from + offset_of(s, 0);
    } else {
        copy(own(s.out), s.size, from + offset_of(s, 0), stride, s.size, n);
    }
}

void runner::gather_batch(const step& s, index_t row, std::size_t rows) noexcept {
    const std::size_t i = s.index;
    const auto n = static_cast<std::size_t>(f_.n);
    const access inner = k_.inputs[i].inner;
    const index_t stride = inner == access::unit ? s.size : inner == access::broadcast ? 0 : f_.inner_strides[i];
    const std::byte* from = f_.pointers[i] + row * f_.row_strides[i];
    std::byte* to = own(s.out);
    const std::byte* indices = places_[s.in[0]];
    for (std::size_t r = 0; r < rows; ++r) {
        if (s.advance[0] != 0) {
            (s.wide ? copy_gathered<std::int64_t> : copy_gathered<std::int32_t>)(to, from, stride, indices, f_.steps[i], s.size, n);
            indices += n * (s.wide ? sizeof(std::int64_t) : sizeof(std::int32_t));
        } else {
            copy(to, s.size, from + offset_of(s, 0), stride, s.size, n);
        }
        from += f_.row_strides[i];
        to += n * s.size;
    }
}

void runner::store(std::size_t output, index_t row, index_t at, std::size_t n) noexcept {
    const result& r = p_.outputs[output];
    if (r.scan.whole != nullptr) return accumulate(output, row, at, places_[r.place], n);
    const std::size_t o = output_at(output);
    const index_t stride = k_.outputs[output].inner == access::unit ? r.size : f_.inner_strides[o];
    copy(f_.pointers[o] + row * f_.row_strides[o] + at * stride, stride, places_[r.place], r.size, r.size, n);
}

void runner::run_batch(index_t row, std::size_t rows) noexcept {
    const std::size_t n = rows * static_cast<std::size_t>(f_.n);
    for (const step& s : p_.each_block) {
        if (s.what == step::action::load)
            load_batch(s, row, rows);
        else if (s.what == step::action::gather)
            gather_batch(s, row, rows);
        else if (s.what == step::action::start)
            start(s, n);
        else
            compute(s, n);
    }
    run_turns(n);
    for (std::size_t o = 0; o < p_.outputs.size(); ++o) store_batch(o, row, rows);
}

void runner::load_batch(const step& s, index_t row, std::size_t rows) noexcept {
    const std::size_t i = s.index;
    const auto n = static_cast<std::size_t>(f_.n);
    const index_t row_stride = f_.row_strides[i];
    const std::byte* from = f_.pointers[i] + row * row_stride;
    std::byte* to = own(s.out);
    const bool counts = k_.inputs[i].counts;
    if (n == 1 && counts) return count(to, from, row_stride, rows);
    if (n == 1) return copy(to, s.size, from, row_stride, s.size, rows);
    const access inner = k_.inputs[i].inner;
    const index_t stride = inner == access::unit ? s.size : inner == access::broadcast ? 0 : f_.inner_strides[i];
    for (std::size_t r = 0; r < rows; ++r) {
        if (counts) {
            count(to, from, stride, n);
        } else {
            copy(to, s.size, from, stride, s.size, n);
        }
        from += row_stride;
        to += n * s.size;
    }
}

void runner::store_batch(std::size_t output, index_t row, std::size_t rows) noexcept {
    const result& r = p_.outputs[output];
    const std::size_t o = output_at(output);
    const auto n = static_cast<std::size_t>(f_.n);
    const index_t row_stride = f_.row_strides[o];
    std::byte* to = f_.pointers[o] + row * row_stride;
    const std::byte* from = places_[r.place];
    if (r.scan.whole != nullptr) {
        for (std::size_t at = 0; at < rows; ++at) accumulate(output, row + static_cast<index_t>(at), 0, from + at * n * r.size, n);
        return;
    }
    if (n == 1) return copy(to, row_stride, from, r.size, r.size, rows);
    const index_t stride = k_.outputs[output].inner == access::unit ? r.size : f_.inner_strides[o];
    for (std::size_t at = 0; at < rows; ++at) {
        copy(to, stride, from, r.size, r.size, n);
        from += n * r.size;
        to += row_stride;
    }
}

/// A block's values, accumulated from what came before along the row, or with the row before.
void runner::accumulate(std::size_t output, index_t row, index_t at, const std::byte* values, std::size_t n) noexcept {
    const result& r = p_.outputs[output];
    const std::size_t o = output_at(output);
    const bool unit = k_.outputs[output].inner == access::unit;
    const index_t stride = unit ? r.size : f_.inner_strides[o];
    std::byte* const to = f_.pointers[o] + row * f_.row_strides[o] + at * stride;
    std::byte* const own = scratch_ + r.accumulated;
    if (k_.kind == kernel_kind::column_reduce) {
        if (row == 0) {
            std::memcpy(own, values, n * r.size);
        } else {
            r.combine({.out = own, .in = {own, values, values}, .n = n});
        }
        return copy(to, stride, own, r.size, r.size, n);
    }
    std::byte* const before = scratch_ + r.before;
    if (at == 0) std::memcpy(before, &r.nothing, sizeof r.nothing);
    r.scan.whole(unit ? to : own, values, n, before, unit && k_.outputs[output].streaming, what_follows(values));
    if (!unit) copy(to, stride, own, r.size, r.size, n);
}

void runner::start_rows() noexcept {
    start_searches();
    for (std::size_t r = 0; r < k_.reductions.size(); ++r) {
        fill(accumulator(r), k_.reductions[r].identity, p_.reductions[r].size, fold_lanes(k_.reductions[r].type));
    }
}

void runner::fold(index_t at, std::size_t skipped, std::size_t n) noexcept {
    for (std::size_t r = 0; r < p_.reductions.size(); ++r) {
        const result& value = p_.reductions[r];
        if (value.function != nullptr) {
            const std::size_t lanes = fold_lanes(k_.reductions[r].type);
            for (std::size_t i = 0; i < n; i += lanes) combine(value, accumulator(r), places_[value.place] + (skipped + i) * value.size, std::min(lanes, n - i));
            continue;
        }
        if (value.fold_products != nullptr) {
            value.fold_products(accumulator(r), places_[value.place] + skipped * value.size, places_[value.factor] + skipped * value.size, n);
            continue;
        }
        if (value.fold == nullptr || (one_by_one(n) && k_.reductions[r].gives_index())) continue;
        value.fold(accumulator(r), places_[value.place] + skipped * value.size, n);
    }
    for (const index_search& s : p_.searches) search_row(s, at, skipped, n);
}

bool runner::is_decided() const noexcept {
    const std::byte* const lanes = accumulator(0);
    const std::byte decides = deciding_byte(k_);
    bool found = false;
    for (std::size_t lane = 0; lane < fold_lanes(dtype::u8); ++lane) found |= lanes[lane] == decides;
    return found;
}

void runner::finish_row(index_t row) noexcept {
    for (std::size_t r = 0; r < p_.reductions.size(); ++r) {
        const result& value = p_.reductions[r];
        if (k_.reductions[r].gives_index()) continue;
        std::byte* const lanes = accumulator(r);
        // Steps as wide as a group also combine lanes past the half; nothing reads those again.
        for (std::size_t half = fold_lanes(k_.reductions[r].type) / 2; half > 0; half /= 2) {
            combine(value, lanes, lanes + half * value.size, half);
        }
        const std::size_t o = reduction_at(r);
        std::memcpy(f_.pointers[o] + row * f_.row_strides[o], lanes, value.size);
    }
    finish_searches(row);
}

void runner::start_columns(std::size_t n) noexcept {
    for (std::size_t r = 0; r < k_.reductions.size(); ++r) {
        fill(accumulator(r), k_.reductions[r].identity, p_.reductions[r].size, n);
    }
}

// into = op(into, right).
void runner::combine(const result& value, std::byte* into, const std::byte* right, std::size_t n) noexcept {
    if (value.function == nullptr) return value.combine({.out = into, .in = {into, right, into}, .n = n});
    std::byte* const operands[] = {into, const_cast<std::byte*>(right), into};
    const index_t rows[3] = {}, elements[] = {value.size, value.size, value.size};
    value.function->run({operands, rows, elements, nullptr, 1, static_cast<index_t>(n)});
}

void runner::combine_columns(index_t row, std::size_t skipped, std::size_t n) noexcept {
    for (std::size_t r = 0; r < p_.reductions.size(); ++r) {
        const result& value = p_.reductions[r];
        if (k_.reductions[r].gives_index()) continue;
        std::byte* const sums = accumulator(r);
        const std::byte* const values = places_[value.place] + skipped * value.size;
        if (value.add_products != nullptr) {
            value.add_products({.out = sums, .in = {values, places_[value.factor] + skipped * value.size, sums}, .n = n});
        } else {
            combine(value, sums, values, n);
        }
    }
    for (const index_search& s : p_.searches) search_columns(s, row, skipped, n);
}

void runner::finish_columns(index_t at, std::size_t n) noexcept {
    for (std::size_t r = 0; r < p_.reductions.size(); ++r) {
        if (k_.reductions[r].gives_index()) continue;
        const std::size_t size = p_.reductions[r].size;
        std::memcpy(f_.pointers[reduction_at(r)] + at * static_cast<index_t>(size), accumulator(r), n * size);
    }
    finish_column_searches(at, n);
}

}  // namespace sinter::inline v1::detail::codegen::portable
