#include "functions.hpp"

namespace {

template <class T, class R = T>
using unary = std::map<std::string, std::function<sn::array<R>(const sn::array<T>&)>>;

/// A function and its name.
#define SINTER_TEST_UNARY(name) {#name, [](const auto& x) { return sn::name(x); }}

template <class T>
[[nodiscard]] const unary<T>& same_type() {
    static const unary<T> all = [] {
        unary<T> f;
        if constexpr (!std::same_as<T, bool>) {
            f = {{"negative", [](const auto& x) { return -x; }}, SINTER_TEST_UNARY(abs), SINTER_TEST_UNARY(square), SINTER_TEST_UNARY(sign),
                 {"clip", [](const auto& x) { return sn::clip(x, 3, 40); }}, {"scalar", [](const auto& x) { return x * 3 + 7; }}};
        }
        if constexpr (std::integral<T>) f.insert({{"invert", [](const auto& x) { if constexpr (std::same_as<T, bool>) return !x; else return ~x; }}});
        if constexpr (sn::detail::floating<T>) {
            f.merge(unary<T>{
                SINTER_TEST_UNARY(sqrt), SINTER_TEST_UNARY(cbrt), SINTER_TEST_UNARY(rsqrt), SINTER_TEST_UNARY(exp), SINTER_TEST_UNARY(exp2), SINTER_TEST_UNARY(expm1),
                SINTER_TEST_UNARY(log), SINTER_TEST_UNARY(log2), SINTER_TEST_UNARY(log10), SINTER_TEST_UNARY(log1p), SINTER_TEST_UNARY(sin), SINTER_TEST_UNARY(cos),
                SINTER_TEST_UNARY(tan), SINTER_TEST_UNARY(asin), SINTER_TEST_UNARY(acos), SINTER_TEST_UNARY(atan), SINTER_TEST_UNARY(sinh), SINTER_TEST_UNARY(cosh),
                SINTER_TEST_UNARY(tanh), SINTER_TEST_UNARY(asinh), SINTER_TEST_UNARY(acosh), SINTER_TEST_UNARY(atanh), SINTER_TEST_UNARY(erf), SINTER_TEST_UNARY(erfc),
                SINTER_TEST_UNARY(tgamma), SINTER_TEST_UNARY(lgamma), SINTER_TEST_UNARY(floor), SINTER_TEST_UNARY(ceil), SINTER_TEST_UNARY(round), SINTER_TEST_UNARY(trunc),
                SINTER_TEST_UNARY(rint), SINTER_TEST_UNARY(reciprocal)});
        }
        return f;
    }();
    return all;
}

template <class T>
[[nodiscard]] const unary<T, bool>& predicates() {
    static const unary<T, bool> all = [] {
        unary<T, bool> f;
        if constexpr (!std::same_as<T, bool>) {
            f = {SINTER_TEST_UNARY(isnan), SINTER_TEST_UNARY(isinf), SINTER_TEST_UNARY(isfinite), {"positive", [](const auto& x) { return x > 0; }}, {"to_bool", [](const auto& x) { return sn::cast<bool>(x); }}};
        }
        return f;
    }();
    return all;
}

template <class T>
[[nodiscard]] bool run(const job& j) {
    if (const auto f = same_type<T>().find(j.what); f != same_type<T>().end()) return sn::save(j.out, f->second(operand<T>(j, 0))), true;
    if (const auto f = predicates<T>().find(j.what); f != predicates<T>().end()) return sn::save(j.out, f->second(operand<T>(j, 0))), true;
    if (j.what != "cast") return false;
    const sn::array<T> x = operand<T>(j, 0);
    return with_type(j.arguments, [&]<class U>(std::type_identity<U>) { sn::save(j.out, sn::array<U>(sn::cast<U>(x))); });
}

}  // namespace

bool run_elementwise(const std::string& type, const job& j) {
    bool done = false;
    return with_type(type, [&]<class T>(std::type_identity<T>) { done = run<T>(j); }) && done;
}
