#include "base/settings.hpp"

#include <sinter/detail/error.hpp>

#include <cstdlib>
#include <string>
#include <string_view>

namespace sinter::inline v1 {

error::~error() = default;
shape_error::~shape_error() = default;
index_error::~index_error() = default;
value_error::~value_error() = default;
io_error::~io_error() = default;
memory_error::~memory_error() = default;
settings_error::~settings_error() = default;
internal_error::~internal_error() = default;

namespace detail {

namespace base {

namespace {

/// The place of a variable's value among the allowed ones.
int choice(const char* variable, int fallback, std::initializer_list<std::string_view> allowed) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0') return fallback;
    int i = 0;
    std::string list;
    for (const std::string_view name : allowed) {
        if (name == value) return i;
        ++i;
        list += (list.empty() ? "" : ", ") + std::string(name);
    }
    throw settings_error(std::string(variable) + "=" + value + " is not one of " + list);
}

environment read() {
    environment e;
    e.log = static_cast<log_level>(choice("SINTER_LOG", 0, {"off", "plan", "asm"}));
    e.isa = static_cast<isa_limit>(choice("SINTER_ISA", 2, {"portable", "avx2", "avx512"}));
    const char* isa = std::getenv("SINTER_ISA");
    e.isa_given = isa != nullptr && *isa != '\0';
    e.numa = static_cast<numa_mode>(choice("SINTER_NUMA", 0, {"auto", "force", "off"}));
    e.pin = choice("SINTER_PIN", 0, {"on", "off"}) == 0;
    e.huge_pages = static_cast<huge_page_use>(choice("SINTER_HUGE_PAGES", 1, {"off", "advise", "explicit"}));
    const int cache = choice("SINTER_CACHE", 0, {"on", "memory", "off"});
    e.plan_cache = cache != 2;
    e.disk_cache = cache == 0;
    e.chains = static_cast<chain_use>(choice("SINTER_CHAINS", 0, {"auto", "always", "never", "pipelined"}));
    e.compile = static_cast<compile_use>(choice("SINTER_COMPILE", 0, {"auto", "now", "background"}));
    return e;
}

}  // namespace

const environment& env() {
    static const environment e = read();
    return e;
}

thread_options& current_options() noexcept {
    static thread_local thread_options o;
    return o;
}

}  // namespace base

options_guard::options_guard(int threads, sinter::precision precision) {
    base::thread_options& now = base::current_options();
    if (threads < 0) throw settings_error("scoped_options: threads is " + std::to_string(threads) + ", 1 or more are needed");
    threads_before_ = now.threads;
    precision_before_ = now.precision;
    if (threads > 0) now.threads = threads;
    now.precision = precision;
}

options_guard::~options_guard() { base::current_options() = {threads_before_, precision_before_}; }

}  // namespace detail
}  // namespace sinter::inline v1
