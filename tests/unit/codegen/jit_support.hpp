#pragma once

#include "codegen/jit/jit.hpp"
#include "random_kernel.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace sinter_test {

/// The instruction sets that this processor has and the JIT knows.
inline std::vector<plan::isa> jit_targets() {
    std::vector<plan::isa> all;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) all.push_back(plan::isa::avx2);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl")) {
        all.push_back(plan::isa::avx512);
    }
    return all;
}

inline const char* isa_name(plan::isa i) { return i == plan::isa::avx512 ? "avx512" : "avx2"; }

/// Compiles for every target and compares with the reference on the given shapes.
struct shape {
    index_t rows, n;
    bool at_end = true;
    bool odd_strides = false;
};

inline void check_kernel(const kernel& k, const std::vector<shape>& shapes, random_source& r, const std::string& context) {
    BOOST_REQUIRE_NO_THROW(verify(k));
    // AVX-512 with and without permutations of bytes, where it matters.
    const auto narrow_strides = [](const auto& operands) {
        return std::any_of(operands.begin(), operands.end(), [](const auto& o) { return o.stride != 0 && size_of(o.type) == 1; });
    };
    std::vector<std::pair<plan::isa, bool>> ways;
    for (const plan::isa target : jit_targets()) {
        if (target == plan::isa::avx512 && has_byte_permutes()) ways.emplace_back(target, true);
        if (ways.empty() || ways.back().first != target || narrow_strides(k.inputs) || narrow_strides(k.outputs)) ways.emplace_back(target, false);
    }
    for (const auto& [target, byte_permutes] : ways) {
        const kernel expanded = expand(k, target == plan::isa::avx512);
        BOOST_REQUIRE_NO_THROW(verify(expanded));
        BOOST_TEST_CHECKPOINT(context << ", compiling for " << isa_name(target) << "\n" << to_string(expanded));
        const jit_result made = compile(expanded, target, nullptr, byte_permutes);
        BOOST_REQUIRE_MESSAGE(made.code != nullptr, context << " declined: " << made.declined << "\n" << to_string(k));
        for (const shape& s : shapes) {
            run_data data(k, s.rows, s.n, r, {.at_end = s.at_end, .odd_strides = s.odd_strides});
            BOOST_TEST_CHECKPOINT(context << ", " << isa_name(target) << ", " << s.rows << " x " << s.n << "\n" << to_string(expanded));
            made.code->run(data.tested());
            reference::run(k, data.expected());
            const std::string wrong = data.difference();
            BOOST_REQUIRE_MESSAGE(wrong.empty(), context << ", " << isa_name(target) << ", " << s.rows << " x " << s.n << ": " << wrong << "\n"
                                                         << to_string(k) << "expanded\n" << to_string(expanded));
        }
    }
}

}  // namespace sinter_test
