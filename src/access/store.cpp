#include "access/store.h"

#include "access/access_schema_sql.h"
#include "access/postgres_access_schema_sql.h"
#include "access/postgres_has_access_tables_sql.h"
#include "access/postgres_may_use_access_sql.h"
#include "access/select_access_format_sql.h"
#include "engine/file_system.h"
#include "state/location.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace reeve::access {

namespace {

constexpr std::int64_t application_id = 0x52656163;  // "Reac"
constexpr std::int64_t format = 1;

void replace_all(std::string& text, std::string_view mark, std::string_view with) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + with.size())) {
    text.replace(at, mark.size(), with);
  }
}

bool is_postgres(std::string_view url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

void check_format(engine::Connection& connection, const std::string& name) {
  const auto stored = connection.value(embedded::select_access_format_sql);
  if (stored != Value(format)) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("{} is an access database of another format than this Reeve reads", name),
                "use the version of Reeve that wrote it, or a newer one");
  }
}

Error no_store(const std::string& name) {
  return {ErrorCode::invalid_input, fmt::format("{} is no access database", name),
          "name a file that is not there yet, or the one that was made before"};
}

/// Made with its rights, which SQLite gives to the log beside it too.
void make_file(const std::filesystem::path& file) {
  if (engine::standing_of(file, application_id) == engine::Standing::other) {
    throw no_store(file.string());
  }
  std::error_code missing;
  // One that is there is not opened: to close it would give up the locks of this process's databases on it.
  if (!std::filesystem::exists(file, missing)) {
    const int made = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (made >= 0) {
      ::close(made);
    }
  }
  using std::filesystem::perms;
  constexpr perms others = perms::group_all | perms::others_all;
  if ((std::filesystem::status(file, missing).permissions() & others) != perms::none && !missing) {
    throw Error(ErrorCode::denied, fmt::format("others may read the access database {}", file.string()),
                fmt::format("take their rights away: chmod 600 {}", file.string()));
  }
}

}  // namespace

void check_store_exists(std::string_view url) {
  const state::Location location = state::Location::of(url);
  bool exists = false;
  if (is_postgres(url)) {
    const auto connection = engine::Connection::open_postgres(std::string(url), {.schema = "reeve_access"});
    exists = connection->value(embedded::postgres_has_access_tables_sql) != Value(std::int64_t{0});
  } else {
    const engine::Standing standing = engine::standing_of(location.file(), application_id);
    if (standing == engine::Standing::other) {
      throw no_store(location.name());
    }
    exists = standing == engine::Standing::own;
  }
  if (!exists) {
    throw Error(ErrorCode::not_found, fmt::format("there is no access database {}", location.name()),
                "`reeve secret set` and `reeve token create` make one");
  }
}

engine::Statement& Store::of(std::string_view sql) {
  const auto known = prepared_.find(sql.data());
  if (known != prepared_.end()) {
    known->second.reset();  // an Error may have left it among its rows
    return known->second;
  }
  const bool is_file = connection_->engine() == engine::Engine::sqlite;
  std::string text(sql);
  replace_all(text, "{for_update_s}", is_file ? "" : " FOR UPDATE OF s");
  replace_all(text, "{skip_locked}", is_file ? "" : " FOR UPDATE SKIP LOCKED");
  replace_all(text, "{for_update}", is_file ? "" : " FOR UPDATE");
  if (!is_file) {
    std::replace(text.begin(), text.end(), '?', '$');
  }
  return prepared_.emplace(sql.data(), connection_->prepare(text)).first->second;
}

void Store::reset() {
  for (auto& [sql, statement] : prepared_) statement.reset();
}

StorePool::StorePool(std::string_view url) : url_(url), name_(state::Location::of(url).name()) {
  idle_.push_back(std::make_unique<Store>(connect()));
  open_ = 1;
}

void StorePool::create_in_file(engine::Connection& connection) const {
  const auto number = [&](const char* pragma) { return connection.value(pragma); };
  const Value id(application_id);
  if (number("PRAGMA application_id") == id) {
    return;
  }
  engine::Transaction tx(connection, engine::Transaction::Mode::write);
  if (number("PRAGMA application_id") == id) {
    return;  // made by another meanwhile
  }
  const bool is_empty = number("PRAGMA schema_version") == Value(std::int64_t{0}) &&
                        number("PRAGMA application_id") == Value(std::int64_t{0});
  if (!is_empty) {
    throw no_store(name_);
  }
  connection.execute(embedded::access_schema_sql);
  connection.execute(fmt::format("PRAGMA application_id = {}", application_id));
  tx.commit();
}

std::unique_ptr<engine::Connection> StorePool::open_file() const {
  const std::filesystem::path file = state::Location::of(url_).file();
  make_file(file);
  auto connection = engine::Connection::open(file, engine::OpenMode::create, {.cache_kib = 1024});
  connection->execute("PRAGMA secure_delete = ON");
  create_in_file(*connection);
  return connection;
}

std::unique_ptr<engine::Connection> StorePool::connect() const {
  auto connection =
      is_postgres(url_) ? engine::Connection::open_postgres(url_, {.schema = "reeve_access"}) : open_file();
  if (connection->engine() == engine::Engine::postgres &&
      connection->value(embedded::postgres_has_access_tables_sql) == Value(std::int64_t{0})) {
    engine::Transaction tx(*connection, engine::Transaction::Mode::write);
    connection->execute(embedded::postgres_access_schema_sql);
    tx.commit();
  }
  if (connection->engine() == engine::Engine::postgres &&
      connection->value(embedded::postgres_may_use_access_sql) == Value(std::int64_t{0})) {
    throw Error(ErrorCode::denied, fmt::format("this role may not use the access database {}", name_),
                "let its owner GRANT USAGE ON SCHEMA reeve_access, and SELECT, INSERT, UPDATE, DELETE ON ALL "
                "TABLES IN it");
  }
  check_format(*connection, name_);
  return connection;
}

std::unique_ptr<Store> StorePool::take() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [this] { return !idle_.empty() || open_ < stores_max; });
  if (!idle_.empty()) {
    std::unique_ptr<Store> store = std::move(idle_.back());
    idle_.pop_back();
    return store;
  }
  ++open_;
  lock.unlock();
  try {
    return std::make_unique<Store>(connect());
  } catch (const Error&) {
    lock.lock();
    --open_;
    returned_.notify_one();
    throw;
  }
}

void StorePool::give_back(std::unique_ptr<Store> store) {
  store->reset();
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(store));
  returned_.notify_one();
}

}  // namespace reeve::access
