#include "support/redis_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace reeve::testing {
namespace {

sockaddr_in address_of(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// Below those that the system gives to connections, so that it is still free after the server was stopped.
bool is_free(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = address_of(port);
  const bool free = bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(listener);
  return free;
}

pid_t start_program(std::vector<std::string> words, const std::filesystem::path& folder) {
  const std::string log = folder / "log";
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t process = fork();
  if (process != 0) return process;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (chdir(folder.c_str()) != 0) _exit(126);
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0) _exit(126);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> settings) : settings_(std::move(settings)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "reeve_redis_XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  // Another program may take the port between the look and the start.
  for (int attempt = 0; attempt < 1000; ++attempt) {
    port_ = 20'000 + static_cast<int>((getpid() * 31L + attempt * 1'009L) % 12'000);
    if (!is_free(port_)) continue;
    try {
      start();
      return;
    } catch (const std::runtime_error&) {
      if (attempt > 20) throw;
    }
  }
  throw std::runtime_error("no port is free for Redis");
}

RedisServer::~RedisServer() {
  go_on();
  kill_now();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

RedisServer& RedisServer::shared() {
  static RedisServer server;
  return server;
}

std::string RedisServer::url(const std::string& space) const {
  return "redis://127.0.0.1:" + std::to_string(port_) + "/0?space=" + space;
}

bool RedisServer::answers() const {
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = address_of(port_);
  bool answers = connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  // A password may be asked for; while it loads it says another word.
  char answer[64] = {};
  answers = answers && send(client, "PING\r\n", 6, MSG_NOSIGNAL) == 6 &&
            recv(client, answer, sizeof answer - 1, 0) > 0 && std::string(answer).find("LOADING") != 1;
  close(client);
  return answers;
}

void RedisServer::start() {
  std::vector<std::string> words{
      "redis-server", "--port", std::to_string(port_), "--bind", "127.0.0.1",     "--dir", folder_,
      "--save",       "",       "--daemonize",         "no",     "--appendfsync", "always"};
  words.insert(words.end(), settings_.begin(), settings_.end());
  process_ = start_program(words, folder_);
  for (int attempt = 0; attempt < 1200; ++attempt) {
    if (waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = -1;
      break;
    }
    if (answers()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  throw std::runtime_error("Redis did not start: see " + folder_.string());
}

void RedisServer::stop_by(int signal) {
  if (process_ <= 0) return;
  kill(process_, signal);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

void RedisServer::stop() { stop_by(SIGTERM); }
void RedisServer::kill_now() { stop_by(SIGKILL); }

void RedisServer::freeze() {
  if (process_ > 0) kill(process_, SIGSTOP);
}
void RedisServer::go_on() {
  if (process_ > 0) kill(process_, SIGCONT);
}

}  // namespace reeve::testing
