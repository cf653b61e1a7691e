#include "base/http.h"

#include "base/curl.h"

#include <reeve/error.h>

#include <algorithm>

namespace reeve::http {

namespace {

constexpr curl_off_t retry_seconds_max = 86'400;

void check(bool holds, const std::string& message, const std::string& remedy) {
  if (!holds) throw Error(ErrorCode::invalid_input, message, remedy);
}

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

int ask_whether_to_stop(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
}

class Headers {
 public:
  Headers() = default;
  ~Headers() { curl().slist_free_all(list_); }
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

}  // namespace

void check_address(std::string_view url, bool has_secret) {
  const bool is_secure = url.starts_with("https://");
  check(is_secure || url.starts_with("http://"), "the address of an endpoint begins with http:// or https://",
        "give the whole address, as https://host/path");
  const std::string_view host = url.substr(is_secure ? 8 : 7);
  check(host.substr(0, host.find('/')).find('@') == std::string_view::npos,
        "the address of an endpoint has a user or a password in it",
        "give the secret by a variable or a file");
  check(std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f; }),
        "the address of an endpoint has a character that no address has", "write it percent-encoded");
  const std::string_view name = host.substr(0, host.find_first_of(":/"));
  const bool is_here = name == "localhost" || name == "127.0.0.1" || host.starts_with("[::1]");
  check(is_secure || is_here || !has_secret, "a key would go over a network in the clear",
        "give an address that begins with https://");
}

struct Client::Impl {
  template <typename Value>
  void set(CURLoption option, Value value) {
    if (curl().easy_setopt(handle, option, value) != CURLE_OK) {
      throw Error(ErrorCode::unavailable, "libcurl is older than what is asked of it",
                  "install libcurl 7.85 or newer (Debian: libcurl4)");
    }
  }

  CURL* handle = nullptr;
};

Client::Client() : impl_(std::make_unique<Impl>()) {
  impl_->handle = curl().easy_init();
  if (impl_->handle == nullptr) throw Error(ErrorCode::unavailable, "libcurl has no memory");
}

Client::~Client() { curl().easy_cleanup(impl_->handle); }

Answer Client::post(const Request& request) {
  Answer answer;
  Sink sink{&answer.body, request.answer_bytes_max};
  Headers headers;
  for (const std::string& header : request.headers) headers.add(header);
  headers.add("Expect:");  // no pause before the body
  Impl& session = *impl_;
  curl().easy_reset(session.handle);
  session.set(CURLOPT_URL, request.url.c_str());
  session.set(CURLOPT_PROTOCOLS_STR, "http,https");
  session.set(CURLOPT_HTTPHEADER, headers.list());
  session.set(CURLOPT_POSTFIELDS, request.body.c_str());
  session.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  session.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_max.count()));
  session.set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.answer_max.count()));
  session.set(CURLOPT_NOSIGNAL, 1L);
  session.set(CURLOPT_FOLLOWLOCATION, 0L);
  // No proxy that the environment names: what is sent is for the endpoint.
  session.set(CURLOPT_PROXY, "");
  session.set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  session.set(CURLOPT_WRITEFUNCTION, &write_body);
  session.set(CURLOPT_WRITEDATA, &sink);
  session.set(CURLOPT_NOPROGRESS, 0L);
  session.set(CURLOPT_XFERINFOFUNCTION, &ask_whether_to_stop);
  session.set(CURLOPT_XFERINFODATA, &request.stop);
  const CURLcode code = curl().easy_perform(session.handle);
  answer.is_too_long = sink.is_too_long;
  if (code != CURLE_OK && !answer.is_too_long) {
    answer.fault = curl().easy_strerror(code);
    return answer;
  }
  curl().easy_getinfo(session.handle, CURLINFO_RESPONSE_CODE, &answer.status);
  curl_off_t seconds = 0;
  if (curl().easy_getinfo(session.handle, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK && seconds > 0) {
    answer.retry_after = std::chrono::seconds(std::min(seconds, retry_seconds_max));
  }
  return answer;
}

}  // namespace reeve::http
