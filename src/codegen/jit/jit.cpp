#include "codegen/jit/jit.hpp"

#include "codegen/jit/code_memory.hpp"
#include "codegen/jit/emitter.hpp"

#include <sinter/detail/error.hpp>

#include <new>
#include <utility>
#include <vector>

namespace sinter::inline v1::detail::codegen {

namespace {

class machine_code final : public executable {
public:
    machine_code(jit::code_place place, std::size_t in_default, std::size_t bytes, std::size_t instructions, bool avx512) noexcept : place_{std::move(place)} {
        entry_ = reinterpret_cast<entry_point>(const_cast<std::byte*>(place_.start));
        entry_in_default_ = reinterpret_cast<entry_point>(const_cast<std::byte*>(place_.start + in_default));
        backend_ = avx512 ? "jit-avx512" : "jit-avx2";
        code_bytes_ = bytes;
        instructions_ = instructions;
    }

private:
    jit::code_place place_;
};

class first_error final : public asmjit::ErrorHandler {
public:
    // Called from code that is not made for exceptions.
    void handleError(asmjit::Error error, const char* message, asmjit::BaseEmitter*) override {
        try {
            if (text_.empty()) text_ = message;
        } catch (const std::bad_alloc&) {
            error = asmjit::kErrorOutOfMemory;
        }
        no_memory_ = no_memory_ || error == asmjit::kErrorOutOfMemory;
    }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] bool no_memory() const noexcept { return no_memory_; }

private:
    std::string text_;
    bool no_memory_ = false;
};

[[noreturn]] void broken(const std::string& what) {
    throw internal_error("sinter: machine code could not be made: " + what + "; please report this");
}

void check(asmjit::Error error, const char* what) {
    if (error == asmjit::kErrorOutOfMemory) throw std::bad_alloc{};
    if (error != asmjit::kErrorOk) broken(what);
}

jit_result place(asmjit::CodeHolder& code, std::size_t instructions, bool avx512) {
    check(code.flatten(), "unresolved labels");
    check(code.resolveUnresolvedLinks(), "unresolved labels");
    jit::code_place at = jit::reserve_code(code.codeSize());
    if (at.start == nullptr) return {nullptr, "no memory for code"};
    check(code.relocateToBase(reinterpret_cast<std::uint64_t>(at.start)), "code could not be moved");
    std::vector<std::byte> bytes(code.codeSize());
    check(code.copyFlattenedData(bytes.data(), bytes.size()), "code could not be copied");
    if (!jit::write_code(at, bytes)) return {nullptr, "no memory for code"};
    const std::size_t in_default = code.labelOffset(code.labelIdByName(jit::in_default_label));
    return {std::make_shared<machine_code>(std::move(at), in_default, bytes.size(), instructions, avx512), {}};
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
            check(code.init(asmjit::Environment::host()), "no code holder");
            code.setErrorHandler(&errors);
            static_cast<void>(code.reserveBuffer(&code.textSection()->buffer(), 4000));
            if (listing != nullptr) code.setLogger(&logger);
            jit::emitter e(expanded, p, code, spills);
            e.write();
            if (errors.no_memory()) throw std::bad_alloc{};
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
