#include "base/default_environment.hpp"
#include "codegen/portable/portable.hpp"

#include "codegen/portable/run.hpp"
#include "plan/machine.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <new>

namespace sinter::inline v1::detail::codegen {
namespace {

using namespace portable;

/// Kernels that need no more keep their blocks on the stack.
constexpr std::size_t stack_bytes = 32 << 10;

[[nodiscard]] std::byte* aligned(std::vector<std::byte>& memory) noexcept {
    const auto misaligned = reinterpret_cast<std::uintptr_t>(memory.data()) % 64;
    return memory.data() + (64 - misaligned) % 64;
}

/// Scratch memory of this thread, for kernels with very many live values; it only grows. Null if there is none.
[[nodiscard]] std::byte* large_scratch(std::size_t bytes) noexcept {
    thread_local std::vector<std::byte> memory;
    try {
        if (memory.size() < bytes + 64) memory.resize(bytes + 64);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
    return aligned(memory);
}

/// For threads without memory, one after the other: once a kernel runs it cannot fail, as it may write over what it reads.
struct spare_scratch {
    std::mutex mutex;
    std::vector<std::byte> memory;
};

class portable_kernel final : public executable {
public:
    portable_kernel(const kernel& k, const block_table& table)
        : k_{k}, by_row_{make_program(k, table, false)}, batched_{make_program(k, table, true)} {
        if (const std::size_t most = std::max(by_row_.scratch_bytes, batched_.scratch_bytes); most > stack_bytes) {
            spare_ = std::make_unique<spare_scratch>();
            spare_->memory.resize(most + 64);
        }
        entry_ = entry_in_default_ = &enter;
        backend_ = "portable";
    }

private:
    static void enter(const frame* f, const executable* self) { static_cast<const portable_kernel*>(self)->start(*f); }

    void start(const frame& f) const {
        const bool batches = takes_batches(f);
        const program& p = batches ? batched_ : by_row_;
        if (p.scratch_bytes <= stack_bytes) {
            alignas(64) std::byte scratch[stack_bytes];
            run_in(scratch, p, f, batches);
        } else if (std::byte* const own = large_scratch(p.scratch_bytes); own != nullptr) {
            run_in(own, p, f, batches);
        } else {
            const std::lock_guard lock{spare_->mutex};
            run_in(aligned(spare_->memory), p, f, batches);
        }
    }

    void run_in(std::byte* scratch, const program& p, const frame& f, bool batches) const {
        const base::default_environment environment;
        runner r{k_, p, f, scratch};
        if (batches)
            r.run_batches();
        else
            r.run_rows();
    }

    /// Short rows, unless they are whole groups of some length, which need no copies.
    [[nodiscard]] bool takes_batches(const frame& f) const noexcept {
        const auto n = static_cast<std::size_t>(f.n);
        return f.rows > 1 && n > 0 && n <= batched_.block / 4 && (n % group != 0 || n < 2 * group);
    }

    kernel k_;
    program by_row_, batched_;
    std::unique_ptr<spare_scratch> spare_;  // only if the stack is not enough
};

}  // namespace

executable_ptr make_portable(const kernel& k, bool baseline) {
    const bool wide = !baseline && plan::host().best >= plan::isa::avx2;
    return std::make_shared<portable_kernel>(k, wide ? blocks_avx2() : blocks_sse2());
}

}  // namespace sinter::inline v1::detail::codegen
