// Stories: a whole story out of a ledger, and into one.

#include "storyforge/stories.h"

#include <blueprints/storyforge.h>
#include <fmt/format.h>

namespace storyforge {

std::optional<StoryDocument> Stories::document(const std::string& story_id) {
  ++questions_;
  DocumentBuilder builder;
  for (const auto& row : reeve::query(ledger_, queries::story_parts{.story_id = story_id}))
    builder.add(row.part, row.item.text);
  return builder.finish();
}

Result<Imported> Stories::import(const StoryDocument& document) {
  const std::string& story_id = document.story.story_id;
  Imported imported{.story_id = story_id};
  const std::string parameters = import_parameters(document);
  if (parameters.size() > options_.payload_bytes_max) {
    throw reeve::Error(reeve::ErrorCode::limit_exceeded,
                       fmt::format("the story has {} bytes, more than the {} of a command", parameters.size(),
                                   options_.payload_bytes_max),
                       "open the ledger with a larger payload_bytes_max, and say the same in StoriesOptions");
  }
  std::string reason;
  // Once more when somebody else brings the same story in between.
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (const auto there = this->document(story_id)) {
      const std::string difference = first_difference(document, *there);
      if (difference.empty()) return imported;
      return Refusal{.kind = Refusal::Kind::conflict,
                     .reason = "the story " + story_id + " is there and differs at " + difference +
                               ": delete the one that is there, or give the document other ids",
                     .version = there->story.version};
    }
    reeve::CommitOptions options;
    options.actor = options_.actor;
    const reeve::Outcome outcome = ledger_.command(commands::import_story::command_name, parameters, options);
    if (outcome) {
      imported.was_there = false;
      imported.events = outcome.receipt().count;
      return imported;
    }
    reason = outcome.rejection().reason;
  }
  return Refusal{.reason = reason};
}

Result<Imported> Stories::import(std::string_view text) { return import(read_document(text)); }

}  // namespace storyforge
