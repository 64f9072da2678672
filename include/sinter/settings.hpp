#pragma once

#include <sinter/detail/config.hpp>

namespace sinter::inline v1 {

/// How many threads evaluations use from now on, 1 or more. Throws settings_error otherwise. In a child of fork it stays at one if the
/// parent has used several.
SINTER_API void set_threads(int n);

enum class precision : unsigned char {
    standard,
    fast,    // looser bounds where that is faster
    strict,  // no contraction of products and sums
};

namespace detail {

/// The settings of one thread, while this lives.
class SINTER_API options_guard {
public:
    options_guard(int threads, sinter::precision precision);
    options_guard(const options_guard&) = delete;
    options_guard& operator=(const options_guard&) = delete;
    ~options_guard();

private:
    int threads_before_;
    sinter::precision precision_before_;
};

}  // namespace detail

/// Settings of the current thread until the end of the scope: scoped_options o{.threads = 1};
/// Statements take the precision under which they are recorded.
struct scoped_options {
    int threads = 0;  // 0: as it was
    sinter::precision precision = sinter::precision::standard;
    detail::options_guard guard{threads, precision};
};

}  // namespace sinter::inline v1
