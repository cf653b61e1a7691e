#pragma once
// What is stored already, said with the error when the rest can't be told.

#include "cli/session.h"

#include <reeve/error.h>

#include <string>

namespace reeve::cli {

/// Writes the output of something that is stored by now. When that fails, the Error's remedy begins with `stored`, so that
/// nobody does it again without knowing.
template <typename Write>
void write_of_stored(Session& session, const std::string& stored, const Write& write) {
  try {
    write();
    session.out.flush();
  } catch (const Error& error) {
    const std::string more = error.remedy().empty() ? "" : "; " + error.remedy();
    throw Error(error.code(), error.message(), stored + more, error.place());
  }
}

}  // namespace reeve::cli
