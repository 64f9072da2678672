// Runs the program as a user would: on the Earth's picture, on chords, and on what is no sound.
//
//   spectrum_test path/to/spectrum
#include "../../support/image.hpp"
#include "../../support/test/program.hpp"

#include <cmath>
#include <cstdlib>
#include <numbers>
#include <stdexcept>

namespace spectrum::test {
namespace {

using namespace support::test;

void append(std::string& to, std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i) to += static_cast<char>(value >> 8 * i & 0xFF);
}

struct tone {
    double frequency, amplitude;
};

constexpr std::uint32_t rate = 44100;

// A chord with noise of amplitude 0.001, the same in each channel but for `beside`, which is added to the first and taken from the second.
std::string chord(const std::vector<tone>& tones, std::size_t frames, std::uint32_t channels, double beside = 0) {
    std::string data;
    std::uint32_t random = 1;
    for (std::size_t i = 0; i < frames; ++i) {
        random = random * 1664525 + 1013904223;
        double value = 0.001 * (static_cast<double>(random) / 2147483648.0 - 1);
        for (const tone& t : tones) value += t.amplitude * std::sin(2 * std::numbers::pi * t.frequency * static_cast<double>(i) / rate);
        for (std::uint32_t c = 0; c < channels; ++c) {
            const double own = value + (c == 0 ? beside : c == 1 ? -beside : 0);
            append(data, static_cast<std::uint32_t>(std::lround(own * 32767)) & 0xFFFF, 2);
        }
    }
    std::string file = "RIFF";
    append(file, static_cast<std::uint32_t>(50 + data.size()), 4);
    file += "WAVEfmt ";
    append(file, 16, 4);
    append(file, 1, 2);
    append(file, channels, 2);
    append(file, rate, 4);
    append(file, rate * channels * 2, 4);
    append(file, channels * 2, 2);
    append(file, 16, 2);
    // Something else, of odd length, which is to be passed over.
    file += "LIST";
    append(file, 5, 4);
    file += "sound";
    file += '\0';
    file += "data";
    append(file, static_cast<std::uint32_t>(data.size()), 4);
    return file + data;
}

// The peaks of a report, in its order.
std::vector<tone> peaks_in(const std::string& output, const std::string& unit) {
    std::vector<tone> result;
    const std::string_view head = "peaks, 0 dB being a sine as large as can be:\n";
    const std::size_t start = output.find(head);
    if (start == std::string::npos) return result;
    const char* at = output.c_str() + start + head.size();
    for (;;) {
        char* end = nullptr;
        const double frequency = std::strtod(at, &end);
        if (end == at || std::string_view(end).substr(1, unit.size()) != unit) return result;
        at = end + 1 + unit.size();
        const double level = std::strtod(at, &end);
        result.push_back({frequency, std::pow(10.0, level / 20)});
        at = end;
        while (*at != '\n' && *at != '\0') ++at;
    }
}

void test_earth(checks& check, const program& spectrum, const scratch_folder& folder) {
    const auto out = folder / "earth";
    const outcome o = spectrum.run("--runs 1 --out " + quoted(out));
    check.that(o.exit_code == 0 && o.errors.empty(), "ends with " + std::to_string(o.exit_code) + ": " + o.errors + o.output);
    check.that(holds(o.output, "2097152 samples, 2048 in a line; 255 segments of 16384"), "the series\n" + o.output);
    check.that(holds(o.output, "row_reduce") || holds(o.output, "reduce add"), "the plan\n" + o.output);
    check.that(holds(o.output, "one thread and more: the same, bit for bit"), "threads\n" + o.output);
    // Lines look like the lines before them: whole numbers of waves around the Earth.
    const std::vector<tone> found = peaks_in(o.output, "waves in a line");
    check.that(found.size() == 8, "peaks\n" + o.output);
    for (const tone& t : found) check.that(std::abs(t.frequency - std::round(t.frequency)) < 0.05 && t.frequency > 0.5, "a peak between whole numbers\n" + o.output);
    try {
        const support::image picture = support::read_image(out / "spectrum.png");
        check.that(picture.width == 1280 && picture.height == 520, "the picture's size");
        // Paper in a corner; somewhere the curve's blue, the marks' red.
        check.that(picture.samples[0] > 240, "the picture's corner");
        std::size_t blue = 0, red = 0;
        for (std::size_t i = 0; i < picture.samples.size(); i += 3) {
            const int r = picture.samples[i], g = picture.samples[i + 1], b = picture.samples[i + 2];
            blue += b > r + 60 && b > g + 30 ? 1 : 0;
            red += r > g + 100 && r > b + 100 ? 1 : 0;
        }
        check.that(blue > 3000 && red > 200, "the picture has " + std::to_string(blue) + " blue and " + std::to_string(red) + " red pixels");
    } catch (const std::runtime_error& error) {
        check.that(false, error.what());
    }
}

void test_chords(checks& check, const program& spectrum, const scratch_folder& folder) {
    const std::vector<tone> tones{{440.0, 0.5}, {554.365, 0.25}, {659.255, 0.1}, {8000.0, 0.01}};
    const auto report = [&](const std::string& name, const std::string& options) {
        const outcome o = spectrum.run("--runs 1 --no-plan --out " + quoted(folder / "chord") + " " + options + " " + quoted(folder / name));
        check.that(o.exit_code == 0 && o.errors.empty(), name + " ends with " + std::to_string(o.exit_code) + ": " + o.errors + o.output);
        return o.output;
    };
    const auto is_chord = [&](const std::string& output, double hertz) {
        const std::vector<tone> found = peaks_in(output, "Hz");
        check.that(found.size() >= tones.size(), "peaks\n" + output);
        for (std::size_t i = 0; i < std::min(found.size(), tones.size()); ++i) {
            check.that(std::abs(found[i].frequency - tones[i].frequency) < hertz, "frequency " + std::to_string(i) + "\n" + output);
            check.that(std::abs(found[i].amplitude / tones[i].amplitude - 1) < 0.02, "amplitude " + std::to_string(i) + "\n" + output);
        }
        // What is left is noise.
        for (std::size_t i = tones.size(); i < found.size(); ++i) check.that(found[i].amplitude < 1e-3, "a peak too many\n" + output);
    };
    make_file(folder / "mono.wav", chord(tones, 3 * rate, 1));
    is_chord(report("mono.wav", ""), 0.1);
    is_chord(report("mono.wav", "--length 4096 --threads 2"), 0.5);
    make_file(folder / "stereo.wav", chord(tones, 2 * rate, 2, 0.1));
    is_chord(report("stereo.wav", "--threads 1"), 0.1);

    make_file(folder / "silence.wav", std::string(chord({}, 40000, 1)).replace(58, 80000, 80000, '\0'));
    const std::string silent = report("silence.wav", "--length 64");
    check.that(holds(silent, "  none\n") && holds(silent, "deviation 0.0000"), "silence\n" + silent);
}

void test_failures(checks& check, const program& spectrum, const scratch_folder& folder) {
    const auto reading = [&](const char* name, const std::string& contents, const std::string& message) {
        make_file(folder / name, contents);
        expect_failure(check, spectrum, "--runs 1 " + quoted(folder / name), 1, std::string{name} + ": " + message);
    };
    const std::string whole = chord({{440, 0.5}}, 30000, 1);
    expect_failure(check, spectrum, quoted(folder / "missing.wav"), 1, "missing.wav: cannot be opened: No such file");
    reading("empty.wav", "", "the file is empty");
    reading("text.wav", "This is no sound.\n", "neither a JPEG nor a PNG picture");
    reading("cut.wav", whole.substr(0, whole.size() / 2), "it ends too early");
    reading("header.wav", whole.substr(0, 12), "it has no samples");
    reading("short.wav", chord({}, 1000, 1), "it has 1000 samples, fewer than a segment of 16384");
    reading("wide.wav", std::string(whole).replace(34, 1, 1, '\x18'), "its samples have 24 bits in format 1");
    reading("float.wav", std::string(whole).replace(20, 1, 1, '\3'), "its samples have 16 bits in format 3");
    reading("nothing.wav", std::string(whole).replace(22, 1, 1, '\0'), "it has no channels");
    reading("early.wav", std::string(whole).replace(12, 4, "fmx "), "its samples come before their format");

    expect_failure(check, spectrum, "--length 1000", 2, "--length takes a power of two, not 1000");
    expect_failure(check, spectrum, "--length 32", 2, "--length takes a number from 64 to 1048576, not '32'");
    expect_failure(check, spectrum, "--runs", 2, "--runs needs a value");
    expect_failure(check, spectrum, "--loud", 2, "unknown option --loud");
    expect_failure(check, spectrum, "a.wav b.wav", 2, "one file only, not also b.wav");
    check.that(spectrum.run("--help").exit_code == 0, "--help");
}

}  // namespace
}  // namespace spectrum::test

int main(int count, char** arguments) {
    using namespace spectrum::test;
    if (count != 2) {
        std::fprintf(stderr, "usage: spectrum_test path/to/spectrum\n");
        return EXIT_FAILURE;
    }
    checks check;
    const scratch_folder folder;
    const program spectrum(arguments[1], folder);
    test_earth(check, spectrum, folder);
    test_chords(check, spectrum, folder);
    test_failures(check, spectrum, folder);
    return check.exit_code();
}
