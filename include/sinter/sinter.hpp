#pragma once

// Arrays of any shape: recorded, planned, fused and run. Includes no xsimd, asmjit or TBB.

#include <sinter/array.hpp>
#include <sinter/complex.hpp>
#include <sinter/dlpack.hpp>
#include <sinter/eval.hpp>
#include <sinter/factories.hpp>
#include <sinter/files.hpp>
#include <sinter/fn.hpp>
#include <sinter/indexing.hpp>
#include <sinter/nn.hpp>
#include <sinter/order.hpp>
#include <sinter/pairwise.hpp>
#include <sinter/pieces.hpp>
#include <sinter/place.hpp>
#include <sinter/profile.hpp>
#include <sinter/random.hpp>
#include <sinter/reduce.hpp>
#include <sinter/reductions.hpp>
#include <sinter/report.hpp>
#include <sinter/scans.hpp>
#include <sinter/settings.hpp>
#include <sinter/views.hpp>
