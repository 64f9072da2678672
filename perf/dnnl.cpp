#include "contenders.hpp"

#if PERF_HAVE_DNNL

#include <omp.h>

#include <oneapi/dnnl/dnnl.hpp>

#include <memory>
#include <stdexcept>
#include <unordered_map>

#include "workers.hpp"

namespace perf {

namespace {

// OpenMP's threads spin for milliseconds after their last loop. That is to oneDNN's good between its own evaluations, and would be to the
// others' harm: they are started before each sample, each pinned to a core as `hand`'s are, and ended after it.
void enter(int threads) {
    const workers& pool = workers::instance();
    workers::instance().enter(1);
    omp_set_num_threads(threads);
#pragma omp parallel num_threads(threads)
    pool.pin(omp_get_thread_num());
}

void leave() {
    const bool ended = omp_pause_resource_all(omp_pause_soft) == 0;
    workers::instance().leave();
    if (!ended) throw std::runtime_error("OpenMP's threads did not end");
}

// Where the problem is none of oneDNN's, an empty descriptor.
dnnl::primitive_desc_base descriptor(const problem& p, const dnnl::engine& cpu, const dnnl::memory::desc& matrix, const dnnl::primitive_attr& attributes) {
    constexpr auto kind = dnnl::prop_kind::forward_inference;
    using flags = dnnl::normalization_flags;
#if DNNL_VERSION_MAJOR >= 3
    const auto norm = [&](float eps, flags f) {
        return dnnl::layer_normalization_forward::primitive_desc(cpu, kind, matrix, matrix, eps, f, attributes);
    };
    if (p.name == "softmax")
        return dnnl::softmax_forward::primitive_desc(cpu, kind, dnnl::algorithm::softmax_accurate, matrix, matrix, 1, attributes);
#else
    const auto norm = [&](float eps, flags f) {
        return dnnl::layer_normalization_forward::primitive_desc({kind, matrix, eps, f}, attributes, cpu);
    };
    if (p.name == "softmax")
        return dnnl::softmax_v2_forward::primitive_desc({kind, dnnl::algorithm::softmax_accurate, matrix, matrix, 1}, attributes, cpu);
#endif
    if (p.name == "layer_norm") return norm(epsilon, flags::none);
    if (p.name == "z_score") return norm(0, flags::none);
#if DNNL_VERSION_MAJOR > 3 || (DNNL_VERSION_MAJOR == 3 && DNNL_VERSION_MINOR >= 9)
    if (p.name == "rms_norm") return norm(epsilon, flags::rms_norm);
#endif
    return {};
}

// Made once: what oneDNN decides, generates and allocates is not timed.
struct operation {
    memory y;
    dnnl::stream stream;
    dnnl::primitive primitive;
    std::unordered_map<int, dnnl::memory> arguments;
};

// Null where the problem is none of oneDNN's. It counts its threads here.
std::shared_ptr<operation> make_operation(const problem& p) {
    const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    const dnnl::memory::desc matrix({static_cast<dnnl::memory::dim>(p.size.rows), static_cast<dnnl::memory::dim>(p.size.columns)},
                                    dnnl::memory::data_type::f32, dnnl::memory::format_tag::ab);
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const dnnl::primitive_desc_base d = descriptor(p, cpu, matrix, attributes);
    if (!d) return nullptr;
    const auto o = std::make_shared<operation>(operation{memory(p.n()), dnnl::stream(cpu), dnnl::primitive(d.get()), {}});
    o->arguments = {{DNNL_ARG_SRC, dnnl::memory(matrix, cpu, const_cast<float*>(p.x))},
                    {DNNL_ARG_DST, dnnl::memory(matrix, cpu, o->y.data())},
                    {DNNL_ARG_SCRATCHPAD, dnnl::memory(d.scratchpad_desc(), cpu)}};
    return o;
}

}

void add_dnnl(const problem& p, std::vector<contender>& out) {
    enter(p.threads);
    const auto o = make_operation(p);
    leave();
    if (!o) return;
    contender c{"dnnl", [o](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            o->primitive.execute(o->stream, o->arguments);
            o->stream.wait();
            observe(o->y.data());
        }
    }};
    c.result = [o, run = c.run] {
        run(1);
        return std::vector<float>(o->y.data(), o->y.data() + o->y.size());
    };
    c.enter = [threads = p.threads] { enter(threads); };
    c.leave = leave;
    out.push_back(std::move(c));
}

std::string dnnl_version() {
    const dnnl::version_t& v = *dnnl::version();
    return std::to_string(v.major) + "." + std::to_string(v.minor) + "." + std::to_string(v.patch);
}

}

#else

namespace perf {

void add_dnnl(const problem&, std::vector<contender>&) {}
std::string dnnl_version() { return {}; }

}

#endif
