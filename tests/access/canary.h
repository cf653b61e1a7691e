#pragma once
// A secret that is looked for afterwards, in every form in which it may have got somewhere.

#include "base/secret.h"

#include <reeve/secret.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace reeve::testing {

/// The bytes as they are, backwards, in UTF-16, as hexadecimal digits, in base64 at each of its three offsets, in both alphabets. In memory
/// that no dump has, so that who looks for them finds not these.
inline std::vector<Secret> forms_of(std::string_view plain) {
  std::vector<Secret> forms;
  forms.push_back(Secret::copy_of(plain));
  Secret backwards = Secret::copy_of(plain);
  std::reverse(backwards.bytes().begin(), backwards.bytes().end());
  forms.push_back(std::move(backwards));
  Secret wide(plain.size() * 2 - 1);
  for (std::size_t i = 0; i < plain.size(); ++i) wide.bytes()[2 * i] = static_cast<std::uint8_t>(plain[i]);
  forms.push_back(std::move(wide));
  for (const char* digits : {"0123456789abcdef", "0123456789ABCDEF"}) {
    Secret hex(plain.size() * 2);
    for (std::size_t i = 0; i < plain.size(); ++i) {
      const auto byte = static_cast<unsigned char>(plain[i]);
      hex.bytes()[2 * i] = static_cast<std::uint8_t>(digits[byte >> 4U]);
      hex.bytes()[2 * i + 1] = static_cast<std::uint8_t>(digits[byte & 15U]);
    }
    forms.push_back(std::move(hex));
  }
  for (std::size_t offset = 0; offset < 3; ++offset) {
    Secret shifted(plain.size() + offset);
    std::copy(plain.begin(), plain.end(), shifted.bytes().begin() + static_cast<std::ptrdiff_t>(offset));
    const Secret text = secret_to_base64(shifted);
    // Without the digits that depend on what stands before and behind.
    const std::size_t begin = offset == 0 ? 0 : offset + 1;
    Secret middle = Secret::copy_of(text.text().substr(begin, text.size() - begin - 4));
    Secret url = middle.clone();
    for (std::uint8_t& digit : url.bytes()) digit = digit == '+' ? '-' : digit == '/' ? '_' : digit;
    forms.push_back(std::move(middle));
    forms.push_back(std::move(url));
  }
  return forms;
}

}  // namespace reeve::testing
