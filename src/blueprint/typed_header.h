#pragma once
// A blueprint as a C++ header: a struct for each command, event and query (include/reeve/typed.h, docs/typed.md).

#include "blueprint/blueprint.h"

#include <string>

namespace reeve::blueprint {

/// Equal blueprints give equal text. Throws Error invalid_input when two members come to the same C++ name.
std::string typed_header(const Blueprint& blueprint);

}  // namespace reeve::blueprint
