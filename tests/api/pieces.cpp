#include "support/check.hpp"
#include <algorithm>
#include <array>

#include <functional>

// Views and arrays made of pieces, element by element against plain code: result(i...) = operand(which(i)...).

namespace {

namespace sn = sinter;
using sn::index_t;
using floats = sn::array<float>;
using support::check;

[[nodiscard]] floats counted(const sn::extents& shape) { return sn::arange<float>(shape.count()).reshape(shape); }

/// The value at an index of an array that counts from 0.
[[nodiscard]] float at(const sn::extents& shape, const std::vector<index_t>& index) {
    index_t flat = 0;
    for (std::size_t d = 0; d < shape.size(); ++d) flat = flat * shape[d] + index[d];
    return static_cast<float>(flat);
}

/// Checks every element of x: `value` gives what stands at an index.
void check_each(const floats& x, const std::vector<index_t>& shape, const std::function<float(const std::vector<index_t>&)>& value) {
    index_t count = 1;
    for (const index_t e : shape) count *= e;
    std::vector<float> expected;
    for (index_t flat = 0; flat < count; ++flat) {
        std::vector<index_t> index(shape.size());
        index_t rest = flat;
        for (std::size_t d = shape.size(); d-- > 0;) {
            index[d] = rest % shape[d];
            rest /= shape[d];
        }
        expected.push_back(value(index));
    }
    check(x, shape, expected);
}

/// The same values from memory and from a pending statement.
void for_both(const sn::extents& shape, const std::function<void(const floats&)>& test) {
    test(counted(shape));
    test(counted(shape) * 2.0f * 0.5f);
    test(floats(counted(shape) + 0.0f).eval());
}

[[nodiscard]] index_t wrapped(index_t i, index_t n) { return ((i % n) + n) % n; }

BOOST_AUTO_TEST_SUITE(pieces)

BOOST_AUTO_TEST_CASE(views_are_other_ways_to_look) {
    const sn::extents shape{2, 3, 4};
    for_both(shape, [&](const floats& x) {
        check_each(sn::flip(x), {2, 3, 4}, [&](auto i) { return at(shape, {1 - i[0], 2 - i[1], 3 - i[2]}); });
        check_each(sn::flip(x, -1), {2, 3, 4}, [&](auto i) { return at(shape, {i[0], i[1], 3 - i[2]}); });
        check_each(sn::flip(x, {0, 1}), {2, 3, 4}, [&](auto i) { return at(shape, {1 - i[0], 2 - i[1], i[2]}); });
        check_each(sn::swapaxes(x, 0, -1), {4, 3, 2}, [&](auto i) { return at(shape, {i[2], i[1], i[0]}); });
        check_each(sn::moveaxis(x, 0, 2), {3, 4, 2}, [&](auto i) { return at(shape, {i[2], i[0], i[1]}); });
        check_each(sn::moveaxis(x, {0, 1}, {-1, 0}), {3, 4, 2}, [&](auto i) { return at(shape, {i[2], i[0], i[1]}); });
        check_each(sn::expand_dims(x, {0, -1}), {1, 2, 3, 4, 1}, [&](auto i) { return at(shape, {i[1], i[2], i[3]}); });
        check_each(sn::squeeze(sn::expand_dims(x, {0, 2})), {2, 3, 4}, [&](auto i) { return at(shape, i); });
        check_each(sn::squeeze(sn::expand_dims(x, {0, 2}), 2), {1, 2, 3, 4}, [&](auto i) { return at(shape, {i[1], i[2], i[3]}); });
        check_each(sn::broadcast_to(x, {5, 2, 3, 4}), {5, 2, 3, 4}, [&](auto i) { return at(shape, {i[1], i[2], i[3]}); });
        check_each(sn::diagonal(x), {4, 2}, [&](auto i) { return at(shape, {i[1], i[1], i[0]}); });
        check_each(sn::diagonal(x, {.offset = 1, .axis1 = 1, .axis2 = 2}), {2, 3}, [&](auto i) { return at(shape, {i[0], i[1], i[1] + 1}); });
        check_each(sn::diagonal(x, {.offset = -2, .axis1 = -1, .axis2 = 0}), {3, 2}, [&](auto i) { return at(shape, {i[1], i[0], i[1] + 2}); });
        check(sn::diagonal(x, {.offset = 9}), {4, 0}, {});
        check(sn::sum(sn::diagonal(x + 1.0f), {.axis = 1}), {4}, {18, 20, 22, 24});
    });
    check(sn::flip(sn::zeros<float>({0, 3})), {0, 3}, {});
    check(sn::squeeze(floats{{7}}), {}, {7});
    check(sn::broadcast_to(floats{{1}, {2}}, {2, 3}) * floats{1, 2, 3}, {2, 3}, {1, 2, 3, 2, 4, 6});
}

BOOST_AUTO_TEST_CASE(views_take_no_memory) {
    const floats x = counted({64, 64});
    const sn::plan_report r = sn::explain(sn::flip(x) + sn::swapaxes(x, 0, 1) + sn::diagonal(x) + sn::broadcast_to(x, {3, 64, 64}));
    // What the three results share may be computed once, with room for the tiles that are turned; a view that was copied would be one matrix or three more.
    BOOST_TEST(r.kernels.size() <= 2U);
    BOOST_TEST(r.peak_bytes < 5U * 64 * 64 * 4);
}

BOOST_AUTO_TEST_CASE(rolled) {
    for (const auto& [shift, other] : {std::pair<index_t, index_t>{1, 0}, {-1, 2}, {7, -9}, {0, 0}, {3, 4}}) {
        const sn::extents shape{3, 5};
        const index_t s = shift, t = other;
        for_both(shape, [&](const floats& x) {
            check_each(sn::roll(x, s, {.axis = 1}), {3, 5}, [&](auto i) { return at(shape, {i[0], wrapped(i[1] - s, 5)}); });
            check_each(sn::roll(x, {s, t}, {.axis = {0, 1}}), {3, 5}, [&](auto i) { return at(shape, {wrapped(i[0] - s, 3), wrapped(i[1] - t, 5)}); });
            check_each(sn::roll(x, s), {3, 5}, [&](auto i) { return static_cast<float>(wrapped(i[0] * 5 + i[1] - s, 15)); });
        });
    }
    check(sn::roll(floats(), 3), {0}, {});
    check(sn::roll(floats{1, 2, 3}, 1) - floats{1, 2, 3}, {3}, {2, -1, -1});
}

BOOST_AUTO_TEST_CASE(padded) {
    const sn::extents shape{3, 4};
    const auto mirrored = [](index_t i, index_t n) {
        const index_t period = n > 1 ? 2 * (n - 1) : 1, k = wrapped(i, period);
        return k < n ? k : period - k;
    };
    for_both(shape, [&](const floats& x) {
        for (const auto& [a, b, c, d] : {std::array<index_t, 4>{1, 1, 1, 1}, {0, 2, 3, 0}, {0, 0, 2, 2}, {5, 7, 9, 11}, {0, 0, 0, 0}}) {
            const index_t top = a, left = c;
            const std::vector<index_t> larger{3 + a + b, 4 + c + d};
            const sn::pad_widths widths{{a, b}, {c, d}};
            check_each(sn::pad(x, widths), larger, [&](auto i) {
                const index_t r = i[0] - top, k = i[1] - left;
                return r < 0 || r >= 3 || k < 0 || k >= 4 ? 0.0f : at(shape, {r, k});
            });
            check_each(sn::pad(x, widths, sn::pad_mode::edge), larger, [&](auto i) {
                return at(shape, {std::clamp<index_t>(i[0] - top, 0, 2), std::clamp<index_t>(i[1] - left, 0, 3)});
            });
            check_each(sn::pad(x, widths, sn::pad_mode::wrap), larger, [&](auto i) { return at(shape, {wrapped(i[0] - top, 3), wrapped(i[1] - left, 4)}); });
            check_each(sn::pad(x, widths, sn::pad_mode::reflect), larger, [&](auto i) { return at(shape, {mirrored(i[0] - top, 3), mirrored(i[1] - left, 4)}); });
        }
    });
    check(sn::pad(floats{1, 2}, {1, 2}, sn::pad_mode::constant, 9.0f), {5}, {9, 1, 2, 9, 9});
    check(sn::pad(floats{1, 2}, 1, sn::pad_mode::reflect), {4}, {2, 1, 2, 1});
    check(sn::pad(floats{5}, 2, sn::pad_mode::reflect), {5}, {5, 5, 5, 5, 5});
    check(sn::pad(floats(), 2), {4}, {0, 0, 0, 0});
    const sn::array<std::int32_t> k = sn::pad(sn::array<std::int32_t>{{1}}, {{0, 1}, {1, 0}}, sn::pad_mode::constant, 7);
    support::check_ints(k, {2, 2}, {7, 1, 7, 7});
}

BOOST_AUTO_TEST_CASE(joined) {
    const floats a{{1, 2}, {3, 4}}, b{{5, 6}};
    check(sn::concatenate({a, b}), {3, 2}, {1, 2, 3, 4, 5, 6});
    check(sn::concatenate({b, a, b}, {.axis = 0}), {4, 2}, {5, 6, 1, 2, 3, 4, 5, 6});
    check(sn::concatenate({a, a}, {.axis = -1}), {2, 4}, {1, 2, 1, 2, 3, 4, 3, 4});
    check(sn::concatenate<float>({a * 2.0f, a.transpose()}, {.axis = 1}), {2, 4}, {2, 4, 1, 3, 6, 8, 2, 4});
    check(sn::concatenate({a, sn::zeros<float>({0, 2})}), {2, 2}, {1, 2, 3, 4});
    check(sn::concatenate(std::vector<floats>{a}), {2, 2}, {1, 2, 3, 4});
    check(sn::stack({a, a}), {2, 2, 2}, {1, 2, 3, 4, 1, 2, 3, 4});
    check(sn::stack<float>({a, a + 4.0f}, {.axis = 1}).eval(), {2, 2, 2}, {1, 2, 5, 6, 3, 4, 7, 8});
    check(sn::stack({a, a}, {.axis = -1}), {2, 2, 2}, {1, 1, 2, 2, 3, 3, 4, 4});
    check(sn::sum(sn::stack<float>({a, a * 3.0f}), {.axis = 0}), {2, 2}, {4, 8, 12, 16});
    floats c = sn::concatenate({b, b});
    const floats before = c;
    c(0, sn::all) = 9.0f;
    check(c, {2, 2}, {9, 9, 5, 6});
    check(before, {2, 2}, {5, 6, 5, 6});
    std::vector<float> out(6);
    sn::eval(sn::to(out, sn::concatenate({a, b})));
    BOOST_TEST(out == std::vector<float>({1, 2, 3, 4, 5, 6}));
}

BOOST_AUTO_TEST_CASE(each_piece_is_written_once) {
    const floats a = counted({1 << 16}), b = counted({1 << 16});
    const floats both = sn::concatenate<float>({a * 2.0f + 1.0f, b - a});
    const sn::plan_report r = sn::explain(both);
    double written = 0;
    for (const sn::kernel_report& k : r.kernels) written += k.bytes_written;
    BOOST_TEST(written == 2.0 * 4 * (1 << 16));
    BOOST_TEST(r.kernels.size() == 2U);
    BOOST_TEST(r.peak_bytes == 2U * 4 * (1 << 16));
}

/// The same values in the caller's memory as in the array's own, which stays pending; without further memory.
void check_to(const char* what, const std::function<floats()>& make) {
    const std::vector<float> expected = make().to_vector();
    const floats y = make();
    std::vector<float> out(expected.size(), -1.0f);
    const sn::plan_report r = sn::explain(sn::to(out, y)), own = sn::explain(y);
    BOOST_TEST(r.kernels.size() == own.kernels.size(), what);
    BOOST_TEST(r.peak_bytes == 0U, what);
    for (int turn = 0; turn < 3; ++turn) {
        std::ranges::fill(out, -1.0f);
        sn::eval(sn::to(out, y));
        BOOST_TEST(out == expected, what);
        BOOST_TEST(y.is_pending(), what);
    }
    BOOST_TEST(y.to_vector() == expected, what);
}

BOOST_AUTO_TEST_CASE(pieces_go_straight_into_the_callers_memory) {
    const floats a = counted({6, 70}) + 1.0f, b = counted({6, 70}) * 0.5f;
    sn::eval(a, b);
    check_to("concatenate", [&] { return sn::concatenate<float>({a, b * 2.0f + a}); });
    check_to("concatenate along rows", [&] { return sn::concatenate<float>({a, b, a - b}, {.axis = 1}); });
    check_to("stack", [&] { return sn::stack<float>({a, b}, {.axis = -1}); });
    check_to("roll", [&] { return sn::roll(a * b, 3); });
    check_to("pad", [&] { return sn::pad(a, 2, sn::pad_mode::reflect); });
    check_to("pad with a number", [&] { return sn::pad(a, 2, sn::pad_mode::constant, 7.0f); });
    check_to("assigned to in part", [&] {
        floats x = a + b;
        x(sn::range(1, 3)) = b(sn::range(2, 4));
        return x;
    });
}

BOOST_AUTO_TEST_CASE(pieces_beside_other_results) {
    const floats a = counted({40, 30}) + 1.0f, b = counted({40, 30}) * 0.5f;
    sn::eval(a, b);
    const auto joined = [&] { return sn::concatenate<float>({a * 2.0f, b}); };
    const std::vector<float> expected = joined().to_vector();
    std::vector<float> out(expected.size()), twice(expected.size());
    {
        const floats y = joined();
        floats changed = y;
        changed(0) = floats(b(1));
        const floats flat = y.reshape({-1}), more = y + 1.0f;
        sn::eval(sn::to(out, y), changed, flat, more, sn::sum(y));
        BOOST_TEST(out == expected);
        BOOST_TEST(flat.to_vector() == expected);
        BOOST_TEST(changed(0, 3) == b(1, 3));
        BOOST_TEST(changed(1, 3) == expected[33]);
        BOOST_TEST(more(2, 2) == expected[62] + 1.0f);
        out[0] = 77;
        BOOST_TEST(y.to_vector() == expected);
    }
    const floats y = joined();
    sn::eval(sn::to(out, y), sn::to(twice, y), y);
    BOOST_TEST(out == expected);
    BOOST_TEST(twice == expected);
    out[0] = 77;
    BOOST_TEST(y.to_vector() == expected);
    // Into memory that the pieces are read from.
    std::vector<float> memory(300);
    std::ranges::generate(memory, [n = 0.0f]() mutable { return n++; });
    const std::vector<float> before = memory;
    const floats x = sn::borrow(memory.data(), {300});
    for (int turn = 1; turn <= 3; ++turn) {
        sn::eval(sn::to(memory, sn::roll(x, 7)));
        for (std::size_t i = 0; i < 300; ++i) BOOST_REQUIRE(memory[(i + static_cast<std::size_t>(7 * turn)) % 300] == before[i]);
    }
    // A sum that goes to the caller's memory, and is wanted in another shape.
    std::vector<float> sums(40);
    const floats s = sn::sum(a, {.axis = 1}), column = s.reshape({40, 1});
    sn::eval(sn::to(sums, s), column);
    BOOST_TEST(column.to_vector() == sums);
    sums[0] = -1;
    BOOST_TEST(column(0, 0) == 30.0f * 15.5f);
}

BOOST_AUTO_TEST_CASE(repeated) {
    const sn::extents shape{2, 3};
    for_both(shape, [&](const floats& x) {
        check_each(sn::tile(x, {2, 2}), {4, 6}, [&](auto i) { return at(shape, {i[0] % 2, i[1] % 3}); });
        check_each(sn::tile(x, 2), {2, 6}, [&](auto i) { return at(shape, {i[0], i[1] % 3}); });
        check_each(sn::tile(x, {2, 1, 3}), {2, 2, 9}, [&](auto i) { return at(shape, {i[1], i[2] % 3}); });
        check_each(sn::repeat(x, 2, {.axis = 0}), {4, 3}, [&](auto i) { return at(shape, {i[0] / 2, i[1]}); });
        check_each(sn::repeat(x, 3, {.axis = -1}), {2, 9}, [&](auto i) { return at(shape, {i[0], i[1] / 3}); });
        check_each(sn::repeat(x, 2), {12}, [&](auto i) { return static_cast<float>(i[0] / 2); });
    });
    check(sn::tile(floats{1, 2}, 0), {0}, {});
    check(sn::repeat(floats{1, 2}, 1), {2}, {1, 2});
    const sn::extents deep{1, 2, 1, 2, 1, 2, 1, 2};
    const floats x = counted(deep);
    check_each(sn::repeat(x, 2, {.axis = 3}), {1, 2, 1, 4, 1, 2, 1, 2}, [&](auto i) { return at(deep, {0, i[1], 0, i[3] / 2, 0, i[5], 0, i[7]}); });
    check_each(sn::tile(x, {2, 1, 1, 2, 1, 1, 1, 1}), {2, 2, 1, 4, 1, 2, 1, 2}, [&](auto i) { return at(deep, {0, i[1], 0, i[3] % 2, 0, i[5], 0, i[7]}); });
    const sn::extents six{1, 2, 1, 2, 1, 2};
    check_each(sn::tile(counted(six), {2, 1, 2, 2, 1, 3}), {2, 2, 2, 4, 1, 6}, [&](auto i) { return at(six, {0, i[1], 0, i[3] % 2, 0, i[5] % 2}); });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
