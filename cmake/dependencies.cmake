# Every library that Reeve stands on, named once. All are packages of Debian 12 (see ./dev setup).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(re2_pc REQUIRED IMPORTED_TARGET re2)
add_library(re2::re2 ALIAS PkgConfig::re2_pc)
find_package(simdjson REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)

# PostgreSQL's parser. The archive carries xxhash of its own; protobuf-c unpacks its tree.
find_library(PG_QUERY_ARCHIVE NAMES libpg_query.a REQUIRED)
find_library(PROTOBUF_C NAMES protobuf-c REQUIRED)
add_library(pg_query INTERFACE)
target_link_libraries(pg_query INTERFACE ${PG_QUERY_ARCHIVE} ${PROTOBUF_C})

# Linked statically: a quarter less CPU than through the shared library.
find_library(SQLITE_ARCHIVE NAMES libsqlite3.a REQUIRED)
add_library(sqlite3_static INTERFACE)
target_link_libraries(sqlite3_static INTERFACE ${SQLITE_ARCHIVE} Threads::Threads ${CMAKE_DL_LIBS} m)
