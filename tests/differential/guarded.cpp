#include "support/guarded.hpp"
#include "differential/operations.hpp"
#include "support/check.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

// Operands and results right beside pages that may be neither read nor written: a step too far ends the test.

namespace {

namespace sn = sinter;
using sn::all;
using sn::range;
using floats = sn::array<float>;

template <class T>
using memory = support::guarded<T>;

constexpr sn::index_t more_lengths[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  11, 13,  15,  16,  17,   23,  24,
                                        25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 79, 127, 128, 129, 1001, 4097};

template <class T>
void fill(memory<T>& m) {
    T v = T(1);
    for (T& x : m) {
        x = v;
        v = v == T(9) ? T(1) : static_cast<T>(v + T(1));
    }
}

BOOST_AUTO_TEST_SUITE(guard_pages)

BOOST_AUTO_TEST_CASE(the_guard_is_real) {
    const auto dies = [](auto&& touch) {
        const pid_t child = fork();
        if (child == 0) {
            std::signal(SIGSEGV, SIG_DFL);
            touch();
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        return WIFSIGNALED(status) || WEXITSTATUS(status) != 0;
    };
    memory<float> m(3, memory<float>::edge::end), s(3, memory<float>::edge::start);
    BOOST_TEST(!dies([&] { const_cast<volatile float*>(m.data())[2] = 1; }));
    BOOST_TEST(dies([&] { const_cast<volatile float*>(m.data())[3] = 1; }));
    BOOST_TEST(!dies([&] { const_cast<volatile float*>(s.data())[0] = 1; }));
    BOOST_TEST(dies([&] { const_cast<volatile float*>(s.data())[-1] = 1; }));
}

BOOST_DATA_TEST_CASE(elementwise, boost::unit_test::data::make({0, 1}), which) {
    const auto edge = which == 0 ? memory<float>::edge::end : memory<float>::edge::start;
    for (const sn::index_t n : more_lengths) {
        const auto count = static_cast<std::size_t>(n);
        memory<float> a(count, edge), b(count, edge), out(count, edge);
        fill(a);
        fill(b);
        const floats x = sn::borrow(a.data(), {n}), y = sn::borrow(b.data(), {n});
        sn::eval(sn::to(out, x * 2.0f + y));
        for (std::size_t i = 0; i < count; ++i) BOOST_REQUIRE_EQUAL(out.data()[i], a.data()[i] * 3.0f);
        floats target = sn::borrow(out.data(), {n});
        target += x;
        for (std::size_t i = 0; i < count; ++i) BOOST_REQUIRE_EQUAL(out.data()[i], a.data()[i] * 4.0f);
        target(all) = sn::exp(x) - sn::exp(y);
        for (std::size_t i = 0; i < count; ++i) BOOST_REQUIRE_EQUAL(out.data()[i], 0.0f);
    }
}

BOOST_AUTO_TEST_CASE(every_operation) {
    for (const auto edge : {memory<float>::edge::end, memory<float>::edge::start}) {
        for (const sn::index_t n : {1, 5, 16, 17, 33, 79}) {
            const auto count = static_cast<std::size_t>(n);
            memory<float> a(count, edge), b(count, edge), c(count, edge), out(count, edge);
            fill(a);
            fill(b);
            fill(c);
            for (const differential::operation& o : differential::operations()) {
                const floats y = o.ours(sn::borrow(a.data(), {n}), sn::borrow(b.data(), {n}), sn::borrow(c.data(), {n}));
                sn::eval(sn::to(out, y));
                const std::vector<float> expected = o.ours(sn::from(a), sn::from(b), sn::from(c)).to_vector();
                for (std::size_t i = 0; i < count; ++i)
                    BOOST_REQUIRE_MESSAGE(support::same(out.data()[i], expected[i]), o.name << " at " << i << " of " << n);
            }
        }
    }
}

BOOST_DATA_TEST_CASE(other_types, boost::unit_test::data::make({0, 1}), which) {
    for (const sn::index_t n : more_lengths) {
        const auto count = static_cast<std::size_t>(n);
        memory<std::uint8_t> bytes(count, which == 0 ? memory<std::uint8_t>::edge::end : memory<std::uint8_t>::edge::start);
        memory<std::int32_t> ints(count, which == 0 ? memory<std::int32_t>::edge::end : memory<std::int32_t>::edge::start);
        memory<bool> flags(count, which == 0 ? memory<bool>::edge::end : memory<bool>::edge::start);
        memory<std::uint8_t> out(count, which == 0 ? memory<std::uint8_t>::edge::end : memory<std::uint8_t>::edge::start);
        fill(bytes);
        fill(ints);
        for (std::size_t i = 0; i < count; ++i) flags.data()[i] = i % 3 == 0;
        const sn::array<std::uint8_t> u = sn::borrow(bytes.data(), {n});
        const sn::array<std::int32_t> k = sn::borrow(ints.data(), {n});
        const sn::array<bool> f = sn::borrow(flags.data(), {n});
        sn::eval(sn::to(out, sn::cast<std::uint8_t>(sn::where(f, sn::cast<std::int32_t>(u), k * 2))));
        for (std::size_t i = 0; i < count; ++i) BOOST_REQUIRE_EQUAL(+out.data()[i], i % 3 == 0 ? +bytes.data()[i] : ints.data()[i] * 2);
        sn::eval(sn::to(out, u + u), sn::to(ints, k + 1), sn::to(flags, !f));
        for (std::size_t i = 0; i < count; ++i) {
            BOOST_REQUIRE_EQUAL(+out.data()[i], 2 * bytes.data()[i]);
            BOOST_REQUIRE_EQUAL(ints.data()[i], bytes.data()[i] + 1);
            BOOST_REQUIRE_EQUAL(flags.data()[i], i % 3 != 0);
        }
        std::uint64_t total = 0;
        for (const std::uint8_t v : bytes) total += v;
        BOOST_REQUIRE_EQUAL(sn::sum(u).item(), total);
        if (n > 0) BOOST_REQUIRE_EQUAL(sn::any(sn::borrow(flags.data(), {n})).item(), n > 1);
    }
}

template <class T>
void strided(int which) {
    const auto edge = which == 0 ? memory<T>::edge::end : memory<T>::edge::start;
    for (const sn::index_t n : more_lengths) {
        if (n == 0) continue;
        for (const sn::index_t step : {1, 2, 3, 4, 5, 8, 9}) {
            // Exactly up to the last element: there is no room for whole steps.
            const auto count = static_cast<std::size_t>((n - 1) * step + 1);
            memory<T> a(count, edge), out(count, edge);
            fill(a);
            const sn::array<T> forwards = sn::borrow(a.data(), {n}, {step});
            const sn::array<T> backwards = sn::borrow(a.data() + count - 1, {n}, {-step});
            sn::array<T> target = sn::borrow(out.data(), {n}, {step});
            const auto expect = [&](int factor) {
                for (std::size_t i = 0; i < count; ++i)
                    BOOST_REQUIRE_EQUAL(+out.data()[i], i % static_cast<std::size_t>(step) == 0 ? +static_cast<T>(static_cast<T>(factor) * a.data()[i]) : +T(0));
            };
            target(all) = forwards + backwards(range({}, {}, -1));
            expect(2);
            target(range({}, {}, -1)) = backwards * T(3);
            expect(3);
            sn::eval(sn::to(out, sn::zeros<T>({static_cast<sn::index_t>(count)})));
            float total = 0;
            for (std::size_t i = 0; i < count; i += static_cast<std::size_t>(step)) total += static_cast<float>(a.data()[i]);
            BOOST_REQUIRE_EQUAL(static_cast<float>(sn::sum(forwards).item()), total);
            BOOST_REQUIRE_EQUAL(static_cast<float>(sn::sum(backwards).item()), total);
            const auto mixed = (sn::cast<float>(forwards) * 2.0f + sn::cast<float>(backwards(range({}, {}, -1)))).eval().to_vector();
            for (std::size_t i = 0; i < mixed.size(); ++i)
                BOOST_REQUIRE_EQUAL(mixed[i], 3.0f * static_cast<float>(a.data()[i * static_cast<std::size_t>(step)]));
        }
    }
}

BOOST_DATA_TEST_CASE(strides, boost::unit_test::data::make({0, 1}), which) {
    strided<float>(which);
    strided<double>(which);
    strided<std::uint8_t>(which);
    strided<std::int16_t>(which);
    strided<std::int32_t>(which);
    strided<std::int64_t>(which);
}

BOOST_DATA_TEST_CASE(rows_with_gaps, boost::unit_test::data::make({0, 1}), which) {
    const auto edge = which == 0 ? memory<float>::edge::end : memory<float>::edge::start;
    for (const sn::index_t columns : {1, 3, 15, 16, 17, 33, 65}) {
        for (const sn::index_t rows : {1, 2, 7, 33}) {
            const sn::index_t pitch = columns + 5;
            const auto count = static_cast<std::size_t>((rows - 1) * pitch + columns);
            memory<float> a(count, edge), out(count, edge);
            fill(a);
            const floats m = sn::borrow(a.data(), {rows, columns}, {pitch, 1});
            floats target = sn::borrow(out.data(), {rows, columns}, {pitch, 1});
            target(all) = m * 2.0f + m;
            double total = 0;
            for (sn::index_t i = 0; i < rows; ++i) {
                for (sn::index_t j = 0; j < columns; ++j) {
                    const auto at = static_cast<std::size_t>(i * pitch + j);
                    BOOST_REQUIRE_EQUAL(out.data()[at], 3.0f * a.data()[at]);
                    total += static_cast<double>(a.data()[at]);
                }
            }
            BOOST_REQUIRE_EQUAL(static_cast<double>(sn::sum(m).item()), total);
            BOOST_REQUIRE_EQUAL(static_cast<double>(sn::sum(sn::sum(m, {.axis = 0})).item()), total);
            BOOST_REQUIRE_EQUAL(static_cast<double>(sn::sum(sn::sum(m.transpose(), {.axis = 0})).item()), total);
            const floats t = m.transpose() + 1.0f;
            BOOST_REQUIRE_EQUAL(t(columns - 1, rows - 1), a.data()[count - 1] + 1.0f);
        }
    }
}

BOOST_DATA_TEST_CASE(reductions, boost::unit_test::data::make({0, 1}), which) {
    const auto edge = which == 0 ? memory<float>::edge::end : memory<float>::edge::start;
    for (const sn::index_t n : more_lengths) {
        const auto count = static_cast<std::size_t>(n);
        memory<float> a(count, edge);
        memory<float> columns(count * 3, edge);
        fill(a);
        fill(columns);
        float total = 0, most = 0;
        for (const float v : a) {
            total += v;
            most = std::max(most, v);
        }
        const floats x = sn::borrow(a.data(), {n});
        BOOST_REQUIRE_EQUAL(sn::sum(x).item(), total);
        if (n > 0) BOOST_REQUIRE_EQUAL(sn::max(x * x).item(), most * most);
        const std::vector<float> down = sn::sum(sn::borrow(columns.data(), {3, n}), {.axis = 0}).to_vector();
        for (std::size_t j = 0; j < count; ++j) {
            BOOST_REQUIRE_EQUAL(down[j], columns.data()[j] + columns.data()[count + j] + columns.data()[2 * count + j]);
        }
        const std::vector<float> across = sn::sum(sn::borrow(columns.data(), {n, 3}), {.axis = 1}).to_vector();
        for (std::size_t j = 0; j < count; ++j) {
            BOOST_REQUIRE_EQUAL(across[j], columns.data()[3 * j] + columns.data()[3 * j + 1] + columns.data()[3 * j + 2]);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_large_result_past_the_caches) {
    // Large enough for streaming stores; of a length and at a place that no vector divides.
    const std::size_t count = 6'000'011;
    memory<float> out(count, memory<float>::edge::end);
    const floats x = sn::arange<float>(static_cast<sn::index_t>(count));
    for (const int threads : {1, 2}) {
        sn::set_threads(threads);
        sn::eval(sn::to(out, x * 0.5f + 1.0f));
        for (const std::size_t i : {std::size_t{0}, count / 2, count - 1}) BOOST_TEST(out.data()[i] == static_cast<float>(i) * 0.5f + 1.0f);
        BOOST_TEST(sn::max(sn::borrow(out.data(), {static_cast<sn::index_t>(count)})).item() == static_cast<float>(count - 1) * 0.5f + 1.0f);
    }
}

BOOST_AUTO_TEST_CASE(rows_past_the_caches) {
    // As long as lines times some, so that each row is out of line in the same way.
    constexpr sn::index_t rows = 6001, columns = 1040;
    const floats x = sn::sin(sn::arange<float>(rows * columns).reshape({rows, columns}));
    const floats d = x - sn::mean(x, {.axis = 1, .keepdims = true});
    const floats chain = d / sn::sqrt(sn::mean(d * d, {.axis = 1, .keepdims = true}) + 1e-5f), map = x * sn::arange<float>(columns) + 1.0f;
    const std::vector<float> expected_chain = chain.to_vector(), expected_map = map.to_vector();
    constexpr std::size_t count = rows * columns;
    memory<float> out(count + 16, memory<float>::edge::end);
    for (const std::size_t off : {1, 7, 15, 16}) {
        for (const int threads : {1, 2}) {
            sn::set_threads(threads);
            const std::span<float> to{out.data() + off, count};
            out.data()[off - 1] = -1;
            const floats again = x - sn::mean(x, {.axis = 1, .keepdims = true});
            sn::eval(sn::to(to, again / sn::sqrt(sn::mean(again * again, {.axis = 1, .keepdims = true}) + 1e-5f)));
            BOOST_TEST(std::equal(to.begin(), to.end(), expected_chain.begin()));
            sn::eval(sn::to(to, x * sn::arange<float>(columns) + 1.0f));
            BOOST_TEST(std::equal(to.begin(), to.end(), expected_map.begin()));
            BOOST_TEST(out.data()[off - 1] == -1);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
