#include "runtime/kernel_cache.hpp"

#include "base/settings.hpp"
#include "codegen/portable/portable.hpp"
#if SINTER_HAVE_JIT
#include "codegen/jit/jit.hpp"
#endif

#include <chrono>
#include <cstdio>
#include <deque>
#include <mutex>
#include <unordered_map>

namespace sinter::inline v1::detail::runtime {

namespace {

struct key {
    codegen::kernel kernel;
    plan::isa target;
    bool operator==(const key&) const = default;
};

struct key_hash {
    std::size_t operator()(const key& k) const noexcept {
        std::uint64_t h = static_cast<std::uint64_t>(k.target) | static_cast<std::uint64_t>(k.kernel.kind) << 8U | std::uint64_t{k.kernel.long_rows} << 16U |
                          std::uint64_t{k.kernel.beside} << 24U | std::uint64_t{k.kernel.asks_ahead} << 32U;
        const auto mix = [&](std::uint64_t x) {
            h = (h ^ x) * 0x9e3779b97f4a7c15ULL;
            h ^= h >> 29U;
        };
        for (const auto& i : k.kernel.inputs) mix(static_cast<std::uint64_t>(i.type) | static_cast<std::uint64_t>(i.inner) << 8U | static_cast<std::uint64_t>(i.stride + 128) << 16U | static_cast<std::uint64_t>(i.ahead) << 36U | static_cast<std::uint64_t>(i.to_second) << 30U | static_cast<std::uint64_t>(i.counts) << 25U | static_cast<std::uint64_t>(i.gathers) << 26U | static_cast<std::uint64_t>(i.next) << 27U | static_cast<std::uint64_t>(i.turned) << 28U | static_cast<std::uint64_t>(i.still) << 29U | std::uint64_t{i.imag} << 32U);
        for (const auto* code : {&k.kernel.code, &k.kernel.loop.body}) {
            for (const auto& i : *code) {
                mix(i.code | static_cast<std::uint64_t>(i.type) << 16U | std::uint64_t{i.a} << 24U | std::uint64_t{i.b} << 40U);
                mix(i.bits ^ std::uint64_t{i.c} << 48U);
            }
        }
        for (const auto* values : {&k.kernel.loop.initial, &k.kernel.loop.captures, &k.kernel.loop.next}) {
            for (const std::uint16_t v : *values) mix(v);
        }
        mix(static_cast<std::uint64_t>(k.kernel.loop.limit) ^ k.kernel.loop.condition);
        for (const auto& o : k.kernel.outputs) mix(o.value | std::uint64_t{o.scan} << 48U | static_cast<std::uint64_t>(o.type) << 16U | std::uint64_t{o.streaming} << 24U | std::uint64_t{o.paired} << 25U | static_cast<std::uint64_t>(o.stride + 128) << 32U);
        for (const auto& r : k.kernel.reductions) mix((r.value | std::uint64_t{r.code} << 16U | static_cast<std::uint64_t>(r.step) << 32U) ^ std::uint64_t{r.factor} << 48U);
        return h;
    }
};

struct cache {
    std::mutex mutex;
    std::unordered_map<key, codegen::executable_ptr, key_hash> kernels;
    std::deque<const key*> age;
    cache_counts counts;
};

/// Leaked, so that arrays in static objects can still be evaluated at exit.
cache& the_cache() {
    static cache* const c = new cache;
    return *c;
}

}  // namespace

codegen::executable_ptr make_code(const codegen::kernel& k, plan::isa target, std::string& declined) {
#if SINTER_HAVE_JIT
    if (target != plan::isa::portable) {
        const bool log = base::env().log == base::log_level::assembly;
        std::string listing;
        codegen::jit_result made = codegen::compile(codegen::expand(k, target == plan::isa::avx512), target, log ? &listing : nullptr);
        if (log) std::fprintf(stderr, "%s%s\n", codegen::to_string(k).c_str(), listing.c_str());
        if (made.code != nullptr) return made.code;
        declined = made.declined;
    }
#else
    static_cast<void>(target);
    static_cast<void>(declined);
#endif
    // What the JIT alone can do its caller does in another way.
    return k.has_squares() ? nullptr : codegen::make_portable(k);
}

bool has_code(const codegen::kernel& k, plan::isa target) {
    cache& c = the_cache();
    const key wanted{k, target};
    const std::lock_guard lock{c.mutex};
    return c.kernels.contains(wanted);
}

codegen::executable_ptr code_for(const codegen::kernel& k, plan::isa target) {
    cache& c = the_cache();
    key wanted{k, target};
    {
        const std::lock_guard lock{c.mutex};
        if (const auto known = c.kernels.find(wanted); known != c.kernels.end()) {
            ++c.counts.hits;
            return known->second;
        }
    }
    const auto begin = std::chrono::steady_clock::now();
    std::string declined;
    codegen::executable_ptr code = make_code(k, target, declined);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;

    if (code == nullptr) return code;
    const std::lock_guard lock{c.mutex};
    ++c.counts.misses;
    c.counts.compile_seconds += took.count();
    if (!declined.empty()) {
        ++c.counts.declined;
        if (c.counts.reasons.size() < 16) c.counts.reasons.push_back(declined);
    }
    const auto [at, fresh] = c.kernels.emplace(std::move(wanted), code);
    if (!fresh) return at->second;
    try {
        c.age.push_back(&at->first);
    } catch (...) {
        c.kernels.erase(at);
        throw;
    }
    c.counts.code_bytes += code->code_bytes();
    while (c.kernels.size() > most_kernels) {
        const auto oldest = c.kernels.find(*c.age.front());
        c.age.pop_front();
        c.counts.code_bytes -= oldest->second->code_bytes();
        c.kernels.erase(oldest);
    }
    return code;
}

cache_counts kernel_cache_counts() {
    cache& c = the_cache();
    const std::lock_guard lock{c.mutex};
    cache_counts counts = c.counts;
    counts.kernels = c.kernels.size();
    return counts;
}

void clear_kernel_cache() {
    cache& c = the_cache();
    const std::lock_guard lock{c.mutex};
    c.kernels.clear();
    c.age.clear();
    c.counts.code_bytes = 0;
}

}  // namespace sinter::inline v1::detail::runtime
