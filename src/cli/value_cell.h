#pragma once
// A value of the engine as a cell of the output.

#include "cli/row_writer.h"

#include <reeve/value.h>

#include <string_view>

namespace reeve::cli {

/// `type` is PostgreSQL's name of the column's type: booleans are true and false, jsonb is JSON,
/// bytea base64.
Cell value_cell(std::string_view type, const ValueView& value);

}  // namespace reeve::cli
