// Webhooks: what is sent, how it is signed, and what becomes of it.

#include "work/webhook.h"
#include "cli/run_program.h"
#include "studio.h"
#include "support/http_server.h"

#include "base/base64.h"
#include "base/hash.h"

#include <reeve/jobs.h>

#include <atomic>
#include <fstream>

namespace reeve::testing {
namespace {

// 24 bytes each.
const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const std::string next_secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

/// The value of a header, whatever its case.
std::string header(const HttpRequest& request, const std::string& name) {
  const std::size_t begin = request.headers.find(name + ": ");
  if (begin == std::string::npos) return "";
  const std::size_t value = begin + name.size() + 2;
  return request.headers.substr(value, request.headers.find("\r\n", value) - value);
}

class webhook : public Studio {
 protected:
  std::string endpoints(const std::string& url, const std::string& secrets = secret) {
    std::ofstream(workshop_.path("hook.secret")) << secrets << "\n";
    std::string file = workshop_.path("endpoints.toml");
    std::ofstream(file) << "format = 1\n\n[notices]\nurl = \"" << url
                        << "\"\nsecret_file = \"hook.secret\"\n";
    return file;
  }
  static blueprint::Sources sending(const std::string& more = "") {
    return studio_with("notify",
                       "on = [\"sample.added\"]\nrun = \"webhook:notices\"\narguments = "
                       "[\"sample_id\"]\nattempts = 3\n\n[backoff]\nfirst = 0\nmax = 0\n" +
                           more);
  }
  static std::string refusal(const std::function<void()>& work) {
    try {
      work();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(webhook, signature_is_the_one_of_the_specification) {
  // The example of the specification's documents.
  EXPECT_EQ(work::signature_of(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_F(webhook, is_signed_by_each_secret_while_one_is_being_replaced) {
  const std::string both = work::signature_of(secret + "\n" + next_secret + "\n", "id", 1, "{}");
  EXPECT_EQ(both,
            work::signature_of(secret, "id", 1, "{}") + " " + work::signature_of(next_secret, "id", 1, "{}"));
}

TEST_F(webhook, tells_an_endpoint_once_and_again_until_it_hears) {
  open(sending(), "webhook_tells");
  std::atomic<int> asked = 0;
  const HttpServer server([&](const HttpRequest&) {
    return HttpResponse{.status = ++asked % 3 == 0 ? 204 : asked % 3 == 1 ? 500 : 429};
  });
  for (const std::string& url : {file_, database_->application()}) {
    SCOPED_TRACE(url);
    const std::size_t before = server.requests().size();
    ASSERT_TRUE(Ledger::open(url).commit("sample.added", added(1)).accepted());
    Worker worker(url, {.poll_ms = 5, .endpoints = endpoints(server.url("/hook"))});
    const WorkReport report = worker.run_until_empty();
    EXPECT_EQ(report.completed, 1);
    EXPECT_EQ(report.failed, 2);
    const auto requests = server.requests();
    ASSERT_EQ(requests.size(), before + 3);
    for (std::size_t i = before; i < requests.size(); ++i) {
      const HttpRequest& request = requests[i];
      EXPECT_EQ(header(request, "webhook-id"), header(requests[before], "webhook-id"));
      EXPECT_NE(header(request, "webhook-id").find(":notify:"), std::string::npos);
      EXPECT_EQ(header(request, "webhook-signature"),
                work::signature_of(secret, header(request, "webhook-id"),
                                   std::stoll(header(request, "webhook-timestamp")), request.body));
      EXPECT_EQ(request.body.rfind(R"({"data":{"sample_id":1},"job":")" + header(request, "webhook-id"), 0),
                0U)
          << request.body;
    }
    const auto jobs = Jobs(url).list({.state = "done"});
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs[0].text, "the endpoint answered 204");
  }
}

TEST_F(webhook, that_is_answered_at_length_was_heard) {
  open(sending(), "webhook_length");
  const HttpServer server([](const HttpRequest&) { return HttpResponse{.body = std::string(200'000, 'x')}; });
  for (const std::string& url : {file_, database_->application()}) {
    ASSERT_TRUE(Ledger::open(url).commit("sample.added", added(1)).accepted());
    Worker worker(url, {.poll_ms = 5, .endpoints = endpoints(server.url("/hook"))});
    EXPECT_EQ(worker.run_until_empty().completed, 1);
  }
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(webhook, is_dead_when_nobody_hears_and_says_nothing_of_the_address) {
  open(sending(), "webhook_dead");
  const std::string file = endpoints("http://127.0.0.1:1/hook?token=canary");
  for (const std::string& url : {file_, database_->application()}) {
    ASSERT_TRUE(Ledger::open(url).commit("sample.added", added(1)).accepted());
    Worker worker(url, {.poll_ms = 5, .endpoints = file});
    EXPECT_EQ(worker.run_until_empty().dead, 1);
    const auto jobs = Jobs(url).list();
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_NE(jobs[0].text.find("the endpoint can't be reached"), std::string::npos) << jobs[0].text;
    EXPECT_EQ(jobs[0].text.find("canary"), std::string::npos);
  }
}

TEST_F(webhook, that_is_accepted_and_confirmed_later_is_published_meanwhile) {
  blueprint::Sources sources = studio_with(
      "notify",
      "on = [\"sample.added\"]\nrun = \"webhook:notices\"\narguments = [\"sample_id\"]\nconfirm = 3600\n");
  open(sources, "webhook_confirm");
  const HttpServer server([](const HttpRequest&) { return HttpResponse{.status = 202}; });
  for (const std::string& url : {file_, database_->application()}) {
    ASSERT_TRUE(Ledger::open(url).commit("sample.added", added(1)).accepted());
    Worker worker(url, {.poll_ms = 5, .endpoints = endpoints(server.url("/"))});
    worker.run_until_empty();
    const auto jobs = Jobs(url).list();
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs[0].state, "published");
    const std::string id = fmt::format("notify:{}", jobs[0].sequence.value);
    const tests::Result said = tests::reeve(tests::Folder(), {"jobs", "confirm", url, id});
    EXPECT_EQ(said.exit_code, 0) << said.err;
    EXPECT_TRUE(Jobs(url).list().empty());
  }
}

TEST_F(webhook, stays_while_nobody_says_where_it_goes) {
  open(sending(), "webhook_nowhere");
  ASSERT_TRUE(sqlite_->commit("sample.added", added(1)).accepted());
  Worker worker(file_, {.poll_ms = 5});
  EXPECT_EQ(worker.run_until_empty().completed, 0);
  ASSERT_EQ(worker.left().size(), 1U);
  EXPECT_EQ(worker.left()[0].reason, "no endpoint notices was given");
}

TEST_F(webhook, endpoints_that_are_wrong_are_refused_with_their_place) {
  const std::string file = workshop_.path("wrong.toml");
  const std::string good = "format = 1\n\n[a]\nurl = \"https://a.example/x\"\nsecret_variable = \"A\"\n";
  for (const auto& [text, said] : std::vector<std::pair<std::string, std::string>>{
           {"[a\n", "wrong.toml:1"},
           {"format = 2\n", "a format that this version does not know"},
           {"format = 1\nurl = \"x\"\n", "unknown key `url`"},
           {"format = 1\n[a]\nurl = \"ftp://a\"\nsecret_variable = \"A\"\n", "http:// or https://"},
           {"format = 1\n[a]\nurl = \"http://a.example/\"\nsecret_variable = \"A\"\n", "in the clear"},
           {"format = 1\n[a]\nurl = \"https://u:p@a.example/\"\nsecret_variable = \"A\"\n",
            "a user or a password"},
           {"format = 1\n[a]\nurl = \"https://a.example/\"\n", "has one secret"},
           {good + "secret_file = \"b\"\n", "has one secret"},
           {good + "secret_name = \"b\"\n", "has one secret"},
           {good + "header = \"b\"\n", "unknown key `a.header`"}}) {
    std::ofstream(file) << text;
    const std::string refused = refusal([&] { work::Endpoints::read(file); });
    EXPECT_NE(refused.find(said), std::string::npos) << text << "\n" << refused;
  }
  EXPECT_NE(refusal([&] { work::Endpoints::read(workshop_.path("nowhere.toml")); }).find("can't be read"),
            std::string::npos);
  std::ofstream(file) << good;
  EXPECT_NE(work::Endpoints::read(file).find("a"), nullptr);
  for (const char* const wrong :
       {"", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!"}) {
    const std::string refused = refusal([&] { work::signature_of(wrong, "id", 1, "{}"); });
    EXPECT_NE(refused.find("secret"), std::string::npos) << wrong;
    EXPECT_EQ(refused.find("MfKQ9"), std::string::npos) << "it is not shown";
  }
}

}  // namespace
}  // namespace reeve::testing
