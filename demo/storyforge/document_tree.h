#pragma once
// What the parts of a document are to each other.

#include "storyforge/document.h"

namespace storyforge {

/// Throws Error invalid_input unless the nodes are one tree and everything else refers to what is there, each id and name
/// once. Pointers are places in the vectors.
void check_references(const StoryDocument& document);

/// Puts the nodes in story order (each before what hangs on it, siblings by time and id), world entries by type and name,
/// images by file. Precondition: checked.
void arrange(StoryDocument& document);

}  // namespace storyforge
