#pragma once
// Messages of `-- expect` and `-- check`: text in which `:name` stands for a parameter's value.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::blueprint {

/// The parameters that a message names, in order of appearance, each once. A parameter is a colon that does
/// not follow a letter, digit, `_` or another colon, and then a name `[a-z_][a-z0-9_]*`.
std::vector<std::string> message_parameters(std::string_view message);

/// The message with every parameter replaced by what `value_of` says of it.
std::string fill_message(std::string_view message,
                         const std::function<std::string(std::string_view)>& value_of);

}  // namespace reeve::blueprint
