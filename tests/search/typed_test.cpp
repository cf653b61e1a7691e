// Whatever is typed is answered, and alike on both engines: a hundred thousand queries from one snapshot of each.

#include "library.h"

#include "base/utf8.h"
#include "journal/journal.h"
#include "search/finder.h"
#include "state/epochs.h"

#include <memory>

namespace reeve::testing {
namespace {

/// Searches in one read transaction: what a search costs beside its transaction.
class Snapshot {
 public:
  Snapshot(const state::Location& location, std::string index)
      : index_(std::move(index)),
        connection_(location.open(engine::OpenMode::read_only, {}, state::Purpose::inspection)),
        transaction_(*connection_, engine::Transaction::Mode::read),
        epoch_(state::load_last_epoch(*connection_)),
        store_(search::Store::make(*connection_)),
        head_(journal::read_head(*connection_)) {}
  SearchAnswer search(std::string_view typed, const SearchOptions& options) {
    const search::Finder::Ledger ledger{*connection_,   *store_, *epoch_->blueprint,
                                        epoch_->layout, head_,   memories_};
    return search::Finder(ledger, index_).find(typed, options, {});
  }

 private:
  std::string index_;
  std::unique_ptr<engine::Connection> connection_;
  engine::Transaction transaction_;
  std::shared_ptr<const state::EpochState> epoch_;
  std::unique_ptr<search::Store> store_;
  journal::Head head_;
  search::VectorMemories memories_{search::GraphPlace{}};
};

/// What may come out of a keyboard, a clipboard, a program or a cat.
class TypedMaker {
 public:
  explicit TypedMaker(std::uint64_t seed) : words_(seed) {}

  std::int64_t below(std::int64_t bound) { return words_.below(bound); }

  std::string typed() {
    switch (below(8)) {
      case 0: return words_.query();
      case 1: return words_.rubbish();
      case 2: return characters(below(12) + 1);
      case 3: return bytes(below(24));
      case 4: return operators();
      case 5: return "\"" + words_.words(5) + (below(3) == 0 ? "" : "\"") + (below(2) == 0 ? "*" : "");
      case 6: return below(200) == 0 ? long_one() : words_.words(3) + characters(1) + "*";
      default: return words_.words(2) + characters(below(3)) + words_.words(2);
    }
  }

 private:
  /// Of all planes and of what is written here; control characters, marks, surrogates' neighbours, emoji.
  std::string characters(std::int64_t count) {
    std::string out;
    for (; count > 0; --count) {
      switch (below(8)) {
        case 0: append(static_cast<std::uint32_t>(below(0x20)), out); break;
        case 1: append(static_cast<std::uint32_t>(0x300 + below(0x70)), out); break;
        case 2: append(static_cast<std::uint32_t>(0x1F300 + below(0x700)), out); break;
        case 3: append(static_cast<std::uint32_t>(0x2000 + below(0x70)), out); break;
        case 4: append(static_cast<std::uint32_t>(below(0xD800)), out); break;
        case 5: append(static_cast<std::uint32_t>(0xE000 + below(0x102000)), out); break;
        default: append(static_cast<std::uint32_t>(0x21 + below(0x5E)), out);
      }
    }
    return out;
  }
  std::string bytes(std::int64_t count) {
    std::string out;
    for (; count > 0; --count) out += static_cast<char>(below(256));
    return out;
  }
  std::string operators() {
    static constexpr std::array<const char*, 16> pieces{"or ", " OR ", "-",  "--",   "\"",   "\"\"",
                                                        "*",   "**",   "- ", "or",   "kick", " or ",
                                                        "\"-", "*\"",  "80", "snare"};
    std::string out;
    for (std::int64_t i = below(10) + 1; i > 0; --i) out += pieces[static_cast<std::size_t>(below(16))];
    return out;
  }
  std::string long_one() {
    std::string out;
    const std::int64_t size = 1 + below(20'000);
    while (std::cmp_less(out.size(), size)) out += below(2) == 0 ? characters(6) : words_.words(4) + " ";
    return out;
  }
  static void append(std::uint32_t point, std::string& out) {
    const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
    if (point < 0x80) {
      byte(point);
    } else if (point < 0x800) {
      byte(0xC0U | (point >> 6U));
      byte(0x80U | (point & 0x3FU));
    } else if (point < 0x10000) {
      byte(0xE0U | (point >> 12U));
      byte(0x80U | ((point >> 6U) & 0x3FU));
      byte(0x80U | (point & 0x3FU));
    } else {
      byte(0xF0U | (point >> 18U));
      byte(0x80U | ((point >> 12U) & 0x3FU));
      byte(0x80U | ((point >> 6U) & 0x3FU));
      byte(0x80U | (point & 0x3FU));
    }
  }

  LibraryMaker words_;
};

/// What holds of every answer.
void expect_sound(const SearchAnswer& answer, const SearchOptions& options, const std::string& typed) {
  EXPECT_LE(std::ssize(answer.hits), options.limit) << typed;
  EXPECT_EQ(std::ssize(answer.hits), std::min<std::int64_t>(options.limit, answer.matches)) << typed;
  for (std::size_t i = 0; i < answer.hits.size(); ++i) {
    EXPECT_GT(answer.hits[i].score, 0) << typed;
    EXPECT_LE(answer.hits[i].score, answer.hits[i == 0 ? 0 : i - 1].score) << typed;
    EXPECT_TRUE(is_valid_utf8(answer.hits[i].snippet)) << typed;
    EXPECT_EQ(answer.hits[i].snippet.empty(), !options.snippets) << typed;
  }
}

class typed_queries : public BothEngines {};

TEST_F(typed_queries, are_answered_alike_on_both_engines_whatever_they_are) {
  // REEVE_SEARCH_QUERIES=1000000 is what a release is tried with.
  const int queries = number_of("REEVE_SEARCH_QUERIES", 100'000);
  make(workshop_.blueprint(library_sources()), "search_typed_queries");
  TypedMaker maker(test_seed("search typed"));
  LibraryMaker library(7);
  for (int i = 0; i < 60; ++i) {
    commit("sample.added", fmt::format(R"({{"sample_id":{},"title":"{}","path":"{}","genre":"{}"}})", i,
                                       library.words(8), library.words(4), library.genre()));
  }
  Snapshot left(file_, "samples");
  Snapshot right(database_->application(), "samples");
  int found = 0;
  for (int i = 0; i < queries; ++i) {
    const std::string typed = maker.typed();
    SearchOptions options{.limit = 1 + maker.below(30), .snippets = maker.below(16) == 0};
    if (maker.below(16) == 0) options.filters = {{"genre", library.genre()}};
    const SearchAnswer answer = left.search(typed, options);
    ASSERT_EQ(shown(answer), shown(right.search(typed, options))) << typed;
    expect_sound(answer, options, typed);
    found += answer.hits.empty() ? 0 : 1;
    if (HasFailure()) return;
  }
  EXPECT_GT(found, queries / 10);
}

}  // namespace
}  // namespace reeve::testing
