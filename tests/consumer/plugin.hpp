#pragma once

#include <string>

#if defined(USES_SINTER)
#include <sinter/sinter.hpp>
#endif

// What a shared object of this project offers.

struct plugin {
    /// Throws a std::runtime_error that says what was wrong.
    void (*run)(int salt);
    /// Throws a sinter::shape_error.
    void (*fail)();
    /// An array of `count` elements 7, computed or still pending, as a new sinter::array<float>.
    void* (*make)(long count, bool computed);
    /// The sum of such an array, of which it takes possession.
    double (*total)(void* array);
};
