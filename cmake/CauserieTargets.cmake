# SPDX-License-Identifier: BSL-1.0

# causerie_module(NAME SOURCES files... [ALONE files...] [LINK targets...])
# One folder of a room: an object library with the project's warnings.
#
# With CMAKE_UNITY_BUILD (the preset `release`) the SOURCES are compiled as one, so that what they
# include is read once: names in their unnamed namespaces must differ. ALONE are those whose names
# need not, as actors, which all have a `flush`.
function(causerie_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;ALONE;LINK" ${ARGN})
  add_library(${name} OBJECT ${arg_SOURCES} ${arg_ALONE})
  set_target_properties(${name} PROPERTIES UNITY_BUILD_MODE GROUP)
  set_source_files_properties(${arg_SOURCES} PROPERTIES UNITY_GROUP ${name})
  target_include_directories(${name} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>")
  target_link_libraries(${name} PRIVATE causerie_warnings PUBLIC ${arg_LINK})
endfunction()

# causerie_test(NAME SOURCES... [LINK targets...] [LABELS labels...])
# One Catch2 program and the ctest that runs it, labelled with its room: a label that a folder bears
# does not reach the tests of the folders in it.
function(causerie_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE causerie_warnings causerie_catch2 ${arg_LINK})
  add_test(NAME ${name} COMMAND ${name})
  file(RELATIVE_PATH place "${PROJECT_SOURCE_DIR}/tests" "${CMAKE_CURRENT_SOURCE_DIR}")
  string(REGEX MATCH "^[^/]+" room "${place}")
  set(labels ${room} ${arg_LABELS})
  set_tests_properties(${name} PROPERTIES TIMEOUT 1200 LABELS "${labels}")
endfunction()
