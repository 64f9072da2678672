#include "runtime/memory_rules.hpp"

#include "base/blocked_signals.hpp"
#include "base/system_file.hpp"
#include "runtime/pages.hpp"

#include <linux/mempolicy.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <new>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace sinter::inline v1::detail::runtime {

namespace {

/// Nodes as the system writes them down.
class node_mask {
public:
    [[nodiscard]] unsigned long* words() noexcept { return words_.data(); }
    [[nodiscard]] static constexpr std::size_t bits() noexcept { return word_bits * size; }
    [[nodiscard]] std::vector<int> numbers() const {
        std::vector<int> all;
        for (std::size_t i = 0; i < bits(); ++i) {
            if ((words_[i / word_bits] >> (i % word_bits) & 1) != 0) all.push_back(static_cast<int>(i));
        }
        return all;
    }

private:
    static constexpr std::size_t size = 64, word_bits = 8 * sizeof(unsigned long);
    std::array<unsigned long, size> words_{};
};

/// What the cpuset allows, for where asking for policies is refused, as it is in many containers.
[[nodiscard]] std::vector<int> allowed_by_cpuset() {
    const std::string status = base::read_system_file("/proc/thread-self/status");
    constexpr std::string_view name = "\nMems_allowed_list:";
    const std::size_t at = status.find(name);
    if (at == std::string::npos) return {};
    std::string_view list = std::string_view{status}.substr(at + name.size());
    list = list.substr(0, list.find('\n'));
    list.remove_prefix(std::min(list.size(), list.find_first_not_of(" \t")));
    return base::parse_list(list);
}

}  // namespace

memory_rules rules_of(int mode, const std::vector<int>& nodes, std::vector<int> allowed) {
    memory_rules r{std::move(allowed), false, false, {}};
    switch (mode & ~MPOL_MODE_FLAGS) {
        case MPOL_DEFAULT:
        case MPOL_LOCAL: break;
        case MPOL_BIND: {
            std::vector<int> both;
            if (r.nodes.empty()) both = nodes;
            else std::ranges::set_intersection(r.nodes, nodes, std::back_inserter(both));
            r.bound = !both.empty() && both != r.nodes;
            if (r.bound) r.nodes = std::move(both);
            break;
        }
        // Without a node it is the thread's own.
        case MPOL_PREFERRED: r.placed_by = nodes.empty() ? "" : "preferred"; break;
        case MPOL_INTERLEAVE: r.placed_by = "interleave"; break;
        default: r.placed_by = "policy " + std::to_string(mode); break;
    }
    return r;
}

memory_rules told_of_memory() {
    node_mask allowed, by_policy;
    std::vector<int> nodes;
    if (::syscall(SYS_get_mempolicy, nullptr, allowed.words(), node_mask::bits(), nullptr, MPOL_F_MEMS_ALLOWED) == 0) nodes = allowed.numbers();
    else nodes = allowed_by_cpuset();
    int mode = MPOL_DEFAULT;
    if (::syscall(SYS_get_mempolicy, &mode, by_policy.words(), node_mask::bits(), nullptr, 0) != 0) mode = MPOL_DEFAULT;
    memory_rules r = rules_of(mode, by_policy.numbers(), std::move(nodes));
    const std::vector<int> all = base::parse_list(base::read_system_file("/sys/devices/system/node/has_memory"));
    r.limited = !r.nodes.empty() && !std::ranges::includes(r.nodes, all);
    return r;
}

int node_of_first_touch(int cpu) noexcept {
    int node = -1;
    const auto touch = [&node, cpu] {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<std::size_t>(cpu), &one);
        if (::sched_setaffinity(0, sizeof one, &one) != 0) return;
        void* const page = map_pages(page_bytes, page_bytes, page_kind::usual);
        if (page == nullptr) return;
        *static_cast<volatile std::byte*>(page) = std::byte{1};
        int found = -1;
        if (::syscall(SYS_get_mempolicy, &found, nullptr, 0, page, MPOL_F_NODE | MPOL_F_ADDR) == 0) node = found;
        unmap_pages(page, page_bytes);
    };
    const base::blocked_signals quiet;
    try {
        std::thread{touch}.join();
    } catch (const std::system_error&) {
        return -1;
    } catch (const std::bad_alloc&) {
        return -1;
    }
    return node;
}

}  // namespace sinter::inline v1::detail::runtime
