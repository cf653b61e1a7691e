#pragma once
// PostgreSQL's parser and the analyser recurse: they run on a thread whose stack takes every statement within
// the bounds (statement.h).

#include <functional>

namespace reeve::sql {

/// Runs `work` on such a thread and waits for it; an exception of `work` is thrown here. Inside of it, further
/// calls run where they are: whoever translates many statements wraps all of them, for a thread costs more than
/// a statement.
void on_large_stack(const std::function<void()>& work);

}  // namespace reeve::sql
