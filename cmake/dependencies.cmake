# Every library that Reeve stands on, named once. All are packages of Debian 12 (see ./dev setup). The
# installed package includes this file too, so that a program that uses Reeve links what Reeve links.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(re2_pc REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(pq REQUIRED IMPORTED_TARGET libpq)
if(NOT TARGET re2::re2)
  add_library(re2::re2 INTERFACE IMPORTED)
  target_link_libraries(re2::re2 INTERFACE PkgConfig::re2_pc)
endif()
# What the modules see of libpq: src/engine/libpq.cpp loads the library when it is needed.
if(NOT TARGET libpq_header)
  add_library(libpq_header INTERFACE IMPORTED)
  target_include_directories(libpq_header INTERFACE ${pq_INCLUDE_DIRS})
endif()
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
# Snowball's stemmers, which bring no description of their own.
find_library(STEMMER_ARCHIVE NAMES libstemmer.a REQUIRED)
if(NOT TARGET stemmer)
  add_library(stemmer INTERFACE IMPORTED)
  target_link_libraries(stemmer INTERFACE ${STEMMER_ARCHIVE})
endif()
# What the modules see of libcurl: src/base/curl.cpp loads the library when it is needed.
find_path(CURL_HEADERS curl/curl.h REQUIRED)
if(NOT TARGET curl_header)
  add_library(curl_header INTERFACE IMPORTED)
  target_include_directories(curl_header INTERFACE ${CURL_HEADERS})
endif()
# Time zones, from the database that the system carries (tzdata).
find_package(date REQUIRED)
# Redis. Linked statically: it is small, and who keeps no Redis loads nothing more.
find_path(HIREDIS_HEADERS hiredis/hiredis.h REQUIRED)
find_library(HIREDIS_ARCHIVE NAMES libhiredis.a REQUIRED)
if(NOT TARGET hiredis)
  add_library(hiredis INTERFACE IMPORTED)
  target_include_directories(hiredis INTERFACE ${HIREDIS_HEADERS})
  target_link_libraries(hiredis INTERFACE ${HIREDIS_ARCHIVE})
endif()
find_package(simdjson REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)

# Headers alone: the one file that includes them compiles the parser in.
find_path(TOMLPLUSPLUS_HEADERS toml++/toml.h REQUIRED)
if(NOT TARGET tomlplusplus)
  add_library(tomlplusplus INTERFACE IMPORTED)
endif()

# PostgreSQL's parser. The archive carries xxhash of its own; protobuf-c unpacks its tree.
find_library(PG_QUERY_ARCHIVE NAMES libpg_query.a REQUIRED)
find_library(PROTOBUF_C_ARCHIVE NAMES libprotobuf-c.a REQUIRED)
if(NOT TARGET pg_query)
  add_library(pg_query INTERFACE IMPORTED)
  target_link_libraries(pg_query INTERFACE ${PG_QUERY_ARCHIVE} ${PROTOBUF_C_ARCHIVE} Threads::Threads)
endif()

# Linked statically: a quarter less CPU than through the shared library.
find_library(SQLITE_ARCHIVE NAMES libsqlite3.a REQUIRED)
if(NOT TARGET sqlite3_static)
  add_library(sqlite3_static INTERFACE IMPORTED)
  target_link_libraries(sqlite3_static INTERFACE ${SQLITE_ARCHIVE} Threads::Threads ${CMAKE_DL_LIBS} m)
endif()
