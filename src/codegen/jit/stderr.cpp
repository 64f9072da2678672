#include <cstdio>

// What asmjit writes to instead of stderr itself: see merge.sh. Hidden, so that the reference needs no relocation when loaded.

extern "C" {
[[gnu::visibility("hidden")]] extern std::FILE* sinter_stderr;
std::FILE* sinter_stderr = stderr;
}
