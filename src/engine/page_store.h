#pragma once
// Copies of a database as it was at one time and another, in one file: each copy adds the pages that the one before it
// has not (docs/history.md, "Checkpoints"). A copy is opened as a private database: each page is compared with its digest
// when it is read, and what is written stays with the connection and goes with it.

#include "base/hash.h"
#include "engine/connection.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::engine {

/// A file that is open; closed with the last who holds it.
class OpenFile {
 public:
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int descriptor() const { return descriptor_; }

  /// False when the file ends before.
  bool read(void* data, std::size_t size, std::int64_t offset) const;
  /// False when not all of it could be written.
  bool write(const void* data, std::size_t size, std::int64_t offset) const;

 private:
  int descriptor_;
};

inline constexpr std::size_t stored_page_bytes = 4096;

/// Where the pages of a copy are, the first one first.
struct StoredPages {
  struct Page {
    std::int64_t offset = 0;
    Digest digest{};
  };
  std::shared_ptr<const OpenFile> file;  ///< null: no page
  std::vector<Page> pages;
};

/// A database that begins as stored pages say and is nobody else's. Not thread-safe.
class PrivateDatabase {
 public:
  explicit PrivateDatabase(StoredPages base);
  ~PrivateDatabase();
  PrivateDatabase(const PrivateDatabase&) = delete;
  PrivateDatabase& operator=(const PrivateDatabase&) = delete;

  /// Must not outlive it. A damaged page shows as unavailable when it is read.
  std::unique_ptr<Connection> open(const ConnectionOptions& options = {});
  /// A page was read that is not what its digest says.
  bool is_damaged() const;

 private:
  friend class PageStore;
  friend struct PrivateFiles;
  struct Pages;
  std::unique_ptr<Pages> pages_;
};

class PageStore {
 public:
  struct Copy {
    std::int64_t footer = 0;  ///< where its last block is in the file
    std::string note;         ///< what the owner says of it
  };
  /// Null when there is no file. Throws Error conflict when it is something else, corrupt when its header is damaged,
  /// unavailable.
  static std::unique_ptr<PageStore> open(const std::filesystem::path& file);
  /// For who adds to it: makes it when it is missing, begins it anew when its header is damaged, and keeps others from
  /// adding. Throws Error retryable while another does; else as open().
  static std::unique_ptr<PageStore> open_to_add(const std::filesystem::path& file);
  ~PageStore();

  /// The last one first. Ends at the first that is damaged.
  std::vector<Copy> copies() const;
  /// Throws Error corrupt when the copy's table of pages is damaged.
  StoredPages pages(const Copy& copy) const;
  /// Whether each page is what its digest says.
  bool is_whole(const StoredPages& pages) const;
  /// Adds a database as it is committed; from now on its pages are the stored ones. It becomes the last copy, behind
  /// `before`: later ones are forgotten. Durable when it returns. How many bytes it took.
  std::int64_t add(PrivateDatabase& database, std::string_view note, const Copy* before);

 private:
  PageStore(std::filesystem::path path, std::shared_ptr<const OpenFile> file);
  static std::unique_ptr<PageStore> open(const std::filesystem::path& path, bool to_add);
  void read_header(bool to_add);
  void write_header();
  std::optional<Copy> read_copy(std::int64_t footer, std::int64_t& before) const;

  std::filesystem::path path_;
  std::shared_ptr<const OpenFile> file_;
  std::int64_t last_ = 0;  ///< footer of the last copy; 0: there is none
};

}  // namespace reeve::engine
