#include "support/postgres_server.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace reeve::testing {
namespace {

/// Another version's are named by the environment (./dev nightly).
std::string program(const std::string& name) {
  const char* folder = std::getenv("REEVE_POSTGRES_PROGRAMS");
  return (std::filesystem::path(folder != nullptr ? folder : "/usr/lib/postgresql/15/bin") / name).string();
}

/// Runs a program of PostgreSQL and gives its process. It ends with this one.
pid_t start_program(const std::vector<std::string>& words, const std::filesystem::path& folder) {
  const std::string log = folder / "log";
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t process = fork();
  if (process != 0) return process;
  if (getuid() == 0) {
    const passwd* user = getpwnam("postgres");
    if (user == nullptr || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) _exit(126);
  }
  prctl(PR_SET_PDEATHSIG, SIGINT);
  if (chdir(folder.c_str()) != 0) _exit(126);
  // Not freopen(): that would write once more what this process has in its buffer.
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0) _exit(126);
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

PostgresServer::PostgresServer(PostgresServerOptions options) : options_(std::move(options)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "reeve_postgres_XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  if (getuid() == 0) {
    const passwd* user = getpwnam("postgres");
    if (user == nullptr || chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0)
      throw std::runtime_error("the user postgres is missing");
  }
  int status = 0;
  const pid_t made = start_program({program("initdb"), "-D", folder_ / "data", "--locale=C.UTF-8",
                                    "--encoding=UTF8", "--auth=trust", "--no-sync", "--username=test"},
                                   folder_);
  if (waitpid(made, &status, 0) != made || status != 0)
    throw std::runtime_error("initdb failed: see " + folder_.string());
  start();
}

PostgresServer::~PostgresServer() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

std::string PostgresServer::url(const std::string& database, const std::string& user) const {
  return "postgresql://" + user + "@/" + database + "?host=" + folder_.string();
}

std::string PostgresServer::create_database(const std::string& name) {
  PGconn* connection = PQconnectdb(url().c_str());
  PGresult* result = PQexec(connection, ("CREATE DATABASE \"" + name + "\"").c_str());
  const bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
  const std::string message = PQerrorMessage(connection);
  PQclear(result);
  PQfinish(connection);
  if (!done) throw std::runtime_error("no database " + name + ": " + message);
  return url(name);
}

void PostgresServer::start() {
  std::vector<std::string> words{program("postgres"), "-D", folder_ / "data", "-k", folder_};
  std::vector<std::string> settings{"listen_addresses=", "timezone=UTC", "shared_buffers=32MB",
                                    "max_connections=" + std::to_string(options_.connections_max),
                                    std::string("fsync=") + (options_.fsync ? "on" : "off")};
  settings.insert(settings.end(), options_.settings.begin(), options_.settings.end());
  for (const std::string& setting : settings) {
    words.emplace_back("-c");
    words.push_back(setting);
  }
  process_ = start_program(words, folder_);
  for (int attempt = 0; attempt < 1200; ++attempt) {
    if (PQping(url().c_str()) == PQPING_OK) return;
    if (waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = -1;
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  throw std::runtime_error("PostgreSQL did not start: see " + folder_.string());
}

void PostgresServer::wait_until_it_answers() {
  for (int attempt = 0; attempt < 1200; ++attempt) {
    PGconn* connection = PQconnectdb(url().c_str());
    const bool answers = PQstatus(connection) == CONNECTION_OK;
    PQfinish(connection);
    if (answers) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  throw std::runtime_error("PostgreSQL does not answer: see " + folder_.string());
}

void PostgresServer::stop_by(int signal) {
  if (process_ <= 0) return;
  kill(process_, signal);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

void PostgresServer::stop() { stop_by(SIGINT); }

void PostgresServer::stop_immediate() { stop_by(SIGQUIT); }

}  // namespace reeve::testing
