#include "failure/allocations.hpp"
#include "failure/array_functions.hpp"

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <exception>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

// Each allocation of each program fails in turn.

namespace {

namespace sn = sinter;
using failure::how;

enum class state : std::uint8_t { cold, warm };

[[nodiscard]] const char* name_of(state s) { return s == state::cold ? "cold" : "warm"; }
[[nodiscard]] const char* name_of(how h) { return h == how::once ? "once" : h == how::forever ? "for good" : "in the pools"; }

struct outcome {
    bool threw = false;
    std::string wrong;  // not as it must be
};

/// All that is said of memory that cannot be had; where there is memory for it, behind the statement's place or the operation.
[[nodiscard]] bool is_known(std::string_view message) {
    for (const std::string_view text : {"out of memory", ": out of memory", "eval: no memory for the plan", "cannot allocate "}) {
        if (message.find(text) != std::string_view::npos) return true;
    }
    return false;
}

/// Acts with the n-th allocation failing. `failed` says whether there were as many.
template <class P>
[[nodiscard]] outcome act_here(P& program, std::int64_t n, how mode, bool& failed) {
    outcome o;
    failure::arm(n, mode);
    try {
        program.act();
        failed = failure::disarm();
        return o;
    } catch (const sinter::memory_error& e) {
        failed = failure::disarm();
        o.threw = true;
        if (!is_known(e.what())) o.wrong = std::string("an unknown message: ") + e.what();
    } catch (const std::exception& e) {
        failed = failure::disarm();
        o.wrong = std::string("threw what is no memory_error: ") + e.what();
    }
    if (!failed) o.wrong = "threw without a failure";
    return o;
}

/// When cold in a new thread, which has kept nothing from its last evaluation.
template <class P>
[[nodiscard]] outcome act(P& program, state s, std::int64_t n, how mode, bool& failed) {
    if (s == state::warm) return act_here(program, n, mode, failed);
    outcome o;
    std::thread([&] { o = act_here(program, n, mode, failed); }).join();
    return o;
}

template <class P>
void fail_everywhere(state s, how mode) {
    { P().act(); }
    int thrown = 0;
    for (std::int64_t n = 1;; ++n) {
        BOOST_TEST_INFO_SCOPE(name_of(s) << ", allocation " << n << " fails " << name_of(mode));
        if (s == state::cold) sinter::kernel_cache().clear();
        const std::size_t before = failure::array_bytes();
        bool failed = false;
        {
            P program;
            if (s == state::warm) {
                // A second round finds plans, recipes and hints.
                P other;
                other.act();
            }
            const outcome first = act(program, s, n, mode, failed);
            BOOST_REQUIRE_EQUAL(first.wrong, "");
            if (first.threw) {
                ++thrown;
                BOOST_REQUIRE(program.untouched());
                program.act();
            }
            BOOST_REQUIRE(program.good());
        }
        BOOST_REQUIRE_EQUAL(failure::array_bytes(), before);
        if (!failed) break;
    }
    // Hints and recipes do without memory but that of arrays, and of those some statements need none that is new.
    if (s == state::cold && mode != how::arrays) BOOST_TEST(thrown > 0);
    BOOST_TEST_MESSAGE(name_of(s) << ", " << name_of(mode) << ": " << thrown << " allocations were refused");
}

using programs =
    std::tuple<failure::elementwise, failure::several_statements_and_outputs, failure::nine_outputs, failure::reductions, failure::row_stages, failure::views,
                     failure::updates, failure::borrowed_memory, failure::into_user_memory, failure::broadcast_and_transposed, failure::functions,
                     failure::loops, failure::checked_division, failure::mixed_types, failure::dying_inputs, failure::in_place, failure::large, failure::many_operands,
                     failure::making_and_reading, failure::pieces, failure::extremes_and_scans, failure::random_numbers, failure::complex_numbers, failure::ordered, failure::arrays_as_indices>;
// Plans of hundreds of statements make too many allocations to refuse each.
using long_programs = std::tuple<failure::a_long_chain>;

}  // namespace

BOOST_AUTO_TEST_SUITE(out_of_memory)

BOOST_AUTO_TEST_CASE_TEMPLATE(cold_once, P, programs) { fail_everywhere<P>(state::cold, how::once); }
BOOST_AUTO_TEST_CASE_TEMPLATE(cold_forever, P, programs) { fail_everywhere<P>(state::cold, how::forever); }
BOOST_AUTO_TEST_CASE_TEMPLATE(warm_once, P, programs) { fail_everywhere<P>(state::warm, how::once); }
BOOST_AUTO_TEST_CASE_TEMPLATE(warm_forever, P, programs) { fail_everywhere<P>(state::warm, how::forever); }
BOOST_AUTO_TEST_CASE_TEMPLATE(cold_arrays, P, programs) { fail_everywhere<P>(state::cold, how::arrays); }
BOOST_AUTO_TEST_CASE_TEMPLATE(warm_arrays, P, programs) { fail_everywhere<P>(state::warm, how::arrays); }

BOOST_AUTO_TEST_CASE_TEMPLATE(cold_arrays_of, P, long_programs) { fail_everywhere<P>(state::cold, how::arrays); }
BOOST_AUTO_TEST_CASE_TEMPLATE(warm_arrays_of, P, long_programs) { fail_everywhere<P>(state::warm, how::arrays); }

BOOST_AUTO_TEST_CASE(recording) {
    // More statements than the pool of nodes has room for.
    const sn::array<float> x = failure::input<float>({10});
    std::vector<sn::array<float>> made(20000);
    for (const how mode : {how::once, how::forever}) {
        for (std::int64_t n = 1; n < 10; ++n) {
            std::size_t recorded = 0;
            bool failed = false, threw = false;
            failure::arm(n, mode);
            try {
                for (; recorded < made.size(); ++recorded) made[recorded] = x + static_cast<float>(recorded);
                failed = failure::disarm();
            } catch (const sinter::memory_error&) {
                failed = failure::disarm();
                threw = true;
            }
            BOOST_REQUIRE_EQUAL(threw, failed);
            for (std::size_t i = 0; i < recorded; i += 997) {
                BOOST_REQUIRE(failure::holds(made[i], [&](auto k) { return failure::value<float>(k, 1) + static_cast<float>(i); }));
            }
            std::fill(made.begin(), made.end(), sn::array<float>());
        }
    }
}

BOOST_AUTO_TEST_CASE(measuring_the_machine) {
    // In a process of its own, since a limit of the address space is for all of it. Where pages cannot be had the machine stays what it was taken for.
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
        std::size_t pages = 0;
        std::ifstream{"/proc/self/statm"} >> pages;
        const rlim_t most = pages * 4096 + (rlim_t{48} << 20);
        const rlimit limit{most, most};
        int wrong = ::setrlimit(RLIMIT_AS, &limit) == 0 ? 1 : 2;
        try {
            static_cast<void>(sn::calibrate());
        } catch (const sn::memory_error& e) {
            const bool said = std::string_view(e.what()).starts_with("calibrate: cannot allocate ") && std::string_view(e.what()).ends_with(" bytes to measure with");
            wrong = said && sn::about().measured.empty() ? 0 : 3;
        } catch (...) {
            wrong = 4;
        }
        ::_exit(wrong);
    }
    int status = -1;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_REQUIRE(WIFEXITED(status));
    BOOST_TEST(WEXITSTATUS(status) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
