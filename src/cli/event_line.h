#pragma once
// One line of the NDJSON that `reeve event FILE -` reads.

#include "base/json.h"

#include <reeve/ledger.h>

#include <string>
#include <string_view>

namespace reeve::cli {

/// {"type":"player.joined","payload":{...}} or {"command":"join","parameters":{...}}, and beside either any
/// of "actor", "key", "id", "time" (texts), "expected" (integer) and, for an event, "version".
struct EventLine {
  bool is_command = false;
  std::string name;     ///< of the command, or the event's type
  std::string payload;  ///< canonical JSON; `{}` when it is left out
  CommitOptions options;
};

/// A line may be longer than a payload by what stands beside it.
inline constexpr std::size_t event_line_bytes_max = 1024 * 1024 + 64 * 1024;

class EventLineParser {
 public:
  EventLineParser();
  /// Throws Error invalid_input or limit_exceeded, naming the member; an unknown member is refused, for it
  /// may be a misspelt one.
  EventLine parse(std::string_view line);

 private:
  json::Reader reader_;
};

}  // namespace reeve::cli
