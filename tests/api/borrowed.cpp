#include "support/check.hpp"

#include <memory>
#include <numeric>

namespace {

namespace sn = sinter;
using support::check;

[[nodiscard]] std::vector<float> counted(std::size_t n) {
    std::vector<float> v(n);
    std::iota(v.begin(), v.end(), 1.0f);
    return v;
}

BOOST_AUTO_TEST_SUITE(borrowed)

BOOST_AUTO_TEST_CASE(reads_the_memory_itself) {
    std::vector<float> v = counted(6);
    const sn::array<float> a = sn::borrow(v.data(), {2, 3});
    BOOST_TEST(a.data() == v.data());
    BOOST_TEST(!a.is_pending());
    check(a, {2, 3}, {1, 2, 3, 4, 5, 6});
    check(a + 1.0f, {2, 3}, {2, 3, 4, 5, 6, 7});
}

BOOST_AUTO_TEST_CASE(strides) {
    std::vector<float> v = counted(12);
    const sn::array<float> every_other = sn::borrow(v.data(), {6}, {2});
    check(every_other, {6}, {1, 3, 5, 7, 9, 11});
    const sn::array<float> columns = sn::borrow(v.data(), {4, 3}, {1, 4});
    check(columns, {4, 3}, {1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12});
    const sn::array<float> backwards = sn::borrow(v.data() + 11, {12}, {-1});
    check(backwards * 1.0f, {12}, {12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1});
    const sn::array<float> repeated = sn::borrow(v.data(), {3, 2}, {0, 1});
    check(repeated + 0.0f, {3, 2}, {1, 2, 1, 2, 1, 2});
}

BOOST_AUTO_TEST_CASE(the_owner_keeps_the_memory) {
    std::weak_ptr<std::vector<float>> watched;
    {
        sn::array<float> y;
        {
            auto owner = std::make_shared<std::vector<float>>(counted(4));
            watched = owner;
            const sn::array<float> a = sn::borrow(owner->data(), {4}, {}, owner);
            y = a * 2.0f;
        }
        BOOST_TEST(!watched.expired());
        check(y, {4}, {2, 4, 6, 8});
    }
    BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_CASE(writes_go_to_the_memory_at_once) {
    std::vector<float> v = counted(6);
    sn::array<float> a = sn::borrow(v.data(), {6});
    a(sn::range(1, 3)) = 0.0f;
    BOOST_TEST(v == (std::vector<float>{1, 0, 0, 4, 5, 6}));
    a.at(5) = 60;
    BOOST_TEST(v[5] == 60.0f);
    a += 1.0f;
    BOOST_TEST(v == (std::vector<float>{2, 1, 1, 5, 6, 61}));
    a *= 2.0f;
    BOOST_TEST(v == (std::vector<float>{4, 2, 2, 10, 12, 122}));
    a.mutable_data()[0] = -1;
    BOOST_TEST(v[0] == -1.0f);
    BOOST_TEST(a.data() == v.data());
}

BOOST_AUTO_TEST_CASE(writes_through_strides) {
    std::vector<float> v = counted(6);
    sn::array<float> a = sn::borrow(v.data(), {3}, {2});
    a(sn::range(0, {})) = sn::array<float>{10, 20, 30};
    BOOST_TEST(v == (std::vector<float>{10, 2, 20, 4, 30, 6}));
    a += 1.0f;
    BOOST_TEST(v == (std::vector<float>{11, 2, 21, 4, 31, 6}));
    a.at(-1) = 0;
    BOOST_TEST(v == (std::vector<float>{11, 2, 21, 4, 0, 6}));
    BOOST_CHECK_THROW(static_cast<void>(a.mutable_data()), sn::value_error);
    sn::array<float> copy = a;
    BOOST_TEST(copy.mutable_data()[1] == 21.0f);
}

BOOST_AUTO_TEST_CASE(pending_readers_see_the_old_values) {
    std::vector<float> v = counted(4);
    sn::array<float> a = sn::borrow(v.data(), {4});
    const sn::array<float> before = a * 10.0f;
    const auto expression = a + 0.5f;
    a(sn::range(0, 2)) = 0.0f;
    BOOST_TEST(v == (std::vector<float>{0, 0, 3, 4}));
    check(before, {4}, {10, 20, 30, 40});
    check(expression, {4}, {1.5f, 2.5f, 3.5f, 4.5f});
}

BOOST_AUTO_TEST_CASE(a_copy_that_is_written_takes_its_own_memory) {
    std::vector<float> v = counted(3);
    const sn::array<float> a = sn::borrow(v.data(), {3});
    sn::array<float> b = a;
    b(sn::range(0, 1)) = 9.0f;
    b.at(2) = 8;
    check(b, {3}, {9, 2, 8});
    BOOST_TEST(v == (std::vector<float>{1, 2, 3}));
    check(a, {3}, {1, 2, 3});
    sn::array<float> c = a;
    c += 1.0f;
    BOOST_TEST(v == (std::vector<float>{1, 2, 3}));
    check(c, {3}, {2, 3, 4});
}

BOOST_AUTO_TEST_CASE(const_memory_is_never_written) {
    const std::vector<float> v = counted(3);
    sn::array<float> a = sn::borrow(v.data(), {3});
    a.at(0) = 9;
    a(sn::range(1, 2)) = 8.0f;
    a += 1.0f;
    check(a, {3}, {10, 9, 4});
    BOOST_TEST(v == (std::vector<float>{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(assigning_the_array_rebinds_it) {
    std::vector<float> v = counted(3);
    sn::array<float> a = sn::borrow(v.data(), {3});
    a = a + 1.0f;
    check(a, {3}, {2, 3, 4});
    BOOST_TEST(v == (std::vector<float>{1, 2, 3}));
    a.at(0) = 50;
    BOOST_TEST(v == (std::vector<float>{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(updates_that_read_themselves) {
    std::vector<float> v = counted(8);
    sn::array<float> a = sn::borrow(v.data(), {8});
    a(sn::range(1, {})) = a(sn::range(0, -1));
    BOOST_TEST(v == (std::vector<float>{1, 1, 2, 3, 4, 5, 6, 7}));
    a(sn::range({}, {}, -1)) = a;
    BOOST_TEST(v == (std::vector<float>{7, 6, 5, 4, 3, 2, 1, 1}));
}

BOOST_AUTO_TEST_CASE(memory_that_is_borrowed_twice) {
    for (const std::size_t n : {8, 1000, 100000}) {
        const auto size = static_cast<sn::index_t>(n);
        const std::vector<float> before = counted(n);
        const std::vector<float> backwards(before.rbegin(), before.rend());
        std::vector<float> v = before;
        const float* const only_read = v.data();
        sn::array<float> a = sn::borrow(v.data(), {size});
        const sn::array<float> seen = sn::borrow(only_read, {size}), other = sn::borrow(v.data(), {size});
        a(sn::range({}, {}, -1)) = seen;
        BOOST_TEST(v == backwards);
        a(sn::all) = seen(sn::range({}, {}, -1));
        BOOST_TEST(v == before);
        a(sn::all) = other(sn::range({}, {}, -1));
        BOOST_TEST(v == backwards);
        a(sn::range(1, {})) = seen(sn::range(0, -1));
        BOOST_TEST(v[0] == backwards[0]);
        BOOST_TEST(std::vector<float>(v.begin() + 1, v.end()) == std::vector<float>(backwards.begin(), backwards.end() - 1));
        v = before;
        const std::vector<float> turned = sn::from(before, {4, size / 4}).transpose().to_vector();
        sn::array<float> tall = sn::borrow(v.data(), {size / 4, 4});
        tall(sn::all) = sn::borrow(only_read, {4, size / 4}).transpose();
        BOOST_TEST(v == turned);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
