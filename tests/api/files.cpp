#include "support/check.hpp"
#include "support/folder.hpp"

#include <fstream>

#include <sys/stat.h>

namespace {

namespace sn = sinter;
using sn::all;
using sn::index_t;
using sn::range;
using support::check;
using support::check_ints;
using support::shape_of;

BOOST_AUTO_TEST_SUITE(files)

template <class T>
void round_trip(const std::string& path, const std::vector<index_t>& shape) {
    index_t count = 1;
    for (const index_t e : shape) count *= e;
    const sn::array<T> x = sn::cast<T>(sn::arange<double>(count) * 0.75 - 3.0).reshape(shape);
    sn::save(path, x);
    const sn::array<T> y = sn::load<T>(path);
    BOOST_TEST(!y.is_pending());
    BOOST_TEST(sn::array_equal(x, y));
    if (shape.size() < 2) return;
    sn::save(path, x.transpose());
    const sn::array<T> t = sn::load<T>(path);
    BOOST_TEST(!t.is_pending());
    BOOST_TEST(sn::array_equal(t, x.transpose()));
    BOOST_TEST(sn::array_equal(t.transpose(), x));
}

BOOST_AUTO_TEST_CASE(what_is_saved_is_loaded) {
    const support::folder folder;
    const std::string path = folder / "x.npy";
    for (const std::vector<index_t>& shape : {std::vector<index_t>{}, {0}, {5}, {2, 3}, {3, 0}, {2, 1, 2, 1, 3, 1, 2, 2}, {600, 500}}) {
        round_trip<bool>(path, shape);
        round_trip<std::int8_t>(path, shape);
        round_trip<std::int16_t>(path, shape);
        round_trip<std::int32_t>(path, shape);
        round_trip<std::int64_t>(path, shape);
        round_trip<std::uint8_t>(path, shape);
        round_trip<std::uint16_t>(path, shape);
        round_trip<std::uint32_t>(path, shape);
        round_trip<std::uint64_t>(path, shape);
        round_trip<float>(path, shape);
        round_trip<double>(path, shape);
    }
}

BOOST_AUTO_TEST_CASE(expressions_views_and_pending_arrays) {
    const support::folder folder;
    const std::string path = folder / "x.npy";
    const sn::array<float> x{{1, 2, 3}, {4, 5, 6}};
    sn::save(path, x * 2.0f);
    check(sn::load<float>(path), {2, 3}, {2, 4, 6, 8, 10, 12});
    sn::save(path, x(all, range({}, {}, -2)));
    check(sn::load<float>(path), {2, 2}, {3, 1, 6, 4});
    const sn::array<float> pending = x + 1.0f;
    sn::save(path, pending);
    check(sn::load<float>(path), {2, 3}, {2, 3, 4, 5, 6, 7});
    sn::save(path, sn::array<float>());
    check(sn::load<float>(path), {0}, {});
}

BOOST_AUTO_TEST_CASE(fortran_order_is_kept_without_a_copy) {
    const support::folder folder;
    const sn::array<double> x = sn::arange<double>(1000 * 300).reshape({1000, 300});
    for (const auto& [rows, columns] : {std::pair<index_t, index_t>{1000, 300}, {4, 5}}) {
        sn::array<double> part = x(range(0, rows), range(0, columns)) + 0.0;
        part.eval();
        sn::save(folder / "x.npy", part.transpose());
        const sn::array<double> y = sn::load<double>(folder / "x.npy");
        BOOST_TEST((y.strides() == sn::extents{1, columns}));
        BOOST_TEST(sn::array_equal(y, part.transpose()));
    }
}

BOOST_AUTO_TEST_CASE(large_files_are_values_like_others) {
    const support::folder folder;
    const std::string path = folder / "x.npy";
    const index_t n = 1 << 20;
    sn::save(path, sn::arange<float>(n));
    sn::array<float> x = sn::load<float>(path);
    const sn::array<float> kept = x;
    x(range(0, 2)) = -1.0f;
    x.at(5) = 7;
    BOOST_TEST(x(0) == -1);
    BOOST_TEST(kept(0) == 0);
    BOOST_TEST(kept(5) == 5);
    // A file that is replaced, or removed, is still there for who has it.
    sn::save(path, kept * 2.0f);
    BOOST_TEST(kept(n - 1) == static_cast<float>(n - 1));
    BOOST_TEST(sn::load<float>(path)(n - 1) == static_cast<float>(2 * (n - 1)));
    sn::save(path, sn::load<float>(path) + 1.0f);
    BOOST_TEST(sn::load<float>(path)(1) == 3);
    std::remove(path.c_str());
    BOOST_TEST(sn::array_equal(kept, sn::arange<float>(n)));
}

BOOST_AUTO_TEST_CASE(booleans_that_are_not_one_or_zero) {
    const support::folder folder;
    const std::string path = folder / "x.npy";
    sn::save(path, sn::array<bool>{true, false, true});
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-3, std::ios::end);
    file.write("\xff\x00\x02", 3);
    file.close();
    check_ints(sn::cast<std::int32_t>(sn::load<bool>(path)) + 1, {3}, {2, 1, 2});
}

BOOST_AUTO_TEST_CASE(archives) {
    const support::folder folder;
    const std::string path = folder / "x.npz";
    const sn::array<float> x{{1, 2, 3}, {4, 5, 6}};
    const sn::array<float> y = x * 2.0f, z = y + 1.0f;
    sn::save_npz(path, {{"x", x}, {"y.npy", y}, {"sums", sn::sum(z, {.axis = 1})}, {"count", sn::count_nonzero(x)}, {"long", sn::arange<double>(1 << 18)}});
    BOOST_TEST((sn::npz_names(path) == std::vector<std::string>{"x", "y", "sums", "count", "long"}));
    check(sn::load_npz<float>(path, "x"), {2, 3}, {1, 2, 3, 4, 5, 6});
    check(sn::load_npz<float>(path, "y"), {2, 3}, {2, 4, 6, 8, 10, 12});
    check(sn::load_npz<float>(path, "y.npy"), {2, 3}, {2, 4, 6, 8, 10, 12});
    check(sn::load_npz<float>(path, "sums"), {2}, {15, 33});
    check_ints(sn::load_npz<std::int64_t>(path, "count"), {}, {6});
    BOOST_TEST(sn::array_equal(sn::load_npz<double>(path, "long"), sn::arange<double>(1 << 18)));
    sn::save_npz(path, {});
    BOOST_TEST(sn::npz_names(path).empty());
}

BOOST_AUTO_TEST_CASE(saving_replaces_and_keeps_permissions_and_links) {
    const support::folder folder;
    const std::string path = folder / "x.npy", link = folder / "link.npy";
    sn::save(path, sn::array<float>{1, 2});
    BOOST_REQUIRE(::chmod(path.c_str(), 0640) == 0);
    BOOST_REQUIRE(::symlink("x.npy", link.c_str()) == 0);
    sn::save(link, sn::array<float>{3});
    struct stat status {};
    BOOST_REQUIRE(::lstat(path.c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 0777) == 0640);
    BOOST_REQUIRE(::lstat(link.c_str(), &status) == 0);
    BOOST_TEST(S_ISLNK(status.st_mode));
    check(sn::load<float>(path), {1}, {3});
    BOOST_TEST((folder.names() == std::vector<std::string>{"link.npy", "x.npy"}));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_computed_leaves_the_file) {
    const support::folder folder;
    const std::string path = folder / "x.npy";
    const sn::array<std::int32_t> a{1, 2}, zero{1, 0};
    sn::save(path, a);
    BOOST_CHECK_THROW(sn::save(path, a / zero), sn::value_error);
    check_ints(sn::load<std::int32_t>(path), {2}, {1, 2});
    BOOST_TEST((folder.names() == std::vector<std::string>{"x.npy"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
