#include "support/complex.hpp"
#include "support/guarded.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <cmath>
#include <deque>
#include <functional>
#include <random>

// Arrays of complex numbers, in every layout and length: sums and products by their bits, functions within their bounds of std::complex<long double>.

namespace {

namespace sn = sinter;
using sn::all;
using sn::index_t;
using sn::range;
using support::same;

constexpr index_t lengths[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 31, 32, 33, 63, 64, 65, 127, 129, 1001, 4099};

template <class T>
using numbers = std::vector<std::complex<T>>;
template <class T>
using complex_array = sn::array<std::complex<T>>;

[[nodiscard]] std::size_t at(index_t i) { return static_cast<std::size_t>(i); }

template <class T>
[[nodiscard]] numbers<T> samples(index_t count, std::uint32_t seed) {
    std::mt19937 engine(seed);
    std::uniform_real_distribution<double> part(-4, 4);
    numbers<T> v(at(count));
    for (auto& z : v) {
        const auto re = static_cast<T>(part(engine));
        z = {re, static_cast<T>(part(engine))};
    }
    return v;
}

/// The product as a statement spells it: the left product of each part is fused.
template <class T>
[[nodiscard]] std::complex<T> product(std::complex<T> a, std::complex<T> b) {
    return {std::fma(a.real(), b.real(), -(a.imag() * b.imag())), std::fma(a.real(), b.imag(), a.imag() * b.real())};
}

template <class T>
void expect_same(const complex_array<T>& got, const numbers<T>& expected, const std::string& what) {
    const numbers<T> v = got.to_vector();
    BOOST_REQUIRE_EQUAL(v.size(), expected.size());
    for (std::size_t i = 0; i < v.size(); ++i) BOOST_REQUIRE_MESSAGE(same(v[i], expected[i]), what << ", element " << i << " of " << v.size() << ": " << v[i] << " instead of " << expected[i]);
}

template <class T>
struct operand {
    complex_array<T> array;
    numbers<T> values;
};

/// Rows x columns of the numbers that a function of row and column gives.
template <class T, class F>
[[nodiscard]] numbers<T> gathered(index_t rows, index_t columns, F&& value) {
    numbers<T> out;
    for (index_t i = 0; i < rows; ++i) {
        for (index_t j = 0; j < columns; ++j) out.push_back(value(i, j));
    }
    return out;
}

template <class T>
[[nodiscard]] numbers<T>& keep(numbers<T> v) {
    static std::deque<numbers<T>> kept;
    if (kept.size() > 200) kept.erase(kept.begin(), kept.begin() + 100);
    return kept.emplace_back(std::move(v));
}

constexpr const char* layouts[] = {"contiguous", "reversed columns", "reversed rows", "every second", "every third backwards", "every fifth", "inner part", "transposed",
                                   "one row", "one column", "one number", "borrowed at an odd part", "pending", "pending transposed"};
constexpr std::size_t layout_count = std::size(layouts);

template <class T>
[[nodiscard]] operand<T> make(std::size_t layout, index_t r, index_t c, std::uint32_t seed) {
    const auto strided = [&](index_t step) {
        const index_t apart = std::abs(step);
        const numbers<T> v = samples<T>(r * c * apart, seed);
        return operand<T>{sn::from(v, {r, apart * c})(all, range({}, {}, step)),
                          gathered<T>(r, c, [&](auto i, auto j) { return v[at(i * apart * c + (step < 0 ? apart * c - 1 : 0) + j * step)]; })};
    };
    const numbers<T> v = samples<T>(r * c, seed);
    switch (layout) {
        case 0: return {sn::from(v, {r, c}), v};
        case 1: return strided(-1);
        case 2: return {sn::from(v, {r, c})(range({}, {}, -1)), gathered<T>(r, c, [&](auto i, auto j) { return v[at((r - 1 - i) * c + j)]; })};
        case 3: return strided(2);
        case 4: return strided(-3);
        case 5: return strided(5);
        case 6: {
            const numbers<T> w = samples<T>((r + 2) * (c + 3), seed);
            return {sn::from(w, {r + 2, c + 3})(range(1, -1), range(1, -2)), gathered<T>(r, c, [&](auto i, auto j) { return w[at((i + 1) * (c + 3) + j + 1)]; })};
        }
        case 7: return {sn::from(v, {c, r}).transpose(), gathered<T>(r, c, [&](auto i, auto j) { return v[at(j * r + i)]; })};
        case 8: return {sn::from(samples<T>(c, seed)), gathered<T>(r, c, [w = samples<T>(c, seed)](auto, auto j) { return w[at(j)]; })};
        case 9: return {sn::from(samples<T>(r, seed), {r, 1}), gathered<T>(r, c, [w = samples<T>(r, seed)](auto i, auto) { return w[at(i)]; })};
        case 10: return {sn::full({}, std::complex<T>(T(0.37), T(-2))), gathered<T>(r, c, [](auto, auto) { return std::complex<T>(T(0.37), T(-2)); })};
        case 11: {
            // Aligned as its parts are, not as the numbers.
            numbers<T>& w = keep(samples<T>(r * c + 1, seed));
            auto* const begin = reinterpret_cast<std::complex<T>*>(reinterpret_cast<T*>(w.data()) + 1);
            numbers<T> seen(at(r * c));
            std::memcpy(static_cast<void*>(seen.data()), reinterpret_cast<const T*>(w.data()) + 1, seen.size() * sizeof(seen[0]));
            return {sn::borrow(static_cast<const std::complex<T>*>(begin), {r, c}), seen};
        }
        case 12: return {sn::from(v, {r, c}) + T(1), gathered<T>(r, c, [&](auto i, auto j) { return v[at(i * c + j)] + T(1); })};
        default: return {complex_array<T>(-sn::from(v, {c, r})).transpose(), gathered<T>(r, c, [&](auto i, auto j) { return -v[at(j * r + i)]; })};
    }
}

constexpr index_t shapes[][2] = {{1, 1}, {1, 17}, {17, 1}, {3, 5}, {8, 16}, {7, 33}, {33, 7}, {64, 64}, {65, 130}, {2, 1001}};

template <class T>
void compare(std::size_t first, std::size_t second, index_t rows, index_t columns) {
    const operand<T> a = make<T>(first, rows, columns, 11), b = make<T>(second, rows, columns, 12), c = make<T>(0, rows, columns, 13);
    numbers<T> expected(c.values.size()), other(c.values.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        expected[i] = product(a.values[i], b.values[i]) + c.values[i];
        other[i] = {a.values[i].real(), -a.values[i].imag()};
    }
    const std::string what = std::string(layouts[first]) + " with " + layouts[second];
    expect_same<T>(a.array * b.array + c.array, expected, what);
    expect_same<T>(sn::broadcast_to(conj(a.array), {rows, columns}), other, what);
    // Sums have the bits of the sums of their parts.
    const complex_array<T> whole = sn::broadcast_to(a.array, {rows, columns});
    const sn::array<T> re = sn::from(sn::array<T>(real(whole)).to_vector(), {rows, columns}), im = sn::from(sn::array<T>(imag(whole)).to_vector(), {rows, columns});
    for (const sn::reduce_options& o : {sn::reduce_options{}, {.axis = 0}, {.axis = 1}}) {
        const complex_array<T> total = sum(whole, o);
        BOOST_REQUIRE_MESSAGE(sn::array_equal(real(total), sum(re, o)) && sn::array_equal(imag(total), sum(im, o)), what);
    }
}

BOOST_AUTO_TEST_SUITE(complex_layouts)

BOOST_DATA_TEST_CASE(every_pair, boost::unit_test::data::xrange(layout_count), first) {
    for (std::size_t second = 0; second < layout_count; ++second) {
        for (const auto& shape : shapes) {
            compare<float>(first, second, shape[0], shape[1]);
            compare<double>(first, second, shape[0], shape[1]);
        }
    }
}

BOOST_DATA_TEST_CASE(large_ones, boost::unit_test::data::xrange(layout_count), first) {
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        compare<float>(first, 0, 505, 257);
        compare<double>(first, 7, 257, 505);
    }
}

template <class T>
void written_through(std::size_t layout) {
    for (const auto& shape : shapes) {
        const index_t r = shape[0], c = shape[1];
        const operand<T> x = make<T>(layout, r, c, 21);
        for (const index_t step : {1, 2, 3, -1, -2}) {
            const index_t apart = std::abs(step), row = apart * c + 1;
            numbers<T> memory(at((r + 1) * row + 1), std::complex<T>(5, -5)), expected = memory;
            complex_array<T> target = sn::borrow(memory.data() + 1, {r, row});
            target(all, step > 0 ? range(0, apart * c, step) : range(apart * c - 1, {}, step)) = x.array * T(2);
            for (index_t i = 0; i < r; ++i) {
                for (index_t j = 0; j < c; ++j) expected[at(1 + i * row + (step > 0 ? 0 : apart * c - 1) + step * j)] = x.values[at(i * c + j)] * T(2);
            }
            for (std::size_t i = 0; i < memory.size(); ++i) {
                BOOST_REQUIRE_MESSAGE(same(memory[i], expected[i]), layouts[layout] << ", " << r << " x " << c << " by " << step << ", at " << i << ": " << memory[i] << " instead of " << expected[i]);
            }
        }
    }
}

BOOST_DATA_TEST_CASE(written, boost::unit_test::data::xrange(layout_count), layout) {
    written_through<float>(layout);
    written_through<double>(layout);
}

/// Results take the memory of operands that nothing else needs; values of other widths, and two results at once, beside them.
template <class T>
void in_place() {
    for (const index_t n : lengths) {
        const numbers<T> v = samples<T>(n, 31), w = samples<T>(n, 32);
        complex_array<T> z = sn::from(v);
        const complex_array<T> y = sn::from(w);
        z = complex_array<T>(sn::complex(imag(z) + real(y), real(z))).eval();
        numbers<T> expected(v.size());
        for (std::size_t i = 0; i < v.size(); ++i) expected[i] = {v[i].imag() + w[i].real(), v[i].real()};
        expect_same<T>(z, expected, "parts exchanged in place");
        sn::array<T> sizes = abs(z);
        sn::array<bool> upper = T(0) < imag(z);
        z = z * y;
        sn::eval(z, sizes, upper);
        const std::vector<T> size = sizes.to_vector();
        const std::vector<bool> is_upper = upper.to_vector();
        for (std::size_t i = 0; i < v.size(); ++i) {
            const auto exact = static_cast<T>(std::hypot(static_cast<long double>(expected[i].real()), static_cast<long double>(expected[i].imag())));
            BOOST_REQUIRE(std::abs(size[i] - exact) <= std::numeric_limits<T>::epsilon() * exact);
            BOOST_REQUIRE(is_upper[i] == (expected[i].imag() > 0));
            expected[i] = product(expected[i], w[i]);
        }
        expect_same<T>(z, expected, "a product in place");
        // A number among bytes: eight of them fill a vector.
        std::vector<std::uint8_t> bytes(v.size());
        for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 37);
        const complex_array<T> scaled = sn::from(v) * sn::from(bytes);
        for (std::size_t i = 0; i < v.size(); ++i) expected[i] = v[i] * static_cast<T>(bytes[i]);
        expect_same<T>(scaled, expected, "beside bytes");
        const sn::array<std::complex<double>> wide = sn::cast<std::complex<double>>(sn::from(v));
        const sn::array<std::complex<float>> narrow = sn::cast<std::complex<float>>(sn::from(v));
        for (std::size_t i = 0; i < v.size(); ++i) {
            BOOST_REQUIRE(same(wide.to_vector()[i], std::complex<double>(v[i])));
            BOOST_REQUIRE(same(narrow.to_vector()[i], std::complex<float>(v[i])));
            if (i > 40) break;
        }
        // The same statement again finds its kernel at its tape, also for another length.
        for (const index_t m : {n, n / 2}) {
            const complex_array<T> part = complex_array<T>(sn::from(v)(range(0, m))).eval();
            numbers<T> squares(at(m));
            for (std::size_t i = 0; i < squares.size(); ++i) squares[i] = product(v[i], v[i]);
            for (int turn = 0; turn < 3; ++turn) expect_same<T>(part * part, squares, "again");
        }
    }
}

/// Right beside pages that may be neither read nor written, at either end.
template <class T>
void beside_guards() {
    using number = std::complex<T>;
    using memory = support::guarded<number>;
    for (const auto edge : {memory::edge::end, memory::edge::start}) {
        for (const index_t n : lengths) {
            memory a(at(n), edge), b(at(n), edge), out(at(n), edge);
            const numbers<T> v = samples<T>(n, 71), w = samples<T>(n, 72);
            std::copy(v.begin(), v.end(), a.begin());
            std::copy(w.begin(), w.end(), b.begin());
            const complex_array<T> x = sn::borrow(static_cast<const number*>(a.data()), {n}), y = sn::borrow(static_cast<const number*>(b.data()), {n});
            const auto expect = [&](const char* what, auto&& value) {
                for (index_t i = 0; i < n; ++i) BOOST_REQUIRE_MESSAGE(same(out.data()[i], value(at(i))), what << ", " << i << " of " << n);
            };
            sn::eval(sn::to(out, x * y));
            expect("product", [&](std::size_t i) { return product(v[i], w[i]); });
            sn::eval(sn::to(out, flip(x)));
            expect("reversed", [&](std::size_t i) { return v[v.size() - 1 - i]; });
            sn::eval(sn::to(out, flip(x) * T(2)));
            expect("reversed and doubled", [&](std::size_t i) { return v[v.size() - 1 - i] * T(2); });
            sn::eval(sn::to(out, sn::complex(imag(x), T(1))));
            expect("imaginary parts alone", [&](std::size_t i) { return number(v[i].imag(), 1); });
            sn::eval(sn::to(out, sn::complex(real(x), sn::cast<T>(T(0) < imag(y)))));
            expect("real parts alone", [&](std::size_t i) { return number(v[i].real(), w[i].imag() > 0 ? T(1) : T(0)); });
            complex_array<T> target = sn::borrow(out.data(), {n});
            target(range({}, {}, 2)) = y(range({}, {}, 2)) + x(range({}, {}, 2));
            expect("every second", [&](std::size_t i) { return i % 2 == 0 ? v[i] + w[i] : number(v[i].real(), w[i].imag() > 0 ? T(1) : T(0)); });
            const sn::array<T> sizes = abs(x) + real(y);
            BOOST_REQUIRE(sizes.eval().size() == n);
        }
    }
}

BOOST_AUTO_TEST_CASE(nothing_is_touched_outside) {
    beside_guards<float>();
    beside_guards<double>();
}

BOOST_AUTO_TEST_CASE(results_in_place) {
    in_place<float>();
    in_place<double>();
}

BOOST_AUTO_TEST_SUITE_END()

using exact = std::complex<long double>;

/// One function: Sinter's, the exact one, its bound in units in the last place, of each part or of the whole number's size.
template <class T>
struct function_case {
    const char* name;
    std::function<complex_array<T>(const complex_array<T>&, const complex_array<T>&)> ours;
    std::function<exact(exact, exact)> theirs;
    double bound;
    bool by_part;
};

template <class T>
[[nodiscard]] std::vector<function_case<T>> functions() {
    using A = const complex_array<T>&;
    return {
        {"quotient", [](A a, A b) { return a / b; }, [](exact a, exact b) { return a / b; }, 6, false},
        {"reciprocal", [](A a, A) { return sn::reciprocal(a); }, [](exact a, exact) { return 1.0L / a; }, 6, false},
        {"real over complex", [](A a, A b) { return real(a) / b; }, [](exact a, exact b) { return a.real() / b; }, 6, false},
        {"product", [](A a, A b) { return a * b; }, [](exact a, exact b) { return a * b; }, 2, false},
        {"square", [](A a, A) { return square(a); }, [](exact a, exact) { return a * a; }, 2, false},
        {"exp", [](A a, A) { return exp(a); }, [](exact a, exact) { return std::exp(a); }, 4, true},
        {"log", [](A a, A) { return log(a); }, [](exact a, exact) { return std::log(a); }, 4, false},
        {"sqrt", [](A a, A) { return sqrt(a); }, [](exact a, exact) { return std::sqrt(a); }, 4, true},
        {"sin", [](A a, A) { return sin(a); }, [](exact a, exact) { return std::sin(a); }, 4, true},
        {"cos", [](A a, A) { return cos(a); }, [](exact a, exact) { return std::cos(a); }, 4, true},
        {"sinh", [](A a, A) { return sinh(a); }, [](exact a, exact) { return std::sinh(a); }, 4, true},
        {"cosh", [](A a, A) { return cosh(a); }, [](exact a, exact) { return std::cosh(a); }, 4, true},
        {"polar", [](A a, A b) { return sn::polar(abs(a), imag(b)); }, [](exact a, exact b) { return std::polar(std::abs(a), b.imag()); }, 4, true},
    };
}

/// How far, in units in the last place of `size`, or of the least normal number.
template <class T>
[[nodiscard]] double units(T got, long double wanted, long double size) {
    using limits = std::numeric_limits<T>;
    if (std::fabs(wanted) > limits::max()) return std::isinf(got) || std::fabs(got) == limits::max() ? 0 : limits::infinity();
    const long double unit = std::max(std::fabs(size), static_cast<long double>(limits::min())) * limits::epsilon() / 2;
    return static_cast<double>(std::fabs(static_cast<long double>(got) - wanted) / unit);
}

template <class T>
void check_function(const function_case<T>& f, const numbers<T>& a, const numbers<T>& b) {
    const numbers<T> got = f.ours(sn::from(a), sn::from(b)).to_vector();
    for (std::size_t i = 0; i < a.size(); ++i) {
        const exact z(a[i].real(), a[i].imag()), w(b[i].real(), b[i].imag()), r = f.theirs(z, w);
        const long double size = std::abs(r);
        const double re = units(got[i].real(), r.real(), f.by_part ? r.real() : size), im = units(got[i].imag(), r.imag(), f.by_part ? r.imag() : size);
        // Twice: the unit of a number is up to two of its size times epsilon.
        BOOST_REQUIRE_MESSAGE(re <= 2 * f.bound && im <= 2 * f.bound, f.name << " of " << a[i] << ", " << b[i] << " is " << got[i] << ", not " << r << ": " << re << " and " << im << " halves");
    }
}

template <class T>
void check_functions() {
    for (const function_case<T>& f : functions<T>()) {
        for (const index_t n : lengths) check_function<T>(f, samples<T>(n, 41), samples<T>(n, 42));
        check_function<T>(f, samples<T>(20'000, 43), samples<T>(20'000, 44));
    }
    // Sizes of every kind for those that take care of them.
    std::mt19937 engine(5);
    const int range = std::numeric_limits<T>::max_exponent;
    std::uniform_int_distribution<int> exponent(-range + 10, range - 2);
    std::uniform_real_distribution<double> mantissa(-1, 1);
    numbers<T> wide(20'000), near(20'000);
    for (std::size_t i = 0; i < wide.size(); ++i) {
        const int e = exponent(engine), apart = i % 3 == 0 ? exponent(engine) : e;
        wide[i] = {static_cast<T>(std::ldexp(mantissa(engine), e)), static_cast<T>(std::ldexp(mantissa(engine), apart))};
        // On and beside the unit circle, where logarithms vanish.
        const double angle = 4 * mantissa(engine), size = 1 + std::ldexp(mantissa(engine), -static_cast<int>(i % 50));
        near[i] = i % 5 == 0 ? std::complex<T>(static_cast<T>(size), static_cast<T>(std::ldexp(mantissa(engine), -static_cast<int>(i % 30))))
                             : std::complex<T>(static_cast<T>(size * std::cos(angle)), static_cast<T>(size * std::sin(angle)));
    }
    for (const function_case<T>& f : functions<T>()) {
        const std::string name = f.name;
        if (name == "log" || name == "sqrt") check_function<T>(f, wide, wide);
        check_function<T>(f, near, near);
    }
    // Where e^re overflows, and the result does not.
    numbers<T> high(1000);
    const double top = std::log(static_cast<double>(std::numeric_limits<T>::max()));
    for (std::size_t i = 0; i < high.size(); ++i) high[i] = {static_cast<T>(top - 1 + 3 * static_cast<double>(i) / 1000), static_cast<T>(1.5707963267 + mantissa(engine) * 1e-3)};
    check_function<T>(functions<T>()[5], high, high);
}

/// The error of a power grows with the logarithm of the result.
template <class T>
void check_powers() {
    const numbers<T> a = samples<T>(20'000, 51), b = samples<T>(20'000, 52);
    const numbers<T> whole = pow(sn::from(a), sn::from(b)).eval().to_vector();
    const numbers<T> real_power = pow(sn::from(a), real(sn::from(b))).eval().to_vector();
    for (std::size_t i = 0; i < a.size(); ++i) {
        const exact z(a[i].real(), a[i].imag()), w(b[i].real(), b[i].imag());
        const auto near = [&](std::complex<T> got, exact wanted, exact power) {
            const long double size = std::abs(wanted);
            const double bound = 2 * (8 + static_cast<double>(std::abs(power * std::log(z))));
            return units(got.real(), wanted.real(), size) <= bound && units(got.imag(), wanted.imag(), size) <= bound;
        };
        BOOST_REQUIRE_MESSAGE(near(whole[i], std::pow(z, w), w), a[i] << " to the power " << b[i] << " is " << whole[i]);
        BOOST_REQUIRE_MESSAGE(near(real_power[i], std::pow(z, w.real()), w.real()), a[i] << " to the power " << b[i].real() << " is " << real_power[i]);
    }
}

BOOST_AUTO_TEST_SUITE(complex_functions)

BOOST_AUTO_TEST_CASE(within_their_bounds) {
    check_functions<float>();
    check_functions<double>();
    check_powers<float>();
    check_powers<double>();
}

BOOST_AUTO_TEST_CASE(under_strict) {
    // Products and sums are rounded apart.
    const sn::scoped_options o{.precision = sn::precision::strict};
    const numbers<float> a = samples<float>(1001, 61), b = samples<float>(1001, 62);
    numbers<float> expected(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        const volatile float rr = a[i].real() * b[i].real(), ii = a[i].imag() * b[i].imag(), ri = a[i].real() * b[i].imag(), ir = a[i].imag() * b[i].real();
        expected[i] = {rr - ii, ri + ir};
    }
    expect_same<float>(sn::from(a) * sn::from(b), expected, "strict");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
