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
#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>
#include <thread>
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
constinit std::atomic<std::size_t> stayed = 0, asked = 0;  // pages, of the last placement that fell short

constexpr std::size_t at_once = 4096;  // pages in one call

constexpr std::size_t word_bits = 8 * sizeof(unsigned long);

[[nodiscard]] bool bind(std::uintptr_t start, std::uintptr_t past, int mode, const std::vector<int>& nodes, unsigned flags) {
    if (start >= past) return true;
    std::vector<unsigned long> mask(static_cast<std::size_t>(std::ranges::max(nodes)) / word_bits + 1);
    for (const int n : nodes) mask[static_cast<std::size_t>(n) / word_bits] |= 1UL << (static_cast<std::size_t>(n) % word_bits);
    for (int rounds = 0; rounds < 200; ++rounds) {
        // The kernel takes one bit less than it is told.
        if (libnuma().bind(reinterpret_cast<void*>(start), past - start, mode, mask.data(), mask.size() * word_bits + 1, flags) == 0) return true;
        if (errno != EIO) break;
        // A huge page is just being moved, by another thread or the system.
        std::this_thread::sleep_for(std::chrono::microseconds(500));
        errno = EIO;
    }
    refused.store(errno, std::memory_order_relaxed);
    return false;
}

/// Sends pages to a node, each by itself. The system stops at the first page that there is no room for, and then so does this.
class sender {
public:
    explicit sender(int node) : node_{node} {}
    void add(std::uintptr_t at) {
        if (!room_) return;
        pages_.push_back(reinterpret_cast<void*>(at));
        if (pages_.size() == at_once) send();
    }
    [[nodiscard]] bool finish() {
        send();
        return good_;
    }

private:
    void send() {
        to_.assign(pages_.size(), node_);
        status_.assign(pages_.size(), 0);
        const long left = pages_.empty() ? 0 : libnuma().move(0, pages_.size(), pages_.data(), to_.data(), status_.data(), MPOL_MF_MOVE);
        room_ = left == 0;
        if (left < 0 && errno != ENOMEM) {
            refused.store(errno, std::memory_order_relaxed);
            good_ = false;
        }
        pages_.clear();
    }

    int node_;
    std::vector<void*> pages_;
    std::vector<int> to_, status_;
    bool room_ = true, good_ = true;
};

/// All to one node, also pages to come. What the process is bound to must not get a policy of its own: pages without room would come to the nodes that are forbidden.
[[nodiscard]] bool prefer(std::uintptr_t start, std::uintptr_t past, int node) {
    if (!host_topology().bound) return bind(start, past, MPOL_PREFERRED, {node}, MPOL_MF_MOVE);
    sender to{node};
    for (std::uintptr_t at = start; at < past; at += page_bytes) to.add(at);
    return to.finish();
}

/// One after the other in turns of `grain`. Pages that some allowed node holds are in place for a policy, so each one is sent by itself, node by node.
[[nodiscard]] bool interleave(std::uintptr_t start, std::uintptr_t past, std::uintptr_t origin, std::size_t grain, const std::vector<int>& nodes) {
    if (!host_topology().bound && !bind(start, past, MPOL_INTERLEAVE, nodes, 0)) return false;
    bool good = true;
    for (std::size_t k = 0; k < nodes.size(); ++k) {
        sender to{nodes[k]};
        for (std::uintptr_t at = start; at < past; at += page_bytes) {
            if ((at - origin) / grain % nodes.size() == k) to.add(at);
        }
        good = to.finish() && good;
    }
    return good;
}

/// Counts pages, and those that are not where they should be.
class census {
public:
    /// wanted(at): the number of the node that the page at an address should be on.
    template <class F>
    void take(std::uintptr_t start, std::uintptr_t past, F&& wanted) {
        std::vector<void*> pages;
        std::vector<int> status;
        for (std::uintptr_t at = start; at < past;) {
            pages.clear();
            for (; at < past && pages.size() < at_once; at += page_bytes) pages.push_back(reinterpret_cast<void*>(at));
            status.assign(pages.size(), -1);
            if (libnuma().move(0, pages.size(), pages.data(), nullptr, status.data(), 0) != 0) return;
            for (std::size_t i = 0; i < pages.size(); ++i) {
                // What nobody has touched yet is nowhere.
                if (status[i] < 0) continue;
                ++pages_;
                if (status[i] != wanted(reinterpret_cast<std::uintptr_t>(pages[i]))) ++elsewhere_;
            }
        }
    }
    /// Whether nearly all are in place. The last census that found others is what about() tells.
    [[nodiscard]] bool agrees() const noexcept {
        if (elsewhere_ > 0) {
            stayed.store(elsewhere_, std::memory_order_relaxed);
            asked.store(pages_, std::memory_order_relaxed);
        }
        return 8 * elsewhere_ <= pages_;
    }

private:
    std::size_t pages_ = 0, elsewhere_ = 0;
};

/// Each node's part to its home.
[[nodiscard]] bool share_by_rows(std::uintptr_t start, std::uintptr_t past, std::uintptr_t origin, std::size_t bytes, std::size_t grain) {
    const plan::node_machine& machine = shared_nodes();
    const std::vector<memory_node>& memory = host_topology().memory;
    index_t whole = 0, before = 0;
    for (const int n : machine.cpus) whole += n;
    const auto units = static_cast<index_t>((bytes + grain - 1) / grain);
    // A huge page over the edge between two nodes, which only memory from elsewhere has, is whole on one of them.
    const std::size_t straddling = grain < huge_page_bytes ? huge_page_bytes : 0;
    bool good = true;
    census found;
    for (std::size_t node = 0; node < machine.cpus.size(); ++node) {
        const bool last = node + 1 == machine.cpus.size();
        const index_t after = before + machine.cpus[node];
        // Borrowed memory begins anywhere in a page.
        const auto edge = [&](index_t share) { return std::clamp((origin + static_cast<std::size_t>(units * share / whole) * grain) / page_bytes * page_bytes, start, past); };
        const std::uintptr_t from = node == 0 ? start : edge(before), to = last ? past : edge(after);
        const int home = memory[static_cast<std::size_t>(machine.home[node])].number;
        good = prefer(from, to, home) && good;
        found.take(from + (node == 0 ? 0 : straddling), to - (last ? 0 : straddling), [home](std::uintptr_t) { return home; });
        before = after;
    }
    return found.agrees() && good;
}

}  // namespace

bool move_pages_to(plan::placement where, void* memory, std::size_t bytes, std::size_t grain) {
    if (libnuma().bind == nullptr || libnuma().move == nullptr) return false;
    const topology& t = host_topology();
    const auto origin = reinterpret_cast<std::uintptr_t>(memory);
    const std::uintptr_t start = (origin + page_bytes - 1) / page_bytes * page_bytes;
    const std::uintptr_t past = std::max(start, (origin + bytes) / page_bytes * page_bytes);
    census found;
    if (where.memory() >= 0) {
        const int number = t.memory[static_cast<std::size_t>(where.memory())].number;
        const bool good = prefer(start, past, number);
        if (good) found.take(start, past, [number](std::uintptr_t) { return number; });
        return found.agrees() && good;
    }
    if (where == plan::placement::interleaved()) {
        std::vector<int> nodes;
        for (const memory_node& m : t.memory) nodes.push_back(m.number);
        const bool good = interleave(start, past, origin, grain, nodes);
        if (good) found.take(start, past, [&](std::uintptr_t at) { return nodes[(at - origin) / grain % nodes.size()]; });
        return found.agrees() && good;
    }
    return share_by_rows(start, past, origin, bytes, grain);
}

std::string memory_policy_note() {
    if (libnuma().bind == nullptr || libnuma().move == nullptr) return "libnuma.so.1 is not there: place() leaves memory where it is";
    if (const int error = refused.load(std::memory_order_relaxed); error != 0) return "memory could not be placed: " + std::generic_category().message(error);
    const std::size_t left = stayed.load(std::memory_order_relaxed);
    if (left == 0) return {};
    return std::to_string(left) + " of " + std::to_string(asked.load(std::memory_order_relaxed)) +
           " pages did not come where place() was to move them: their node has no room, or others use them";
}

#else

bool move_pages_to(plan::placement, void*, std::size_t, std::size_t) { return false; }
std::string memory_policy_note() { return "built without NUMA: place() leaves memory where it is"; }

#endif

}  // namespace sinter::inline v1::detail::runtime
