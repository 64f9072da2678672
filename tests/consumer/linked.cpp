#include "plugin.hpp"

#include "statements.hpp"

#include <iostream>

extern "C" {
extern const plugin first;
extern const plugin second;
}

int main() {
    try {
        for (int i = 1; i < 4; ++i) {
            first.run(i);
            check_values(i);
            second.run(i);
        }
        for (const plugin* p : {&first, &second}) {
            bool caught = false;
            try {
                p->fail();
            } catch (const sn::shape_error&) {
                caught = true;
            }
            expect(caught, "an error from a shared object");
            expect(p->total(p->make(1000, true)) == 7000 && p->total(p->make(1000, false)) == 7000, "an array of a shared object's own");
        }
    } catch (const std::exception& e) {
        std::cout << "FAILED " << e.what() << '\n';
        return 1;
    }
}
