// One program, and every plan that could be made for it. Reaches past the public interface.
#pragma once

#include "plan/alternatives.hpp"
#include "program.hpp"
#include "runtime/execute.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace programs {

class trial {
public:
    // At most so many plans.
    trial(std::function<recorded()> record, std::size_t most);

    struct way {
        std::string name;
        double predicted = 0;  // seconds
        std::size_t kernels = 0;
        std::shared_ptr<const sn::detail::runtime::ready_plan> ready;
    };
    // The first is the chosen one.
    [[nodiscard]] const std::vector<way>& ways() const noexcept { return ways_; }

    // Records, runs by that plan, and gives a hash of the results' bits; NaN all count as one.
    [[nodiscard]] std::uint64_t bits(const way& w) const;
    // Seconds that the plan took; recording and capturing are not counted.
    [[nodiscard]] double seconds(const way& w) const;

private:
    std::function<recorded()> record_;
    std::vector<way> ways_;
};

}  // namespace programs
