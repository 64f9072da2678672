#include "support/check.hpp"

#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

// mean, var, std and logsumexp are each recorded as one node. Statements that are written out have to give the same bits.

namespace sn = sinter;

namespace {

/// The type that a mean of T is computed with, and that of the result.
template <class T>
using result = std::conditional_t<std::is_integral_v<T>, double, T>;
template <class T>
using computed = std::conditional_t<sizeof(result<T>) == 2, float, result<T>>;

template <class T>
sn::array<result<T>> stored(const sn::array<computed<T>>& x) {
    if constexpr (std::is_same_v<result<T>, computed<T>>) return x;
    else return sn::cast<result<T>>(x);
}

/// What the library is to give, statement by statement; each is computed before the next is recorded.
template <class T>
struct written_out {
    using C = computed<T>;
    sn::array<C> values;
    sn::reduce_options kept, wanted;
    C count = 0;

    written_out(const sn::array<T>& x, const sn::reduce_options& o) : kept{o.axis, true}, wanted{o} {
        if constexpr (std::is_same_v<T, C>) values = x;
        else values = sn::cast<C>(x);
        values.eval();
        const sn::array<C> total = sn::sum(values, kept);
        count = static_cast<C>(total.size() > 0 ? values.size() / total.size() : 0);
    }
    [[nodiscard]] static sn::array<C> now(sn::array<C> x) {
        x.eval();
        return x;
    }
    [[nodiscard]] sn::array<result<T>> mean() const { return stored<T>(now(now(sn::sum(values, wanted)) / count)); }
    [[nodiscard]] sn::array<C> var_computed(sn::index_t ddof) const {
        const sn::array<C> middle = now(now(sn::sum(values, kept)) / count), away = now(values - middle);
        const sn::array<C> squares = now(sn::sum(sn::square(away), wanted)), rest = now(sn::sum(away, wanted));
        const C divisor = count > static_cast<C>(ddof) ? count - static_cast<C>(ddof) : C(0);
        // The quotient is rounded, and then part of a product that is subtracted.
        return now(now(sn::maximum(squares - rest * now(rest / count), C(0))) / divisor);
    }
    [[nodiscard]] sn::array<result<T>> var(sn::index_t ddof) const { return stored<T>(var_computed(ddof)); }
    [[nodiscard]] sn::array<result<T>> std(sn::index_t ddof) const { return stored<T>(now(sn::sqrt(var_computed(ddof)))); }
    [[nodiscard]] sn::array<C> most(const sn::reduce_options& o) const {
        const sn::array<C> m = now(sn::max(values, o));
        return now(sn::where(sn::isfinite(m), m, C(0)));
    }
    [[nodiscard]] sn::array<result<T>> logsumexp() const {
        const sn::array<C> total = now(sn::sum(sn::exp(now(values - most(kept))), wanted));
        return stored<T>(now(now(sn::log(total)) + most(wanted)));
    }
};

template <class T>
void same_bits(const sn::array<T>& got, const sn::array<T>& wanted, const std::string& what) {
    BOOST_TEST((got.shape() == wanted.shape()), what << ": another shape");
    const std::vector<T> a = got.to_vector(), b = wanted.to_vector();
    BOOST_TEST(a.size() == b.size(), what);
    if (a.size() == b.size() && !a.empty()) BOOST_TEST(std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0, what << ": other bits");
}

template <class T>
void check_all(const sn::array<T>& x, const sn::reduce_options& o, const std::string& what) {
    const written_out<T> wanted(x, o);
    // Twice: found again, the plan is the first one's.
    for (const char* turn : {", first", ", again"}) {
        const std::string of = " of " + what + turn;
        same_bits<result<T>>(sn::mean(x, o), wanted.mean(), "mean" + of);
        for (const sn::index_t ddof : {0, 1, -2, 1'000'000'000}) {
            same_bits<result<T>>(sn::var(x, {o.axis, o.keepdims, ddof}), wanted.var(ddof), "var, ddof " + std::to_string(ddof) + of);
            same_bits<result<T>>(sn::std(x, {o.axis, o.keepdims, ddof}), wanted.std(ddof), "std, ddof " + std::to_string(ddof) + of);
        }
        same_bits<result<T>>(sn::logsumexp(x, o), wanted.logsumexp(), "logsumexp" + of);
        // What they have in common is computed once.
        const sn::array<result<T>> m = sn::mean(x, o), v = sn::var(x, {o.axis, o.keepdims, 1}), s = sn::std(x, {o.axis, o.keepdims}), l = sn::logsumexp(x, o);
        sn::eval(m, v, s, l);
        same_bits(m, wanted.mean(), "mean, with others," + of);
        same_bits(v, wanted.var(1), "var, with others," + of);
        same_bits(s, wanted.std(0), "std, with others," + of);
        same_bits(l, wanted.logsumexp(), "logsumexp, with others," + of);
    }
}

template <class T>
sn::array<T> some(sn::index_t n) {
    return sn::cast<T>(sn::arange<float>(n) * 7.0F - sn::floor(sn::arange<float>(n) * 7.0F / 31.0F) * 31.0F + (std::is_integral_v<T> ? 0.0F : 0.3F));
}

template <class T>
void check_shapes() {
    for (const sn::index_t n : {1, 2, 63, 64, 65, 1000, 4096, 70'000}) check_all<T>(some<T>(n), {}, std::to_string(n));
    const sn::array<T> x = some<T>(6 * 1 * 35 * 20).reshape({6, 1, 35, 20});
    x.eval();
    for (const bool keepdims : {false, true}) {
        check_all<T>(x, {.keepdims = keepdims}, "all axes");
        for (const sn::axis_list& axes : {sn::axis_list{0}, sn::axis_list{1}, sn::axis_list{-1}, sn::axis_list{1, 3}, sn::axis_list{0, 2}, sn::axis_list{0, 1, 2, 3}, sn::axis_list(std::initializer_list<sn::index_t>{})}) {
            const sn::reduce_options o{axes, keepdims};
            const std::string of = "axes of " + std::to_string(axes.argument().count) + " from " + std::to_string(axes.argument().list[0]) + (keepdims ? ", kept" : "");
            check_all<T>(x, o, of);
            check_all<T>(x.transpose(), o, of + ", transposed");
            check_all<T>(x(sn::all, sn::all, sn::range(3, 30), sn::range(1, 20, 2)), o, of + ", a part");
            check_all<T>(sn::broadcast_to(x(0, 0, 0, sn::all), {4, 3, 2, 20}), o, of + ", broadcast");
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(composed)

BOOST_AUTO_TEST_CASE(floats) { check_shapes<float>(); }
BOOST_AUTO_TEST_CASE(doubles) { check_shapes<double>(); }
BOOST_AUTO_TEST_CASE(halves) {
    check_shapes<sn::float16>();
    check_shapes<sn::bfloat16>();
}
BOOST_AUTO_TEST_CASE(integers) { check_shapes<std::int32_t>(); }

BOOST_AUTO_TEST_CASE(of_what_is_pending) {
    const sn::array<float> x = some<float>(3000).reshape({30, 100});
    x.eval();
    const sn::array<float> once = x * 3.0F - 1.0F;
    once.eval();
    const written_out<float> wanted(once, {.axis = 1});
    same_bits<float>(sn::mean(x * 3.0F - 1.0F, {.axis = 1}), wanted.mean(), "mean");
    same_bits<float>(sn::var(x * 3.0F - 1.0F, {.axis = 1, .ddof = 1}), wanted.var(1), "var");
    same_bits<float>(sn::logsumexp(x * 3.0F - 1.0F, {.axis = 1}), wanted.logsumexp(), "logsumexp");
    // As parts of statements, and of one another.
    const sn::array<float> y = x * 3.0F - 1.0F, normal = (y - sn::mean(y, {.axis = 1, .keepdims = true})) / sn::std(y, {.axis = 1, .keepdims = true});
    const sn::array<float> m = sn::mean(once, {.axis = 1, .keepdims = true}), s = sn::std(once, {.axis = 1, .keepdims = true});
    sn::eval(m, s);
    same_bits<float>(normal, (once - m) / s, "normalised");
    const sn::array<float> v = sn::var(once, {.axis = 1}), vv = sn::var(sn::var(y, {.axis = 1}));
    v.eval();
    same_bits<float>(vv, written_out<float>(v, {}).var(0), "var of var");
}

BOOST_AUTO_TEST_CASE(what_is_not_finite) {
    const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    for (const std::vector<float>& v : {std::vector<float>{1, nan, 2}, {inf, 1, 2}, {-inf, 1, 2}, {inf, -inf, 3}, {-inf, -inf}, {-0.0F, 0.0F}}) {
        const sn::array<float> x = sn::from(v);
        const written_out<float> wanted(x, {});
        // A NaN is one, whatever its sign.
        const auto alike = [&](float got, float want) { BOOST_TEST(((std::isnan(got) && std::isnan(want)) || got == want), got << ", not " << want); };
        alike(sn::mean(x).item(), wanted.mean().item());
        alike(sn::var(x).item(), wanted.var(0).item());
        alike(sn::logsumexp(x).item(), wanted.logsumexp().item());
    }
    // Over nothing.
    const sn::array<float> none = sn::zeros<float>({0, 3});
    BOOST_TEST((std::isnan(sn::mean(none).item()) && std::isnan(sn::var(none).item()) && sn::logsumexp(none).item() == -inf));
    BOOST_TEST((sn::mean(none, {.axis = 1}).shape() == sn::extents{0} && sn::logsumexp(none, {.axis = 1}).shape() == sn::extents{0}));
    BOOST_TEST(std::isnan(sn::mean(none, {.axis = 0}).to_vector()[2]));
    BOOST_TEST(sn::logsumexp(none, {.axis = 0}).to_vector()[2] == -inf);
}

BOOST_AUTO_TEST_CASE(under_every_precision) {
    const sn::array<float> x = some<float>(5000) * 0.37F;
    x.eval();
    for (const sn::precision p : {sn::precision::strict, sn::precision::standard, sn::precision::fast}) {
        const sn::scoped_options under{.precision = p};
        check_all<float>(x, {}, "a precision");
    }
}

BOOST_AUTO_TEST_CASE(found_again_with_other_numbers) {
    // One place in the program, and the recipe that it leaves: what differs is the node's own.
    sn::array<float> x = some<float>(300);
    x.eval();
    const written_out<float> wanted(x, {});
    for (int turn = 0; turn < 3; ++turn) {
        for (const sn::index_t ddof : {0, 1, 7}) {
            for (const bool root : {false, true}) {
                const sn::array<float> a = root ? sn::std(x, {.ddof = ddof}) : sn::var(x, {.ddof = ddof});
                same_bits<float>(a, root ? wanted.std(ddof) : wanted.var(ddof), "ddof " + std::to_string(ddof));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(found_again_with_other_values) {
    // Few sizes have a short way; others, views and several rows go the long one, at the same place in the program.
    sn::array<float> long_row = some<float>(20000) * 0.37F - 100.0F;
    long_row.eval();
    for (int turn = 0; turn < 3; ++turn) {
        for (const sn::index_t n : {1, 2, 63, 64, 300, 4096, 20000, 17, 0}) {
            for (const sn::index_t from : {0, 5}) {
                sn::array<float> x = long_row(sn::range(std::min(from, 20000 - n), std::min(from, 20000 - n) + n));
                if (turn == 1) x = sn::array<float>(x + 1.0F).eval();
                if (n > 0) check_all<float>(x, {}, "again " + std::to_string(n));
            }
        }
        check_all<float>(long_row(sn::range(0, 600, 2)), {}, "every second");
        check_all<float>(long_row(sn::range(0, 300)).reshape({10, 30}), {}, "rows");
        check_all<float>(long_row(sn::range(0, 300)), {.keepdims = true}, "kept");
    }
    // A value that is not a number, and what is computed from results of the short way.
    sn::array<float> x = some<float>(300);
    x.eval();
    for (int turn = 0; turn < 3; ++turn) {
        sn::array<float> centred = x - sn::array<float>(sn::mean(x)).eval();
        BOOST_TEST(std::abs(sn::array<float>(sn::mean(centred)).item()) < 1e-4F);
        sn::array<float> odd = x;
        odd(7) = std::numeric_limits<float>::quiet_NaN();
        odd.eval();
        BOOST_TEST(std::isnan(sn::array<float>(sn::var(odd)).item()));
        BOOST_TEST(!std::isnan(sn::array<float>(sn::var(x)).item()));
    }
}

BOOST_AUTO_TEST_SUITE_END()
