// The README's table of operations.

#include <sinter/sinter.hpp>

#include <cstdio>

namespace {

/// "0.5" and the like; the README says what the empty field means.
void print_bound(double ulp) {
    if (ulp == 0.5) {
        std::printf(" |");
    } else {
        std::printf(" %g |", ulp);
    }
}

}  // namespace

int main() {
    std::printf("| operation | operands | types | `float`, ULP | `double`, ULP |\n| --- | --- | --- | --- | --- |\n");
    for (const sinter::operation_report& o : sinter::operations()) {
        if (o.primitive) continue;
        std::printf("| `%s` | %d | %s |", o.name.c_str(), o.arity, o.floating_only ? "floating" : o.integer_only ? "integers" : "all but bool");
        print_bound(o.ulp);
        print_bound(o.ulp_double);
        std::printf("\n");
    }
}
