#pragma once

#include <sinter/eval.hpp>
#include <sinter/factories.hpp>
#include <sinter/reductions.hpp>

#include <concepts>
#include <initializer_list>
#include <iterator>
#include <vector>

// Sorting, searching and counting. These need whole rows at hand, so they are not part of kernels: each is carried out when it is called. What it is given is evaluated, statements fused as
// ever; the result is an array with memory of its own. Rows, and pieces of long ones, are shared among the threads that the caller may use; the result depends on none of it.
//
// The order is that of <, with NaN after everything else, as in NumPy. -0.0 and +0.0 are equal. Elements that are equal stay in the order in which they came, everywhere.
// An axis may be negative, counting from the end; {.axis = {}} takes all elements in row-major order as one row.

namespace sinter::inline v1 {

/// Along which axis: the last one unless said. {.axis = {}}: the array counts as flattened.
struct order_options {
    axis_list axis = -1;
};

/// The same for topk, and which end of the order it takes.
struct topk_options {
    axis_list axis = -1;
    bool largest = true;
};

/// Elements and where they were along the axis.
template <class T>
struct topk_result {
    array<T> values;
    array<index_t> indices;
};

/// The distinct values of an array in order; where each was first, in row-major order; for every element, in the array's shape, the number of its value; and how often each is there.
template <class T>
struct unique_result {
    array<T> values;
    array<index_t> indices, inverse, counts;
};

/// What a quantile between two elements is: in proportion, the lower one, the higher one, the middle, or the nearer one (the one of even rank where both are as near).
enum class quantile_method : std::uint8_t { linear, lower, higher, midpoint, nearest };

/// What quantiles run over. Without axes, over all. keepdims leaves the reduced axes with extent 1.
struct quantile_options {
    axis_list axis{};
    bool keepdims = false;
    quantile_method method = quantile_method::linear;
};

/// Before the elements that are equal, or after them.
enum class search_side : std::uint8_t { left, right };

struct search_options {
    search_side side = search_side::left;
};

/// The ends of a histogram; without, the least and the greatest element.
class histogram_range {
public:
    constexpr histogram_range() noexcept = default;
    template <class A, class B>
        requires(detail::number_type<A> && detail::number_type<B>)
    constexpr histogram_range(A lo, B hi) noexcept : lo_{static_cast<double>(lo)}, hi_{static_cast<double>(hi)}, given_{true} {}
    [[nodiscard]] constexpr double lo() const noexcept { return lo_; }
    [[nodiscard]] constexpr double hi() const noexcept { return hi_; }
    [[nodiscard]] constexpr bool given() const noexcept { return given_; }

private:
    double lo_ = 0, hi_ = 1;
    bool given_ = false;
};

/// How many elements are in each bin, and the bins' edges: one more than bins.
template <class E>
struct histogram_result {
    array<index_t> counts;
    array<E> edges;
};

/// What each element of a histogram counts for, in the shape of the elements.
struct histogram_weights {
    array<double> weights;
};

/// The sums of the weights of the elements that are in each bin, and the bins' edges.
template <class E>
struct weighted_histogram_result {
    array<double> sums;
    array<E> edges;
};

struct bincount_options {
    index_t minlength = 0;
};

namespace detail {

struct values_and_places {
    handle values, places;
};
struct distinct_parts {
    handle values, places, inverse, counts;
};

/// Which quantiles of which axes. several: they are a first axis of the result.
struct quantile_request {
    const double* q = nullptr;
    std::size_t count = 1;
    bool several = false, median = false;
    const axes_argument& axes;
    bool keepdims = false;
    quantile_method method = quantile_method::linear;
};

// What is computed has one handle; operands stay the caller's.
[[nodiscard]] SINTER_API node* sorted_values(node& x, const axes_argument& axis);
[[nodiscard]] SINTER_API node* sorted_places(node& x, const axes_argument& axis);
[[nodiscard]] SINTER_API node* partitioned_values(node& x, index_t kth, const axes_argument& axis);
[[nodiscard]] SINTER_API node* partitioned_places(node& x, index_t kth, const axes_argument& axis);
[[nodiscard]] SINTER_API values_and_places first_in_order(node& x, index_t k, const axes_argument& axis, bool largest);
[[nodiscard]] SINTER_API node* quantiles(node& x, const quantile_request& wanted, source where);
[[nodiscard]] SINTER_API node* distinct_values(node& x);
[[nodiscard]] SINTER_API distinct_parts distinct_with_places(node& x);
/// Both of one element type.
[[nodiscard]] SINTER_API node* places_in_order(node& sorted, node& values, bool right);
SINTER_API void check_bins(index_t bins);
SINTER_API void check_bin_range(double lo, double hi);
/// The edges are of mean_type of the element type, at equal distances. Counts, or the sums of weights, which are double and may be null.
[[nodiscard]] SINTER_API node* in_equal_bins(node& x, node& edges, node* weights);
/// The same; elements and edges are of one type.
[[nodiscard]] SINTER_API node* in_bins_between(node& x, node& edges, node* weights);
[[nodiscard]] SINTER_API node* value_counts(node& x, index_t least);
/// The weights are double.
[[nodiscard]] SINTER_API node* value_sums(node& x, node& weights, index_t least);
/// The places of elements that are not zero in the flattened array, and these as indices along one axis.
[[nodiscard]] SINTER_API node* nonzero_places(node& x);
[[nodiscard]] SINTER_API node* coordinates_along(node& places, const extents& shape, index_t axis);

/// An argument's node, for what compares elements.
template <class X>
[[nodiscard]] edge ordered(const X& x, source where) {
    detail::check_order<X>();
    return detail::reading_of(x, where);
}

/// The same for what looks for elements that are not zero.
template <class X>
[[nodiscard]] edge tested(const X& x, source where) {
    if constexpr (is_complex<value_of<X>>) {
        return array<bool>(cast<bool>(x), where.file, where.line).reading();
    } else {
        return detail::reading_of(x, where);
    }
}

template <class Q>
concept numbers_in_range = requires(const Q& q) {
    { *std::begin(q) } -> std::convertible_to<double>;
    std::end(q);
};

template <class T>
[[nodiscard]] array<T> array_of(node* counted) noexcept {
    return array<T>(handle{counted});
}

template <class X>
[[nodiscard]] auto quantiles_of(const X& x, const double* q, std::size_t count, bool several, const quantile_options& o, source where) {
    return detail::array_of<mean_type<value_of<X>>>(detail::quantiles(
        *detail::ordered(x, where), {.q = q, .count = count, .several = several, .axes = o.axis.argument(), .keepdims = o.keepdims, .method = o.method}, where));
}

}  // namespace detail

/// The elements in order along an axis.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<detail::value_of<X>> sort(const X& x, const order_options& o = {}, detail::source where = detail::source::current()) {
    return detail::array_of<detail::value_of<X>>(detail::sorted_values(*detail::ordered(x, where), o.axis.argument()));
}

/// The indices along an axis that would sort it; of the flattened array for {.axis = {}}.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<index_t> argsort(const X& x, const order_options& o = {}, detail::source where = detail::source::current()) {
    return detail::array_of<index_t>(detail::sorted_places(*detail::ordered(x, where), o.axis.argument()));
}

/// The elements along an axis with the one at place kth where sorting would put it, lesser ones before it and greater ones behind: those less than it as they came, those equal to it, those
/// greater as they came. A negative kth counts from the end. Throws index_error if there are elements and no such place. Takes time in proportion to the elements.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<detail::value_of<X>> partition(const X& x, index_t kth, const order_options& o = {}, detail::source where = detail::source::current()) {
    return detail::array_of<detail::value_of<X>>(detail::partitioned_values(*detail::ordered(x, where), kth, o.axis.argument()));
}

/// The indices along an axis that would partition it.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<index_t> argpartition(const X& x, index_t kth, const order_options& o = {}, detail::source where = detail::source::current()) {
    return detail::array_of<index_t>(detail::partitioned_places(*detail::ordered(x, where), kth, o.axis.argument()));
}

/// The k largest elements along an axis, the largest first, and their indices; or the smallest ones, the smallest first. Of equal ones those with lower indices come first. NaN comes last
/// either way: it is taken only where there are fewer than k others. Throws value_error if there are fewer than k elements.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] topk_result<detail::value_of<X>> topk(const X& x, index_t k, const topk_options& o = {}, detail::source where = detail::source::current()) {
    detail::values_and_places found = detail::first_in_order(*detail::ordered(x, where), k, o.axis.argument(), o.largest);
    return {array<detail::value_of<X>>(std::move(found.values)), array<index_t>(std::move(found.places))};
}

/// The distinct values of all elements, in order. All NaN count as one, as do zeros of both signs; the first one stands for them.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<detail::value_of<X>> unique(const X& x, detail::source where = detail::source::current()) {
    return detail::array_of<detail::value_of<X>>(detail::distinct_values(*detail::ordered(x, where)));
}

/// The same with where they were and how often.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] unique_result<detail::value_of<X>> unique_all(const X& x, detail::source where = detail::source::current()) {
    detail::distinct_parts p = detail::distinct_with_places(*detail::ordered(x, where));
    return {array<detail::value_of<X>>(std::move(p.values)), array<index_t>(std::move(p.places)), array<index_t>(std::move(p.inverse)), array<index_t>(std::move(p.counts))};
}

/// The middle element over the axes, or the mean of the two in the middle; NaN if there is one, and over nothing. Integers and bool give double. By selection: takes time in proportion to the elements.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] auto median(const X& x, const reduce_options& o = {}, detail::source where = detail::source::current()) {
    const double half = 0.5;
    return detail::array_of<detail::mean_type<detail::value_of<X>>>(
        detail::quantiles(*detail::ordered(x, where), {.q = &half, .median = true, .axes = o.axis.argument(), .keepdims = o.keepdims}, where));
}

/// The value below which so much of the elements over the axes is, from 0, the least, to 1, the greatest: the element of rank q (n - 1), or as the method says between two. NaN if there is one, and
/// over nothing. Integers and bool give double. Throws value_error for other q.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] auto quantile(const X& x, double q, const quantile_options& o = {}, detail::source where = detail::source::current()) {
    return detail::quantiles_of(x, &q, 1, false, o, where);
}
/// Several, along a new first axis.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] auto quantile(const X& x, std::initializer_list<double> q, const quantile_options& o = {}, detail::source where = detail::source::current()) {
    return detail::quantiles_of(x, q.begin(), q.size(), true, o, where);
}
/// Those of a range of numbers, likewise.
template <class X, class Q>
    requires(detail::array_like<X> && !detail::array_like<Q> && detail::numbers_in_range<Q>)
[[nodiscard]] auto quantile(const X& x, const Q& q, const quantile_options& o = {}, detail::source where = detail::source::current()) try {
    std::vector<double> shares;
    for (const auto& share : q) shares.push_back(static_cast<double>(share));
    return detail::quantiles_of(x, shares.data(), shares.size(), true, o, where);
} catch (const std::bad_alloc&) {
    detail::throw_no_memory("quantile");
}
/// Those of an array, whose axes come first in the result.
template <class X, class Q>
    requires(detail::array_like<X> && detail::array_like<Q> && detail::floating<detail::value_of<Q>>)
[[nodiscard]] auto quantile(const X& x, const Q& q, const quantile_options& o = {}, detail::source where = detail::source::current()) {
    const array<double> shares = detail::values_as<double>(q, where);
    const auto found = detail::quantiles_of(x, shares.data(), static_cast<std::size_t>(shares.size()), true, o, where);
    extents shape = shares.shape();
    for (index_t d = 1; d < found.rank(); ++d) shape.push_back(found.extent(d));
    return found.reshape(shape);
}

/// Where each value would go in a sorted array of rank 1: how many elements are less, or with search_side::right not greater. In the values' shape. Where the array is not sorted the result is of
/// no use. Different element types are compared as that of both.
template <class S, class V>
    requires(detail::array_like<S> && detail::array_like<V>)
[[nodiscard]] array<index_t> searchsorted(const S& sorted, const V& values, const search_options& o = {}, detail::source where = detail::source::current()) {
    detail::check_order<S>();
    detail::check_order<V>();
    using T = typename detail::promoted<detail::value_of<S>, detail::value_of<V>>::type;
    const array<T> s = detail::values_as<T>(sorted, where), v = detail::values_as<T>(values, where);
    return detail::array_of<index_t>(detail::places_in_order(*s.reading(), *v.reading(), o.side == search_side::right));
}
/// Of one value: an array of rank 0.
template <class S, class V>
    requires(detail::array_like<S> && detail::number_type<V>)
[[nodiscard]] array<index_t> searchsorted(const S& sorted, V value, const search_options& o = {}, detail::source where = detail::source::current()) {
    detail::check_order<S>();
    using T = std::conditional_t<detail::floating<detail::value_of<S>>, detail::value_of<S>, typename detail::promoted<detail::value_of<S>, V>::type>;
    if constexpr (std::is_unsigned_v<T> && std::is_signed_v<V>) {
        // Before every element, which has no value of T.
        if (value < 0) return sinter::searchsorted(sorted, sinter::full<T>({}, T(0)), {.side = search_side::left}, where);
    }
    return sinter::searchsorted(sorted, sinter::full<T>({}, static_cast<T>(value)), o, where);
}

/// Of values in braces.
template <class S>
    requires detail::array_like<S>
[[nodiscard]] array<index_t> searchsorted(const S& sorted, std::initializer_list<detail::literal<detail::value_of<S>>> values, const search_options& o = {}, detail::source where = detail::source::current()) {
    return sinter::searchsorted(sorted, array<detail::value_of<S>>(values), o, where);
}

namespace detail {

/// The edges of bins of equal width.
template <class T>
[[nodiscard]] array<mean_type<T>> equal_edges(const array<T>& values, index_t bins, const histogram_range& range, source where) {
    using E = mean_type<T>;
    detail::check_bins(bins);
    double lo = range.lo(), hi = range.hi();
    if (!range.given() && values.size() > 0) {
        const array<T> least = sinter::min(values, {}, where), greatest = sinter::max(values, {}, where);
        sinter::eval(values, least, greatest);
        lo = static_cast<double>(least.item());
        hi = static_cast<double>(greatest.item());
    }
    detail::check_bin_range(lo, hi);
    if (lo == hi) {
        lo -= 0.5;
        hi += 0.5;
    }
    if constexpr (floating<E>) detail::check_bin_range(static_cast<double>(static_cast<E>(lo)), static_cast<double>(static_cast<E>(hi)));
    return sinter::cast<E>(sinter::linspace<double>(lo, hi, bins + 1)).eval();
}

/// Elements and edges as their common type.
template <class X, class E>
[[nodiscard]] node* between_edges(const X& x, const array<E>& edges, node* weights, source where) {
    using T = typename promoted<value_of<X>, E>::type;
    detail::check_order<X>();
    const array<T> values = detail::values_as<T>(x, where), ends = detail::values_as<T>(edges, where);
    return detail::in_bins_between(*values.reading(), *ends.reading(), weights);
}

}  // namespace detail

/// How many of all elements are in each of so many bins of equal width, and the edges of the bins. A bin has its lower edge, the last one both; what is outside, and NaN, is not counted. Edges are of
/// the element type, or double for integers and bool. Ends that are equal move apart by 1; without elements they are 0 and 1. Throws value_error for fewer bins than 1, and for ends
/// that are not finite or the wrong way round.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] auto histogram(const X& x, index_t bins = 10, const histogram_range& range = {}, detail::source where = detail::source::current()) {
    using T = detail::value_of<X>;
    const array<T> values(detail::ordered(x, where));
    const auto edges = detail::equal_edges(values, bins, range, where);
    return histogram_result<detail::mean_type<T>>{detail::array_of<index_t>(detail::in_equal_bins(*values.reading(), *edges.reading(), nullptr)), edges};
}
/// The sums of the elements' weights in each bin: of 65536 elements (or as many as there are bins, if that is more) at a time in their order, then of those sums. Throws shape_error
/// unless there is a weight for each element.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] auto histogram(const X& x, index_t bins, const histogram_range& range, const histogram_weights& w, detail::source where = detail::source::current()) {
    using T = detail::value_of<X>;
    const array<T> values(detail::ordered(x, where));
    const auto edges = detail::equal_edges(values, bins, range, where);
    return weighted_histogram_result<detail::mean_type<T>>{detail::array_of<double>(detail::in_equal_bins(*values.reading(), *edges.reading(), w.weights.reading().get())),
                                                           edges};
}
/// Between edges of the user's own, of rank 1, each no less than the one before it. The result's edges share the memory of those given. Throws shape_error
/// for fewer than 2, value_error if they decrease.
template <class X, class B>
    requires(detail::array_like<X> && detail::array_like<B>)
[[nodiscard]] auto histogram(const X& x, const B& edges, detail::source where = detail::source::current()) {
    using E = detail::value_of<B>;
    const array<E> given(detail::ordered(edges, where));
    return histogram_result<E>{detail::array_of<index_t>(detail::between_edges(x, given, nullptr, where)), given};
}
template <class X, class B>
    requires(detail::array_like<X> && detail::array_like<B>)
[[nodiscard]] auto histogram(const X& x, const B& edges, const histogram_weights& w, detail::source where = detail::source::current()) {
    using E = detail::value_of<B>;
    const array<E> given(detail::ordered(edges, where));
    return weighted_histogram_result<E>{detail::array_of<double>(detail::between_edges(x, given, w.weights.reading().get(), where)), given};
}

/// How often each number from 0 to the greatest is among integers, or to minlength - 1 if that is more. Of rank 1; shape_error otherwise, value_error for negative ones.
template <class X>
    requires(detail::array_like<X> && !detail::floating<detail::value_of<X>>)
[[nodiscard]] array<index_t> bincount(const X& x, const bincount_options& o = {}, detail::source where = detail::source::current()) {
    return detail::array_of<index_t>(detail::value_counts(*detail::ordered(x, where), o.minlength));
}
/// The sums of the weights, as double, of the elements that are each number, added in their order. Throws shape_error unless there is a weight for each element.
template <class X, class W>
    requires(detail::array_like<X> && detail::array_like<W> && !detail::floating<detail::value_of<X>>)
[[nodiscard]] array<double> bincount(const X& x, const W& weights, const bincount_options& o = {}, detail::source where = detail::source::current()) {
    const array<double> w = detail::values_as<double>(weights, where);
    return detail::array_of<double>(detail::value_sums(*detail::ordered(x, where), *w.reading(), o.minlength));
}

/// The places of the elements that are not zero in the flattened array.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] array<index_t> flatnonzero(const X& x, detail::source where = detail::source::current()) {
    return detail::array_of<index_t>(detail::nonzero_places(*detail::tested(x, where)));
}

/// The indices of the elements that are not zero, in row-major order: an array for each axis. Throws shape_error for an array of rank 0.
template <class X>
    requires detail::array_like<X>
[[nodiscard]] std::vector<array<index_t>> nonzero(const X& x, detail::source where = detail::source::current()) try {
    const detail::edge value = detail::tested(x, where);
    const extents shape = value->shape();
    const array<index_t> places = detail::array_of<index_t>(detail::nonzero_places(*value));
    std::vector<array<index_t>> out;
    index_t axis = 0;
    do {
        out.push_back(detail::array_of<index_t>(detail::coordinates_along(*places.reading(), shape, axis)));
    } while (++axis < static_cast<index_t>(shape.size()));
    return out;
} catch (const std::bad_alloc&) {
    detail::throw_no_memory("nonzero");
}

}  // namespace sinter::inline v1
