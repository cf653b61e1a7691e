#pragma once
// Notes that hang on each other, with vectors: their blueprint, their words, and what a look at every one of them finds.

#include "library.h"

#include "vectors/lexical_embedder.h"
#include "vectors/similarity.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace reeve::testing {

inline blueprint::Sources notes_sources(std::int64_t dimensions = 256) {
  const auto schema = [](const std::string& properties, const std::string& required) {
    return "{\"type\": \"object\", \"properties\": {" + properties + "}, \"required\": [" + required + "]}\n";
  };
  const std::string id = "\"note_id\": {\"type\": \"integer\"}";
  const std::string text = ", \"text\": {\"type\": \"string\"}";
  const std::string vector =
      ", \"model\": {\"type\": \"string\"}, \"text_hash\": {\"type\": \"string\"},"
      " \"embedding\": {\"type\": \"string\"}, \"failure\": {\"type\": \"string\"}";
  return {{
      {"blueprint.toml", "format = 1\nname = \"notes\"\ntitle = \"Notes\"\nexecute = true\n"},
      {"migrations/0001_core.up.sql",
       "-- tree: parent_id\n"
       "CREATE TABLE notes (note_id bigint PRIMARY KEY,\n"
       "  parent_id bigint REFERENCES notes (note_id) ON DELETE CASCADE, kind text, text text NOT NULL);\n"
       "CREATE INDEX notes_by_parent ON notes (parent_id);\n"
       "CREATE TABLE note_vectors (note_id bigint PRIMARY KEY REFERENCES notes (note_id) ON DELETE CASCADE,\n"
       "  model text, text_hash text, embedding bytea, failure text);\n"},
      {"migrations/0001_core.down.sql", "DROP TABLE note_vectors;\nDROP TABLE notes;\n"},
      {"events/note.written.v1.sql",
       "INSERT INTO notes (note_id, parent_id, kind, text) VALUES (:note_id, :parent_id, :kind, :text);\n"},
      {"events/note.written.v1.json",
       schema(id + text + ", \"parent_id\": {\"type\": \"integer\"}, \"kind\": {\"type\": \"string\"}",
              "\"note_id\", \"text\"")},
      {"events/note.edited.v1.sql",
       "-- expect 1: no note :note_id\nUPDATE notes SET text = :text WHERE note_id = :note_id;\n"},
      {"events/note.edited.v1.json", schema(id + text, "\"note_id\", \"text\"")},
      {"events/note.moved.v1.sql",
       "-- expect 1: no note :note_id\nUPDATE notes SET parent_id = :parent_id WHERE note_id = :note_id;\n"},
      {"events/note.moved.v1.json", schema(id + ", \"parent_id\": {\"type\": \"integer\"}", "\"note_id\"")},
      {"events/note.removed.v1.sql",
       "-- expect 1: no note :note_id\nDELETE FROM notes WHERE note_id = :note_id;\n"},
      {"events/note.removed.v1.json", schema(id, "\"note_id\"")},
      {"events/note.embedded.v1.sql",
       "INSERT INTO note_vectors (note_id, model, text_hash, embedding, failure)\n"
       "VALUES (:note_id, :model, :text_hash, decode(:embedding, 'base64'), :failure)\n"
       "ON CONFLICT (note_id) DO UPDATE SET model = excluded.model, text_hash = excluded.text_hash,\n"
       "  embedding = excluded.embedding, failure = excluded.failure;\n"},
      {"events/note.embedded.v1.json", schema(id + vector, "\"note_id\", \"model\", \"text_hash\"")},
      {"search/notes.toml",
       "format = 1\ntable = \"notes\"\nlanguage = \"english\"\nfilters = [\"kind\"]\n\n[text]\ntext = 1\n\n"
       "[embedding]\ntable = \"note_vectors\"\nmodel = \"lexical\"\nevent = \"note.embedded\"\ndimensions "
       "= " +
           std::to_string(dimensions) + "\n"},
      {"search/plain.toml", "format = 1\ntable = \"notes\"\n\n[text]\ntext = 1\n"},
  }};
}

class NoteMaker {
 public:
  explicit NoteMaker(int seed) : random_(static_cast<std::uint64_t>(seed)) {}
  std::int64_t below(std::int64_t bound) {
    return std::uniform_int_distribution<std::int64_t>(0, bound - 1)(random_);
  }
  std::string text() {
    static constexpr std::array<const char*, 24> words{
        "storm", "sea",      "harbour", "lantern", "captain",  "whale",  "island", "letter",
        "ghost", "garden",   "winter",  "river",   "mountain", "violin", "clock",  "mirror",
        "king",  "daughter", "wolf",    "forest",  "bridge",   "fire",   "bread",  "Ōtāhuhu"};
    std::string out;
    for (std::int64_t i = below(7) + 2; i > 0; --i) {
      out += out.empty() ? "" : " ";
      out += words[static_cast<std::size_t>(below(24))];
    }
    return out;
  }
  std::string kind() { return std::array{"canon", "lore", "draft"}[static_cast<std::size_t>(below(3))]; }
  /// Type and payload of an event; some are refused.
  std::pair<std::string, std::string> event() {
    const std::string id = "{\"note_id\":" + std::to_string(below(60));
    const std::string parent = below(5) == 0 ? "" : ",\"parent_id\":" + std::to_string(below(60));
    switch (below(8)) {
      case 0: return {"note.removed", id + "}"};
      case 1: return {"note.moved", id + parent + "}"};
      case 2:
      case 3: return {"note.edited", id + ",\"text\":\"" + text() + "\"}"};
      default:
        return {"note.written", id + (below(2) == 0 ? "" : parent) + ",\"text\":\"" + text() + "\"" +
                                    (below(4) == 0 ? "" : ",\"kind\":\"" + kind() + "\"") + "}"};
    }
  }

 private:
  std::mt19937_64 random_;
};

inline std::vector<std::string> keys_of(const SearchAnswer& answer) {
  std::vector<std::string> keys;
  for (const SearchHit& hit : answer.hits) keys.push_back(hit.key);
  return keys;
}

/// What was written, as it is looked at without any index.
class Heap {
 public:
  struct Note {
    std::optional<std::int64_t> parent;
    std::string kind;
    std::string text;
  };
  std::map<std::int64_t, Note> notes;

  static std::string key_of(std::int64_t id) { return "{\"note_id\":" + std::to_string(id) + "}"; }
  std::string kind_of(const std::string& key) const {
    for (const auto& [id, note] : notes) {
      if (key_of(id) == key) return note.kind;
    }
    return "none";
  }
  std::set<std::string> lineage(std::int64_t id) const {
    std::set<std::string> line;
    for (std::optional<std::int64_t> at = id; at; at = notes.at(*at).parent) line.insert(key_of(*at));
    return line;
  }
  /// By the similarity of texts alone; those of equal similarity in the order that a search has them in.
  std::vector<std::string> nearest(const std::string& words, const std::string& kind, std::int64_t limit,
                                   std::size_t dimensions = 256) const {
    vectors::LexicalEmbedder embedder(dimensions);
    const vectors::Query query(vectors::Metric::cosine, embedder.embed_one(words).vector);
    std::vector<std::pair<vectors::Hit, std::string>> found;
    for (const auto& [id, note] : notes) {
      if (!kind.empty() && note.kind != kind) continue;
      const std::string stored = vectors::encode_vector(embedder.embed_one(note.text).vector);
      found.push_back({{search::vector_id("[" + std::to_string(id) + "]"), query.exact(stored)}, key_of(id)});
    }
    std::sort(found.begin(), found.end(), [](const auto& left, const auto& right) {
      return vectors::is_nearer(left.first, right.first);
    });
    std::vector<std::string> keys;
    for (const auto& [hit, key] : found) {
      if (keys.size() < static_cast<std::size_t>(limit)) keys.push_back(key);
    }
    return keys;
  }
};

class Notes : public BothEngines {
 protected:
  /// Notes from 0 on, most of which hang on an earlier one.
  Heap grow(int count, int seed) {
    NoteMaker maker(seed);
    Heap heap;
    for (int id = 0; id < count; ++id) {
      Heap::Note note{std::nullopt, maker.kind(), maker.text()};
      if (id > 0 && maker.below(10) > 0) note.parent = maker.below(id);
      commit("note.written", "{\"note_id\":" + std::to_string(id) + ",\"kind\":\"" + note.kind +
                                 "\",\"text\":\"" + note.text + "\"" +
                                 (note.parent ? ",\"parent_id\":" + std::to_string(*note.parent) : "") + "}");
      heap.notes.emplace(id, std::move(note));
    }
    return heap;
  }
  SearchAnswer ask(const std::string& words, const SearchOptions& options) {
    const SearchAnswer left = sqlite_->search("notes", words, options);
    const SearchAnswer right = postgres_->search("notes", words, options);
    EXPECT_EQ(shown(left), shown(right)) << words;
    return left;
  }
};

}  // namespace reeve::testing
