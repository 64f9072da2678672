#pragma once

#include "failure/programs.hpp"

// Programs of functions of whole arrays: what is made of pieces, indices of extremes, scans.

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

}  // namespace failure
