#include "vectors/http_embedder.h"

#include "base/json.h"
#include "vectors/curl.h"

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
  const bool is_secure = options.url.starts_with("https://");
  check(is_secure || options.url.starts_with("http://"),
        "the address of an endpoint begins with http:// or https://",
        "give the whole address, as https://host/v1/embeddings");
  const std::string_view host = std::string_view(options.url).substr(is_secure ? 8 : 7);
  check(host.substr(0, host.find('/')).find('@') == std::string_view::npos,
        "the address of an endpoint has a user or a password in it",
        "give the key by key_variable or key_file");
  check(std::all_of(options.url.begin(), options.url.end(), [](char c) { return c > ' ' && c < 0x7f; }),
        "the address of an endpoint has a character that no address has", "write it percent-encoded");
  check(!options.model.empty() && options.model.size() <= 256, "an endpoint without the name of a model",
        "name the model as the endpoint does, in up to 256 bytes");
  check(options.dimensions >= 1 && options.dimensions <= dimensions_max,
        fmt::format("vectors of {} dimensions", options.dimensions),
        fmt::format("say how many the model has, 1 to {}", dimensions_max));
  check(options.key_variable.empty() || options.key_file.empty(), "two places of a key", "name one of them");
  const std::string_view name = host.substr(0, host.find_first_of(":/"));
  const bool is_here = name == "localhost" || name == "127.0.0.1" || host.starts_with("[::1]");
  check(is_secure || is_here || (options.key_variable.empty() && options.key_file.empty()),
        "a key would go over a network in the clear", "give an address that begins with https://");
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

struct Answer {
  long status = 0;  ///< 0: none came
  std::string body;
  std::string fault;  ///< of the transport, in libcurl's general words
  bool is_too_long = false;
  std::chrono::milliseconds retry_after{0};
};

struct Sink {
  std::string* body;
  std::size_t bytes_max;
  bool is_too_long = false;
};

std::size_t write_body(char* data, std::size_t size, std::size_t count, void* sink_pointer) {
  auto& sink = *static_cast<Sink*>(sink_pointer);
  const std::size_t bytes = size * count;
  if (sink.body->size() + bytes > sink.bytes_max) {
    sink.is_too_long = true;
    return 0;
  }
  sink.body->append(data, bytes);
  return bytes;
}

/// One handle, kept for the connection that it keeps.
class Connection {
 public:
  Connection() : handle_(curl().easy_init()) {
    if (handle_ == nullptr) throw Error(ErrorCode::unavailable, "libcurl has no memory");
  }
  ~Connection() { curl().easy_cleanup(handle_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Answer post(const HttpEmbedderOptions& options, const std::string& key, const std::string& request,
              std::size_t answer_bytes_max) {
    Answer answer;
    Sink sink{&answer.body, answer_bytes_max};
    Headers headers;
    headers.add("Content-Type: application/json");
    headers.add("Accept: application/json");
    headers.add("Expect:");  // no pause before the body
    if (!key.empty()) headers.add("Authorization: Bearer " + key);
    curl().easy_reset(handle_);
    set(CURLOPT_URL, options.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTPHEADER, headers.list());
    set(CURLOPT_POSTFIELDS, request.c_str());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.size()));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_max.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.answer_max.count()));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    // No proxy that the environment names: the key is for the endpoint.
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_WRITEFUNCTION, &write_body);
    set(CURLOPT_WRITEDATA, &sink);
    const CURLcode code = curl().easy_perform(handle_);
    answer.is_too_long = sink.is_too_long;
    if (code != CURLE_OK) {
      answer.fault = curl().easy_strerror(code);
      return answer;
    }
    curl().easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_off_t seconds = 0;
    if (curl().easy_getinfo(handle_, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK && seconds > 0) {
      answer.retry_after = std::chrono::seconds(std::min<curl_off_t>(seconds, 86'400));
    }
    return answer;
  }

 private:
  class Headers {
   public:
    ~Headers() { curl().slist_free_all(list_); }
    Headers() = default;
    Headers(const Headers&) = delete;
    Headers& operator=(const Headers&) = delete;
    void add(const std::string& line) {
      curl_slist* const longer = curl().slist_append(list_, line.c_str());
      if (longer == nullptr) throw Error(ErrorCode::unavailable, "libcurl has no memory");
      list_ = longer;
    }
    curl_slist* list() const { return list_; }

   private:
    curl_slist* list_ = nullptr;
  };

  template <typename Value>
  void set(CURLoption option, Value value) {
    if (curl().easy_setopt(handle_, option, value) != CURLE_OK) {
      throw Error(ErrorCode::unavailable, "libcurl is older than what is asked of it",
                  "install libcurl 7.85 or newer (Debian: libcurl4)");
    }
  }

  CURL* handle_;
};

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
    const std::string request = request_of(options_, texts);
    const std::size_t bytes_max =
        frame_bytes_max + texts.size() * (1024 + options_.dimensions * number_bytes_max);
    Embedding failure;
    if (!connection_) connection_ = std::make_unique<Connection>();
    for (int attempt = 1;; ++attempt) {
      const Answer answer = connection_->post(options_, key, request, bytes_max);
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
  std::chrono::milliseconds wait_before(int attempt, const Answer& answer) {
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
  std::unique_ptr<Connection> connection_;
};

HttpEmbedder::HttpEmbedder(HttpEmbedderOptions options, Random& random, Sleep sleep)
    : impl_(std::make_unique<Impl>(std::move(options), random, std::move(sleep))) {}
HttpEmbedder::~HttpEmbedder() = default;
const Model& HttpEmbedder::model() const { return impl_->model(); }
std::vector<Embedding> HttpEmbedder::embed(std::span<const std::string_view> texts) {
  return impl_->embed(texts);
}

}  // namespace reeve::vectors
