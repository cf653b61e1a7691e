#pragma once
// A request over HTTP/1.1 or 2 (RFC 9110) to an address that an operator named.

#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::http {

struct Request {
  std::string url;
  std::vector<std::string> headers = {};  ///< `Name: value`
  std::string body = {};
  std::chrono::milliseconds connect_max{10'000};
  std::chrono::milliseconds answer_max{60'000};  ///< from the first step to the last byte
  std::size_t answer_bytes_max = 65'536;         ///< an answer that is longer is broken off
  std::stop_token stop = {};
};

struct Answer {
  long status = 0;  ///< 0: none came
  std::string body;
  std::string
      fault;  ///< of the transport, in libcurl's general words: without the address, and without any header
  bool is_too_long = false;
  std::chrono::milliseconds retry_after{0};  ///< as the answer asks for it, a day at most
};

/// Throws Error invalid_input for an address that is none of http or https, that has a user or password in it, or that would
/// carry a secret over a network in the clear.
void check_address(std::string_view url, bool has_secret);

/// Keeps its connection from one request to the next. Follows no redirection, and takes no proxy and no password from the
/// environment or from files. Not thread-safe.
class Client {
 public:
  /// Throws Error unavailable when there is no libcurl.
  Client();
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Answer post(const Request& request);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reeve::http
