#include "runtime/memory_policy.hpp"

#include "runtime/numa.hpp"
#include "runtime/pages.hpp"
#include "runtime/topology.hpp"

#if SINTER_HAVE_NUMA
#include <numaif.h>
#endif

#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <vector>

namespace sinter::inline v1::detail::runtime {

#if SINTER_HAVE_NUMA

namespace {

/// Loaded when it is wanted, so that programs run where there is none.
struct library {
    decltype(&::mbind) bind = nullptr;
    decltype(&::move_pages) move = nullptr;
};

[[nodiscard]] const library& libnuma() {
    static const library one = [] {
        library l;
        if (void* const object = ::dlopen("libnuma.so.1", RTLD_NOW | RTLD_LOCAL); object != nullptr) {
            l.bind = reinterpret_cast<decltype(l.bind)>(::dlsym(object, "mbind"));
            l.move = reinterpret_cast<decltype(l.move)>(::dlsym(object, "move_pages"));
        }
        return l;
    }();
    return one;
}

constinit std::atomic<int> refused = 0;

constexpr std::size_t word_bits = 8 * sizeof(unsigned long);

[[nodiscard]] bool bind(std::uintptr_t start, std::uintptr_t past, int mode, const std::vector<int>& nodes, unsigned flags) {
    if (start >= past) return true;
    std::vector<unsigned long> mask(static_cast<std::size_t>(std::ranges::max(nodes)) / word_bits + 1);
    for (const int n : nodes) mask[static_cast<std::size_t>(n) / word_bits] |= 1UL << (static_cast<std::size_t>(n) % word_bits);
    // The kernel takes one bit less than it is told.
    if (libnuma().bind(reinterpret_cast<void*>(start), past - start, mode, mask.data(), mask.size() * word_bits + 1, flags) == 0) return true;
    refused.store(errno, std::memory_order_relaxed);
    return false;
}

/// One after the other in turns of `grain`. Pages that some allowed node holds are in place for a policy, so each one is sent by itself.
[[nodiscard]] bool interleave(std::uintptr_t start, std::uintptr_t past, std::uintptr_t origin, std::size_t grain, const std::vector<int>& nodes) {
    if (!bind(start, past, MPOL_INTERLEAVE, nodes, 0)) return false;
    constexpr std::size_t at_once = 4096;
    std::vector<void*> pages;
    std::vector<int> to, status;
    const auto send = [&] {
        status.assign(pages.size(), 0);
        const bool good = pages.empty() || libnuma().move(0, pages.size(), pages.data(), to.data(), status.data(), MPOL_MF_MOVE) >= 0;
        if (!good) refused.store(errno, std::memory_order_relaxed);
        pages.clear();
        to.clear();
        return good;
    };
    for (std::uintptr_t at = start; at < past; at += page_bytes) {
        pages.push_back(reinterpret_cast<void*>(at));
        to.push_back(nodes[(at - origin) / grain % nodes.size()]);
        if (pages.size() == at_once && !send()) return false;
    }
    return send();
}

}  // namespace

bool move_pages_to(plan::placement where, void* memory, std::size_t bytes, std::size_t grain) {
    if (libnuma().bind == nullptr || libnuma().move == nullptr) return false;
    const topology& t = host_topology();
    const auto origin = reinterpret_cast<std::uintptr_t>(memory);
    const std::uintptr_t start = (origin + page_bytes - 1) / page_bytes * page_bytes;
    const std::uintptr_t past = std::max(start, (origin + bytes) / page_bytes * page_bytes);
    if (where.memory() >= 0) return bind(start, past, MPOL_PREFERRED, {t.memory[static_cast<std::size_t>(where.memory())].number}, MPOL_MF_MOVE);
    if (where == plan::placement::interleaved()) {
        std::vector<int> nodes;
        for (const memory_node& m : t.memory) nodes.push_back(m.number);
        return interleave(start, past, origin, grain, nodes);
    }
    const plan::node_machine& machine = shared_nodes();
    const auto nodes = static_cast<int>(machine.cpus.size());
    index_t whole = 0, before = 0;
    for (const int n : machine.cpus) whole += n;
    const auto units = static_cast<index_t>((bytes + grain - 1) / grain);
    bool good = true;
    for (int node = 0; node < nodes; ++node) {
        const index_t after = before + machine.cpus[static_cast<std::size_t>(node)];
        // Borrowed memory begins anywhere in a page.
        const auto edge = [&](index_t share) { return std::clamp((origin + static_cast<std::size_t>(units * share / whole) * grain) / page_bytes * page_bytes, start, past); };
        const int home = t.memory[static_cast<std::size_t>(machine.home[static_cast<std::size_t>(node)])].number;
        good = bind(before == 0 ? start : edge(before), node + 1 == nodes ? past : edge(after), MPOL_PREFERRED, {home}, MPOL_MF_MOVE) && good;
        before = after;
    }
    return good;
}

std::string memory_policy_note() {
    if (libnuma().bind == nullptr || libnuma().move == nullptr) return "libnuma.so.1 is not there: place() leaves memory where it is";
    const int error = refused.load(std::memory_order_relaxed);
    return error == 0 ? std::string{} : "memory could not be placed: " + std::generic_category().message(error);
}

#else

bool move_pages_to(plan::placement, void*, std::size_t, std::size_t) { return false; }
std::string memory_policy_note() { return "built without NUMA: place() leaves memory where it is"; }

#endif

}  // namespace sinter::inline v1::detail::runtime
