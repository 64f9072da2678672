#include "base/user_reductions.hpp"

#include <sinter/detail/error.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>

namespace sinter::inline v1::detail::base {

namespace {

/// Entries never move, so that readers need no lock: an entry is complete before its code is given out.
struct registry {
    static constexpr std::size_t per_page = 256, pages = (past_user_code - first_user_code) / per_page;
    std::mutex mutex;
    std::size_t count = 0;
    std::atomic<user_reduction*> page[pages] = {};
};

[[nodiscard]] registry& all() {
    // Never destroyed: it may be asked from the end of a static object.
    static registry& one = *std::make_unique<registry>().release();
    return one;
}

[[nodiscard]] op_cost cost_of_call(dtype /*operand*/, bool /*assistance*/) { return {.instructions = 2}; }

[[nodiscard]] bool same(const tape& a, const tape& b) {
    return a.type == b.type && a.result == b.result && std::equal(a.code, a.code + a.n_code, b.code, b.code + b.n_code) &&
           std::equal(a.constants, a.constants + a.n_constants, b.constants, b.constants + b.n_constants) &&
           std::equal(a.constant_types, a.constant_types + a.n_constants, b.constant_types, b.constant_types + b.n_constants);
}

}  // namespace

const user_reduction& user_reduction_of(std::uint16_t code) noexcept {
    const std::size_t at = code - std::size_t{first_user_code};
    return all().page[at / registry::per_page].load(std::memory_order_acquire)[at % registry::per_page];
}

std::uint16_t code_of_user_reduction(const tape& body, std::uint64_t identity, bool contract, const tape* (*keep)(const tape&)) {
    registry& r = all();
    const std::lock_guard lock{r.mutex};
    for (std::size_t i = 0; i < r.count; ++i) {
        const auto code = static_cast<std::uint16_t>(first_user_code + i);
        const user_reduction& known = user_reduction_of(code);
        if (known.identity == identity && known.contract == contract && same(*known.body, body)) return code;
    }
    if (r.count == registry::per_page * registry::pages) throw value_error("reduce: more than 16384 different functions");
    auto& page = r.page[r.count / registry::per_page];
    if (page.load(std::memory_order_relaxed) == nullptr) page.store(new user_reduction[registry::per_page], std::memory_order_release);
    user_reduction& fresh = page.load(std::memory_order_relaxed)[r.count % registry::per_page];
    fresh = {.body = keep(body), .identity = identity, .contract = contract, .info = {}};
    fresh.info.name = "function";
    fresh.info.arity = 2;
    fresh.info.cost = &cost_of_call;
    return static_cast<std::uint16_t>(first_user_code + r.count++);
}

std::uint64_t identity_of(std::uint16_t code, dtype t) noexcept {
    return is_user_code(code) ? user_reduction_of(code).identity : operation_of(code).identity(t);
}

}  // namespace sinter::inline v1::detail::base
