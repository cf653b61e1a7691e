#include "vectors/http_embedder.h"
#include "vectors/lexical_embedder.h"
#include "vectors/similarity.h"

#include <support/http_server.h>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace reeve::vectors {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing::HttpRequest;
using testing::HttpResponse;
using testing::HttpServer;
using ::testing::Not;

float cosine(const Embedding& left, const Embedding& right) {
  return similarity_of(Query(Metric::cosine, left.vector).exact(encode_vector(right.vector)));
}

TEST(lexical_embedder, puts_texts_with_the_same_words_near_each_other_and_says_that_it_knows_no_meaning) {
  LexicalEmbedder embedder;
  EXPECT_FALSE(embedder.model().is_semantic);
  EXPECT_EQ(embedder.model().name, "lexical");
  const std::string_view texts[] = {"The dragon sleeps under the mountain.",
                                    "Under the mountain a dragon was sleeping",
                                    "An invoice for office chairs"};
  const std::vector<Embedding> made = embedder.embed(texts);
  EXPECT_GT(cosine(made[0], made[1]), 0.4F);
  EXPECT_LT(cosine(made[0], made[2]), 0.3F);
  EXPECT_EQ(made[0].vector.size(), 512U);
}

TEST(lexical_embedder, gives_the_same_bits_as_ever) {
  // Version 1 of the model is what these are; another result is another version.
  LexicalEmbedder embedder(16);
  const Embedding made = embedder.embed_one("Ωmega, the Last ledger");
  std::string text;
  for (const float value : made.vector) text += fmt::format("{:.6f} ", value);
  EXPECT_EQ(text,
            "-0.274721 0.000000 -0.663235 -0.137361 0.412082 0.000000 0.000000 0.137361 -0.274721 -0.251154 "
            "0.251154 0.137361 0.000000 -0.137361 0.137361 0.137361 ");
}

TEST(lexical_embedder, fails_texts_without_words_alone) {
  LexicalEmbedder embedder;
  const std::string huge(text_bytes_max + 1, 'a');
  const std::string_view texts[] = {
      "", "  \n", "...", "\xff\xfe", huge, std::string_view("a\0b", 3), "fine", "日本語のテキスト", "x"};
  const std::vector<Embedding> made = embedder.embed(texts);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_TRUE(made[i].vector.empty());
    EXPECT_FALSE(made[i].failure.empty());
    EXPECT_TRUE(made[i].is_lasting);
  }
  for (std::size_t i = 6; i < 9; ++i) EXPECT_EQ(made[i].vector.size(), 512U) << made[i].failure;
  EXPECT_TRUE(embedder.embed({}).empty());
}

/// Counts up.
class Steps final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) byte = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

/// An endpoint as there are: its vector of a text is (length, first byte, 1).
HttpResponse well(const HttpRequest& request) {
  const json asked = json::parse(request.body);
  json data = json::array();
  for (const json& text : asked["input"]) {
    const std::string value = text;
    data.push_back({{"object", "embedding"},
                    {"index", data.size()},
                    {"embedding", {static_cast<double>(value.size()), static_cast<double>(value[0]), 1.0}}});
  }
  // Their order is not the protocol's business.
  std::reverse(data.begin(), data.end());
  return {.body = json{{"object", "list"}, {"data", data}, {"model", asked["model"]}}.dump()};
}

class Http : public ::testing::Test {
 public:
  HttpEmbedderOptions options(const HttpServer& server) const {
    return {.url = server.url("/v1/embeddings"),
            .model = "tiny",
            .version = "7",
            .dimensions = 3,
            .wait = std::chrono::milliseconds(100)};
  }
  Sleep sleep() {
    return [this](std::chrono::milliseconds time) { slept.push_back(time.count()); };
  }
  Steps random;
  std::vector<std::int64_t> slept;
};

TEST_F(Http, embeds_in_batches_and_in_order_and_fails_bad_texts_alone) {
  HttpServer server(well);
  HttpEmbedderOptions options = this->options(server);
  options.batch_max = 4;
  HttpEmbedder embedder(options, random, sleep());
  std::vector<std::string> texts;
  for (int i = 0; i < 10; ++i)
    texts.push_back(std::string(static_cast<std::size_t>(i + 1), static_cast<char>('a' + i)) + "\"\\\n\x01é");
  texts[3] = "\xff";
  texts[7] = "";
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const std::vector<Embedding> made = embedder.embed(views);
  ASSERT_EQ(made.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) {
    if (i == 3 || i == 7) {
      EXPECT_TRUE(made[i].is_lasting);
      continue;
    }
    ASSERT_EQ(made[i].vector.size(), 3U) << made[i].failure;
    EXPECT_EQ(made[i].vector[0], static_cast<float>(texts[i].size()));
    EXPECT_EQ(made[i].vector[1], static_cast<float>(texts[i][0]));
  }
  EXPECT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(server.requests()[0].line, "POST /v1/embeddings HTTP/1.1");
  EXPECT_EQ(json::parse(server.requests()[0].body)["encoding_format"], "float");
  EXPECT_THAT(server.requests()[0].headers, Not(HasSubstr("Authorization")));
  EXPECT_TRUE(slept.empty());
}

TEST_F(Http, tries_again_with_growing_and_random_waits_and_keeps_to_retry_after) {
  int count = 0;
  HttpServer server([&](const HttpRequest& request) -> HttpResponse {
    switch (count++) {
      case 0: return {.status = 0};  // closed without a word
      case 1: return {.status = 500, .body = "oops"};
      case 2: return {.status = 429, .headers = "Retry-After: 2\r\n"};
      default: return well(request);
    }
  });
  HttpEmbedder embedder(options(server), random, sleep());
  EXPECT_EQ(embedder.embed_one("hello").vector.size(), 3U);
  ASSERT_EQ(slept.size(), 3U);
  EXPECT_TRUE(slept[0] >= 50 && slept[0] <= 100) << slept[0];
  EXPECT_TRUE(slept[1] >= 100 && slept[1] <= 200) << slept[1];
  EXPECT_EQ(slept[2], 2'000);
}

TEST_F(Http, gives_up_after_so_many_attempts_and_says_what_came) {
  HttpServer server(
      [](const HttpRequest&) -> HttpResponse { return {.status = 503, .body = "secret text"}; });
  HttpEmbedder embedder(options(server), random, sleep());
  const Embedding made = embedder.embed_one("hello");
  EXPECT_EQ(made.failure, "the endpoint answered 503, in 4 attempts");
  EXPECT_FALSE(made.is_lasting);
  EXPECT_EQ(server.requests().size(), 4U);
}

TEST_F(Http, sends_the_texts_of_a_refused_batch_one_by_one) {
  HttpServer server([](const HttpRequest& request) -> HttpResponse {
    if (request.body.find("poison") != std::string::npos)
      return {.status = 400, .body = "{\"error\":\"poison\"}"};
    return well(request);
  });
  HttpEmbedder embedder(options(server), random, sleep());
  const std::string_view texts[] = {"one", "poison", "three"};
  const std::vector<Embedding> made = embedder.embed(texts);
  EXPECT_EQ(made[0].vector.size(), 3U);
  EXPECT_EQ(made[2].vector.size(), 3U);
  EXPECT_EQ(made[1].failure, "the endpoint answered 400");
  EXPECT_TRUE(made[1].is_lasting);
  EXPECT_EQ(server.requests().size(), 4U);
}

TEST_F(Http, takes_no_wrong_answer_for_a_vector) {
  const auto failure_of = [&](const std::string& body) {
    HttpServer server([&](const HttpRequest&) -> HttpResponse { return {.body = body}; });
    HttpEmbedder embedder(options(server), random, sleep());
    const Embedding made = embedder.embed_one("hello");
    EXPECT_TRUE(made.vector.empty()) << body;
    return made.failure;
  };
  const auto with = [](const std::string& vector) {
    return "{\"data\":[{\"index\":0,\"embedding\":" + vector + "}]}";
  };
  EXPECT_EQ(failure_of(with("[1,2]")), "the endpoint's vector has 2 components and not 3");
  EXPECT_EQ(failure_of(with("[1,2,3,4]")), "the endpoint's vector has more than 3 components");
  EXPECT_EQ(failure_of(with("[1,null,3]")), "the endpoint's vector has a component that is no number");
  EXPECT_EQ(failure_of(with("[1,\"2\",3]")), "the endpoint's vector has a component that is no number");
  EXPECT_EQ(failure_of(with("[1,1e39,3]")), "the endpoint's vector has a component that no float holds");
  EXPECT_EQ(failure_of(with("\"AAAA\"")), "the endpoint's vector is no array");
  EXPECT_EQ(failure_of("{\"data\":[{\"index\":0}]}"), "the endpoint sent no vector");
  EXPECT_EQ(failure_of("{\"data\":[]}"), "the endpoint's answer has no vector for this text");
  EXPECT_EQ(failure_of("{\"data\":[{\"index\":5,\"embedding\":[1,2,3]}]}"),
            "the endpoint's answer has no vector for this text");
  EXPECT_EQ(
      failure_of("{\"data\":[{\"index\":0,\"embedding\":[1,2,3]},{\"index\":0,\"embedding\":[1,2,4]}]}"),
      "the endpoint's answer has several vectors for this text");
  for (const std::string body : {"", "{", "[]", "{\"data\":7}", "{\"data\":[1]}", "<html>",
                                 "{\"data\":[{\"index\":-1,\"embedding\":[1,2,3]}]}", "[1,NaN,3]",
                                 "{\"data\":[{\"index\":0,\"embedding\":[1,NaN,3]}]}"}) {
    EXPECT_THAT(failure_of(body), HasSubstr("the endpoint")) << body;
  }
}

TEST_F(Http, fails_the_texts_that_a_short_answer_leaves_out) {
  HttpServer server([](const HttpRequest&) -> HttpResponse {
    return {.body = "{\"data\":[{\"index\":2,\"embedding\":[1,2,3]},{\"index\":0,\"embedding\":[1,2]}]}"};
  });
  HttpEmbedder embedder(options(server), random, sleep());
  const std::string_view texts[] = {"one", "two", "three"};
  const std::vector<Embedding> made = embedder.embed(texts);
  EXPECT_EQ(made[0].failure, "the endpoint's vector has 2 components and not 3");
  EXPECT_EQ(made[1].failure, "the endpoint's answer has no vector for this text");
  EXPECT_EQ(made[2].vector.size(), 3U);
}

TEST_F(Http, is_not_kept_by_slow_cut_and_endless_answers_nor_by_nobody) {
  const auto failure_of = [&](const HttpServer& server,
                              std::chrono::milliseconds answer_max = std::chrono::milliseconds(30'000)) {
    HttpEmbedderOptions options = this->options(server);
    options.answer_max = answer_max;
    options.attempts_max = 2;
    HttpEmbedder embedder(options, random, sleep());
    return embedder.embed_one("hello").failure;
  };
  EXPECT_THAT(failure_of(HttpServer([](const HttpRequest& request) -> HttpResponse {
                           HttpResponse response = well(request);
                           response.pause = std::chrono::milliseconds(1'000);
                           return response;
                         }),
                         std::chrono::milliseconds(100)),
              HasSubstr("the endpoint can't be reached: Timeout was reached, in 2 attempts"));
  EXPECT_THAT(failure_of(HttpServer([](const HttpRequest& request) -> HttpResponse {
                HttpResponse response = well(request);
                response.bytes_max = 20;
                return response;
              })),
              HasSubstr("the endpoint can't be reached: "));
  EXPECT_THAT(failure_of(HttpServer(
                  [](const HttpRequest&) -> HttpResponse { return {.body = std::string(2'000'000, ' ')}; })),
              HasSubstr("the endpoint's answer has more than"));
  HttpEmbedder embedder({.url = "http://127.0.0.1:1/v1/embeddings", .model = "m", .dimensions = 3}, random,
                        sleep());
  EXPECT_THAT(embedder.embed_one("hello").failure, HasSubstr("the endpoint can't be reached"));
}

TEST_F(Http, follows_no_redirect_that_would_take_the_key_elsewhere) {
  HttpServer other(well);
  HttpServer server([&](const HttpRequest&) -> HttpResponse {
    return {.status = 307, .headers = "Location: " + other.url("/") + "\r\n"};
  });
  HttpEmbedder embedder(options(server), random, sleep());
  EXPECT_EQ(embedder.embed_one("hello").failure, "the endpoint answered 307");
  EXPECT_TRUE(other.requests().empty());
}

TEST_F(Http, sends_the_key_of_a_variable_or_a_file_and_shows_it_nowhere) {
  const std::string key = "sk-very-secret-0123456789";
  std::string pattern = ::testing::TempDir() + "/key_XXXXXX";
  const std::filesystem::path folder = mkdtemp(pattern.data());
  std::ofstream(folder / "key") << key << "\n";
  HttpServer server([&](const HttpRequest& request) -> HttpResponse {
    // As services do, in the body of a refusal.
    if (request.body.find("refuse") != std::string::npos)
      return {.status = 401, .body = "Incorrect API key: " + key};
    return well(request);
  });
  setenv("REEVE_TEST_KEY", key.c_str(), 1);
  for (const bool by_file : {false, true}) {
    HttpEmbedderOptions options = this->options(server);
    if (by_file) {
      options.key_file = folder / "key";
    } else {
      options.key_variable = "REEVE_TEST_KEY";
    }
    HttpEmbedder embedder(options, random, sleep());
    EXPECT_EQ(embedder.embed_one("hello").vector.size(), 3U);
    EXPECT_THAT(server.requests().back().headers, HasSubstr("Authorization: Bearer " + key + "\r\n"));
    const Embedding refused = embedder.embed_one("refuse");
    EXPECT_EQ(refused.failure, "the endpoint answered 401");
    EXPECT_FALSE(refused.is_lasting);
  }
  EXPECT_TRUE(slept.empty());
  const auto message_of = [&](const HttpEmbedderOptions& options) -> std::string {
    try {
      HttpEmbedder(options, random).embed_one("hello");
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  };
  HttpEmbedderOptions options = this->options(server);
  options.key_variable = "REEVE_TEST_NO_KEY";
  EXPECT_THAT(message_of(options), HasSubstr("the variable REEVE_TEST_NO_KEY of the environment is not set"));
  setenv("REEVE_TEST_KEY", (key + "\r\nX-Other: 1").c_str(), 1);
  options.key_variable = "REEVE_TEST_KEY";
  EXPECT_THAT(message_of(options), HasSubstr("the variable REEVE_TEST_KEY holds no key"));
  EXPECT_THAT(message_of(options), Not(HasSubstr("secret")));
  unsetenv("REEVE_TEST_KEY");
  std::filesystem::remove_all(folder);
}

TEST_F(Http, refuses_options_that_can_not_be) {
  const HttpEmbedderOptions good{.url = "https://host/v1/embeddings", .model = "m", .dimensions = 3};
  const auto refused = [&](const std::function<void(HttpEmbedderOptions&)>& change) {
    HttpEmbedderOptions options = good;
    change(options);
    try {
      HttpEmbedder(options, random);
    } catch (const Error& error) {
      return error.code() == ErrorCode::invalid_input;
    }
    return false;
  };
  EXPECT_FALSE(refused([](auto&) {}));
  EXPECT_TRUE(refused([](auto& options) { options.url = "file:///etc/passwd"; }));
  EXPECT_TRUE(refused([](auto& options) { options.url = "https://user:password@host/"; }));
  EXPECT_TRUE(refused([](auto& options) { options.url = "https://host/\r\n"; }));
  EXPECT_TRUE(refused([](auto& options) { options.model = ""; }));
  EXPECT_TRUE(refused([](auto& options) { options.dimensions = 0; }));
  EXPECT_TRUE(refused([](auto& options) { options.dimensions = 5'000; }));
  EXPECT_TRUE(refused([](auto& options) { options.attempts_max = 0; }));
  EXPECT_TRUE(refused([](auto& options) { options.batch_max = 0; }));
  EXPECT_TRUE(refused([](auto& options) { options.answer_max = std::chrono::milliseconds(0); }));
  EXPECT_TRUE(refused([](auto& options) { options.key_variable = "A", options.key_file = "b"; }));
}

}  // namespace
}  // namespace reeve::vectors
