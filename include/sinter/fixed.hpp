#pragma once

// Arrays of static shape: computed in place, with xsimd. Needs nothing to link.

#include <sinter/detail/fixed/complex_reductions.hpp>
#include <sinter/detail/fixed/function.hpp>
