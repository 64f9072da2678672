#include "functions.hpp"

namespace {

/// arguments: axes/keepdims/ddof
struct options {
    sn::reduce_options reduce;
    sn::variance_options variance;
    std::string axis;
};

[[nodiscard]] options parsed(const std::string& text) {
    const auto a = text.find('/'), b = text.find('/', a + 1);
    options o;
    o.axis = text.substr(0, a);
    o.reduce = {.axis = axes(o.axis), .keepdims = text.substr(a + 1, b - a - 1) == "1"};
    o.variance = {.axis = o.reduce.axis, .keepdims = o.reduce.keepdims, .ddof = std::stol(text.substr(b + 1))};
    return o;
}

template <class T>
using saver = std::map<std::string, std::function<void(const std::string&, const sn::array<T>&, const options&)>>;

#define SINTER_TEST_REDUCTION(name) {#name, [](const std::string& out, const auto& x, const options& o) { sn::save(out, sn::name(x, o.reduce)); }}

template <class T>
[[nodiscard]] const saver<T>& functions() {
    static const saver<T> all = [] {
        saver<T> f{SINTER_TEST_REDUCTION(sum), SINTER_TEST_REDUCTION(prod), SINTER_TEST_REDUCTION(any), SINTER_TEST_REDUCTION(all), SINTER_TEST_REDUCTION(count_nonzero),
                   SINTER_TEST_REDUCTION(mean), SINTER_TEST_REDUCTION(min), SINTER_TEST_REDUCTION(max), SINTER_TEST_REDUCTION(argmin), SINTER_TEST_REDUCTION(argmax),
                   {"var", [](const std::string& out, const auto& x, const options& o) { sn::save(out, sn::var(x, o.variance)); }},
                   {"std", [](const std::string& out, const auto& x, const options& o) { sn::save(out, sn::std(x, o.variance)); }},
                   {"cumsum", [](const std::string& out, const auto& x, const options& o) { sn::save(out, sn::cumsum(x, {.axis = axes(o.axis)})); }},
                   {"cumprod", [](const std::string& out, const auto& x, const options& o) { sn::save(out, sn::cumprod(x, {.axis = axes(o.axis)})); }}};
        if constexpr (!std::same_as<T, bool>) f.merge(saver<T>{SINTER_TEST_REDUCTION(norm), SINTER_TEST_REDUCTION(logsumexp)});
        return f;
    }();
    return all;
}

}  // namespace

bool run_reductions(const std::string& type, const job& j) {
    bool done = false;
    return with_type(type, [&]<class T>(std::type_identity<T>) {
               const auto f = functions<T>().find(j.what);
               done = f != functions<T>().end();
               if (done) f->second(j.out, operand<T>(j, 0), parsed(j.arguments));
           }) &&
           done;
}
