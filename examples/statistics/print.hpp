// What the program says.
#pragma once

#include "plain_summary.hpp"
#include "table.hpp"

#include <sinter/sinter.hpp>

namespace statistics {

void print_summary(const table& data, const plain_summary& found);

/// The kernels that read a noticeable part of the table, and how many others there are.
void print_plan(const table& data, const sinter::plan_report& plan);

}  // namespace statistics
