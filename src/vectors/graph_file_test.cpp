#include "vectors/graph_file.h"

#include "vectors/memory_rows.h"

#include <support/vector_sample.h>

#include <gmock/gmock.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace reeve::vectors {
namespace {

using testing::VectorSample;

constexpr GraphOptions options{.dimensions = 40};

class GraphFile : public ::testing::Test {
 public:
  GraphFile() {
    std::string pattern = ::testing::TempDir() + "/graph_XXXXXX";
    folder_ = mkdtemp(pattern.data());
    file_ = folder_ / "lore.graph";
  }
  ~GraphFile() override { std::filesystem::remove_all(folder_); }

 protected:
  static Graph make(std::uint64_t seed, std::int64_t count) {
    VectorSample sample(40, 5, seed);
    Graph graph(options);
    for (std::int64_t id = 1; id <= count; ++id)
      graph.put(id, encode_code(sample.next()), static_cast<std::uint64_t>(id));
    for (std::int64_t id = 3; id <= count; id += 7) graph.erase(id, graph.sequence() + 1);
    return graph;
  }
  ReadGraph read(const Digest& of = {}) const {
    return read_graph(file_, options, of, [](std::uint64_t, const Digest&) { return true; });
  }
  std::string bytes() const {
    std::ifstream stream(file_, std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
  }
  void write_bytes(std::string_view text) const {
    std::ofstream(file_, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
  }

  std::filesystem::path folder_;
  std::filesystem::path file_;
};

TEST_F(GraphFile, gives_the_same_graph_back_and_it_grows_on_the_same) {
  Graph graph = make(1, 2'000);
  ASSERT_TRUE(write_graph(graph, {}, file_));
  ReadGraph read_back = read();
  ASSERT_TRUE(read_back.graph) << read_back.reason;
  EXPECT_EQ(read_back.graph->sequence(), graph.sequence());
  EXPECT_EQ(read_back.graph->live(), graph.live());
  EXPECT_EQ(read_back.graph->dead(), graph.dead());
  VectorSample sample(40, 5, 2);
  for (std::int64_t id = 3'000; id < 3'100; ++id) {
    const std::string code = encode_code(sample.next());
    graph.put(id, code, graph.sequence() + 1);
    read_back.graph->put(id, code, read_back.graph->sequence() + 1);
  }
  for (int round = 0; round < 50; ++round) {
    const Query query(Metric::cosine, sample.next());
    EXPECT_EQ(graph.propose(query, 25), read_back.graph->propose(query, 25));
  }
  // And both make the same file, byte by byte.
  write_graph(graph, {}, file_);
  const std::string first = bytes();
  write_graph(*read_back.graph, {}, file_);
  EXPECT_EQ(first, bytes());
}

TEST_F(GraphFile, is_the_same_bytes_whatever_instructions_made_it) {
  std::string first;
  for (const Instructions instructions : available_instructions()) {
    VectorSample sample(40, 5, 3);
    Graph graph(options, kernels_of(instructions));
    for (std::int64_t id = 1; id <= 800; ++id)
      graph.put(id, encode_code(sample.next()), static_cast<std::uint64_t>(id));
    write_graph(graph, {}, file_);
    if (first.empty()) first = bytes();
    EXPECT_EQ(bytes(), first) << name_of(instructions);
  }
}

TEST_F(GraphFile, begins_as_the_document_shows) {
  Graph graph({.dimensions = 2});
  graph.advance(7);
  write_graph(graph, {}, file_);
  const std::string whole = bytes();
  EXPECT_EQ(whole.size(), 184U);
  std::ifstream stream(std::string(std::getenv("REEVE_SOURCE_DIR")) + "/docs/vectors.md");
  std::stringstream document;
  document << stream.rdbuf();
  const std::string hex = to_hex({reinterpret_cast<const std::uint8_t*>(whole.data()), 56});
  EXPECT_NE(document.str().find("`" + hex + "`"), std::string::npos) << hex;
}

TEST_F(GraphFile, of_an_empty_graph_is_one) {
  ASSERT_TRUE(write_graph(Graph(options), {}, file_));
  ASSERT_TRUE(read().graph) << read().reason;
  EXPECT_EQ(read().graph->live(), 0U);
}

TEST_F(GraphFile, with_any_byte_changed_is_not_trusted) {
  write_graph(make(4, 300), {}, file_);
  const std::string whole = bytes();
  std::mt19937_64 random(5);
  const auto expect_refused = [&](std::size_t at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1U << (random() % 8)));
    write_bytes(changed);
    const ReadGraph found = read();
    ASSERT_FALSE(found.graph) << "byte " << at;
    ASSERT_FALSE(found.reason.empty());
  };
  for (std::size_t at = 0; at < 120; ++at) expect_refused(at);
  for (std::size_t at = whole.size() - 64; at < whole.size(); ++at) expect_refused(at);
  for (int round = 0; round < 200; ++round) expect_refused(static_cast<std::size_t>(random() % whole.size()));
}

TEST_F(GraphFile, cut_or_longer_is_not_trusted) {
  write_graph(make(6, 300), {}, file_);
  const std::string whole = bytes();
  for (std::size_t size = 0; size < whole.size(); size += size < 300 ? 1 : 997) {
    write_bytes(std::string_view(whole).substr(0, size));
    ASSERT_FALSE(read().graph) << size;
  }
  write_bytes(whole + "x");
  EXPECT_FALSE(read().graph);
  write_bytes(std::string(5'000, '\0'));
  EXPECT_EQ(read().reason, "it is of another format");
}

/// With the right digests over what is wrong.
std::string with_digests(const std::string& body) {
  const std::uint64_t size = body.size();
  std::string digests;
  Hasher all("reeve.graph.1");
  all.number(size);
  for (std::size_t at = 0; at < size; at += 1024 * 1024) {
    Digest digest;
    const std::string piece = body.substr(at, 1024 * 1024);
    crypto_generichash_blake2b(digest.data(), digest.size(),
                               reinterpret_cast<const unsigned char*>(piece.data()), piece.size(), nullptr,
                               0);
    all.digest(digest);
    digests.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  }
  const Digest end = all.finish();
  return body + digests + std::string(reinterpret_cast<const char*>(end.data()), end.size());
}

TEST_F(GraphFile, made_by_hand_with_right_digests_leads_no_walk_out_of_its_arrays) {
  write_graph(make(7, 200), {}, file_);
  const std::string whole = bytes();
  const std::string body = whole.substr(0, whole.size() - 64);
  write_bytes(with_digests(body));
  ASSERT_TRUE(read().graph) << read().reason;
  std::mt19937_64 random(8);
  int taken = 0;
  for (int round = 0; round < 300; ++round) {
    std::string changed = body;
    for (int changes = 0; changes < 3; ++changes)
      changed[static_cast<std::size_t>(random() % changed.size())] = static_cast<char>(random());
    write_bytes(with_digests(changed));
    const ReadGraph found = read();
    if (!found.graph) continue;
    ++taken;
    found.graph->propose(Query(Metric::cosine, std::vector<float>(40, 1.0F)), 20);
  }
  EXPECT_GT(taken, 0);  // codes and ids may be anything
}

TEST_F(GraphFile, of_another_index_other_options_or_another_history_is_not_taken) {
  Digest lore{};
  lore[0] = 1;
  Digest chain{};
  chain[5] = 9;
  const Graph graph = make(9, 50);
  EXPECT_EQ(read(lore).reason, "there is none");
  write_graph(graph, {.of = lore, .at = chain}, file_);
  EXPECT_TRUE(read(lore).graph);
  EXPECT_EQ(read().reason, "it is of another index");
  const auto holds = [&](std::uint64_t sequence, const Digest& at) { return sequence <= 40 && at == chain; };
  EXPECT_EQ(read_graph(file_, options, lore, holds).reason, "it is of a history that is not the journal's");
  GraphOptions others = options;
  others.build_candidates = 77;
  EXPECT_EQ(read_graph(file_, others, lore, [](std::uint64_t, const Digest&) { return true; }).reason,
            "it was made with other options");
}

TEST_F(GraphFile, is_the_one_before_or_the_new_one_whenever_its_writer_is_killed) {
  const Graph small = make(10, 100);
  const Graph large = make(11, 4'000);
  write_graph(small, {}, file_);
  std::mt19937_64 random(12);
  int smalls = 0;
  for (int round = 0; round < 25 || (smalls == 0 && round < 500);
       ++round) {  // a slow disk shows the one before seldom
    const pid_t child = fork();
    if (child == 0) {
      for (;;) {
        write_graph(large, {}, file_);
        write_graph(small, {}, file_);
      }
    }
    usleep(static_cast<useconds_t>(random() % 8'000));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const ReadGraph found = read();
    ASSERT_TRUE(found.graph) << found.reason;
    ASSERT_TRUE(found.graph->sequence() == small.sequence() || found.graph->sequence() == large.sequence());
    smalls += found.graph->sequence() == small.sequence() ? 1 : 0;
  }
  EXPECT_GT(smalls, 0);
  // What the killed left is no obstacle.
  EXPECT_TRUE(write_graph(large, {}, file_));
  EXPECT_EQ(read().graph->sequence(), large.sequence());
}

TEST_F(GraphFile, is_written_by_one_process_at_a_time_and_is_whole_when_several_do) {
  const Graph graph = make(13, 1'000);
  std::filesystem::path fresh = file_;
  fresh += ".new";
  const int other = open(fresh.c_str(), O_RDWR | O_CREAT, 0666);
  ASSERT_EQ(flock(other, LOCK_EX), 0);
  EXPECT_FALSE(write_graph(graph, {}, file_));
  close(other);
  std::vector<pid_t> children;
  for (int writer = 0; writer < 3; ++writer) {
    children.push_back(fork());
    if (children.back() == 0) {
      for (int round = 0; round < 15; ++round) write_graph(graph, {}, file_);
      _exit(0);
    }
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  EXPECT_TRUE(read().graph) << read().reason;
}

TEST_F(GraphFile, that_can_not_be_written_is_an_error_that_names_it) {
  try {
    write_graph(Graph(options), {}, folder_ / "missing" / "lore.graph");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unavailable);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("lore.graph.new can't be written"));
  }
}

}  // namespace
}  // namespace reeve::vectors
