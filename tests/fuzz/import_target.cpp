// Input: lines of an export. Hashes of sources are put right before it is read, so that what the sources say is reached.
//   An import that is refused leaves nothing.
//   One that succeeds gives a ledger that verifies, and whose export is imported again with the same hashes.

#include "base/json.h"
#include "blueprint/blueprint.h"
#include "fuzz/support.h"
#include "fuzz/targets.h"
#include "state/transfer.h"
#include "state/verify.h"

#include <nlohmann/json.hpp>

namespace reeve::fuzz {
namespace {

using Lines = std::vector<std::string>;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// The hash of each line of sources becomes what it should be, there and in all lines behind.
void put_hashes_right(Lines& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto line = nlohmann::json::parse(lines[i], nullptr, false);
    const auto member = [](const nlohmann::json& of, const char* name) {
      return of.is_object() ? of.value(name, nlohmann::json()) : nlohmann::json();
    };
    const nlohmann::json sources = member(line, "sources");
    const nlohmann::json hash = member(sources, "hash");
    const nlohmann::json files = member(sources, "files");
    if (!files.is_object() || !hash.is_string()) continue;
    blueprint::Sources read;
    for (const auto& [path, content] : files.items())
      if (content.is_string()) read.files.emplace(path, content.get<std::string>());
    const auto said = hash.get<std::string>();
    if (said.size() < 16) continue;
    const std::string right = to_hex(read.hash());
    for (std::size_t j = i; j < lines.size(); ++j) replace_all(lines[j], said, right);
  }
}

std::optional<state::Import> read(const Lines& lines, const std::filesystem::path& file) {
  std::size_t next = 0;
  return unless_refused([&] {
    return state::import_journal(
        [&](std::string& line) {
          if (next == lines.size()) return false;
          line = lines[next++];
          return true;
        },
        file);
  });
}

void remove_database(const std::filesystem::path& file) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(file.string() + suffix);
}

}  // namespace

void import(std::string_view input) {
  static const Folder folder;
  const auto file = folder.path("a.db");
  const auto copy = folder.path("b.db");
  Lines lines = lines_of(input);
  put_hashes_right(lines);
  const auto made = read(lines, file);
  if (!made) {
    require(std::filesystem::is_empty(folder.path()), "an import that is refused leaves nothing");
    return;
  }
  const auto found = state::verify(file);
  require(found.equal(), "what was imported verifies",
          found.differences.empty() ? "" : found.differences[0].message);
  require(found.state_hash == made->state_hash && found.chain_hash == made->chain_hash,
          "with the hashes it was said");
  Lines exported;
  state::export_journal(file, [&](std::string_view line) { exported.emplace_back(line); },
                        {.progress = {}, .seed = true});
  const auto again = read(exported, copy);
  require(again && again->state_hash == made->state_hash && again->chain_hash == made->chain_hash &&
              again->events == made->events,
          "an export of it is imported with the same hashes");
  remove_database(file);
  remove_database(copy);
}

}  // namespace reeve::fuzz
