#pragma once
// Who tells the story: a model behind OpenAI's protocol for chats, and a stand-in for one on this machine.

#include "base/http.h"
#include "support/http_server.h"

#include <cstdint>
#include <string>
#include <vector>

namespace demo {

struct Told {
  std::string content;  ///< of the first choice
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
};

/// Asks a model for one answer to a system's and a user's words. Throws Error unavailable.
Told ask_model(reeve::http::Client& client, const std::string& url, const std::string& model,
               const std::string& key, const std::string& system, const std::string& user);

/// Answers as a model would, by a script: what happens in a turn depends on its number alone.
class StandIn {
 public:
  StandIn();
  std::string url() const { return server_.url("/v1/chat/completions"); }
  std::size_t requests() const { return server_.requests().size(); }

 private:
  reeve::testing::HttpServer server_;
};

/// What the player does in a turn, from 1 on.
std::string player_input(int turn);

}  // namespace demo
