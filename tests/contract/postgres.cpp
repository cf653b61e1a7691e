#include "postgres.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace reeve::test {
namespace {

const std::string programs = "/usr/lib/postgresql/15/bin/";

/// Runs a program of PostgreSQL, which refuses to run as root, and gives its process.
pid_t start(const std::vector<std::string>& words, const std::filesystem::path& folder) {
  const pid_t process = fork();
  if (process != 0) return process;
  if (getuid() == 0) {
    const passwd* user = getpwnam("postgres");
    if (user == nullptr || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) _exit(126);
  }
  if (chdir(folder.c_str()) != 0) _exit(126);
  const std::string log = folder / "log";
  if (freopen(log.c_str(), "a", stdout) == nullptr || dup2(STDOUT_FILENO, STDERR_FILENO) < 0) _exit(126);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

Postgres::Postgres() {
  std::string pattern = (std::filesystem::temp_directory_path() / "reeve_dialect_XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  if (getuid() == 0) {
    const passwd* user = getpwnam("postgres");
    if (user == nullptr || chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0)
      throw std::runtime_error("the user postgres is missing");
  }
  const std::string data = folder_ / "data";
  int status = 0;
  const pid_t made = start({programs + "initdb", "-D", data, "--locale=C.UTF-8", "--encoding=UTF8",
                            "--auth=trust", "--no-sync", "--username=test"},
                           folder_);
  if (waitpid(made, &status, 0) != made || status != 0)
    throw std::runtime_error("initdb failed: see " + folder_.string());
  process_ =
      start({programs + "postgres", "-D", data, "-k", folder_.string(), "-c", "listen_addresses=", "-c",
             "fsync=off", "-c", "timezone=UTC", "-c", "max_connections=4", "-c", "shared_buffers=16MB"},
            folder_);
  const std::string where = "host=" + folder_.string() + " user=test dbname=postgres";
  for (int attempt = 0; attempt < 600; ++attempt) {
    connection_ = PQconnectdb(where.c_str());
    if (PQstatus(connection_) == CONNECTION_OK) return;
    PQfinish(connection_);
    connection_ = nullptr;
    if (waitpid(process_, &status, WNOHANG) == process_) {
      process_ = -1;
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  throw std::runtime_error("PostgreSQL did not start: see " + folder_.string());
}

Postgres::~Postgres() {
  if (connection_ != nullptr) PQfinish(connection_);
  if (process_ > 0) {
    kill(process_, SIGINT);
    waitpid(process_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Answer Postgres::run(const std::string& sql) {
  Answer answer;
  PGresult* result = PQexec(connection_, sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    answer.error = PQresultErrorMessage(result);
  } else {
    for (int r = 0; r < PQntuples(result); ++r) {
      Row row;
      for (int c = 0; c < PQnfields(result); ++c)
        row.push_back(PQgetisnull(result, r, c) != 0 ? std::optional<std::string>{}
                                                     : PQgetvalue(result, r, c));
      answer.rows.push_back(std::move(row));
    }
  }
  PQclear(result);
  return answer;
}

}  // namespace reeve::test
