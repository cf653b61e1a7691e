#include "storyforge/stories.h"

#include "base/clock.h"

#include <blueprints/storyforge.h>

#include <array>

namespace storyforge {

namespace {

constexpr std::array<std::string_view, 3> type_names = {"root", "scene", "choice"};

NodeType type_of(const std::string& name) {
  const auto type = node_type_of(name);
  reeve::ensure(type.has_value(), "the table of nodes takes no other type");
  return *type;
}

/// Of a row that has the columns of a node.
template <typename Row>
Node node_of(Row&& row) {
  return {.node_id = std::move(row.node_id),
          .story_id = std::move(row.story_id),
          .parent_id = std::move(row.parent_id),
          .type = type_of(row.node_type),
          .content = std::move(row.content),
          .summary = std::move(row.summary),
          .summary_is_stale = row.summary_is_stale,
          .choice_text = std::move(row.choice_text),
          .metadata = std::move(row.metadata),
          .version = row.version,
          .created_at = std::move(row.created_at),
          .updated_at = std::move(row.updated_at)};
}

template <typename Row>
std::vector<Node> nodes_of(std::vector<Row> rows) {
  std::vector<Node> nodes;
  nodes.reserve(rows.size());
  for (Row& row : rows) nodes.push_back(node_of(std::move(row)));
  return nodes;
}

reeve::Json json_list(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) {
    const std::string member = reeve::JsonMembers().add("", text).object();  // {"":"text"}
    list += (list.empty() ? "" : ",") + member.substr(4, member.size() - 5);
  }
  return {"[" + list + "]"};
}

/// Version 4 of RFC 9562.
std::string new_uuid(reeve::Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  bytes[6] = static_cast<std::uint8_t>(0x40U | (bytes[6] & 0x0FU));
  bytes[8] = static_cast<std::uint8_t>(0x80U | (bytes[8] & 0x3FU));
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits[bytes[i] >> 4U];
    text += digits[bytes[i] & 0x0FU];
  }
  return text;
}

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

std::string_view name_of(NodeType type) { return type_names.at(static_cast<std::size_t>(type)); }

std::optional<NodeType> node_type_of(std::string_view name) {
  for (std::size_t i = 0; i < type_names.size(); ++i) {
    if (type_names.at(i) == name) return static_cast<NodeType>(i);
  }
  return std::nullopt;
}

Stories::Stories(reeve::Ledger& ledger, StoriesOptions options)
    : ledger_(ledger), options_(std::move(options)) {
  if (options_.random == nullptr) options_.random = &reeve::system_random();
}

template <typename Query>
auto Stories::ask_all(const Query& query) {
  ++questions_;
  return reeve::query_all(ledger_, query);
}

template <typename Query>
auto Stories::ask_one(const Query& query) {
  ++questions_;
  return reeve::query_one(ledger_, query);
}

template <typename Command>
reeve::Outcome Stories::order(const Command& command) {
  reeve::CommitOptions options;
  options.actor = options_.actor;
  return reeve::command(ledger_, command, options);
}

template <typename Command>
Result<reeve::Receipt> Stories::change(const Command& command, const std::string& node_id) {
  const reeve::Outcome outcome = order(command);
  if (!outcome) return refusal_of(outcome.rejection(), node_id);
  return outcome.receipt();
}

std::string Stories::id_or_new(const std::string& given) {
  return given.empty() ? new_uuid(*options_.random) : given;
}

Refusal Stories::refusal_of(const reeve::Rejection& rejection, const std::string& node_id,
                            std::optional<std::int64_t> decided_on) {
  Refusal refusal{.reason = rejection.reason};
  if (rejection.code == reeve::ErrorCode::invalid_input) return refusal;
  const auto now = ask_one(queries::node_by_id{.node_id = node_id});
  if (!now) {
    refusal.kind = Refusal::Kind::not_found;
  } else if (decided_on && now->version != *decided_on) {
    refusal.kind = Refusal::Kind::conflict;
    refusal.version = now->version;
  }
  return refusal;
}

Result<NewStory> Stories::create(const StoryDraft& draft) {
  NewStory made{.story_id = id_or_new(draft.story_id), .root_id = id_or_new(draft.root_id)};
  const reeve::Outcome outcome = order(commands::create_story{.story_id = made.story_id,
                                                              .owner = draft.owner,
                                                              .title = draft.title,
                                                              .genre = unless_empty(draft.genre),
                                                              .description = unless_empty(draft.description),
                                                              .context_depth = draft.context_depth,
                                                              .metadata = draft.metadata,
                                                              .root_id = made.root_id,
                                                              .content = draft.content});
  if (!outcome) return Refusal{.reason = outcome.rejection().reason};
  return made;
}

std::optional<OpenedStory> Stories::story(const std::string& story_id) {
  auto row = ask_one(queries::story_by_id{.story_id = story_id});
  if (!row) return std::nullopt;
  return OpenedStory{.story = {.story_id = std::move(row->story_id),
                               .owner = std::move(row->owner),
                               .title = std::move(row->title),
                               .genre = std::move(row->genre),
                               .description = std::move(row->description),
                               .status = std::move(row->status),
                               .context_depth = row->context_depth,
                               .metadata = std::move(row->metadata),
                               .version = row->version,
                               .created_at = std::move(row->created_at),
                               .updated_at = std::move(row->updated_at)},
                     .root_id = row->root_id.value_or(""),
                     .current_leaf_id = std::move(row->current_leaf_id)};
}

Result<std::int64_t> Stories::edit_story(const StoryEdit& edit) {
  const reeve::Outcome outcome = order(commands::change_story{.story_id = edit.story_id,
                                                              .version = edit.version,
                                                              .title = edit.title,
                                                              .genre = edit.genre,
                                                              .description = edit.description,
                                                              .status = edit.status,
                                                              .context_depth = edit.context_depth});
  if (outcome) return edit.version + 1;
  Refusal refusal{.reason = outcome.rejection().reason};
  if (outcome.rejection().code == reeve::ErrorCode::invalid_input) return refusal;
  const auto now = ask_one(queries::story_by_id{.story_id = edit.story_id});
  if (!now) {
    refusal.kind = Refusal::Kind::not_found;
  } else if (now->version != edit.version) {
    refusal.kind = Refusal::Kind::conflict;
    refusal.version = now->version;
  }
  return refusal;
}

Result<reeve::Receipt> Stories::choose_leaf(const std::string& node_id) {
  return change(commands::choose_leaf{.node_id = node_id}, node_id);
}

std::optional<Node> Stories::node(const std::string& node_id) {
  auto row = ask_one(queries::node_by_id{.node_id = node_id});
  if (!row) return std::nullopt;
  return node_of(std::move(*row));
}

std::vector<Node> Stories::nodes(const std::vector<std::string>& node_ids) {
  return nodes_of(ask_all(queries::nodes_by_ids{.node_ids = json_list(node_ids)}));
}

std::optional<NodeWithStory> Stories::node_with_story(const std::string& node_id) {
  auto row = ask_one(queries::node_with_story{.node_id = node_id});
  if (!row) return std::nullopt;
  Story story{.story_id = row->story_id,
              .owner = std::move(row->owner),
              .title = std::move(row->title),
              .genre = std::move(row->genre),
              .description = std::move(row->description),
              .status = std::move(row->status),
              .context_depth = row->context_depth,
              .metadata = std::move(row->story_metadata),
              .version = row->story_version,
              .created_at = std::move(row->story_created_at),
              .updated_at = std::move(row->story_updated_at)};
  return NodeWithStory{.node = node_of(std::move(*row)), .story = std::move(story)};
}

std::vector<Node> Stories::children(const std::string& node_id) {
  return nodes_of(ask_all(queries::children{.node_id = node_id}));
}

std::vector<Node> Stories::siblings(const std::string& node_id) {
  return nodes_of(ask_all(queries::siblings{.node_id = node_id}));
}

std::vector<Node> Stories::ancestors(const std::string& node_id, std::int64_t depth) {
  return nodes_of(ask_all(queries::ancestors{.node_id = node_id, .depth = depth}));
}

std::vector<NodeAtDepth> Stories::subtree(const std::string& node_id) {
  std::vector<NodeAtDepth> nodes;
  for (auto& row : ask_all(queries::subtree{.node_id = node_id})) {
    const std::int64_t depth = row.depth.value_or(0);
    nodes.push_back({node_of(std::move(row)), depth});
  }
  return nodes;
}

std::vector<Step> Stories::path(const std::string& from_id, const std::string& to_id) {
  std::vector<Step> steps;
  for (auto& row : ask_all(queries::path_between{.from_id = from_id, .to_id = to_id})) {
    steps.push_back({std::move(row.node_id), type_of(row.node_type), std::move(row.content)});
  }
  return steps;
}

std::vector<Node> Stories::leaves(const std::string& story_id) {
  return nodes_of(ask_all(queries::leaves{.story_id = story_id}));
}

Result<std::string> Stories::add(const NodeDraft& draft) {
  const std::string node_id = id_or_new(draft.node_id);
  const reeve::Outcome outcome = order(commands::add_node{.node_id = node_id,
                                                          .parent_id = draft.parent_id,
                                                          .node_type = std::string(name_of(draft.type)),
                                                          .content = draft.content,
                                                          .choice_text = draft.choice_text,
                                                          .metadata = draft.metadata});
  if (!outcome) return refusal_of(outcome.rejection(), draft.parent_id);
  return node_id;
}

Result<std::int64_t> Stories::edit(const NodeEdit& edit) {
  const reeve::Outcome outcome = order(commands::edit_node{.node_id = edit.node_id,
                                                           .version = edit.version,
                                                           .content = edit.content,
                                                           .choice_text = edit.choice_text,
                                                           .metadata = edit.metadata});
  if (!outcome) return refusal_of(outcome.rejection(), edit.node_id, edit.version);
  return edit.version + 1;
}

Result<reeve::Receipt> Stories::summarize(const std::string& node_id, std::int64_t version,
                                          const std::string& summary) {
  const reeve::Outcome outcome =
      order(commands::summarize_node{.node_id = node_id, .version = version, .summary = summary});
  if (!outcome) return refusal_of(outcome.rejection(), node_id, version);
  return outcome.receipt();
}

Result<reeve::Receipt> Stories::move(const std::string& node_id, const std::string& parent_id) {
  return change(commands::move_node{.node_id = node_id, .parent_id = parent_id}, node_id);
}

Result<reeve::Receipt> Stories::prune(const std::string& node_id) {
  return change(commands::prune_branch{.node_id = node_id}, node_id);
}

Result<reeve::Receipt> Stories::restore(const std::string& node_id) {
  const reeve::Outcome outcome = order(commands::restore_branch{.node_id = node_id});
  if (!outcome) return Refusal{.reason = outcome.rejection().reason};
  return outcome.receipt();
}

Result<std::vector<std::string>> Stories::fork(const std::string& node_id, const std::string& parent_id) {
  const reeve::Outcome outcome = order(commands::fork_branch{.node_id = node_id, .parent_id = parent_id});
  if (!outcome) return refusal_of(outcome.rejection(), node_id);
  const reeve::Receipt& receipt = outcome.receipt();
  std::vector<std::string> copies;
  for (auto& row : ask_all(queries::nodes_created{.first_sequence = receipt.first.value,
                   .last_sequence = receipt.first.value + receipt.count - 1})) {
    copies.push_back(row.node_id.value());
  }
  return copies;
}

Result<reeve::Receipt> Stories::merge(const std::string& node_id, const std::string& into_id) {
  return change(commands::merge_branch{.node_id = node_id, .into_id = into_id}, node_id);
}

std::optional<Context> Stories::context(const std::string& node_id, std::int64_t tokens,
                                        std::optional<std::int64_t> depth) {
  std::vector<ContextCandidate> lineage;
  std::string story_id;
  for (auto& row : ask_all(queries::lineage{.depth = depth, .node_id = node_id})) {
    story_id = std::move(row.story_id);
    lineage.push_back({.node_id = std::move(row.node_id),
                       .type = type_of(row.node_type),
                       .choice_text = row.choice_text.value_or(""),
                       .content = std::move(row.content),
                       .summary = row.summary_is_stale ? "" : row.summary.value_or("")});
  }
  if (lineage.empty()) return std::nullopt;
  return choose_context(lineage, world(story_id), tokens);
}

std::optional<Comparison> Stories::compare(const std::string& left_id, const std::string& right_id) {
  std::optional<Node> fork;
  std::vector<BranchNode> left;
  std::vector<BranchNode> right;
  for (auto& row : ask_all(queries::branches{.left_id = left_id, .right_id = right_id})) {
    const std::string side = row.side;
    std::string origin = row.origin;
    const std::int64_t depth = row.depth.value_or(0);
    Node node = node_of(std::move(row));
    if (side == "fork") {
      fork = std::move(node);
    } else {
      (side == "left" ? left : right).push_back({{std::move(node), depth}, std::move(origin)});
    }
  }
  if (!fork) return std::nullopt;
  return match_branches(std::move(*fork), std::move(left), std::move(right));
}

std::vector<WorldEntry> Stories::world(const std::string& story_id) {
  std::vector<WorldEntry> entries;
  for (auto& row : ask_all(queries::world_entries_of_story{.story_id = story_id})) {
    entries.push_back({.entry_id = std::move(row.entry_id),
                       .entry_type = std::move(row.entry_type),
                       .name = std::move(row.name),
                       .description = std::move(row.description),
                       .version = row.version});
  }
  return entries;
}

Result<std::string> Stories::add_entry(const EntryDraft& draft) {
  const std::string entry_id = id_or_new(draft.entry_id);
  const reeve::Outcome outcome =
      order(commands::add_world_entry{.entry_id = entry_id,
                                      .story_id = draft.story_id,
                                      .entry_type = draft.entry_type,
                                      .name = draft.name,
                                      .description = unless_empty(draft.description)});
  if (!outcome) return Refusal{.reason = outcome.rejection().reason};
  return entry_id;
}

Result<std::int64_t> Stories::edit_entry(const EntryEdit& edit) {
  const reeve::Outcome outcome = order(commands::change_world_entry{.entry_id = edit.entry_id,
                                                                    .version = edit.version,
                                                                    .name = edit.name,
                                                                    .description = edit.description});
  if (outcome) return edit.version + 1;
  Refusal refusal{.reason = outcome.rejection().reason};
  if (outcome.rejection().code == reeve::ErrorCode::invalid_input) return refusal;
  const auto now = ask_one(queries::world_entry_by_id{.entry_id = edit.entry_id});
  if (!now) {
    refusal.kind = Refusal::Kind::not_found;
  } else if (now->version != edit.version) {
    refusal.kind = Refusal::Kind::conflict;
    refusal.version = now->version;
  }
  return refusal;
}

Result<reeve::Receipt> Stories::remove_entry(const std::string& entry_id) {
  const reeve::Outcome outcome = order(commands::remove_world_entry{.entry_id = entry_id});
  if (!outcome) return Refusal{.kind = Refusal::Kind::not_found, .reason = outcome.rejection().reason};
  return outcome.receipt();
}

}  // namespace storyforge
