#include "program.hpp"

namespace programs {

namespace {

using floats = sn::array<float>;
using shape = std::pair<sn::index_t, sn::index_t>;

void add(std::vector<program>& to, const std::string& name, const std::string& what, shape full, const std::function<std::function<recorded()>(sn::index_t, sn::index_t)>& make) {
    to.push_back({name, what, [=](bool tiny) {
                      if (!tiny) return make(full.first, full.second);
                      return make(std::min<sn::index_t>(full.first, 19), std::min<sn::index_t>(full.second, 83));
                  }});
}

}  // namespace

void add_reductions(std::vector<program>& to) {
    for (const auto& [label, n] : {std::pair{"4Ki", sn::index_t{4 << 10}}, {"1Mi", sn::index_t{1 << 20}}, {"16Mi", sn::index_t{16 << 20}}}) {
        add(to, std::string("dot_") + label, "sum(x * y)", {1, n}, [](sn::index_t, sn::index_t k) {
            return [x = numbers<float>({k}), y = numbers<float>({k}, 1, 3)] { return recorded().want(floats(sn::sum(x * y))); };
        });
    }
    add(to, "three_sums", "of two vectors: one pass", {1, 2 << 20}, [](sn::index_t, sn::index_t n) {
        return [x = numbers<float>({n}), y = numbers<float>({n}, 1, 3)] {
            return recorded().want(floats(sn::sum(x * y))).want(floats(sn::sum(x * x))).want(floats(sn::sum(y * y)));
        };
    });
    add(to, "mean_and_variance", "of one vector, both wanted", {1, 1 << 20}, [](sn::index_t, sn::index_t n) {
        return [x = numbers<float>({n})] {
            const floats mean = sn::mean(x), d = x - mean;
            return recorded().want(mean).want(floats(sn::mean(d * d)));
        };
    });
    add(to, "masked_mean", "sum(where(mask)) over count", {1, 1 << 20}, [](sn::index_t, sn::index_t n) {
        return [x = numbers<float>({n})] {
            const sn::array<bool> mask = x > 1.2f;
            const floats total = sn::sum(sn::where(mask, x, 0.0f));
            const floats count = sn::sum(sn::where(mask, sn::array<float>(x * 0.0f + 1.0f), 0.0f));
            return recorded().want(floats(total / count));
        };
    });
    add(to, "range_and_scale", "by the least and the largest", {1, 1 << 20}, [](sn::index_t, sn::index_t n) {
        return [x = numbers<float>({n})] {
            const floats low = sn::named(floats(sn::min(x)), "low"), high = sn::named(floats(sn::max(x)), "high");
            return recorded().want(sn::named(floats((x - low) / (high - low)), "scaled"));
        };
    });
    add(to, "unit_length", "x / norm(x)", {1, 256 << 10}, [](sn::index_t, sn::index_t n) {
        return [x = numbers<float>({n})] { return recorded().want(floats(x / sqrt(sn::sum(x * x)))); };
    });
    add(to, "costly_then_reduced", "log of all, stored and summed", {1, 1 << 20}, [](sn::index_t, sn::index_t n) {
        return [x = numbers<float>({n})] {
            const floats l = log(x);
            return recorded().want(l).want(floats(sn::sum(l)));
        };
    });
    add(to, "row_sums", "of a large matrix", {4096, 1024}, [](sn::index_t r, sn::index_t c) {
        return [m = numbers<float>({r, c})] { return recorded().want(floats(sn::sum(m, {.axis = 1}))); };
    });
    add(to, "column_sums", "of a large matrix", {4096, 1024}, [](sn::index_t r, sn::index_t c) {
        return [m = numbers<float>({r, c})] { return recorded().want(floats(sn::sum(m, {.axis = 0}))); };
    });
    add(to, "rows_and_columns", "both sums of one matrix", {1024, 1024}, [](sn::index_t r, sn::index_t c) {
        return [m = numbers<float>({r, c})] { return recorded().want(floats(sn::sum(m, {.axis = 1}))).want(floats(sn::sum(m, {.axis = 0}))); };
    });
    add(to, "short_row_sums", "three columns", {1 << 18, 3}, [](sn::index_t r, sn::index_t c) {
        return [m = numbers<float>({r, c})] { return recorded().want(floats(sn::sum(m * m, {.axis = 1}))); };
    });
    add(to, "short_rows_stored_and_summed", "exp of three columns, and its row sums", {1 << 18, 3}, [](sn::index_t r, sn::index_t c) {
        return [m = numbers<float>({r, c})] {
            const floats e = exp(m);
            return recorded().want(e).want(floats(sn::sum(e, {.axis = 1})));
        };
    });
    add(to, "narrow_column_sums", "four columns", {1 << 18, 4}, [](sn::index_t r, sn::index_t c) {
        return [m = numbers<float>({r, c})] { return recorded().want(floats(sn::sum(m, {.axis = 0}))); };
    });
    add(to, "transposed_row_sums", "of a transposed matrix", {1024, 2048}, [](sn::index_t r, sn::index_t c) {
        return [m = numbers<float>({r, c})] { return recorded().want(floats(sn::max(m.transpose() * 2.0f, {.axis = 1}))); };
    });
    add(to, "middle_axis", "of three", {64, 128}, [](sn::index_t r, sn::index_t c) {
        return [m = numbers<float>({r, c, 256})] { return recorded().want(floats(sn::sum(m * m, {.axis = 1}))); };
    });
    add(to, "squared_distances", "of each row to each of 64 points, never stored", {512, 64}, [](sn::index_t r, sn::index_t c) {
        return [a = numbers<float>({r, 1, c}), b = numbers<float>({1, 64, c}, 1, 3)] {
            const floats d = a - b;
            return recorded().want(floats(sn::sum(d * d, {.axis = 2})));
        };
    });
    add(to, "pairwise", "cosines of each row to each of 64 others", {96, 64}, [](sn::index_t r, sn::index_t c) {
        return [a = numbers<float>({r, c}), b = numbers<float>({64, c}, 1, 3)] { return recorded().want(floats(sn::pairwise(sn::metrics::cosine, a, b))); };
    });
    add(to, "nearest_rows", "among 300 others, by squares of differences and a factor", {96, 64}, [](sn::index_t r, sn::index_t c) {
        return [a = numbers<float>({r, c}), b = numbers<float>({300, c}, 1, 3)] {
            return recorded().want(sn::array<sn::index_t>(sn::argmin(sn::pairwise(sn::metrics::squared_euclidean, a * 0.5f, b), {.axis = 1})));
        };
    });
    const auto rowwise = [&](const std::string& name, const std::string& what, int axis, sn::index_t r, sn::index_t c, auto compute) {
        add(to, name, what, {r, c}, [axis, compute](sn::index_t rows, sn::index_t columns) {
            return [m = numbers<float>({rows, columns}), axis, compute] { return recorded().want(floats(compute(m, axis))); };
        });
    };
    const auto softmax = [](const floats& m, int axis) {
        const floats e = exp(m - sn::max(m, {.axis = axis, .keepdims = true}));
        return floats(e / sn::sum(e, {.axis = axis, .keepdims = true}));
    };
    rowwise("softmax_rows", "of a large matrix", 1, 2048, 1024, softmax);
    rowwise("softmax_short_rows", "ten columns", 1, 60000, 10, softmax);
    rowwise("softmax_columns", "of a large matrix", 0, 2048, 512, softmax);
    rowwise("layer_norm", "rows to mean 0 and variance 1", 1, 2048, 1024, [](const floats& m, int axis) {
        const floats d = m - sn::mean(m, {.axis = axis, .keepdims = true});
        return floats(d / sqrt(sn::mean(d * d, {.axis = axis, .keepdims = true}) + 1e-5f));
    });
    rowwise("rms_norm", "rows by their root mean square", 1, 2048, 1024, [](const floats& m, int axis) {
        return floats(m / sqrt(sn::mean(m * m, {.axis = axis, .keepdims = true}) + 1e-5f));
    });
    rowwise("z_score_columns", "columns to mean 0 and deviation 1", 0, 2048, 512, [](const floats& m, int axis) {
        const floats d = m - sn::mean(m, {.axis = axis, .keepdims = true});
        return floats(d / sqrt(sn::mean(d * d, {.axis = axis, .keepdims = true})));
    });
    rowwise("log_sum_exp", "of each row, from its parts", 1, 2048, 1024, [](const floats& m, int axis) {
        const floats top = sn::max(m, {.axis = axis, .keepdims = true});
        return floats(log(sn::sum(exp(m - top), {.axis = axis, .keepdims = true})) + top);
    });
}

}  // namespace programs
