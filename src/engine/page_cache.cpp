#include "engine/page_cache.h"

#include <sqlite3.h>

#include <algorithm>
#include <new>

namespace reeve::engine {

namespace {

/// SQLite's own.
sqlite3_pcache_methods2& plain() {
  static sqlite3_pcache_methods2 methods{};
  return methods;
}

/// No page has a larger number than `largest`. While `is_raised`, only the page of that number has a larger one than `others`.
struct Cache {
  sqlite3_pcache* pages = nullptr;
  unsigned largest = 0;
  unsigned others = 0;
  bool is_raised = false;
};

Cache& of(sqlite3_pcache* cache) { return *reinterpret_cast<Cache*>(cache); }

sqlite3_pcache* create(int page_bytes, int extra_bytes, int purgeable) {
  auto* cache = new (std::nothrow) Cache;
  if (cache != nullptr) {
    cache->pages = plain().xCreate(page_bytes, extra_bytes, purgeable);
    if (cache->pages == nullptr) {
      delete cache;
      cache = nullptr;
    }
  }
  return reinterpret_cast<sqlite3_pcache*>(cache);
}

void destroy(sqlite3_pcache* cache) {
  plain().xDestroy(of(cache).pages);
  delete &of(cache);
}

sqlite3_pcache_page* fetch(sqlite3_pcache* cache, unsigned number, int create) {
  Cache& own = of(cache);
  if (create != 0) {
    own.others = std::max(own.others, number);
    own.largest = std::max(own.largest, number);
  }
  return plain().xFetch(own.pages, number, create);
}

void renumber(sqlite3_pcache* cache, sqlite3_pcache_page* page, unsigned from, unsigned to) {
  Cache& own = of(cache);
  plain().xRekey(own.pages, page, from, to);
  if (to > own.largest) {
    own.others = own.largest;
    own.largest = to;
    own.is_raised = true;
    return;
  }
  own.others = std::max(own.others, to);
  if (own.is_raised && from == own.largest) {
    own.largest = own.others;
    own.is_raised = false;
  }
}

void truncate(sqlite3_pcache* cache, unsigned first_to_go) {
  Cache& own = of(cache);
  if (first_to_go <= own.largest) {
    plain().xTruncate(own.pages, first_to_go);
    own.largest = first_to_go - std::min(first_to_go, 1U);
    own.is_raised = false;
  }
}

void set_size(sqlite3_pcache* cache, int pages) { plain().xCachesize(of(cache).pages, pages); }
int count(sqlite3_pcache* cache) { return plain().xPagecount(of(cache).pages); }
void shrink(sqlite3_pcache* cache) { plain().xShrink(of(cache).pages); }
void unpin(sqlite3_pcache* cache, sqlite3_pcache_page* page, int discard) {
  plain().xUnpin(of(cache).pages, page, discard);
}

}  // namespace

void install_page_cache() {
  if (sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &plain()) != SQLITE_OK) {
    return;
  }
  sqlite3_pcache_methods2 methods = plain();
  methods.xCreate = create;
  methods.xDestroy = destroy;
  methods.xFetch = fetch;
  methods.xUnpin = unpin;
  methods.xRekey = renumber;
  methods.xTruncate = truncate;
  methods.xCachesize = set_size;
  methods.xPagecount = count;
  methods.xShrink = shrink;
  sqlite3_config(SQLITE_CONFIG_PCACHE2, &methods);
}

}  // namespace reeve::engine
