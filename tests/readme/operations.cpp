// The README's table of operations.

#include <sinter/sinter.hpp>

#include <cstdio>

namespace {

/// "1" and the like, with another bound under precision::fast; the README says what the empty field means.
void print_bound(double ulp, double fast) {
    if (ulp == 0.5) {
        std::printf(" |");
    } else if (fast == ulp) {
        std::printf(" %g |", ulp);
    } else {
        std::printf(" %g, fast %g |", ulp, fast);
    }
}

}  // namespace

int main() {
    std::printf("| operation | operands | types | `float`, ULP | `double`, ULP |\n| --- | --- | --- | --- | --- |\n");
    for (const sinter::operation_report& o : sinter::operations()) {
        if (o.primitive) continue;
        std::printf("| `%s` | %d | %s |", o.name.c_str(), o.arity, o.floating_only ? "floating" : o.integer_only ? "integers" : "all but bool");
        print_bound(o.ulp, o.fast_ulp);
        print_bound(o.ulp_double, o.fast_ulp_double);
        std::printf("\n");
    }
}
