#include "blueprint/message.h"

#include <algorithm>

namespace reeve::blueprint {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
bool begins_name(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }
bool continues_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }

}  // namespace

std::string fill_message(std::string_view message,
                         const std::function<std::string(std::string_view)>& value_of) {
  std::string filled;
  std::size_t at = 0;
  while (at < message.size()) {
    const bool free_colon =
        message[at] == ':' && (at == 0 || (!is_word(message[at - 1]) && message[at - 1] != ':'));
    if (!free_colon || at + 1 == message.size() || !begins_name(message[at + 1])) {
      filled += message[at++];
      continue;
    }
    std::size_t end = at + 1;
    while (end < message.size() && continues_name(message[end])) ++end;
    filled += value_of(message.substr(at + 1, end - at - 1));
    at = end;
  }
  return filled;
}

std::vector<std::string> message_parameters(std::string_view message) {
  std::vector<std::string> names;
  fill_message(message, [&](std::string_view name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
    return std::string();
  });
  return names;
}

}  // namespace reeve::blueprint
