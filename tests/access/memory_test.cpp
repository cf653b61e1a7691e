// What a core dump of a process would have: everything that is not marked to be left out (madvise(2), MADV_DONTDUMP).

#include "canary.h"
#include "installation.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>

namespace reeve::testing {
namespace {

struct Mapping {
  std::uintptr_t from = 0;
  std::uintptr_t to = 0;
  std::string name;
};

/// Those of this process that a dump has.
std::vector<Mapping> dumped() {
  std::vector<Mapping> found;
  std::ifstream maps("/proc/self/smaps");
  Mapping current;
  bool is_readable = false;
  for (std::string line; std::getline(maps, line);) {
    char rights[5] = {};
    Mapping next;
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &next.from, &next.to, rights) == 3) {
      current = next;
      current.name = line;
      is_readable = rights[0] == 'r' && line.find("[v") == std::string::npos;
    } else if (line.starts_with("VmFlags:") && is_readable &&
               (line + " ").find(" dd ") == std::string::npos) {
      found.push_back(current);
    }
  }
  return found;
}

/// Where it is in the dump; nothing when it is nowhere.
std::string place_of(const Secret& form) {
  const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  std::string place;
  for (const Mapping& mapping : dumped()) {
    constexpr std::size_t piece = 1 << 20;
    // What is read is a copy: kept out of the dump itself.
    Secret bytes(piece + form.size());
    for (std::uintptr_t at = mapping.from; at < mapping.to && place.empty(); at += piece) {
      const std::size_t wanted = std::min(bytes.size(), static_cast<std::size_t>(mapping.to - at));
      const ssize_t size = ::pread(memory, bytes.bytes().data(), wanted, static_cast<off_t>(at));
      if (size <= 0) break;
      if (::memmem(bytes.bytes().data(), static_cast<std::size_t>(size), form.bytes().data(), form.size()) !=
          nullptr) {
        place = mapping.name;
      }
    }
  }
  ::close(memory);
  return place;
}

void expect_not_dumped(std::string_view what, const Secret& secret) {
  int number = 0;
  for (const Secret& form : forms_of(secret.text())) {
    EXPECT_EQ(place_of(form), "") << what << ", form " << number;
    ++number;
  }
}

/// Random, so that it stands in no program and no file.
Secret canary() {
  Secret random(24);
  system_random().fill(random.bytes());
  return secret_to_base64(random);
}

class dump : public Installation {};

INSTANTIATE_TEST_SUITE_P(engines, dump, ::testing::Values(engine::Engine::sqlite, engine::Engine::postgres),
                         name_of);

TEST(dump_of_memory, would_show_what_is_not_kept_out_of_it) {
  const Secret secret = canary();
  const std::string copy(secret.text());
  EXPECT_NE(place_of(secret), "");
}

TEST_P(dump, has_no_secret_no_key_no_password_and_no_token) {
  Access access = open();
  const Secret value = canary();
  access.set_secret({"ann", "openai"}, value.text());
  const auto found = access.find_secret({"ann", "openai"});
  ASSERT_EQ(found->text(), value.text());
  const SealedSecret sealed = access.seal({"ann", "row"}, value.text());
  const Secret unsealed = access.unseal({"ann", "row"}, sealed.bytes);
  access.rotate();
  expect_not_dumped("the secret", value);

  const access::SharedKey master = access::MasterKeys(key_file_, "").find(1);
  expect_not_dumped("the master key", *master);

  const CreatedToken token = access.create_token({.ledgers = {"ann"}, .verbs = {Verb::read}});
  ASSERT_TRUE(access.authorize(token.text.text(), "ann", Verb::read).allowed());
  expect_not_dumped("the token", Secret::copy_of(token.text.text().substr(21, 52)));

  const Secret password = canary();
  access.set_password("ann", password.text());
  ASSERT_TRUE(access.sign_in("ann", password.text()).accepted());
  expect_not_dumped("the password", password);
}

}  // namespace
}  // namespace reeve::testing
