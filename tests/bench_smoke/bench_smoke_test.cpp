// The benchmarks run and say what they found in the form that others read. Nothing here is timed.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

struct Answer {
  int status = -1;
  std::vector<std::string> last_line;  ///< its words
};

std::filesystem::path build_folder() {
  const char* folder = std::getenv("REEVE_BUILD_DIR");
  return folder != nullptr ? folder : "build";
}

Answer run_quick(const std::string& name) {
  const std::string command = fmt::format("'{}/bench_{}' --quick", build_folder().string(), name);
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) {
    return {};
  }
  std::string last;
  std::string line;
  for (int byte = std::fgetc(pipe); byte != EOF; byte = std::fgetc(pipe)) {
    if (byte == '\n') {
      last = std::exchange(line, {});
    } else {
      line += static_cast<char>(byte);
    }
  }
  Answer answer;
  answer.status = pclose(pipe);
  std::istringstream words(last);
  for (std::string word; words >> word;) {
    answer.last_line.push_back(word);
  }
  return answer;
}

double number_of(const std::string& word) {
  double number = -1;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && end == word.data() + word.size() ? number : -1;
}

nlohmann::json report_of(const std::string& name) {
  std::ifstream file(build_folder() / "bench" / (name + ".quick.json"));
  return nlohmann::json::parse(file, nullptr, false);
}

/// Names of tests have no dashes.
std::string name_in_test(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class bench_with_a_ratio : public testing::TestWithParam<const char*> {};

TEST_P(bench_with_a_ratio, ends_with_its_name_and_the_ratio_that_its_json_holds) {
  const std::string name = GetParam();
  std::filesystem::remove(build_folder() / "bench" / (name + ".quick.json"));
  const Answer answer = run_quick(name);
  EXPECT_EQ(answer.status, 0);
  ASSERT_EQ(answer.last_line.size(), 3U);
  EXPECT_EQ(answer.last_line[0], name);
  EXPECT_EQ(answer.last_line[1], "ratio");
  const double ratio = number_of(answer.last_line[2]);
  EXPECT_TRUE(std::isfinite(ratio));  // so short a run measures nothing: a difference of times may be below 0
  const nlohmann::json report = report_of(name);
  ASSERT_TRUE(report.is_object());
  EXPECT_EQ(report.at("name"), name);
  EXPECT_EQ(report.at("quick"), true);
  EXPECT_NEAR(report.at("ratio").get<double>(), ratio, 0.001);
  EXPECT_FALSE(report.at("figures").empty());
}

INSTANTIATE_TEST_SUITE_P(all, bench_with_a_ratio,
                         testing::Values("commit", "replay", "query", "growth", "durable", "commit-pg",
                                         "isolation", "vectors", "tree", "text", "hybrid", "cache"),
                         [](const auto& test) { return name_in_test(test.param); });

class bench_with_a_value : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(bench_with_a_value, ends_with_its_name_the_value_and_its_unit) {
  const auto [name, unit] = GetParam();
  std::filesystem::remove(build_folder() / "bench" / (std::string(name) + ".quick.json"));
  const Answer answer = run_quick(name);
  EXPECT_EQ(answer.status, 0);
  ASSERT_EQ(answer.last_line.size(), 4U);
  EXPECT_THAT(answer.last_line, testing::ElementsAre(name, "value", testing::_, unit));
  const double value = number_of(answer.last_line[2]);
  EXPECT_GT(value, 0);
  EXPECT_NEAR(report_of(name).at("value").get<double>(), value, 0.1);
}

INSTANTIATE_TEST_SUITE_P(all, bench_with_a_value,
                         testing::Values(std::pair("bytes", "bytes"), std::pair("durable-pg", "commits/s"),
                                         std::pair("migrate", "ms"), std::pair("million", "ms"),
                                         std::pair("promote", "events/s"), std::pair("jobs", "jobs/s"),
                                         std::pair("import", "samples/s"), std::pair("prove", "ms"),
                                         std::pair("diff", "ms"), std::pair("blame", "ms"),
                                         std::pair("at", "ms"), std::pair("fork", "ms"),
                                         std::pair("index-lag", "ms"), std::pair("limits", "takes/s"),
                                         std::pair("schedule", "slots/s")),
                         [](const auto& test) { return name_in_test(test.param.first); });

TEST(bench_arguments, that_are_unknown_are_refused_with_what_there_is) {
  const std::string command =
      fmt::format("'{}/bench_bytes' --quicker 2>&1 >/dev/null", build_folder().string());
  std::FILE* pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::array<char, 4096> text{};
  const std::size_t size = std::fread(text.data(), 1, text.size() - 1, pipe);
  EXPECT_NE(pclose(pipe), 0);
  EXPECT_THAT(std::string(text.data(), size), testing::HasSubstr("--quick"));
}

}  // namespace
