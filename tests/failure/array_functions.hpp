#pragma once

#include "failure/programs.hpp"

// Programs of functions of whole arrays: what is made of pieces, indices of extremes, scans, random numbers, order, arrays as indices.

namespace failure {

struct pieces {
    sn::array<float> x = input<float>({20, 30}), pending = x + 1.0f, joined, padded, rolled, repeated;
    void act() {
        sn::array<float> a = sn::concatenate<float>({pending * 2.0f, x}, {.axis = 1}), b = sn::pad(pending, {{1, 2}, {0, 3}}, sn::pad_mode::wrap);
        sn::array<float> c = sn::roll(x, 7), d = sn::repeat(x - 1.0f, 2, {.axis = 0});
        sn::eval(a, b, c, d);
        joined = a;
        padded = b;
        rolled = c;
        repeated = d;
    }
    bool untouched() const { return is_input(x); }
    bool good() const {
        const auto at = [](auto i) { return value<float>(i, 1); };
        return holds(joined, [&](auto i) { return i % 60 < 30 ? (at(i / 60 * 30 + i % 60) + 1) * 2 : at(i / 60 * 30 + i % 60 - 30); }) &&
               holds(padded, [&](auto i) { return at((i / 33 + 19) % 20 * 30 + i % 33 % 30) + 1; }) && holds(rolled, [&](auto i) { return at((i + 593) % 600); }) &&
               holds(repeated, [&](auto i) { return at(i / 60 * 30 + i % 30) - 1; });
    }
};

struct extremes_and_scans {
    sn::array<float> x = input<float>({100, 300}), sums, spread;
    sn::array<sn::index_t> along, down, whole;
    void act() {
        sn::array<sn::index_t> a = sn::argmax(x, {.axis = 1}), b = sn::argmin(x * 2.0f, {.axis = 0}), c = sn::argmax(x);
        sn::array<float> d = sn::cumsum(x * 0.0f + 1.0f, {.axis = 1}), e = sn::var(x, {.axis = 1});
        sn::eval(a, b, c, d, e);
        along = a;
        down = b;
        whole = c;
        sums = d;
        spread = e;
    }
    bool untouched() const { return is_input(x); }
    bool good() const {
        // The first 13 of a row, the first 1 of a column: places grow by 300 % 13 = 1 from row to row.
        return holds(along, [](auto i) { return (12 - i * 300 % 13 + 13) % 13; }) && holds(down, [](auto i) { return (13 - i % 13) % 13; }) && whole.item() == 12 &&
               holds(sums, [](auto i) { return i % 300 + 1; }) && spread.size() == 100 && spread(0) > 13.0f && spread(0) < 15.0f;
    }
};

struct random_numbers {
    sn::array<float> x = input<float>({50, 40}), noisy;
    sn::array<bool> drawn;
    sn::array<sn::index_t> order;
    std::vector<sn::random::key> keys;
    void act() {
        std::vector<sn::random::key> k = sn::random::split(sn::random::key{7}, 3);
        sn::array<float> a = sn::floor(sn::random::uniform<float>(k[0], {50, 40})) + x;
        sn::array<bool> b = sn::random::bernoulli(k[1], 1.0, {40}) & (sn::random::integers<int>(k[1], 5, 6, {40}) == 5);
        sn::array<sn::index_t> c = sn::random::permutation(k[2], 100);
        sn::eval(a, b);
        noisy = a;
        drawn = b;
        order = c;
        keys.swap(k);
    }
    bool untouched() const { return is_input(x); }
    bool good() const { return keys.size() == 3 && is_input(noisy) && sn::all(drawn).item() && sn::sum(order).item() == 4950; }
};

struct complex_numbers {
    using number = std::complex<double>;
    // Small: products take a kernel for each power of two.
    sn::array<double> x = input<double>({4, 6});
    sn::array<number> z = sn::complex(x, -x), turned, scans, products;
    number total;
    void act() {
        sn::array<number> a = z.transpose() * conj(z.transpose()) + number(0, 1), b = sn::cumsum(z, {.axis = 1}), c = sn::cumprod(z(0, sn::range(0, 3)) * 0.0 + number(0, 1));
        const number d = sum(z).item() * prod(sn::ones<number>({5})).item();
        a(0) = z(0, sn::range(0, 4));
        sn::eval(a, b, c);
        turned = a;
        scans = b;
        products = c;
        total = d;
    }
    bool untouched() const { return is_input(x) && sn::array_equal(real(z), x) && sn::array_equal(imag(z), -x); }
    bool good() const {
        const double all = sn::sum(x).item();
        return total == number(all, -all) && turned(0, 3) == z(0, 3) && turned(1, 0) == number(2 * x(0, 1) * x(0, 1), 1) && scans(0, 1) == z(0, 0) + z(0, 1) && products.at(1) == number(-1, 0) &&
               products.at(2) == number(0, -1);
    }
};

struct ordered {
    sn::array<float> x = input<float>({30, 700}), sorted, selected;
    sn::array<double> wide = input<double>({3, 3000});
    sn::array<sn::index_t> order, top, places, counts, found;
    void act() {
        sn::array<float> a = sn::sort(x * 2.0f, {.axis = 0}), b = sn::quantile(x, {0.0, 0.5, 1.0}, {.axis = {0, 1}});
        sn::array<sn::index_t> c = sn::argsort(wide), d = sn::topk(x, 1).indices, e = sn::nonzero(x > 12.0f)[1];
        sn::array<sn::index_t> f = sn::histogram(x, 13, {0.5, 13.5}).counts, g = sn::searchsorted(sn::unique(x), sn::unique_all(wide).values);
        sorted = a;
        selected = b;
        order = c;
        top = d;
        places = e;
        counts = f;
        found = g;
    }
    bool untouched() const { return is_input(x) && is_input(wide); }
    bool good() const {
        bool rising = sorted.size() == x.size();
        for (sn::index_t i = 700; rising && i < x.size(); ++i) rising = sorted.data()[i - 700] <= sorted.data()[i];
        return rising && selected(0) == 1 && selected(1) == 7 && selected(2) == 13 && order(0, 0) == 0 && order(0, 1) == 13 && order(1, 0) == 3 &&
               holds(top, [](auto i) { return (12 - i * 700 % 13 + 13) % 13; }) && places(0) == 12 && places.size() == 21000 / 13 && counts(0) == 1616 && counts(12) == 1615 &&
               holds(found, [](auto i) { return i; }) && found.size() == 13;
    }
};

struct arrays_as_indices {
    sn::array<float> x = input<float>({40, 30}), table = x * 2.0f, rows, sums, chosen, written = x, put_into = x;
    sn::array<int> at = input<int>({25}, -5);
    void act() {
        sn::array<float> a = sn::take(table, at, {.axis = 0}), b = sn::sum(sn::take(x, at, {.axis = 1}) * 0.5f, {.axis = 0});
        sn::array<float> c = sn::take_along_axis(x, sn::argsort(x, {.axis = 1}), {.axis = 1}), d = x(x > 12.0f), e = x;
        e(x > 12.0f) = d * 2.0f;
        sn::array<float> f = x;
        sn::put(f, at, table(0)(sn::range(0, 25)));
        sn::eval(a, b, c, d, e);
        rows = a;
        sums = b;
        chosen = c;
        written = e;
        put_into = f;
    }
    bool untouched() const { return is_input(x) && is_input(at, -5) && is_input(written) && is_input(put_into); }
    bool good() const {
        const auto from = [](auto i, auto n) { return (i % 13 - 5 + n) % n; };
        const auto in = [](auto r, auto c) { return value<float>(r * 30 + c, 1); };
        bool rising = chosen.size() == 1200;
        for (sn::index_t i = 1; rising && i < 1200; ++i) rising = i % 30 == 0 || chosen.data()[i - 1] <= chosen.data()[i];
        return rising && holds(rows, [&](auto i) { return in(from(i / 30, 40), i % 30) * 2; }) && holds(sums, [&](auto i) {
                   float sum = 0;
                   for (sn::index_t r = 0; r < 40; ++r) sum += in(r, from(i, 30)) * 0.5f;
                   return sum;
               }) &&
               holds(written, [](auto i) { return i % 13 == 12 ? 26 : i % 13 + 1; }) && put_into(39, 25) == value<float>(13, 1) * 2 && put_into(0, 7) == value<float>(12, 1) * 2;
    }
};

}  // namespace failure
