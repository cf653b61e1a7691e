#include "vectors/embedder.h"

#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reeve::vectors {

Embedding Embedder::embed_one(std::string_view text) {
  std::vector<Embedding> made = embed({&text, 1});
  ensure(made.size() == 1, "an embedder answers each text");
  return std::move(made.front());
}

std::string fault_of_text(std::string_view text) {
  if (text.size() > text_bytes_max) return fmt::format("the text has more than {} bytes", text_bytes_max);
  if (!is_valid_utf8(text)) return "the text is no UTF-8";
  if (std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); })) {
    return "the text is empty";
  }
  return {};
}

Embedding lasting_failure(std::string failure) { return {{}, std::move(failure), true}; }

bool normalize(std::span<float> vector) {
  double square = 0;
  for (const float value : vector) square += static_cast<double>(value) * static_cast<double>(value);
  const double length = std::sqrt(square);
  if (!(length > 0) || !std::isfinite(length)) return false;
  for (float& value : vector) value = static_cast<float>(static_cast<double>(value) / length);
  return true;
}

}  // namespace reeve::vectors
