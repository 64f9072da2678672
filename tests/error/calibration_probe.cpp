// What calibration.py runs: says what the cost model takes the machine for. With "measure" it measures first. The last line is a checksum of values
// that must not depend on it.

#include <sinter/sinter.hpp>

#include <chrono>

#include <cstdio>
#include <cstring>
#include <string>

int main(int argc, char** argv) {
    namespace sn = sinter;
    const auto checksum = [] {
        sn::array<float> x = sn::arange<float>(300000.0F) * 0.001F;
        sn::array<float> y = exp(-x) * x + 1.0F, s = sn::sum(y * y, {.axis = 0}), z = y / s;
        z.eval();
        unsigned long h = 1469598103934665603UL;
        for (sn::index_t i = 0; i < z.size(); ++i) {
            unsigned bits = 0;
            std::memcpy(&bits, z.data() + i, sizeof bits);
            h = (h ^ bits) * 1099511628211UL;
        }
        return h;
    };
    const unsigned long before = checksum();
    if (argc > 1 && std::string(argv[1]) == "measure") {
        try {
            static_cast<void>(sn::calibrate());
        } catch (const sn::settings_error& e) {
            std::fprintf(stderr, "settings_error: %s\n", e.what());
            return 3;
        }
    }
    // Plans are made, each for another shape, until the thread is done; "quit" ends in the middle of it.
    if (argc > 1 && std::string(argv[1]) == "background") {
        sn::calibrate_in_background(0.1);
        const auto begin = std::chrono::steady_clock::now();
        for (int n = 1; sn::about().measured.empty() && std::chrono::steady_clock::now() - begin < std::chrono::seconds{60}; ++n) {
            sn::array<float> x = sn::ones<float>({1 + n % 7, 1 + n % 11, 2}) * static_cast<float>(n);
            sn::kernel_cache().clear();
            x.eval();
        }
    }
    if (argc > 1 && std::string(argv[1]) == "quit") {
        sn::calibrate_in_background(0);
        for (int i = 0; i < 2; ++i) {
            sn::kernel_cache().clear();
            static_cast<void>(checksum());
        }
    }
    const sn::runtime_info i = sn::about();
    std::printf("measured %s\nfile %s\nnote %s\n", i.measured.c_str(), i.machine_file.c_str(), i.machine_note.c_str());
    std::printf("shown %s\n", i.to_string().find(i.measured.empty() ? "machine: defaults" : "machine: measured on " + i.measured) != std::string::npos ? "yes" : "no");
    std::printf("lines %zu\n", i.machine.size());
    std::printf("bits %lx %lx\n", before, checksum());
}
