#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace sinter::inline v1::detail::runtime {

/// Seconds that a call takes. The call is repeated as often as fills `least` seconds, and that `samples` times; the lower quartile counts, since
/// whatever else the machine does only makes it slower.
template <class F>
[[nodiscard]] double seconds_of(F&& call, double least, int samples) {
    using clock = std::chrono::steady_clock;
    const auto run = [&](std::size_t times) {
        const auto begin = clock::now();
        for (std::size_t i = 0; i < times; ++i) call();
        return std::chrono::duration<double>(clock::now() - begin).count();
    };
    std::size_t times = 1;
    double took = run(1);  // and what is done once is done
    for (took = run(times); took < least && times < (std::size_t{1} << 30); took = run(times)) {
        const double more = took > 0 ? least / took * 1.1 : 16;
        times = std::max(times + 1, static_cast<std::size_t>(static_cast<double>(times) * std::min(more, 16.0)));
    }
    std::vector<double> all;
    for (int i = 0; i < samples; ++i) all.push_back(run(times) / static_cast<double>(times));
    const auto quartile = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 4);
    std::nth_element(all.begin(), quartile, all.end());
    return *quartile;
}

}  // namespace sinter::inline v1::detail::runtime
