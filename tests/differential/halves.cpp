#include "differential/types_elementwise.hpp"

#include <bit>
#include <memory>

// float16 and bfloat16 on each backend: as float16.hpp has them on single numbers, and otherwise as float, rounded once.

namespace {

using namespace types;

template <class H>
[[nodiscard]] std::vector<H> all_numbers() {
    std::vector<H> all(65536);
    for (unsigned i = 0; i < 65536; ++i) all[i] = H::from_bits(static_cast<std::uint16_t>(i));
    return all;
}

/// Numbers of moderate size, with special ones among them.
template <class H>
[[nodiscard]] std::vector<H> halves(std::size_t count, std::uint32_t seed) {
    const std::vector<float> wide = samples<float>(count, seed);
    return std::vector<H>(wide.begin(), wide.end());
}

/// Bits, NaN too: the conversions say which NaN they give.
template <class T>
void check_bits(const sn::array<T>& x, const std::vector<T>& wanted, const std::string& what) {
    const std::vector<T> got = x.to_vector();
    BOOST_REQUIRE_EQUAL(got.size(), wanted.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        if (sd::to_bits(got[i]) == sd::to_bits(wanted[i])) continue;
        BOOST_ERROR(what << ": bits " << sd::to_bits(got[i]) << " instead of " << sd::to_bits(wanted[i]) << " at " << i);
        return;
    }
}

/// Bits, but of NaN.
template <class T>
void check_same(const sn::array<T>& x, const sn::array<T>& wanted, const std::string& what) {
    const std::vector<T> a = x.to_vector(), b = wanted.to_vector();
    BOOST_REQUIRE_EQUAL(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (support::same<T>(a[i], b[i])) continue;
        BOOST_ERROR(what << ": " << +a[i] << " instead of " << +b[i] << " at " << i);
        return;
    }
}

template <class H>
void check_widening() {
    const std::vector<H> all = all_numbers<H>();
    const std::vector<float> wide(all.begin(), all.end());
    check_bits(sn::array<float>(sn::cast<float>(sn::from(all))), wide, "to float");
    check_bits(sn::array<H>(sn::cast<H>(sn::from(wide))), std::vector<H>(wide.begin(), wide.end()), "there and back");
    for_each_type([&]<class U>() {
        std::vector<U> wanted(wide.size());
        for (std::size_t i = 0; i < wide.size(); ++i) wanted[i] = converted<U>(wide[i]);
        const std::vector<U> got = sn::cast<U>(sn::from(all)).to_vector();
        for (std::size_t i = 0; i < got.size(); ++i) {
            if (!support::same<U>(got[i], wanted[i])) BOOST_FAIL("to " << name_of<U>() << " at " << i);
        }
    });
}

template <class H>
void check_narrowing() {
    std::vector<float> x;
    for (std::uint64_t i = 0; i < std::uint64_t{1} << 32; i += 6007) x.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(i)));
    std::vector<double> d;
    for (unsigned i = 0; i < 65535; ++i) {
        // Half-way between neighbours, and a little beside it: as a float, and as doubles that no float is as near as.
        const double a = static_cast<float>(H::from_bits(static_cast<std::uint16_t>(i))), b = static_cast<float>(H::from_bits(static_cast<std::uint16_t>(i + 1)));
        const double middle = (a + b) / 2;
        const auto f = static_cast<float>(middle);
        x.insert(x.end(), {f, std::nextafter(f, 1e38F), std::nextafter(f, -1e38F)});
        d.insert(d.end(), {middle, std::nextafter(middle, 1e300), std::nextafter(middle, -1e300)});
    }
    check_bits(sn::array<H>(sn::cast<H>(sn::from(x))), std::vector<H>(x.begin(), x.end()), "from float");
    for (const double v : {1e300, -1e300, 3.4028235677973366e38, 3.5e38, 1e-300, -1e-310, 1e-40, -9.1835e-41, 0.0, -0.0}) d.push_back(v);
    std::vector<H> wanted(d.begin(), d.end());
    const std::vector<H> got = sn::cast<H>(sn::from(d)).to_vector();
    for (std::size_t i = 0; i < d.size(); ++i) {
        if (!support::same<H>(got[i], wanted[i])) BOOST_FAIL("from double " << d[i] << ": " << got[i] << " instead of " << wanted[i]);
    }
    for_each_type([&]<class T>() {
        if constexpr (std::integral<T>) {
            std::vector<T> v = samples<T>(2000, 3);
            for (int top = 9; top < 62; ++top) {
                for (std::int64_t part = 0; part < 100; ++part) {
                    const std::int64_t base = (std::int64_t{1} << top) + ((std::int64_t{1} << (top - 9)) * part);
                    for (const int beside : {-1, 0, 1}) v.push_back(static_cast<T>(base + beside));
                }
            }
            std::vector<H> rounded;
            for (const T i : v) rounded.push_back(H(i));
            check_bits(sn::array<H>(sn::cast<H>(array_of(v))), rounded, std::string("from ") + name_of<T>());
        }
    });
}

/// Every operation that floats have: computed as float and rounded once, in every layout and length.
template <class H>
void check_operations_of() {
    const auto one = []<int Code>(std::integral_constant<int, Code>) {
        if constexpr (requires { typename sd::operation_at<Code>::type; }) {
            using Op = typename sd::operation_at<Code>::type;
            if constexpr (allowed<Op, float> && !sd::is_looser<Op> && !std::same_as<Op, op::bitcast>) {
                const auto check_at = [](const std::vector<H>& a, const std::vector<H>& b, const std::vector<H>& c, layout how) {
                    const sn::array<H> h[] = {laid_out(a, how), laid_out(b, how), laid_out(c, how)};
                    const sn::array<float> f[] = {sn::cast<float>(h[0]), sn::cast<float>(h[1]), sn::cast<float>(h[2])};
                    const sn::array<bool> condition(h[0] < h[2]);
                    using W = result_of<Op, float>;
                    const sn::array<W> wide = ours<Op, float>(condition, f);
                    if constexpr (std::same_as<W, float>) {
                        const sn::array<H> wanted = sn::cast<H>(wide.eval());
                        check_same(ours<Op, H>(condition, h), wanted, std::string(Op::name) + " " + layout_names[static_cast<int>(how)]);
                    } else {
                        check_same(ours<Op, H>(condition, h), wide, Op::name);
                    }
                };
                for (const sn::index_t n : {1, 7, 8, 9, 15, 33, 64, 257}) {
                    const auto count = static_cast<std::size_t>(n);
                    check_at(halves<H>(count, 1), halves<H>(count, 2), halves<H>(count, 3), n == 257 ? layout::strided : n == 33 ? layout::reversed : layout::inside);
                }
                check_at(halves<H>(3001, 4), halves<H>(3001, 5), halves<H>(3001, 6), layout::contiguous);
            }
        }
    };
    [&]<int... Code>(std::integer_sequence<int, Code...>) { (one(std::integral_constant<int, Code>{}), ...); }(std::make_integer_sequence<int, 128>{});
}

template <class H>
void check_reductions() {
    for (const sn::index_t rows : {1, 3, 70}) {
        for (const sn::index_t columns : {1, 5, 64, 1000}) {
            std::vector<H> v = halves<H>(static_cast<std::size_t>(rows * columns), 9);
            for (H& x : v) x = std::fabs(static_cast<float>(x)) < 100 ? x : H(0.75F);   // NaN too
            for (const bool turned : {false, true}) {
                const sn::array<H> h = turned ? sn::from(v, {columns, rows}).transpose() : sn::from(v, {rows, columns});
                const sn::array<float> f = sn::array<float>(sn::cast<float>(h)).eval();
                for (const sn::reduce_options& o : {sn::reduce_options{}, sn::reduce_options{.axis = 0}, sn::reduce_options{.axis = 1, .keepdims = true}}) {
                    const auto rounded = [](const sn::array<float>& x) { return sn::array<H>(sn::cast<H>(sn::array<float>(x).eval())); };
                    check_same(sn::sum(h, o), rounded(sn::sum(f, o)), "sum");
                    check_same(sn::prod(h, o), rounded(sn::prod(f, o)), "prod");
                    check_same(sn::mean(h, o), rounded(sn::mean(f, o)), "mean");
                    check_same(sn::min(h, o), rounded(sn::min(f, o)), "min");
                    check_same(sn::max(h, o), rounded(sn::max(f, o)), "max");
                    check_same(sn::norm(h, o), rounded(sn::norm(f, o)), "norm");
                    check_same(sn::logsumexp(h, o), rounded(sn::logsumexp(f, o)), "logsumexp");
                    check_same(sn::sum(h * h + 0.5, o), rounded(sn::sum(f * f + 0.5, o)), "sum of a statement");
                    check_same(sn::var(h, {o.axis, o.keepdims}), rounded(sn::var(f, {o.axis, o.keepdims})), "var");
                    check_same(sn::std(h, {o.axis, o.keepdims}), rounded(sn::std(f, {o.axis, o.keepdims})), "std");
                    check_same(sn::argmin(h, o), sn::argmin(f, o), "argmin");
                    check_same(sn::argmax(h, o), sn::argmax(f, o), "argmax");
                    check_same(sn::any(h, o), sn::any(f, o), "any");
                    check_same(sn::all(h, o), sn::all(f, o), "all");
                    check_same(sn::count_nonzero(h, o), sn::count_nonzero(f, o), "count_nonzero");
                    const auto larger = [](auto p, auto q) { return sn::select(abs(p) < abs(q), q, p); };
                    check_same(sn::reduce(larger, 0.0F, h, o), rounded(sn::reduce(larger, 0.0F, f, o)), "reduce");
                }
                for (const sn::index_t axis : {0, 1}) {
                    check_same(sn::cumsum(h, {.axis = axis}), sn::array<H>(sn::cast<H>(sn::cumsum(f, {.axis = axis}).eval())), "cumsum");
                    check_same(sn::cumprod(h, {.axis = axis}), sn::array<H>(sn::cast<H>(sn::cumprod(f, {.axis = axis}).eval())), "cumprod");
                }
            }
        }
    }
}

/// What is fused with what does not change a bit: each statement's value is rounded.
template <class H>
void check_statements() {
    const sn::array<H> a = sn::from(halves<H>(5000, 11)), b = sn::from(halves<H>(5000, 12));
    const auto run = [&](bool at_once) {
        const auto step = [&](sn::array<H> x) { return at_once ? x.eval() : x; };
        const sn::array<H> p = step(a * b + 0.1), q = step(p * p - a), r = step(sn::where(q < b, exp(q / 300), p));
        return sn::array<H>(r * q + sn::sum(r / 7));
    };
    check_same(run(false), run(true), "statements");
}

BOOST_AUTO_TEST_SUITE(halves_on_each_backend)

BOOST_AUTO_TEST_CASE(every_number_is_widened) {
    check_widening<sn::float16>();
    check_widening<sn::bfloat16>();
}

BOOST_AUTO_TEST_CASE(numbers_of_every_type_are_rounded_once) {
    check_narrowing<sn::float16>();
    check_narrowing<sn::bfloat16>();
}

BOOST_AUTO_TEST_CASE(operations_of_float16) { check_operations_of<sn::float16>(); }
BOOST_AUTO_TEST_CASE(operations_of_bfloat16) { check_operations_of<sn::bfloat16>(); }
BOOST_AUTO_TEST_CASE(reductions_of_float16) { check_reductions<sn::float16>(); }
BOOST_AUTO_TEST_CASE(reductions_of_bfloat16) { check_reductions<sn::bfloat16>(); }

BOOST_AUTO_TEST_CASE(statements_are_rounded_where_they_end) {
    check_statements<sn::float16>();
    check_statements<sn::bfloat16>();
}

// All but the indices of extreme values and scans, which the machine code has for no type.
BOOST_AUTO_TEST_CASE(machine_code_is_made_for_all_of_it) {
    const auto before = sn::about().declined;
    const auto use = []<class H>(std::type_identity<H>) {
        const sn::array<H> a = sn::from(halves<H>(3000, 21)).reshape({30, 100}), b = sn::from(halves<H>(3000, 22)).reshape({30, 100});
        const sn::array<H> y = a * b + 0.5, z = sn::where(a < b, exp(a / 50), sn::cast<H>(sn::cast<double>(b) / 3)), t = a.transpose() + b(0, sn::all)(sn::range(0, 30));
        const sn::array<std::int64_t> i = sn::cast<std::int64_t>(a);
        const sn::array<H> back = sn::cast<H>(i * 3), mixed = sn::cast<H>(sn::cast<sn::float16>(a) + sn::cast<sn::bfloat16>(b));
        const sn::array<bool> c = a >= 0.25;
        sn::eval(y, z, t, i, back, mixed, c);
        sn::eval(sn::sum(a), sn::max(a, {.axis = 0}), sn::mean(a * b, {.axis = 1}), sn::var(a), sn::any(a), sn::nn::softmax(a));
    };
    use(std::type_identity<sn::float16>{});
    use(std::type_identity<sn::bfloat16>{});
    BOOST_TEST(sn::about().declined == before);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
