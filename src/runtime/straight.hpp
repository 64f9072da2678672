#pragma once

#include "base/default_environment.hpp"
#include "codegen/kernel.hpp"
#include "plan/plan.hpp"

#include <vector>

namespace sinter::inline v1::detail::runtime {

/// Where an operand of a call begins.
struct call_start {
    std::uint32_t index = 0;  // of a captured leaf or of a slot
    bool leaf = false;
    index_t bytes = 0;  // from its start
};

/// A plan whose launches are one call of their kernel each, in memory as it is read: of small arrays what stands around a call takes as long as the call.
struct straight_calls {
    struct call {
        const codegen::executable* code = nullptr;
        const index_t* strides = nullptr;  // as in ready_call
        index_t rows = 0, n = 0;
        std::uint32_t n_places = 0, n_params = 0;
    };
    std::vector<call> calls;  // empty: the plan is another one
    std::vector<call_start> starts;  // of all calls
    std::vector<plan::parameter> params;

    /// leaf(index), slot(index): where their memory is. number(parameter): its bits. pointers, params: room for those of a call.
    template <class Leaf, class Slot, class Number>
    void run(Leaf leaf, Slot slot, Number number, std::byte** pointers, std::uint64_t* numbers) const {
        const base::default_environment environment;
        const call_start* from = starts.data();
        const plan::parameter* of = params.data();
        for (const call& c : calls) {
            for (std::uint32_t i = 0; i < c.n_places; ++i, ++from) pointers[i] = (from->leaf ? leaf(from->index) : slot(from->index)) + from->bytes;
            for (std::uint32_t i = 0; i < c.n_params; ++i, ++of) numbers[i] = number(*of);
            c.code->run_in_default({pointers, c.strides, c.strides + c.n_places, numbers, c.rows, c.n, c.strides + 2 * c.n_places, nullptr});
        }
    }
};

}  // namespace sinter::inline v1::detail::runtime
