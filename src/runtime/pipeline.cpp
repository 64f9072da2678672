#include "runtime/pipeline.hpp"

#include "runtime/kernel_cache.hpp"

#include <algorithm>
#include <utility>

namespace sinter::inline v1::detail::runtime {

ready_pipeline pipeline_of(const plan::plan& p, const plan::chain& c) {
    ready_pipeline made;
    if (!c.pipelined || std::any_of(p.launches.begin() + c.first, p.launches.begin() + c.past, [](const plan::launch& l) { return l.backend == plan::isa::portable || l.compiled_after > 0; })) return made;
    codegen::kernel k = plan::pipeline_kernel(p.launches, c);
    auto o = k.outputs.begin();
    for (std::uint32_t i = c.first; i < c.past; ++i) {
        const plan::launch& l = p.launches[i];
        if (l.along != plan::split_dim::rows) continue;
        for (std::size_t own = 0; own < l.kernel.outputs.size(); ++own, ++o) {
            o->streaming = l.predicted.streaming && !l.places[l.kernel.inputs.size() + own].stays;
            made.streams = made.streams || o->streaming;
        }
    }
    const plan::isa backend = p.launches[c.first].backend;
    made.code = code_for(k, backend);
    if (made.code->code_bytes() == 0) made.code = nullptr;
    if (made.code == nullptr || c.spare_launch == plan::chain::nothing_spare) return made;
    codegen::kernel copy;
    for (codegen::output& to : k.outputs) {
        if (!to.streaming) continue;
        to.streaming = false;
        copy.inputs = {{.type = to.type}};
        copy.code = {{.code = codegen::code_load, .type = to.type}};
        copy.outputs = {{.type = to.type}};
    }
    made.beside = code_for(k, backend);
    made.copy_head = code_for(copy, backend);
    copy.outputs[0].streaming = true;
    made.copy = code_for(copy, backend);
    return made;
}

}  // namespace sinter::inline v1::detail::runtime
