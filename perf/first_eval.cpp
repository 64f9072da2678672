#include "first_eval.hpp"

#include <sinter/sinter.hpp>

#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "harness.hpp"

namespace perf {

namespace {

namespace sn = sinter;
using array = sn::array<float>;

template <std::size_t Digit, class P, class Q>
auto combine(const P& p, const Q& q) {
    if constexpr (Digit == 0) return p + q;
    else if constexpr (Digit == 1) return p - q;
    else if constexpr (Digit == 2) return p * q;
    else return sn::maximum(p, q);
}

// The digits of Number in base four choose four operations; the fifth is common to all.
template <std::size_t Number>
auto statement(const array& x, const array& w, const array& z) {
    const auto first = combine<Number % 4>(x, w);
    const auto second = combine<Number / 4 % 4>(first, z);
    const auto third = combine<Number / 16 % 4>(sn::abs(second), w);
    return combine<(Number + Number / 16) % 4>(third, x);
}

using evaluation = double (*)(const array&, const array&, const array&);

// Seconds from the statement to its value.
template <std::size_t Number>
double evaluate(const array& x, const array& w, const array& z) {
    const auto start = std::chrono::steady_clock::now();
    array y = statement<Number>(x, w, z);
    y.eval();
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    observe(y.data());
    return took;
}

template <std::size_t... Numbers>
constexpr std::array<evaluation, sizeof...(Numbers)> table(std::index_sequence<Numbers...>) {
    return {evaluate<Numbers>...};
}

}

first_times first_evaluations(std::size_t elements) {
    sn::set_threads(1);
    std::vector<float> values(elements);
    const auto make = [&](unsigned seed) {
        fill(values, 0.5f, 1.5f, seed);
        return sn::from(values);
    };
    const array x = make(1), w = make(2), z = make(3);
    constexpr auto statements = table(std::make_index_sequence<50>{});
    first_times out;
    out.what = std::to_string(elements) + " elements, five operations, 1 thread";
    out.first = statements[0](x, w, z);
    for (std::size_t i = 1; i < statements.size(); ++i) out.rest.push_back(statements[i](x, w, z));
    std::vector<double> again;
    for (const evaluation s : statements) again.push_back(s(x, w, z));
    out.again = quantile_of(again, 0.5);
    return out;
}

}
