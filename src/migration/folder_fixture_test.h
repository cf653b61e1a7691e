#pragma once
// A folder of files and a database beside it, gone after the test; on SQLite and on PostgreSQL.

#include "migration/run.h"

#include <gtest/gtest.h>
#include <support/postgres_server.h>

#include <cstdlib>
#include <fstream>

namespace reeve::migration {

class FolderTest : public ::testing::Test {
 protected:
  FolderTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "reeve_test_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    std::filesystem::create_directory(folder_ / "db");
  }
  ~FolderTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / "db" / name, std::ios::binary) << text;
  }
  void erase(const std::string& name) { std::filesystem::remove(folder_ / "db" / name); }
  Folder read() const { return read_folder(folder_ / "db"); }
  std::string sqlite() const { return (folder_ / "plain.db").string(); }
  /// Another database at each call.
  static std::string postgres() {
    static int number = 0;
    return testing::PostgresServer::shared().create_database("folder_" + std::to_string(++number));
  }

 private:
  std::filesystem::path folder_;
};

/// The code, the message with its place, or "" when nothing is thrown.
template <typename Work>
std::string refusal(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return std::string(name_of(error.code())) + ": " + error.what();
  }
  return "";
}

}  // namespace reeve::migration
