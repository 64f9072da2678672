#pragma once

#include "plan/machine.hpp"

#include <optional>
#include <string>
#include <string_view>

// What calibrate() has measured, on disk: one file for each processor, instruction set and number of threads. The text of plan/machine_text.hpp below a
// line that says what it is, and above one with a checksum of everything before it.

namespace sinter::inline v1::detail::runtime {

/// Where the file of a machine like this one lies: in SINTER_CACHE_DIR, else in sinter/ of XDG_CACHE_HOME, else of ~/.cache. Empty where there is no such
/// folder, and where SINTER_CACHE says that nothing is kept on disk.
[[nodiscard]] std::string machine_file(const plan::machine& like);

/// The text of a file for a machine.
[[nodiscard]] std::string sealed(const plan::machine& m);

/// The machine of such a text. Nothing, and why, if the text is not whole, of another version or library, or of another machine than `like`: other
/// processor, caches, instruction set or number of threads.
[[nodiscard]] std::optional<plan::machine> unsealed(std::string_view text, const plan::machine& like, std::string& why);

/// What a file holds; nothing if there is none (`why` stays empty) or if it is of no use.
[[nodiscard]] std::optional<plan::machine> read_machine(const std::string& file, const plan::machine& like, std::string& why);

/// Whether write_machine could write the file, as far as can be known before. False, and why, if not. Makes the folder.
[[nodiscard]] bool may_write_machine(const std::string& file, std::string& why);

/// Writes the file as a whole or not at all: processes that do it at the same time leave the file of one of them. False, and why, if that fails.
[[nodiscard]] bool write_machine(const std::string& file, const plan::machine& m, std::string& why);

}  // namespace sinter::inline v1::detail::runtime
