#pragma once
// Disks in memory for SQLite, that lose power, fail and fill up when a test says so.
//
// A disk keeps what is synced apart from what isn't: the files as programs see them, the files as the platter holds
// them, and between the two the writes, truncations, creations and deletions that were not synced. An image of a
// power cut keeps of those what chance says, sector by sector: a sector of 512 bytes holds what any of the unsynced
// writes to it left, whatever became of its neighbours; a file's size and the names in the folder go their own ways.
//
// Registered with SQLite as the file system `faulty`; the file /NAME.db, with its log and journal, lies
// on the disk that is mounted under NAME.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::testing {

enum class Call : std::uint8_t {
  open,
  read,
  write,
  sync,
  truncate,
  size,
  remove,
  access,
  lock,
  shm_map,
  shm_lock
};
constexpr std::size_t call_kinds = 11;
std::string_view name_of(Call call);

/// Files by their names. Contents are shared between copies.
using Image = std::map<std::string, std::shared_ptr<const std::string>>;

/// What a power cut does with what was not synced.
enum class Fate : std::uint8_t {
  drop,     ///< all of it is lost
  keep,     ///< all of it arrived
  prefix,   ///< what came first arrived, the last of it torn
  suffix,   ///< only what came last arrived
  sectors,  ///< each sector for itself
  garbage,  ///< as sectors; some of those that were being written hold noise
  mixed     ///< one of these for each file
};

/// One call that fails.
struct Fault {
  Call call = Call::write;
  std::int64_t nth = 0;  ///< the first is 1; 0: none
  bool from_then_on = false;
  int code = 0;         ///< of SQLite
  bool partly = false;  ///< a read or write does half of its work first
  bool loses_pages =
      true;  ///< of a sync: what it should have written is never written by a later one, as on Linux
};

class Disk : public std::enable_shared_from_this<Disk> {
 public:
  struct Inode;
  struct File;

  /// Mounts a new disk with these files, all of them synced, and registers the file system when it is the first.
  static std::shared_ptr<Disk> mount(const std::string& name, const Image& image = {});
  static constexpr const char* file_system = "faulty";
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  /// The URL of its ledger.
  std::string url() const { return "sqlite:" + file() + "?vfs=" + file_system; }
  std::string file() const { return "/" + name_ + ".db"; }
  const std::string& name() const { return name_; }

  /// The files as programs see them.
  Image files() const;
  /// What a power cut at this moment leaves.
  Image cut(Fate fate, std::mt19937_64& random) const;
  /// The same under the names of another disk.
  static Image renamed(const Image& image, const std::string& from, const std::string& to);

  /// Called before each call that changes something, without a lock: it may take images.
  std::function<void()> before_change;
  /// A PRAGMA's value, instead of the one that is given, if it is not longer than that.
  std::map<std::string, std::string> pragmas;

  void fail(const Fault& fault);
  bool has_failed() const { return failed_; }
  std::int64_t count(Call call) const { return counts_[static_cast<std::size_t>(call)]; }
  void count_anew();
  /// Writes that would make the files larger than this in all find no room.
  void set_capacity(std::int64_t bytes) { capacity_ = bytes; }
  std::int64_t bytes_used() const;

  // For the file system itself.
  int begin(Call call, bool* partly = nullptr);
  void announce_change() const {
    if (before_change) before_change();
  }
  int open(const char* name, int flags, File& file);
  int remove(const std::string& name, bool sync);
  bool exists(const std::string& name) const;
  int write(Inode& inode, const void* data, int size, std::int64_t offset);
  int truncate(Inode& inode, std::int64_t size);
  int sync(Inode& inode);
  std::recursive_mutex& mutex() const { return mutex_; }

 private:
  struct NameChange {
    std::string name;
    std::shared_ptr<Inode> inode;  ///< null: the name is taken away
  };
  explicit Disk(std::string name) : name_(std::move(name)) {}
  void sync_names();

  mutable std::recursive_mutex mutex_;
  std::string name_;
  std::map<std::string, std::shared_ptr<Inode>> names_;
  std::map<std::string, std::shared_ptr<Inode>> synced_names_;
  std::vector<NameChange> name_changes_;
  std::array<std::int64_t, call_kinds> counts_{};
  Fault fault_;
  bool failed_ = false;
  std::int64_t capacity_ = -1;
};

}  // namespace reeve::testing
