# A module is a folder under src/: every *.cpp is its code, every *_test.cpp its tests (one binary), every
# *.sql is embedded as text (postgres/NAME.sql as postgres_NAME, redis/NAME.lua as redis_NAME_lua). Who may include whom is in
# tools/layers.txt. A module whose code is not
# written yet is its headers alone; it never breaks the configuration.

add_library(reeve_flags INTERFACE)
target_compile_options(reeve_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  # g++ 12 warns of overlapping copies in std::string's operator+ that can't be (its bug 105651).
  -Wno-restrict
  $<$<BOOL:${REEVE_WERROR}>:-Werror>)
target_include_directories(reeve_flags INTERFACE
  ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
if(REEVE_SANITIZE)
  add_compile_options(-fsanitize=${REEVE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${REEVE_SANITIZE})
endif()

# Names of modules that have code, in order. A global property and not a cache entry: it is rebuilt by
# every configuration.
set_property(GLOBAL PROPERTY reeve_modules "")

# reeve_embed_scripts(MODULE HEADERS): the module's *.sql as generated headers.
function(reeve_embed_scripts name headers)
  set(folder ${CMAKE_SOURCE_DIR}/src/${name})
  file(GLOB scripts CONFIGURE_DEPENDS ${folder}/*.sql ${folder}/postgres/*.sql ${folder}/redis/*.lua)
  set(made)
  foreach(script IN LISTS scripts)
    get_filename_component(stem ${script} NAME_WE)
    if(script MATCHES "/(postgres|redis)/[^/]*$")
      string(PREPEND stem ${CMAKE_MATCH_1}_)
    endif()
    get_filename_component(kind ${script} LAST_EXT)
    string(REPLACE "." "_" kind ${kind})
    # All of them are in one namespace: of two with one name, one program would have either.
    get_property(owner GLOBAL PROPERTY reeve_embedded_${stem}${kind})
    if(owner AND NOT owner STREQUAL script)
      message(FATAL_ERROR "${script} and ${owner} are embedded under one name; call one of them otherwise")
    endif()
    set_property(GLOBAL PROPERTY reeve_embedded_${stem}${kind} ${script})
    set(header ${CMAKE_BINARY_DIR}/generated/${name}/${stem}${kind}.h)
    add_custom_command(OUTPUT ${header}
      COMMAND ${CMAKE_COMMAND} -DINPUT=${script} -DOUTPUT=${header} -DNAME=${stem}${kind}
              -P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
      DEPENDS ${script} ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
      COMMENT "Embedding ${script}" VERBATIM)
    list(APPEND made ${header})
  endforeach()
  set(${headers} ${made} PARENT_SCOPE)
endfunction()

# reeve_module(NAME LINK LIBRARY...)
function(reeve_module name)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  set(folder ${CMAKE_SOURCE_DIR}/src/${name})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set_property(GLOBAL PROPERTY reeve_${name}_tests "${tests}")
  set_property(GLOBAL APPEND PROPERTY reeve_folders ${name})

  set(library reeve_${name})
  if(NOT sources)
    add_library(${library} INTERFACE)
    target_include_directories(${library} INTERFACE ${CMAKE_SOURCE_DIR}/include)
    target_link_libraries(${library} INTERFACE ${arg_LINK})
    return()
  endif()
  reeve_embed_scripts(${name} headers)
  list(APPEND sources ${headers})
  add_library(${library} STATIC ${sources})
  target_link_libraries(${library} PUBLIC ${arg_LINK} PRIVATE reeve_flags)
  target_include_directories(${library} PUBLIC ${CMAKE_SOURCE_DIR}/include)
  set_property(GLOBAL APPEND PROPERTY reeve_modules ${name})
endfunction()

# reeve_embed_folder(MODULE FOLDER): the files of src/MODULE/FOLDER as embedded::FOLDER_files, an array of
# (path, content), in MODULE/FOLDER_files.h.
function(reeve_embed_folder module name)
  set(folder ${CMAKE_SOURCE_DIR}/src/${module}/${name})
  set(header ${CMAKE_BINARY_DIR}/generated/${module}/${name}_files.h)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
  add_custom_command(OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${folder} -DOUTPUT=${header} -DNAME=${name}_files
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_folder.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/embed_folder.cmake
    COMMENT "Embedding ${module}/${name}" VERBATIM)
  target_sources(reeve_${module} PRIVATE ${header})
endfunction()

# The library as others use it: target `reeve` (alias reeve::reeve), all modules in one archive, and the
# package that find_package(reeve) finds in an install prefix.
function(reeve_library)
  get_property(modules GLOBAL PROPERTY reeve_modules)
  set(objects)
  set(links)
  foreach(module IN LISTS modules)
    list(APPEND objects $<TARGET_OBJECTS:reeve_${module}>)
    get_target_property(of_module reeve_${module} INTERFACE_LINK_LIBRARIES)
    list(APPEND links ${of_module})
  endforeach()
  list(REMOVE_DUPLICATES links)
  list(FILTER links EXCLUDE REGEX "^(reeve_|\\$<LINK_ONLY:reeve_)")
  add_library(reeve STATIC ${objects})
  add_library(reeve::reeve ALIAS reeve)
  set_target_properties(reeve PROPERTIES LINKER_LANGUAGE CXX)
  target_compile_features(reeve PUBLIC cxx_std_20)
  target_include_directories(reeve PUBLIC
    $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
  target_link_libraries(reeve PUBLIC ${links})

  include(GNUInstallDirs)
  include(CMakePackageConfigHelpers)
  set(package ${CMAKE_INSTALL_LIBDIR}/cmake/reeve)
  install(TARGETS reeve EXPORT reeve_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/reeve DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT reeve_targets NAMESPACE reeve:: DESTINATION ${package})
  configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/reeve-config.cmake.in
    ${CMAKE_BINARY_DIR}/reeve-config.cmake INSTALL_DESTINATION ${package})
  write_basic_package_version_file(${CMAKE_BINARY_DIR}/reeve-config-version.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_BINARY_DIR}/reeve-config.cmake ${CMAKE_BINARY_DIR}/reeve-config-version.cmake
    ${CMAKE_SOURCE_DIR}/cmake/dependencies.cmake ${CMAKE_SOURCE_DIR}/cmake/blueprint.cmake
    DESTINATION ${package})
endfunction()

# Reeve for other SQLite programs: build/reeve_sqlite.so, for sqlite3's .load. It calls SQLite through the host's
# table of functions; of the journal it uses what needs no SQLite, so that none is linked in.
function(reeve_extension)
  reeve_embed_scripts(extension headers)
  add_library(reeve_sqlite MODULE ${CMAKE_SOURCE_DIR}/src/extension/extension.cpp ${headers})
  set_target_properties(reeve_sqlite PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}
    CXX_VISIBILITY_PRESET hidden)
  target_link_libraries(reeve_sqlite PRIVATE reeve_flags reeve_journal)
  target_link_options(reeve_sqlite PRIVATE -Wl,--exclude-libs,ALL)
  install(TARGETS reeve_sqlite LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endfunction()

# The command line: src/cli is a module like the others, but for main.cpp; the command is build/reeve.
function(reeve_command)
  set(main ${CMAKE_SOURCE_DIR}/src/cli/main.cpp)
  if(NOT EXISTS ${main})
    return()
  endif()
  find_package(CLI11 REQUIRED)
  reeve_module(cli LINK reeve_history reeve_work reeve_access reeve_migration reeve_adoption CLI11::CLI11)
  set_source_files_properties(${CMAKE_SOURCE_DIR}/src/cli/command_line.cpp PROPERTIES
    COMPILE_DEFINITIONS "REEVE_VERSION=\"${PROJECT_VERSION}\"")
  reeve_embed_folder(cli template)
  reeve_embed_folder(cli help)
  add_executable(reeve_command ${main})
  add_executable(reeve::command ALIAS reeve_command)
  set_target_properties(reeve_command PROPERTIES OUTPUT_NAME reeve EXPORT_NAME command)
  target_link_libraries(reeve_command PRIVATE reeve_cli reeve_flags)
  install(TARGETS reeve_command EXPORT reeve_targets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# The demonstrations: clients of the library like any other program; build/reeve_demo and, with their libraries,
# build/reeve_stories and build/reeve_keep; a library on the live state of Dark Tower; and what fills a library of
# samples, build/reeve_samples.
function(reeve_demo)
  add_subdirectory(demo/storyforge ${CMAKE_BINARY_DIR}/storyforge)
  add_subdirectory(demo/dark_tower ${CMAKE_BINARY_DIR}/dark_tower)
  add_subdirectory(demo/sp404 ${CMAKE_BINARY_DIR}/sp404)
  add_subdirectory(demo/whispyrkeep ${CMAKE_BINARY_DIR}/whispyrkeep)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/demo/*.cpp)
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  if(EXISTS ${CMAKE_SOURCE_DIR}/demo/CMakeLists.txt)
    add_subdirectory(demo)
  elseif(sources)
    add_executable(reeve_demo ${sources})
    target_link_libraries(reeve_demo PRIVATE reeve reeve_flags)
    reeve_blueprint(reeve_demo ${CMAKE_SOURCE_DIR}/blueprints/great_work)
  endif()
endfunction()

# Target headers_alone: every header of include/ and src/ compiles as the only line of a program.
function(reeve_headers_alone)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}
       ${CMAKE_SOURCE_DIR}/include/*.h ${CMAKE_SOURCE_DIR}/src/*.h)
  set(programs)
  foreach(header IN LISTS headers)
    string(REGEX REPLACE "^(include|src)/" "" included ${header})
    string(REPLACE "/" "_" stem ${included})
    set(program ${CMAKE_BINARY_DIR}/headers_alone/${stem}.cpp)
    file(CONFIGURE OUTPUT ${program} CONTENT "#include \"${included}\"\n")
    list(APPEND programs ${program})
  endforeach()
  add_library(headers_alone OBJECT EXCLUDE_FROM_ALL ${programs})
  target_compile_options(headers_alone PRIVATE -fsyntax-only)
  target_link_libraries(headers_alone PRIVATE reeve_flags)
  # What tests share (tests/support) is included by the headers of tests beside the code.
  target_include_directories(headers_alone PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  get_property(folders GLOBAL PROPERTY reeve_folders)
  foreach(module IN LISTS folders)
    target_link_libraries(headers_alone PRIVATE reeve_${module})
  endforeach()
endfunction()
