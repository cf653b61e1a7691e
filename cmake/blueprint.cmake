# reeve_blueprint(TARGET FOLDER [CHECK HEADER]): TARGET may include <blueprints/NAME.h>, NAME being FOLDER's, with a struct
# for each command, event and query of that blueprint (docs/typed.md). It is made in the build folder before TARGET is
# compiled, and again when a file of the blueprint has changed. With CHECK, HEADER is kept under version control
# instead, and TARGET is not built while it is not what the blueprint gives.
function(reeve_blueprint target folder)
  cmake_parse_arguments(arg "" "CHECK" "" ${ARGN})
  get_filename_component(folder ${folder} ABSOLUTE)
  get_filename_component(name ${folder} NAME)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
  set(made ${CMAKE_CURRENT_BINARY_DIR}/${target}_blueprints)
  if(arg_CHECK)
    get_filename_component(header ${arg_CHECK} ABSOLUTE)
    add_custom_command(OUTPUT ${made}/${name}.checked
      COMMAND reeve::command generate ${folder} -o ${header} --check
      COMMAND ${CMAKE_COMMAND} -E make_directory ${made}
      COMMAND ${CMAKE_COMMAND} -E touch ${made}/${name}.checked
      DEPENDS ${files} ${header} reeve::command
      COMMENT "Checking ${arg_CHECK} against ${name}" VERBATIM)
    target_sources(${target} PRIVATE ${made}/${name}.checked)
    return()
  endif()
  add_custom_command(OUTPUT ${made}/blueprints/${name}.h
    COMMAND reeve::command generate ${folder} -o ${made}/blueprints/${name}.h
    DEPENDS ${files} reeve::command
    COMMENT "Generating blueprints/${name}.h" VERBATIM)
  target_sources(${target} PRIVATE ${made}/blueprints/${name}.h)
  target_include_directories(${target} PRIVATE ${made})
endfunction()
