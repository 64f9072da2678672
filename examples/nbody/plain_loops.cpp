#include "plain_loops.hpp"

#include <cmath>

namespace nbody {

namespace {

// What one body, at (x, y, z), adds to the pull on all n. The result overlaps nothing, so that the compiler has vectors of bodies and no sum to reorder.
template <class T>
void add_pull(T x, T y, T z, T mass, T softening, std::size_t n, const T* at_x, const T* at_y, const T* at_z, T* __restrict pull_x, T* __restrict pull_y,
              T* __restrict pull_z) {
    for (std::size_t i = 0; i < n; ++i) {
        const T dx = x - at_x[i], dy = y - at_y[i], dz = z - at_z[i];
        const T square = dx * dx + dy * dy + dz * dz + softening * softening;
        const T by = mass / (square * std::sqrt(square));
        pull_x[i] += by * dx;
        pull_y[i] += by * dy;
        pull_z[i] += by * dz;
    }
}

}  // namespace

template <class T>
void plain_pull(const plain_triple<T>& at, const std::vector<T>& mass, T softening, plain_triple<T>& pull) {
    const std::size_t n = mass.size();
    pull.x.assign(n, T(0));
    pull.y.assign(n, T(0));
    pull.z.assign(n, T(0));
    for (std::size_t j = 0; j < n; ++j) {
        add_pull(at.x[j], at.y[j], at.z[j], mass[j], softening, n, at.x.data(), at.y.data(), at.z.data(), pull.x.data(), pull.y.data(), pull.z.data());
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
