#include "codegen/jit/jit.hpp"

#include "codegen/jit/emitter.hpp"

#include <sinter/detail/error.hpp>

namespace sinter::inline v1::detail::codegen {

namespace {

// Maps every page twice, so that none is ever writable and executable. Safe from any thread. Never destroyed: kernels that
// static objects hold may outlive it.
[[nodiscard]] asmjit::JitAllocator& code_memory() {
    static asmjit::JitAllocator& allocator = *[] {
        asmjit::JitAllocator::CreateParams params;
        params.options = asmjit::JitAllocatorOptions::kUseDualMapping;
        return std::make_unique<asmjit::JitAllocator>(&params).release();
    }();
    return allocator;
}

class machine_code final : public executable {
public:
    machine_code(void* memory, std::size_t bytes, std::size_t instructions, bool avx512) : memory_{memory} {
        entry_ = reinterpret_cast<entry_point>(memory);
        backend_ = avx512 ? "jit-avx512" : "jit-avx2";
        code_bytes_ = bytes;
        instructions_ = instructions;
    }
    ~machine_code() override { code_memory().release(memory_); }

private:
    void* memory_;
};

class first_error final : public asmjit::ErrorHandler {
public:
    void handleError(asmjit::Error, const char* message, asmjit::BaseEmitter*) override {
        if (text_.empty()) text_ = message;
    }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
};

[[noreturn]] void broken(const std::string& what) {
    throw internal_error("sinter: machine code could not be made: " + what + "; please report this");
}

jit_result place(asmjit::CodeHolder& code, std::size_t instructions, bool avx512) {
    if (code.flatten() != asmjit::kErrorOk || code.resolveUnresolvedLinks() != asmjit::kErrorOk) broken("unresolved labels");
    void* executable_view = nullptr;
    void* writable_view = nullptr;
    if (code_memory().alloc(&executable_view, &writable_view, code.codeSize()) != asmjit::kErrorOk) return {nullptr, "no memory for code"};
    if (executable_view == writable_view) {
        code_memory().release(executable_view);
        return {nullptr, "the system does not map code pages twice"};
    }
    if (code.relocateToBase(reinterpret_cast<std::uint64_t>(executable_view)) != asmjit::kErrorOk ||
        code.copyFlattenedData(writable_view, code.codeSize()) != asmjit::kErrorOk) {
        code_memory().release(executable_view);
        broken("code could not be copied");
    }
    try {
        return {std::make_shared<machine_code>(executable_view, code.codeSize(), instructions, avx512), {}};
    } catch (...) {
        code_memory().release(executable_view);
        throw;
    }
}

}  // namespace

bool has_byte_permutes() noexcept { return __builtin_cpu_supports("avx512vbmi") != 0; }

jit_result compile(const kernel& expanded, plan::isa target, std::string* listing, bool byte_permutes) {
    if (target == plan::isa::portable) return {nullptr, "not for this instruction set"};
    const bool avx512 = target == plan::isa::avx512;
    try {
        const jit::program p = jit::make_program(expanded, avx512, byte_permutes);
        for (int spills = 0;;) {
            // What most kernels need. Left to itself it takes and gives back blocks so large that the C library returns them to the system.
            alignas(16) std::byte on_stack[4096];
            const asmjit::Support::Temporary first_room{on_stack, sizeof on_stack};
            asmjit::CodeHolder code{&first_room};
            first_error errors;
            asmjit::StringLogger logger;
            if (code.init(asmjit::Environment::host()) != asmjit::kErrorOk) broken("no code holder");
            code.setErrorHandler(&errors);
            static_cast<void>(code.reserveBuffer(&code.textSection()->buffer(), 4000));
            if (listing != nullptr) code.setLogger(&logger);
            jit::emitter e(expanded, p, code, spills);
            e.write();
            if (!errors.text().empty()) broken(errors.text());
            if (e.spilled() > spills) {
                spills = e.spilled();
                continue;
            }
            if (listing != nullptr) listing->assign(logger.data(), logger.dataSize());
            return place(code, e.instructions(), avx512);
        }
    } catch (const jit::declined& d) {
        return {nullptr, d.reason};
    }
}

}  // namespace sinter::inline v1::detail::codegen
