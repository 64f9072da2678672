#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>

namespace sinter::inline v1::detail::runtime {

/// Seconds that one call takes.
template <class F>
[[nodiscard]] double seconds_of_one(F&& call) {
    using clock = std::chrono::steady_clock;
    const auto begin = clock::now();
    call();
    return std::chrono::duration<double>(clock::now() - begin).count();
}

/// Seconds that a call takes. The call is repeated as often as fills `least` seconds, and that `samples` times; the fastest counts, since whatever else
/// the machine does only makes it slower.
template <class F>
[[nodiscard]] double seconds_of(F&& call, double least, int samples) {
    const auto run = [&](std::size_t times) {
        return seconds_of_one([&] {
            for (std::size_t i = 0; i < times; ++i) call();
        });
    };
    static_cast<void>(run(1));  // what is done once is done
    std::size_t times = 1;
    for (double took = run(times); took < least && times < (std::size_t{1} << 30); took = run(times)) {
        const double more = took > 0 ? std::min(1.1 * least / took, 16.0) : 16;
        times = std::max(times + 1, static_cast<std::size_t>(static_cast<double>(times) * more));
    }
    double fastest = std::numeric_limits<double>::infinity();
    for (int i = 0; i < samples; ++i) fastest = std::min(fastest, run(times) / static_cast<double>(times));
    return fastest;
}

}  // namespace sinter::inline v1::detail::runtime
