// A story out of a ledger and into another: the same bytes, twice is once, and what is no story changes nothing.

#include "workshop.h"

#include "base/json.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <random>
#include <sstream>
#include <thread>

namespace reeve::testing {
namespace {

using storyforge::Refusal;
using storyforge::Stories;
using storyforge::write_document;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string format_example() {
  std::ifstream in(project_file("blueprints/storyforge/story_format.md"));
  std::stringstream text;
  text << in.rdbuf();
  const std::string whole = text.str();
  const std::size_t begin = whole.find("```json\n") + 8;
  return whole.substr(begin, whole.find("\n```", begin) - begin);
}

nlohmann::json example() { return nlohmann::json::parse(format_example()); }

class exchange : public StoryEngines {
 protected:
  /// A new ledger of each engine beside the first.
  void open_second() {
    second_file_ = workshop_.path("second.db");
    const std::string blueprint = project_file("blueprints/storyforge").string();
    create_ledger(second_file_, blueprint);
    create_ledger(database_->administrator("second"), blueprint);
    second_sqlite_.emplace(Ledger::open(second_file_));
    second_postgres_.emplace(Ledger::open(database_->application("second")));
  }

  std::string export_of(Ledger& ledger, const std::string& id) {
    Stories stories(ledger);
    const auto document = stories.document(id);
    return document ? write_document(*document) : "";
  }

  /// What the reader of documents says; '' if it takes it.
  static std::string refusal_of(const std::string& text, ErrorCode code = ErrorCode::invalid_input) {
    try {
      storyforge::read_document(text);
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      return error.what();
    }
  }

  std::string second_file_;
  std::optional<Ledger> second_sqlite_;
  std::optional<Ledger> second_postgres_;
};

TEST_F(exchange, worked_example_of_the_document) {
  open("exchange_example");
  both([&](Stories& stories) {
    const auto imported = stories.import(format_example());
    ASSERT_TRUE(imported) << imported.refusal().reason;
    EXPECT_FALSE(imported.value().was_there);
    EXPECT_EQ(imported.value().events, 7);  // the story, three nodes, its reader, an entry, an image
    EXPECT_EQ(write_document(*stories.document(story_id(1))), json::canonical(format_example()));
  });
}

/// Whatever can be done to a story, by chance; nothing pruned is left.
void grow(Stories& stories, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random); };
  const std::vector<std::string> words = {"wolf",   "Ōtāhuhu",    "東京", "\"quoted\"", "back\\slash", "🎵",
                                          "tab\t.", "line\nline", "<b>",  "# heading",  "\x01",        "été"};
  const auto words_of = [&](int count) {
    std::string text;
    for (int i = 0; i <= count; ++i) text += (i == 0 ? "" : " ") + words[static_cast<std::size_t>(below(12))];
    return text;
  };
  const auto root = stories.create({.owner = "mary",
                                    .title = words_of(4),
                                    .content = words_of(9),
                                    .description = words_of(3),
                                    .metadata = Json{R"({"deep":[{"a":[1.5,-0.0,1e300,null,true]}]})"},
                                    .story_id = story_id(1),
                                    .root_id = node_id(1)});
  ASSERT_TRUE(root) << root.refusal().reason;
  std::vector<std::string> nodes = {node_id(1)};
  for (int i = 2; i < 80; ++i) {
    const std::string& of = nodes[static_cast<std::size_t>(below(static_cast<int>(nodes.size())))];
    const auto node = stories.node(of);
    switch (below(6)) {
      case 0: stories.edit({.node_id = of, .version = node->version, .content = words_of(12)}); break;
      case 1: stories.summarize(of, node->version, words_of(3)); break;
      case 2:
        stories.add_entry(
            {.story_id = story_id(1), .entry_type = "prop", .name = words_of(2), .entry_id = entry_id(i)});
        break;
      default:
        ASSERT_TRUE(
            stories.add({.parent_id = of,
                         .content = words_of(20),
                         .type = below(2) == 0 ? storyforge::NodeType::scene : storyforge::NodeType::choice,
                         .choice_text = below(2) == 0 ? std::optional(words_of(2)) : std::nullopt,
                         .metadata = Json{fmt::format(R"({{"n":{},"":{{"é":"x"}}}})", i)},
                         .node_id = node_id(i)}));
        nodes.push_back(node_id(i));
    }
  }
  ASSERT_TRUE(stories.choose_leaf(nodes.back()));
}

TEST_F(exchange, brings_a_story_to_another_ledger_with_every_byte_and_the_same_state_hash) {
  open("exchange_roundtrip");
  open_second();
  const std::uint64_t seed = test_seed("exchange");
  both([&](Stories& stories) { grow(stories, seed); });
  const std::string text = export_of(*sqlite_, story_id(1));
  EXPECT_EQ(text, export_of(*postgres_, story_id(1)));
  EXPECT_EQ(text, json::canonical(text));
  for (Ledger* ledger : {&*second_sqlite_, &*second_postgres_}) {
    Stories second(*ledger);
    const auto imported = second.import(text);
    ASSERT_TRUE(imported) << imported.refusal().reason;
    EXPECT_EQ(export_of(*ledger, story_id(1)), text);
    EXPECT_EQ(ledger->head().state_hash.to_string(), sqlite_->head().state_hash.to_string());
  }
}

TEST_F(exchange, leaves_out_what_is_pruned) {
  open("exchange_pruned");
  plant();
  both([](Stories& stories) {
    ASSERT_TRUE(stories.choose_leaf(node_id(6)));
    ASSERT_TRUE(stories.prune(node_id(4)));
    const auto document = stories.document(story_id(1));
    ASSERT_TRUE(document);
    EXPECT_EQ(document->nodes.size(), 5U);
    EXPECT_FALSE(document->current_leaf);
    EXPECT_FALSE(stories.document(story_id(2)));
  });
}

TEST_F(exchange, adds_nothing_the_second_time_and_says_so) {
  open("exchange_twice");
  both([](Stories& stories) {
    ASSERT_TRUE(stories.import(format_example()));
    const Head before = stories.ledger().head();
    // Other blanks, another order of members and of nodes: the same story.
    nlohmann::json shuffled = example();
    std::reverse(shuffled["nodes"].begin(), shuffled["nodes"].end());
    for (const std::string& text : {format_example(), example().dump(), shuffled.dump(2)}) {
      const auto again = stories.import(text);
      ASSERT_TRUE(again) << again.refusal().reason;
      EXPECT_TRUE(again.value().was_there);
      EXPECT_EQ(again.value().events, 0);
    }
    EXPECT_EQ(stories.ledger().head().sequence.value, before.sequence.value);
    nlohmann::json other = example();
    other["nodes"][1]["content"] = "I went to Geneva.";
    const auto differs = stories.import(other.dump());
    ASSERT_FALSE(differs);
    EXPECT_EQ(differs.refusal().kind, Refusal::Kind::conflict);
    EXPECT_THAT(differs.refusal().reason, HasSubstr("differs at /nodes/1:"));
    EXPECT_EQ(stories.ledger().head().state_hash.to_string(), before.state_hash.to_string());
  });
}

TEST_F(exchange, of_the_same_story_by_several_at_once_adds_it_once) {
  open("exchange_race");
  for (Stories* stories : {&*left_, &*right_}) {
    std::atomic<int> added = 0;
    std::atomic<int> there = 0;
    std::vector<std::thread> importers;
    for (int i = 0; i < 4; ++i) {
      importers.emplace_back([&] {
        const auto imported = stories->import(format_example());
        if (imported) ++(imported.value().was_there ? there : added);
      });
    }
    for (std::thread& importer : importers) importer.join();
    EXPECT_EQ(added, 1);
    EXPECT_EQ(there, 3);
  }
}

TEST_F(exchange, refuses_what_is_taken_and_says_what_would_mend_it) {
  open("exchange_taken");
  both([](Stories& stories) {
    ASSERT_TRUE(stories.import(format_example()));
    nlohmann::json other = example();
    other["story"]["story_id"] = story_id(2);
    const auto title = stories.import(other.dump());
    ASSERT_FALSE(title);
    EXPECT_EQ(title.refusal().reason, "its owner has a story of this title already: rename one of them");
    other["story"]["title"] = "The Modern Prometheus";
    const auto node = stories.import(other.dump());
    ASSERT_FALSE(node);
    EXPECT_THAT(node.refusal().reason, StartsWith("another story has a node of the same id"));
    std::string text = other.dump();
    for (std::size_t at = 0; (at = text.find("\"20000000-", at)) != std::string::npos;)
      text.replace(at, 3, "\"21");
    EXPECT_THAT(stories.import(text).refusal().reason,
                StartsWith("another story has a world entry of the same id"));
    EXPECT_FALSE(stories.story(story_id(2)));
  });
}

TEST_F(exchange, refuses_what_is_no_story_with_place_and_remedy) {
  const auto with = [](const std::function<void(nlohmann::json&)>& change) {
    nlohmann::json document = example();
    change(document);
    return refusal_of(document.dump());
  };
  const auto says = [](const std::string& place, const std::string& remedy) {
    return ::testing::AllOf(StartsWith(place + ":"), HasSubstr("(" + remedy));
  };
  EXPECT_THAT(with([](auto& of) { of["version"] = 2; }), says("/version", "export it again as version 1"));
  EXPECT_THAT(with([](auto& of) { of["version"] = "1"; }), says("/version", "it takes"));
  EXPECT_THAT(with([](auto& of) { of["format"] = "great_work"; }), says("/format", "its format is"));
  EXPECT_THAT(with([](auto& of) { of.erase("nodes"); }), says("/nodes", "every member"));
  EXPECT_THAT(with([](auto& of) { of["nodes"] = nlohmann::json::array(); }), says("/nodes", "one node has"));
  EXPECT_THAT(with([](auto& of) { of["nodes"] = 7; }), says("/nodes", "write an array"));
  EXPECT_THAT(with([](auto& of) { of["nodes"][1] = "x"; }), says("/nodes/1", "write it as"));
  EXPECT_THAT(with([](auto& of) { of["nodes"][1]["parent_id"] = node_id(9); }),
              says("/nodes/1/parent_id", "add that node"));
  EXPECT_THAT(with([](auto& of) { of["nodes"][1].erase("parent_id"); }),
              says("/nodes/1/parent_id", "say which node"));
  EXPECT_THAT(with([](auto& of) { of["nodes"][0]["parent_id"] = node_id(2); }),
              says("/nodes/0/parent_id", "leave it out"));
  EXPECT_THAT(with([](auto& of) { of["nodes"][1]["parent_id"] = node_id(2); }),
              says("/nodes/1/parent_id", "hang one of the nodes"));
  EXPECT_THAT(with([](auto& of) {
                of["nodes"][1]["parent_id"] = node_id(3);
                of["nodes"][2]["parent_id"] = node_id(2);
              }),
              says("/nodes/1/parent_id", "hang one of the nodes"));
  EXPECT_THAT(with([](auto& of) {
                of["nodes"][2]["node_type"] = "root";
                of["nodes"][2].erase("parent_id");
              }),
              says("/nodes/2/node_type", "a story has one root"));
  EXPECT_THAT(with([](auto& of) {
                of["nodes"][0]["node_type"] = "scene";
                of["nodes"][0]["parent_id"] = node_id(2);
              }),
              says("/nodes", "one node has node_type"));
  EXPECT_THAT(with([](auto& of) { of["nodes"][2]["node_id"] = node_id(2); }),
              says("/nodes/2/node_id", "each stands"));
  EXPECT_THAT(with([](auto& of) { of["nodes"][2]["node_type"] = "dream"; }),
              says("/nodes/2/node_type", "it is one of root, scene, choice"));
  EXPECT_THAT(with([](auto& of) { of["nodes"][2]["content"] = ""; }),
              says("/nodes/2/content", "it takes 1 to"));
  EXPECT_THAT(with([](auto& of) { of["nodes"][2]["content"] = std::string(200'001, 'x'); }),
              says("/nodes/2/content", "it takes 1 to 200000"));
  EXPECT_THAT(with([](auto& of) { of["nodes"][2]["metadata"] = "x"; }),
              says("/nodes/2/metadata", "write an object"));
  EXPECT_THAT(with([](auto& of) { of["nodes"][2]["version"] = 1.5; }),
              says("/nodes/2/version", "it takes 1"));
  EXPECT_THAT(with([](auto& of) { of["nodes"][2]["version"] = 0; }), says("/nodes/2/version", "it takes 1"));
  EXPECT_THAT(with([](auto& of) { of["nodes"][2]["created_at"] = "yesterday"; }),
              says("/nodes/2/created_at", "write RFC 3339"));
  EXPECT_THAT(with([](auto& of) { of["nodes"][2]["summary_is_stale"] = true; }),
              says("/nodes/2/summary_is_stale", "say false"));
  EXPECT_THAT(with([](auto& of) { of["nodes"][2]["a/b~c"] = 1; }), says("/nodes/2/a~1b~0c", "take it out"));
  EXPECT_THAT(with([](auto& of) { of["nodes"][2]["node_id"] = "20000000-0000-4000-8000-00000000000G"; }),
              says("/nodes/2/node_id", "write 36 characters"));
  EXPECT_THAT(with([](auto& of) { of["story"]["status"] = "lost"; }), says("/story/status", "it is one of"));
  EXPECT_THAT(with([](auto& of) { of["story"]["context_depth"] = 21; }),
              says("/story/context_depth", "it takes 1 to 20"));
  EXPECT_THAT(with([](auto& of) { of["current_leaf"]["node_id"] = node_id(9); }),
              says("/current_leaf/node_id", "name one of the nodes"));
  EXPECT_THAT(with([](auto& of) { of["world_entries"][0]["entry_type"] = "weather"; }),
              says("/world_entries/0/entry_type", "it is one of"));
  EXPECT_THAT(with([](auto& of) { of["world_entries"].push_back(of["world_entries"][0]); }),
              says("/world_entries/1/entry_id", "each stands"));
  EXPECT_THAT(with([](auto& of) {
                of["world_entries"].push_back(of["world_entries"][0]);
                of["world_entries"][1]["entry_id"] = entry_id(2);
              }),
              says("/world_entries/1/name", "each stands"));
  EXPECT_THAT(with([](auto& of) { of["assets"][0]["node_id"] = node_id(9); }),
              says("/assets/0/node_id", "name one of the nodes"));
  EXPECT_THAT(with([](auto& of) { of["assets"][0]["sha256"] = std::string(64, 'X'); }),
              says("/assets/0/sha256", "write 64"));
  EXPECT_EQ(with([](auto&) {}), "");
}

/// More than a MiB.
std::string large_document() {
  nlohmann::json large = example();
  large["nodes"][0]["content"] = std::string(150'000, 'x');
  for (int i = 10; i < 20; ++i) {
    large["nodes"].push_back(large["nodes"][1]);
    large["nodes"].back()["node_id"] = node_id(i);
    large["nodes"].back()["content"] = std::string(150'000, 'y');
  }
  return large.dump();
}

TEST_F(exchange, takes_a_large_story_where_the_ledger_does) {
  open("exchange_large");
  constexpr std::size_t bytes_max = 4 * 1024 * 1024;
  Ledger file = Ledger::open(file_, {.payload_bytes_max = bytes_max});
  Ledger server = Ledger::open(database_->application("storyforge"), {.payload_bytes_max = bytes_max});
  const std::string text = large_document();
  for (Ledger* ledger : {&file, &server}) {
    Stories stories(*ledger, {.payload_bytes_max = bytes_max});
    const auto imported = stories.import(text);
    ASSERT_TRUE(imported) << imported.refusal().reason;
    EXPECT_TRUE(write_document(*stories.document(story_id(1))) ==
                write_document(storyforge::read_document(text)));
    Stories bounded(*ledger);
    EXPECT_THROW(bounded.import(text), Error);
  }
}

TEST_F(exchange, refuses_hostile_bytes_and_changes_nothing) {
  open("exchange_hostile");
  plant();
  both([](Stories& stories) {
    const Head before = stories.ledger().head();
    const auto refuses = [&](const std::string& text, ErrorCode code) {
      try {
        stories.import(text);
        ADD_FAILURE() << text.substr(0, 80);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), code) << error.what();
        EXPECT_LT(std::string(error.what()).size(), 1'000U);
      }
    };
    const std::string good = format_example();
    refuses("", ErrorCode::invalid_input);
    refuses("null", ErrorCode::invalid_input);
    refuses("[]", ErrorCode::invalid_input);
    refuses(good + "x", ErrorCode::invalid_input);
    refuses(good.substr(0, good.size() / 2), ErrorCode::invalid_input);
    refuses(std::string(100'000, '['), ErrorCode::limit_exceeded);
    std::string deep = good;
    deep.replace(deep.find("\"metadata\": {}"), 14,
                 "\"metadata\": {\"a\":" + std::string(70, '[') + std::string(70, ']') + "}");
    refuses(deep, ErrorCode::limit_exceeded);
    std::string broken = good;
    broken.replace(broken.find("Genevese"), 3, "\xC3\x28\xFF");
    refuses(broken, ErrorCode::invalid_input);
    std::string surrogate = good;
    surrogate.replace(surrogate.find("Genevese"), 8, "\\ud800");
    refuses(surrogate, ErrorCode::invalid_input);
    std::string zero = good;
    zero.replace(zero.find("Genevese"), 8, "\\u0000");
    refuses(zero, ErrorCode::invalid_input);
    std::string twice = good;
    twice.insert(1, "\"version\": 1,");
    refuses(twice, ErrorCode::invalid_input);
    std::string huge = good;
    huge.resize(200'000'000, ' ');
    refuses(huge, ErrorCode::limit_exceeded);
    // As large as a document may be, larger than the ledger takes.
    refuses(large_document(), ErrorCode::limit_exceeded);
    EXPECT_EQ(stories.ledger().head().sequence.value, before.sequence.value);
    EXPECT_EQ(stories.ledger().head().state_hash.to_string(), before.state_hash.to_string());
  });
}

TEST_F(exchange, survives_bytes_that_are_scribbled_over) {
  const std::string good = json::canonical(format_example());
  std::mt19937_64 random(test_seed("exchange scribbled"));
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = good;
    for (std::uint64_t i = random() % 3; i < 3; ++i) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0: text[at] = static_cast<char>(random()); break;
        case 1: text.erase(at, random() % 8); break;
        case 2: text.insert(at, text.substr(random() % text.size(), random() % 40)); break;
        default: text[at] = "{}[]\",:0"[random() % 8];
      }
    }
    try {
      // What is taken is a document that is read back as it is written.
      const std::string written = write_document(storyforge::read_document(text));
      EXPECT_EQ(write_document(storyforge::read_document(written)), written);
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == ErrorCode::invalid_input || error.code() == ErrorCode::limit_exceeded)
          << error.what();
      ++refused;
    }
  }
  EXPECT_GT(refused, 10'000);
}

TEST_F(exchange, takes_a_story_of_two_thousand_scenes_in_a_row) {
  open("exchange_deep");
  nlohmann::json document = example();
  document.erase("current_leaf");
  document["assets"] = nlohmann::json::array();
  nlohmann::json nodes = {document["nodes"][0]};
  for (int i = 2; i <= 2'000; ++i) {
    nodes.push_back(document["nodes"][2]);
    nodes.back()["node_id"] = node_id(i);
    nodes.back()["parent_id"] = node_id(i - 1);
  }
  std::reverse(nodes.begin(), nodes.end());
  document["nodes"] = nodes;
  both([&](Stories& stories) {
    const auto imported = stories.import(document.dump());
    ASSERT_TRUE(imported) << imported.refusal().reason;
    EXPECT_EQ(stories.ancestors(node_id(2'000), 5'000).size(), 2'000U);
    EXPECT_TRUE(stories.import(document.dump()).value().was_there);
    EXPECT_THAT(storyforge::write_markdown(*stories.document(story_id(1))), HasSubstr("(#scene-2000)"));
  });
}

TEST_F(exchange, writes_markdown_in_which_a_story_s_text_is_no_markup) {
  nlohmann::json document = example();
  document["nodes"][1]["content"] =
      "# Not a heading\n1. Not a list\n- Nor *this* <b>nor</b> [that](x) & `so on`";
  document["nodes"][2]["choice_text"] = "Stay [here]";
  const std::string text = storyforge::write_markdown(storyforge::read_document(document.dump()));
  EXPECT_EQ(text,
            "# Frankenstein\n\n"
            "*mary, gothic*\n\n"
            "<a id=\"scene-1\"></a>\n\n## 1\n\n"
            "I am by birth a Genevese.\n\n"
            "- Leave home: [go to 2](#scene-2)\n"
            "- Stay \\[here\\]: [go to 3](#scene-3)\n\n"
            "<a id=\"scene-2\"></a>\n\n## 2 Leave home\n\n"
            "\\# Not a heading\n1\\. Not a list\n\\- Nor \\*this\\* \\<b\\>nor\\</b\\> \\[that\\](x) \\& "
            "\\`so on\\`\n\n"
            "*The end.*\n\n"
            "<a id=\"scene-3\"></a>\n\n## 3 Stay \\[here\\]\n\n"
            "I stayed at home.\n\n"
            "*The end.*\n\n"
            "## The world\n\n### Characters\n\n"
            "- **Victor**: A student of natural philosophy.\n");
}

}  // namespace
}  // namespace reeve::testing
