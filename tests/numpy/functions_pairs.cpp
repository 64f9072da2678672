#include "functions.hpp"

namespace {

template <class T, class R = T>
using binary = std::map<std::string, std::function<sn::array<R>(const sn::array<T>&, const sn::array<T>&)>>;

#define SINTER_TEST_BINARY(name) {#name, [](const auto& x, const auto& y) { return sn::name(x, y); }}
#define SINTER_TEST_OPERATOR(name, op) {name, [](const auto& x, const auto& y) { return x op y; }}

template <class T>
[[nodiscard]] const binary<T>& same_type() {
    static const binary<T> all = [] {
        binary<T> f;
        if constexpr (!std::same_as<T, bool>) {
            f = {SINTER_TEST_OPERATOR("add", +), SINTER_TEST_OPERATOR("subtract", -), SINTER_TEST_OPERATOR("multiply", *), SINTER_TEST_OPERATOR("divide", /),
                 SINTER_TEST_BINARY(minimum), SINTER_TEST_BINARY(maximum), {"where", [](const auto& x, const auto& y) { return sn::where(x < y, x, y); }}};
        }
        if constexpr (std::integral<T>) f.merge(binary<T>{SINTER_TEST_OPERATOR("bitwise_and", &), SINTER_TEST_OPERATOR("bitwise_or", |), SINTER_TEST_OPERATOR("bitwise_xor", ^)});
        if constexpr (std::integral<T> && !std::same_as<T, bool>) {
            f.merge(binary<T>{SINTER_TEST_OPERATOR("modulo", %), SINTER_TEST_OPERATOR("left_shift", <<), SINTER_TEST_OPERATOR("right_shift", >>)});
        }
        if constexpr (sn::detail::floating<T>) {
            f.merge(binary<T>{SINTER_TEST_BINARY(pow), SINTER_TEST_BINARY(atan2), SINTER_TEST_BINARY(hypot), SINTER_TEST_BINARY(fmod), SINTER_TEST_BINARY(remainder),
                              SINTER_TEST_BINARY(copysign), SINTER_TEST_BINARY(fmin), SINTER_TEST_BINARY(fmax)});
        }
        return f;
    }();
    return all;
}

template <class T>
[[nodiscard]] const binary<T, bool>& comparisons() {
    static const binary<T, bool> all{SINTER_TEST_OPERATOR("less", <), SINTER_TEST_OPERATOR("less_equal", <=), SINTER_TEST_OPERATOR("greater", >),
                                     SINTER_TEST_OPERATOR("greater_equal", >=), SINTER_TEST_OPERATOR("equal", ==), SINTER_TEST_OPERATOR("not_equal", !=)};
    return all;
}

template <class T>
[[nodiscard]] bool run(const job& j) {
    if (const auto f = same_type<T>().find(j.what); f != same_type<T>().end()) return sn::save(j.out, f->second(operand<T>(j, 0), operand<T>(j, 1))), true;
    if (const auto f = comparisons<T>().find(j.what); f != comparisons<T>().end()) return sn::save(j.out, f->second(operand<T>(j, 0), operand<T>(j, 1))), true;
    if (j.what != "promote") return false;
    // The other operand's type is in the arguments.
    const sn::array<T> x = operand<T>(j, 0);
    return with_type(j.arguments, [&]<class U>(std::type_identity<U>) {
        if constexpr (!std::same_as<T, bool> && !std::same_as<U, bool>) {
            const auto sum = x + operand<U>(j, 1);
            sn::save(j.out, sn::array<typename decltype(sum)::value_type>(sum));
        }
    });
}

}  // namespace

bool run_pairs(const std::string& type, const job& j) {
    bool done = false;
    return with_type(type, [&]<class T>(std::type_identity<T>) { done = run<T>(j); }) && done;
}
