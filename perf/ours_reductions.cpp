#include <memory>
#include <tuple>

#include "ours.hpp"

namespace perf {

namespace {

using array = sn::array<float>;

// record() gives the pending results of one evaluation, as a tuple: a few numbers.
template <class Record>
void add(const problem& p, Record record, std::vector<contender>& out) {
    const auto results = std::make_shared<std::vector<float>>();
    contender c{"ours", [=](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            auto pending = record();
            results->clear();
            std::apply([&](auto&... r) {
                if constexpr (sizeof...(r) > 1) sn::eval(r...);
                (results->insert(results->end(), r.data(), r.data() + r.size()), ...);
            }, pending);
            observe(results->data());
        }
    }};
    c.result = [results, run = c.run] {
        run(1);
        return *results;
    };
    c.enter = [threads = p.threads] { use_threads(threads); };
    c.predicted = [=] { return std::apply([](const auto&... r) { return sn::explain(r...).predicted_seconds; }, record()); };
    out.push_back(std::move(c));
}

}

void add_ours_reductions(const problem& p, std::vector<contender>& out) {
    const std::size_t n = p.n();
    if (p.name == "sum") add(p, [x = vector_of(p.x, n)] { return std::tuple{array(sn::sum(x))}; }, out);
    if (p.name == "dot") add(p, [x = vector_of(p.x, n), w = vector_of(p.w, n)] { return std::tuple{array(sn::sum(x * w))}; }, out);
    if (p.name == "cosine") {
        add(p, [x = vector_of(p.x, n), w = vector_of(p.w, n)] {
            return std::tuple{array(sn::sum(x * w)), array(sn::sum(x * x)), array(sn::sum(w * w))};
        }, out);
    }
    if (p.name == "moments") add(p, [x = vector_of(p.x, n)] { return std::tuple{array(sn::mean(x)), array(sn::var(x))}; }, out);
    if (p.name == "logsumexp") add(p, [x = vector_of(p.x, n)] { return std::tuple{array(sn::logsumexp(x))}; }, out);
    const auto reduce_axis = [&](sn::index_t axis) {
        const auto [rows, columns] = p.size;
        add(p, [axis, m = matrix_of(p.x, rows, columns)] { return std::tuple{array(sn::sum(m, {.axis = axis}))}; }, out);
    };
    // Places as numbers that the others have, too.
    const auto place_of = [](const array& m, const sn::reduce_options& o) { return std::tuple{array(sn::cast<float>(sn::argmax(m, o)))}; };
    if (p.name == "argmax") add(p, [place_of, x = vector_of(p.x, n)] { return place_of(x, {}); }, out);
    if (p.name == "rowargmax") add(p, [place_of, m = matrix_of(p.x, p.size.rows, p.size.columns)] { return place_of(m, {.axis = 1}); }, out);
    if (p.name == "colargmax") add(p, [place_of, m = matrix_of(p.x, p.size.rows, p.size.columns)] { return place_of(m, {.axis = 0}); }, out);
    if (p.name == "any_first" || p.name == "any_last") add(p, [x = vector_of(p.x, n)] { return std::tuple{array(sn::cast<float>(sn::any(x > most)))}; }, out);
    if (p.name == "all_rows") add(p, [m = matrix_of(p.x, p.size.rows, p.size.columns)] { return std::tuple{array(sn::cast<float>(sn::all(m < most, {.axis = 1})))}; }, out);
    if (p.name == "reduce") {
        const auto larger = [](auto a, auto b) { return sn::maximum(sn::abs(a), sn::abs(b)); };
        add(p, [larger, x = vector_of(p.x, n)] { return std::tuple{array(sn::reduce(larger, 0.0f, x))}; }, out);
    }
    // Large results, which must not be copied.
    if (p.name == "cumsum_squares") add_statement(p, n, [x = vector_of(p.x, n)] { return array(sn::cumsum(x * x + 1.0f)); }, out);
    if (p.name == "cumsum") add_statement(p, n, [x = vector_of(p.x, n)] { return array(sn::cumsum(x)); }, out);
    if (p.name == "sort") add_statement(p, 0, [x = vector_of(p.x, n)] { return sn::sort(x); }, out);
    // Carried out when it is called, so there is nothing to predict.
    if (p.name == "median") add(p, [x = vector_of(p.x, n)] { return std::tuple{sn::median(x)}; }, out);
    if (p.name == "take_dot") add(p, [x = vector_of(p.x, n), w = vector_of(p.w, n), i = sn::from(scattered(n))] { return std::tuple{array(sn::sum(sn::take(x, i) * w))}; }, out);
    if (p.name == "colsum") reduce_axis(0);
    if (p.name == "rowsum") reduce_axis(1);
    const auto reduce_transposed = [&](sn::index_t axis) {
        const auto [rows, columns] = p.size;
        add(p, [axis, m = matrix_of(p.x, columns, rows)] { return std::tuple{array(sn::sum(m.transpose(), {.axis = axis}))}; }, out);
    };
    if (p.name == "colsum_transposed") reduce_transposed(0);
    if (p.name == "rowsum_transposed") reduce_transposed(1);
}

}
