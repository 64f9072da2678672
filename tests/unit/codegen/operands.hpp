#pragma once

#include "reference.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>

// Memory for running kernels on: every operand touches a page that must not be touched.

namespace sinter_test {

using random_source = std::mt19937_64;

inline std::uint64_t pick(random_source& r, std::uint64_t below) { return r() % below; }

/// Bytes whose end (or whose start) is at a page without access.
class guarded {
public:
    guarded(std::size_t bytes, bool at_end) : bytes_{bytes} {
        const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        const std::size_t inner = (bytes + page) / page * page;
        all_ = inner + 2 * page;
        base_ = static_cast<std::byte*>(mmap(nullptr, all_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        if (base_ == MAP_FAILED) throw std::bad_alloc();
        mprotect(base_, page, PROT_NONE);
        mprotect(base_ + page + inner, page, PROT_NONE);
        data_ = at_end ? base_ + page + inner - bytes : base_ + page;
    }
    ~guarded() { munmap(base_, all_); }
    guarded(const guarded&) = delete;
    guarded& operator=(const guarded&) = delete;

    [[nodiscard]] std::byte* data() const { return data_; }
    [[nodiscard]] std::size_t size() const { return bytes_; }

private:
    std::size_t bytes_, all_ = 0;
    std::byte* base_ = nullptr;
    std::byte* data_ = nullptr;
};

/// A value that finds mistakes: small numbers mostly, and the special ones.
inline std::uint64_t random_bits(random_source& r, dtype t) {
    return visit_dtype(t, [&]<class T>(std::type_identity<T>) -> std::uint64_t {
        const std::uint64_t kind = pick(r, 16);
        using limits = std::numeric_limits<T>;
        if constexpr (std::same_as<T, bool>) {
            return kind & 1U;
        } else if constexpr (std::floating_point<T>) {
            const auto uniform = static_cast<T>(static_cast<double>(r() >> 11) * 0x1p-53 * 2 - 1);
            switch (kind) {
                case 0: {
                    constexpr T special[] = {T(0), -T(0), T(1), T(-1), limits::infinity(), -limits::infinity(), limits::quiet_NaN(),
                                             limits::max(), limits::lowest(), limits::min(), limits::denorm_min(), T(0.5), T(2.5), T(-3.5)};
                    return to_bits(special[pick(r, std::size(special))]);
                }
                case 1: return to_bits(std::ldexp(uniform, static_cast<int>(pick(r, 80)) - 10));
                case 2: return to_bits(static_cast<T>(static_cast<int>(pick(r, 600)) - 300));
                case 3: return to_bits(std::ldexp(T(1), static_cast<int>(pick(r, 130)) - 64));
                default: return to_bits(uniform * T(8));
            }
        } else {
            switch (kind) {
                case 0: return to_bits(limits::max());
                case 1: return to_bits(limits::min());
                case 2: return to_bits(static_cast<T>(0));
                case 3: return to_bits(static_cast<T>(-1));
                case 4:
                case 5:
                case 6: return to_bits(static_cast<T>(r()));
                default: return to_bits(static_cast<T>(static_cast<int>(pick(r, 40)) - (std::is_signed_v<T> ? 20 : 0)));
            }
        }
    });
}

/// The operands of one run, twice: one copy for the code under test and one for the reference.
class run_data {
public:
    struct placement {
        bool at_end = true;
        bool odd_strides = false;     // rows with gaps, reversed, repeated
    };

    run_data(const kernel& k, index_t rows, index_t n, random_source& r, placement where) : rows_{rows}, n_{n} {
        bool streaming = false;
        for (const output& o : k.outputs) streaming |= o.streaming;
        for (const input& i : k.inputs) {
            const index_t inner = i.inner == access::broadcast ? 0 : i.inner == access::unit ? size(i.type) : stride(r, i.type, i.stride);
            const index_t tight = i.inner == access::broadcast ? size(i.type) : std::abs(inner) * n;
            index_t row = tight;
            if (where.odd_strides) row = pick(r, 4) == 0 ? 0 : (tight + size(i.type) * static_cast<index_t>(pick(r, 5))) * (pick(r, 3) == 0 ? -1 : 1);
            add(i.type, inner, row, rows, n, r, where.at_end, false);
            // An address where nothing can be read.
            if (i.counts) nowhere_.back() = reinterpret_cast<std::byte*>(pick(r, std::uint64_t{1} << 60) * 8 + (std::uint64_t{1} << 63));
        }
        for (const output& o : k.outputs) {
            const index_t inner = o.inner == access::unit ? size(o.type) : stride(r, o.type, o.stride);
            index_t row = std::abs(inner) * n;
            if (streaming) row = (row + 63) / 64 * 64;
            if (where.odd_strides && !streaming) row = (row + size(o.type) * static_cast<index_t>(pick(r, 5))) * (pick(r, 3) == 0 ? -1 : 1);
            add(o.type, inner, row, rows, n, r, where.at_end, o.streaming);
        }
        for (const reduction& red : k.reductions) {
            const bool columns = k.kind == kernel_kind::column_reduce;
            const index_t row = columns ? 0 : size(red.type) * (where.odd_strides ? 3 : 1);
            add(red.type, columns ? size(red.type) : 0, row, columns ? 1 : rows, columns ? n : 1, r, where.at_end, false);
        }
        for (const dtype t : k.params) params_.push_back(random_bits(r, t));
    }

    [[nodiscard]] frame tested() { return frame_of(0); }
    [[nodiscard]] frame expected() { return frame_of(1); }

    /// What differs, or nothing. NaN equals NaN; every byte that was not to be written must be as it was.
    [[nodiscard]] std::string difference() const {
        for (std::size_t o = 0; o < memory_.size(); ++o) {
            const std::byte* got = memory_[o][0]->data();
            const std::byte* want = memory_[o][1]->data();
            const std::size_t bytes = memory_[o][0]->size(), element = size_of(types_[o]);
            if (std::memcmp(got, want, bytes) == 0) continue;
            for (std::size_t at = 0; at + element <= bytes; at += element) {
                const std::uint64_t g = reference::read(got + at, types_[o]), w = reference::read(want + at, types_[o]);
                if (g == w || (is_nan(types_[o], g) && is_nan(types_[o], w))) continue;
                char text[160];
                std::snprintf(text, sizeof text, "operand %zu (%s) at byte %zu of %zu: got %#llx, expected %#llx", o, name_of(types_[o]), at, bytes,
                              static_cast<unsigned long long>(g), static_cast<unsigned long long>(w));
                return text;
            }
        }
        return {};
    }

    [[nodiscard]] index_t rows() const { return rows_; }
    [[nodiscard]] index_t n() const { return n_; }

private:
    static index_t size(dtype t) { return static_cast<index_t>(size_of(t)); }
    static bool is_nan(dtype t, std::uint64_t bits) {
        return t == dtype::f32 ? std::isnan(from_bits<float>(bits)) : t == dtype::f64 && std::isnan(from_bits<double>(bits));
    }
    static index_t stride(random_source& r, dtype t, int fixed) {
        if (fixed != 0) return fixed * size(t);
        constexpr index_t strides[] = {2, 3, -1, -2, 5, 1};
        return strides[pick(r, std::size(strides))] * size(t);
    }

    void add(dtype t, index_t inner, index_t row, index_t rows, index_t n, random_source& r, bool at_end, bool aligned) {
        index_t low = 0, high = size(t);
        if (rows > 0 && n > 0) {
            low = std::min<index_t>(0, (rows - 1) * row) + std::min<index_t>(0, (n - 1) * inner);
            high = std::max<index_t>(0, (rows - 1) * row) + std::max<index_t>(0, (n - 1) * inner) + size(t);
        }
        const auto bytes = static_cast<std::size_t>(high - low);
        auto& both = memory_.emplace_back();
        // Streaming needs an aligned start; the page's is.
        for (auto& m : both) m = std::make_unique<guarded>(bytes, at_end && !aligned);
        for (std::size_t at = 0; at + size_of(t) <= bytes; at += size_of(t)) {
            const std::uint64_t bits = random_bits(r, t);
            for (auto& m : both) reference::write(m->data() + at, t, bits);
        }
        nowhere_.push_back(nullptr);
        types_.push_back(t);
        inner_.push_back(inner);
        row_.push_back(row);
        low_.push_back(low);
    }

    frame frame_of(std::size_t which) {
        auto& pointers = pointers_[which];
        pointers.clear();
        for (std::size_t o = 0; o < memory_.size(); ++o) pointers.push_back(nowhere_[o] != nullptr ? nowhere_[o] : memory_[o][which]->data() - low_[o]);
        return {pointers.data(), row_.data(), inner_.data(), params_.data(), rows_, n_};
    }

    index_t rows_, n_;
    std::vector<std::array<std::unique_ptr<guarded>, 2>> memory_;
    std::vector<std::byte*> nowhere_;
    std::vector<dtype> types_;
    std::vector<index_t> inner_, row_, low_;
    std::vector<std::uint64_t> params_;
    std::array<std::vector<std::byte*>, 2> pointers_;
};

}  // namespace sinter_test
