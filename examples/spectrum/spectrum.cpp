#include "spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sn = sinter;
using sn::all;
using sn::newaxis;
using sn::range;

namespace spectrum {
namespace {

// Samples that are transformed at once, so that what is made of them stays in a cache.
constexpr sn::index_t block_samples = 1 << 17;

using counts = sn::array<std::int64_t>;

// exp(-2 pi i j / n) for each j. Whole turns are taken out of integers, where nothing is rounded.
waves turns(const counts& j, sn::index_t n) {
    totals angle = sn::cast<double>(j % n) * (-2 * std::numbers::pi / static_cast<double>(n));
    return sn::complex(sn::cast<float>(cos(angle)), sn::cast<float>(sin(angle)));
}

waves products(sn::index_t n) {
    const counts j = sn::arange<std::int64_t>(n);
    return turns(j(all, newaxis) * j, n);
}

numbers hann(sn::index_t n) { return sn::cast<float>(0.5 - 0.5 * cos(sn::arange<double>(n) * (2 * std::numbers::pi / static_cast<double>(n)))); }

}  // namespace

recipe::recipe(sn::index_t n)
    : length{n}, a{1}, b{1}, c{1}, block{std::max<sn::index_t>(1, block_samples / n)} {
    while (a * b * c < n) (a <= b ? a : b <= c ? b : c) *= 2;
    const counts p = sn::arange<std::int64_t>(a).reshape({a, 1, 1}), q = sn::arange<std::int64_t>(b).reshape({b, 1}), k = sn::arange<std::int64_t>(c);
    const counts j = sn::arange<std::int64_t>(b).reshape({b, 1});
    window = hann(n).reshape({a, b, c});
    along_a = products(a);
    along_b = products(b);
    along_c = products(c);
    after_a = turns(p * j, a * b);
    after_b = turns((p + a * q) * k, n);
    sn::eval(window, along_a, along_b, along_c, after_a, after_b);
}

waves transform(const numbers& cubes, const recipe& how) {
    waves first = sum(cubes(all, newaxis) * how.along_a(all, all, newaxis, newaxis), {.axis = 2}) * how.after_a;
    waves second = sum(first(all, all, newaxis) * how.along_b(all, all, newaxis), {.axis = 3}) * how.after_b;
    return sum(second(all, all, all, all, newaxis) * how.along_c, {.axis = 3});
}

sn::index_t segments_of(sn::index_t samples, const recipe& how) { return samples < how.length ? 0 : (samples - how.length) / (how.length / 2) + 1; }

totals squares(const numbers& samples, sn::index_t first, sn::index_t count, const recipe& how) {
    const sn::index_t half = how.length / 2;
    // Segments that overlap: the same memory, seen with strides of its own.
    const numbers cubes = sn::borrow(samples.data() + first * half, {count, how.a, how.b, how.c}, {half, how.b * how.c, how.c, 1});
    numbers level = cubes - mean(cubes, {.axis = {1, 2, 3}, .keepdims = true});
    waves spectra = transform(level * how.window, how);
    // Each wave is half in its place and half in its mirror image, and the window lets half of it pass.
    const float scale = 4.0f / static_cast<float>(how.length);
    numbers u = scale * real(spectra), v = scale * imag(spectra);
    return sum(sn::cast<double>(u * u + v * v), {.axis = 0});
}

totals welch(const numbers& samples, const recipe& how) {
    const sn::index_t count = segments_of(samples.size(), how);
    totals total = sn::zeros<double>({how.a, how.b, how.c});
    for (sn::index_t first = 0; first < count; first += how.block) {
        total += squares(samples, first, std::min(how.block, count - first), how);
        total.eval();
    }
    // In the order of frequencies.
    const totals power = total.transpose().reshape({how.length});
    return power(range(0, how.length / 2 + 1)) * (1.0 / static_cast<double>(count));
}

std::vector<peak> peaks(const totals& power, sn::index_t most) {
    // The greatest of seven; what is next to nothing is none of them, as the window spreads it there.
    const sn::index_t n = power.size(), reach = 3;
    if (n < 2 * reach + 2) return {};
    const totals inner = power(range(reach, n - reach));
    totals around = inner;
    for (sn::index_t by = 1; by <= reach; ++by) {
        around = maximum(around, maximum(power(range(reach - by, n - reach - by)), power(range(reach + by, n - reach + by))));
    }
    const totals found = where((inner == around) & (inner > 0.0), inner, 0.0);
    const auto [squares, places] = sn::topk(found, std::min(most, found.size()));

    std::vector<peak> result;
    for (sn::index_t i = 0; i < places.size(); ++i) {
        const sn::index_t at = places(i) + reach;
        const double level = squares(i);
        const sn::index_t near = std::max<sn::index_t>(1, at - 32), far = std::min(n, at + 33);
        if (!(level > 0) || level < 2 * sn::median(power(range(near, far))).item()) continue;
        // Hann's window spreads a sine over its neighbours in a way that says where between them it is.
        const double before = std::sqrt(power(at - 1)), here = std::sqrt(level), after = std::sqrt(power(at + 1));
        const double ratio = std::max(before, after) / here;
        const double off = std::clamp((2 * ratio - 1) / (1 + ratio), 0.0, 0.5);
        const double turn = std::numbers::pi * off;
        const double whole = off == 0 ? here : here * turn * (1 - off * off) / std::sin(turn);
        result.push_back({static_cast<double>(at) + (after > before ? off : -off), whole});
    }
    return result;
}

summary summarise(const numbers& samples, sn::index_t bins) {
    const totals wide = sn::cast<double>(samples);
    totals average = mean(wide), spread = sn::std(wide);
    sn::eval(average, spread);
    const auto [counts, edges] = sn::histogram(samples, bins);
    const std::vector<std::int64_t> copied(counts.begin(), counts.end());
    return {average.item(), spread.item(), sn::quantile(wide, std::vector<double>(shares.begin(), shares.end())).to_vector(), copied,
            static_cast<double>(edges(0)), static_cast<double>(edges(-1))};
}

}  // namespace spectrum
