#include "plain_loops.hpp"

#include <cmath>

namespace nbody {

// Body j pulls at all others in turn, so that the compiler has vectors of them and no sum to reorder.
template <class T>
void plain_pull(const plain_triple<T>& at, const std::vector<T>& mass, T softening, plain_triple<T>& pull) {
    const std::size_t n = mass.size();
    pull.x.assign(n, T(0));
    pull.y.assign(n, T(0));
    pull.z.assign(n, T(0));
    const T *const x = at.x.data(), *const y = at.y.data(), *const z = at.z.data();
    T *const ax = pull.x.data(), *const ay = pull.y.data(), *const az = pull.z.data();
    for (std::size_t j = 0; j < n; ++j) {
        const T xj = x[j], yj = y[j], zj = z[j], mj = mass[j];
#pragma GCC ivdep
        for (std::size_t i = 0; i < n; ++i) {
            const T dx = xj - x[i], dy = yj - y[i], dz = zj - z[i];
            const T square = dx * dx + dy * dy + dz * dz + softening * softening;
            const T by = mj / (square * std::sqrt(square));
            ax[i] += by * dx;
            ay[i] += by * dy;
            az[i] += by * dz;
        }
    }
}

template <class T>
void plain_steps(plain_triple<T>& place, plain_triple<T>& speed, plain_triple<T>& pull, const std::vector<T>& mass, T softening, T time, int steps) {
    const std::size_t n = mass.size();
    const auto kick = [&] {
        for (std::size_t i = 0; i < n; ++i) {
            speed.x[i] += T(0.5) * time * pull.x[i];
            speed.y[i] += T(0.5) * time * pull.y[i];
            speed.z[i] += T(0.5) * time * pull.z[i];
        }
    };
    for (int step = 0; step < steps; ++step) {
        kick();
        for (std::size_t i = 0; i < n; ++i) {
            place.x[i] += time * speed.x[i];
            place.y[i] += time * speed.y[i];
            place.z[i] += time * speed.z[i];
        }
        plain_pull(place, mass, softening, pull);
        kick();
    }
}

template void plain_pull<float>(const plain_triple<float>&, const std::vector<float>&, float, plain_triple<float>&);
template void plain_pull<double>(const plain_triple<double>&, const std::vector<double>&, double, plain_triple<double>&);
template void plain_steps<float>(plain_triple<float>&, plain_triple<float>&, plain_triple<float>&, const std::vector<float>&, float, float, int);
template void plain_steps<double>(plain_triple<double>&, plain_triple<double>&, plain_triple<double>&, const std::vector<double>&, double, double, int);

}  // namespace nbody
