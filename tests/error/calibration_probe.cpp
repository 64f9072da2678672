// What calibration.py runs: says what the cost model takes the machine for. With "measure" it measures first. The last line is a checksum of values
// that must not depend on it.

#include <sinter/sinter.hpp>

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
    if (argc > 1 && std::string(argv[1]) == "measure") static_cast<void>(sn::calibrate());
    const sn::runtime_info i = sn::about();
    std::printf("measured %s\nfile %s\nnote %s\n", i.measured.c_str(), i.machine_file.c_str(), i.machine_note.c_str());
    std::printf("shown %s\n", i.to_string().find(i.measured.empty() ? "machine: defaults" : "machine: measured on " + i.measured) != std::string::npos ? "yes" : "no");
    std::printf("lines %zu\n", i.machine.size());
    std::printf("bits %lx %lx\n", before, checksum());
}
