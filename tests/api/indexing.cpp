#include "support/check.hpp"

#include <random>
#include <utility>

// Arrays as indices and as masks.

namespace {

namespace sn = sinter;
using floats = sn::array<float>;
using ints = sn::array<std::int32_t>;
using sn::all;
using sn::index_t;
using sn::range;
using support::check;
using support::check_ints;

const floats row{10, 20, 30, 40, 50};
const floats m{{1, 2, 3}, {4, 5, 6}};

BOOST_AUTO_TEST_SUITE(indexing)

BOOST_AUTO_TEST_CASE(of_what_is_the_same_wherever_it_is_taken) {
    const sn::array<double> x = sn::ones<double>({1, 8});
    x.eval();
    const sn::array<sn::index_t> rows{2, 0};
    const sn::array<double> spread = sn::broadcast_to(sn::array<double>(x + 1.0), {3, 8});
    check(sn::take(sn::full<double>({6}, 2.0).reshape({3, 2}), rows, {.axis = 0}), {2, 2}, {2, 2, 2, 2});
    check(sn::take(sn::sum(spread, {.axis = 1}), rows, {.axis = 0}), {2}, {16, 16});
    check(sn::sum(sn::take(spread.reshape({3, 2, 4}), rows, {.axis = 0})), {}, {32});
    // Reshapes that come after one that is gone.
    const sn::array<double> k = sn::arange<double>(4);
    k.eval();
    const sn::array<double> gone = sn::take(sn::full<double>({6}, 2.0).reshape({3, 2}), rows, {.axis = 0}), other = (k * 2.0 + 1.0).reshape({2, 2}), shaped = sn::array<double>(gone * other).reshape({4});
    const sn::array<double> without = sn::array<double>(sn::full<double>({2, 2}, 2.0) * (k * 2.0 + 1.0).reshape({2, 2})).reshape({4});
    BOOST_TEST(sn::explain(shaped).kernels.size() == sn::explain(without).kernels.size() + 1, "and one that looks at the indices");
    check(shaped, {4}, {2, 6, 10, 14});
    check(sn::sum(sn::sqrt(sn::array<double>(other * gone).reshape({1, 4}) - 2.0), {.axis = 0}) + (k * 0.0).reshape({4}), {4}, {0, 2, 2.828427F, 3.4641016F});
    BOOST_CHECK_THROW(sn::take(sn::sum(spread, {.axis = 1}), sn::array<sn::index_t>{0, 3}, {.axis = 0}).eval(), sn::index_error);
}

BOOST_AUTO_TEST_CASE(elements_and_rows) {
    check(sn::take(row, ints{3, 0, -1}), {3}, {40, 10, 50});
    check(sn::take(row, ints{{0, 1}, {-5, 4}}), {2, 2}, {10, 20, 10, 50});
    check(sn::take(m, ints{5, 0}), {2}, {6, 1});
    check(sn::take(m, ints{1, 1, 0}, {.axis = 0}), {3, 3}, {4, 5, 6, 4, 5, 6, 1, 2, 3});
    check(sn::take(m, ints{{2}, {0}}, {.axis = 1}), {2, 2, 1}, {3, 1, 6, 4});
    check(sn::take(row, 2), {}, {30});
    check(sn::take(m, -1, {.axis = 0}), {3}, {4, 5, 6});
    check(row(ints{4, 4}), {2}, {50, 50});
    check(m(ints{1}), {1, 3}, {4, 5, 6});
    const ints places{3, 1};
    check(row(places(0)), {}, {40});
    check(sn::take(row * 2.0f, sn::array<std::uint8_t>{1}), {1}, {40});
    check(sn::take(m.transpose(), sn::array<std::int64_t>{2, 0}, {.axis = 0}), {2, 2}, {3, 6, 1, 4});
    check(sn::take(row(range({}, {}, -1)), ints{0, 1}), {2}, {50, 40});
    check(sn::take(row, ints{0, 1, 2, 3}(range(3, {}, -2))), {2}, {40, 20});
}

BOOST_AUTO_TEST_CASE(one_index_for_each_element) {
    check(sn::take_along_axis(m, ints{{2, 0}, {1, 1}}, {.axis = 1}), {2, 2}, {3, 1, 5, 5});
    check(sn::take_along_axis(m, ints{{-1}}, {.axis = 0}), {1, 3}, {4, 5, 6});
    const floats x{{3, 1, 2}, {5, 6, 4}};
    check(sn::take_along_axis(x, sn::argsort(x), {.axis = -1}), {2, 3}, {1, 2, 3, 4, 5, 6});
    check(sn::take_along_axis(x, sn::argmax(x, {.axis = 1, .keepdims = true}), {.axis = 1}), {2, 1}, {3, 6});
    check(sn::take_along_axis(m, ints{5, 1}, {}), {2}, {6, 2});
    check(sn::take_along_axis(sn::ones<float>({1, 3}) * 2.0f, sn::zeros<int>({4, 1}), {.axis = 1}), {4, 1}, {2, 2, 2, 2});
}

BOOST_AUTO_TEST_CASE(nothing_and_one) {
    check(sn::take(row, ints{}), {0}, {});
    check(sn::take(floats{}, ints{}), {0}, {});
    check(sn::take(sn::zeros<float>({3, 0}), ints{2, 1}, {.axis = 0}), {2, 0}, {});
    check(sn::take(sn::zeros<float>({0, 3}), ints{}, {.axis = 0}), {0, 3}, {});
    check(sn::take(floats{7}, ints{0, -1, 0}), {3}, {7, 7, 7});
    check(sn::take(row, {4, -5}), {2}, {50, 10});
    check(sn::take(row * 2.0f, {{0, 1}, {2, 3}}), {2, 2}, {20, 40, 60, 80});
    check(sn::take(m, {1}, {.axis = 0}), {1, 3}, {4, 5, 6});
    check(sn::take(sn::sum(row), ints{0, 0}), {2}, {150, 150});
    check(sn::take(sn::full<float>({5}, 3.0f), ints{4, 0}), {2}, {3, 3});
    check(sn::take(sn::broadcast_to(floats{{8}}, {4, 2}), ints{3, 1}, {.axis = 0}), {2, 2}, {8, 8, 8, 8});
    check(sn::take(sn::broadcast_to(row, {4, 5}), ints{3}, {.axis = 0}), {1, 5}, {10, 20, 30, 40, 50});
    check(sn::take(sn::ones<float>({1, 1, 1, 1, 1, 1, 1, 2}), ints{1, 0, 1}, {.axis = 7}), {1, 1, 1, 1, 1, 1, 1, 3}, {1, 1, 1});
}

/// It is part of the statements around it: recorded, and one kernel with them.
BOOST_AUTO_TEST_CASE(is_recorded_and_fused) {
    const floats x = sn::arange<float>(1000).eval(), w = sn::ones<float>({5000}).eval();
    const ints i = (sn::arange<std::int32_t>(5000) % 1000).eval();
    const floats taken = sn::take(x, i);
    BOOST_TEST(taken.is_pending());
    const floats product = taken * w + 1.0f;
    const sn::plan_report r = sn::explain(product);
    // One looks at the indices first: a part of each block, then all; one computes.
    BOOST_TEST(r.kernels.back().ops.front() != "copy");
    BOOST_TEST(std::count(r.kernels.back().ops.begin(), r.kernels.back().ops.end(), "take") == 1);
    BOOST_TEST(std::count_if(r.kernels.begin(), r.kernels.end(), [](const auto& k) { return k.why.find("indices") == std::string::npos; }) == 1);
    BOOST_TEST(sn::sum(product).item() == 5 * 499500.0f + 5000);
}

BOOST_AUTO_TEST_CASE(values_of_then) {
    floats x = row;
    const floats taken = sn::take(x, ints{0, 1});
    x(0) = 99.0f;
    check(taken, {2}, {10, 20});
    x(range(0, 3)) = sn::take(x, ints{2, 1, 0});
    check(x, {5}, {30, 20, 99, 40, 50});
    x = x + 1.0f;
    x(all) = sn::take(x, ints{4, 3, 2, 1, 0}) * 2.0f;
    check(x, {5}, {102, 82, 200, 42, 62});
    float memory[] = {1, 2, 3};
    floats b = sn::borrow(memory, {3});
    const floats early = sn::take(b, ints{2, 2});
    b(2) = 7.0f;
    check(early, {2}, {3, 3});
    check(sn::take(b, ints{2}), {1}, {7});
}

BOOST_AUTO_TEST_CASE(putting) {
    floats x = row;
    const floats copy = x;
    sn::put(x, ints{0, -1, 0}, floats{7, 8, 9});
    check(x, {5}, {9, 20, 30, 40, 8});
    check(copy, {5}, {10, 20, 30, 40, 50});
    sn::put(x, ints{1, 2, 3}, floats{1, 2});
    check(x, {5}, {9, 1, 2, 1, 8});
    sn::put(x, 4, 5.0f);
    sn::put(x, ints{}, 3.0f);
    sn::put(x, ints{0}, floats{});
    check(x, {5}, {9, 1, 2, 1, 5});
    sn::put(x, ints{0, 1}, x(range(3, 5)));
    check(x, {5}, {1, 5, 2, 1, 5});
    floats y = m * 1.0f;
    sn::put(y, ints{{5, 4}}, 0.0f);
    check(y, {2, 3}, {1, 2, 3, 4, 0, 0});
    sn::array<bool> flags = sn::zeros<bool>({4});
    sn::put(flags, sn::array<std::uint64_t>{1, 3}, true);
    check_ints(flags, {4}, {0, 1, 0, 1});
    floats z = m;
    sn::put_along_axis(z, ints{{2}, {0}}, floats{{8}, {9}}, {.axis = 1});
    check(z, {2, 3}, {1, 2, 8, 9, 5, 6});
    sn::put_along_axis(z, ints{{1}}, 0.0f, {.axis = 0});
    check(z, {2, 3}, {1, 2, 8, 0, 0, 0});
    sn::put_along_axis(z, ints{0, -1}, floats{3, 4}, {});
    check(z, {2, 3}, {3, 2, 8, 0, 0, 4});
    check(m, {2, 3}, {1, 2, 3, 4, 5, 6});
}

BOOST_AUTO_TEST_CASE(reading_by_a_mask) {
    check(row(row > 25.0f), {3}, {30, 40, 50});
    check(m(m * 2.0f > 5.0f), {4}, {3, 4, 5, 6});
    check(m(sn::array<bool>{false, true}), {1, 3}, {4, 5, 6});
    check(m(m > 10.0f), {0}, {});
    check(sn::sum(row(row > 25.0f)), {}, {120});
    check(row(row > 25.0f) * 2.0f, {3}, {60, 80, 100});
    check(m.transpose().eval()(m.transpose() > 2.0f), {4}, {4, 5, 3, 6});
    check(floats(row(row < 0.0f)), {0}, {});
    BOOST_TEST(row(row > 25.0f).size() == 3);
    const floats kept = row(row > 25.0f);
    check(kept, {3}, {30, 40, 50});
}

/// Elements of every size, by whole vectors and what is left of them, from several threads.
template <class T>
void check_masked() {
    std::mt19937 random(7);
    for (const index_t n : {1, 7, 63, 64, 65, 128, 200, 1000, 4099, 70'001}) {
        for (const unsigned thousandths : {0U, 1U, 100U, 500U, 900U, 1000U}) {
            std::vector<T> v(static_cast<std::size_t>(n)), wanted;
            std::vector<std::uint8_t> set(v.size());
            for (std::size_t i = 0; i < v.size(); ++i) {
                v[i] = static_cast<T>(static_cast<float>(random() % 100));
                set[i] = random() % 1000 < thousandths;
                if (set[i] != 0) wanted.push_back(v[i]);
            }
            const sn::array<T> x = sn::from(v);
            const sn::array<bool> mask = sn::from(set) != std::uint8_t{0};
            for (const int threads : {1, 3}) {
                sn::set_threads(threads);
                BOOST_TEST((sn::array<T>(x(mask)).to_vector() == wanted));
                // Pending, and backwards in memory.
                BOOST_TEST((sn::array<T>(sn::array<T>(sn::where(mask, x, x))(mask)).to_vector() == wanted));
                const sn::array<T> backwards = sn::flip(x, 0).eval();
                BOOST_TEST((sn::array<T>(sn::array<T>(sn::flip(backwards, 0))(mask)).to_vector() == wanted));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(reading_by_a_mask_in_memory) {
    check_masked<float>();
    check_masked<double>();
    check_masked<std::int8_t>();
    check_masked<std::uint16_t>();
    check_masked<std::complex<float>>();
    check_masked<std::complex<double>>();
    check(row(0).eval()(sn::array<bool>{true}(0).eval()).eval(), {1}, {row(0).item()});  // a mask of rank 0 makes the axis that it selects along
    // What was read stays as it was.
    sn::array<float> x{1, 2, 3};
    const sn::array<float> kept = x(x > 1.0f);
    x(1) = 7.0f;
    check(kept, {2}, {2, 3});
    std::vector<float> mine{1, 2, 3};
    const sn::array<float> borrowed = sn::borrow(mine.data(), {3});
    check(borrowed(borrowed > 1.0f), {2}, {2, 3});
}

BOOST_AUTO_TEST_CASE(writing_by_a_mask) {
    floats x = row;
    const floats copy = x;
    x(x > 25.0f) = 0.0f;
    BOOST_TEST(x.is_pending());
    check(x, {5}, {10, 20, 0, 0, 0});
    check(copy, {5}, {10, 20, 30, 40, 50});
    x = row;
    x(x > 25.0f) += 1.0f;
    check(x, {5}, {10, 20, 31, 41, 51});
    x(x > 25.0f) -= x * 0.5f;
    check(x, {5}, {10, 20, 15.5f, 20.5f, 25.5f});
    x = row;
    x(x > 25.0f) = floats{1, 2, 3};
    check(x, {5}, {10, 20, 1, 2, 3});
    x(x < 5.0f) *= floats{2, 3, 4};
    check(x, {5}, {10, 20, 2, 6, 12});
    x(x < 5.0f) = floats{9};
    check(x, {5}, {10, 20, 9, 6, 12});
    x(x > 15.0f) = row(row > 45.0f);
    check(x, {5}, {10, 50, 9, 6, 12});
    x(x > 15.0f) /= 2.0f;
    check(x, {5}, {10, 25, 9, 6, 12});
    floats y = m;
    y(sn::array<bool>{true, false}) = 7.0f;
    check(y, {2, 3}, {7, 7, 7, 4, 5, 6});
    y(sn::array<bool>{true, true}) = floats{{1}, {2}};
    check(y, {2, 3}, {1, 1, 1, 2, 2, 2});
    y(y > 5.0f) = 1.0f;
    y(y > 1.0f) = m;
    check(y, {2, 3}, {1, 1, 1, 4, 5, 6});
    check(m, {2, 3}, {1, 2, 3, 4, 5, 6});
}

/// Where an extreme stands is within range, so that nothing is computed twice to make sure of it.
BOOST_AUTO_TEST_CASE(indices_of_extremes_are_not_looked_at_before) {
    const floats m = sn::cos(sn::arange<float>(60).reshape({6, 10})), table = sn::arange<float>(10) * 2.0f;
    sn::eval(m, table);
    const floats nearest = sn::take(table, sn::argmax(m * m, {.axis = 1}));
    BOOST_TEST(sn::explain(nearest).kernels.size() == 2U);
    std::vector<float> wanted, extremes;
    for (sn::index_t i = 0; i < 6; ++i) {
        sn::index_t best = 0, least = 0;
        for (sn::index_t j = 1; j < 10; ++j) {
            if (m(i, j) * m(i, j) > m(i, best) * m(i, best)) best = j;
            if (m(i, j) < m(i, least)) least = j;
        }
        wanted.push_back(static_cast<float>(2 * best));
        extremes.push_back(m(i, least));
    }
    check(nearest, {6}, wanted);
    const floats least = sn::take_along_axis(m, sn::argmin(m, {.axis = 1, .keepdims = true}), {.axis = 1});
    BOOST_TEST(sn::explain(least).kernels.size() == 2U);
    check(least, {6, 1}, extremes);
    check(sn::take(m, sn::argmin(m)), {}, {sn::min(m).item()});
    // Of more elements than there are to take: they are looked at.
    const floats wrong = sn::take(table(range(0, 5)), sn::argmax(m.transpose(), {.axis = 0}));
    BOOST_TEST(sn::explain(wrong).kernels.size() > 2U);
    support::check_throws<sn::index_error>([&] { wrong.eval(); }, {"take: index"});
}

BOOST_AUTO_TEST_CASE(borrowed_memory) {
    float memory[] = {1, 2, 3, 4, 5, 6};
    floats b = sn::borrow(memory, {3}, {2});
    const floats copy = b;
    sn::put(b, ints{1}, 9.0f);
    b(b > 4.0f) = -1.0f;
    b(sn::array<bool>{true, false, false}) = floats{8};
    b(b < 0.0f) -= floats{1, 2};
    BOOST_TEST(std::vector<float>(memory, memory + 6) == std::vector<float>({8, 2, -2, 4, -3, 6}), boost::test_tools::per_element());
    check(copy, {3}, {1, 3, 5});
    sn::put_along_axis(b, ints{2, 0}, floats{1, 2}, {.axis = 0});
    BOOST_TEST(std::vector<float>(memory, memory + 6) == std::vector<float>({2, 2, -2, 4, 1, 6}), boost::test_tools::per_element());
    // Values that are in the memory that is written.
    const floats same = sn::borrow(static_cast<const float*>(memory), {6});
    sn::put(b, ints{0, 1, 2}, same(range(2, 5)));
    BOOST_TEST(std::vector<float>(memory, memory + 6) == std::vector<float>({-2, 2, 4, 4, 1, 6}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
