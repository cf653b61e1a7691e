#pragma once
// What the demonstration of StoryForge shows, for people to read.

#include "storyforge/stories.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace demo {

/// Text filled to the width of a page, each line behind an indent.
std::string filled(std::string_view text, std::size_t indent);

/// `1 scene`, `2 scenes`.
std::string counted(std::size_t number, std::string_view noun);

/// Under what was asked, a line for each scene: score, beginning, and the snippet if there is one.
void print_found(const storyforge::Found& found, std::string_view asked);
void print_context(const storyforge::Context& context, std::int64_t budget);
void print_comparison(const storyforge::Comparison& comparison);

}  // namespace demo
