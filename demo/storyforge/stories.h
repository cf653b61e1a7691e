#pragma once
// The stories of a ledger, as a program uses them: a repository over the types that `reeve generate` writes.

#include "storyforge/comparison.h"
#include "storyforge/context.h"
#include "storyforge/document.h"
#include "storyforge/types.h"

#include <reeve/clock.h>
#include <reeve/ledger.h>
#include <reeve/search.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace storyforge {

inline constexpr std::int64_t ancestors_depth = 10;

/// A story that begins. Ids that are '' are made.
struct StoryDraft {
  std::string owner;
  std::string title;
  std::string content;  ///< of its root
  std::string genre = {};
  std::string description = {};
  std::optional<std::int64_t> context_depth = {};
  std::optional<reeve::Json> metadata = {};
  std::string story_id = {};
  std::string root_id = {};
};

struct NewStory {
  std::string story_id;
  std::string root_id;
};

/// A node that is to hang on another.
struct NodeDraft {
  std::string parent_id;
  std::string content;
  NodeType type = NodeType::scene;
  std::optional<std::string> choice_text = {};
  std::optional<reeve::Json> metadata = {};
  std::string node_id = {};
};

/// What is not given stays. `version` is the one that the edit was decided on.
struct NodeEdit {
  std::string node_id;
  std::int64_t version = 0;
  std::optional<std::string> content = {};
  std::optional<std::string> choice_text = {};
  std::optional<reeve::Json> metadata = {};
};

struct StoryEdit {
  std::string story_id;
  std::int64_t version = 0;
  std::optional<std::string> title = {};
  std::optional<std::string> genre = {};
  std::optional<std::string> description = {};
  std::optional<std::string> status = {};
  std::optional<std::int64_t> context_depth = {};
};

struct EntryDraft {
  std::string story_id;
  std::string entry_type;  ///< character, location, prop
  std::string name;
  std::string description = {};
  std::string entry_id = {};
};

struct EntryEdit {
  std::string entry_id;
  std::int64_t version = 0;
  std::optional<std::string> name = {};
  std::optional<std::string> description = {};
};

struct Imported {
  std::string story_id;
  bool was_there = true;    ///< the ledger had the same story already, and nothing was added
  std::int64_t events = 0;  ///< that were added
};

/// What scenes are looked for by, and where.
struct FindOptions {
  std::int64_t limit = 10;  ///< scenes at most
  reeve::SearchBy by = reeve::SearchBy::words;
  /// A node: only it and what it hangs on, never a sibling timeline. '' is all of the story.
  std::string lineage_of = {};
  bool snippets = false;
};

struct FoundScene {
  Node node;
  double score = 0;     ///< as of SearchHit
  std::string snippet;  ///< '' unless asked for
};

struct Found {
  std::vector<FoundScene> scenes;  ///< the best first
  std::int64_t matches = 0;        ///< as of SearchAnswer
};

struct StoriesOptions {
  std::string actor = {};           ///< who causes what is done
  reeve::Random* random = nullptr;  ///< of new ids; null: the system's
  /// The ledger's, as it was opened: a story that is imported is one command.
  std::size_t payload_bytes_max = reeve::LedgerOptions{}.payload_bytes_max;
};

/// Every reading member asks one question of the ledger, whatever the number of rows, and sees one snapshot of it; a deleted
/// node is as one that is not there. Every writing member is one command: all of it or nothing. A rule that says no is
/// a Refusal; faults are thrown as Ledger::command and Ledger::query do, an id that is no UUID as invalid_input.
/// Thread-safe as the ledger is; must not outlive it.
class Stories {
 public:
  explicit Stories(reeve::Ledger& ledger, StoriesOptions options = {});

  /// The story and its root in one transaction.
  Result<NewStory> create(const StoryDraft& draft);
  std::optional<OpenedStory> story(const std::string& story_id);
  /// The new version.
  Result<std::int64_t> edit_story(const StoryEdit& edit);
  /// Says where the reader of the node's story is.
  Result<reeve::Receipt> choose_leaf(const std::string& node_id);

  std::optional<Node> node(const std::string& node_id);
  /// Those of the ids that are there, each once, the oldest first.
  std::vector<Node> nodes(const std::vector<std::string>& node_ids);
  std::optional<NodeWithStory> node_with_story(const std::string& node_id);
  /// The oldest first.
  std::vector<Node> children(const std::string& node_id);
  std::vector<Node> siblings(const std::string& node_id);
  /// The node and what it hangs on, the root first: at most `depth` nodes.
  std::vector<Node> ancestors(const std::string& node_id, std::int64_t depth = ancestors_depth);
  /// The node and all that hangs on it, level by level.
  std::vector<NodeAtDepth> subtree(const std::string& node_id);
  /// The nodes on the way from one to the other, both included, over the deepest that both hang on; none when they are of
  /// two stories.
  std::vector<Step> path(const std::string& from_id, const std::string& to_id);
  /// The nodes of a story on which nothing hangs.
  std::vector<Node> leaves(const std::string& story_id);

  /// The id of the new node.
  Result<std::string> add(const NodeDraft& draft);
  /// The new version; a conflict when the node has another one than the edit was decided on.
  Result<std::int64_t> edit(const NodeEdit& edit);
  /// A summary of the text that the node had at the version.
  Result<reeve::Receipt> summarize(const std::string& node_id, std::int64_t version,
                                   const std::string& summary);
  /// Hangs a node with all that hangs on it on another one.
  Result<reeve::Receipt> move(const std::string& node_id, const std::string& parent_id);
  /// Deletes a node with all that hangs on it, until it is restored.
  Result<reeve::Receipt> prune(const std::string& node_id);
  Result<reeve::Receipt> restore(const std::string& node_id);
  /// Copies a node with all that hangs on it below another one; the ids of the copies, that of the node's first. Their
  /// metadata say in `copy_of` what each is a copy of.
  Result<std::vector<std::string>> fork(const std::string& node_id, const std::string& parent_id);
  /// Hangs what hangs on one node on another and deletes the one: two timelines meet.
  Result<reeve::Receipt> merge(const std::string& node_id, const std::string& into_id);

  /// What a scene behind the node has to know, as choose_context() chooses it; `depth` nodes of the lineage at most, or as
  /// many as the story's context depth says. Nothing when there is no such node. Asks two questions: the lineage, and the
  /// world.
  std::optional<Context> context(const std::string& node_id, std::int64_t tokens,
                                 std::optional<std::int64_t> depth = {});
  /// Two branches by the node that each ends with. Nothing when one is not there, or they are of two stories.
  std::optional<Comparison> compare(const std::string& left_id, const std::string& right_id);

  /// Scenes of a story by what was typed (docs/search.md): by words, by what they mean, or by both. By meaning only those are
  /// found that have a vector of their text: Ledger::embed("scenes") makes them. Two questions: the search, and the nodes; one
  /// that is deleted in between is left out. Throws Error as Ledger::search.
  Found find(const std::string& story_id, const std::string& typed, const FindOptions& options = {});
  /// The scenes of its story that mean what a node does, the nearest first, without itself; with `in_lineage` those alone that
  /// it hangs on. Three questions. Throws Error not_found for a node that is not there or has no vector; one that was edited
  /// since is compared by the text that it had.
  Found similar(const std::string& node_id, std::int64_t limit = 10, bool in_lineage = false);

  /// By type and name.
  std::vector<WorldEntry> world(const std::string& story_id);
  /// The id of the new entry.
  Result<std::string> add_entry(const EntryDraft& draft);
  /// The new version.
  Result<std::int64_t> edit_entry(const EntryEdit& edit);
  Result<reeve::Receipt> remove_entry(const std::string& entry_id);

  /// The whole story, from one snapshot, without what is pruned; nothing when there is none. write_document() and
  /// write_markdown() make text of it.
  std::optional<StoryDocument> document(const std::string& story_id);
  /// Takes in a story with the ids and times that it has in the document: all of it or nothing, by one command. The same
  /// document again adds nothing and says so. A Refusal when a story of that id is there and differs (a conflict, which
  /// names the first part that does), or when a title or an id is taken. Throws Error as read_document() does, and
  /// limit_exceeded for more than payload_bytes_max.
  Result<Imported> import(const StoryDocument& document);
  Result<Imported> import(std::string_view text);

  /// How many questions were asked of the ledger so far.
  std::int64_t questions() const { return questions_; }

  reeve::Ledger& ledger() { return ledger_; }

 private:
  template <typename Query>
  auto ask_all(const Query& query);
  template <typename Query>
  auto ask_one(const Query& query);
  template <typename Command>
  reeve::Outcome order(const Command& command);
  template <typename Command>
  Result<reeve::Receipt> change(const Command& command, const std::string& node_id);
  std::string id_or_new(const std::string& given);
  Found scenes_of(const std::string& typed, const reeve::SearchOptions& options);
  /// Why a command about a node was refused, which was decided on a version of it, or on none.
  Refusal refusal_of(const reeve::Rejection& rejection, const std::string& node_id,
                     std::optional<std::int64_t> decided_on = {});

  reeve::Ledger& ledger_;
  StoriesOptions options_;
  std::atomic<std::int64_t> questions_ = 0;
};

}  // namespace storyforge
