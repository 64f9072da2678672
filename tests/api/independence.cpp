#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>
#include <vector>

// One array's doings never show in another.

namespace sn = sinter;
using sn::range;

BOOST_AUTO_TEST_SUITE(independence)

BOOST_AUTO_TEST_CASE(one_statement_reduced_in_several_ways) {
    const sn::array<float> x{1, 2, 3, 4, 5};
    const sn::array<float> y = sn::from(std::vector<float>{2}, {1, 1});
    for (int i = 0; i < 2; ++i) {
        BOOST_TEST(sn::sum(x * y).item() == 30.0f);
        BOOST_TEST(sn::sum(x * y, {.axis = 0}).to_vector() == (std::vector<float>{2, 4, 6, 8, 10}), boost::test_tools::per_element());
        BOOST_TEST(sn::sum(x * y, {.axis = 1}).to_vector() == std::vector<float>{30}, boost::test_tools::per_element());
        BOOST_TEST((sn::sum(x * y, {.keepdims = true}).shape() == sn::extents{1, 1}));
        BOOST_TEST(sn::sum(x).item() == 15.0f);
        BOOST_TEST(sn::sum(x, {.axis = sn::axis_list(std::initializer_list<sn::index_t>{})}).to_vector() == x.to_vector(),
                   boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(elements_written_into_borrowed_memory) {
    std::vector<float> m{1, 2, 3, 4};
    sn::array<float> b = sn::borrow(m.data(), {4});
    const sn::array<float> pending = b * 2.0f;
    const sn::array<float> copy = b;
    const sn::array<float> view = b(range(0, 2));
    b.at(0) = 100;
    BOOST_TEST(m[0] == 100.0f);
    BOOST_TEST(pending(0) == 2.0f);
    BOOST_TEST(copy(0) == 1.0f);
    BOOST_TEST(view(0) == 1.0f);
    const sn::array<float> again = b + 0.0f;
    b.mutable_data()[1] = 50;
    BOOST_TEST(m[1] == 50.0f);
    BOOST_TEST(again(1) == 2.0f);
    BOOST_TEST(b(1) == 50.0f);
}

BOOST_AUTO_TEST_CASE(strided_borrowed_memory_is_read_afresh) {
    std::vector<float> m{1, 2, 3, 4, 5, 6};
    sn::array<float> b = sn::borrow(m.data(), {3}, {2});
    BOOST_TEST(b.to_vector() == (std::vector<float>{1, 3, 5}), boost::test_tools::per_element());
    b.at(0) = 9;
    BOOST_TEST(b.to_vector() == (std::vector<float>{9, 3, 5}), boost::test_tools::per_element());
    b(range(1, 3)) = 7.0f;
    BOOST_TEST(m == (std::vector<float>{9, 2, 7, 4, 7, 6}), boost::test_tools::per_element());
    BOOST_TEST(b.data()[2] == 7.0f);
}

BOOST_AUTO_TEST_CASE(a_copy_is_read_while_its_memory_is_written) {
    std::vector<float> m(200000, 0.0f);
    sn::array<float> b = sn::borrow(m.data(), {200000});
    for (int round = 1; round <= 10; ++round) {
        const sn::array<float> copy = b;
        const float before = static_cast<float>(round - 1);
        std::atomic<bool> good{true};
        std::thread reader([&] {
            for (int i = 0; i < 5; ++i) {
                const sn::array<float> sum = copy + 0.0f;
                if (sn::min(sum).item() != before || sn::max(sum).item() != before) good = false;
            }
        });
        b(sn::all) = static_cast<float>(round);
        reader.join();
        BOOST_TEST(good.load());
        BOOST_TEST(m[100] == static_cast<float>(round));
    }
}

BOOST_AUTO_TEST_CASE(a_view_wanted_here_and_in_the_callers_memory) {
    sn::array<float> u = sn::zeros<float>({2, 3});
    u(0, sn::all) = sn::array<float>{1, 2, 3};
    const sn::array<float> v = u.transpose();
    std::vector<float> out(6, -1.0f);
    sn::eval(sn::to(out, v), v);
    BOOST_TEST(out == (std::vector<float>{1, 0, 2, 0, 3, 0}), boost::test_tools::per_element());
    BOOST_TEST(v.to_vector() == out, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(extremes_of_bool) {
    const sn::array<bool> b{true, false, true};
    BOOST_TEST(sn::max(b).item());
    BOOST_TEST(!sn::min(b).item());
}

BOOST_AUTO_TEST_CASE(compound_assignment_keeps_the_shape) {
    sn::array<float> x{1, 2, 3};
    BOOST_CHECK_THROW((x += sn::ones<float>({2, 3})), sn::shape_error);
    BOOST_TEST((x.shape() == sn::extents{3}));
    x += sn::ones<float>({1});
    BOOST_TEST(x(2) == 4.0f);
}

BOOST_AUTO_TEST_CASE(functions_whose_structure_alternates) {
    const sn::array<float> x{1, 2, 3};
    for (int i = 0; i < 20; ++i) {
        const int degree = 1 + i % 2;
        const sn::array<float> y = sn::fn([degree](auto v) {
            auto p = v;
            for (int k = 1; k < degree; ++k) p = p * v;
            return p;
        })(x);
        BOOST_TEST(y(2) == (degree == 1 ? 3.0f : 9.0f));
    }
}

namespace {

/// Evaluates when everything of the thread is gone.
struct late {
    sn::array<float> a{1, 2, 3};
    late() = default;
    late(const late&) = delete;
    late& operator=(const late&) = delete;
    ~late() {
        const sn::array<float> y = a * 2.0f;
        const sn::array<float> z = y(range({}, {}, -1)) - sn::sum(y);
        if (z.to_vector() != std::vector<float>{-6, -8, -10}) std::abort();
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(evaluation_at_exit) {
    static const late l;
    BOOST_TEST(l.a(0) == 1.0f);
}

BOOST_AUTO_TEST_SUITE_END()
