#include "engine/page_store.h"

#include "engine/private_pages.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace reeve::engine {

static_assert(std::endian::native == std::endian::little, "numbers are stored as they are in memory");

namespace {

constexpr std::uint32_t format_version = 1;
constexpr std::array<char, 8> magic{'R', 'e', 'e', 'v', 'C', 'k', 'p', 't'};

struct Header {
  std::array<char, 8> magic{};
  std::uint32_t version = 0;
  std::uint32_t page_bytes = 0;
  std::int64_t last = 0;
  Digest check{};
  Digest expected() const {
    return Hasher("reeve.checkpoint.header.1")
        .number(version)
        .number(page_bytes)
        .number(static_cast<std::uint64_t>(last))
        .finish();
  }
};
static_assert(sizeof(Header) == 56);

struct Footer {
  std::int64_t pages = 0;
  std::int64_t table = 0;       ///< where the table of pages is
  std::int64_t note_bytes = 0;  ///< of the note, which lies between table and footer
  std::int64_t before = 0;      ///< the footer of the copy before; 0: there is none
  Digest table_digest{};
  Digest check{};
  Digest expected(std::string_view note) const {
    Hasher hasher("reeve.checkpoint.1");
    for (const std::int64_t number : {pages, table, note_bytes, before}) {
      hasher.number(static_cast<std::uint64_t>(number));
    }
    return hasher.digest(table_digest).text(note).finish();
  }
};
static_assert(sizeof(Footer) == 96);
static_assert(sizeof(StoredPages::Page) == 40);

Digest digest_of_table(const std::vector<StoredPages::Page>& pages) {
  return Hasher("reeve.checkpoint.pages.1")
      .raw(pages.data(), pages.size() * sizeof(StoredPages::Page))
      .finish();
}

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view what) {
  throw Error(ErrorCode::unavailable,
              fmt::format("{} {}: {}", path.string(), what, std::system_category().message(errno)));
}

std::int64_t size_of(const OpenFile& file) {
  struct stat status {};
  return ::fstat(file.descriptor(), &status) == 0 ? status.st_size : 0;
}

}  // namespace

PageStore::PageStore(std::filesystem::path path, std::shared_ptr<const OpenFile> file)
    : path_(std::move(path)), file_(std::move(file)) {}
PageStore::~PageStore() = default;

std::unique_ptr<PageStore> PageStore::open(const std::filesystem::path& path, bool to_add) {
  const int flags = to_add ? O_RDWR | O_CREAT : O_RDONLY;
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
  if (descriptor < 0) {
    if (errno == ENOENT && !to_add) {
      return nullptr;
    }
    fail(path, "can't be opened");
  }
  std::unique_ptr<PageStore> store(new PageStore(path, std::make_shared<OpenFile>(descriptor)));
  if (to_add && ::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    throw Error(ErrorCode::retryable, fmt::format("another process adds to {}", path.string()),
                "wait for it");
  }
  if (to_add && size_of(*store->file_) == 0) {
    store->write_header();
  }
  store->read_header(to_add);
  return store;
}

std::unique_ptr<PageStore> PageStore::open(const std::filesystem::path& file) { return open(file, false); }
std::unique_ptr<PageStore> PageStore::open_to_add(const std::filesystem::path& file) {
  return open(file, true);
}

void PageStore::read_header(bool to_add) {
  // Who adds may be writing it.
  constexpr int attempts = 5;
  for (int attempt = 1;; ++attempt) {
    Header header;
    const bool is_read = file_->read(&header, sizeof header, 0);
    if (!is_read || header.magic != magic) {
      throw Error(ErrorCode::conflict, fmt::format("{} holds no checkpoints", path_.string()),
                  "remove it, or name another file with --checkpoints");
    }
    if (header.check == header.expected()) {
      if (header.version != format_version || header.page_bytes != stored_page_bytes) {
        throw Error(ErrorCode::conflict, fmt::format("{} is of another format", path_.string()),
                    "remove it, or name another file with --checkpoints");
      }
      last_ = header.last;
      return;
    }
    if (to_add) {
      return write_header();
    }
    if (attempt == attempts) {
      throw Error(ErrorCode::corrupt, fmt::format("the header of {} is damaged", path_.string()),
                  "remove it: `reeve checkpoint` makes it anew");
    }
    ::usleep(1000);
  }
}

void PageStore::write_header() {
  Header header{magic, format_version, static_cast<std::uint32_t>(stored_page_bytes), last_, {}};
  header.check = header.expected();
  if (!file_->write(&header, sizeof header, 0) || ::fdatasync(file_->descriptor()) != 0) {
    fail(path_, "can't be written");
  }
}

std::optional<PageStore::Copy> PageStore::read_copy(std::int64_t place, std::int64_t& before) const {
  Footer footer;
  if (place < static_cast<std::int64_t>(sizeof(Header)) || !file_->read(&footer, sizeof footer, place)) {
    return std::nullopt;
  }
  constexpr std::int64_t note_bytes_max = 64 * 1024;
  if (footer.note_bytes < 0 || footer.note_bytes > std::min(note_bytes_max, place)) {
    return std::nullopt;
  }
  Copy copy{place, std::string(static_cast<std::size_t>(footer.note_bytes), '\0')};
  if (!file_->read(copy.note.data(), copy.note.size(), place - footer.note_bytes) ||
      footer.check != footer.expected(copy.note) || footer.before >= place) {
    return std::nullopt;
  }
  before = footer.before;
  return copy;
}

std::vector<PageStore::Copy> PageStore::copies() const {
  std::vector<Copy> copies;
  for (std::int64_t place = last_; place != 0;) {
    auto copy = read_copy(place, place);
    if (!copy) {
      break;
    }
    copies.push_back(std::move(*copy));
  }
  return copies;
}

StoredPages PageStore::pages(const Copy& copy) const {
  Footer footer;
  StoredPages stored{file_, {}};
  if (file_->read(&footer, sizeof footer, copy.footer) && footer.check == footer.expected(copy.note) &&
      footer.pages >= 0 && footer.pages <= size_of(*file_) / static_cast<std::int64_t>(sizeof(Digest))) {
    stored.pages.resize(static_cast<std::size_t>(footer.pages));
    if (file_->read(stored.pages.data(), stored.pages.size() * sizeof(StoredPages::Page), footer.table) &&
        digest_of_table(stored.pages) == footer.table_digest) {
      return stored;
    }
  }
  throw Error(ErrorCode::corrupt, fmt::format("{} is damaged", path_.string()),
              "`reeve checkpoint` makes it anew");
}

bool PageStore::is_whole(const StoredPages& stored) const {
  std::array<char, stored_page_bytes> page{};
  return std::all_of(stored.pages.begin(), stored.pages.end(), [&](const StoredPages::Page& entry) {
    return stored.file->read(page.data(), page.size(), entry.offset) &&
           digest_of_page(page.data()) == entry.digest;
  });
}

std::int64_t PageStore::add(PrivateDatabase& database, std::string_view note, const Copy* before) {
  PrivateDatabase::Pages& own = *database.pages_;
  ensure(own.base.file == nullptr || own.base.file == file_, "a copy shares pages with those of its file");
  if (before == nullptr && last_ != 0) {
    last_ = 0;
    write_header();
    ensure(::ftruncate(file_->descriptor(), sizeof(Header)) == 0, "a file is cut");
  }
  const std::int64_t begin = last_ == 0 ? static_cast<std::int64_t>(sizeof(Header))
                                        : last_ + static_cast<std::int64_t>(sizeof(Footer));
  std::int64_t end = begin;
  const auto write = [&](const void* data, std::size_t size) {
    if (!file_->write(data, size, end)) {
      fail(path_, "can't be written");
    }
    end += static_cast<std::int64_t>(size);
  };
  std::vector<StoredPages::Page> table(own.count);
  std::copy_n(own.base.pages.begin(), std::min(own.base_count, own.count), table.begin());
  std::array<char, stored_page_bytes> page{};
  for (std::size_t number = 1; number <= own.count; ++number) {
    if (number <= own.base_count && !own.written.contains(number)) {
      continue;
    }
    if (!own.read(number, page.data())) {
      throw Error(ErrorCode::unavailable, "a page of the database that becomes a checkpoint can't be read");
    }
    StoredPages::Page& entry = table[number - 1];
    const Digest digest = digest_of_page(page.data());
    if (number > own.base_count || entry.digest != digest) {
      entry = {end, digest};
      write(page.data(), page.size());
    }
  }
  Footer footer{static_cast<std::int64_t>(own.count),
                end,
                static_cast<std::int64_t>(note.size()),
                before == nullptr ? 0 : before->footer,
                digest_of_table(table),
                {}};
  footer.check = footer.expected(note);
  write(table.data(), table.size() * sizeof(StoredPages::Page));
  write(note.data(), note.size());
  const std::int64_t place = end;
  write(&footer, sizeof footer);
  if (::fdatasync(file_->descriptor()) != 0) {
    fail(path_, "can't be synced");
  }
  last_ = place;
  write_header();
  own.base = {file_, std::move(table)};
  own.base_count = own.count;
  own.written.clear();
  own.slots = 0;
  return end - begin;
}

}  // namespace reeve::engine
