#pragma once

#include "base/operation_table.hpp"

#include <sinter/detail/operations.hpp>

// The table of operations, by the names that code generators use.

namespace sinter::inline v1::detail::codegen {

using base::is_operation;
using base::is_operation_code;
using base::operation_codes;
using base::operation_info;
using base::operation_of;
using base::rule_allows;

}  // namespace sinter::inline v1::detail::codegen
