#include "differential/types.hpp"
#include "support/check.hpp"

#include <functional>
#include <sstream>

// Casts between every pair of types, and operations on arrays of two types.

namespace {

using namespace types;

/// Where conversions go wrong: around the bounds of every integer type, as T.
template <class T>
[[nodiscard]] std::vector<T> edges() {
    std::vector<T> out = samples<T>(50, 5);
    const auto around = [&](auto bound) {
        if constexpr (std::floating_point<T>) {
            constexpr T inf = std::numeric_limits<T>::infinity();
            const T at = static_cast<T>(bound);
            for (const T v : {at, at - T(0.5), at + T(0.5), at - T(1), at + T(1), std::nextafter(at, inf), std::nextafter(at, -inf)}) out.push_back(v);
        } else {
            for (const int d : {-1, 0, 1}) out.push_back(converted<T>(wrapped<T>(wide(bound) + wide(d))));
        }
    };
    for_each_type([&]<class U>() {
        if constexpr (std::integral<U>) {
            around(std::numeric_limits<U>::min());
            around(std::numeric_limits<U>::max());
        }
    });
    if constexpr (std::floating_point<T>) {
        // Doubles that lie half-way between two floats, and 2^53 + 1 as its neighbours.
        for (const double v : {16777217.0, 16777219.0, 0x1.000001p0, 0x1.000003p0, 0x1.0000010000001p0, 0x1p-150, 0x1.8p-150, 0x1.fffffefp127, 0x1.ffffffp127, 1e300, -1e-300})
            out.push_back(static_cast<T>(v));
    } else if constexpr (sizeof(T) == 8) {
        // Half-way between two floats or two doubles, and a little beside.
        for (const std::uint64_t v : {0x20000000000001ULL, 0x20000000000003ULL, 0x7fffffffffffff00ULL, 0x7ffffffffffffdffULL, 0x7ffffffffffffe00ULL, 0x8000000000000400ULL,
                                      0x8000000000000401ULL, 0xfffffffffffffbffULL, 0xfffffffffffffc00ULL, 0x8000008000000000ULL, 0x8000008000000001ULL,
                                      0x4000004000000001ULL, 0x1000001ULL, 0x1000003ULL, 0x100000100000001ULL, 0xffffff7fffffffffULL, 0xffffff8000000000ULL})
            out.push_back(static_cast<T>(v));
    } else if constexpr (sizeof(T) == 4) {
        for (const std::uint32_t v : {0x1000001U, 0x1000003U, 0x7fffffc0U, 0x7fffffbfU, 0x80000080U, 0x80000081U, 0xffffff7fU, 0xffffff80U}) out.push_back(static_cast<T>(v));
    }
    return out;
}

void fail(const std::string& what, std::size_t at, std::size_t count) { BOOST_ERROR(what << ", at " << at << " of " << count); }

/// Not in the templates over pairs of types, as there would be hundreds of copies.
template <class R>
[[gnu::noinline]] void compare(const sn::array<R>& x, const std::vector<R>& wanted, const char* what, const char* a, const char* b) {
    const std::vector<R> got = x.to_vector();
    if (got.size() != wanted.size()) return fail(std::string("size of ") + what, got.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (support::same<R>(got[i], wanted[i])) continue;
        std::ostringstream s;
        s.precision(20);
        s << what << " of " << a << " and " << b << ": " << +got[i] << " instead of " << +wanted[i];
        return fail(s.str(), i, wanted.size());
    }
}

template <class T, class U>
[[gnu::noinline]] void check_cast(const sn::array<T>& x, const std::vector<T>& v) {
    std::vector<U> wanted(v.size());
    for (std::size_t i = 0; i < v.size(); ++i) wanted[i] = converted<U>(v[i]);
    compare<U>(sn::cast<U>(x), wanted, "cast", name_of<T>(), name_of<U>());
}

template <class T>
void check_casts_of() {
    for_each_type([]<class U>() {
        const std::vector<T> all = edges<T>();
        check_cast<T, U>(array_of(all), all);
        for (const sn::index_t n : lengths) {
            const std::vector<T> v = samples<T>(static_cast<std::size_t>(n), 6);
            check_cast<T, U>(array_of(v), v);
        }
        // Numbers are folded by other code.
        for (std::size_t i = 0; i < all.size(); i += 3) check_cast<T, U>(sn::full(sn::extents{}, all[i]), std::vector<T>(1, all[i]));
    });
}

/// Two arrays of different types.
template <class A, class B>
void check_pair() {
    using R = decltype(arithmetic_type<A, B>());
    const std::vector<A> a = samples<A>(131, 8);
    const std::vector<B> b = samples<B>(131, 9);
    const sn::array<A> x = array_of(a);
    const sn::array<B> y = array_of(b);
    const auto product = x * y;
    const auto less = x < y;
    static_assert(std::same_as<typename decltype(product)::value_type, R>);
    static_assert(std::same_as<typename decltype(less)::value_type, bool>);
    // Compared as the type that both have in common; a bool's values are in every type.
    using C = std::conditional_t<std::same_as<A, bool> && std::same_as<B, bool>, int,
                                 std::conditional_t<std::same_as<A, bool>, B, std::conditional_t<std::same_as<B, bool>, A, R>>>;
    using S = std::conditional_t<std::same_as<A, bool> && std::same_as<B, bool>, bool, C>;
    static_assert(std::same_as<typename decltype(sn::where(less, x, y))::value_type, S>);
    std::vector<R> products(a.size());
    std::vector<bool> lesses(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        products[i] = plain<R>::of(op::multiply{}, converted<R>(a[i]), converted<R>(b[i]));
        lesses[i] = converted<C>(a[i]) < converted<C>(b[i]);
    }
    compare<R>(product, products, "product", name_of<A>(), name_of<B>());
    compare<bool>(less, lesses, "less", name_of<A>(), name_of<B>());
}

BOOST_AUTO_TEST_SUITE(types_conversions)

BOOST_AUTO_TEST_CASE(every_cast) {
    for_each_type([]<class T>() { check_casts_of<T>(); });
}

BOOST_AUTO_TEST_CASE(every_pair) {
    for_each_type([]<class A>() { for_each_type([]<class B>() { check_pair<A, B>(); }); });
}

// The table of common types, spelled out where it is not std::common_type's.
BOOST_AUTO_TEST_CASE(common_types) {
    static_assert(std::same_as<decltype(arithmetic_type<std::int8_t, std::int8_t>()), std::int8_t>);
    static_assert(std::same_as<decltype(arithmetic_type<std::int8_t, std::uint8_t>()), std::uint8_t>);
    static_assert(std::same_as<decltype(arithmetic_type<std::int16_t, std::uint8_t>()), std::int16_t>);
    static_assert(std::same_as<decltype(arithmetic_type<std::uint16_t, std::int8_t>()), std::uint16_t>);
    static_assert(std::same_as<decltype(arithmetic_type<std::uint32_t, std::int8_t>()), std::uint32_t>);
    static_assert(std::same_as<decltype(arithmetic_type<bool, std::int8_t>()), std::int32_t>);
    static_assert(std::same_as<decltype(arithmetic_type<bool, bool>()), std::int32_t>);
    static_assert(std::same_as<decltype(arithmetic_type<bool, std::uint32_t>()), std::uint32_t>);
    static_assert(std::same_as<decltype(arithmetic_type<std::int64_t, float>()), float>);
    // Assignments with an operation keep the array's type.
    sn::array<std::uint8_t> u{250, 7};
    u += 10;
    support::check_ints(u, {2}, {4, 17});
    u *= sn::array<std::uint8_t>{2, 20};
    support::check_ints(u, {2}, {8, 84});
    u -= std::uint8_t{9};
    support::check_ints(u, {2}, {255, 75});
    u /= sn::array<std::uint8_t>{5, 10};
    support::check_ints(u, {2}, {51, 7});
}

void throws(const std::function<void()>& f) { support::check_throws<sn::value_error>(f, {"divided by zero", "types_conversions.cpp"}); }

template <class T>
void check_division() {
    const T least = std::numeric_limits<T>::min(), minus = static_cast<T>(-1);
    const std::string name = name_of<T>();
    for (const sn::index_t n : {1, 5, 64, 65, 1000}) {
        std::vector<T> divisors(static_cast<std::size_t>(n), T(3));
        const sn::array<T> x = sn::full({n}, T(100));
        sn::array<T> kept = sn::full({n}, T(1));
        for (const std::size_t place : {std::size_t{0}, static_cast<std::size_t>(n) / 2, static_cast<std::size_t>(n) - 1}) {
            divisors[place] = T(0);
            const sn::array<T> y = array_of(divisors);
            throws([&] { kept = x / y, kept.eval(); });
            throws([&] { static_cast<void>((x % y).eval()); });
            throws([&] { static_cast<void>(sn::sum(x / y).eval()); });
            divisors[place] = T(3);
        }
        throws([&] { static_cast<void>((x / T(0)).eval()); });
        throws([&] { static_cast<void>((x % T(0)).eval()); });
        // Nothing is stored when one of several results cannot be.
        sn::array<T> target = sn::full({n}, T(5));
        divisors.back() = T(0);
        const sn::array<T> y = array_of(divisors);
        const sn::array<T> fine = x + target, broken = x / y;
        throws([&] { sn::eval(fine, broken); });
        BOOST_TEST(fine.to_vector()[0] == T(105));
        std::vector<T> out(static_cast<std::size_t>(n), T(9));
        throws([&] { sn::eval(sn::to(out, x / y)); });
        BOOST_TEST(out[0] == T(9));
        BOOST_TEST(out.back() == T(9));
    }
    // The divisor may be a number, in an array of one element, or the result of a reduction.
    const sn::array<T> x = array_of(std::vector<T>{least, static_cast<T>(least + 1), T(100), T(7)});
    const auto wanted_quotient = [&](T v) { return plain<T>::of(op::divide{}, v, minus); };
    const std::vector<T> by_number = (x / minus).to_vector(), by_array = (x / array_of(std::vector<T>(4, minus))).to_vector();
    const std::vector<T> rest = (x % minus).to_vector(), folded = (sn::full({2}, least) / minus).to_vector();
    const std::vector<T> values = x.to_vector();
    for (std::size_t i = 0; i < values.size(); ++i) {
        BOOST_TEST(+by_number[i] == +wanted_quotient(values[i]), name);
        BOOST_TEST(+by_array[i] == +wanted_quotient(values[i]), name);
        BOOST_TEST(+rest[i] == +plain<T>::of(op::modulo{}, values[i], minus), name);
    }
    BOOST_TEST(+folded[0] == +wanted_quotient(least), name);
}

BOOST_AUTO_TEST_CASE(division_of_integers) {
    for_each_type([]<class T>() {
        if constexpr (std::integral<T> && !std::same_as<T, bool>) check_division<T>();
    });
    // bool divides as int32.
    const sn::array<bool> yes{true, true, false}, no{true, false, true};
    throws([&] { static_cast<void>((yes / no).eval()); });
    support::check_ints(no / yes(sn::range(0, 1)), {3}, {1, 0, 1});
    // Where nothing is divided, nothing is wrong.
    const sn::array<std::int32_t> nothing = sn::zeros<std::int32_t>({0, 2});
    BOOST_TEST((nothing / 0).to_vector().empty());
    BOOST_TEST((nothing % sn::array<std::int32_t>{0, 1}).to_vector().empty());
    BOOST_TEST(sn::sum(nothing / 0).item() == 0);
    // Of floats nothing is checked.
    BOOST_TEST(std::isinf((sn::array<float>{1} / sn::array<float>{0}).item()));
}

BOOST_AUTO_TEST_CASE(every_quotient_of_narrow_integers) {
    const auto check = []<class T>(std::type_identity<T>) {
        std::vector<T> a, b;
        for (int u = 0; u < 256; ++u) {
            for (int v = 1; v < 256; ++v) {
                a.push_back(static_cast<T>(u * (sizeof(T) == 1 ? 1 : 257)));
                b.push_back(static_cast<T>(v * (sizeof(T) == 1 || v % 2 == 0 ? 1 : 129)));
            }
        }
        const std::vector<T> q = (sn::from(a) / sn::from(b)).to_vector(), r = (sn::from(a) % sn::from(b)).to_vector();
        for (std::size_t i = 0; i < a.size(); ++i) {
            if (q[i] != plain<T>::of(op::divide{}, a[i], b[i]) || r[i] != plain<T>::of(op::modulo{}, a[i], b[i])) {
                BOOST_ERROR(name_of<T>() << ' ' << +a[i] << " by " << +b[i] << " is " << +q[i] << " and " << +r[i]);
                return;
            }
        }
    };
    check(std::type_identity<std::int8_t>{});
    check(std::type_identity<std::uint8_t>{});
    check(std::type_identity<std::int16_t>{});
    check(std::type_identity<std::uint16_t>{});
    check(std::type_identity<std::int32_t>{});
    check(std::type_identity<std::uint32_t>{});
    check(std::type_identity<std::int64_t>{});
    check(std::type_identity<std::uint64_t>{});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
