#include "words/normal_form.h"

#include <reeve/error.h>

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

namespace reeve::words {

namespace {

/// Nothing where an option refuses it.
std::optional<std::string> mapped(std::string_view text, int options) {
  utf8proc_uint8_t* made = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                             static_cast<utf8proc_ssize_t>(text.size()), &made,
                                             static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(made, &std::free);
  if (size == UTF8PROC_ERROR_NOTASSIGNED) return std::nullopt;
  ensure(size >= 0, "a normal form is made of UTF-8");
  return std::string(reinterpret_cast<const char*>(made), static_cast<std::size_t>(size));
}

}  // namespace

std::string compatibility_form(std::string_view text) {
  return *mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
}

std::optional<std::string> folded_form(std::string_view text) {
  return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                          UTF8PROC_IGNORE | UTF8PROC_REJECTNA);
}

Secret composed_secret(std::string_view text) {
  if (text.empty()) {
    return {};
  }
  constexpr auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  const utf8proc_ssize_t count = utf8proc_decompose(bytes, size, nullptr, 0, options);
  ensure(count > 0, "a normal form is made of UTF-8");
  // Written over in place by UTF-8, which is never longer, and a final NUL.
  Secret points((static_cast<std::size_t>(count) + 1) * sizeof(utf8proc_int32_t));
  auto* const buffer = reinterpret_cast<utf8proc_int32_t*>(points.bytes().data());
  ensure(utf8proc_decompose(bytes, size, buffer, count, options) == count,
         "a text is decomposed once as again");
  const utf8proc_ssize_t made = utf8proc_reencode(buffer, count, options);
  ensure(made > 0, "a normal form is made of UTF-8");
  return Secret::copy_of(points.text().substr(0, static_cast<std::size_t>(made)));
}

}  // namespace reeve::words
