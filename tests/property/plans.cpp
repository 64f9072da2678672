// Small programs, each by every plan that the planner could have made: the bits are the same. Prints the digest of each, so that runs on
// different backends and numbers of threads can be compared.

#include "program.hpp"
#include "trial.hpp"

#include <cstdio>
#include <exception>

int main() {
    std::size_t wrong = 0;
    std::size_t most = 0;
    for (const programs::program& p : programs::all_programs()) {
        try {
            const programs::trial t(p.make(true), 60);
            const std::uint64_t bits = t.bits(t.ways()[0]);
            std::printf("case %s %016llx\n", p.name.c_str(), static_cast<unsigned long long>(bits));
            for (const programs::trial::way& w : t.ways()) {
                if (t.bits(w) == bits) continue;
                std::fprintf(stderr, "%s: other bits by %s\n", p.name.c_str(), w.name.c_str());
                ++wrong;
            }
            most = std::max(most, t.ways().size());
        } catch (const std::exception& e) {
            std::fprintf(stderr, "%s: %s\n", p.name.c_str(), e.what());
            ++wrong;
        }
    }
    // A planner that has no choices has nothing to compare.
    if (most < 10) std::fprintf(stderr, "at most %zu plans for a program\n", most);
    return wrong == 0 && most >= 10 ? 0 : 1;
}
