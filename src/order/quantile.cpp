#include "base/borrowed_lock.hpp"
#include "base/default_environment.hpp"
#include "graph/axes.hpp"
#include "order/select.hpp"
#include "order/tell.hpp"

#include <sinter/order.hpp>

#include <charconv>
#include <cmath>
#include <new>
#include <string>

namespace sinter::inline v1::detail {

namespace order {

namespace {

/// Between two neighbours in the sorted row: NumPy's way, which is exact at both ends, but for infinities and differences that overflow.
[[nodiscard]] double between(double low, double high, double part) noexcept {
    if (part == 0 || low == high) return low;
    const double difference = high - low;
    if (!std::isfinite(difference)) return low * (1 - part) + high * part;
    return part < 0.5 ? low + difference * part : high - difference * (1 - part);
}

[[nodiscard]] double middle(double low, double high) noexcept {
    const double sum = low + high;
    return std::isfinite(sum) || !std::isfinite(low) || !std::isfinite(high) ? sum / 2 : low / 2 + high / 2;
}

/// A place between two ranks, or the middle of two.
struct place {
    index_t rank = 0;
    double part = 0;
    bool halves = false;
};

[[nodiscard]] place place_of(const quantile_request& wanted, double q, index_t n) {
    if (wanted.median) return {(n - 1) / 2, 0.5, n % 2 == 0};
    const double at = static_cast<double>(n - 1) * q, below = std::floor(at);
    const auto rank = static_cast<index_t>(below);
    switch (wanted.method) {
        case quantile_method::lower: return {rank};
        case quantile_method::higher: return {static_cast<index_t>(std::ceil(at))};
        case quantile_method::midpoint: return {rank, at == below ? 0.0 : 0.5};
        case quantile_method::nearest: {
            // To even where it is in the middle.
            const bool up = at - below > 0.5 || (at - below == 0.5 && rank % 2 != 0);
            return {rank + (up ? 1 : 0)};
        }
        case quantile_method::linear: break;
    }
    return {rank, at - below};
}

template <class T, class R>
void quantiles_of_rows(const rows& in, R* out, const quantile_request& wanted) {
    using K = bits_of<T>;
    order::over_rows(in, [&](index_t first, index_t past) {
        row_reader<K> from(in, past);
        selection<K, ascending<T>> chosen(in.length);
        for (index_t r = first; r < past; ++r) {
            chosen.look_at(from.row(r), in.length);
            const bool nan = has_nan<T> && chosen.ends_with(nan_key<T>);
            for (std::size_t i = 0; i < wanted.count; ++i) {
                R& result = out[static_cast<index_t>(i) * in.count + r];
                if (nan) {
                    result = std::numeric_limits<R>::quiet_NaN();
                    continue;
                }
                const place p = place_of(wanted, wanted.q[i], in.length);
                const K low = chosen.at(p.rank);
                const auto value = [](K key) { return static_cast<double>(order::value_of_key<T>(key)); };
                if (p.halves || (p.part > 0 && !wanted.median)) {
                    const auto around = chosen.around(low);
                    const K high = p.rank + 1 < around.before + around.same ? low : around.next;
                    result = static_cast<R>(p.halves ? middle(value(low), value(high)) : between(value(low), value(high), p.part));
                } else {
                    result = static_cast<R>(value(low));
                }
            }
        }
    });
}

/// The operand with the reduced axes as one last one, and what is left of its shape.
struct reduced {
    edge values;
    index_t axis = whole;
    extents shape;
};

[[nodiscard]] reduced reduced_of(node& x, const char* name, const axes_argument& axes, bool keepdims, source where) {
    const extents shape = x.shape();
    const extents over = axes.given ? graph::axes_of(name, axes, shape) : extents{};
    const unsigned mask = axes.given ? graph::mask_of(over) : (1U << shape.size()) - 1U;
    reduced out{edge::share(&x), whole, {}};
    extents flat;
    index_t length = 1;
    for (std::size_t d = 0; d < shape.size(); ++d) {
        if ((mask >> d & 1U) != 0) {
            length *= shape[d];
            if (keepdims) out.shape.push_back(1);
        } else {
            out.shape.push_back(shape[d]);
            flat.push_back(shape[d]);
        }
    }
    if (over.size() == 1) {
        out.axis = over[0];
    } else if (axes.given) {
        axes_argument last{.count = over.size(), .given = true};
        for (std::size_t i = 0; i < over.size(); ++i) last.list[i] = static_cast<index_t>(i) - static_cast<index_t>(over.size());
        edge moved{record_moved_axes(out.values.release(), name, axes, last, where)};
        flat.push_back(length);
        out.axis = static_cast<index_t>(flat.size()) - 1;
        out.values = edge{record_reshape(moved.release(), flat, where)};
    }
    return out;
}

/// As many digits as tell it from its neighbours.
[[nodiscard]] std::string text_of(double q) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, q).ptr};
}

}  // namespace

}  // namespace order

node* quantiles(node& x, const quantile_request& wanted, source where) try {
    const base::reading_arrays reading;
    const base::default_environment rounding;  // results must not depend on the caller's
    for (std::size_t i = 0; i < wanted.count; ++i) {
        if (!(wanted.q[i] >= 0 && wanted.q[i] <= 1)) throw value_error("quantile: q is " + order::text_of(wanted.q[i]) + ", not from 0 to 1");
    }
    const order::reduced over = order::reduced_of(x, wanted.median ? "median" : "quantile", wanted.axes, wanted.keepdims, where);
    if (wanted.several) graph::check_rank("quantile", over.shape.size() + 1);
    extents shape;
    if (wanted.several) shape.push_back(static_cast<index_t>(wanted.count));
    for (const index_t e : over.shape) shape.push_back(e);
    const order::rows in = order::rows_of(*over.values, over.axis);
    handle out{allocate_node(is_floating(x.type) ? x.type : dtype::f64, shape)};
    visit_dtype(x.type, [&]<class T>(std::type_identity<T>) {
        using R = std::conditional_t<floating<T>, T, double>;
        R* const results = reinterpret_cast<R*>(out->data);
        if (in.length == 0) std::fill_n(results, out->size, std::numeric_limits<R>::quiet_NaN());
        else if (out->size > 0) order::quantiles_of_rows<T>(in, results, wanted);
    });
    return out.release();
} catch (const std::exception&) {
    order::tell("quantile");
}

}  // namespace sinter::inline v1::detail
