#include "statements.hpp"

#include <iostream>

int main() {
    try {
        check_backend();
        check_values(3);
    } catch (const std::exception& e) {
        std::cout << "FAILED " << e.what() << '\n' << sn::about();
        return 1;
    }
    std::cout << sn::about();
}
