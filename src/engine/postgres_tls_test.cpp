// Sessions over TLS: what the URL asks of the server's certificate holds, and a certificate may be the client's password.

#include "engine/postgres_fixture_test.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

namespace reeve::engine {
namespace {

namespace fs = std::filesystem;

/// A server that takes sessions over TLS alone, as tower.example, and from `robot` only with a certificate.
class PostgresTlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "reeve_tls_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    fs::permissions(folder_, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
    for (const char* authority : {"ca", "other_ca"}) {
      openssl(fmt::format(
          "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={0} -keyout {0}.key -out {0}.crt", authority));
    }
    certify("server", "tower.example");
    certify("robot", "robot");
    if (getuid() == 0) {
      const passwd* user = getpwnam("postgres");
      ASSERT_NE(user, nullptr);
      ASSERT_EQ(chown((folder_ / "server.key").c_str(), user->pw_uid, user->pw_gid), 0);
    }
    std::ofstream(folder_ / "hba") << "local all all trust\n"
                                      "hostssl all robot all cert\n"
                                      "hostssl all all all trust\n";
    // An address of the loopback that is this process's own, so that the usual port is free.
    address_ = fmt::format("127.{}.{}.{}", 64 + getpid() / 65'536 % 64, getpid() / 256 % 256, getpid() % 256);
    server_.emplace(reeve::testing::PostgresServerOptions{
        .settings = {"listen_addresses=" + address_, "ssl=on", file("ssl_cert_file", "server.crt"),
                     file("ssl_key_file", "server.key"), file("ssl_ca_file", "ca.crt"),
                     file("hba_file", "hba")}});
    Connection::open_postgres(server_->url())->execute("CREATE ROLE robot LOGIN");
  }
  void TearDown() override {
    server_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string file(const std::string& setting, const std::string& name) const {
    return setting + "=" + path(name);
  }
  /// A URL over TCP; `name` is what the certificate is compared with.
  std::string url(const std::string& options, const std::string& user = "test",
                  const std::string& name = "tower.example") const {
    return fmt::format("postgresql://{}@/postgres?host={}&hostaddr={}&{}", user, name, address_, options);
  }
  std::string trusting(const std::string& authority) const { return "sslrootcert=" + path(authority); }

 private:
  void openssl(const std::string& words) const {
    const std::string line = fmt::format("cd {} && openssl {} 2>>openssl.log", folder_.string(), words);
    ASSERT_EQ(std::system(line.c_str()), 0) << line;
  }
  void certify(const std::string& name, const std::string& subject) const {
    std::ofstream(folder_ / "names") << "subjectAltName=DNS:" << subject << "\n";
    openssl(fmt::format("req -new -newkey rsa:2048 -nodes -subj /CN={1} -keyout {0}.key -out {0}.csr", name,
                        subject));
    openssl(fmt::format(
        "x509 -req -days 2 -in {0}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile names -out {0}.crt",
        name));
    fs::permissions(folder_ / (name + ".key"), fs::perms::owner_read | fs::perms::owner_write);
  }

  fs::path folder_;
  std::string address_;
  std::optional<PostgresServer> server_;
};

TEST_F(PostgresTlsTest, a_session_is_as_the_url_asks) {
  struct Case {
    std::string options;
    std::string name;
    std::optional<ErrorCode> refused;
  };
  for (const Case& one : {
           Case{"sslmode=verify-full&" + trusting("ca.crt"), "tower.example", std::nullopt},
           Case{"sslmode=verify-ca&" + trusting("ca.crt"), "elsewhere.example", std::nullopt},
           Case{"sslmode=require", "elsewhere.example", std::nullopt},
           Case{"sslmode=verify-full&" + trusting("ca.crt"), "elsewhere.example", ErrorCode::unavailable},
           Case{"sslmode=verify-full&" + trusting("other_ca.crt"), "tower.example", ErrorCode::unavailable},
           Case{"sslmode=verify-ca&" + trusting("other_ca.crt"), "tower.example", ErrorCode::unavailable},
           Case{"sslmode=disable", "tower.example", ErrorCode::denied},
       }) {
    const std::string where = url(one.options, "test", one.name);
    if (one.refused) {
      EXPECT_EQ(code_of([&] { Connection::open_postgres(where); }), *one.refused) << where;
      continue;
    }
    EXPECT_EQ(
        Connection::open_postgres(where)->value("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"),
        integer(1))
        << where;
  }
}

TEST_F(PostgresTlsTest, a_certificate_is_the_clients_password) {
  const std::string options = "sslmode=verify-full&" + trusting("ca.crt");
  const Error refused = error_of_call([&] { Connection::open_postgres(url(options, "robot")); });
  EXPECT_EQ(refused.code(), ErrorCode::denied) << refused.what();
  const std::string certificate = "&sslcert=" + path("robot.crt") + "&sslkey=" + path("robot.key");
  EXPECT_EQ(
      Connection::open_postgres(url(options + certificate, "robot"))->value("SELECT current_user::text"),
      text("robot"));
}

TEST_F(PostgresTlsTest, a_lost_session_is_opened_anew_over_tls_and_a_statement_is_interrupted) {
  const auto connection = Connection::open_postgres(url("sslmode=verify-full&" + trusting("ca.crt")));
  const Value first = *connection->value("SELECT pg_backend_pid()::bigint");
  Connection::open_postgres(url("sslmode=require"))
      ->execute(fmt::format("SELECT pg_terminate_backend({}, 10000)", std::get<std::int64_t>(first)));
  {
    const Transaction tx(*connection, Transaction::Mode::read);
    EXPECT_NE(*connection->value("SELECT pg_backend_pid()::bigint"), first);
    EXPECT_EQ(connection->value("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"), integer(1));
  }
  std::atomic<bool> done = false;
  std::thread impatient([&] {
    while (!done) {
      connection->interrupt();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  EXPECT_EQ(code_of([&] { connection->value("SELECT pg_sleep(600)::text"); }), ErrorCode::retryable);
  done = true;
  impatient.join();
}

}  // namespace
}  // namespace reeve::engine
