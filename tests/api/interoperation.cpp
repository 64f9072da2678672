#include "support/check.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <ranges>
#include <span>
#include <utility>

// Arrays as ranges, and memory that changes hands by DLPack.

namespace {

namespace sn = sinter;
using floats = sn::array<float>;
using sn::range;
using support::check;

static_assert(std::ranges::contiguous_range<floats>);
static_assert(std::ranges::contiguous_range<const sn::array<double, sn::dyn, 3>>);
static_assert(std::ranges::sized_range<const floats>);
static_assert(std::constructible_from<std::span<const float>, const floats&>);
static_assert(!std::constructible_from<std::span<float>, const floats&>);

BOOST_AUTO_TEST_SUITE(interoperation)

BOOST_AUTO_TEST_CASE(ranges) {
    const floats x{{3, 1}, {2, 4}};
    BOOST_TEST(std::accumulate(x.begin(), x.end(), 0.0f) == 10);
    float sum = 0;
    for (const float v : x) sum += v;
    BOOST_TEST(sum == 10);
    const std::span<const float> all{x};
    BOOST_TEST(all.size() == 4U);
    BOOST_TEST(all.data() == x.data());
    BOOST_TEST(*std::ranges::max_element(x) == 4);
    const floats pending = x.transpose() * 2.0f;
    BOOST_TEST(std::vector<float>(pending.begin(), pending.end()) == std::vector<float>({6, 4, 2, 8}), boost::test_tools::per_element());
    const floats none;
    BOOST_TEST(std::ranges::empty(none));
    check(sn::from(x(0, sn::all).eval()), {2}, {3, 1});
    const sn::array<bool> flags{true, false};
    BOOST_TEST(std::ranges::count(flags, true) == 1);
}

/// A tensor of somebody else, that counts how often it is given back.
struct foreign {
    std::vector<float> memory = std::vector<float>(12);
    std::int64_t shape[2] = {2, 3}, strides[2] = {1, 4};
    int given_back = 0;
    sn::dlpack::managed_tensor tensor{};

    explicit foreign(std::uint64_t flags = 0) {
        std::iota(memory.begin(), memory.end(), 0.0f);
        tensor = {{1, 2}, this, [](sn::dlpack::managed_tensor* t) { ++static_cast<foreign*>(t->manager_ctx)->given_back; }, flags, {memory.data(), {1, 0}, 2, {2, 32, 1}, shape, strides, 4}};
    }
};

BOOST_AUTO_TEST_CASE(from_others) {
    foreign f;
    {
        floats x = sn::from_dlpack<float>(&f.tensor);
        check(x, {2, 3}, {1, 5, 9, 2, 6, 10});
        BOOST_TEST(x.strides()[1] == 4);
        const floats copy = x, later = x * 2.0f;
        x(0, range(1, 2)) = 50.0f;
        BOOST_TEST(f.memory[5] == 50);
        check(copy, {2, 3}, {1, 5, 9, 2, 6, 10});
        x = floats{};
        check(later, {2, 3}, {2, 10, 18, 4, 12, 20});
    }
    BOOST_TEST(f.given_back == 1);

    foreign fixed(sn::dlpack::read_only);
    {
        floats x = sn::from_dlpack<float>(&fixed.tensor);
        x(0, range(1, 2)) = 50.0f;
        check(x, {2, 3}, {1, 50, 9, 2, 6, 10});
        BOOST_TEST(fixed.memory[5] == 5);
        BOOST_TEST(fixed.given_back == 1);   // nothing looks at it any more
    }
    BOOST_TEST(fixed.given_back == 1);

    foreign dense;
    dense.tensor.dl_tensor.strides = nullptr;
    dense.tensor.deleter = nullptr;
    check(sn::from_dlpack<float>(&dense.tensor), {2, 3}, {1, 2, 3, 4, 5, 6});

    foreign wrong;
    wrong.tensor.version.major = 3;
    support::check_throws<sn::value_error>([&] { static_cast<void>(sn::from_dlpack<float>(&wrong.tensor)); }, {"version 3"});
    BOOST_TEST(wrong.given_back == 0);
}

BOOST_AUTO_TEST_CASE(to_others) {
    floats x{{1, 2, 3}, {4, 5, 6}};
    const float* const memory = x.data();
    const floats turned = x.transpose();
    sn::dlpack::managed_tensor* t = sn::to_dlpack(turned);
    BOOST_TEST(t->version.major == 1U);
    BOOST_TEST(t->flags == sn::dlpack::read_only);
    BOOST_TEST(t->dl_tensor.data == static_cast<const void*>(memory));
    BOOST_TEST(t->dl_tensor.ndim == 2);
    BOOST_TEST(t->dl_tensor.shape[0] == 3);
    BOOST_TEST(t->dl_tensor.strides[0] == 1);
    BOOST_TEST(t->dl_tensor.strides[1] == 3);
    BOOST_TEST(int{t->dl_tensor.dtype.code} == 2);
    BOOST_TEST(int{t->dl_tensor.dtype.bits} == 32);
    // What is looked at keeps its values, whatever becomes of the array.
    x(0, range(0, 1)) = 9.0f;
    x.eval();
    BOOST_TEST(static_cast<const float*>(t->dl_tensor.data)[0] == 1);
    check(sn::from_dlpack<float>(t), {3, 2}, {1, 4, 2, 5, 3, 6});

    floats own = x * 1.0f;
    const float* const its = own.data();
    t = sn::to_dlpack(std::move(own));
    BOOST_TEST(t->flags == 0U);
    BOOST_TEST(t->dl_tensor.data == static_cast<const void*>(its));
    static_cast<float*>(t->dl_tensor.data)[1] = 20;
    check(sn::from_dlpack<float>(t), {2, 3}, {9, 20, 3, 4, 5, 6});

    floats shared = x;
    t = sn::to_dlpack(std::move(shared));
    BOOST_TEST(t->dl_tensor.data != static_cast<const void*>(x.data()));
    t->deleter(t);

    t = sn::to_dlpack(sn::array<std::uint16_t>{});
    BOOST_TEST(t->dl_tensor.shape[0] == 0);
    t->deleter(t);
    const auto code_of = [](auto value) {
        sn::dlpack::managed_tensor* const one = sn::to_dlpack(sn::full({}, value));
        const std::pair<int, int> type{one->dl_tensor.dtype.code, one->dl_tensor.dtype.bits};
        one->deleter(one);
        return type;
    };
    BOOST_TEST((code_of(true) == std::pair{6, 8}));
    BOOST_TEST((code_of(std::int64_t{1}) == std::pair{0, 64}));
    BOOST_TEST((code_of(std::uint16_t{1}) == std::pair{1, 16}));
    BOOST_TEST((code_of(1.0) == std::pair{2, 64}));
}

/// As in the library's own header, where enumerations stand for some of the numbers.
enum device_kind { on_cpu = 1, on_gpu = 2 };
struct their_version {
    std::uint32_t major, minor;
};
struct their_device {
    device_kind device_type;
    std::int32_t device_id;
};
struct their_type {
    std::uint8_t code, bits;
    std::uint16_t lanes;
};
struct their_tensor {
    void* data;
    their_device device;
    std::int32_t ndim;
    their_type dtype;
    std::int64_t *shape, *strides;
    std::uint64_t byte_offset;
};
struct their_managed {
    their_version version;
    void* manager_ctx;
    void (*deleter)(their_managed*);
    std::uint64_t flags;
    their_tensor dl_tensor;
};

BOOST_AUTO_TEST_CASE(structs_of_the_other_header) {
    const floats x{1, 2, 3};
    their_managed* const t = sn::to_dlpack<their_managed>(x(range({}, {}, -1)));
    BOOST_TEST(t->dl_tensor.device.device_type == on_cpu);
    check(sn::from_dlpack<float>(t), {3}, {3, 2, 1});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
