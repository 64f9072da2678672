// What is true of a machine, whatever the library says, and what the system says of memory.
#pragma once

#include <sinter/sinter.hpp>

#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace numa {

using sinter::index_t;

constexpr std::size_t page = 4096;

struct real_node {
    int number = 0;
    std::vector<int> cpus;
    int home = 0;
};

struct truth {
    std::string mode;
    std::size_t slack = page;
    std::vector<real_node> nodes;
    std::vector<int> others;  // that have memory only
    int cpus = 0;
    bool shared = false;  // whether the library has to share nodes

    /// Where node k's part of so many things begins.
    [[nodiscard]] index_t boundary(index_t all, std::size_t k) const {
        index_t before = 0;
        for (std::size_t i = 0; i < k; ++i) before += static_cast<index_t>(nodes[i].cpus.size());
        return all * before / cpus;
    }
};

[[nodiscard]] inline std::vector<int> parse_cpus(const char* text) {
    std::vector<int> cpus;
    while (*text != '\0') {
        char* end = nullptr;
        const int first = static_cast<int>(std::strtol(text, &end, 10));
        const int last = *end == '-' ? static_cast<int>(std::strtol(end + 1, &end, 10)) : first;
        for (int c = first; c <= last; ++c) cpus.push_back(c);
        text = *end == ',' ? end + 1 : end;
    }
    return cpus;
}

/// The node of each page of some memory; negative: the error of the system.
[[nodiscard]] inline std::vector<int> nodes_of_pages(const void* start, std::size_t bytes) {
    std::vector<void*> pages;
    const auto first = reinterpret_cast<std::uintptr_t>(start) / page * page;
    for (std::uintptr_t at = first; at < reinterpret_cast<std::uintptr_t>(start) + bytes; at += page) pages.push_back(reinterpret_cast<void*>(at));
    std::vector<int> status(pages.size(), -1);
    if (::syscall(SYS_move_pages, 0, pages.size(), pages.data(), nullptr, status.data(), 0) != 0) {
        std::perror("move_pages");
        std::exit(2);
    }
    return status;
}

}  // namespace numa
