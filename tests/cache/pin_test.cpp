// Rows that come with a pin, and not with a changeset.

#include "reference/tavern.h"

#include <reeve/cache.h>

#include <gtest/gtest.h>

namespace reeve::testing {
namespace {

using Origin = CachedAnswer::Origin;

class cache_of_references : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(on, cache_of_references, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "postgres" : "sqlite"; });

TEST_P(cache_of_references, are_dropped_by_a_pin) {
  const Taverns taverns(GetParam(), "cache_references");
  taverns.make({"shared", "inn"});
  const std::string kinds = "kind,label\nb,Bakery\n";
  taverns.publish(kinds, "dish,kind,price\nbread,b,3\n");
  taverns.publish(kinds, "dish,kind,price\nbread,b,4\n");
  taverns.pin("inn", 1);
  Ledger inn = taverns.open("inn");
  QueryCache cache(inn, taverns.application("inn"));
  EXPECT_EQ(cache.query("menu").table->at(0, 1), Value(std::int64_t{3}));
  EXPECT_EQ(cache.query("menu").origin, Origin::found);
  taverns.pin("inn", 2);
  const CachedAnswer answer = cache.query("menu");
  EXPECT_EQ(answer.origin, Origin::made);
  EXPECT_EQ(answer.table->at(0, 1), Value(std::int64_t{4}));
}

}  // namespace
}  // namespace reeve::testing
