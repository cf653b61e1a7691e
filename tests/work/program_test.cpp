// Programs that do jobs, and the verbs of the command line.

#include "work/program.h"
#include "cli/run_program.h"
#include "studio.h"

#include <reeve/jobs.h>

#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <thread>

namespace reeve::testing {
namespace {

using std::chrono::milliseconds;

class program : public Studio {
 protected:
  std::filesystem::path script(const std::string& name, const std::string& text) {
    const std::filesystem::path folder = workshop_.path("programs");
    std::filesystem::create_directories(folder);
    std::filesystem::path file = folder / name;
    std::ofstream(file) << "#!/bin/sh\n" << text;
    ::chmod(file.c_str(), 0755);
    return file;
  }
  static tests::Result run_reeve(const std::vector<std::string>& arguments) {
    return tests::reeve(tests::Folder(), arguments);
  }
  static work::ProgramRun run(const std::filesystem::path& file, std::string_view input = "{}\n",
                              milliseconds timeout = milliseconds(10'000),
                              const std::vector<std::string>& arguments = {}) {
    return work::run_program(file, arguments, input, timeout, {});
  }
};

TEST_F(program, gets_a_line_and_gives_its_last_one) {
  const auto file = script("echo", "read line; echo begun; echo \"$line $1 $2\"; exit 0\n");
  const work::ProgramRun said = run(file, "{\"a\":1}\n", milliseconds(10'000), {"--fast", "$(reboot); 'x'"});
  EXPECT_EQ(said.exit_code, 0);
  EXPECT_EQ(said.output, "begun\n{\"a\":1} --fast $(reboot); 'x'\n") << "no shell has a look at it";
}

TEST_F(program, hears_nothing_of_secrets_in_the_environment) {
  ::setenv("REEVE_TEST_SECRET", "hush", 1);
  const work::ProgramRun said = run(script("env", "env; ls /proc/self/fd | wc -l\n"));
  EXPECT_EQ(said.output.find("hush"), std::string::npos) << said.output;
  EXPECT_NE(said.output.find("PATH="), std::string::npos);
  EXPECT_TRUE(said.output.ends_with("\n4\n")) << "standard ones, and that of ls: " << said.output;
}

TEST_F(program, may_write_without_end_and_read_nothing) {
  const std::string much(1 << 20, 'x');
  const work::ProgramRun said =
      run(script("loud", "head -c 5000000 /dev/zero | tr '\\0' y; echo; echo end; exit 3\n"), much);
  EXPECT_EQ(said.exit_code, 3);
  EXPECT_LE(said.output.size(), 4096U);
  EXPECT_TRUE(said.output.ends_with("\nend\n"));
}

TEST_F(program, is_killed_with_all_that_it_started_when_its_time_is_up) {
  const std::string mark = workshop_.path("mark");
  const auto file = script("slow", "(sleep 1; touch " + mark + ") & sleep 30\n");
  const auto begin = std::chrono::steady_clock::now();
  const work::ProgramRun said = run(file, "{}\n", milliseconds(200));
  EXPECT_TRUE(said.timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(900));
  std::this_thread::sleep_for(milliseconds(1200));
  EXPECT_FALSE(std::filesystem::exists(mark)) << "what it started lived on";
}

TEST_F(program, leaves_nothing_running_when_it_ends) {
  const std::string mark = workshop_.path("mark");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(run(script("parent", "(sleep 1; touch " + mark + ") & exit 0\n")).exit_code, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(900)) << "its output was held open";
  std::this_thread::sleep_for(milliseconds(1200));
  EXPECT_FALSE(std::filesystem::exists(mark));
}

TEST_F(program, that_is_none_is_refused) {
  EXPECT_EQ(error_of([&] { run(workshop_.path("none")); }).code(), ErrorCode::unavailable);
}

TEST_F(program, does_the_jobs_of_its_kind) {
  open(studio_with("convert",
                   "on = [\"sample.added\"]\nrun = \"program:convert.sh\"\nprogram_arguments = [\"wav\"]\n"
                   "arguments = [\"sample_id\"]\nattempts = 2\n[backoff]\nfirst = 0.01\nmax = 0.01\n"),
       "program_jobs");
  script("convert.sh",
         "read line; case $line in *'\"sample_id\":2}'*) echo \"no such file\" >&2; exit 4;; esac; echo \"$1 "
         "$line\"\n");
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(sqlite_->commit("sample.added", added(i)).accepted());
  sqlite_.reset();
  const tests::Result worked = run_reeve(
      {"work", file_, "--until-empty", "--programs", workshop_.path("programs"), "--format", "json"});
  EXPECT_EQ(worked.exit_code, 0) << worked.err;
  EXPECT_NE(worked.out.find("\"completed\":2,\"failed\":2,\"dead\":1"), std::string::npos) << worked.out;
  EXPECT_NE(worked.err.find("1 dead of the kind convert"), std::string::npos) << worked.err;
  const tests::Result shown = run_reeve({"jobs", "show", file_, "convert:3", "--format", "json"});
  EXPECT_NE(shown.out.find(R"(wav {\"arguments\":{\"sample_id\":1},\"attempt\":1,\"job\":\"convert:3\")"),
            std::string::npos)
      << shown.out;
  const tests::Result dead = run_reeve({"jobs", "dead", file_});
  EXPECT_NE(dead.out.find("exit code 4. no such file"), std::string::npos) << dead.out;
  EXPECT_EQ(run_reeve({"jobs", "retry", file_, "convert:4"}).exit_code, 0);
  EXPECT_NE(run_reeve({"jobs", "list", file_, "--state", "ready"}).out.find("convert:4"), std::string::npos);
  EXPECT_EQ(run_reeve({"jobs", "cancel", file_, "convert:4"}).exit_code, 0);
  EXPECT_EQ(run_reeve({"jobs", "cancel", file_, "convert:4"}).exit_code, exit_code_of(ErrorCode::not_found));
  EXPECT_EQ(run_reeve({"jobs", "show", file_, "convert"}).exit_code, exit_code_of(ErrorCode::invalid_input));
  EXPECT_NE(run_reeve({"jobs", "list", file_, "--done"}).out.find("cancelled"), std::string::npos);
}

TEST_F(program, that_takes_long_has_the_verb_say_how_far_it_is) {
  open(studio_with("convert", "on = [\"sample.added\"]\nrun = \"program:slow.sh\"\n"), "program_slow");
  script("slow.sh", "sleep 1.4\n");
  for (int i = 1; i <= 2; ++i) ASSERT_TRUE(sqlite_->commit("sample.added", added(i)).accepted());
  sqlite_.reset();
  const std::vector<std::string> work = {"work", file_, "--until-empty", "--programs",
                                         workshop_.path("programs")};
  const tests::Result worked = run_reeve(work);
  EXPECT_EQ(worked.exit_code, 0) << worked.err;
  EXPECT_EQ(worked.err.rfind("reeve: working: 1, ", 0), 0U) << worked.err;
  EXPECT_EQ(run_reeve(work).err, "") << "not of what takes no time";
}

}  // namespace
}  // namespace reeve::testing
