#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sinter::inline v1::detail::plan {

/// What the planner chooses, whenever more than one way is legal. Every way gives the same bits.
enum class decision_kind : std::uint8_t {
    store,    // whether a value is computed where it is needed, or gets memory: 0 in place, 1 stored, 2 stored and its readers cut off
    hold,     // whether a pending value that the program holds is stored on the way: 0 no, 1 yes
    fuse,     // the kernel that a stored value joins: the number of that kernel's first value, or `alone`
    loops,    // the axes of the inner loop and of the rows: inner * 16 + rows
    tile,     // rows << 32 | elements of each row; 0: none
    stream,   // stores past the caches: 0 no, 1 yes
    threads,  // how many
    backend,  // an isa
    collapse, // whether neighbouring axes that are one in memory are one loop: 0 yes, 1 no
    unroll,   // vectors that the inner loop takes at a time; 0: as many as registers allow
    pipeline, // how a chain runs: 0 tile by tile, 1 its launches side by side, each some rows behind
    compile,  // machine code before the first run: 0 yes, 1 once it has run so often, on the portable backend, that it pays, 2 when another thread has made it
};

/// "store", "hold", "fuse", ...
[[nodiscard]] const char* name_of(decision_kind k) noexcept;

/// As the option of a fuse decision: a kernel of its own.
inline constexpr std::uint64_t alone = ~std::uint64_t{0};
inline constexpr std::uint32_t no_launch = ~std::uint32_t{0};

/// One of the ways.
struct option {
    std::uint64_t key = 0;  // see decision_kind: the same in every plan of the graph
    std::string name;       // for reading; '#' stands for the number of the kernel that computes value `key`
    double seconds = -1;    // what it costs as far as the ways differ; negative: the model does not say
    std::string refused;    // why it is not legal; empty: it is
};

struct decision {
    decision_kind kind = decision_kind::store;
    std::uint32_t value = 0;     // what it is about: a value, or the kernel whose first value that is
    std::uint32_t captured = 0;  // the statement that the value came from
    std::vector<option> options;
    std::size_t taken = 0;
    bool forced = false;
    std::uint32_t launch = no_launch;  // that computes the value
};

/// An option that a test wants taken. Nothing happens where the decision does not come up, or the option is not legal there.
struct forced_choice {
    decision_kind kind = decision_kind::store;
    std::uint32_t value = 0;
    std::uint64_t key = 0;
    bool operator==(const forced_choice&) const = default;
};

/// An option that the planner has found to be better by making both plans, and what they take.
struct proposal {
    forced_choice choice;
    double before = 0, after = 0;  // seconds
};

/// Where the planner asks before it chooses.
class decision_log {
public:
    decision_log(const std::vector<forced_choice>& forced, const std::vector<proposal>& proposed, bool keep)
        : forced_{forced}, proposed_{proposed}, keep_{keep} {}

    /// Whether alternatives have to be looked at even where the choice is clear.
    [[nodiscard]] bool asks() const noexcept { return keep_ || !forced_.empty() || !proposed_.empty(); }
    /// Which option is taken: options[wanted], unless another one is forced. At least one must be legal, and wanted is.
    [[nodiscard]] std::size_t choose(decision_kind kind, std::uint32_t value, std::uint32_t captured, std::vector<option> options, std::size_t wanted);
    /// The decisions so far, handed over.
    [[nodiscard]] std::vector<decision> take() noexcept { return std::move(made_); }

private:
    const std::vector<forced_choice>& forced_;
    const std::vector<proposal>& proposed_;
    std::vector<decision> made_;
    bool keep_;
};

}  // namespace sinter::inline v1::detail::plan
