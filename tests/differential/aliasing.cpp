#include "support/check.hpp"

#include <cmath>
#include <random>

// Assignments whose right side reads what they write, against plain code that works on a copy.

namespace {

namespace sn = sinter;
using sn::all;
using sn::range;
using floats = sn::array<float>;

[[nodiscard]] std::vector<float> counted(std::size_t n) {
    std::vector<float> v(n);
    for (std::size_t i = 0; i < n; ++i) v[i] = static_cast<float>(i % 1009) * 0.25f;
    return v;
}

/// The same update of an array of its own, and of borrowed memory.
template <class Update>
void both(const std::vector<float>& before, const sn::extents& shape, const std::vector<float>& after, const Update& update) {
    floats own = sn::from(before, shape);
    update(own);
    BOOST_TEST((own.to_vector() == after));
    std::vector<float> memory = before;
    floats borrowed = sn::borrow(memory.data(), shape);
    update(borrowed);
    BOOST_TEST((memory == after));
}

BOOST_AUTO_TEST_SUITE(aliasing)

BOOST_AUTO_TEST_CASE(shifts) {
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        for (const std::size_t n : {std::size_t{5}, std::size_t{100}, std::size_t{4096}, std::size_t{300'007}}) {
            for (const std::size_t shift : {1, 2, 4}) {
                const std::vector<float> v = counted(n);
                const auto s = static_cast<sn::index_t>(shift);
                std::vector<float> up = v, down = v;
                for (std::size_t i = shift; i < n; ++i) up[i] = v[i - shift] + 1.0f;
                for (std::size_t i = 0; i + shift < n; ++i) down[i] = v[i] - v[i + shift];
                both(v, {static_cast<sn::index_t>(n)}, up, [&](floats& x) { x(range(s, {})) = x(range(0, -s)) + 1.0f; });
                both(v, {static_cast<sn::index_t>(n)}, down, [&](floats& x) { x(range(0, -s)) = x(range(0, -s)) - x(range(s, {})); });
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(reversals) {
    for (const std::size_t n : {std::size_t{1}, std::size_t{2}, std::size_t{65}, std::size_t{200'001}}) {
        const std::vector<float> v = counted(n);
        std::vector<float> after(n);
        for (std::size_t i = 0; i < n; ++i) after[i] = v[n - 1 - i] + v[i];
        both(v, {static_cast<sn::index_t>(n)}, after, [](floats& x) { x(all) = x(range({}, {}, -1)) + x; });
        both(v, {static_cast<sn::index_t>(n)}, after, [](floats& x) { x += x(range({}, {}, -1)); });
    }
}

BOOST_AUTO_TEST_CASE(transposes) {
    for (const std::size_t n : {std::size_t{2}, std::size_t{17}, std::size_t{64}, std::size_t{500}}) {
        const std::vector<float> v = counted(n * n);
        std::vector<float> after(n * n);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < n; ++j) after[i * n + j] = v[j * n + i] * 2.0f;
        }
        const auto e = static_cast<sn::index_t>(n);
        both(v, {e, e}, after, [](floats& x) { x(all, all) = x.transpose() * 2.0f; });
    }
}

BOOST_AUTO_TEST_CASE(stencils) {
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        for (const std::size_t n : {std::size_t{3}, std::size_t{20}, std::size_t{700}}) {
            std::vector<float> v = counted(n * n), after = v;
            for (std::size_t i = 1; i + 1 < n; ++i) {
                for (std::size_t j = 1; j + 1 < n; ++j) {
                    after[i * n + j] = 0.25f * (v[(i - 1) * n + j] + v[(i + 1) * n + j] + v[i * n + j - 1] + v[i * n + j + 1]);
                }
            }
            const auto e = static_cast<sn::index_t>(n);
            both(v, {e, e}, after, [](floats& u) {
                u(range(1, -1), range(1, -1)) = 0.25f * (u(range(0, -2), range(1, -1)) + u(range(2, {}), range(1, -1)) +
                                                         u(range(1, -1), range(0, -2)) + u(range(1, -1), range(2, {})));
            });
        }
    }
}

BOOST_AUTO_TEST_CASE(a_row_into_all_rows) {
    const std::vector<float> v = counted(40 * 30);
    std::vector<float> after(v.size());
    for (std::size_t i = 0; i < 40; ++i) {
        for (std::size_t j = 0; j < 30; ++j) after[i * 30 + j] = v[i * 30 + j] - v[7 * 30 + j];
    }
    both(v, {40, 30}, after, [](floats& x) { x(all) = x - x(7); });
}

BOOST_AUTO_TEST_CASE(sums_of_itself) {
    std::vector<float> v(10000, 0.5f), after(10000, 0.5f - 0.5f);
    both(v, {100, 100}, after, [](floats& x) { x(all) = x - sn::mean(x); });
    both(v, {100, 100}, std::vector<float>(10000, 50.5f), [](floats& x) { x += sn::sum(x, {.axis = 0}); });
}

BOOST_AUTO_TEST_CASE(steps_of_a_simulation) {
    const std::size_t n = 33;
    std::vector<float> u = counted(n * n), plain = u, next = plain;
    floats x = sn::from(u, {33, 33});
    for (int step = 0; step < 20; ++step) {
        x(range(1, -1), range(1, -1)) = 0.5f * (x(range(0, -2), range(1, -1)) + x(range(2, {}), range(1, -1)));
        x(range(1, -1), range(1, -1)) = 0.5f * (x(range(1, -1), range(0, -2)) + x(range(1, -1), range(2, {})));
        x(0) = x(-1);
        for (std::size_t i = 1; i + 1 < n; ++i) {
            for (std::size_t j = 1; j + 1 < n; ++j) next[i * n + j] = 0.5f * (plain[(i - 1) * n + j] + plain[(i + 1) * n + j]);
        }
        plain = next;
        for (std::size_t i = 1; i + 1 < n; ++i) {
            for (std::size_t j = 1; j + 1 < n; ++j) next[i * n + j] = 0.5f * (plain[i * n + j - 1] + plain[i * n + j + 1]);
        }
        plain = next;
        for (std::size_t j = 0; j < n; ++j) plain[j] = plain[(n - 1) * n + j];
        next = plain;
    }
    BOOST_TEST((x.to_vector() == plain));
}

BOOST_AUTO_TEST_CASE(random_parts) {
    std::mt19937 random(77);
    const std::size_t n = 257;
    for (int round = 0; round < 200; ++round) {
        const std::vector<float> v = counted(n);
        std::vector<float> after = v;
        const sn::index_t count = 1 + static_cast<sn::index_t>(random() % 80);
        const auto draw = [&](sn::index_t& start, sn::index_t& step) {
            step = static_cast<sn::index_t>(random() % 3) + 1;
            const sn::index_t room = static_cast<sn::index_t>(n) - (count - 1) * step;
            start = static_cast<sn::index_t>(random() % static_cast<unsigned>(room));
            if (random() % 2 == 0) {
                start += (count - 1) * step;
                step = -step;
            }
        };
        sn::index_t to = 0, to_step = 0, from = 0, from_step = 0;
        draw(to, to_step);
        draw(from, from_step);
        for (sn::index_t i = 0; i < count; ++i) {
            after[static_cast<std::size_t>(to + i * to_step)] = v[static_cast<std::size_t>(from + i * from_step)] * 0.5f + 3.0f;
        }
        const auto part = [&](sn::index_t start, sn::index_t step) {
            const sn::index_t stop = start + count * step;
            return range(start, stop < 0 ? sn::range_bound{} : sn::range_bound{stop}, step);
        };
        both(v, {static_cast<sn::index_t>(n)}, after, [&](floats& x) { x(part(to, to_step)) = x(part(from, from_step)) * 0.5f + 3.0f; });
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
