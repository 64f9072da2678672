#include "memory.hpp"

#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <new>
#include <utility>

namespace perf {

namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;

// Buffers that begin at the same place of a page compete for the same cache sets: each starts a few lines further on.
std::size_t stagger() {
    static std::atomic<std::size_t> count{0};
    return (count.fetch_add(1) % 8) * 576;
}

}

memory::memory(std::size_t floats) : floats_(floats) {
    const std::size_t offset = stagger();
    bytes_ = (floats * sizeof(float) + offset + 2 * huge_page - 1) / huge_page * huge_page;
    base_ = mmap(nullptr, bytes_ + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base_ == MAP_FAILED) throw std::bad_alloc{};
    const auto start = reinterpret_cast<std::uintptr_t>(base_);
    const auto aligned = (start + huge_page - 1) / huge_page * huge_page;
    madvise(reinterpret_cast<void*>(aligned), bytes_, MADV_HUGEPAGE);
    data_ = reinterpret_cast<float*>(aligned + offset);
}

memory::~memory() {
    if (base_ != nullptr) munmap(base_, bytes_ + huge_page);
}

memory::memory(memory&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)), bytes_(other.bytes_), data_(other.data_), floats_(other.floats_) {}

void fill(std::span<float> out, float low, float high, unsigned seed) {
    std::uint64_t state = 0x9e3779b97f4a7c15u * (seed + 1u);
    for (float& v : out) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        v = low + (high - low) * (static_cast<float>(state >> 40) * 0x1p-24f);
    }
}

}
