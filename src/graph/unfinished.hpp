#pragma once

#include "graph/node.hpp"

#include <utility>

namespace sinter::inline v1::detail::graph {

/// A node that is being made, given back if that throws.
class unfinished {
public:
    explicit unfinished(node* n) noexcept : node_{n} {}
    unfinished(const unfinished&) = delete;
    unfinished& operator=(const unfinished&) = delete;
    ~unfinished() {
        if (node_ != nullptr) destroy(node_);
    }
    [[nodiscard]] node* operator->() const noexcept { return node_; }
    [[nodiscard]] node& operator*() const noexcept { return *node_; }
    [[nodiscard]] node* finish() noexcept { return std::exchange(node_, nullptr); }

private:
    node* node_;
};

}  // namespace sinter::inline v1::detail::graph
