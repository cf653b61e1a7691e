#include "support/disk.h"

#include "support/disk_files.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <unordered_map>

namespace reeve::testing {

void register_faulty_file_system();  // disk_vfs.cpp

namespace {

constexpr std::int64_t sector_bytes = 512;

std::mutex disks_mutex;
std::map<std::string, std::weak_ptr<Disk>>& disks() {
  static std::map<std::string, std::weak_ptr<Disk>> all;
  return all;
}

void put(std::string& content, const Change& change) {
  if (change.truncates) {
    content.resize(static_cast<std::size_t>(change.offset));
    return;
  }
  const auto end = static_cast<std::size_t>(change.offset) + change.data.size();
  if (content.size() < end) content.resize(end);
  content.replace(static_cast<std::size_t>(change.offset), change.data.size(), change.data);
}

/// Up to which of the unsynced changes each sector holds what was written to it: -1 for none of them.
class Survival {
 public:
  Survival(Fate fate, std::size_t changes, std::mt19937_64& random)
      : fate_(fate), changes_(static_cast<std::int64_t>(changes)), random_(random) {
    place_ = static_cast<std::int64_t>(random_() % (changes + 1));
  }

  bool survives(std::int64_t change, std::int64_t sector) {
    switch (fate_) {
      case Fate::drop: return false;
      case Fate::keep: return true;
      case Fate::prefix: return change < place_ || (change == place_ && last_of(sector) == 0);
      case Fate::suffix: return change >= place_;
      default: return change < last_of(sector);
    }
  }
  bool is_noise(std::int64_t sector) {
    return fate_ == Fate::garbage && last_of(sector) == changes_ && random_() % 4 == 0;
  }
  /// Which of the sizes the file has: 0 is the synced one.
  std::int64_t size_version() {
    switch (fate_) {
      case Fate::drop: return 0;
      case Fate::keep: return changes_;
      case Fate::prefix: return std::min(place_ + 1, changes_);
      default: return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(changes_ + 1));
    }
  }

 private:
  std::int64_t last_of(std::int64_t sector) {
    if (fate_ == Fate::prefix) {
      // The last change is torn: its first sectors arrived, or its last, or any.
      return static_cast<std::int64_t>(random_() % 2);
    }
    const auto [place, is_new] = sectors_.try_emplace(sector, 0);
    if (is_new) {
      place->second = static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(changes_ + 1));
    }
    return place->second;
  }

  Fate fate_;
  std::int64_t changes_;
  std::mt19937_64& random_;
  std::int64_t place_ = 0;
  std::unordered_map<std::int64_t, std::int64_t> sectors_;
};

}  // namespace

std::string_view name_of(Call call) {
  constexpr std::array<std::string_view, call_kinds> names{
      "open", "read", "write", "sync", "truncate", "size", "remove", "access", "lock", "shm_map", "shm_lock"};
  return names[static_cast<std::size_t>(call)];
}

std::string Disk::Inode::cut(Fate fate, std::mt19937_64& random) const {
  if (changes.empty()) return synced;
  if (fate == Fate::mixed) fate = static_cast<Fate>(random() % static_cast<unsigned>(Fate::mixed));
  Survival survival(fate, changes.size(), random);
  std::string left = synced;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    if (change.truncates) continue;  // sizes go their own way
    const auto end = change.offset + static_cast<std::int64_t>(change.data.size());
    if (static_cast<std::int64_t>(left.size()) < end) left.resize(static_cast<std::size_t>(end));
    for (std::int64_t at = change.offset; at < end;) {
      const std::int64_t sector = at / sector_bytes;
      const std::int64_t next = std::min(end, (sector + 1) * sector_bytes);
      if (survival.survives(static_cast<std::int64_t>(i), sector)) {
        const bool noise = survival.is_noise(sector);
        for (std::int64_t byte = at; byte < next; ++byte) {
          left[static_cast<std::size_t>(byte)] =
              noise ? static_cast<char>(random())
                    : change.data[static_cast<std::size_t>(byte - change.offset)];
        }
      }
      at = next;
    }
  }
  const std::int64_t version = survival.size_version();
  const std::int64_t size = version == 0 ? static_cast<std::int64_t>(synced.size())
                                         : changes[static_cast<std::size_t>(version - 1)].size_after;
  left.resize(static_cast<std::size_t>(size));
  return left;
}

std::shared_ptr<Disk> Disk::mount(const std::string& name, const Image& image) {
  static std::once_flag once;
  std::call_once(once, register_faulty_file_system);
  std::shared_ptr<Disk> disk(new Disk(name));
  for (const auto& [file, content] : image) {
    auto inode = std::make_shared<Inode>();
    inode->content = *content;
    inode->synced = *content;
    disk->names_[file] = inode;
  }
  disk->synced_names_ = disk->names_;
  const std::lock_guard lock(disks_mutex);
  disks()[name] = disk;
  return disk;
}

/// The disk of a file; files without a name, and those of no disk, lie on one that never fails.
std::shared_ptr<Disk> disk_of(std::string_view file) {
  const std::lock_guard lock(disks_mutex);
  const std::size_t end = file.find(".db");
  if (file.starts_with('/') && end != std::string_view::npos) {
    const auto found = disks().find(std::string(file.substr(1, end - 1)));
    if (found != disks().end()) return found->second.lock();
  }
  return nullptr;
}

Disk::~Disk() {
  const std::lock_guard lock(disks_mutex);
  const auto found = disks().find(name_);
  if (found != disks().end() && found->second.expired()) disks().erase(found);
}

Image Disk::files() const {
  const std::lock_guard lock(mutex_);
  Image image;
  for (const auto& [name, inode] : names_) image[name] = std::make_shared<const std::string>(inode->content);
  return image;
}

Image Disk::cut(Fate fate, std::mt19937_64& random) const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::shared_ptr<Inode>> names = synced_names_;
  // Names change in order; how far that got when the power went is chance.
  std::size_t changed = fate == Fate::drop   ? 0
                        : fate == Fate::keep ? name_changes_.size()
                                             : random() % (name_changes_.size() + 1);
  for (const NameChange& change : name_changes_) {
    if (changed-- == 0) break;
    if (change.inode) {
      names[change.name] = change.inode;
    } else {
      names.erase(change.name);
    }
  }
  Image image;
  for (const auto& [name, inode] : names) {
    image[name] = std::make_shared<const std::string>(inode->cut(fate, random));
  }
  return image;
}

Image Disk::renamed(const Image& image, const std::string& from, const std::string& to) {
  Image out;
  for (const auto& [name, content] : image) out["/" + to + name.substr(1 + from.size())] = content;
  return out;
}

void Disk::fail(const Fault& fault) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  failed_ = false;
  counts_ = {};
}

void Disk::count_anew() { fail({}); }

std::int64_t Disk::bytes_used() const {
  const std::lock_guard lock(mutex_);
  std::int64_t bytes = 0;
  for (const auto& [name, inode] : names_) bytes += static_cast<std::int64_t>(inode->content.size());
  return bytes;
}

int Disk::begin(Call call, bool* partly) {
  const std::int64_t number = ++counts_[static_cast<std::size_t>(call)];
  if (fault_.nth == 0 || fault_.call != call || number < fault_.nth ||
      (number > fault_.nth && !fault_.from_then_on)) {
    return SQLITE_OK;
  }
  failed_ = true;
  if (partly != nullptr) *partly = fault_.partly;
  return fault_.code;
}

int Disk::open(const char* name, int flags, File& file) {
  const auto found = names_.find(name);
  if (found != names_.end()) {
    file.inode = found->second;
  } else if ((flags & SQLITE_OPEN_CREATE) == 0) {
    return SQLITE_CANTOPEN;
  } else {
    file.inode = std::make_shared<Inode>();
    file.inode->is_log =
        (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL)) != 0;
    names_[name] = file.inode;
    name_changes_.push_back({name, file.inode});
  }
  return SQLITE_OK;
}

bool Disk::exists(const std::string& name) const {
  const auto found = names_.find(name);
  return found != names_.end() &&
         !found->second->content.empty();  // as SQLite's own: an empty one counts as none
}

int Disk::remove(const std::string& name, bool sync) {
  if (names_.erase(name) == 0) return SQLITE_IOERR_DELETE_NOENT;
  name_changes_.push_back({name, nullptr});
  if (sync) sync_names();
  return SQLITE_OK;
}

void Disk::sync_names() {
  synced_names_ = names_;
  name_changes_.clear();
}

int Disk::write(Inode& inode, const void* data, int size, std::int64_t offset) {
  bool partly = false;
  int code = begin(Call::write, &partly);
  std::int64_t room = code == SQLITE_OK ? size : partly ? size / 2 : 0;
  const std::int64_t grows =
      std::max<std::int64_t>(0, offset + room - static_cast<std::int64_t>(inode.content.size()));
  if (code == SQLITE_OK && capacity_ >= 0 && grows > 0 && bytes_used() + grows > capacity_) {
    failed_ = true;
    code = SQLITE_FULL;
    room = std::max<std::int64_t>(0, room - (bytes_used() + grows - capacity_));
  }
  if (room > 0) {
    Change change{offset, std::string(static_cast<const char*>(data), static_cast<std::size_t>(room))};
    put(inode.content, change);
    change.size_after = static_cast<std::int64_t>(inode.content.size());
    inode.changes.push_back(std::move(change));
  }
  return code;
}

int Disk::truncate(Inode& inode, std::int64_t size) {
  if (const int code = begin(Call::truncate); code != SQLITE_OK) return code;
  Change change{size, {}, true, size};
  put(inode.content, change);
  inode.changes.push_back(std::move(change));
  return SQLITE_OK;
}

int Disk::sync(Inode& inode) {
  if (const int code = begin(Call::sync); code != SQLITE_OK) {
    if (fault_.loses_pages) inode.changes.clear();
    return code;
  }
  for (const Change& change : inode.changes) put(inode.synced, change);
  inode.changes.clear();
  // SQLite syncs the folder with a new journal or log, and leaves it to that for a new database.
  if (inode.is_log) {
    inode.is_log = false;
    sync_names();
  }
  return SQLITE_OK;
}

}  // namespace reeve::testing
