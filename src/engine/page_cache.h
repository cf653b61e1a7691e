#pragma once
// SQLite's page cache, whose truncation looks at no page where none is to go.

namespace reeve::engine {

/// For every connection of the process. Before SQLite is initialised; where somebody has done so already nothing changes.
///
/// When SQLite balances a b-tree it renumbers pages by way of the number of the locking page (262,145 where pages have 4 KiB). Its
/// cache takes that for the largest number that it holds, and then each commit walks all pages to discard those
/// beyond the database's end, of which there are none.
void install_page_cache();

}  // namespace reeve::engine
