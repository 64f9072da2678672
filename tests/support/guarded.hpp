#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <new>

namespace support {

/// Memory for count elements that ends (or begins) right at a page which may be neither read nor written.
template <class T>
class guarded {
public:
    enum class edge { end, start };

    guarded(std::size_t count, edge at) : count_{count} {
        const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        const std::size_t bytes = count * sizeof(T);
        const std::size_t inside = (bytes + page - 1) / page * page + (bytes == 0 ? page : 0);
        length_ = inside + 2 * page;
        void* const memory = mmap(nullptr, length_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) throw std::bad_alloc{};
        base_ = static_cast<std::byte*>(memory);
        if (mprotect(base_ + page, inside, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc{};
        data_ = reinterpret_cast<T*>(at == edge::start ? base_ + page : base_ + page + inside - bytes);
    }
    guarded(const guarded&) = delete;
    guarded& operator=(const guarded&) = delete;
    ~guarded() { munmap(base_, length_); }

    [[nodiscard]] T* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] T* begin() const noexcept { return data_; }
    [[nodiscard]] T* end() const noexcept { return data_ + count_; }

private:
    std::size_t count_ = 0;
    std::size_t length_ = 0;
    std::byte* base_ = nullptr;
    T* data_ = nullptr;
};

}  // namespace support
