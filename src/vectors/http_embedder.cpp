#include "vectors/http_embedder.h"

#include "base/http.h"
#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

namespace reeve::vectors {

namespace {

constexpr std::size_t key_bytes_max = 4096;
/// A number is at most so many bytes of JSON; an answer has one for each component, and its frame.
constexpr std::size_t number_bytes_max = 32;
constexpr std::size_t frame_bytes_max = 64 * 1024;

void check(bool holds, const std::string& message, const std::string& remedy) {
  if (!holds) throw Error(ErrorCode::invalid_input, message, remedy);
}

void check_options(const HttpEmbedderOptions& options) {
  http::check_address(options.url, !options.key_variable.empty() || !options.key_file.empty());
  check(!options.model.empty() && options.model.size() <= 256, "an endpoint without the name of a model",
        "name the model as the endpoint does, in up to 256 bytes");
  check(options.dimensions >= 1 && options.dimensions <= dimensions_max,
        fmt::format("vectors of {} dimensions", options.dimensions),
        fmt::format("say how many the model has, 1 to {}", dimensions_max));
  check(options.key_variable.empty() || options.key_file.empty(), "two places of a key", "name one of them");
  check(options.batch_max >= 1 && options.batch_max <= 2'048, "a batch of no texts or more than 2048",
        "set batch_max to 1 to 2048");
  check(options.attempts_max >= 1 && options.attempts_max <= 20, "no attempt, or more than 20",
        "set attempts_max to 1 to 20");
  check(options.connect_max.count() > 0 && options.answer_max.count() > 0 && options.wait.count() >= 0 &&
            options.wait_max >= options.wait,
        "a time that can't be", "times are positive, and wait is no longer than wait_max");
}

std::string read_key(const HttpEmbedderOptions& options) {
  std::string key;
  std::string place;
  if (!options.key_variable.empty()) {
    place = "the variable " + options.key_variable;
    const char* const value = std::getenv(options.key_variable.c_str());
    if (value == nullptr)
      throw Error(ErrorCode::not_found, place + " of the environment is not set", "set it to the key");
    key = value;
  } else if (!options.key_file.empty()) {
    place = options.key_file.string();
    std::ifstream file(options.key_file, std::ios::binary);
    if (!file) throw Error(ErrorCode::not_found, place + " can't be read", "put the key into it");
    key.resize(key_bytes_max + 2);
    file.read(key.data(), static_cast<std::streamsize>(key.size()));
    key.resize(static_cast<std::size_t>(file.gcount()));
  } else {
    return {};
  }
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r')) key.pop_back();
  // Anything else would end the header, or begin another.
  check(!key.empty() && key.size() <= key_bytes_max &&
            std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7f; }),
        place + " holds no key", "a key is one line of printable ASCII without blanks");
  return key;
}

bool is_worth_another(long status) {
  return status == 408 || status == 409 || status == 425 || status == 429 || status >= 500;
}
bool is_of_bad_input(long status) { return status == 400 || status == 413 || status == 422; }

std::string request_of(const HttpEmbedderOptions& options, std::span<const std::string_view> texts) {
  std::string request = "{\"encoding_format\":\"float\",\"input\":[";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) request += ',';
    json::append_canonical_string(texts[i], request);
  }
  request += "],\"model\":";
  json::append_canonical_string(options.model, request);
  if (options.sends_dimensions) request += fmt::format(",\"dimensions\":{}", options.dimensions);
  return request + "}";
}

/// The vector of one element of the answer, or why it is none.
Embedding vector_of(simdjson::dom::element element, std::size_t dimensions) {
  simdjson::dom::array numbers;
  if (element.get(numbers) != simdjson::SUCCESS) return lasting_failure("the endpoint's vector is no array");
  Embedding made;
  for (const simdjson::dom::element component : numbers) {
    double number = 0;
    if (component.get(number) != simdjson::SUCCESS) {
      return lasting_failure("the endpoint's vector has a component that is no number");
    }
    if (made.vector.size() == dimensions) {
      return lasting_failure(fmt::format("the endpoint's vector has more than {} components", dimensions));
    }
    made.vector.push_back(static_cast<float>(number));
    if (!std::isfinite(made.vector.back())) {
      return lasting_failure("the endpoint's vector has a component that no float holds");
    }
  }
  if (made.vector.size() != dimensions) {
    return lasting_failure(
        fmt::format("the endpoint's vector has {} components and not {}", made.vector.size(), dimensions));
  }
  return made;
}

/// False when the body is none of an endpoint for embeddings; what it lacks is a failure of that text alone.
bool read_answer(const std::string& body, std::size_t dimensions, std::span<Embedding> made) {
  json::Reader reader({.bytes_max = body.size() + 1});
  simdjson::dom::array data;
  try {
    if (reader.read(body)["data"].get(data) != simdjson::SUCCESS) return false;
  } catch (const Error&) {
    return false;  // whatever the message says, it may quote what the endpoint sent
  }
  std::vector<int> answers(made.size());
  std::size_t place = 0;
  for (const simdjson::dom::element element : data) {
    std::uint64_t index = place++;
    if (const auto named = element["index"];
        named.error() == simdjson::SUCCESS && named.get(index) != simdjson::SUCCESS) {
      return false;
    }
    if (index >= made.size()) continue;
    const auto embedding = element["embedding"];
    made[index] = embedding.error() == simdjson::SUCCESS ? vector_of(embedding.value_unsafe(), dimensions)
                                                         : lasting_failure("the endpoint sent no vector");
    ++answers[index];
  }
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (answers[i] == 0) made[i] = {{}, "the endpoint's answer has no vector for this text", false};
    if (answers[i] > 1) made[i] = {{}, "the endpoint's answer has several vectors for this text", false};
  }
  return true;
}

}  // namespace

class HttpEmbedder::Impl {
 public:
  Impl(HttpEmbedderOptions options, Random& random, Sleep sleep)
      : options_(std::move(options)), random_(random), sleep_(std::move(sleep)) {
    check_options(options_);
    if (!sleep_) sleep_ = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
    model_ = {options_.model, options_.version, options_.dimensions, true};
  }

  const Model& model() const { return model_; }

  std::vector<Embedding> embed(std::span<const std::string_view> texts) {
    std::vector<Embedding> made(texts.size());
    const std::string key = read_key(options_);
    std::vector<std::size_t> places;
    std::size_t bytes = 0;
    const auto send = [&] {
      if (!places.empty()) send_batch(texts, places, key, made);
      places.clear();
      bytes = 0;
    };
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (std::string fault = fault_of_text(texts[i]); !fault.empty()) {
        made[i] = lasting_failure(std::move(fault));
        continue;
      }
      if (places.size() == options_.batch_max || bytes + texts[i].size() > options_.batch_bytes_max) send();
      places.push_back(i);
      bytes += texts[i].size();
    }
    send();
    return made;
  }

 private:
  void send_batch(std::span<const std::string_view> texts, std::span<const std::size_t> places,
                  const std::string& key, std::vector<Embedding>& made) {
    std::vector<std::string_view> of_batch;
    for (const std::size_t place : places) of_batch.push_back(texts[place]);
    std::vector<Embedding> of_places(places.size());
    const std::optional<Embedding> failure = ask(of_batch, key, of_places);
    if (failure && failure->is_lasting && places.size() > 1) {
      for (const std::size_t place : places) send_batch(texts, {&place, 1}, key, made);
      return;
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      made[places[i]] = failure ? *failure : of_places[i];
    }
  }

  /// Fills `made`, or gives the failure that all of the texts share; one that lasts may be of one of them.
  std::optional<Embedding> ask(std::span<const std::string_view> texts, const std::string& key,
                               std::span<Embedding> made) {
    const std::size_t bytes_max =
        frame_bytes_max + texts.size() * (1024 + options_.dimensions * number_bytes_max);
    Embedding failure;
    http::Request post{.url = options_.url,
                       .headers = {"Content-Type: application/json", "Accept: application/json"},
                       .body = request_of(options_, texts),
                       .connect_max = options_.connect_max,
                       .answer_max = options_.answer_max,
                       .answer_bytes_max = bytes_max};
    if (!key.empty()) post.headers.push_back("Authorization: Bearer " + key);
    if (!client_) client_ = std::make_unique<http::Client>();
    for (int attempt = 1;; ++attempt) {
      const http::Answer answer = client_->post(post);
      if (answer.is_too_long)
        return Embedding{{}, fmt::format("the endpoint's answer has more than {} bytes", bytes_max), false};
      if (answer.status == 200) {
        if (read_answer(answer.body, options_.dimensions, made)) return std::nullopt;
        failure.failure = "the endpoint's answer is none for embeddings";
      } else if (answer.status == 0) {
        failure.failure = "the endpoint can't be reached: " + answer.fault;
      } else {
        failure.failure = fmt::format("the endpoint answered {}", answer.status);
        failure.is_lasting = is_of_bad_input(answer.status);
        if (!is_worth_another(answer.status)) return failure;
      }
      if (attempt == options_.attempts_max) {
        failure.failure += fmt::format(", in {} attempts", attempt);
        return failure;
      }
      sleep_(wait_before(attempt, answer));
    }
  }

  /// Doubled for each attempt, half of it random, so that many who failed at once don't come back at once.
  std::chrono::milliseconds wait_before(int attempt, const http::Answer& answer) {
    const auto longest = std::min(options_.wait_max, options_.wait * (std::int64_t{1} << (attempt - 1)));
    std::array<std::uint8_t, 4> bytes{};
    random_.fill(bytes);
    const std::uint32_t number = std::bit_cast<std::uint32_t>(bytes);
    const std::chrono::milliseconds wait(
        longest.count() / 2 +
        static_cast<std::int64_t>(number % static_cast<std::uint64_t>(longest.count() / 2 + 1)));
    return std::max(wait, std::min(options_.wait_max, answer.retry_after));
  }

  HttpEmbedderOptions options_;
  Random& random_;
  Sleep sleep_;
  Model model_;
  std::unique_ptr<http::Client> client_;
};

HttpEmbedder::HttpEmbedder(HttpEmbedderOptions options, Random& random, Sleep sleep)
    : impl_(std::make_unique<Impl>(std::move(options), random, std::move(sleep))) {}
HttpEmbedder::~HttpEmbedder() = default;
const Model& HttpEmbedder::model() const { return impl_->model(); }
std::vector<Embedding> HttpEmbedder::embed(std::span<const std::string_view> texts) {
  return impl_->embed(texts);
}

}  // namespace reeve::vectors
