#pragma once

#include "base/fork.hpp"

// The user's memory that arrays borrow and may write to. A write is carried out in that memory at once, and whoever else still looks at it is given the
// old values first. So writing excludes everything that reads arrays; nothing is locked in programs that borrow no such memory.

namespace sinter::inline v1::detail::base {

/// From now on there is memory that may be written to.
void note_writable_borrow() noexcept;

/// While this lives, no borrowed memory is written, and fork waits. May be nested.
class reading_arrays {
public:
    reading_arrays();
    reading_arrays(const reading_arrays&) = delete;
    reading_arrays& operator=(const reading_arrays&) = delete;
    ~reading_arrays();

private:
    at_work working_;
    bool locked_;
};

/// While this lives, nobody else reads arrays. Not inside reading_arrays.
class writing_borrowed {
public:
    writing_borrowed();
    writing_borrowed(const writing_borrowed&) = delete;
    writing_borrowed& operator=(const writing_borrowed&) = delete;
    ~writing_borrowed();

private:
    at_work working_;
};

}  // namespace sinter::inline v1::detail::base
