#pragma once
// A small HTTP server on a socket of this machine, for tests of clients: it says whatever the test wants said, right or wrong.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace reeve::testing {

struct HttpRequest {
  std::string line;     ///< `POST /v1/embeddings HTTP/1.1`
  std::string headers;  ///< each ends with \r\n
  std::string body = {};
};

struct HttpResponse {
  int status = 200;
  std::string body = {};
  std::string headers = {};                   ///< more of them, each with its \r\n
  std::chrono::milliseconds pause{0};         ///< before it says anything
  std::size_t bytes_max = std::string::npos;  ///< of the body; then the connection is closed
};

/// Answers one connection after the other on a thread of its own, until it goes out of scope.
class HttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  explicit HttpServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (listener_ < 0 || bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener_, 16) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no socket to listen on");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~HttpServer() {
    stops_ = true;
    thread_.join();
    close(listener_);
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  std::vector<HttpRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  /// Waits until the descriptor can be read, or the server is to stop.
  bool wait(int descriptor) const {
    while (!stops_) {
      pollfd poll_of{descriptor, POLLIN, 0};
      if (poll(&poll_of, 1, 20) > 0) return true;
    }
    return false;
  }

  void serve() {
    while (wait(listener_)) {
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      while (answer(connection)) {}
      close(connection);
    }
  }

  /// False when the connection is to be closed.
  bool answer(int connection) {
    std::string bytes;
    std::size_t head = std::string::npos;
    std::size_t length = 0;
    char part[16384];
    while (head == std::string::npos || bytes.size() < head + 4 + length) {
      if (!wait(connection)) return false;
      const ssize_t count = read(connection, part, sizeof part);
      if (count <= 0) return false;
      bytes.append(part, static_cast<std::size_t>(count));
      if (head == std::string::npos && (head = bytes.find("\r\n\r\n")) != std::string::npos) {
        std::string lower = bytes.substr(0, head);
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const std::size_t at = lower.find("content-length: ");
        length = at == std::string::npos ? 0 : std::stoul(lower.substr(at + 16));
      }
    }
    const std::size_t line = bytes.find("\r\n");
    HttpRequest request{bytes.substr(0, line), bytes.substr(line + 2, head - line), bytes.substr(head + 4)};
    const HttpResponse response = handler_(request);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(std::move(request));
    }
    for (auto waited = std::chrono::milliseconds(0); waited < response.pause && !stops_;
         waited += std::chrono::milliseconds(5)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (response.status == 0) return false;
    const std::string text =
        "HTTP/1.1 " + std::to_string(response.status) +
        " X\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(response.body.size()) +
        "\r\n" + response.headers + "\r\n" + response.body.substr(0, response.bytes_max);
    std::size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t count = send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) return false;
      sent += static_cast<std::size_t>(count);
    }
    return response.body.size() <= response.bytes_max;
  }

  Handler handler_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stops_ = false;
  mutable std::mutex mutex_;
  std::vector<HttpRequest> requests_;
  std::thread thread_;
};

}  // namespace reeve::testing
