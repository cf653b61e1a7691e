#include "words/normal_form.h"

#include <reeve/error.h>

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

namespace reeve::words {

std::string compatibility_form(std::string_view text) {
  utf8proc_uint8_t* made = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(
      reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
      &made, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(made, &std::free);
  ensure(size >= 0, "a normal form is made of UTF-8");
  return {reinterpret_cast<const char*>(made), static_cast<std::size_t>(size)};
}

}  // namespace reeve::words
