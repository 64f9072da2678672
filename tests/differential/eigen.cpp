#include "differential/operations.hpp"
#include "support/check.hpp"

#include <Eigen/Core>

// Eigen as an outside reference.

namespace {

namespace sn = sinter;
using floats = sn::array<float>;
using matrix = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

[[nodiscard]] matrix random_matrix(Eigen::Index rows, Eigen::Index columns) { return matrix::Random(rows, columns); }
[[nodiscard]] floats view_of(const matrix& m) { return sn::borrow(m.data(), {m.rows(), m.cols()}); }

template <class X>
void expect_close(const X& ours, const matrix& theirs, float tolerance) {
    const std::vector<float> v = ours.to_vector();
    BOOST_REQUIRE_EQUAL(v.size(), static_cast<std::size_t>(theirs.size()));
    const matrix got = Eigen::Map<const matrix>(v.data(), theirs.rows(), theirs.cols());
    const float worst = v.empty() ? 0.0f : ((got - theirs).abs() / (theirs.abs() + 1.0f)).maxCoeff();
    BOOST_TEST(worst <= tolerance);
}

constexpr Eigen::Index shapes[][2] = {{1, 1}, {3, 17}, {64, 65}, {301, 203}, {1000, 1000}};

BOOST_AUTO_TEST_SUITE(eigen)

BOOST_AUTO_TEST_CASE(statements) {
    for (const auto& [r, c] : shapes) {
        const matrix a = random_matrix(r, c), b = random_matrix(r, c);
        const floats x = view_of(a), y = view_of(b);
        expect_close(x * y + x / (sn::abs(y) + 1.0f), a * b + a / (b.abs() + 1.0f), 1e-6f);
        expect_close(sn::sqrt(sn::abs(x)) - sn::minimum(x, y) * sn::maximum(x, y), a.abs().sqrt() - a.min(b) * a.max(b), 1e-6f);
        expect_close(sn::where(x < y, x, y * 2.0f), (a < b).select(a, b * 2.0f), 0.0f);
    }
}

BOOST_AUTO_TEST_CASE(functions) {
    for (const auto& [r, c] : shapes) {
        const matrix a = random_matrix(r, c) * 5.0f, b = random_matrix(r, c);
        const floats x = view_of(a), y = view_of(b);
        expect_close(sn::exp(x), a.exp(), 1e-6f);
        expect_close(sn::log(sn::abs(x) + 0.01f), (a.abs() + 0.01f).log(), 1e-6f);
        expect_close(sn::tanh(x), a.tanh(), 1e-6f);
        expect_close(sn::pow(sn::abs(x) + 0.1f, y), (a.abs() + 0.1f).pow(b), 3e-6f);
    }
}

BOOST_AUTO_TEST_CASE(rows_and_columns) {
    for (const auto& [r, c] : shapes) {
        const matrix a = random_matrix(r, c), row = random_matrix(1, c), column = random_matrix(r, 1);
        const floats x = view_of(a);
        const matrix shifted = (a.rowwise() + row.row(0)).colwise() * column.col(0);
        expect_close((x + view_of(row)) * view_of(column), shifted, 1e-6f);
        expect_close(sn::sum(x, {.axis = 1}), a.rowwise().sum(), 5e-5f);
        expect_close(sn::sum(x, {.axis = 0}), a.colwise().sum(), 5e-5f);
        expect_close(sn::max(x, {.axis = 1}), a.rowwise().maxCoeff(), 0.0f);
        expect_close(sn::min(x, {.axis = 0}), a.colwise().minCoeff(), 0.0f);
        expect_close(sn::mean(x, {.axis = 0, .keepdims = true}), a.colwise().mean(), 1e-6f);
        expect_close(sn::sum(x * x), matrix::Constant(1, 1, a.square().sum()), 5e-5f);
    }
}

BOOST_AUTO_TEST_CASE(transposed_and_reversed) {
    for (const auto& [r, c] : shapes) {
        const matrix a = random_matrix(r, c), b = random_matrix(c, r);
        expect_close(view_of(a) + view_of(b).transpose(), a + b.transpose(), 0.0f);
        expect_close(view_of(a)(sn::all, sn::range({}, {}, -1)) * 2.0f, a.rowwise().reverse() * 2.0f, 0.0f);
        expect_close(view_of(a)(sn::range({}, {}, -1)) * 2.0f, a.colwise().reverse() * 2.0f, 0.0f);
    }
}

BOOST_AUTO_TEST_CASE(normalised_rows) {
    for (const auto& [r, c] : shapes) {
        const matrix a = random_matrix(r, c);
        const floats x = view_of(a);
        const floats centred = x - sn::mean(x, {.axis = 1, .keepdims = true});
        const floats scaled = centred / sn::sqrt(sn::mean(centred * centred, {.axis = 1, .keepdims = true}) + 1e-5f);
        const matrix middle = a.colwise() - a.rowwise().mean();
        const matrix theirs = middle.colwise() / (middle.square().rowwise().mean() + 1e-5f).sqrt();
        expect_close(scaled, theirs, 1e-5f);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
