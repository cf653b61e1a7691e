#include "journal/sealed_value.h"

#include "base/json.h"
#include "journal/key_store.h"

#include <reeve/error.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace reeve::journal {
namespace {

/// Gives the bytes that it was made with, one after the other.
class GivenBytes : public Random {
 public:
  explicit GivenBytes(std::uint8_t first) : next_(first) {}
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) byte = next_++;
  }

 private:
  std::uint8_t next_;
};

SubjectKey counted_key() {
  SubjectKey key{};
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  return key;
}

std::string example() {
  GivenBytes nonce(0x40);
  return seal_value("player:7", counted_key(), "\"Marie\"", nonce);
}

ErrorCode code_of(const std::string& sealed, const SubjectKey& key) {
  try {
    unseal_value(sealed, key);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::internal;
}

TEST(sealed_value, has_the_worked_example_of_its_document) {
  const char* root = std::getenv("REEVE_SOURCE_DIR");
  std::ifstream in(std::filesystem::path(root != nullptr ? root : ".") / "docs/sealed_value.md",
                   std::ios::binary);
  const std::string document{std::istreambuf_iterator<char>(in), {}};
  EXPECT_NE(document.find("\n" + example() + "\n"), std::string::npos) << example();
  EXPECT_EQ(unseal_value(example(), counted_key()), "\"Marie\"");
}

TEST(sealed_value, is_canonical_json_of_a_subject) {
  EXPECT_EQ(json::canonical(example()), example());
  EXPECT_EQ(subject_of(example()), "player:7");
  for (const char* other :
       {"", "{", "\"Marie\"", "{}", "[]", R"({"reeve_sealed":2,"subject":"a"})", R"({"reeve_sealed":1})"}) {
    EXPECT_FALSE(subject_of(other).has_value()) << other;
  }
}

TEST(sealed_value, opens_with_its_key_alone) {
  SubjectKey other = counted_key();
  other[31] ^= 1;
  EXPECT_EQ(code_of(example(), other), ErrorCode::corrupt);
}

TEST(sealed_value, shows_every_change) {
  const std::string sealed = example();
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    try {
      EXPECT_NE(unseal_value(changed, counted_key()), "\"Marie\"") << i;
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == ErrorCode::corrupt || error.code() == ErrorCode::invalid_input) << i;
    }
  }
}

TEST(sealed_value, differs_each_time_and_does_not_show_equal_values) {
  GivenBytes nonces(0);
  const std::string one = seal_value("a", counted_key(), "1", nonces);
  const std::string two = seal_value("a", counted_key(), "1", nonces);
  const auto commitment = [](const std::string& sealed) {
    return sealed.substr(sealed.find("commitment"), 78);
  };
  EXPECT_NE(one, two);
  EXPECT_NE(commitment(one), commitment(two));
  EXPECT_EQ(unseal_value(one, counted_key()), unseal_value(two, counted_key()));
}

class StillClock : public Clock {
 public:
  Microseconds now() override { return 0; }
};

TEST(key_store, keeps_a_key_for_each_subject_where_only_its_owner_reads_it) {
  std::string pattern = (std::filesystem::temp_directory_path() / "reeve_keys_XXXXXX").string();
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  const std::filesystem::path file = std::filesystem::path(pattern) / "vault.keys";
  StillClock clock;
  GivenBytes random(1);
  SubjectKey key{};
  {
    const auto store = KeyStore::open(file, clock, random);
    EXPECT_FALSE(store->find("player:7").has_value());
    key = store->find_or_make("player:7");
    EXPECT_EQ(store->find_or_make("player:7"), key);
    EXPECT_NE(store->find_or_make("player:8"), key);
    for (const char* suffix : {"", "-wal", "-shm"}) {
      const std::string path = file.string() + suffix;
      if (std::filesystem::exists(path)) {
        EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600)) << path;
      }
    }
  }
  EXPECT_EQ(KeyStore::open(file, clock, random)->find("player:7"), key);
  std::filesystem::permissions(file, std::filesystem::perms(0640));
  try {
    KeyStore::open(file, clock, random);
    ADD_FAILURE() << "a store that others may read was opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::denied);
  }
  std::filesystem::remove_all(pattern);
}

/// A process that is killed before its first commit leaves an empty file: nothing is in it yet.
TEST(key_store, takes_an_empty_file_for_new_and_no_other_database) {
  std::string pattern = (std::filesystem::temp_directory_path() / "reeve_keys_XXXXXX").string();
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  const std::filesystem::path file = std::filesystem::path(pattern) / "vault.keys";
  StillClock clock;
  GivenBytes random(1);
  std::ofstream(file).close();
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  const SubjectKey key = KeyStore::open(file, clock, random)->find_or_make("player:7");
  EXPECT_EQ(KeyStore::open(file, clock, random)->find("player:7"), key);
  const std::filesystem::path other = std::filesystem::path(pattern) / "other.db";
  engine::Connection::open(other, engine::OpenMode::create)->execute("CREATE TABLE mine (id INTEGER)");
  std::filesystem::permissions(other, std::filesystem::perms(0600));
  try {
    KeyStore::open(other, clock, random);
    ADD_FAILURE() << "another database was taken for a key store";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_input);
  }
  EXPECT_EQ(engine::Connection::open(other, engine::OpenMode::read_only)->value("PRAGMA application_id"),
            Value(std::int64_t{0}));
  std::filesystem::remove_all(pattern);
}

}  // namespace
}  // namespace reeve::journal
