#pragma once

#include "differential/types.hpp"
#include "support/check.hpp"

#include <functional>

// Every operation of the list on one element type, in every layout, against plain scalars.

namespace types {

/// Ways for an array of given values to lie in memory.
enum class layout : std::uint8_t { contiguous, strided, reversed, inside };
inline constexpr const char* layout_names[] = {"contiguous", "strided", "reversed", "inside a row"};

template <class T>
[[nodiscard]] sn::array<T> laid_out(const std::vector<T>& v, layout how) {
    const auto n = static_cast<sn::index_t>(v.size());
    if (v.empty() || how == layout::contiguous) return array_of(v);
    std::vector<T> memory;
    switch (how) {
        case layout::strided:
            memory.assign(3 * v.size(), T(1));
            for (std::size_t i = 0; i < v.size(); ++i) memory[3 * i] = v[i];
            return array_of(memory)(sn::range({}, {}, 3));
        case layout::reversed: memory.assign(v.rbegin(), v.rend()); return array_of(memory)(sn::range({}, {}, -1));
        default:
            // Off alignment.
            memory.assign(v.size() + 2, T(1));
            for (std::size_t i = 0; i < v.size(); ++i) memory[i + 1] = v[i];
            return array_of(memory)(sn::range(1, n + 1));
    }
}

/// Column-major: a transposed view of the transposed matrix.
template <class T>
[[nodiscard]] sn::array<T> transposed(const std::vector<T>& v, sn::index_t rows, sn::index_t columns) {
    return array_of<T>(array_of(v, {rows, columns}).transpose().to_vector(), {columns, rows}).transpose();
}

template <class Op, class T>
inline constexpr bool is_arithmetic = Op::rule == sd::type_rule::same || Op::rule == sd::type_rule::integer;

template <class Op, class T>
inline constexpr bool allowed = Op::rule == sd::type_rule::floating  ? std::floating_point<T>
                                : Op::rule == sd::type_rule::integral || Op::rule == sd::type_rule::integer ? !std::floating_point<T>
                                                                      : Op::rule != sd::type_rule::convert;

/// What operands of type T are taken as.
template <class Op, class T>
using taken_as = std::conditional_t<std::same_as<T, bool> && is_arithmetic<Op, T>, std::int32_t, T>;
template <class Op, class T>
using result_of = std::conditional_t<Op::rule == sd::type_rule::compare, bool, taken_as<Op, T>>;

/// An operation on arrays of T that gives R, and the same on plain values.
template <class T, class R>
struct operation {
    const char* name;
    int arity;
    bool divides;
    sn::array<R> (*ours)(const sn::array<bool>&, const sn::array<T>*);
    R (*plain)(bool, T, T, T);
};

template <class Op, class T>
[[nodiscard]] sn::array<result_of<Op, T>> ours(const sn::array<bool>& c, const sn::array<T>* x) {
    const auto recorded = [&] {
        if constexpr (Op::rule == sd::type_rule::select) return sd::call<Op>(c, x[0], x[1]);
        else if constexpr (Op::arity == 1) return sd::call<Op>(x[0]);
        else if constexpr (Op::arity == 2) return sd::call<Op>(x[0], x[1]);
        else return sd::call<Op>(x[0], x[1], x[2]);
    }();
    static_assert(std::same_as<typename decltype(recorded)::value_type, result_of<Op, T>>);
    return recorded;
}

template <class Op, class T>
[[nodiscard]] result_of<Op, T> on_plain(bool c, T x, T y, T z) {
    using A = taken_as<Op, T>;
    const A a = x, b = y, d = z;
    if constexpr (Op::rule == sd::type_rule::select) return c ? a : b;
    else if constexpr (Op::arity == 1 && requires { plain<A>::of(Op{}, a); }) return plain<A>::of(Op{}, a);
    else if constexpr (Op::arity == 2 && requires { plain<A>::of(Op{}, a, b); }) return plain<A>::of(Op{}, a, b);
    else if constexpr (Op::arity == 3 && requires { plain<A>::of(Op{}, a, b, d); }) return plain<A>::of(Op{}, a, b, d);
    else if constexpr (Op::arity == 1) return Op::apply(sn::lane<A>{a}).raw();
    else if constexpr (Op::arity == 2) return Op::apply(sn::lane<A>{a}, sn::lane<A>{b}).raw();
    else return Op::apply(sn::lane<A>{a}, sn::lane<A>{b}, sn::lane<A>{d}).raw();
}

/// The operations on T with results of type R, from the library's list.
template <class T, class R>
[[nodiscard]] std::vector<operation<T, R>> operations() {
    std::vector<operation<T, R>> list;
    const auto add = [&]<int Code>(std::integral_constant<int, Code>) {
        if constexpr (requires { typename sd::operation_at<Code>::type; }) {
            using Op = typename sd::operation_at<Code>::type;
            // Assisted operations are parts of others, and have no meaning outside of the values that those give them.
            if constexpr (allowed<Op, T> && !Op::assisted) {
                if constexpr (std::same_as<R, result_of<Op, T>>) {
                    list.push_back({Op::name, Op::arity, Op::divides && !std::floating_point<T>, &ours<Op, T>, &on_plain<Op, T>});
                }
            }
        }
    };
    [&]<std::size_t... Code>(std::index_sequence<Code...>) { (add(std::integral_constant<int, static_cast<int>(Code)>{}), ...); }
    (std::make_index_sequence<128>{});
    return list;
}

template <class T, class R>
class checker {
public:
    explicit checker(sn::index_t n) : n_{n}, c_{samples<bool>(count(), 7)}, v_{samples<T>(count(), 1), samples<T>(count(), 2), samples<T>(count(), 3)} {
        divisor_ = v_[1];
        for (auto&& d : divisor_) d = d == T(0) ? T(1) : d;
    }

    void vectors(const operation<T, R>& o, layout how, layout other) const {
        const sn::array<T> x[] = {laid_out(v_[0], how), laid_out(second(o), other), laid_out(v_[2], how)};
        expect(o, o.ours(laid_out(c_, other), x), second(o), layout_names[static_cast<std::size_t>(how)], layout_names[static_cast<std::size_t>(other)]);
    }
    /// The second operand is one element everywhere.
    void with_one(const operation<T, R>& o) const {
        if (n_ == 0) return;
        const std::vector<T> same(count(), second(o)[0]);
        const sn::array<T> x[] = {array_of(v_[0]), array_of(std::vector<T>(1, same[0])), array_of(v_[2])};
        expect(o, o.ours(array_of(c_), x), same, "contiguous", "one element");
    }
    /// Matrices of which the first, the second or both are transposed.
    void matrices(const operation<T, R>& o, sn::index_t rows) const {
        const sn::index_t columns = n_ / rows;
        for (unsigned which = 0; which < 4; ++which) {
            const auto matrix = [&](const auto& v, bool across) { return across ? transposed(v, rows, columns) : array_of(v, {rows, columns}); };
            const sn::array<T> x[] = {matrix(v_[0], (which & 1U) != 0), matrix(second(o), (which & 2U) != 0), matrix(v_[2], which == 3)};
            expect(o, o.ours(matrix(c_, which == 0), x), second(o), "matrix", (which & 2U) != 0 ? "transposed" : "matrix");
        }
    }
    /// A column and a row.
    void broadcast(const operation<T, R>& o, sn::index_t rows) const {
        const sn::index_t columns = n_ / rows;
        checker spread = *this;
        for (std::size_t i = 0; i < count(); ++i) {
            const std::size_t c = i % static_cast<std::size_t>(columns), r = i / static_cast<std::size_t>(columns);
            spread.v_[0][i] = v_[0][r];
            spread.v_[1][i] = v_[1][c];
            spread.divisor_[i] = divisor_[c];
        }
        const auto part = [](const std::vector<T>& v, sn::index_t n) { return std::vector<T>(v.begin(), v.begin() + n); };
        const sn::array<T> x[] = {array_of(part(v_[0], rows), {rows, 1}), array_of(part(second(o), columns)), array_of(v_[2], {rows, columns})};
        if (o.arity < 2) return;
        spread.expect(o, o.ours(array_of(c_, {rows, columns}), x), spread.second(o), "column", "row");
    }

private:
    [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(n_); }
    [[nodiscard]] const std::vector<T>& second(const operation<T, R>& o) const { return o.divides ? divisor_ : v_[1]; }

    void expect(const operation<T, R>& o, const sn::array<R>& result, const std::vector<T>& b, const char* first, const char* other) const {
        const std::vector<R> got = result.to_vector();
        BOOST_REQUIRE_EQUAL(got.size(), count());
        for (std::size_t i = 0; i < count(); ++i) {
            const R wanted = o.plain(c_[i], v_[0][i], b[i], v_[2][i]);
            if (!support::same<R>(got[i], wanted)) {
                BOOST_ERROR(o.name << " of " << name_of<T>() << " (" << c_[i] << "; " << +v_[0][i] << ", " << +b[i] << ", " << +v_[2][i] << ") is "
                                   << +got[i] << " instead of " << +wanted << " at " << i << " of " << n_ << ", " << first << " and " << other);
                return;
            }
        }
    }

    sn::index_t n_;
    std::vector<bool> c_;
    std::vector<T> v_[3], divisor_;
};

template <class T, class R>
void check_list() {
    const std::vector<operation<T, R>> list = operations<T, R>();
    BOOST_TEST(!list.empty());
    for (const sn::index_t n : lengths) {
        const checker<T, R> c(n);
        for (const auto& o : list) {
            c.vectors(o, layout::contiguous, layout::contiguous);
            c.vectors(o, layout::strided, layout::inside);
            c.vectors(o, layout::reversed, layout::strided);
            c.vectors(o, layout::inside, layout::reversed);
            c.with_one(o);
        }
    }
    for (const auto& [rows, columns] : {std::pair<sn::index_t, sn::index_t>{3, 5}, {17, 70}, {70, 17}, {64, 129}}) {
        const checker<T, R> c(rows * columns);
        for (const auto& o : list) {
            c.matrices(o, rows);
            c.broadcast(o, rows);
        }
    }
    const checker<T, R> c(large);
    for (const auto& o : list) c.vectors(o, layout::contiguous, layout::contiguous);
}

/// Everything for one type.
template <class T>
void check_operations() {
    check_list<T, T>();
    if constexpr (std::same_as<T, bool>) check_list<T, std::int32_t>();
    else check_list<T, bool>();
}

}  // namespace types
