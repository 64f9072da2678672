// Fits a cubic to noisy points: Sinter makes the points and the powers and measures what is left, Eigen solves. Neither copies the other's memory.
//
//   interop
#include "eigen.hpp"

#include <Eigen/QR>

#include <cmath>
#include <exception>
#include <iostream>
#include <vector>

namespace {

namespace sn = sinter;

// Says what does not hold; the exit code is how often.
int wrong = 0;
void expect(bool holds, const char* what) {
    if (holds) return;
    std::cerr << "not so: " << what << '\n';
    ++wrong;
}

void run() {
    constexpr sn::index_t points = 10'000, powers = 4;
    constexpr double noise = 0.01;
    const sn::array<double> truth{0.5, -1.0, 0.25, 2.0};

    const sn::array<double> x = sn::linspace<double>(-1, 1, points);
    const sn::array<double> exponents = sn::arange<double>(powers);
    const sn::array<double> a = pow(x(sn::all, sn::newaxis), exponents(sn::newaxis, sn::all));
    const sn::array<double> y = sn::sum(a * truth, {.axis = 1}) + noise * sn::random::normal<double>(sn::random::key{1}, {points});
    sn::eval(a, y);

    const auto matrix = interop::as_matrix(a);
    expect(matrix.data() == a.data(), "Eigen looks at the array's memory");
    Eigen::MatrixXd solution = matrix.colPivHouseholderQr().solve(interop::as_matrix(y));
    const double* const solved = solution.data();

    const sn::array<double> found = interop::as_array(std::move(solution));
    expect(found.data() == solved, "the array looks at Eigen's memory");
    const sn::array<double> left = y - sn::sum(a * found.transpose(), {.axis = 1});
    const double spread = sn::std(left).item();
    std::cout << "coefficients " << found.flatten() << "\nwhat is left has deviation " << spread << ", the noise has " << noise << '\n';
    expect(std::abs(spread / noise - 1) < 0.05, "what is left is the noise");
    expect(sn::allclose(found.flatten(), truth, {.rtol = 0, .atol = 0.01}), "the coefficients are those that made the points");

    // Columns in Eigen's order, and writing both ways.
    Eigen::MatrixXf columns(2, 3);
    columns << 1, 2, 3, 4, 5, 6;
    sn::array<float> b = interop::as_array(std::move(columns));
    expect(sn::array_equal(b, sn::array<float>{{1, 2, 3}, {4, 5, 6}}), "rows and columns are the same to both");
    sn::array<float> doubled = b * 2.0f;
    const sn::array<float> before = doubled;
    interop::as_writable_matrix(doubled).row(1).setZero();
    expect(sn::array_equal(doubled, sn::array<float>{{2, 4, 6}, {0, 0, 0}}), "Eigen writes into the array");
    expect(before(1, 0) == 8, "a copy keeps its values");
}

}  // namespace

int main() {
    try {
        run();
    } catch (const std::exception& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
    return wrong;
}
