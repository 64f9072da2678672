#include <memory>

#include "ours.hpp"

namespace perf {

namespace {

using array = sn::array<float>;

template <class F>
void add_rows(const problem& p, const F& f, std::vector<contender>& out) {
    struct operands {
        array x, y;
    };
    const auto o = std::make_shared<operands>();
    o->x = matrix_of(p.x, p.size.rows, p.size.columns);
    contender c{"ours", [o, f](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            o->y = f(o->x);
            o->y.eval();
        }
        observe(o.get());
    }};
    c.result = [o, run = c.run] {
        run(1);
        return o->y.to_vector();
    };
    c.enter = [threads = p.threads] { use_threads(threads); };
    const auto place = std::make_shared<memory>(p.n());
    contender d{"to", [o, f, place](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            const array pending = f(o->x);
            sn::eval(sn::to(place->span(), pending));
            observe(place->data());
        }
    }};
    d.result = [place, run = d.run] {
        run(1);
        return std::vector<float>(place->data(), place->data() + place->size());
    };
    d.enter = c.enter;
    out.push_back(std::move(c));
    out.push_back(std::move(d));
}

const sn::reduce_options each_row{.axis = 1, .keepdims = true};

array softmax(const array& x) {
    const array m = max(x, each_row), e = exp(x - m), s = sum(e, each_row);
    return e / s;
}

array rms_norm(const array& x) {
    const array factor = 1.0f / sqrt(mean(x * x, each_row) + epsilon);
    return x * factor;
}

array layer_norm(const array& x) {
    const array d = x - mean(x, each_row), factor = 1.0f / sqrt(mean(d * d, each_row) + epsilon);
    return d * factor;
}

array z_score(const array& x) {
    const array d = x - mean(x, each_row), deviation = sqrt(mean(d * d, each_row));
    return d / deviation;
}

}

void add_ours_rows(const problem& p, std::vector<contender>& out) {
    if (p.name == "softmax") add_rows(p, softmax, out);
    if (p.name == "rms_norm") add_rows(p, rms_norm, out);
    if (p.name == "layer_norm") add_rows(p, layer_norm, out);
    if (p.name == "z_score") add_rows(p, z_score, out);
    if (p.name == "take_rows") {
        add_rows(p, [i = sn::from(scattered(p.size.rows))](const array& x) { return sn::take(x, i, {.axis = 0}); }, out);
    }
}

}
