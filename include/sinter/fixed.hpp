#pragma once

// Arrays of static shape: computed in place, with xsimd. Needs nothing to link.

#include <sinter/detail/fixed/along.hpp>
#include <sinter/detail/fixed/function.hpp>
