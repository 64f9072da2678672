// nn: against plain loops in long double, the shapes they take, and that they are fused.

#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <vector>
#include <xmmintrin.h>

namespace {

namespace sn = sinter;
namespace nn = sinter::nn;
using wide = long double;

template <class T>
std::vector<T> numbers(std::size_t n, double low, double high) {
    std::mt19937_64 random{n};
    std::uniform_real_distribution<double> within{low, high};
    std::vector<T> v(n);
    for (T& x : v) x = static_cast<T>(within(random));
    return v;
}

template <class T>
void close(T got, wide wanted, double ulp, wide unit_of) {
    const wide unit = std::fabs(unit_of) * static_cast<wide>(std::numeric_limits<T>::epsilon()) + static_cast<wide>(std::numeric_limits<T>::min());
    BOOST_TEST(static_cast<double>(std::fabs(static_cast<wide>(got) - wanted) / unit) <= ulp);
}

template <class T>
void check_elementwise() {
    const std::vector<T> v = numbers<T>(300, -12, 12);
    const sn::array<T> x = sn::from(v);
    const sn::array<T> r = nn::relu(x), s = nn::sigmoid(x), u = nn::silu(x), g = nn::gelu(x);
    sn::eval(r, s, u, g);
    for (std::size_t i = 0; i < v.size(); ++i) {
        const auto at = static_cast<sn::index_t>(i);
        const wide w = v[i], e = std::exp(-w);
        BOOST_TEST(r(at).item() == (v[i] > 0 ? v[i] : T(0)));
        close(s(at).item(), 1 / (1 + e), 3, 1 / (1 + e));
        close(u(at).item(), w / (1 + e), 3, w / (1 + e));
        close(g(at).item(), w / 2 * (1 + std::erf(w / std::sqrt(wide{2}))), 2, w);
    }
}

/// rows x columns, normalised along the columns.
template <class T, class F, class P>
void check_rows(F ours, P plain, sn::index_t rows, sn::index_t columns, double ulp) {
    const std::vector<T> v = numbers<T>(static_cast<std::size_t>(rows * columns), -4, 4);
    const sn::array<T> x = sn::from(v, {rows, columns});
    const sn::array<T> along = ours(x, 1), across = ours(sn::array<T>(x.transpose()), 0);
    BOOST_TEST((along.shape() == x.shape()));
    for (sn::index_t i = 0; i < rows; ++i) {
        const std::vector<wide> row(v.begin() + i * columns, v.begin() + (i + 1) * columns);
        const std::vector<wide> wanted = plain(row);
        for (sn::index_t j = 0; j < columns; ++j) {
            const wide w = wanted[static_cast<std::size_t>(j)];
            close(along(i, j), w, ulp, std::fabs(w) + 1);
            close(across(j, i), w, ulp, std::fabs(w) + 1);
        }
    }
}

std::vector<wide> plain_softmax(const std::vector<wide>& x) {
    wide total = 0;
    for (const wide v : x) total += std::exp(v);
    std::vector<wide> y;
    for (const wide v : x) y.push_back(std::exp(v) / total);
    return y;
}

std::vector<wide> plain_log_softmax(const std::vector<wide>& x) {
    std::vector<wide> y = plain_softmax(x);
    for (wide& v : y) v = std::log(v);
    return y;
}

std::vector<wide> plain_norm(const std::vector<wide>& x, bool centred, wide epsilon) {
    const auto n = static_cast<wide>(x.size());
    wide mean = 0, square = 0;
    for (const wide v : x) mean += centred ? v / n : 0;
    for (const wide v : x) square += (v - mean) * (v - mean) / n;
    std::vector<wide> y;
    for (const wide v : x) y.push_back((v - mean) / std::sqrt(square + epsilon));
    return y;
}

template <class T>
void check_all_rows(sn::index_t rows, sn::index_t columns) {
    check_rows<T>([](const auto& x, sn::index_t axis) { return nn::softmax(x, {.axis = axis}); }, plain_softmax, rows, columns, 8);
    check_rows<T>([](const auto& x, sn::index_t axis) { return nn::log_softmax(x, {.axis = axis}); }, plain_log_softmax, rows, columns, 8);
    check_rows<T>([](const auto& x, sn::index_t axis) { return nn::layer_norm(x, {.axis = axis, .epsilon = 0.25}); },
                  [](const auto& x) { return plain_norm(x, true, 0.25L); }, rows, columns, 16);
    check_rows<T>([](const auto& x, sn::index_t axis) { return nn::rms_norm(x, {.axis = axis, .epsilon = 0.25}); },
                  [](const auto& x) { return plain_norm(x, false, 0.25L); }, rows, columns, 16);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(layers)

BOOST_AUTO_TEST_CASE(elementwise) {
    check_elementwise<float>();
    check_elementwise<double>();
}

BOOST_AUTO_TEST_CASE(special_values) {
    constexpr float inf = std::numeric_limits<float>::infinity();
    const sn::array<float> x{-inf, -200.0f, -0.0f, 0.0f, 200.0f, inf, std::numeric_limits<float>::quiet_NaN()};
    const std::vector<float> r = sn::array<float>(nn::relu(x)).to_vector(), s = sn::array<float>(nn::sigmoid(x)).to_vector();
    BOOST_TEST((r[0] == 0 && r[1] == 0 && r[4] == 200 && r[5] == inf && std::isnan(r[6])));
    BOOST_TEST((s[0] == 0 && s[1] == 0 && s[2] == 0.5f && s[4] == 1 && s[5] == 1 && std::isnan(s[6])));
}

BOOST_AUTO_TEST_CASE(inside_functions) {
    const sn::array<double> x{-1.5, 0.0, 2.0};
    const sn::array<double> y = sn::fn([](auto v) { return nn::gelu(nn::silu(v) + nn::sigmoid(v)) - nn::relu(v); })(x);
    const sn::array<double> u = nn::silu(x) + nn::sigmoid(x), wanted = nn::gelu(u) - nn::relu(x);
    BOOST_TEST(sn::allclose(y, wanted, {.rtol = 1e-14, .atol = 1e-14}));
}

BOOST_AUTO_TEST_CASE(along_rows_and_columns) {
    for (const sn::index_t n : {1, 2, 15, 16, 17, 64, 1000}) {
        check_all_rows<float>(5, n);
        check_all_rows<double>(3, n);
    }
}

BOOST_AUTO_TEST_CASE(weights) {
    const sn::array<float> x = sn::from(numbers<float>(60, -2, 2), {3, 20}), w = sn::from(numbers<float>(20, 0, 2)), b = sn::from(numbers<float>(20, -1, 1));
    BOOST_TEST(sn::array_equal(sn::array<float>(nn::layer_norm(x, w, b)), sn::array<float>(nn::layer_norm(x) * w + b)));
    BOOST_TEST(sn::array_equal(sn::array<float>(nn::rms_norm(x * 2.0f, w, {.epsilon = 1e-3})), sn::array<float>(nn::rms_norm(x * 2.0f, {.epsilon = 1e-3}) * w)));
}

// Large values do not overflow; an axis without elements has no greatest one.
BOOST_AUTO_TEST_CASE(limits) {
    const sn::array<float> x{{1000.0f, 1000.0f}, {-1000.0f, 1000.0f}};
    BOOST_TEST(sn::array_equal(sn::array<float>(nn::softmax(x)), sn::array<float>{{0.5f, 0.5f}, {0.0f, 1.0f}}));
    BOOST_CHECK_THROW(static_cast<void>(nn::softmax(sn::zeros<float>({2, 0}))), sn::value_error);
    BOOST_CHECK_THROW(static_cast<void>(nn::softmax(x, {.axis = 2})), sn::index_error);
}

// The picture of a layer: what precedes and follows runs in the same pass over the rows.
BOOST_AUTO_TEST_CASE(fused) {
    const sn::array<float> x = sn::from(numbers<float>(1 << 20, -2, 2), {1024, 1024});
    const sn::array<float> y = nn::gelu(nn::layer_norm(x * 2.0f) + 1.0f);
    const sn::plan_report plan = sn::explain(y);
    double read = 0;
    for (const sn::kernel_report& k : plan.kernels) {
        BOOST_TEST(k.ops.size() > 0U);
        read += static_cast<double>(k.bytes_read);
    }
    // A pass for each of the two reductions and the end at the most, where tiles would not pay: never one for each statement.
    BOOST_TEST(plan.kernels.size() <= 5U);
    BOOST_TEST(read <= 3.01 * (4 << 20));
}

BOOST_AUTO_TEST_CASE(in_another_mode) {
    // A chain of kernels looks at the floating-point mode once: the caller's changes no bit, and is there again.
    const auto v = numbers<float>(4096 * 256, -1, 3);
    const sn::array<float> x = sn::from(v).reshape({4096, 256});
    for (const int threads : {1, 2}) {
        const sn::scoped_options o{.threads = threads};
        const std::vector<float> wanted = nn::layer_norm(x).to_vector();
        const unsigned before = _mm_getcsr();
        for (const unsigned mode : {0x2000U, 0x4000U, 0x6000U, 0x8040U}) {
            const unsigned set = (before & ~0xe07fU) | mode;
            _mm_setcsr(set);
            const std::vector<float> got = nn::layer_norm(x).to_vector();
            const unsigned after = _mm_getcsr();
            _mm_setcsr(before);
            BOOST_TEST(((after & ~0x3fU) == set));
            BOOST_TEST((got == wanted));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
