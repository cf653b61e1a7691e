#include "shared/past.h"

#include "shared/journaled.h"
#include "shared/mix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <span>

namespace bench {

std::filesystem::path make_past(const Folder& folder, std::int64_t events) {
  constexpr std::size_t group = 64;
  const std::filesystem::path file = folder.file("past.db");
  fmt::print("playing {} events\n", events);
  std::fflush(stdout);
  create_ledger(file);
  Journaled ledger(file, false);
  Mix mix;
  const std::vector<MixEvent> opening = mix.opening();
  for (std::size_t i = 0; i < opening.size(); i += group) {
    ledger.commit(std::span<const MixEvent>(opening).subspan(i, std::min(group, opening.size() - i)));
  }
  fill(ledger, mix, events);
  return file;
}

std::int64_t Places::next(std::int64_t stretch) {
  state_ = state_ * 6364136223846793005U + 1442695040888963407U;
  return static_cast<std::int64_t>((state_ >> 33) % static_cast<std::uint64_t>(events_ - stretch));
}

}  // namespace bench
