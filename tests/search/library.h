#pragma once
// A library of samples with a search index: its blueprint, its words, and what is done to it at random.

#include "both_engines.h"
#include "state/search.h"

#include <array>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace reeve::testing {

inline blueprint::Sources library_sources() {
  const auto schema = [](const std::string& properties, const std::string& required) {
    return "{\"type\": \"object\", \"properties\": {" + properties + "}, \"required\": [" + required + "]}\n";
  };
  const std::string sample = "\"sample_id\": {\"type\": \"integer\"}";
  const std::string text =
      ", \"title\": {\"type\": \"string\"}, \"path\": {\"type\": \"string\"},"
      " \"genre\": {\"type\": \"string\"}, \"notes\": {\"type\": \"object\"}";
  return {{
      {"blueprint.toml", "format = 1\nname = \"library\"\ntitle = \"The Library\"\nexecute = true\n"},
      {"migrations/0001_core.up.sql",
       "CREATE TABLE users (user_id text PRIMARY KEY);\n"
       "CREATE TABLE samples (sample_id bigint PRIMARY KEY,\n"
       "  user_id text REFERENCES users (user_id) ON DELETE CASCADE,\n"
       "  title text NOT NULL, path text NOT NULL, genre text, bpm integer, loud boolean,\n"
       "  notes jsonb NOT NULL DEFAULT '{}', plays integer NOT NULL DEFAULT 0,\n"
       "  label text GENERATED ALWAYS AS (title || ' label') STORED);\n"
       "CREATE INDEX samples_by_user ON samples (user_id);\n"},
      {"migrations/0001_core.down.sql", "DROP TABLE samples;\nDROP TABLE users;\n"},
      {"events/user.joined.v1.sql", "INSERT INTO users (user_id) VALUES (:user_id);\n"},
      {"events/user.joined.v1.json", schema("\"user_id\": {\"type\": \"string\"}", "\"user_id\"")},
      {"events/user.left.v1.sql",
       "-- expect 1: unknown user :user_id\nDELETE FROM users WHERE user_id = :user_id;\n"},
      {"events/user.left.v1.json", schema("\"user_id\": {\"type\": \"string\"}", "\"user_id\"")},
      {"events/sample.added.v1.sql",
       "INSERT INTO samples (sample_id, user_id, title, path, genre, bpm, loud, notes)\n"
       "VALUES (:sample_id, :user_id, :title, :path, :genre, :bpm, :loud, COALESCE(:notes, '{}'::jsonb));\n"},
      {"events/sample.added.v1.json", schema(sample + text +
                                                 ", \"user_id\": {\"type\": \"string\"}, \"bpm\": {\"type\": "
                                                 "\"integer\"}, \"loud\": {\"type\": "
                                                 "\"boolean\"}",
                                             "\"sample_id\", \"title\", \"path\"")},
      {"events/sample.edited.v1.sql",
       "UPDATE samples SET title = :title, genre = :genre WHERE sample_id = :sample_id;\n"
       "-- expect 1: unknown sample :sample_id\n"
       "UPDATE samples SET plays = plays + 1 WHERE sample_id = :sample_id;\n"},
      {"events/sample.edited.v1.json", schema(sample + text, "\"sample_id\", \"title\"")},
      {"events/sample.played.v1.sql",
       "-- expect 1: unknown sample :sample_id\n"
       "UPDATE samples SET plays = plays + 1 WHERE sample_id = :sample_id;\n"},
      {"events/sample.played.v1.json", schema(sample, "\"sample_id\"")},
      {"events/sample.removed.v1.sql",
       "-- expect 1: unknown sample :sample_id\nDELETE FROM samples WHERE sample_id = :sample_id;\n"},
      {"events/sample.removed.v1.json", schema(sample, "\"sample_id\"")},
      // Its first statement changes rows before the second refuses it, where there is no such sample.
      {"events/sample.renumbered.v1.sql",
       "UPDATE samples SET title = title || ' renumbered' WHERE genre = :genre;\n"
       "-- expect 1: unknown sample :sample_id\n"
       "UPDATE samples SET sample_id = sample_id + 100000 WHERE sample_id = :sample_id;\n"},
      {"events/sample.renumbered.v1.json", schema(sample + text, "\"sample_id\", \"genre\"")},
      {"search/samples.toml",
       "format = 1\ntable = \"samples\"\nlanguage = \"english\"\n"
       "filters = [\"genre\", \"user_id\", \"bpm\", \"loud\"]\n\n"
       "[text]\ntitle = 3\npath = 1\nnotes = 2\nlabel = 1\n"},
      {"search/plain.toml", "format = 1\ntable = \"samples\"\n\n[text]\ntitle = 1\n"},
  }};
}

inline constexpr std::array<const char*, 40> library_words{
    "kick",    "kicks", "snare",     "hi-hat", "dusty",  "80's", "lo-fi",  "Ōtāhuhu", "crate", "vinyl",
    "hiss",    "loop",  "loops",     "break",  "breaks", "tape", "Straße", "été",     "東京",  "🎵",
    "running", "runs",  "don't",     "Ada's",  "warm",   "cold", "bright", "dark",    "deep",  "808",
    "kit_01",  "x.wav", "funk/soul", "jazz",   "a",      "the",  "of",     "über",    "ﬁn",    "Ёлка"};

class LibraryMaker {
 public:
  explicit LibraryMaker(std::uint64_t seed) : random_(seed) {}

  std::int64_t below(std::int64_t bound) {
    return std::uniform_int_distribution<std::int64_t>(0, bound - 1)(random_);
  }
  std::string words(std::int64_t count_max) {
    std::string out;
    for (std::int64_t i = below(count_max) + 1; i > 0; --i) {
      out += out.empty() ? "" : below(12) == 0 ? ", " : " ";
      out += library_words[static_cast<std::size_t>(below(40) * below(40) / 40)];
    }
    return out;
  }
  std::string genre() {
    return std::array{"lo-fi", "jazz", "rock", "Ōta"}[static_cast<std::size_t>(below(4))];
  }

  /// Type and payload of an event; some are refused.
  std::pair<std::string, std::string> event() {
    const std::string id = "\"sample_id\":" + std::to_string(below(300));
    const std::string user = "\"user_id\":\"u" + std::to_string(below(5)) + "\"";
    const std::string title = ",\"title\":\"" + words(8) + "\"";
    switch (below(16)) {
      case 0: return {"user.joined", "{" + user + "}"};
      case 1:
        return below(4) == 0 ? std::pair<std::string, std::string>{"user.left", "{" + user + "}"}
                             : std::pair<std::string, std::string>{"sample.played", "{" + id + "}"};
      case 2:
      case 3: return {"sample.removed", "{" + id + "}"};
      case 4:
      case 5:
      case 6: return {"sample.edited", "{" + id + title + ",\"genre\":\"" + genre() + "\"}"};
      case 7: return {"sample.renumbered", "{" + id + ",\"genre\":\"" + genre() + "\"}"};
      case 8: return {"sample.played", "{" + id + "}"};
      default:
        return {"sample.added", "{" + id + (below(3) == 0 ? "" : "," + user) + title + ",\"path\":\"" +
                                    words(5) + "\",\"bpm\":" + std::to_string(80 + below(3)) +
                                    ",\"loud\":" + (below(2) == 0 ? "true" : "false") +
                                    ",\"notes\":{\"kick\":[\"" + words(3) + "\"]}" +
                                    (below(4) == 0 ? "" : ",\"genre\":\"" + genre() + "\"") + "}"};
    }
  }

  /// What might be typed.
  std::string query() {
    std::string out;
    for (std::int64_t i = below(4) + 1; i > 0; --i) {
      const std::string word = library_words[static_cast<std::size_t>(below(40))];
      switch (below(9)) {
        case 0: out += "\"" + word + " " + library_words[static_cast<std::size_t>(below(40))] + "\" "; break;
        case 1: out += "-" + word + " "; break;
        case 2: out += word.substr(0, 2) + "* "; break;
        case 3: out += word + " or "; break;
        default: out += word + " "; break;
      }
    }
    return out;
  }
  /// What should not break anything.
  std::string rubbish() {
    static constexpr std::array<const char*, 26> pieces{
        "\"",   "*",    "-",  " ", "'",  "(",  ")", ":",   "^",    "AND ",     "NOT ", "or ", "NEAR(",
        "kick", "\xFF", "\\", "%", "\n", "🎵", "{", "c0:", "\xC3", "\xED\xA0", "é",    "ж",   "''"};
    std::string out;
    for (std::int64_t i = below(12) + 1; i > 0; --i) out += pieces[static_cast<std::size_t>(below(26))];
    if (below(50) == 0) out += std::string(1, '\0') + "x";
    return out;
  }

 private:
  std::mt19937_64 random_;
};

inline std::string shown(const SearchAnswer& answer) {
  std::ostringstream out;
  out.precision(17);
  out << answer.matches << " at " << answer.sequence.value << "\n";
  for (const SearchHit& hit : answer.hits) out << hit.key << " " << hit.score << " " << hit.snippet << "\n";
  for (const SearchUnit& unit : answer.units) out << unit.text << " " << unit.rows << unit.excluded << "\n";
  return out.str();
}

/// The difference that verify finds, or ''.
inline std::string differences(const state::Location& location) {
  std::string out;
  for (const search::IndexCheck& check : state::verify_search(location)) {
    if (check.is_equal()) continue;
    out += fmt::format("{}: missing {}, extra {}, stale {} {}\n", check.name, check.missing, check.extra,
                       check.stale, check.fault);
    for (const std::string& example : check.examples) out += example + "\n";
  }
  return out;
}

}  // namespace reeve::testing
