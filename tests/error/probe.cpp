// Evaluates one statement under whatever the environment says. Prints the result, or the error and its kind.

#include <sinter/sinter.hpp>

#include <iostream>

namespace sn = sinter;

int main() {
    try {
        const sn::array<float> x{1, 2, 3};
        const sn::array<float> y = x * 2.0f + 1.0f;
        const sn::plan_report plan = sn::explain(y);
        const sn::runtime_info info = sn::about();
        std::cout << y << '\n' << info.isa << ' ' << info.threads << ' ' << plan.kernels.at(0).backend << '\n';
    } catch (const sn::settings_error& e) {
        std::cout << "settings_error: " << e.what() << '\n';
        return 3;
    } catch (const std::exception& e) {
        std::cout << "another error: " << e.what() << '\n';
        return 4;
    }
    return 0;
}
