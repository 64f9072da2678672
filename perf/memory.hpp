// Memory for the contenders that manage their own: aligned to huge pages, so that all contenders see the same.
#pragma once

#include <cstddef>
#include <span>

namespace perf {

class memory {
public:
    // Not yet touched; throws std::bad_alloc.
    explicit memory(std::size_t floats);
    ~memory();
    memory(memory&& other) noexcept;
    memory(const memory&) = delete;
    memory& operator=(const memory&) = delete;
    memory& operator=(memory&&) = delete;

    [[nodiscard]] float* data() const { return data_; }
    [[nodiscard]] std::size_t size() const { return floats_; }
    [[nodiscard]] std::span<float> span() const { return {data_, floats_}; }

private:
    void* base_ = nullptr;
    std::size_t bytes_ = 0;
    float* data_ = nullptr;
    std::size_t floats_ = 0;
};

// Uniform in [low, high), the same for every run. The seed tells streams apart.
void fill(std::span<float> out, float low, float high, unsigned seed);

}
