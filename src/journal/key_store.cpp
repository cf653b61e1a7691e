#include "journal/key_store.h"

#include "engine/file_system.h"
#include "journal/delete_subject_key_sql.h"
#include "journal/insert_subject_key_sql.h"
#include "journal/key_store_schema_sql.h"
#include "journal/select_subject_key_sql.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

namespace reeve::journal {

namespace {

constexpr std::int64_t application_id = 0x52656b79;
constexpr std::int64_t store_version = 1;

std::optional<SubjectKey> read_key(engine::Connection& connection, std::string_view subject) {
  engine::Statement row = connection.prepare(embedded::select_subject_key_sql, false);
  row.bind_text(1, subject);
  if (!row.step()) {
    return std::nullopt;
  }
  SubjectKey key;
  ensure(row.bytes(0).size() == key.size(), "a subject's key has 32 bytes");
  std::memcpy(key.data(), row.bytes(0).data(), key.size());
  return key;
}

}  // namespace

KeyStore::KeyStore(std::unique_ptr<engine::Connection> connection, Clock& clock, Random& random)
    : connection_(std::move(connection)), clock_(clock), random_(random) {}

std::unique_ptr<KeyStore> KeyStore::open(const std::filesystem::path& file, Clock& clock, Random& random) {
  const Error other(ErrorCode::invalid_input,
                    fmt::format("{} is no key store of a version that this one reads", file.string()),
                    "name the file that was made with the ledger");
  if (engine::standing_of(file, application_id) == engine::Standing::other) {
    throw other;
  }
  using std::filesystem::perms;
  constexpr perms others = perms::group_all | perms::others_all;
  // Made with its rights: SQLite gives those of the file to the journal beside it, where the keys come first.
  // A symbolic link is followed, also one to a file that is not there yet.
  // One that is there is not opened: to close it would give up the locks of this process's databases on it.
  if (!std::filesystem::exists(file)) {
    const int made = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (made >= 0) {
      ::close(made);
    }
  }
  if (std::filesystem::exists(file) &&
      (std::filesystem::status(file).permissions() & others) != perms::none) {
    throw Error(ErrorCode::denied, fmt::format("others may read the key store {}", file.string()),
                fmt::format("take their rights away: chmod 600 {}", file.string()));
  }
  auto connection = engine::Connection::open(file, engine::OpenMode::create);
  connection->execute("PRAGMA secure_delete = ON");
  const auto is_store = [&] {
    return connection->value("PRAGMA application_id") == Value(application_id) &&
           connection->value("PRAGMA user_version") == Value(store_version);
  };
  if (!is_store()) {
    engine::Transaction tx(*connection, engine::Transaction::Mode::write);
    // Empty: new, or left by a process that was killed before its first commit. Meanwhile another may have made it.
    if (connection->value("PRAGMA schema_version") == Value(std::int64_t{0}) &&
        connection->value("PRAGMA application_id") == Value(std::int64_t{0})) {
      connection->execute(embedded::key_store_schema_sql);
      connection->execute(
          fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id, store_version));
      tx.commit();
    } else if (!is_store()) {
      throw other;
    }
  }
  return std::unique_ptr<KeyStore>(new KeyStore(std::move(connection), clock, random));
}

std::optional<SubjectKey> KeyStore::find(std::string_view subject) {
  const std::lock_guard lock(mutex_);
  engine::Transaction tx(*connection_, engine::Transaction::Mode::read);
  return read_key(*connection_, subject);
}

SubjectKey KeyStore::find_or_make(std::string_view subject) {
  const std::lock_guard lock(mutex_);
  engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
  if (const auto known = read_key(*connection_, subject)) {
    return *known;
  }
  SubjectKey key;
  random_.fill(key);
  const std::string created = format_time(clock_.now());
  engine::Statement insert = connection_->prepare(embedded::insert_subject_key_sql, false);
  insert.bind_text(1, subject);
  insert.bind_bytes(2, key.data(), key.size());
  insert.bind_text(3, created);
  insert.run();
  tx.commit();
  return key;
}

bool KeyStore::forget(std::string_view subject) {
  const std::lock_guard lock(mutex_);
  bool found = false;
  {
    engine::Transaction tx(*connection_, engine::Transaction::Mode::write);
    engine::Statement remove = connection_->prepare(embedded::delete_subject_key_sql, false);
    remove.bind_text(1, subject);
    remove.run();
    found = connection_->changes() > 0;
    tx.commit();
  }
  // What pages that were split or moved still hold goes with the file that is made anew.
  connection_->execute("VACUUM");
  // Also when it was gone before: an earlier call may have been ended between the two.
  if (connection_->value("PRAGMA wal_checkpoint(TRUNCATE)") != Value(std::int64_t{0})) {
    throw Error(ErrorCode::retryable, "the key is gone, but the key store's log still holds its bytes",
                "ask again when nobody else reads the key store");
  }
  return found;
}

}  // namespace reeve::journal
