// Small named programs: what users write, in sizes that matter. Each can be planned in several ways.
#pragma once

#include <sinter/sinter.hpp>

#include <any>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace programs {

namespace sn = sinter;

// What one run of a program has recorded and not yet computed: the values that it asks for, and those that it holds on to.
class recorded {
public:
    recorded() = default;
    recorded(const recorded&) = default;
    recorded(recorded&&) = default;
    recorded& operator=(const recorded&) = default;
    recorded& operator=(recorded&&) = default;
    // The last one first, as a function's own go: so each result has the same memory in the next run, and what the caches have of it.
    ~recorded() {
        while (!kept_.empty()) kept_.pop_back();
    }

    template <class T>
    recorded& want(const sn::array<T>& x) {
        wanted_.push_back(x.node());
        kept_.emplace_back(x);
        return *this;
    }
    template <class T>
    recorded& hold(const sn::array<T>& x) {
        kept_.emplace_back(x);
        return *this;
    }
    [[nodiscard]] const std::vector<sn::detail::node*>& wanted() const noexcept { return wanted_; }

private:
    std::vector<sn::detail::node*> wanted_;
    std::vector<std::any> kept_;
};

struct program {
    std::string name;
    std::string what;
    // Makes the inputs, of the full size or of a tiny one, and gives what records the statements anew each time.
    std::function<std::function<recorded()>(bool tiny)> make;
};

// In the order of the tables.
[[nodiscard]] std::vector<program> all_programs();

// Its parts.
void add_elementwise(std::vector<program>& to);
void add_reductions(std::vector<program>& to);
void add_grids(std::vector<program>& to);

// Inputs: the same numbers each time, all different, away from zero.
template <class T>
[[nodiscard]] sn::array<T> numbers(const sn::extents& shape, double low = 0.5, double high = 2.0) {
    std::vector<T> v(static_cast<std::size_t>(shape.count()));
    std::uint32_t state = 12345;
    for (T& x : v) {
        state = state * 1664525U + 1013904223U;
        x = static_cast<T>(low + (high - low) * static_cast<double>(state >> 8U) / (1U << 24U));
    }
    return sn::from(v, shape);
}

}  // namespace programs
