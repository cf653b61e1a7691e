#include "journal/group_reader.h"

#include "journal/own_statement.h"
#include "journal/varint.h"

#include "journal/postgres_select_group_sql.h"
#include "journal/select_group_sql.h"

#include <fmt/format.h>

#include <cstring>

namespace reeve::journal {

namespace {

constexpr OwnStatement select_group{embedded::select_group_sql, embedded::postgres_select_group_sql, 2};

[[noreturn]] void damaged(std::int64_t sequence) {
  throw Error(ErrorCode::corrupt, fmt::format("the group of event {} is damaged", sequence),
              "restore from a backup, or run `reeve verify` for all that differs");
}

}  // namespace

GroupReader::GroupReader(engine::Connection& connection, std::int64_t after)
    : select_(prepare(connection, select_group)), sequence_(after), last_(after) {}

bool GroupReader::load() {
  const std::int64_t wanted = sequence_ + 1;
  select_.bind_integer(1, wanted);
  if (!select_.step()) {
    select_.reset();
    return false;
  }
  last_ = select_.integer(0);
  first_ = select_.integer(1);
  const auto state_hash = digest_from_hex(select_.text(3));
  chain_ = select_.bytes(4);
  changesets_ = select_.bytes(5);
  select_.reset();
  // Divided and never multiplied: a count near 2^59 would wrap round to any length.
  if (!state_hash || first_ < 1 || first_ > wanted || chain_.size() % sizeof(Digest) != 0 ||
      static_cast<std::uint64_t>(last_ - first_ + 1) != chain_.size() / sizeof(Digest)) {
    damaged(wanted);
  }
  state_hash_ = *state_hash;
  rest_ = changesets_;
  for (std::int64_t skipped = first_; skipped < wanted; ++skipped) {
    if (!take_sized(rest_)) {
      damaged(wanted);
    }
  }
  return true;
}

bool GroupReader::next(std::int64_t& sequence, std::string_view& changeset) {
  if (sequence_ == last_ && !load()) {
    return false;
  }
  ++sequence_;
  const auto taken = take_sized(rest_);
  if (!taken || (sequence_ == last_ && !rest_.empty())) {
    damaged(sequence_);
  }
  sequence = sequence_;
  changeset = *taken;
  return true;
}

Digest GroupReader::chain_hash() const {
  ensure(sequence_ >= first_ && !chain_.empty(), "an event was given");
  Digest hash{};
  std::memcpy(hash.data(), chain_.data() + static_cast<std::size_t>(sequence_ - first_) * hash.size(),
              hash.size());
  return hash;
}

}  // namespace reeve::journal
