#include "property/array_functions.hpp"

#include <complex>

namespace property {

namespace {

using floats = sn::array<float>;
using complexes = sn::array<std::complex<float>>;
using sn::all;
using sn::index_t;
using sn::range;

/// Indices that an axis of extent n has, from both ends.
template <class X>
[[nodiscard]] sn::array<std::int32_t> places(const X& x, sn::index_t n) {
    return sn::cast<std::int32_t>(x * 8.0f) % static_cast<std::int32_t>(n);
}

/// As many elements as x has, in its shape.
template <class Y>
[[nodiscard]] floats shaped_as(const floats& x, const Y& y) {
    return sn::cast<float>(y).reshape(x.shape());
}

[[nodiscard]] index_t length_along(const step& s) { return s.start == 0 ? s.rows : s.columns; }

/// All of an axis, so many times over, from one of its elements on.
[[nodiscard]] floats along(const step& s, const floats& x, range part) { return s.start == 0 ? x(part, all) : x(all, part); }

}  // namespace

sn::reduce_options over(const step& s) {
    return {.axis = s.start == 2 ? sn::axis_list{0, 1} : sn::axis_list{s.start}, .keepdims = true};
}

floats array_function(const step& s, const floats& x) {
    const sn::reduce_options o = over(s);
    switch (s.variant) {
        case 0: return sn::flip(x, s.start);
        case 1: return sn::roll(x * 0.5f, {3, -2}, {.axis = {0, 1}});
        case 2: return sn::cumsum(x * 0.001f, {.axis = s.start});
        case 3: return x + sn::cast<float>(sn::argmax(x, o)) * 0.01f;
        case 4: return (x - sn::cast<float>(sn::argmin(x * 2.0f, o))) * 0.01f;
        case 5: return sn::pad(x + 1.0f, {2, 1}, static_cast<sn::pad_mode>(s.a % 4))(range(1, -2), range(1, -2));
        case 6: {
            const sn::index_t cut = s.rows / 2;
            return sn::concatenate<float>({x(range(cut, {}), all) * 0.5f, x(range(0, cut), all)});
        }
        case 7: return x - sn::logsumexp(x, o);
        case 8: return sn::random::uniform<float>(sn::random::key{s.a}, {s.rows, s.columns}) + x;
        case 9: return x * 0.5f - sn::random::normal<float>(sn::random::key{s.a}, {s.columns, s.rows}).transpose();
        case 10: return sn::take(x, places(s.start == 0 ? x(all, 0) : x(0, all), s.start == 0 ? s.rows : s.columns), {.axis = s.start}) * 0.5f;
        case 11: return sn::take_along_axis(x - 1.0f, places(x * 0.7f, s.start == 0 ? s.rows : s.columns), {.axis = s.start}) + x * 0.25f;
        case 12: {
            floats y = x;
            y(x > 0.25f) = x * -0.5f;
            y(y < -1.0f) += 0.5f;
            return y;
        }
        case 13: {
            const floats table = sn::cumsum(sn::ones<float>({37})) * 0.125f;
            return x + sn::take(table, sn::cast<std::uint8_t>(abs(places(x, 37))));
        }
        default: return x * 0.125f - sn::std(x, {.axis = o.axis, .keepdims = true});
    }
}

floats more_functions(const step& s, const floats& x) {
    const sn::reduce_options o = over(s);
    const index_t n = length_along(s);
    const sn::random::key key{s.a + 7};
    switch (s.variant) {
        case 0: return sn::cumprod(1.0f + x * 1e-3f, {.axis = s.start});
        case 1: return shaped_as(x, sn::cumsum(x * 0.001f)) * 0.5f;
        case 2: return sn::cast<float>(sn::cumsum(sn::cast<std::int32_t>(x * 100.0f), {.axis = s.start}) % std::int64_t{1000}) * 0.01f;
        case 3: return sn::cast<float>(sn::cumsum(sn::cast<double>(x) * 0.01, {.axis = s.start}));
        case 4: return along(s, sn::tile(x * 0.75f, {2, 3}), range(n / 2, n / 2 + n))(range(0, s.rows), range(0, s.columns)) - 0.25f;
        case 5: return along(s, sn::repeat(x + 0.5f, 3, {.axis = s.start}), range(1, {}, 3));
        case 6: return sn::stack({floats(x * 0.5f), floats(x - 1.0f)}, {.axis = s.start}).reshape({2 * s.rows, s.columns})(range(0, s.rows), all);
        case 7: {
            const floats d = sn::diagonal(x, {.offset = s.columns > 1 ? 1 : 0});
            return x * 0.5f + sn::sum(d * 0.125f);
        }
        case 8: return x * sn::cast<float>(sn::any(x > 1.5f, o)) - sn::cast<float>(sn::all(sn::abs(x) < 3.0f, o));
        case 9: return sn::where(sn::any(sn::isnan(x)), 0.0f, x) * 0.5f + sn::where(sn::all(sn::isfinite(x)), 0.25f, -0.25f);
        case 10: return x * 0.5f + sn::cast<float>(sn::random::integers<std::int16_t>(key, -50, 50, x.shape())) * 0.01f;
        case 11: return sn::where(sn::random::bernoulli(key, 0.3, x.shape()), x, x * -0.5f);
        case 12: return sn::take(x, sn::random::permutation(key, n), {.axis = s.start});
        case 13: return sn::cast<float>(sn::random::uniform<double>(key, {s.columns, s.rows}).transpose() * 2.0 - 1.0) + x * 0.25f;
        case 14: {
            floats y = x;
            sn::put(y, places(x(0, all) * 3.0f, s.rows * s.columns), x(0, all) * 0.5f);
            return y;
        }
        case 15: {
            floats y = x;
            sn::put_along_axis(y, places(x, n), 0.125f, {.axis = s.start});
            return y + x * 0.125f;
        }
        case 16: {
            floats y = x;
            const sn::array<bool> mask = x > 0.1f;
            y(mask) = x(mask) * 0.5f + 0.1f;
            return y;
        }
        case 17: return x - sn::cast<float>(sn::count_nonzero(x > 0.0f, o)) * 0.01f + sn::prod(1.0f + x * 1e-4f, o);
        case 18: return sn::cast<float>(sn::cast<sn::bfloat16>(x) * sn::bfloat16(0.5f)) + sn::cast<float>(sn::cumsum(sn::cast<sn::float16>(x * 0.01f), {.axis = s.start}));
        case 19: return x * 0.25f + sn::norm(x * 0.5f, o) * 0.01f - sn::var(x, {.axis = o.axis, .keepdims = true}) * 0.01f;
        case 20: return sn::broadcast_to(sn::expand_dims(x, 0), {3, s.rows, s.columns})(1, all, all) + sn::swapaxes(x.transpose(), 0, 1);
        case 21: return sn::take(x, sn::cast<std::int64_t>(sn::flip(sn::arange<std::int32_t>(0, static_cast<std::int32_t>(n)))), {.axis = s.start}) - x;
        case 22: return sn::moveaxis(sn::stack({floats(x + 1.0f), x, floats(x * x)}, {.axis = 1}), 1, 0)(2, all, all) * 0.125f;
        default: return sn::concatenate<float>({floats(along(s, x, range(0, 1)) * 0.5f), floats(along(s, x, range(1, {})))}, {.axis = s.start});
    }
}

floats ordered(const step& s, const floats& x) {
    const sn::reduce_options o = over(s);
    const index_t n = length_along(s);
    switch (s.variant) {
        case 0: return sn::sort(x * 0.5f, {.axis = s.start});
        case 1: return x + sn::cast<float>(sn::argsort(x, {.axis = s.start})) * 0.01f;
        case 2: return sn::partition(x, n / 3, {.axis = s.start}) * 0.5f;
        case 3: return x * 0.25f + sn::cast<float>(sn::argpartition(x - 1.0f, n / 2, {.axis = s.start})) * 0.01f;
        case 4: {
            const auto best = sn::topk(x, 1 + n / 4, {.axis = s.start});
            return x * 0.5f + sn::sum(best.values * 0.125f, {.axis = s.start, .keepdims = true}) - sn::cast<float>(sn::max(best.indices)) * 0.01f;
        }
        case 5: return x - sn::median(x, o);
        case 6: return x * 0.5f + sn::quantile(x, 0.3, {.axis = o.axis, .keepdims = true});
        case 7: return x - sn::quantile(x, 0.75, {.axis = o.axis, .keepdims = true, .method = sn::quantile_method::nearest});
        case 8: return shaped_as(x, sn::unique_all(sn::floor(x * 4.0f)).inverse) * 0.05f - 1.0f;
        case 9: return shaped_as(x, sn::searchsorted(sn::sort(x, {.axis = {}}), x * 0.75f)) * (1.0f / static_cast<float>(s.rows * s.columns));
        case 10: return x * 0.5f + sn::cast<float>(sn::max(sn::histogram(sn::clip(x, -2.0f, 2.0f), 8, {-2.0f, 2.0f}).counts)) * 0.001f;
        case 11: {
            const sn::array<std::int32_t> kinds = sn::cast<std::int32_t>(sn::clip(sn::where(x == x, sn::abs(x) * 4.0f, 0.0f), 0.0f, 7.0f)).flatten();
            const sn::array<double> sums = sn::bincount(kinds, x.flatten(), {.minlength = 9});
            return shaped_as(x, sn::take(sums, kinds)) * 0.001f + x * 0.25f;
        }
        case 12: {
            const floats ordered = sn::take_along_axis(x, sn::argsort(x, {.axis = s.start}), {.axis = s.start});
            return sn::cumsum(ordered * 0.01f, {.axis = s.start});
        }
        case 13: return x * 0.5f + sn::cast<float>(sn::sum(sn::flatnonzero(x > 0.5f)) % std::int64_t{97}) * 0.01f;
        default: return sn::cast<float>(sn::sort(sn::cast<std::int16_t>(sn::clip(x * 50.0f, -1000.0f, 1000.0f)), {.axis = s.start})) * 0.02f;
    }
}

floats complex_function(const step& s, const floats& a, const floats& b) {
    const complexes z = sn::complex(a, b * 0.5f);
    const auto along_axis = sn::axes_option{.axis = s.start};
    const sn::reduce_options o{.axis = s.start, .keepdims = true};
    const std::complex<float> i(0.0f, 1.0f);
    switch (s.variant) {
        case 0: return real(complexes(z * z + conj(z) * 0.25f)) - imag(z);
        case 1: {
            const complexes w = z / (z * conj(z) + 1.5f);
            return real(w) + imag(w);
        }
        case 2: return sn::abs(z) * 0.5f;
        case 3: return sn::arg(z) * 0.5f - real(z);
        case 4: {
            const complexes w = sn::exp(z / (sn::abs(z) + 1.0f));
            return imag(w) - real(w) * 0.5f;
        }
        case 5: {
            const complexes w = sn::sqrt(z + i);
            return real(w) * imag(w);
        }
        case 6: {
            const complexes w = sn::log(z * 0.5f + std::complex<float>(0.1f, 2.0f));
            return real(w) - imag(w);
        }
        case 7: return real(sn::sum(z * 0.125f, o)) + imag(z) * 0.5f;
        case 8: return imag(sn::cumsum(z * 0.01f, along_axis)) + real(z) * 0.25f;
        case 9: return sn::abs(z - sn::mean(z * i, o)) * 0.5f;
        case 10: {
            const complexes w = sn::prod(1.0f + z * 1e-3f, o);
            return real(w) * a - imag(w) * b;
        }
        case 11: return real(sn::cumprod(1.0f + z * 1e-3f, along_axis)) * 0.5f;
        case 12: {
            const complexes w = sn::polar(sn::abs(a) + 0.5f, b);
            return real(w * conj(w)) * 0.25f + sn::where(w == conj(w), 0.0f, imag(w));
        }
        case 13: {
            const complexes w = sn::sinh(z * 0.25f) - sn::sin(z * 0.25f);
            return sn::where(sn::isfinite(w), real(w) + imag(w), 0.5f);
        }
        case 14: {
            complexes w = z;
            w(real(z) > 0.25f) = std::complex<float>(0.5f, -0.5f);
            w(range({}, {}, 2), all) *= i;
            return real(w) - imag(w);
        }
        case 15: return real(sn::flip(z, s.start)) + imag(sn::roll(z, 1, {.axis = s.start}));
        case 16: {
            const sn::array<std::complex<double>> w = sn::cast<std::complex<double>>(z) * std::complex<double>(0.6, 0.8);
            return sn::cast<float>(real(w) - imag(w * w) * 0.125);
        }
        case 17: return sn::var(z, {.axis = s.start, .keepdims = true}) * 0.25f - imag(sn::pow(z * 0.5f + i, 2.0f)) * 0.125f;
        default: {
            const floats x = real(z);  // a may have fewer rows or columns
            return real(sn::take(z, places(s.start == 0 ? x(all, 0) : x(0, all), z.extent(s.start)), {.axis = s.start})) * 0.5f;
        }
    }
}

}  // namespace property
