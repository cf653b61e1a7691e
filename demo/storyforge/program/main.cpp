// The demonstration of StoryForge: a book of tales that two tellers tell each, as a story with branches; what it can be
// asked, and its way into a second ledger.

#include "storyforge/program/show.h"
#include "storyforge/tale_file.h"

#include "chance.h"
#include "process.h"
#include "terminal.h"

#include <fmt/core.h>
#include <reeve/reeve.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace demo {

namespace {

using storyforge::Node;
using storyforge::PlantedTale;
using storyforge::Stories;

constexpr int exit_usage = 2;
constexpr int exit_different = 10;
constexpr std::uint64_t seed = 1812;  // the year of the Grimms' first volume
constexpr std::int64_t context_tokens = 900;

constexpr std::string_view usage =
    "reeve_stories [--folder PATH] [--tale FILE] [--blueprint FOLDER]\n"
    "  tells a file of tales to a ledger, asks it, exports the story and takes it into a second ledger\n";

struct Options {
  std::filesystem::path folder;  ///< of what it leaves behind
  std::filesystem::path tale;
  std::filesystem::path blueprint;
  std::filesystem::path command;  ///< build/reeve
};

/// A second passes with each question.
class TickingClock : public reeve::Clock {
 public:
  reeve::Microseconds now() override { return now_ += 1'000'000; }

 private:
  std::atomic<reeve::Microseconds> now_ = 1'767'225'600'000'000;  // 2026-01-01
};

/// Nothing if they can't be understood.
std::optional<Options> read_options(int count, char** words) {
  // build/reeve_stories lies beside build/reeve and one below the sources.
  const std::filesystem::path build = std::filesystem::path(own_path()).parent_path();
  const std::filesystem::path sources = build.parent_path();
  Options options{.folder = build / "demo",
                  .tale = sources / "demo" / "storyforge" / "data" / "tales_told_twice.txt",
                  .blueprint = sources / "blueprints" / "storyforge",
                  .command = build / "reeve"};
  for (int i = 1; i < count; i += 2) {
    const std::string_view name = words[i];
    if (i + 1 == count) return std::nullopt;
    if (name == "--folder") {
      options.folder = words[i + 1];
    } else if (name == "--tale") {
      options.tale = words[i + 1];
    } else if (name == "--blueprint") {
      options.blueprint = words[i + 1];
    } else {
      return std::nullopt;
    }
  }
  return options;
}

reeve::Ledger begin_ledger(const Options& options, const std::string& name,
                           const reeve::LedgerOptions& ledger_options) {
  std::filesystem::create_directories(options.folder);
  const std::filesystem::path file = options.folder / name;
  for (const char* suffix : {"", "-wal", "-shm", ".keys"}) std::filesystem::remove(file.string() + suffix);
  return reeve::Ledger::create(file.string(), options.blueprint.string(), ledger_options);
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (!stream) throw reeve::Error(reeve::ErrorCode::unavailable, "can't write " + file.string());
}

/// The command line, on one of the ledgers.
std::string run_reeve(const Options& options, const std::vector<std::string>& arguments) {
  const Ran ran = run(options.command.string(), arguments, {});
  if (ran.exit_code != 0)
    throw reeve::Error(reeve::ErrorCode::internal, "reeve " + arguments.front() + " failed: " + ran.output);
  return ran.output;
}

std::string parameters_of(const std::string& node_id) {
  return reeve::JsonMembers().add("node_id", node_id).object();
}

void show_tree(const Options& options, const PlantedTale& tale) {
  print_title("The girl in red");
  const std::string file = (options.folder / "stories.db").string();
  fmt::print("\n{}\n", run_reeve(options, {"tree", file, "outline", parameters_of(tale.nodes.at("red")),
                                           "--label", "label", "--width", "96"}));
  const std::filesystem::path picture = options.folder / "stories.svg";
  std::filesystem::remove(picture);
  run_reeve(options, {"tree", file, "outline", parameters_of(tale.nodes.at("top")), "--label", "label",
                      "--svg", picture.string()});
  fmt::print("  all of the book: {}\n", picture.string());
}

void find_by_words(Stories& stories, const PlantedTale& tale) {
  print_title("Found by words");
  for (const std::string typed :
       {"sausages trough", "\"glass slipper\" -midnight", "spindle or spinning", "hazel tree dove"})
    print_found(stories.find(tale.story_id, typed, {.limit = 3, .snippets = true}), typed);

  print_title("Found in a lineage");
  const std::string& end = tale.nodes.at("red.grimm.7");
  print_found(stories.find(tale.story_id, "wolf door", {.limit = 10}), "wolf door: in all of the book");
  print_found(stories.find(tale.story_id, "wolf door", {.limit = 10, .lineage_of = end}),
              "wolf door: on the way to the Grimms' end, and in no other timeline");
}

/// False when there is no model to ask.
bool embed(Stories& stories) {
  try {
    const reeve::EmbedReport report = stories.ledger().embed("scenes", {.actor = "reader"});
    fmt::print("\n  {} have a vector of their text now, each stored by an event\n",
               counted(static_cast<std::size_t>(report.stored), "scene"));
    return true;
  } catch (const reeve::Error& error) {
    if (error.code() != reeve::ErrorCode::unavailable) throw;
    fmt::print("\n{}", filled(std::string("Left out: ") + error.what(), 2));
    return false;
  }
}

void find_by_meaning(Stories& stories, const PlantedTale& tale) {
  print_title("Found by meaning");
  if (!embed(stories)) return;
  for (const std::string asked :
       {"the children are abandoned because there is no food", "everybody in the castle falls asleep"}) {
    print_found(stories.find(tale.story_id, asked, {.limit = 3}), asked + ": by words");
    print_found(stories.find(tale.story_id, asked, {.limit = 3, .by = reeve::SearchBy::meaning}),
                asked + ": by meaning");
  }
  const std::string asked = "pushing the witch into the oven";
  print_found(stories.find(tale.story_id, asked, {.limit = 4}), asked + ": by words");
  print_found(stories.find(tale.story_id, asked, {.limit = 4, .by = reeve::SearchBy::both}),
              asked + ": by both");
  print_found(stories.similar(tale.nodes.at("forest.edwardes.10"), 2),
              "the scenes most like the one in which Hansel stretches out a bone");
  print_found(stories.similar(tale.nodes.at("forest.edwardes.10"), 2, true), "those of its own lineage");
}

/// The text up to a phrase, and another end.
std::string ending_otherwise(const std::string& text, std::string_view phrase, std::string_view end) {
  const std::size_t place = text.find(phrase);
  reeve::ensure(place != std::string::npos, "the tale has the phrase that its other end begins at");
  return text.substr(0, place) + std::string(end);
}

/// What if the huntsman had fired? A copy of the branch, and another end for it.
void compare(Stories& stories, const PlantedTale& tale) {
  print_title("Two tellers compared");
  print_comparison(*stories.compare(tale.nodes.at("red.grimm.1"), tale.nodes.at("red.perrault.1")));

  print_title("What if the huntsman had fired?");
  const auto copies = stories.fork(tale.nodes.at("red.grimm.5"), tale.nodes.at("red.grimm.4"));
  const std::vector<Node> copied = stories.nodes(copies.value());
  for (const Node& node : copied) {
    std::string text;
    if (node.content.find("‘Do I find you") != std::string::npos) {
      text = ending_otherwise(node.content, "Then just as", "Then he fired at him, and the wolf fell dead.");
    } else if (node.content.starts_with("Then all three")) {
      text = "The huntsman drew off the wolf’s skin and went home with it, and wondered how heavy it was.";
    } else {
      continue;
    }
    const auto edited = stories.edit({.node_id = node.node_id, .version = node.version, .content = text});
    reeve::ensure(static_cast<bool>(edited), "nobody else edits the copy");
  }
  print_comparison(*stories.compare(tale.nodes.at("red.grimm.5"), copies.value().front()));
}

bool exchange(const Options& options, Stories& stories, const PlantedTale& tale, TickingClock& clock) {
  print_title("Into a second ledger");
  const auto document = stories.document(tale.story_id);
  const std::string text = storyforge::write_document(*document);
  const std::filesystem::path json = options.folder / "stories.json";
  const std::filesystem::path markdown = options.folder / "stories.md";
  write_file(json, text + "\n");
  write_file(markdown, storyforge::write_markdown(*document));
  fmt::print("\n  {}  {} nodes, {} entries, {} bytes\n  {}\n", json.string(), document->nodes.size(),
             document->world.size(), text.size(), markdown.string());

  reeve::Ledger second = begin_ledger(options, "stories_2.db", {.clock = &clock});
  Stories there(second, {.actor = "reader"});
  const auto imported = there.import(text);
  if (!imported) throw reeve::Error(reeve::ErrorCode::internal, imported.refusal().reason);
  const auto again = there.import(text);
  const bool same_text = storyforge::write_document(*there.document(tale.story_id)) == text;
  const bool same_state = second.head().state_hash == stories.ledger().head().state_hash;
  fmt::print("  taken in           {} events\n", imported.value().events);
  fmt::print("  once more          {}\n",
             again.value().was_there ? "it is there already, nothing was added" : "ADDED");
  fmt::print("  exported from it   {}\n", same_text ? "the same bytes" : "OTHER BYTES");
  fmt::print("  the first ledger   state hash {}\n", stories.ledger().head().state_hash.to_string());
  fmt::print("  the second         state hash {}, {}\n", second.head().state_hash.to_string(),
             same_state ? "equal" : "DIFFERENT");
  for (const char* name : {"stories.db", "stories_2.db"})
    fmt::print("  {:17}  {}", name, run_reeve(options, {"verify", (options.folder / name).string()}));
  return again.value().was_there && same_text && same_state;
}

int tell(const Options& options) {
  TickingClock clock;
  RepeatableRandom random(seed);
  reeve::Ledger ledger = begin_ledger(options, "stories.db", {.clock = &clock, .random = &random});
  Stories stories(ledger, {.actor = "reader", .random = &random});
  const storyforge::Tale tale = storyforge::read_tale(options.tale);
  print_title("StoryForge: " + tale.story.title);
  const PlantedTale planted = storyforge::plant(stories, tale);
  fmt::print("\n  {} nodes with {} leaves, {} entries of its world: {} events in {}\n", planted.nodes.size(),
             stories.leaves(planted.story_id).size(), tale.world.size(), ledger.head().sequence.value,
             (options.folder / "stories.db").string());
  show_tree(options, planted);
  find_by_words(stories, planted);

  print_title("What the next scene has to know");
  fmt::print("\n{}",
             filled("Behind the scene in which the Prince hears of the sleeper, as Perrault tells it:", 2));
  print_context(*stories.context(planted.nodes.at("beauty.perrault.8"), context_tokens, 20), context_tokens);

  compare(stories, planted);
  const bool is_equal = exchange(options, stories, planted, clock);
  find_by_meaning(stories, planted);
  return is_equal ? 0 : exit_different;
}

}  // namespace

}  // namespace demo

int main(int count, char** words) {
  const auto options = demo::read_options(count, words);
  if (!options) {
    fmt::print(stderr, "{}", demo::usage);
    return demo::exit_usage;
  }
  try {
    return demo::tell(*options);
  } catch (const reeve::Error& error) {
    fmt::print(stderr, "reeve_stories: {}\n", error.what());
    return reeve::exit_code_of(error.code());
  } catch (const std::exception& error) {
    fmt::print(stderr, "reeve_stories: {}\n", error.what());
    return 1;
  }
}
