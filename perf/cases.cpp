#include "cases.hpp"

#include <sinter/sinter.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace perf {

namespace {

constexpr std::size_t Ki = 1024, Mi = Ki * Ki;
constexpr std::size_t last_level_cache = 32 * Mi;    // bytes; from there on stores stream

std::vector<extent> flat(std::initializer_list<std::size_t> sizes) {
    std::vector<extent> out;
    for (const std::size_t n : sizes) out.push_back({1, n});
    return out;
}

std::vector<case_info> make_cases() {
    const auto outputs = flat({16, 4 * Ki, 64 * Ki, Mi, 32 * Mi});
    const auto sums = flat({16, 4 * Ki, 64 * Ki, Mi, 64 * Mi});
    const auto functions = flat({4 * Ki, 64 * Ki, Mi, 32 * Mi});
    const std::vector<extent> matrix{{4096, 1024}};
    const std::vector<extent> grids{{1024, 1024}, {4096, 4096}}, matrices{{4096, 1024}, {4096, 4096}};
    constexpr double exact = 1e-6, function = 1e-5, total = 1e-5, normalised = 1e-2;
    std::vector<case_info> all{
        {"axpy", "y = a*x + z", outputs, traffic::triad, "xz", 1, 2, exact, 0.5f, 1.5f, true},
        {"ten", "ten mixed operations in one statement, three inputs", outputs, traffic::triad, "xwz", 1, 10, exact, 0.5f, 1.5f, true},
        {"chain", "four statements with three temporaries, two inputs", outputs, traffic::triad, "xz", 1, 8, exact, 0.5f, 1.5f, true},
        {"complex", "y = x*w + z of complex<float>, parts counted", outputs, traffic::triad, "xwz", 1, 4, total, 0.5f, 1.5f, true},
        {"dot", "sum(x*w)", sums, traffic::read, "xw", 0, 2, total, 0.5f, 1.5f, false},
        {"cosine", "sum(x*w), sum(x*x), sum(w*w) in one plan", sums, traffic::read, "xw", 0, 6, total, 0.5f, 1.5f, false},
        {"sum", "sum(x)", sums, traffic::read, "x", 0, 1, total, 0.5f, 1.5f, false},
        {"moments", "mean(x) and var(x) in one plan", flat({4 * Ki, Mi, 64 * Mi}), traffic::read, "x", 0, 4, normalised, 0.5f, 1.5f, false},
        {"logsumexp", "logsumexp(x)", flat({4 * Ki, Mi, 64 * Mi}), traffic::read, "x", 0, 0, function, -5.0f, 5.0f, false},
        {"argmax", "argmax(x)", sums, traffic::read, "x", 0, 2, exact, 0.5f, 1.5f, false},
        {"rowargmax", "argmax(m, {.axis = 1})", matrix, traffic::read, "x", 0, 2, exact, 0.5f, 1.5f, false},
        {"colargmax", "argmax(m, {.axis = 0})", matrix, traffic::read, "x", 0, 2, exact, 0.5f, 1.5f, false},
        {"any_first", "any(x > a), the first element decides; the limit is of a whole pass", sums, traffic::read, "x", 0, 2, exact, 0.5f, 1.5f, false},
        {"any_last", "any(x > a), the last element decides", sums, traffic::read, "x", 0, 2, exact, 0.5f, 1.5f, false},
        {"all_rows", "all(m < a, {.axis = 1}), no element decides", matrix, traffic::read, "x", 0, 2, exact, 0.5f, 1.5f, false},
        {"cumsum", "y = cumsum(x)", outputs, traffic::copy, "x", 1, 1, total, 0.5f, 1.5f, true},
        {"cumsum_squares", "y = cumsum(x * x + 1), computed as it is accumulated", outputs, traffic::copy, "x", 1, 1, total, 0.5f, 1.5f, true},
        {"cumsum_rows", "y = cumsum(m, {.axis = 0})", {{4096, 1024}, {8192, 4096}}, traffic::copy, "x", 1, 1, total, 0.5f, 1.5f, false},
        {"reduce", "reduce(f, 0, x), f of p and q the user's maximum(abs(p), abs(q))", sums, traffic::read, "x", 0, 0, exact, -5.0f, 5.0f, false},
        {"pairwise", "pairwise(metrics::squared_euclidean, a, b), so many rows of 64 numbers each", {{1024, 10240}}, traffic::write, "rc", 1, 2.0 * 64, total, 0.5f, 1.5f, false},
        {"pairwise_768", "the same of 768 numbers each, as embeddings have", {{1024, 10240}}, traffic::write, "rc", 1, 2.0 * 768, total, 0.5f, 1.5f, false},
        {"pairwise_products", "pairwise(metrics::inner_product, a, b), of 768 numbers each", {{1024, 10240}}, traffic::write, "rc", 1, 2.0 * 768, total, 0.5f, 1.5f, false},
        {"axpy_f16", "y = a*x + z of float16", outputs, traffic::triad, "xz", 1, 2, exact, 0.5f, 1.5f, false, 2},
        {"axpy_bf16", "y = a*x + z of bfloat16", outputs, traffic::triad, "xz", 1, 2, exact, 0.5f, 1.5f, false, 2},
        {"sum_f16", "sum(x) of float16", sums, traffic::read, "x", 0, 1, total, 0.5f, 1.5f, false, 2},
        {"sum_bf16", "sum(x) of bfloat16", sums, traffic::read, "x", 0, 1, total, 0.5f, 1.5f, false, 2},
        {"axpy_f64", "y = a*x + z of double", functions, traffic::triad, "xz", 1, 4, exact, 0.5f, 1.5f, false, sizeof(double)},
        {"axpy_i32", "y = a*x + z of int32", functions, traffic::triad, "xz", 1, 0, exact, 0.5f, 1.5f, false},
        {"axpy_i8", "y = a*x + z of int8", functions, traffic::triad, "xz", 1, 0, exact, 0.5f, 1.5f, false, 1},
        {"divide_i32", "y = x / w of int32, w looked at for zeros", functions, traffic::triad, "xw", 1, 0, exact, 0.5f, 1.5f, false},
        {"cast_u8", "y = cast<float>(x) of uint8", functions, traffic::write, "x", 4, 0, exact, 0.0f, 255.99f, false, 1},
        {"sum_i32", "sum(x) of int32, in 64 bits", sums, traffic::read, "x", 0, 0, exact, 0.5f, 1.5f, false},
        {"count_nonzero", "count_nonzero(mask)", sums, traffic::read, "m", 0, 0, exact, 0.5f, 1.5f, false},
        {"where", "y = where(x > 1, x, w)", outputs, traffic::triad, "xw", 1, 0, exact, 0.5f, 1.5f, false},
        {"uniform", "y = random::uniform<float>(k, n)", functions, traffic::write, "", 1, 0, exact, 0.5f, 1.5f, false},
        {"normal", "y = random::normal<float>(k, n)", functions, traffic::write, "", 1, 0, function, 0.5f, 1.5f, false},
        {"exp", "y = exp(x)", functions, traffic::copy, "x", 1, 0, function, -5.0f, 5.0f, false},
        {"log", "y = log(x)", functions, traffic::copy, "x", 1, 0, function, 0.1f, 10.0f, false},
        {"tanh", "y = tanh(x)", functions, traffic::copy, "x", 1, 0, function, -5.0f, 5.0f, false},
        {"pow", "y = pow(x, w)", functions, traffic::triad, "xw", 1, 0, function, 0.1f, 10.0f, false},
        {"colsum", "sum(m, {.axis = 0})", matrices, traffic::read, "x", 0, 1, total, 0.5f, 1.5f, false},
        {"rowsum", "sum(m, {.axis = 1})", matrices, traffic::read, "x", 0, 1, total, 0.5f, 1.5f, false},
        {"colsum_transposed", "sum(m.transpose(), {.axis = 0}), of so many rows and columns", matrices, traffic::read, "x", 0, 1, total, 0.5f, 1.5f, false},
        {"rowsum_transposed", "sum(m.transpose(), {.axis = 1}), of so many rows and columns", matrices, traffic::read, "x", 0, 1, total, 0.5f, 1.5f, false},
        {"transposed", "y = m.transpose() * a", matrices, traffic::copy, "x", 1, 1, exact, 0.5f, 1.5f, false},
        {"plus_transposed", "y = m + w.transpose()", matrices, traffic::triad, "xw", 1, 1, exact, 0.5f, 1.5f, false},
        {"broadcast", "y = m + row + column", matrix, traffic::copy, "xrc", 1, 2, exact, 0.5f, 1.5f, false},
        {"softmax", "e = exp(x - max(x)), y = e / sum(e), by rows", matrix, traffic::copy, "x", 1, 0, function, -5.0f, 5.0f, false, sizeof(float), true},
        {"rms_norm", "y = x / sqrt(mean(x*x) + eps), by rows", matrix, traffic::copy, "x", 1, 3, total, 0.5f, 1.5f, false, sizeof(float), true},
        {"layer_norm", "d = x - mean(x), y = d / sqrt(mean(d*d) + eps), by rows", matrix, traffic::copy, "x", 1, 6, normalised, 0.5f, 1.5f, false, sizeof(float), true},
        {"z_score", "d = x - mean(x), y = d / sqrt(mean(d*d)), by rows", matrix, traffic::copy, "x", 1, 6, normalised, 0.5f, 1.5f, false, sizeof(float), true},
        {"heat", "5 points, assigned to a slice of what is read", grids, traffic::copy, "x", 1, 4, exact, 0.5f, 1.5f, false},
        {"mandelbrot", "z = z*z + c until |z| > 2, at most 100 steps, each element its own", {{1024, 1024}}, traffic::copy, "rc", 1, 0, exact, 0.5f, 1.5f, false},
        {"take", "y = take(x, i), elements in scattered order; the limit does not read i", flat({64 * Ki, Mi, 32 * Mi}), traffic::copy, "x", 1, 0, exact, 0.5f, 1.5f, true},
        {"take_rows", "y = take(m, i, {.axis = 0}), rows in scattered order", matrix, traffic::copy, "x", 1, 0, exact, 0.5f, 1.5f, false},
        {"take_along", "y = take_along_axis(m, i, {.axis = 1}), elements of each row in scattered order; the limit does not read i", matrix, traffic::copy, "x", 1, 0, exact, 0.5f, 1.5f, false},
        {"take_dot", "sum(take(x, i) * w)", flat({64 * Ki, Mi}), traffic::read, "xw", 0, 2, total, 0.5f, 1.5f, false},
        {"flip", "y = flip(x) * a", functions, traffic::copy, "x", 1, 1, exact, 0.5f, 1.5f, false},
        {"strided", "y = x(range({}, {}, 2)) * a", functions, traffic::copy, "x", 0.5, 0, exact, 0.5f, 1.5f, false},
        {"concatenate", "y = concatenate({x, z})", functions, traffic::copy, "xz", 2, 0, exact, 0.5f, 1.5f, false},
        {"stack", "y = stack({x, z}, {.axis = -1})", functions, traffic::copy, "xz", 2, 0, exact, 0.5f, 1.5f, false},
        {"roll", "y = roll(x, 1000)", functions, traffic::copy, "x", 1, 0, exact, 0.5f, 1.5f, false},
        {"pad", "y = pad(m, 1)", matrix, traffic::copy, "x", 1, 0, exact, 0.5f, 1.5f, false},
        {"masked_write", "x(mask) = a, half of the elements; by hand in place", functions, traffic::copy, "xm", 1, 0, exact, 0.5f, 1.5f, false},
        {"masked", "y = x(mask), half of the elements; on one thread by hand", functions, traffic::copy, "xm", 0.5, 0, exact, 0.5f, 1.5f, false},
        {"nonzero", "y = flatnonzero(mask), half of the elements; on one thread by hand", functions, traffic::write, "m", 1, 0, exact, 0.5f, 1.5f, false},
        {"put", "put(x, i, w), elements in scattered order, in place; the limit does not read i", flat({64 * Ki, Mi, 32 * Mi}), traffic::copy, "w", 1, 0, exact, 0.5f, 1.5f, false},
        {"sort", "sort(x); hand is std::sort of a copy", flat({64 * Ki, Mi}), traffic::copy, "x", 1, 0, exact, -5.0f, 5.0f, false},
        {"median", "median(x); hand is std::nth_element of a copy", flat({64 * Ki, Mi}), traffic::read, "x", 0, 0, exact, -5.0f, 5.0f, false},
        {"sort_rows", "sort(m, {.axis = 1}); hand is std::sort of each row of a copy", matrix, traffic::copy, "x", 1, 0, exact, -5.0f, 5.0f, false},
        {"argsort", "argsort(x); hand is std::stable_sort of the places", flat({64 * Ki, Mi}), traffic::copy, "x", 2, 0, exact, -5.0f, 5.0f, false},
        {"topk", "topk(x, 100); hand keeps a heap, as std::partial_sort does", flat({64 * Ki, Mi, 64 * Mi}), traffic::read, "x", 0, 0, exact, -5.0f, 5.0f, false},
        {"unique", "unique(x), 40960 values; hand is std::sort and std::unique of a copy", flat({64 * Ki, Mi}), traffic::read, "x", 0, 0, exact, -20480.0f, 20480.0f, false},
        {"searchsorted", "searchsorted(x, w), as many values as there are elements; hand is std::lower_bound", flat({64 * Ki, Mi}), traffic::copy, "xw", 2, 0, exact, 0.5f, 1.5f, false},
        {"histogram", "histogram(x, 256, {0.5, 1.5}); on one thread by hand", flat({64 * Ki, Mi, 64 * Mi}), traffic::read, "x", 0, 0, exact, 0.5f, 1.5f, false},
        {"bincount", "bincount(x) of int32 below 256; on one thread by hand", flat({64 * Ki, Mi, 64 * Mi}), traffic::read, "x", 0, 0, exact, 0.0f, 255.99f, false},
        {"axpy16", "y = a*x + z, dynamic, recorded and evaluated again", flat({16}), traffic::triad, "xz", 1, 2, exact, 0.5f, 1.5f, false},
        {"axpy16_static", "y = a*x + z on array<float, 16>, compiled for x86-64", flat({16}), traffic::triad, "xz", 1, 2, exact, 0.5f, 1.5f, false},
        {"axpy16_static_avx512", "the same compiled for AVX-512", flat({16}), traffic::triad, "xz", 1, 2, exact, 0.5f, 1.5f, false},
    };
    // Operations that no case above is about, straight from the library's list.
    for (const sinter::operation_report& o : sinter::operations()) {
        const auto same = [&](const case_info& c) { return c.name == o.name; };
        if (o.primitive || o.integer_only || std::any_of(all.begin(), all.end(), same)) continue;
        const char* const arguments[] = {"x", "x, w", "x, w, z"};
        const char* const read[] = {"x", "xw", "xwz"};
        const auto n = static_cast<std::size_t>(o.arity - 1);
        all.push_back({o.name, "y = " + o.name + "(" + arguments[n] + ")", flat({64 * Ki, Mi}), n > 0 ? traffic::triad : traffic::copy, read[n], 1, 0,
                       function, 0.5f, 1.5f, false});
    }
    return all;
}

}

std::size_t depth_of(std::string_view name) { return name == "pairwise" ? 64 : name.starts_with("pairwise") ? 768 : 1; }

std::vector<std::int32_t> scattered(std::size_t n) {
    std::vector<std::int32_t> places(n);
    for (std::size_t i = 0; i < n; ++i) places[i] = static_cast<std::int32_t>(i * 2654435761U % n);
    return places;
}

std::vector<std::int32_t> scattered_rows(std::size_t rows, std::size_t columns) {
    const std::vector<std::int32_t> row = scattered(columns);
    std::vector<std::int32_t> places;
    places.reserve(rows * columns);
    for (std::size_t r = 0; r < rows; ++r) places.insert(places.end(), row.begin(), row.end());
    return places;
}

std::string extent::label() const {
    if (rows > 1) return std::to_string(rows) + "x" + std::to_string(columns);
    if (columns >= Mi) return std::to_string(columns / Mi) + " Mi";
    if (columns >= Ki) return std::to_string(columns / Ki) + " Ki";
    return std::to_string(columns);
}

std::size_t case_info::bytes(const extent& e) const {
    const double read = reads('x') + reads('w') + reads('z') + static_cast<double>(reads('m')) / static_cast<double>(element);
    return static_cast<std::size_t>((read + written) * static_cast<double>(e.size())) * element;
}

const std::vector<case_info>& cases() {
    static const std::vector<case_info> all = make_cases();
    return all;
}

namespace {

}

inputs::inputs(const case_info& c, const extent& e)
    : x_(c.reads('x') ? e.size() : 0), w_(c.reads('w') ? e.size() : 0), z_(c.reads('z') ? e.size() : 0), row_(c.reads('r') ? e.columns * depth_of(c.name) : 0),
      column_(c.reads('c') ? e.rows * depth_of(c.name) : 0), mask_(c.reads('m') ? (e.size() + sizeof(float) - 1) / sizeof(float) : 0) {
    fill(x_.span(), c.low, c.high, 1);
    fill(w_.span(), 0.5f, 1.5f, 2);
    fill(z_.span(), 0.5f, 1.5f, 3);
    fill(row_.span(), 0.5f, 1.5f, 4);
    fill(column_.span(), 0.5f, 1.5f, 5);
    if (c.name == "any_first") x_.data()[0] = above_all;
    if (c.name == "any_last") x_.data()[e.size() - 1] = above_all;
    if (c.name == "searchsorted") std::sort(x_.data(), x_.data() + x_.size());
    if (c.name == "unique") std::transform(x_.data(), x_.data() + x_.size(), x_.data(), [](float v) { return std::trunc(v); });
    if (mask_.size() > 0) {
        const memory chances(e.size());
        fill(chances.span(), 0.0f, 1.0f, 6);
        std::transform(chances.data(), chances.data() + e.size(), reinterpret_cast<bool*>(mask_.data()), [](float v) { return v < 0.5f; });
    }
    if (c.name == "mandelbrot") {
        // Neighbours take about as many steps, as in the picture.
        const auto spread = [](std::span<float> v, float low, float high) {
            for (std::size_t i = 0; i < v.size(); ++i) v[i] = low + (high - low) * static_cast<float>(i) / static_cast<float>(v.size());
        };
        spread(row_.span(), -2.0f, 0.6f);
        spread(column_.span(), -1.3f, 1.3f);
    }
}

problem inputs::make(const case_info& c, const extent& e, int threads) const {
    const auto data = [](const memory& m) { return m.size() > 0 ? m.data() : nullptr; };
    problem p;
    p.name = c.name;
    p.size = e;
    p.threads = threads;
    p.bytes = c.bytes(e);
    p.kind = c.kind;
    p.how = p.bytes >= last_level_cache ? hand::stores::streaming : hand::stores::ordinary;
    p.fresh = c.outputs && p.bytes > last_level_cache;
    p.x = data(x_);
    p.w = data(w_);
    p.z = data(z_);
    p.row = data(row_);
    p.column = data(column_);
    p.mask = reinterpret_cast<const bool*>(data(mask_));
    return p;
}

}
