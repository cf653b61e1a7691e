// The key of an endpoint that makes vectors, as a secret of the access database.

#include "access/master_keys.h"
#include "base/clock.h"
#include "cli/run_program.h"
#include "search/notes.h"
#include "support/http_server.h"
#include "work/studio.h"
#include "work/webhook.h"

#include <reeve/access.h>

#include <nlohmann/json.hpp>

namespace reeve::testing {
namespace {

HttpResponse vectors_for_who_has(const std::string& key, const HttpRequest& request) {
  const std::string close = "Connection: close\r\n";
  if (request.headers.find("Authorization: Bearer " + key + "\r\n") == std::string::npos) {
    return {.status = 401, .body = R"({"error":{"message":"no"}})", .headers = close};
  }
  nlohmann::json answer = nlohmann::json::object();
  answer["data"] = nlohmann::json::array();
  int at = 0;
  const nlohmann::json asked = nlohmann::json::parse(request.body);
  for (const auto& text : asked.at("input")) {
    std::vector<double> vector(8, 0.5);
    vector[0] = static_cast<double>(text.get<std::string>().size());
    answer["data"].push_back({{"index", at++}, {"embedding", vector}});
  }
  return {.status = 200, .body = answer.dump(), .headers = close};
}

TEST(endpoint_key, is_named_as_a_secret_and_reaches_the_endpoint_alone) {
  const tests::Folder folder;
  const Workshop workshop;
  blueprint::Sources sources = notes_sources(8);
  std::string& index = sources.files.at("search/notes.toml");
  index.replace(index.find("lexical"), 7, "small-model");
  const std::string file = (folder.path() / "notes.db").string();
  {
    Ledger ledger = Ledger::create(file, workshop.blueprint(sources));
    ASSERT_TRUE(ledger.commit("note.written", R"({"note_id":1,"text":"the sea"})"));
  }
  const std::string keys = (folder.path() / "master.keys").string();
  access::add_master_key(keys, system_random());
  Access::open((folder.path() / "access.db").string(), {.master_key_file = keys})
      .set_secret({.name = "model"}, "sk-of-model");
  const HttpServer server(
      [](const HttpRequest& request) { return vectors_for_who_has("sk-of-model", request); });
  const auto embed = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"embed", "notes.db", "--endpoint", server.url("/v1/embeddings")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return tests::reeve(folder, arguments);
  };
  const tests::Result without = embed({});
  EXPECT_EQ(without.exit_code, 10) << without.err;
  const tests::Result unknown =
      embed({"--endpoint-secret", "other", "--access", "access.db", "--master-keys", "master.keys"});
  EXPECT_EQ(unknown.exit_code, 4);
  EXPECT_NE(unknown.err.find("there is no secret other"), std::string::npos) << unknown.err;
  EXPECT_EQ(embed({"--endpoint-secret", "model"}).exit_code, 2) << "it does not say where the secret is";
  const tests::Result done =
      embed({"--endpoint-secret", "model", "--access", "access.db", "--master-keys", "master.keys"});
  EXPECT_EQ(done.exit_code, 0) << done.err << done.out;
  EXPECT_EQ((done.out + done.err).find("sk-of-model"), std::string::npos);
}

std::string header(const HttpRequest& request, const std::string& name) {
  const std::size_t begin = request.headers.find(name + ": ");
  if (begin == std::string::npos) return "";
  const std::size_t value = begin + name.size() + 2;
  return request.headers.substr(value, request.headers.find("\r\n", value) - value);
}

TEST(webhook_secret, is_named_among_those_of_the_installation) {
  const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const tests::Folder folder;
  const Workshop workshop;
  {
    Ledger ledger = Ledger::create(
        (folder.path() / "studio.db").string(),
        workshop.blueprint(studio_with("notify",
                                       "on = [\"sample.added\"]\nrun = \"webhook:notices\"\n"
                                       "arguments = [\"sample_id\"]\n\n[backoff]\nfirst = 0\nmax = 0\n")));
    ASSERT_TRUE(ledger.commit("sample.added", added(1)).accepted());
  }
  const HttpServer server([](const HttpRequest&) { return HttpResponse{.status = 204}; });
  tests::write_file(
      folder.path() / "endpoints.toml",
      "format = 1\n\n[notices]\nurl = \"" + server.url("/hook") + "\"\nsecret_name = \"notices\"\n");
  const std::string keys = (folder.path() / "master.keys").string();
  access::add_master_key(keys, system_random());
  Access::open((folder.path() / "access.db").string(), {.master_key_file = keys})
      .set_secret({.name = "notices"}, secret);
  const tests::Result without =
      tests::reeve(folder, {"work", "studio.db", "--once", "--endpoints", "endpoints.toml"});
  EXPECT_EQ(server.requests().size(), 0U);
  EXPECT_NE(tests::reeve(folder, {"jobs", "list", "studio.db"})
                .out.find("there is no secret notices for a webhook"),
            std::string::npos)
      << without.err;
  const tests::Result done =
      tests::reeve(folder, {"work", "studio.db", "--until-empty", "--endpoints", "endpoints.toml", "--access",
                            "access.db", "--master-keys", "master.keys"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  ASSERT_EQ(server.requests().size(), 1U) << done.out;
  const HttpRequest request = server.requests()[0];
  EXPECT_EQ(header(request, "webhook-signature"),
            work::signature_of(secret, header(request, "webhook-id"),
                               std::stoll(header(request, "webhook-timestamp")), request.body));
}

}  // namespace
}  // namespace reeve::testing
