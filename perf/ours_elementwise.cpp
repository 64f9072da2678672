#include <sys/resource.h>

#include <memory>

#include "ours.hpp"

namespace perf {

namespace {

using array = sn::array<float>;

constexpr float a = factor_a, b = factor_b, c = factor_c;

// Of T: floats, or complex numbers whose parts are the floats.
template <class T>
struct operands_of {
    sn::array<T> x, w, z;
};
using operands = operands_of<float>;

template <class T>
[[nodiscard]] sn::array<T> elements_of(const float* values, std::size_t n) {
    return sn::from(std::span<const T>(reinterpret_cast<const T*>(values), n * sizeof(float) / sizeof(T)));
}

long page_faults() {
    rusage u{};
    getrusage(RUSAGE_SELF, &u);
    return u.ru_minflt;
}

// Arrays kept alive, so that the next evaluation cannot have their memory.
template <class T>
class keeper {
public:
    template <class F>
    explicit keeper(const F& make, std::size_t bytes) {
        // Memory that earlier cases gave back is used up first: new memory shows by its page faults, at the least one
        // for each huge page.
        const long fresh = static_cast<long>(bytes >> 22);
        for (int i = 0; i < 48; ++i) {
            const long before = page_faults();
            kept_.push_back(make());
            if (page_faults() - before >= fresh) return;
        }
    }
    void keep(sn::array<T> y) { kept_.push_back(std::move(y)); }

private:
    std::vector<sn::array<T>> kept_;
};

// statement(operands) records what is to be computed and returns it as an array, pending.
template <class T = float, class Statement>
void add(const problem& p, bool to, Statement statement, std::vector<contender>& out) {
    using result = sn::array<T>;
    const std::size_t n = p.n();
    const auto in = std::make_shared<operands_of<T>>();
    in->x = elements_of<T>(p.x, n);
    if (p.w != nullptr) in->w = elements_of<T>(p.w, n);
    if (p.z != nullptr) in->z = elements_of<T>(p.z, n);
    const auto enter = [threads = p.threads] { use_threads(threads); };

    const auto y = std::make_shared<result>();
    contender recycled{"ours", [=](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            *y = statement(*in);
            y->eval();
        }
        observe(y.get());
    }};
    recycled.result = [=, run = recycled.run] {
        run(1);
        const auto* const parts = reinterpret_cast<const float*>(y->data());
        return std::vector<float>(parts, parts + n);
    };
    recycled.enter = enter;
    recycled.predicted = [=] {
        const result pending = statement(*in);
        return sn::explain(pending).predicted_seconds;
    };
    out.push_back(std::move(recycled));

    if (to) {
        const auto place = std::make_shared<memory>(n);
        contender d{"to", [=](std::size_t repetitions) {
            for (; repetitions > 0; --repetitions) {
                const result pending = statement(*in);
                sn::eval(sn::to(std::span<T>(reinterpret_cast<T*>(place->data()), n * sizeof(float) / sizeof(T)), pending));
                observe(place->data());
            }
        }};
        d.result = [place, run = d.run] {
            run(1);
            return std::vector<float>(place->data(), place->data() + place->size());
        };
        d.enter = enter;
        out.push_back(std::move(d));
    }

    if (p.fresh) {
        const auto make = [=] {
            result fresh = statement(*in);
            fresh.eval();
            return fresh;
        };
        const auto kept = std::make_shared<std::unique_ptr<keeper<T>>>();
        contender f{"fresh", [=](std::size_t) { (*kept)->keep(make()); }};
        f.enter = [=, bytes = n * sizeof(float)] {
            enter();
            if (*kept == nullptr) *kept = std::make_unique<keeper<T>>(make, bytes);
        };
        f.once = true;
        out.push_back(std::move(f));
    }
}

// The operation that the case is named after, if there is one.
template <int Code>
void add_if_named(const problem& p, std::vector<contender>& out) {
    if constexpr (requires { typename sn::detail::operation_at<Code>::type; }) {
        using op = typename sn::detail::operation_at<Code>::type;
        if constexpr (!op::primitive && op::rule != sn::detail::type_rule::integer) {
            if (p.name != op::name) return;
            // Those that ask something give numbers here, too.
            if constexpr (op::arity == 3) {
                add(p, false, [](const operands& in) { return array(sn::cast<float>(sn::detail::call<op>(in.x, in.w, in.z))); }, out);
            } else if constexpr (op::arity == 2) {
                add(p, false, [](const operands& in) { return array(sn::cast<float>(sn::detail::call<op>(in.x, in.w))); }, out);
            } else {
                add(p, false, [](const operands& in) { return array(sn::cast<float>(sn::detail::call<op>(in.x))); }, out);
            }
        }
    }
}

template <int... Code>
void add_operation(const problem& p, std::vector<contender>& out, std::integer_sequence<int, Code...>) {
    (add_if_named<Code>(p, out), ...);
}

}

void add_ours_elementwise(const problem& p, std::vector<contender>& out) {
    if (p.name == "axpy" || p.name == "axpy16") {
        add(p, true, [](const operands& in) {
            array y = a * in.x + in.z;
            return y;
        }, out);
    }
    if (p.name == "take") add(p, true, [i = sn::from(scattered(p.n()))](const operands& in) { return sn::take(in.x, i); }, out);
    if (p.name == "ten") {
        add(p, true, [](const operands& in) {
            const auto& [x, w, z] = in;
            array y = sn::maximum(x * w + z, a * x - w) / (z + b) - sn::minimum(x, w) * c;
            return y;
        }, out);
    }
    if (p.name == "chain") {
        add(p, true, [](const operands& in) {
            array t1 = a * in.x + in.z;
            array t2 = t1 * in.x - in.z;
            array t3 = sn::maximum(t1, t2) * b;
            array y = t3 - t1 * t2;
            return y;
        }, out);
    }
    if (p.name == "complex") {
        using numbers = std::complex<float>;
        add<numbers>(p, true, [](const operands_of<numbers>& in) {
            sn::array<numbers> y = in.x * in.w + in.z;
            return y;
        }, out);
    }
    add_operation(p, out, std::make_integer_sequence<int, 128>{});
}

}
