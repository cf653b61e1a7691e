#include "engine/connection.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <map>
#include <random>

namespace reeve::engine {
namespace {

/// What connections use. Nobody has one open.
sqlite3_pcache_methods2 installed() {
  Connection::open_scratch();
  sqlite3_shutdown();
  sqlite3_pcache_methods2 methods{};
  EXPECT_EQ(sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &methods), SQLITE_OK);
  EXPECT_EQ(sqlite3_initialize(), SQLITE_OK);
  return methods;
}

/// Calls in no order, those among them that SQLite makes when it balances: pages go by way of a number far above all others.
TEST(page_cache, has_the_pages_that_a_model_has_whatever_is_renumbered_and_cut_off) {
  const sqlite3_pcache_methods2 methods = installed();
  constexpr unsigned by_way_of = 262'145;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t bound) { return static_cast<unsigned>(random() % bound); };
    sqlite3_pcache* cache = methods.xCreate(512, 32, 1);
    methods.xCachesize(cache, 100'000);
    std::map<unsigned, sqlite3_pcache_page*> model;
    const auto renumber = [&](unsigned from, unsigned to) {
      if (model.contains(from) && !model.contains(to)) {
        methods.xRekey(cache, model.at(from), from, to);
        model[to] = model.at(from);
        model.erase(from);
      }
    };
    const auto any = [&] { return std::next(model.begin(), below(model.size()))->first; };
    for (int step = 0; step < 3'000; ++step) {
      const unsigned number = 1 + below(400);
      const unsigned verb = below(20);
      if (verb < 10 || model.empty()) {
        model[number] = methods.xFetch(cache, number, 2);
      } else if (verb < 15) {
        const unsigned one = any();
        renumber(one, by_way_of);
        if (below(3) == 0) {
          model[number + 100] = methods.xFetch(cache, number + 100, 2);
        }
        renumber(by_way_of, below(4) == 0 ? number : one);
      } else if (verb < 18) {
        renumber(any(), below(50) == 0 ? 300'000 : number);
      } else {
        const unsigned first = 1 + below(below(2) == 0 ? 600 : 400'000);
        methods.xTruncate(cache, first);
        model.erase(model.lower_bound(first), model.end());
      }
      ASSERT_EQ(methods.xPagecount(cache), static_cast<int>(model.size())) << step;
    }
    for (unsigned number = 1; number <= 600; ++number) {
      const auto known = model.find(number);
      EXPECT_EQ(methods.xFetch(cache, number, 0), known == model.end() ? nullptr : known->second) << number;
    }
    methods.xDestroy(cache);
  }
}

}  // namespace
}  // namespace reeve::engine
