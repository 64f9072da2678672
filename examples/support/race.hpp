// Times several ways of doing the same thing.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace support {

/// One way to do the work.
struct entrant {
    std::string name;
    std::function<void()> run;
    std::vector<double> seconds{};  ///< one per timed run
};

/// Runs every entrant once untimed, then `runs` times in turn, so that whatever disturbs the machine
/// disturbs all of them alike.
void race(std::vector<entrant>& entrants, int runs);

/// The middle one, or the mean of the middle two. There must be at least one.
[[nodiscard]] double median(std::vector<double> values);

/// Seconds that one call takes.
[[nodiscard]] double time_once(const std::function<void()>& run);

}  // namespace support
