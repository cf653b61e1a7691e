#include "shared/postgres.h"

#include "state/create.h"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include <unistd.h>

namespace bench {

namespace {

constexpr const char* plain_tables = R"(
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'reeve'::regnamespace AND relkind = 'r' LOOP
    EXECUTE format('ALTER TABLE reeve.%I NO FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE reeve.%I DISABLE ROW LEVEL SECURITY', name);
    EXECUTE format('DROP TRIGGER IF EXISTS "0_reeve_capture" ON reeve.%I', name);
  END LOOP;
END $$;
)";

/// The fields of /proc/PID/stat behind the name, which may hold anything; the first is the state.
std::vector<std::string> stat_fields(const std::filesystem::path& process) {
  std::ifstream file(process / "stat");
  const std::string line{std::istreambuf_iterator<char>(file), {}};
  std::istringstream rest(
      line.substr(line.rfind(')') == std::string::npos ? line.size() : line.rfind(')') + 1));
  return {std::istream_iterator<std::string>(rest), {}};
}

/// The first number is the nanoseconds that the process was on a CPU; 0: it is over.
std::int64_t nanoseconds_of(const std::filesystem::path& process) {
  std::ifstream file(process / "schedstat");
  std::int64_t nanoseconds = 0;
  file >> nanoseconds;
  return nanoseconds;
}

std::int64_t number_of(const std::string& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

constexpr std::size_t field_parent = 1;
constexpr std::size_t field_ended_user = 13;
constexpr std::size_t field_ended_kernel = 14;

}  // namespace

Server::Server(const Arguments& arguments, const std::vector<std::string>& settings)
    : server_({.fsync = !arguments.quick, .connections_max = 100, .settings = [&] {
                 std::vector<std::string> all{"shared_buffers=256MB", "max_wal_size=4GB"};
                 all.insert(all.end(), settings.begin(), settings.end());
                 return all;
               }()}) {
  refuse_memory(server_.folder());
}

reeve::state::Location Server::create_ledger(const std::string& database,
                                             const std::filesystem::path& blueprint,
                                             const std::string& name) {
  const std::string ledger = name.empty() ? "" : "&ledger=" + name;
  reeve::state::create_ledger(reeve::state::Location(server_.create_database(database) + ledger),
                              reeve::blueprint::Sources::read(blueprint), ledger_options());
  execute(database,
          "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN "
          "CREATE ROLE app LOGIN IN ROLE reeve_writer; END IF; END $$");
  return reeve::state::Location(server_.url(database, "app") + ledger);
}

void Server::execute(const std::string& database, const std::string& script) const {
  reeve::engine::Connection::open_postgres(server_.url(database), {.schema = "reeve"})->execute(script);
}

void Server::free_tables(const std::string& database) const { execute(database, plain_tables); }

double Server::cpu_seconds() const {
  const std::filesystem::path own = std::filesystem::path("/proc") / std::to_string(server_.process());
  std::int64_t nanoseconds = nanoseconds_of(own);
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) {
      continue;
    }
    const std::vector<std::string> fields = stat_fields(entry.path());
    if (fields.size() > field_parent && fields[field_parent] == std::to_string(server_.process())) {
      nanoseconds += nanoseconds_of(entry.path());
    }
  }
  const std::vector<std::string> fields = stat_fields(own);
  reeve::ensure(nanoseconds > 0 && fields.size() > field_ended_kernel, "the server's processes are there");
  const auto ticks =
      static_cast<double>(number_of(fields[field_ended_user]) + number_of(fields[field_ended_kernel]));
  return static_cast<double>(nanoseconds) * 1e-9 + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

BackendCpu::BackendCpu(std::int64_t process) : file_(fmt::format("/proc/{}", process)) {}

BackendCpu::BackendCpu(reeve::engine::Connection& connection)
    : BackendCpu(std::get<std::int64_t>(*connection.value("SELECT pg_backend_pid()"))) {}

double BackendCpu::seconds() const {
  const std::int64_t nanoseconds = nanoseconds_of(file_);
  reeve::ensure(nanoseconds > 0, "the server's process is there");
  return static_cast<double>(nanoseconds) * 1e-9;
}

}  // namespace bench
