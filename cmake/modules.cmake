# A module is a folder under src/: every *.cpp is its code, every *_test.cpp its tests (one binary), every
# *.sql is embedded as text. Who may include whom is in tools/layers.txt.

add_library(reeve_flags INTERFACE)
target_compile_options(reeve_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  $<$<BOOL:${REEVE_WERROR}>:-Werror>)
target_include_directories(reeve_flags SYSTEM INTERFACE ${CMAKE_SOURCE_DIR}/include)
target_include_directories(reeve_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
if(REEVE_SANITIZE)
  target_compile_options(reeve_flags INTERFACE -fsanitize=${REEVE_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(reeve_flags INTERFACE -fsanitize=${REEVE_SANITIZE})
endif()

set(REEVE_MODULES "" CACHE INTERNAL "")

# reeve_module(NAME LINK LIBRARY...)
function(reeve_module name)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.sql)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  foreach(script ${scripts})
    get_filename_component(stem ${script} NAME_WE)
    set(header ${CMAKE_BINARY_DIR}/generated/${name}/${stem}_sql.h)
    add_custom_command(OUTPUT ${header}
      COMMAND ${CMAKE_COMMAND} -DINPUT=${script} -DOUTPUT=${header} -DNAME=${stem}_sql
              -P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
      DEPENDS ${script} ${CMAKE_SOURCE_DIR}/cmake/embed.cmake)
    list(APPEND sources ${header})
  endforeach()
  if(NOT sources)
    # A module without code yet: only its headers.
    add_library(reeve_${name} INTERFACE)
    target_include_directories(reeve_${name} INTERFACE ${CMAKE_SOURCE_DIR}/include)
    return()
  endif()
  add_library(reeve_${name} STATIC ${sources})
  target_link_libraries(reeve_${name} PUBLIC ${arg_LINK} PRIVATE reeve_flags)
  target_include_directories(reeve_${name} PUBLIC ${CMAKE_SOURCE_DIR}/include
                             PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
  set_target_properties(reeve_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  set(REEVE_MODULES ${REEVE_MODULES} ${name} CACHE INTERNAL "")
  set_property(GLOBAL PROPERTY reeve_${name}_tests "${tests}")
endfunction()

if(NOT COMMAND reeve_library)
  function(reeve_library)
  endfunction()
endif()
if(NOT COMMAND reeve_command)
  function(reeve_command)
  endfunction()
endif()
