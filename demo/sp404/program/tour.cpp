#include "sp404/program/tour.h"

#include "sp404/import.h"
#include "sp404/listener.h"
#include "sp404/program/show.h"

#include <blueprints/sp404mk2.h>
#include "process.h"
#include "terminal.h"

#include <reeve/jobs.h>
#include <reeve/ledger.h>
#include <reeve/search.h>
#include <reeve/typed.h>

#include <fmt/format.h>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace demo {

namespace {

namespace commands = sp404mk2::commands;
namespace queries = sp404mk2::queries;

constexpr const char* email = "jay@detroit.example";
constexpr const char* user_id = "10000000-0000-4000-8000-000000000001";
constexpr const char* kit_id = "30000000-0000-4000-8000-000000000001";
constexpr const char* collection_id = "40000000-0000-4000-8000-000000000001";
constexpr const char* genre = "electronic";

std::string number_of(const std::optional<double>& number, int digits) {
  return number ? fmt::format("{:.{}f}", *number, digits) : "";
}

class Tour {
 public:
  Tour(reeve::Ledger& ledger, const TourOptions& options) : ledger_(ledger), options_(options) {}

  void import() {
    print_title("A folder of real sound");
    order(commands::add_user{.email = email, .username = "jay", .user_id = user_id, .quota_mb = 50});
    const sp404::ImportOptions given{.user = email, .genre = genre, .licence = "CC0-1.0", .actor = "jay"};
    fmt::print("\n{}", text_of(sp404::import_folder(ledger_, options_.sounds, given)));
    fmt::print("\nOnce more:\n{}", text_of(sp404::import_folder(ledger_, options_.sounds, given)));
  }

  void listen() {
    print_title("Listened to");
    reeve::Worker worker(options_.ledger.string(), {.parallel = 2});
    sp404::listen(worker, ledger_, options_.sounds);
    const reeve::WorkReport report = worker.run_until_empty();
    fmt::print("\n  {} jobs are done, {} gave up. A tempo is said of what has one:\n\n{}", report.completed,
               report.dead, dead_letters(options_.ledger.string()));
    std::vector<std::vector<std::string>> rows;
    for (const auto& sample : reeve::query<queries::library>(ledger_, {.user_id = user_id})) {
      ids_[sample.title] = sample.sample_id;
      if (sample.bpm) rows.push_back({sample.title, number_of(sample.bpm, 2)});
    }
    print_table({"sample", "bpm"}, rows, {1});
  }

  void find() {
    print_title("Found as it is typed");
    fmt::print("\n");
    order(commands::change_sample{.sample_id = ids_.at("bd_808"), .title = "Ōtāhuhu 80's kick"});
    for (const char* typed : {"80's kick", "otahuhu", "soft cymbal", "snare -elec", "lo-fi"}) {
      print_found(fmt::format("`{}`", typed), ledger_.search("samples", typed, {.limit = 4}));
    }
    print_title("Found by how it sounds");
    fmt::print("\n");
    for (const char* title : {"bd_808", "drum_cymbal_open", "tabla_ghe1", "loop_amen"}) {
      reeve::SearchOptions alike{.limit = 4, .by = reeve::SearchBy::meaning};
      alike.like = ids_.at(title);
      print_found(fmt::format("like {}", title), ledger_.search("samples", "", alike));
    }
  }

  void match() {
    print_title("What goes together at 95 to 99 bpm");
    std::vector<std::vector<std::string>> rows;
    const queries::compatible_samples near{.genre = genre, .bpm_min = 95, .bpm_max = 99, .user_id = user_id};
    for (const auto& sample : reeve::query(ledger_, near))
      rows.push_back({sample.title, number_of(sample.bpm, 2), number_of(sample.bpm_confidence, 2)});
    fmt::print("\n");
    print_table({"sample", "bpm", "sure"}, rows, {1, 2});

    order(commands::create_collection{.user_id = user_id,
                                      .name = "Around 97",
                                      .collection_id = collection_id,
                                      .is_smart = true,
                                      .bpm_min = 95,
                                      .bpm_max = 99});
    order(commands::refresh_collection{.collection_id = collection_id});
    const auto inside =
        reeve::query_all(ledger_, queries::samples_of_collection{.collection_id = collection_id});
    fmt::print("\n  The smart collection `Around 97` holds {} samples.\n", inside.size());
  }

  void build_kit() {
    print_title("A kit by bank and pad");
    order(commands::create_kit{.user_id = user_id, .name = "Fourth floor", .kit_id = kit_id});
    static constexpr std::array<const char*, 16> pads{
        "bd_808",       "bd_haus",   "sn_dub",     "sn_zome",    "drum_cymbal_closed", "drum_cymbal_open",
        "perc_snap",    "perc_bell", "loop_amen",  "loop_perc1", "loop_mehackit2",     "loop_electric",
        "bass_thick_c", "guit_em9",  "ambi_choir", "vinyl_hiss"};
    for (std::size_t pad = 0; pad < pads.size(); ++pad) {
      order(commands::assign_pad{.kit_id = kit_id,
                                 .pad_bank = "A",
                                 .pad_number = static_cast<std::int64_t>(pad) + 1,
                                 .sample_id = ids_.at(pads[pad]),
                                 .volume = 0.8});
    }
    for (const char* title : {"loop_perc1", "loop_mehackit2", "loop_electric"})
      order(commands::tag_sample{.sample_id = ids_.at(title), .name = "97"});
    std::vector<std::vector<std::string>> rows;
    for (const auto& pad : reeve::query<queries::pads_of_kit>(ledger_, {.kit_id = kit_id})) {
      if (pad.pad_number % 4 == 1) rows.emplace_back();
      rows.back().push_back(fmt::format("{}{:<2} {}", pad.pad_bank, pad.pad_number, pad.title));
    }
    print_table({"", "", "", ""}, rows);
  }

  void show_library() {
    print_title("The library");
    std::vector<std::vector<std::string>> rows;
    std::size_t others = 0;
    for (const auto& sample : reeve::query<queries::library>(ledger_, {.user_id = user_id})) {
      if (sample.kits.value_or(0) == 0) {
        ++others;
        continue;
      }
      rows.push_back({sample.title, sample.genre.value_or(""), number_of(sample.bpm, 2),
                      std::to_string(*sample.kits), sample.tags.value_or("")});
    }
    fmt::print("\n");
    print_table({"sample", "genre", "bpm", "kits", "tags"}, rows, {2, 3});
    fmt::print("  and {} more, in no kit\n", others);

    print_title("The books");
    const auto books = reeve::query_one(ledger_, queries::storage_of{.user_id = user_id});
    const bool are_right = !reeve::query_one(ledger_, queries::wrong_books{});
    fmt::print("\n  {} has {} samples, {} of {} MB: {}\n", books->username, books->samples.value_or(0),
               size_of(books->used_bytes), books->quota_mb,
               are_right ? "what the books say is what the files are" : "THE BOOKS ARE WRONG");
  }

 private:
  template <typename Command>
  void order(const Command& command) {
    const reeve::Outcome outcome = reeve::command(ledger_, command, as_jay());
    if (!outcome) throw reeve::Error(outcome.rejection().code, outcome.rejection().reason);
  }

  static reeve::CommitOptions as_jay() {
    reeve::CommitOptions options;
    options.actor = "jay";
    return options;
  }

  /// A line: what was asked, and the titles that answer it.
  void print_found(const std::string& asked, const reeve::SearchAnswer& answer) {
    std::string titles;
    for (const reeve::SearchHit& hit : answer.hits) {
      reeve::Rows rows = ledger_.query("sample_by_id", hit.key);
      if (!rows.next()) continue;
      titles += (titles.empty() ? "" : ", ") + queries::sample_by_id::read(rows).title;
    }
    fmt::print("  {:24} {}\n", asked, titles.empty() ? "nothing" : titles);
  }

  reeve::Ledger& ledger_;
  const TourOptions& options_;
  std::map<std::string, std::string> ids_;  ///< by the titles that the import gave
};

}  // namespace

int show_tour(const TourOptions& options) {
  std::filesystem::create_directories(options.ledger.parent_path());
  for (const char* suffix : {"", "-wal", "-shm", ".keys"})
    std::filesystem::remove(options.ledger.string() + suffix);
  reeve::Ledger ledger = reeve::Ledger::create(options.ledger.string(), options.blueprint.string());
  Tour tour(ledger, options);
  tour.import();
  tour.listen();
  tour.find();
  tour.match();
  tour.build_kit();
  tour.show_library();
  const Ran verified = run(options.command.string(), {"verify", options.ledger.string()}, {});
  fmt::print("  {}: {}", options.ledger.string(), verified.output);
  return verified.exit_code;
}

}  // namespace demo
