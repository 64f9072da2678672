#include "plugin.hpp"

#include "statements.hpp"

#include <iostream>

extern "C" {
extern const plugin offer;
}

int main() {
    try {
        for (int i = 1; i < 4; ++i) {
            offer.run(i);
            check_values(i);
        }
        bool caught = false;
        try {
            offer.fail();
        } catch (const sn::shape_error&) {
            caught = true;
        }
        expect(caught, "an error from a shared object");
        expect(offer.total(offer.make(1000, true)) == 7000 && offer.total(offer.make(1000, false)) == 7000, "an array of a shared object's own");
    } catch (const std::exception& e) {
        std::cout << "FAILED " << e.what() << '\n';
        return 1;
    }
}
