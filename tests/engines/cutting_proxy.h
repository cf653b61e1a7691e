#pragma once
// Stands between a program and a PostgreSQL server, and cuts the connection at a COMMIT as it is told.

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace reeve::testing {

enum class Cut : int {
  none,
  before,    ///< COMMIT never reaches the server
  during,    ///< it does, and nobody waits for what comes of it
  after,     ///< the server has answered, and the answer is lost
  answered,  ///< the answer arrives, and what follows it does not: that the server is ready again
};

/// Listens on a socket in a folder of its own and passes everything on to that of another folder. A cut closes one
/// connection, at the first COMMIT of any that comes after arm().
class CuttingProxy {
 public:
  CuttingProxy(const std::filesystem::path& folder, const std::filesystem::path& server)
      : server_(server / ".s.PGSQL.5432") {
    const std::string path = folder / ".s.PGSQL.5432";
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = address_of(path);
    if (listener_ < 0 || bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, 64) != 0) {
      throw std::runtime_error("the proxy can't listen on " + path);
    }
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~CuttingProxy() {
    stop_ = true;
    acceptor_.join();
    for (std::thread& pump : pumps_) pump.join();
    close(listener_);
  }
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  void arm(Cut cut) { armed_ = static_cast<int>(cut); }
  /// Whether a cut that was armed has not been made.
  bool is_armed() const { return armed_ != static_cast<int>(Cut::none); }

 private:
  static sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return address;
  }

  static bool is_readable(int descriptor) {
    pollfd wanted{descriptor, POLLIN, 0};
    return poll(&wanted, 1, 20) > 0;
  }

  void accept_all() {
    while (!stop_) {
      if (!is_readable(listener_)) continue;
      const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client >= 0) pumps_.emplace_back([this, client] { serve(client); });
    }
  }

  void serve(int client) {
    const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = address_of(server_);
    if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      while (!stop_ && pump(client, server)) {}
    }
    close(client);
    close(server);
  }

  static bool pass(int from, int to, std::string& bytes) {
    bytes.resize(65536);
    const ssize_t size = read(from, bytes.data(), bytes.size());
    if (size <= 0) return false;
    bytes.resize(static_cast<std::size_t>(size));
    return to < 0 || send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL) == size;
  }

  /// False when the connection is over.
  bool pump(int client, int server) {
    pollfd ends[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (poll(ends, 2, 20) <= 0) return true;
    std::string bytes;
    if (ends[1].revents != 0 && !pass(server, client, bytes)) return false;
    if (ends[0].revents == 0) return true;
    if (!pass(client, -1, bytes)) return false;
    Cut cut = Cut::none;
    // With the byte that ends it: BEGIN says READ COMMITTED.
    if (bytes.find(std::string_view("COMMIT\0", 7)) != std::string::npos)
      cut = static_cast<Cut>(armed_.exchange(static_cast<int>(Cut::none)));
    if (cut == Cut::before) return false;
    if (send(server, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
      return false;
    if (cut == Cut::after || cut == Cut::answered) {
      // Everything that was sent is answered when the server says that it is ready ('Z') out of a transaction.
      constexpr std::string_view ready("Z\0\0\0\5I", 6);
      std::string answer;
      while (!answer.ends_with(ready) && pass(server, -1, bytes)) answer += bytes;
      if (cut == Cut::answered) send(client, answer.data(), answer.size() - ready.size(), MSG_NOSIGNAL);
    }
    return cut == Cut::none;
  }

  std::string server_;
  int listener_ = -1;
  std::atomic<bool> stop_ = false;
  std::atomic<int> armed_ = 0;
  std::thread acceptor_;
  std::vector<std::thread> pumps_;  ///< of the acceptor's thread; of this one when that has ended
};

}  // namespace reeve::testing
