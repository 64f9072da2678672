// What the files around hand-written loops share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "contenders.hpp"
#include "workers.hpp"

namespace perf {

inline void on_workers(contender& c, int threads) {
    c.enter = [threads] { workers::instance().enter(threads); };
    c.leave = [] { workers::instance().leave(); };
}

// Memory for elements that are not float.
template <class T>
class placed {
public:
    explicit placed(std::size_t n) : where_((n * sizeof(T) + sizeof(float) - 1) / sizeof(float)) {}
    explicit placed(const std::vector<T>& values) : placed(values.size()) { std::copy(values.begin(), values.end(), data()); }
    [[nodiscard]] T* data() const { return reinterpret_cast<T*>(where_.data()); }

private:
    memory where_;
};

// What is written for one thread: f(y) leaves the result in y, which has so much room, and returns how many elements it has.
template <class T, class F>
void add_alone(const problem& p, std::size_t room, F f, std::vector<contender>& out) {
    if (p.threads != 1) return;
    const auto y = std::make_shared<placed<T>>(room);
    contender c{"hand", [y, f](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            f(y->data());
            observe(y->data());
        }
    }};
    c.result = [y, f] { return std::vector<float>(y->data(), y->data() + f(y->data())); };
    on_workers(c, 1);
    out.push_back(std::move(c));
}

}
