#include "base/memory.hpp"
#include "base/object_pool.hpp"
#include "graph/axes.hpp"
#include "graph/node.hpp"
#include "graph/segment.hpp"

#include <sinter/detail/index.hpp>

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

// Arrays that are made of pieces of others: memory without values, into which each piece is written once, with whatever computes it fused into the write.

namespace sinter::inline v1::detail {

using graph::to_string;

namespace {

/// Elements along one axis that come from others: element to + i * stride from from + i * step, for i in [0, length). A step of 0 repeats one.
struct stretch {
    index_t to = 0, from = 0, length = 0, step = 1, stride = 1;
};
using stretches = std::vector<stretch>;

/// An array that is written in parts.
class mosaic {
public:
    mosaic(dtype type, const extents& shape, source where) : type_{type}, shape_{shape}, where_{where}, made_{graph::new_blank(type, shape)} {}
    /// Begins with the base's values.
    mosaic(edge base, source where) : type_{base->type}, shape_{base->shape()}, where_{where}, made_{std::move(base)} {}

    void write(const index_map& region, edge value) {
        if (region.space.count() == 0) return;
        handle now{graph::record_update(std::move(made_), std::move(value), region, where_)};
        graph::note_depth(*now);
        made_ = edge::share(now.get());
    }

    /// All combinations of the axes' stretches of one operand.
    void write(const edge& operand, const std::vector<stretches>& axes) {
        std::vector<std::size_t> at(axes.size(), 0);
        for (const stretches& s : axes) {
            if (s.empty()) return;
        }
        for (;;) {
            index_map region, seen;
            region.source_rank = seen.source_rank = static_cast<std::uint8_t>(axes.size());
            for (std::size_t d = 0; d < axes.size(); ++d) {
                const stretch& s = axes[d][at[d]];
                const auto axis = static_cast<std::int8_t>(d);
                region.space.push_back(s.length);
                seen.space.push_back(s.length);
                region[d] = {axis, s.to, s.stride};
                seen[d] = s.step == 0 ? index_map::dimension{-1, s.from, 0} : index_map::dimension{axis, s.from, s.step};
            }
            if (region.space.count() > 0) write(region, edge{graph::view_of(edge{operand}, seen, where_)});
            std::size_t d = axes.size();
            while (d > 0 && ++at[d - 1] == axes[d - 1].size()) at[--d] = 0;
            if (d == 0) return;
        }
    }

    /// One handle.
    [[nodiscard]] node* finish() {
        if (shape_.count() == 0) return allocate_node(type_, shape_);
        return handle::share(made_.get()).release();
    }

private:
    dtype type_;
    extents shape_;
    source where_;
    edge made_;
};

/// Every axis of a shape as it is.
std::vector<stretches> whole(const extents& shape) {
    std::vector<stretches> axes(shape.size());
    for (std::size_t d = 0; d < shape.size(); ++d) axes[d] = {{.length = shape[d]}};
    return axes;
}

edge reshaped(edge operand, const extents& shape, source where) { return edge{record_reshape(operand.release(), shape, where)}; }

node* as_handle(edge e) { return handle::share(e.get()).release(); }

}  // namespace

node* record_roll(node* operand, const extents& shifts, const axes_argument& axes, source where) try {
    edge o{operand};
    const extents shape = o->shape();
    if (!axes.given) {
        if (shifts.size() != 1) throw value_error("roll: " + std::to_string(shifts.size()) + " shifts without axes");
        const axes_argument first{.list = {0}, .count = 1, .given = true};
        const handle rolled{record_roll(reshaped(std::move(o), {-1}, where).release(), shifts, first, where)};
        return as_handle(reshaped(edge::share(rolled.get()), shape, where));
    }
    if (shifts.size() != 1 && shifts.size() != axes.count) {
        throw value_error("roll: " + std::to_string(shifts.size()) + " shifts for " + std::to_string(axes.count) + " axes");
    }
    // An axis that is given twice is shifted twice.
    index_t along[max_rank] = {};
    for (std::size_t i = 0; i < axes.count; ++i) {
        const auto d = static_cast<std::size_t>(graph::axis_of("roll", axes.list[i], shape));
        const index_t n = shape[d];
        if (n > 0) along[d] = (along[d] + shifts[shifts.size() == 1 ? 0 : i] % n + n) % n;
    }
    std::vector<stretches> parts = whole(shape);
    for (std::size_t d = 0; d < shape.size(); ++d) {
        const index_t n = shape[d], shift = along[d];
        if (shift != 0) parts[d] = {{.to = shift, .length = n - shift}, {.from = n - shift, .length = shift}};
    }
    mosaic m(o->type, shape, where);
    m.write(o, parts);
    return m.finish();
} catch (const std::bad_alloc&) {
    throw_no_memory("roll");
}

namespace {

/// What an axis of n elements is padded with, piece by piece.
stretches padded(index_t n, const margin& m, pad_mode mode) {
    stretches parts;
    if (mode == pad_mode::edge) {
        if (m.before > 0) parts.push_back({.length = m.before, .step = 0});
        parts.push_back({.to = m.before, .length = n});
        if (m.after > 0) parts.push_back({.to = m.before + n, .from = n - 1, .length = m.after, .step = 0});
        return parts;
    }
    // Element i of the endless repetition, from the first one that is wanted. Mirrored at its ends an array repeats after 2 (n - 1).
    const bool mirrored = mode == pad_mode::reflect && n > 1;
    const index_t period = mirrored ? 2 * (n - 1) : n;
    const index_t total = m.before + n + m.after;
    for (index_t to = 0; to < total;) {
        const index_t i = (((to - m.before) % period) + period) % period;
        stretch s{.to = to, .from = i, .length = n - i};
        if (mirrored && i >= n - 1) {
            s = {.to = to, .from = period - i, .length = period - i, .step = -1};
        } else if (mirrored && i < n - 1) {
            s.length = n - 1 - i;
        }
        s.length = std::min(s.length, total - to);
        parts.push_back(s);
        to += s.length;
    }
    return parts;
}

}  // namespace

node* record_pad(node* operand, const margin* margins, std::size_t count, pad_mode mode, node* fill, source where) try {
    edge o{operand}, value{fill};
    const extents shape = o->shape();
    if (count != 1 && count != shape.size()) {
        throw value_error("pad: widths for " + std::to_string(count) + " axes, the shape is " + to_string(shape));
    }
    extents result;
    std::vector<stretches> parts = whole(shape);
    for (std::size_t d = 0; d < shape.size(); ++d) {
        const margin& m = margins[count == 1 ? 0 : d];
        if (m.before < 0 || m.after < 0) throw value_error("pad: a width is negative, on axis " + std::to_string(d) + " of shape " + to_string(shape));
        if (mode != pad_mode::constant && shape[d] == 0 && m.before + m.after > 0) {
            throw value_error("pad: nothing to repeat, on axis " + std::to_string(d) + " of shape " + to_string(shape));
        }
        result.push_back(graph::added("pad", graph::added("pad", m.before, shape[d]), m.after));
        if (mode == pad_mode::constant) {
            parts[d] = {{.to = m.before, .length = shape[d]}};
        } else if (m.before + m.after > 0) {
            parts[d] = padded(shape[d], m, mode);
        }
    }
    check_shape("pad", result);
    if (mode == pad_mode::constant) {
        mosaic m(edge{graph::view_of(std::move(value), graph::broadcast_map({}, result), where)}, where);
        m.write(o, parts);
        return m.finish();
    }
    mosaic m(o->type, result, where);
    m.write(o, parts);
    return m.finish();
} catch (const std::bad_alloc&) {
    throw_no_memory("pad");
}

node* record_joined(node* const* operands, std::size_t count, index_t axis, bool along_new, source where) try {
    std::vector<edge> parts;
    try {
        parts.reserve(count);
    } catch (...) {
        for (std::size_t i = 0; i < count; ++i) edge{operands[i]}.reset();
        throw;
    }
    for (std::size_t i = 0; i < count; ++i) parts.emplace_back(operands[i]);
    const char* const name = along_new ? "stack" : "concatenate";
    if (count == 0) throw value_error(std::string(name) + ": no arrays are given");
    const extents first = parts[0]->shape();
    const auto d = static_cast<std::size_t>(along_new ? graph::axis_of_rank(name, axis, first.size() + 1) : graph::axis_of(name, axis, first));
    if (along_new) graph::check_rank(name, first.size() + 1);
    extents shape;
    for (std::size_t i = 0; i < first.size() + (along_new ? 1 : 0); ++i) {
        shape.push_back(i == d ? (along_new ? static_cast<index_t>(count) : 0) : first[along_new && i > d ? i - 1 : i]);
    }
    for (const edge& p : parts) {
        const extents other = p->shape();
        bool fits = other.size() == first.size();
        for (std::size_t i = 0; fits && i < first.size(); ++i) fits = (!along_new && i == d) || other[i] == first[i];
        if (!fits) throw shape_error(std::string(name) + ": the shapes " + to_string(first) + " and " + to_string(other) + " do not fit along axis " + std::to_string(axis));
        if (!along_new) shape[d] = graph::added(name, shape[d], other[d]);
    }
    check_shape(name, shape);
    mosaic m(parts[0]->type, shape, where);
    index_t at = 0;
    for (edge& p : parts) {
        const extents own = p->shape();
        index_map region;
        region.source_rank = static_cast<std::uint8_t>(shape.size());
        region.space = own;
        for (std::size_t i = 0; i < shape.size(); ++i) {
            const auto from = static_cast<std::int8_t>(along_new && i > d ? i - 1 : i);
            region[i] = i != d ? index_map::dimension{from, 0, 1} : along_new ? index_map::dimension{-1, at, 0} : index_map::dimension{from, at, 1};
        }
        m.write(region, std::move(p));
        at += along_new ? 1 : own[d];
    }
    return m.finish();
} catch (const std::bad_alloc&) {
    throw_no_memory("concatenate");
}

namespace {

/// The operand's elements along an axis, so many times each or as a whole: a further axis along which nothing changes, then both as one. Needs
/// a free axis.
edge multiplied(const char* name, edge operand, std::size_t axis, index_t times, bool each, source where) {
    const extents shape = operand->shape();
    index_map m;
    m.source_rank = static_cast<std::uint8_t>(shape.size());
    extents result;
    for (std::size_t d = 0; d < shape.size(); ++d) {
        if (d == axis && !each) m.space.push_back(times);
        m[d] = {static_cast<std::int8_t>(m.space.size()), 0, 1};
        m.space.push_back(shape[d]);
        if (d == axis && each) m.space.push_back(times);
        result.push_back(d == axis ? graph::multiplied(name, shape[d], times) : shape[d]);
    }
    check_shape(name, result);
    return reshaped(edge{graph::view_of(std::move(operand), m, where)}, result, where);
}

/// The same for an array that has all the axes there may be.
edge multiplied_by_parts(const char* name, const edge& operand, std::size_t axis, index_t times, bool each, source where) {
    extents shape = operand->shape();
    std::vector<stretches> parts = whole(shape);
    const index_t n = shape[axis];
    shape[axis] = graph::multiplied(name, n, times);
    check_shape(name, shape);
    parts[axis].clear();
    for (index_t t = 0; t < times; ++t) parts[axis].push_back({.to = each ? t : t * n, .length = n, .stride = each ? times : 1});
    mosaic m(operand->type, shape, where);
    m.write(operand, parts);
    const handle made{m.finish()};
    return edge::share(made.get());
}

void check_times(const char* name, index_t times) {
    if (times < 0) throw value_error(std::string(name) + ": " + std::to_string(times) + " times");
}

}  // namespace

node* record_tile(node* operand, const extents& times, source where) try {
    edge o{operand};
    for (const index_t t : times) check_times("tile", t);
    if (o->shape().size() < times.size()) {
        extents longer;
        for (std::size_t i = o->shape().size(); i < times.size(); ++i) longer.push_back(1);
        for (const index_t e : o->shape()) longer.push_back(e);
        o = reshaped(std::move(o), longer, where);
    }
    const std::size_t rank = o->shape().size();
    const auto times_of = [&](std::size_t d) { return d + times.size() < rank ? index_t{1} : times[d + times.size() - rank]; };
    // All axes at once where there is room for one more beside each.
    std::size_t repeated = 0;
    for (std::size_t d = 0; d < rank; ++d) repeated += times_of(d) != 1 ? 1 : 0;
    if (rank + repeated <= max_rank) {
        const extents shape = o->shape();
        index_map m;
        m.source_rank = static_cast<std::uint8_t>(rank);
        extents result;
        for (std::size_t d = 0; d < rank; ++d) {
            if (times_of(d) != 1) m.space.push_back(times_of(d));
            m[d] = {static_cast<std::int8_t>(m.space.size()), 0, 1};
            m.space.push_back(shape[d]);
            result.push_back(graph::multiplied("tile", shape[d], times_of(d)));
        }
        check_shape("tile", result);
        return as_handle(reshaped(edge{graph::view_of(std::move(o), m, where)}, result, where));
    }
    for (std::size_t d = 0; d < rank; ++d) {
        if (times_of(d) != 1) o = rank < max_rank ? multiplied("tile", std::move(o), d, times_of(d), false, where) : multiplied_by_parts("tile", o, d, times_of(d), false, where);
    }
    return as_handle(std::move(o));
} catch (const std::bad_alloc&) {
    throw_no_memory("tile");
}

node* record_repeat(node* operand, index_t times, const axes_argument& axes, source where) try {
    edge o{operand};
    check_times("repeat", times);
    if (axes.given && axes.count != 1) throw value_error("repeat: one axis or none is needed, " + std::to_string(axes.count) + " are given");
    if (!axes.given) o = reshaped(std::move(o), {-1}, where);
    const extents shape = o->shape();
    const auto d = static_cast<std::size_t>(axes.given ? graph::axis_of("repeat", axes.list[0], shape) : 0);
    return as_handle(shape.size() < max_rank ? multiplied("repeat", std::move(o), d, times, true, where) : multiplied_by_parts("repeat", o, d, times, true, where));
} catch (const std::bad_alloc&) {
    throw_no_memory("repeat");
}

}  // namespace sinter::inline v1::detail
