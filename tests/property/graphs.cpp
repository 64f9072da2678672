// Random programs of several statements: fused or not, the bits are the same. Prints the digest of each, so that runs on different
// backends and numbers of threads can be compared. SINTER_TEST_SEED chooses the programs, SINTER_TEST_GRAPHS how many.

#include "property/generator.hpp"
#include "support/digest.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iterator>

namespace {

namespace sn = sinter;

[[nodiscard]] std::uint32_t number_from(const char* variable, std::uint32_t otherwise) {
    const char* const text = std::getenv(variable);
    return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

[[nodiscard]] std::uint64_t digest_of(const property::program& p, property::how h) {
    support::digest d;
    for (const property::value& v : property::run(p, h)) std::visit([&](const auto& x) { d.add(x); }, v);
    return d.value();
}

// Programs that once failed, and why.
struct known_program {
    std::uint32_t seed = 0;
    property::vocabulary words = property::vocabulary::all;
};
constexpr known_program known[] = {
    {108434, property::vocabulary::up_to_array_functions},  // machine code of a rare region took its operand for the kernel's first constant
};

/// False when the ways of evaluating differ, or one throws.
[[nodiscard]] bool check(known_program which, std::uint32_t number) {
    const std::uint32_t seed = which.seed;
    const property::program p = property::make_program(seed, which.words);
    try {
        const std::uint64_t single = digest_of(p, property::how::one_by_one);
        const std::uint64_t together = digest_of(p, property::how::together);
        const std::uint64_t held = digest_of(p, property::how::held);
        std::printf("case graph_%u_seed_%u %016llx\n", number, seed, static_cast<unsigned long long>(single));
        if (single == together && single == held) return true;
        std::fprintf(stderr, "one by one %016llx, together %016llx, held %016llx\n%s", static_cast<unsigned long long>(single),
                     static_cast<unsigned long long>(together), static_cast<unsigned long long>(held), property::to_string(p).c_str());
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n%s", e.what(), property::to_string(p).c_str());
    }
    return false;
}

}  // namespace

int main() {
    const std::uint32_t seed = number_from("SINTER_TEST_SEED", 1);
    const std::uint32_t count = number_from("SINTER_TEST_GRAPHS", 250);
    std::printf("seed %u\n", seed);
    std::uint32_t wrong = 0;
    for (std::uint32_t i = 0; i < count; ++i) wrong += check({.seed = seed + i}, i) ? 0U : 1U;
    for (std::uint32_t i = 0; i < std::size(known); ++i) wrong += check(known[i], count + i) ? 0U : 1U;
    if (wrong > 0) std::fprintf(stderr, "%u of %zu programs depend on how they are evaluated\n", wrong, count + std::size(known));
    return wrong == 0 ? 0 : 1;
}
