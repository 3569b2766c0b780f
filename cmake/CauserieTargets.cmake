# SPDX-License-Identifier: BSL-1.0
# causerie_module(NAME SOURCES... [LINK targets...]): one folder of a room as an object library
# with the project's warnings. causerie_test(NAME SOURCES... [LINK targets...]): one Catch2 program.
add_library(causerie_warnings INTERFACE)
target_compile_options(causerie_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees dangling pointers and missing initialisers where there are none.
  target_compile_options(causerie_warnings INTERFACE
    -Wno-missing-field-initializers -Wno-maybe-uninitialized)
endif()

function(causerie_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} OBJECT ${arg_SOURCES})
  target_include_directories(${name} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>")
  target_link_libraries(${name} PRIVATE causerie_warnings PUBLIC ${arg_LINK})
endfunction()

function(causerie_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE causerie_warnings causerie_catch2 ${arg_LINK})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()
