#include "differential/types.hpp"
#include "support/check.hpp"
#include "support/guarded.hpp"

// Taking elements and rows against plain code: every element type, types of indices, lengths, layouts of both, what reads them, and right beside pages that may not be read.

namespace {

namespace sn = sinter;
using sn::all;
using sn::index_t;
using sn::range;
using support::same;

constexpr index_t counts[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 129, 1025, 5000};

template <class T>
[[nodiscard]] sn::array<T> numbers(const sn::extents& shape, unsigned seed) {
    std::mt19937 random(seed);
    sn::array<T> x = sn::zeros<T>(shape);
    T* const p = x.mutable_data();
    for (index_t i = 0; i < x.size(); ++i) p[i] = static_cast<T>(std::same_as<T, bool> ? random() % 2 : random() % 101);
    return x;
}

/// From both ends, where the type has a sign.
template <class I>
[[nodiscard]] sn::array<I> places(const sn::extents& shape, index_t extent, unsigned seed) {
    std::mt19937 random(seed);
    const index_t limit = std::min<index_t>(extent, 120);
    sn::array<I> x = sn::zeros<I>(shape);
    I* const p = x.mutable_data();
    for (index_t i = 0; i < x.size(); ++i) {
        p[i] = static_cast<I>(random() % static_cast<unsigned>(limit));
        if (std::is_signed_v<I> && random() % 2 == 0) p[i] = static_cast<I>(p[i] - static_cast<I>(limit));
    }
    return x;
}

[[nodiscard]] index_t wrapped(auto i, index_t extent) { return static_cast<index_t>(i) + (std::is_signed_v<decltype(i)> && static_cast<index_t>(i) < 0 ? extent : 0); }

template <class T, class X>
void expect(const X& got, const std::vector<T>& wanted, const std::string& what) {
    const sn::array<T> values = got;
    BOOST_REQUIRE_EQUAL(values.size(), static_cast<index_t>(wanted.size()));
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (same(values.data()[i], wanted[i])) continue;
        BOOST_ERROR(what << ": element " << i << " is " << +values.data()[i] << " instead of " << +wanted[i]);
        return;
    }
}

template <class T, class I>
void check_type(index_t n, index_t count) {
    const std::string what = std::string(types::name_of<T>()) + " " + std::to_string(n) + " at " + std::to_string(count) + " " + types::name_of<I>();
    const sn::array<T> x = numbers<T>({n}, 3);
    const sn::array<I> i = places<I>({count}, n, 4);
    std::vector<T> wanted;
    for (index_t k = 0; k < count; ++k) wanted.push_back(x.data()[wrapped(i.data()[k], n)]);
    expect<T>(sn::take(x, i), wanted, what);
    // Of a view with gaps, backwards; with indices that are one.
    const sn::array<T> spread = numbers<T>({n, 3}, 5);
    const sn::array<I> two = places<I>({count, 2}, n, 6);
    wanted.clear();
    for (index_t k = 0; k < count; ++k) wanted.push_back(spread.data()[3 * (n - 1 - wrapped(two.data()[2 * (count - 1 - k) + 1], n)) + 1]);
    expect<T>(sn::take(spread(range({}, {}, -1), 1), two(range({}, {}, -1), 1)), wanted, "views of " + what);
}

template <class T, class I>
void check_rows(index_t rows, index_t columns, index_t count) {
    const std::string what = std::string(types::name_of<T>()) + " " + std::to_string(rows) + "x" + std::to_string(columns) + " at " + std::to_string(count) + " " + types::name_of<I>();
    const sn::array<T> x = numbers<T>({rows, columns}, 7), y = sn::from(x.transpose().eval(), {columns, rows});
    const sn::array<I> i = places<I>({count}, rows, 8), each = places<I>({count, columns}, rows, 9);
    std::vector<T> wanted, across, along, gaps;
    for (index_t k = 0; k < count; ++k) {
        for (index_t c = 0; c < columns; ++c) {
            wanted.push_back(x(wrapped(i.data()[k], rows), c));
            along.push_back(x(wrapped(each(k, c), rows), c));
            gaps.push_back(x(wrapped(i.data()[k], rows), columns - 1 - c));
        }
    }
    for (index_t c = 0; c < columns; ++c) {
        for (index_t k = 0; k < count; ++k) across.push_back(x(wrapped(i.data()[k], rows), c));
    }
    expect<T>(sn::take(x, i, {.axis = 0}), wanted, "rows of " + what);
    expect<T>(sn::take(y.transpose(), i, {.axis = 0}), wanted, "rows of transposed " + what);
    expect<T>(sn::take(x(all, range({}, {}, -1)), i, {.axis = 0}), gaps, "reversed rows of " + what);
    expect<T>(sn::take(y, i, {.axis = 1}), across, "columns of " + what);
    expect<T>(sn::take(x.transpose(), i, {.axis = -1}), across, "columns of transposed " + what);
    expect<T>(sn::take_along_axis(x, each, {.axis = 0}), along, "along " + what);
    expect<T>(sn::take_along_axis(y.transpose(), each, {.axis = 0}), along, "along transposed " + what);
    expect<T>(sn::take_along_axis(x, sn::from(each.transpose().eval(), {columns, count}).transpose(), {.axis = 0}), along, "along, by transposed indices, " + what);
    // Reduced as memory with the same elements would be.
    const sn::array<T> stored = sn::from(sn::array<T>(sn::take(x, i, {.axis = 0})), {count, columns});
    for (int axis = 0; axis < 2; ++axis) {
        const auto sums = sn::sum(stored, {.axis = axis});
        expect(sn::sum(sn::take(x, i, {.axis = 0}), {.axis = axis}), std::vector(sums.begin(), sums.end()), "sums of " + what);
        const auto most = sn::max(stored, {.axis = axis});
        expect(sn::max(sn::take(x, i, {.axis = 0}), {.axis = axis}), std::vector(most.to_vector()), "greatest of " + what);
    }
}

BOOST_AUTO_TEST_SUITE(indexing)

BOOST_AUTO_TEST_CASE(elements) {
    types::for_each_type([]<class T>() {
        for (const index_t count : counts) {
            check_type<T, std::int32_t>(100, count);
            check_type<T, std::int64_t>(70'000, count);
        }
        check_type<T, std::int8_t>(100, 333);
        check_type<T, std::uint8_t>(300, 333);
        check_type<T, std::int16_t>(1, 333);
        check_type<T, std::uint16_t>(100, 333);
        check_type<T, std::uint32_t>(100, 333);
        check_type<T, std::uint64_t>(100, 333);
    });
}

BOOST_AUTO_TEST_CASE(rows) {
    types::for_each_type([]<class T>() {
        for (const index_t columns : {1, 2, 5, 16, 17, 64, 100}) {
            for (const index_t count : {1, 3, 16, 65, 200}) check_rows<T, std::int32_t>(30, columns, count);
            check_rows<T, std::int64_t>(110, columns, 77);
        }
        check_rows<T, std::uint8_t>(1, 33, 10);
    });
}

BOOST_AUTO_TEST_CASE(threads_change_nothing) {
    const sn::array<float> x = numbers<float>({4000, 300}, 1) * 0.37f, w = numbers<float>({20'000, 1}, 2);
    const sn::array<std::int32_t> i = places<std::int32_t>({20'000}, 4000, 3);
    std::vector<std::vector<float>> got;
    for (const int threads : {1, 2, 3}) {
        sn::scoped_options o{.threads = threads};
        const sn::array<float> taken = sn::take(x, i, {.axis = 0}) * w, down = sn::sum(taken, {.axis = 0}), across = sn::sum(taken, {.axis = 1}), total = sn::sum(taken);
        sn::eval(down, across, total);
        got.push_back(sn::concatenate<float>({down, across, total.reshape({1})}).to_vector());
    }
    BOOST_TEST(got[0] == got[1]);
    BOOST_TEST(got[0] == got[2]);
    sn::array<float> stored = sn::take(x, i, {.axis = 0});
    stored.eval();
    const sn::array<float> again = stored * w;
    BOOST_TEST(got[0] == sn::concatenate<float>({sn::sum(again, {.axis = 0}), sn::sum(again, {.axis = 1}), sn::sum(again).reshape({1})}).to_vector());
}

BOOST_AUTO_TEST_CASE(beside_guard_pages) {
    types::for_each_type([]<class T>() {
        for (const auto edge : {support::guarded<T>::edge::end, support::guarded<T>::edge::start}) {
            for (const index_t n : {1, 2, 3, 17}) {
                for (const index_t columns : {1, 3, 16, 33}) {
                    support::guarded<T> memory(static_cast<std::size_t>(n * columns), edge);
                    for (std::size_t k = 0; k < memory.size(); ++k) memory.data()[k] = static_cast<T>(k % 2);
                    const sn::array<T> x = sn::borrow(static_cast<const T*>(memory.data()), {n, columns});
                    support::guarded<std::int32_t> at(37, edge == support::guarded<T>::edge::end ? support::guarded<std::int32_t>::edge::end : support::guarded<std::int32_t>::edge::start);
                    for (std::size_t k = 0; k < at.size(); ++k) at.data()[k] = static_cast<std::int32_t>(k % 2 == 0 ? -1 - static_cast<index_t>(k) % n : static_cast<index_t>(k) % n);
                    const sn::array<std::int32_t> i = sn::borrow(static_cast<const std::int32_t*>(at.data()), {37});
                    std::vector<T> rows, elements;
                    for (const std::int32_t k : i) {
                        for (index_t c = 0; c < columns; ++c) rows.push_back(memory.data()[wrapped(k, n) * columns + c]);
                        elements.push_back(memory.data()[wrapped(k, n) * columns]);
                    }
                    expect<T>(sn::take(x, i, {.axis = 0}), rows, "guarded rows");
                    expect<T>(sn::take(x(all, 0), i), elements, "guarded elements");
                }
            }
        }
    });
}

BOOST_AUTO_TEST_CASE(masks) {
    types::for_each_type([]<class T>() {
        for (const index_t n : {1, 5, 64, 1000, 70'000}) {
            const sn::array<T> x = numbers<T>({n}, 11), v = numbers<T>({n}, 12);
            const sn::array<bool> mask = numbers<bool>({n}, 13);
            std::vector<T> kept, chosen, written;
            for (index_t i = 0; i < n; ++i) {
                if (mask.data()[i]) kept.push_back(x.data()[i]);
                chosen.push_back(mask.data()[i] ? v.data()[i] : x.data()[i]);
                written.push_back(mask.data()[i] ? v.data()[kept.size() - 1] : x.data()[i]);
            }
            expect<T>(x(mask), kept, "kept");
            sn::array<T> y = x;
            y(mask) = v;
            expect<T>(y, chosen, "chosen");
            y = x;
            y(mask) = v(range(0, static_cast<index_t>(kept.size()))).eval();
            if (static_cast<index_t>(kept.size()) < n) expect<T>(y, written, "written");
            expect<T>(x, numbers<T>({n}, 11).to_vector(), "untouched");
        }
    });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
