#include "sp404/import.h"

#include "sp404/sound_file.h"

#include <blueprints/sp404mk2.h>
#include "base/hash.h"

#include <reeve/typed.h>

#include <fmt/format.h>

#include <deque>
#include <future>
#include <memory>
#include <utility>

namespace sp404 {

namespace {

namespace commands = sp404mk2::commands;
namespace queries = sp404mk2::queries;

constexpr std::size_t together = 64;    // files on their way at once
constexpr std::size_t title_max = 255;  // as commands/import_sample.json has it, in code points
constexpr std::size_t path_max = 1000;  // likewise
constexpr std::size_t name_max = 200;   // of an import
constexpr std::string_view path_is_taken = "the user has another file of this path already";

/// The first code points of a text.
std::string shortened(const std::string& text, std::size_t count) {
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    const bool begins_one = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
    if (begins_one && count-- == 0) break;
  }
  return text.substr(0, end);
}

/// The same file of the same import is one submission, however often it is made.
template <typename Command>
std::string key_of(const Command& command) {
  return "import:" + reeve::to_hex(reeve::sha256(command.to_json()));
}

class Import {
 public:
  Import(reeve::Ledger& ledger, const std::filesystem::path& folder, const ImportOptions& options)
      : ledger_(ledger), folder_(folder), options_(options) {}

  ImportReport run() {
    FolderContents contents = list_sounds(folder_);
    report_.sounds = static_cast<std::int64_t>(contents.sounds.size());
    report_.links = contents.links;
    report_.others = contents.others;
    find_user();
    if (!begin_batch()) return report_;
    for (Unreadable& one : contents.unreadable) refuse(one.path, one.reason);
    for (const std::filesystem::path& path : contents.sounds) {
      if (!goes_on()) break;
      take(path);
    }
    while (!on_their_way_.empty()) settle_first();
    if (report_.ending == Ending::complete) end_batch();
    count();
    return report_;
  }

 private:
  struct OnItsWay {
    std::string path;
    bool is_sample = true;
    std::future<reeve::Outcome> verdict;
  };

  void find_user() {
    if (options_.user.find('@') != std::string::npos) {
      const auto user = reeve::query_one(ledger_, queries::user_by_email{.email = options_.user});
      if (user) report_.user_id = user->user_id;
    } else {
      report_.user_id = options_.user;
    }
    const auto storage = report_.user_id.empty()
                             ? std::nullopt
                             : reeve::query_one(ledger_, queries::storage_of{.user_id = report_.user_id});
    if (!storage)
      throw reeve::Error(reeve::ErrorCode::not_found, "there is no user " + options_.user,
                         "name one by e-mail address or id; `reeve command LEDGER add_user` adds one");
    report_.username = storage->username;
  }

  /// False when the rules say no.
  bool begin_batch() {
    const std::filesystem::path absolute = std::filesystem::weakly_canonical(folder_);
    const std::string name = options_.batch.empty() ? text_of(absolute.filename()) : options_.batch;
    report_.batch = shortened(name.empty() ? "/" : name, name_max);
    const queries::open_batch open{.user_id = report_.user_id, .name = report_.batch};
    auto batch = reeve::query_one(ledger_, open);
    report_.continued = batch.has_value();
    if (!batch) {
      const reeve::Outcome begun = reeve::command(
          ledger_, commands::start_batch{.user_id = report_.user_id, .name = report_.batch}, as_actor());
      if (!begun) {
        end_because(begun.rejection().reason);
        return false;
      }
      batch = reeve::query_one(ledger_, open);
    }
    if (!batch) throw reeve::Error(reeve::ErrorCode::retryable, "another one ended this import");
    report_.batch_id = batch->batch_id;
    return true;
  }

  bool goes_on() {
    if (options_.stop != nullptr && *options_.stop && report_.ending == Ending::complete)
      report_.ending = Ending::interrupted;
    return report_.ending == Ending::complete;
  }

  void take(const std::filesystem::path& path) {
    const auto read = read_sound_file(folder_ / path);
    if (const auto* none = std::get_if<NoSound>(&read)) {
      refuse(path.native(), none->reason);
    } else {
      submit(path.native(), command_of(path, std::get<SoundFile>(read)), true);
    }
  }

  commands::import_sample command_of(const std::filesystem::path& path, const SoundFile& file) const {
    return {.user_id = report_.user_id,
            .batch_id = report_.batch_id,
            .title = shortened(path.stem().native(), title_max),
            .file_path = path.native(),
            .file_size_bytes = file.bytes,
            .content_hash = file.content_hash,
            .duration_ms = file.duration_ms,
            .sample_rate = file.sample_rate,
            .bit_depth = file.bit_depth,
            .channels = file.channels,
            .genre = file.genre ? file.genre : options_.genre,
            .artist = file.artist,
            .album = file.album,
            .licence = file.licence ? file.licence : options_.licence,
            .original_name = path.filename().native()};
  }

  void refuse(const std::string& path, const std::string& reason) {
    report_.not_taken.push_back({path, reason});
    submit(path,
           commands::refuse_file{.batch_id = report_.batch_id,
                                 .file_path = shortened(path.empty() ? "." : path, path_max),
                                 .description = reason},
           false);
  }

  template <typename Command>
  void submit(const std::string& path, const Command& command, bool is_sample) {
    if (on_their_way_.size() == together) settle_first();
    const auto promise = std::make_shared<std::promise<reeve::Outcome>>();
    on_their_way_.push_back({path, is_sample, promise->get_future()});
    reeve::CommitOptions options = as_actor();
    options.key = key_of(command);
    reeve::submit(ledger_, command, options, [promise](const reeve::Ledger::Verdict& verdict) {
      if (verdict.fault) {
        promise->set_exception(verdict.fault);
      } else {
        promise->set_value(*verdict.outcome);
      }
    });
  }

  void settle_first() {
    OnItsWay one = std::move(on_their_way_.front());
    on_their_way_.pop_front();
    const reeve::Outcome outcome = one.verdict.get();
    if (options_.progress && one.is_sample) options_.progress(++settled_, report_.sounds, one.path);
    if (outcome) return;
    const reeve::Rejection& rejection = outcome.rejection();
    const bool is_of_this_file =
        rejection.code == reeve::ErrorCode::invalid_input || rejection.reason.starts_with(path_is_taken);
    if (one.is_sample && is_of_this_file) {
      refuse(one.path, rejection.reason);
    } else {
      end_because(rejection.reason);
    }
  }

  void end_because(const std::string& reason) {
    if (report_.ending == Ending::refused) return;
    report_.ending = Ending::refused;
    report_.why = reason;
  }

  void end_batch() {
    const reeve::Outcome ended =
        reeve::command(ledger_, commands::end_batch{.batch_id = report_.batch_id}, as_actor());
    if (!ended) end_because(ended.rejection().reason);
  }

  void count() {
    const auto batch = reeve::query_one(ledger_, queries::batch_by_id{.batch_id = report_.batch_id});
    const auto storage = reeve::query_one(ledger_, queries::storage_of{.user_id = report_.user_id});
    if (!batch || !storage) return;  // the user was removed meanwhile, and the import with them
    report_.added = batch->added;
    report_.there_already = batch->skipped;
    report_.failed = batch->failed;
    report_.used_bytes = storage->used_bytes;
    report_.available_bytes = storage->available_bytes;
  }

  reeve::CommitOptions as_actor() const {
    reeve::CommitOptions options;
    options.actor = options_.actor;
    return options;
  }

  reeve::Ledger& ledger_;
  const std::filesystem::path& folder_;
  const ImportOptions& options_;
  ImportReport report_;
  std::deque<OnItsWay> on_their_way_;
  std::int64_t settled_ = 0;
};

}  // namespace

ImportReport import_folder(reeve::Ledger& ledger, const std::filesystem::path& folder,
                           const ImportOptions& options) {
  return Import(ledger, folder, options).run();
}

}  // namespace sp404
