// Durable commits per second with 1 and with 64 submitters, beside a loop that writes as many bytes for each
// commit into a file that was written before, and syncs it.

#include "shared/journaled.h"
#include "shared/submitters.h"
#include "shared/support.h"

#include <reeve/ledger.h>

#include <fcntl.h>
#include <unistd.h>

namespace bench {

namespace {

constexpr int many = 64;
constexpr std::size_t written_before = 64UL * 1024 * 1024;

/// The file of the comparison.
class SyncedFile {
 public:
  explicit SyncedFile(const std::filesystem::path& file)
      : descriptor_(open(file.c_str(), O_CREAT | O_RDWR, 0644)) {
    reeve::ensure(descriptor_ >= 0, "a file can be created");
    const std::vector<char> block(1024UL * 1024, 'r');
    for (std::size_t at = 0; at < written_before; at += block.size()) {
      put(block.data(), block.size(), at);
    }
    reeve::ensure(fsync(descriptor_) == 0, "a file can be synced");
  }
  ~SyncedFile() { close(descriptor_); }
  SyncedFile(const SyncedFile&) = delete;
  SyncedFile& operator=(const SyncedFile&) = delete;

  void commit(std::size_t bytes) {
    buffer_.resize(bytes, 'w');
    at_ = at_ + bytes > written_before ? 0 : at_;
    put(buffer_.data(), bytes, at_);
    at_ += bytes;
    reeve::ensure(fdatasync(descriptor_) == 0, "a file can be synced");
  }

 private:
  void put(const char* data, std::size_t size, std::size_t at) {
    const auto written = pwrite(descriptor_, data, size, static_cast<off_t>(at));
    reeve::ensure(written == static_cast<ssize_t>(size), "a file can be written");
  }

  int descriptor_;
  std::size_t at_ = 0;
  std::vector<char> buffer_;
};

void run_durable(const Arguments& arguments) {
  Report report("durable", arguments);
  const Folder folder;
  const std::filesystem::path file = folder.file("ledger.db");
  create_ledger(file);
  {
    Journaled ledger(file, false);
    Mix mix;
    ledger.commit(mix.opening());
  }
  reeve::Ledger ledger = reeve::Ledger::open(file.string());
  SyncedFile synced(folder.file("synced"));
  const std::int64_t of_one = arguments.events_or(400, 20);
  const std::int64_t of_many = arguments.quick ? 10 : 200;
  const std::int64_t rounds = arguments.rounds_or(9, 2);
  commit_seconds(ledger, 1, 10);
  std::vector<double> one;
  std::vector<double> baseline;
  std::vector<double> all;
  std::vector<double> bytes;
  for (std::int64_t round = 0; round < rounds; ++round) {
    const std::int64_t before = bytes_written();
    one.push_back(commit_seconds(ledger, 1, of_one) / static_cast<double>(of_one));
    bytes.push_back(static_cast<double>(bytes_written() - before) / static_cast<double>(of_one));
    const auto size = static_cast<std::size_t>(bytes.back());
    baseline.push_back(measure([&] {
                         for (std::int64_t i = 0; i < of_one; ++i) {
                           synced.commit(size);
                         }
                       }).wall /
                       static_cast<double>(of_one));
    all.push_back(commit_seconds(ledger, many, of_many) / static_cast<double>(of_many * many));
  }
  const auto rate = [](double seconds) { return 1 / seconds; };
  report.figure("bytes", median(bytes), "bytes", "written for a commit of one event by one submitter");
  report.figure("baseline_rate", rate(median(baseline)), "commits/s", "as many bytes written and synced");
  report.figure("one_rate", rate(median(one)), "commits/s", "one submitter");
  report.figure("one_of_baseline", median(baseline) / median(one), "ratio",
                "rate of one over that of the baseline");
  report.figure("one_above_baseline", (median(one) - median(baseline)) * 1e6, "us",
                "a commit over the baseline's");
  report.figure("many_rate", rate(median(all)), "commits/s", "64 submitters");
  report.end_with_ratio(median(one) / median(all));
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv, bench::run_durable); }
