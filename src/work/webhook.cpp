#include "work/webhook.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/http.h"
#include "base/json.h"
#include "blueprint/toml_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace reeve::work {

namespace {

constexpr std::size_t file_bytes_max = 1'048'576;
constexpr std::size_t secret_bytes_min = 24;
constexpr std::size_t secret_bytes_max = 64;
constexpr std::size_t answer_bytes_max = 65'536;
constexpr std::string_view secret_prefix = "whsec_";

std::string read_file(const std::filesystem::path& path, const std::string& remedy) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorCode::not_found, path.string() + " can't be read", remedy);
  std::string text(file_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > file_bytes_max)
    throw Error(ErrorCode::limit_exceeded, path.string() + " is too long", remedy);
  return text;
}

std::string secrets_of(const Endpoints::Endpoint& endpoint, const FindSecret& find_secret) {
  if (!endpoint.secret_name.empty()) {
    const auto secret = find_secret ? find_secret(endpoint.secret_name) : std::nullopt;
    if (!secret) {
      throw Error(ErrorCode::not_found, "there is no secret " + endpoint.secret_name + " for a webhook",
                  "set it, and name the access database when the worker is started");
    }
    return std::string(secret->text());
  }
  if (endpoint.secret_variable.empty()) return read_file(endpoint.secret_file, "put the secret into it");
  const char* const value = std::getenv(endpoint.secret_variable.c_str());
  if (value == nullptr) {
    throw Error(ErrorCode::not_found, "the variable " + endpoint.secret_variable + " is not set",
                "set it to the endpoint's secret");
  }
  return value;
}

std::string body_of(const Message& message) {
  std::string body = "{\"data\":" + message.data + ",\"job\":";
  json::append_canonical_string(message.id, body);
  body += ",\"timestamp\":\"" + format_time(message.time) + "\",\"token\":" + std::to_string(message.token) +
          ",\"type\":";
  json::append_canonical_string(message.kind, body);
  return body + "}";
}

}  // namespace

Endpoints Endpoints::read(const std::filesystem::path& path) {
  const std::string text = read_file(path, "name the file with the endpoints of webhooks");
  const std::string name = path.string();
  blueprint::Findings findings;
  const blueprint::TomlFile file{name, text};
  Endpoints all;
  if (const auto parsed = blueprint::parse_toml(file, findings)) {
    blueprint::TableReader top(file, *parsed, "", findings);
    top.check_format("this list of endpoints");
    for (const auto& [key, node] : *parsed) {
      const toml::table* table = node.as_table();
      if (table == nullptr) continue;
      top.find(key.str(), false, {});
      blueprint::TableReader reader(file, *table, std::string(key.str()), findings);
      Endpoint endpoint;
      endpoint.url = reader.text("url", true, "url = \"https://example.org/hook\"");
      endpoint.secret_variable = reader.text("secret_variable", false, "secret_variable = \"HOOK_SECRET\"");
      const std::string secret = reader.text("secret_file", false, "secret_file = \"hook.secret\"");
      if (!secret.empty()) endpoint.secret_file = path.parent_path() / secret;
      endpoint.secret_name = reader.text("secret_name", false, "secret_name = \"hook\"");
      const std::array<std::string_view, 3> places{secret, endpoint.secret_variable, endpoint.secret_name};
      if (std::count(places.begin(), places.end(), std::string_view()) != 2) {
        findings.add(reader.place(), "an endpoint has one secret, by which it knows who is speaking",
                     "name its secret_file, its secret_variable or its secret_name");
      }
      reader.refuse_unknown();
      try {
        http::check_address(endpoint.url, true);
      } catch (const Error& error) {
        findings.add(error, reader.place());
      }
      all.endpoints_.emplace(key.str(), std::move(endpoint));
    }
    top.refuse_unknown();
  }
  findings.raise();
  return all;
}

const Endpoints::Endpoint* Endpoints::find(std::string_view name) const {
  const auto found = endpoints_.find(name);
  return found == endpoints_.end() ? nullptr : &found->second;
}

std::string signature_of(std::string_view secrets, std::string_view id, std::int64_t seconds,
                         std::string_view body) {
  const std::string signed_text = fmt::format("{}.{}.{}", id, seconds, body);
  std::string signatures;
  for (std::size_t begin = 0; begin < secrets.size();) {
    const std::size_t end = std::min(secrets.find('\n', begin), secrets.size());
    std::string_view line = secrets.substr(begin, end - begin);
    begin = end + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) continue;
    const auto secret =
        line.starts_with(secret_prefix) ? from_base64(line.substr(secret_prefix.size())) : std::nullopt;
    if (!secret || secret->size() < secret_bytes_min || secret->size() > secret_bytes_max) {
      throw Error(ErrorCode::invalid_input, "a webhook's secret is not one",
                  "it is a line: whsec_, then 24 to 64 random bytes as base64");
    }
    const Digest mac =
        hmac_sha256({reinterpret_cast<const std::uint8_t*>(secret->data()), secret->size()}, signed_text);
    signatures += (signatures.empty() ? "v1," : " v1,") + to_base64(mac);
  }
  if (signatures.empty()) {
    throw Error(ErrorCode::invalid_input, "a webhook has no secret",
                "it is a line: whsec_, then 24 to 64 random bytes as base64");
  }
  return signatures;
}

std::string deliver(const Endpoints::Endpoint& endpoint, const FindSecret& find_secret,
                    const Message& message, Microseconds now, std::chrono::milliseconds answer_max,
                    const std::stop_token& stop) {
  const std::int64_t seconds = now / 1'000'000;
  http::Request request{.url = endpoint.url,
                        .body = body_of(message),
                        .answer_max = answer_max,
                        .answer_bytes_max = answer_bytes_max,
                        .stop = stop};
  const std::string signature =
      signature_of(secrets_of(endpoint, find_secret), message.id, seconds, request.body);
  request.headers = {"Content-Type: application/json", "webhook-id: " + message.id,
                     fmt::format("webhook-timestamp: {}", seconds), "webhook-signature: " + signature};
  http::Client client;
  const http::Answer answer = client.post(request);
  if (answer.status == 0) {
    throw std::runtime_error("the endpoint can't be reached: " + answer.fault);
  }
  if (answer.status < 200 || answer.status > 299) {
    throw std::runtime_error(fmt::format("the endpoint answered {}", answer.status));
  }
  return fmt::format("the endpoint answered {}", answer.status);
}

}  // namespace reeve::work
