#include "trial.hpp"

#include "prepare.hpp"

#include <bit>
#include <chrono>
#include <cstring>
#include <stdexcept>

namespace programs {

namespace detail = sn::detail;
namespace graph = sn::detail::graph;
namespace plan = sn::detail::plan;
namespace runtime = sn::detail::runtime;

namespace {

std::vector<graph::capture::root> roots_of(const recorded& r) {
    std::vector<graph::capture::root> roots;
    for (detail::node* const n : r.wanted()) roots.push_back({n, false, nullptr});
    return roots;
}

class hash {
public:
    void add(std::uint64_t word) noexcept { state_ = std::rotl(state_ ^ word * 0x9e3779b97f4a7c15U, 27) * 0xff51afd7ed558ccdU; }
    [[nodiscard]] std::uint64_t value() const noexcept { return state_; }

private:
    std::uint64_t state_ = 0x243f6a8885a308d3U;
};

std::uint64_t word_of(const std::byte* at, detail::dtype t) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, at, detail::size_of(t));
    const bool nan = (t == detail::dtype::f32 && (bits & 0x7fffffffU) > 0x7f800000U) || (t == detail::dtype::f64 && (bits & 0x7fffffffffffffffU) > 0x7ff0000000000000U);
    return nan ? ~std::uint64_t{0} : bits;
}

void add_elements(hash& h, const detail::node& n, int axis, const std::byte* at) {
    if (axis == n.rank) return h.add(word_of(at, n.type));
    for (sn::index_t i = 0; i < n.extent[axis]; ++i) {
        add_elements(h, n, axis + 1, at + i * n.stride[axis] * static_cast<sn::index_t>(detail::size_of(n.type)));
    }
}

}  // namespace

trial::trial(std::function<recorded()> record, std::size_t most) : record_(std::move(record)) {
    const recorded r = record_();
    const auto roots = roots_of(r);
    const graph::capture c(roots.data(), roots.size());
    const detail::planned_graph g = detail::simplify(c);
    if (!g.simple.checks.empty()) throw std::logic_error("a program with checks has no alternatives");
    for (plan::alternative& a : plan::alternatives(g.simple, detail::make_request(c), most)) {
        double predicted = 0;  // of the kernels: recording is not measured
        for (const plan::launch& l : a.steps.launches) predicted += l.predicted.seconds;
        ways_.push_back({.name = std::move(a.name), .predicted = predicted, .kernels = a.steps.launches.size(), .ready = runtime::make_ready(std::move(a.steps))});
    }
}

std::uint64_t trial::bits(const way& w) const {
    const recorded r = record_();
    const auto roots = roots_of(r);
    {
        graph::capture c(roots.data(), roots.size());
        runtime::execute(*w.ready, c, roots.data());
    }
    hash h;
    for (const detail::node* const n : r.wanted()) {
        for (int d = 0; d < n->rank; ++d) h.add(static_cast<std::uint64_t>(n->extent[d]));
        add_elements(h, *n, 0, n->data);
    }
    return h.value();
}

double trial::seconds(const way& w) const {
    const recorded r = record_();
    const auto roots = roots_of(r);
    graph::capture c(roots.data(), roots.size());
    const auto start = std::chrono::steady_clock::now();
    runtime::execute(*w.ready, c, roots.data());
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace programs
