#include "property/generator.hpp"
#include "property/array_functions.hpp"
#include "property/typed.hpp"

#include <algorithm>
#include <sstream>
#include <tuple>

namespace property {

namespace {

using floats = sn::array<float>;
using sn::all;
using sn::range;

constexpr int unary_count = 11, binary_count = 8, fused_count = 6, ternary_count = 3, reduce_count = 4, normalise_count = 5;

/// Draws programs. Values stay moderate, so that infinities do not hide differences.
class generator {
public:
    generator(std::uint32_t seed, vocabulary words) : random_{seed}, words_{words} { result_.seed = seed; }

    program make() {
        const sn::index_t sizes[] = {1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 64, 65, 100, 129};
        rows_ = sizes[below(std::size(sizes))];
        columns_ = sizes[below(std::size(sizes))];
        if (below(12) == 0) columns_ = static_cast<sn::index_t>(20000 + below(9000));
        if (below(12) == 0) std::swap(rows_, columns_);
        if (below(12) == 0) rows_ = columns_ = static_cast<sn::index_t>(200 + below(200));
        const std::size_t inputs = 1 + below(3);
        for (std::size_t i = 0; i < inputs; ++i) add({.what = action::input, .rows = rows_, .columns = columns_});
        if (below(2) == 0) add({.what = action::input, .rows = 1, .columns = columns_});
        if (below(2) == 0) add({.what = action::input, .rows = rows_, .columns = 1});
        const std::size_t count = result_.steps.size() + 3 + below(14);
        while (result_.steps.size() < count) statement();
        const std::size_t wanted = 1 + below(4);
        result_.wanted.push_back(result_.steps.size() - 1);
        for (std::size_t i = 1; i < wanted; ++i) result_.wanted.push_back(below(result_.steps.size()));
        return result_;
    }

private:
    std::size_t below(std::size_t n) { return random_() % n; }
    /// A number for a switch.
    int choose(int n) { return static_cast<int>(below(static_cast<std::size_t>(n))); }
    void add(step s) { result_.steps.push_back(s); }
    const step& at(std::size_t i) const { return result_.steps[i]; }
    /// Later values more often: that makes chains.
    std::size_t pick() {
        const std::size_t n = result_.steps.size();
        return below(3) == 0 ? below(n) : n - 1 - below(std::min<std::size_t>(n, 4));
    }
    static bool fits(sn::index_t u, sn::index_t v) { return u == v || u == 1 || v == 1; }
    static sn::index_t wider(sn::index_t u, sn::index_t v) { return u == 1 ? v : u; }

    /// A value that broadcasts against shape (r, c), or n if none was found soon.
    std::size_t partner(sn::index_t r, sn::index_t c) {
        for (int tries = 0; tries < 8; ++tries) {
            const std::size_t i = pick();
            const auto large = static_cast<double>(wider(r, at(i).rows)) * static_cast<double>(wider(c, at(i).columns));
            if (fits(r, at(i).rows) && fits(c, at(i).columns) && large < 400000) return i;
        }
        return result_.steps.size();
    }

    void statement() {
        const std::size_t a = pick();
        const sn::index_t r = at(a).rows, c = at(a).columns;
        step s{.a = a, .rows = r, .columns = c};
        const std::size_t b = partner(r, c);
        const bool paired = b < result_.steps.size();
        if (paired) {
            s.b = b;
            s.rows = wider(r, at(b).rows);
            s.columns = wider(c, at(b).columns);
        }
        constexpr sn::detail::dtype types[] = {
            sn::detail::dtype::boolean, sn::detail::dtype::i8,  sn::detail::dtype::i16, sn::detail::dtype::i32, sn::detail::dtype::i64, sn::detail::dtype::u8,
            sn::detail::dtype::u16,     sn::detail::dtype::u32, sn::detail::dtype::u64, sn::detail::dtype::f16, sn::detail::dtype::bf16,
            sn::detail::dtype::f32,     sn::detail::dtype::f64};
        // Often the type of the last value: chains of one type, with widths that meet in one kernel.
        s.type = below(3) == 0 || type_ == sn::detail::dtype::f32 ? types[below(std::size(types))] : type_;
        const std::size_t kinds = words_ == vocabulary::all ? 44 : 30;
        switch (below(kinds)) {
            case 30:
            case 31:
            case 32:
                return add({.what = action::more_functions, .variant = choose(more_function_count), .a = a, .start = choose(2), .rows = r, .columns = c});
            case 33:
            case 34:
            case 35:
                return add({.what = action::ordered, .variant = choose(ordered_count), .a = a, .start = choose(2), .rows = r, .columns = c});
            case 36:
            case 37:
            case 38:
            case 39:
                if (!paired) s.b = a;
                s.what = action::complex_function;
                s.variant = choose(complex_function_count);
                s.start = choose(2);
                return add(s);
            case 40:
            case 41:
            case 42: return reshape(a);
            case 43: return add({.what = action::seen_twice, .a = a, .rows = r, .columns = c});
            case 27:
            case 28:
            case 29:
                return add({.what = action::array_function, .variant = choose(array_function_count), .a = a, .start = choose(2), .rows = r, .columns = c});
            case 16:
            case 17:
                type_ = s.type;
                s = {.what = action::typed_unary, .variant = choose(typed_unary_count), .a = a, .rows = r, .columns = c, .type = s.type};
                return add(s);
            case 18:
            case 19:
            case 20:
            case 21:
                if (!paired) return unary(a);
                type_ = s.type;
                s.what = action::typed_binary;
                s.variant = choose(typed_binary_count);
                return add(s);
            case 22: return reduction(a, action::typed_reduce, typed_reduce_count);
            case 24:
            case 25:
            case 26:
                return add({.what = action::normalise, .variant = choose(normalise_count), .a = a, .start = choose(2), .rows = r, .columns = c});
            case 23: return add({.what = action::convert, .a = a, .rows = r, .columns = c, .type = s.type});
            case 0:
            case 1: return unary(a);
            case 2:
            case 3:
            case 4:
                if (!paired) return unary(a);
                s.what = action::binary;
                s.variant = choose(binary_count);
                return add(s);
            case 5:
            case 6:
                if (!paired) return unary(a);
                s.what = action::fused;
                s.variant = choose(fused_count);
                return add(s);
            case 7: return ternary(s, paired);
            case 8:
                if (!paired) return unary(a);
                s.what = action::function;
                add(s);
                s.what = action::second;
                return add(s);
            case 9:
            case 10: return reduction(a, action::reduce, reduce_count);
            case 11: return slice(a);
            case 12: return add({.what = action::transpose, .a = a, .rows = c, .columns = r});
            case 13: return write(a);
            case 14:
                if (!paired || s.rows != r || s.columns != c) return unary(a);
                s.what = action::compound;
                return add(s);
            default: return add({.what = below(2) == 0 ? action::whole : action::pending_row, .a = a, .rows = r, .columns = c});
        }
    }

    void unary(std::size_t a) { add({.what = action::unary, .variant = choose(unary_count), .a = a, .rows = at(a).rows, .columns = at(a).columns}); }
    void ternary(step s, bool paired) {
        if (!paired) return unary(s.a);
        const std::size_t c = partner(s.rows, s.columns);
        if (c == result_.steps.size()) return unary(s.a);
        s.what = action::ternary;
        s.variant = choose(ternary_count);
        s.c = c;
        s.rows = wider(s.rows, at(c).rows);
        s.columns = wider(s.columns, at(c).columns);
        add(s);
    }
    void reduction(std::size_t a, action what, int variants) {
        step s{.what = what, .variant = choose(variants), .a = a, .rows = at(a).rows, .columns = at(a).columns};
        s.start = static_cast<sn::index_t>(below(3));  // the axis; 2: both
        if (s.start != 1) s.rows = 1;
        if (s.start != 0) s.columns = 1;
        add(s);
    }
    void reshape(std::size_t a) {
        step s{.what = action::reshape, .variant = choose(2), .a = a, .rows = at(a).columns, .columns = at(a).rows};
        const sn::index_t all_elements = s.rows * s.columns, factor = 1 + static_cast<sn::index_t>(below(6));
        // Rows become columns, or some rows one, or one row some.
        if (choose(3) > 0 && all_elements % (at(a).rows * factor) == 0) s.rows = at(a).rows * factor;
        else if (choose(3) > 0 && at(a).rows % factor == 0) s.rows = at(a).rows / factor;
        s.columns = all_elements / s.rows;
        add(s);
    }
    void slice(std::size_t a) {
        step s{.what = action::slice, .a = a, .rows = at(a).rows, .columns = at(a).columns};
        part(s);
        s.columns = count_of(s);
        add(s);
    }
    void write(std::size_t a) {
        step s{.what = action::write, .a = a, .rows = at(a).rows, .columns = at(a).columns};
        part(s);
        const sn::index_t n = count_of(s);
        const std::size_t b = partner(s.rows, n);
        s.variant = 1;  // the right side is another part of the array itself
        if (b < result_.steps.size() && fits(at(b).rows, s.rows) && (at(b).rows == s.rows || at(b).rows == 1) &&
            (at(b).columns == n || at(b).columns == 1)) {
            s.b = b;
            s.variant = 0;
        }
        add(s);
    }
    /// Some of the columns, with a stride of either sign.
    void part(step& s) {
        const sn::index_t n = s.columns;
        s.start = static_cast<sn::index_t>(below(static_cast<std::size_t>(n)));
        s.stop = s.start + 1 + static_cast<sn::index_t>(below(static_cast<std::size_t>(n - s.start)));
        s.stride = 1 + static_cast<sn::index_t>(below(3) / 2 * (1 + below(2)));
        if (below(3) == 0) {
            s.stride = -s.stride;
            const sn::index_t first = s.start;
            s.start = s.stop - 1;
            s.stop = first - 1;
        }
    }
    static sn::index_t count_of(const step& s) {
        return s.stride > 0 ? (s.stop - s.start - 1) / s.stride + 1 : (s.start - s.stop - 1) / -s.stride + 1;
    }

    std::mt19937 random_;
    vocabulary words_;
    program result_;
    sn::index_t rows_ = 1, columns_ = 1;
    sn::detail::dtype type_ = sn::detail::dtype::f32;
};

[[nodiscard]] range columns_of(const step& s) { return {s.start, s.stop < 0 ? sn::range_bound{} : sn::range_bound{s.stop}, s.stride}; }

[[nodiscard]] floats input(const program& p, std::size_t number, const step& s) {
    std::mt19937 random(p.seed * 31 + static_cast<std::uint32_t>(number));
    std::vector<float> v(static_cast<std::size_t>(s.rows * s.columns));
    for (float& x : v) x = static_cast<float>(random()) * 0x1p-31f - 1.0f;
    return sn::from(v, {s.rows, s.columns});
}

[[nodiscard]] floats unary(int variant, const floats& a) {
    switch (variant) {
        case 0: return -a;
        case 1: return sn::sqrt(sn::abs(a));
        case 2: return sn::exp(-sn::abs(a));
        case 3: return sn::log(sn::abs(a) + 0.1f);
        case 4: return sn::tanh(a);
        case 5: return sn::pow(sn::abs(a) + 0.1f, 0.7f);
        case 6: return a * 0.75f + 0.125f;
        case 7: return 1.0f / (sn::abs(a) + 0.5f);
        case 8: return sn::sin(a * 4000.0f);    // now and then an angle that is reduced in a region of its own
        case 9: return sn::erf(a) - sn::cos(a);
        default: return sn::minimum(sn::maximum(a, -0.5f), 2.0f);
    }
}

[[nodiscard]] floats binary(int variant, const floats& a, const floats& b) {
    switch (variant) {
        case 0: return a + b;
        case 1: return a - b;
        case 2: return a * 0.5f * b;
        case 3: return a / (sn::abs(b) + 0.5f);
        case 4: return sn::minimum(a, b);
        case 5: return sn::maximum(a, b);
        case 6: return sn::where(a < b, a, b * 0.5f);
        default: return sn::cast<float>((a <= b) & (b > 0.0f)) - a;
    }
}

[[nodiscard]] floats fused(int variant, const floats& a, const floats& b) {
    switch (variant) {
        case 0: return a * b + a * 0.25f;
        case 1: return sn::tanh(a * 0.5f - b) * (a + b) - sn::abs(b);
        case 2: return (a - b) * (a - b) / (sn::abs(a) + 1.0f) + 0.5f * b;
        case 3: return sn::exp(-(a * a)) - sn::sqrt(sn::abs(a * b - 1.0f));
        case 4: return sn::cos(a * 3000.0f) * sn::sin(b * 1e5f) + sn::fmod(a * 1e10f, b);
        default: return sn::where(sn::abs(a) > 0.5f, a * 0.5f, b) * sn::where(b > a, 1.0f, -1.0f);
    }
}

[[nodiscard]] floats ternary(int variant, const floats& a, const floats& b, const floats& c) {
    switch (variant) {
        case 0: return sn::where(a > b, b * 0.5f, c);
        case 1: return sn::fma(a, b * 0.5f, c);
        default: return sn::minimum(a, b) * 0.5f + c;
    }
}

[[nodiscard]] floats reduced(const step& s, const floats& a) {
    const sn::reduce_options o = over(s);
    switch (s.variant) {
        case 0: return sn::sum(a * 0.125f, o);
        case 1: return sn::mean(a * a, o);
        case 2: return sn::min(a, o);
        default: return sn::max(a, o);
    }
}

/// Goes over the rows or the columns several times, in statements that are evaluated at once if asked for.
[[nodiscard]] floats normalised(const step& s, const floats& x, bool at_once) {
    const sn::reduce_options o = over(s);
    const auto made = [&](floats v) {
        if (at_once) v.eval();
        return v;
    };
    switch (s.variant) {
        case 0: {
            const floats e = made(sn::exp(x - made(sn::max(x, o))));
            return e / made(sn::sum(e, o));
        }
        case 1: {
            const floats d = made(x - made(sn::max(x, o)));
            return d - sn::log(made(sn::sum(sn::exp(d), o)));
        }
        case 2: {
            const floats d = made(x - made(sn::mean(x, o))), v = made(sn::mean(d * d, o));
            return d * (1.0f / sn::sqrt(v + 1e-3f)) * 0.5f + 0.125f;
        }
        case 3: return x * made(1.0f / sn::sqrt(made(sn::mean(x * x, o)) + 1e-3f));
        default: {
            const floats low = made(sn::min(x, o)), high = made(sn::max(x, o));
            return made((x - low) / (high - low + 1.0f)) - made(sn::mean(x, o));
        }
    }
}

/// Of any type, which stays.
template <class T>
[[nodiscard]] sn::array<T> written(const step& s, const sn::array<T>& a, const std::vector<value>& values) {
    sn::array<T> x = a;
    if (s.variant == 0) {
        x(all, columns_of(s)) = std::get<sn::array<T>>(as_type(values[s.b], sn::detail::dtype_of<T>));
    } else {
        // The part itself, backwards: reads what it writes.
        x(all, columns_of(s)) = a(all, columns_of(s))(all, range({}, {}, -1));
    }
    return x;
}

const auto two_results = sn::fn([](auto u, auto v) {
    const auto d = u - v;
    return std::tuple{d * d * 0.5f + v, select(d > 0.0f, u, tanh(v))};
});

constexpr const char* names[] = {"input",  "unary", "binary",    "fused", "ternary",  "function", "second",
                                 "reduce", "slice", "transpose", "write", "compound", "whole",    "pending_row", "normalise", "typed_unary", "typed_binary", "typed_reduce", "convert", "array_function",
                                 "more_functions", "ordered", "complex_function", "reshape", "seen_twice"};
static_assert(std::size(names) == static_cast<std::size_t>(action::seen_twice) + 1);

}  // namespace

program make_program(std::uint32_t seed, vocabulary words) { return generator(seed, words).make(); }

std::string to_string(const program& p) {
    std::ostringstream s;
    s << "seed " << p.seed << '\n';
    for (std::size_t i = 0; i < p.steps.size(); ++i) {
        const step& t = p.steps[i];
        s << "  v" << i << " = " << names[static_cast<std::size_t>(t.what)] << '.' << t.variant << "(v" << t.a << ", v" << t.b << ", v" << t.c << "; "
          << t.start << ':' << t.stop << ':' << t.stride << ' ' << sn::detail::name_of(t.type) << ")   " << t.rows << " x " << t.columns << '\n';
    }
    s << "  wanted:";
    for (const std::size_t w : p.wanted) s << " v" << w;
    return s.str() + '\n';
}

std::vector<value> run(const program& p, how h) {
    std::vector<value> values;
    floats second;
    // Statements of floats take other types as such, of moderate size.
    const auto number = [&](std::size_t i) { return as_float(values[i]); };
    const auto kept = [](const value& v, auto f) { return std::visit([&](const auto& x) { return value(f(x)); }, v); };
    for (std::size_t i = 0; i < p.steps.size(); ++i) {
        const step& s = p.steps[i];
        const auto result = [&]() -> value {
            switch (s.what) {
                case action::input: return input(p, i, s);
                case action::unary: return unary(s.variant, number(s.a));
                case action::binary: return binary(s.variant, number(s.a), number(s.b));
                case action::fused: return fused(s.variant, number(s.a), number(s.b));
                case action::ternary: return ternary(s.variant, number(s.a), number(s.b), number(s.c));
                case action::function: {
                    auto [first, other] = two_results(number(s.a), number(s.b));
                    second = other;
                    return first;
                }
                case action::second: return std::move(second);
                case action::reduce: return reduced(s, number(s.a));
                case action::slice: return kept(values[s.a], [&]<class T>(const sn::array<T>& x) -> sn::array<T> { return x(all, columns_of(s)); });
                case action::transpose: return kept(values[s.a], [](const auto& x) { return x.transpose(); });
                case action::write: return kept(values[s.a], [&](const auto& x) { return written(s, x, values); });
                case action::compound: {
                    floats x = number(s.a);
                    x += number(s.b);
                    return x;
                }
                case action::whole: return floats(sn::cast<float>(sn::cast<std::int32_t>(number(s.a) * 100.0f)) * 0.01f);
                case action::normalise: return normalised(s, number(s.a), h == how::one_by_one);
                case action::array_function: return array_function(s, number(s.a));
                case action::more_functions: return more_functions(s, number(s.a));
                case action::ordered: return ordered(s, number(s.a));
                case action::complex_function: return complex_function(s, number(s.a), number(s.b));
                case action::reshape:
                    return kept(values[s.a], [&]<class T>(const sn::array<T>& x) -> sn::array<T> {
                        return s.variant == 0 ? x.reshape({s.rows, s.columns}) : x.flatten().reshape({1, s.rows, s.columns})(0);
                    });
                case action::seen_twice: {
                    const floats x = number(s.a);
                    return floats(x(all, range({}, {}, -1)) * 0.5f - x(all, range({}, {}, -1)) * x(all));
                }
                case action::typed_unary: return typed_unary(s.variant, as_type(values[s.a], s.type));
                case action::typed_binary: return typed_binary(s.variant, as_type(values[s.a], s.type), as_type(values[s.b], s.type));
                case action::typed_reduce: return typed_reduce(s.variant, values[s.a], over(s));
                case action::convert: return as_type(values[s.a], s.type);
                default: return floats(number(s.a) - number(s.a)(0)(sn::newaxis, all));
            }
        };
        values.push_back(result());
        if (h == how::one_by_one) std::visit([](const auto& x) { sn::eval(x); }, values.back());
    }
    std::vector<value> wanted;
    for (const std::size_t w : p.wanted) wanted.push_back(values[w]);
    if (h == how::together) values.clear();
    // All of one type in one evaluation; those of other types, which depend on the same values, in the next.
    std::vector<floats*> numbers;
    for (value& w : wanted) {
        if (auto* const x = std::get_if<floats>(&w)) numbers.push_back(x);
    }
    switch (numbers.size()) {
        case 0: break;
        case 1: sn::eval(*numbers[0]); break;
        case 2: sn::eval(*numbers[0], *numbers[1]); break;
        case 3: sn::eval(*numbers[0], *numbers[1], *numbers[2]); break;
        default: sn::eval(*numbers[0], *numbers[1], *numbers[2], *numbers[3]); break;
    }
    if (wanted.size() == 2) {
        std::visit([](const auto& x, const auto& y) { sn::eval(x, y); }, wanted[0], wanted[1]);
    } else {
        for (const value& w : wanted) std::visit([](const auto& x) { sn::eval(x); }, w);
    }
    return wanted;
}

}  // namespace property
