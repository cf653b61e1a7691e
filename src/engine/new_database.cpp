#include "engine/new_database.h"

#include "engine/file_system.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace reeve::engine {

namespace {

/// A log or a journal under the name would be taken for the new one's own. An empty one, which a reader may leave, says nothing.
void refuse_files_beside(const std::filesystem::path& file) {
  for (const char* suffix : {"-wal", "-journal"}) {
    std::error_code missing;
    const auto beside = with_suffix(file, suffix);
    if (std::filesystem::file_size(beside, missing) > 0 && !missing) {
      throw Error(
          ErrorCode::conflict,
          fmt::format("{} is left of another database: it would be taken for the new one's", beside.string()),
          "move it away, or choose another name");
    }
  }
}

}  // namespace

std::filesystem::path unfinished_name(const std::filesystem::path& file) {
  return with_suffix(file, "-making");
}

NewDatabase::NewDatabase(std::filesystem::path file, std::string file_system)
    : file_(std::move(file)), place_(file_), file_system_(std::move(file_system)) {
  if (file_system_.empty()) {
    place_ = unfinished_name(file_);
    lock_.emplace(with_suffix(place_, ".lock"));
  }
  if (database_exists(file_, file_system_)) {
    throw Error(ErrorCode::conflict, fmt::format("{} exists", file_.string()),
                "open it, or choose another name: nothing is overwritten");
  }
  if (lock_) {
    refuse_files_beside(file_);
    remove_database(place_, file_system_);
  }
}

NewDatabase::~NewDatabase() {
  if (!is_published_) {
    remove_database(place_, file_system_);
  }
}

void NewDatabase::publish() {
  if (lock_) {
    std::error_code none;
    if (std::filesystem::exists(with_suffix(place_, "-wal"), none)) {
      throw Error(ErrorCode::unavailable,
                  fmt::format("{} could not be written whole: its log is still beside it", file_.string()),
                  "look for a full disk");
    }
    publish_file(place_, file_);
  }
  is_published_ = true;
}

}  // namespace reeve::engine
