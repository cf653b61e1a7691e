#pragma once
// Tells others over HTTP what happened, signed as https://www.standardwebhooks.com (1.0) has it.

#include <reeve/clock.h>
#include <reeve/jobs.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::work {

/// Where webhooks go, as whoever starts the worker says it in a file (docs/jobs.md): a ledger never does.
class Endpoints {
 public:
  Endpoints() = default;
  /// Throws Error not_found or invalid_input with the file, its line and a remedy. Secrets are read when they are needed.
  static Endpoints read(const std::filesystem::path& file);

  struct Endpoint {
    std::string url;
    std::string secret_variable;
    std::filesystem::path secret_file;
    std::string secret_name;  ///< by which whoever starts the worker finds it
  };
  /// Null when there is none of that name.
  const Endpoint* find(std::string_view name) const;

 private:
  std::map<std::string, Endpoint, std::less<>> endpoints_;
};

/// What is sent.
struct Message {
  std::string id;  ///< the same each time it is sent
  std::string kind;
  Microseconds time = 0;  ///< when the job was enqueued
  std::string data;       ///< a JSON object
  std::int64_t token = 0;
};

/// Sends it once. Returns what is kept as the job's result; throws std::runtime_error, without the address or the secret,
/// unless the answer is one of success (2xx).
std::string deliver(const Endpoints::Endpoint& endpoint, const FindSecret& find_secret,
                    const Message& message, Microseconds now, std::chrono::milliseconds answer_max,
                    const std::stop_token& stop);

/// The value of the header `webhook-signature`. `secrets`: each line `whsec_` and base64, the bytes 24 to 64.
std::string signature_of(std::string_view secrets, std::string_view id, std::int64_t seconds,
                         std::string_view body);

}  // namespace reeve::work
