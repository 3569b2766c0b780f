# SPDX-License-Identifier: BSL-1.0
# Included by tests/CMakeLists.txt: installs the library into a folder of the build, builds the
# project beside this file against it, and runs that. Run with -P it is the test itself.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  if(TARGET causerie_archive AND NOT CAUSERIE_SANITIZE)
    add_test(NAME consumer COMMAND "${CMAKE_COMMAND}"
             "-DBUILD=${PROJECT_BINARY_DIR}" "-DSOURCE=${CMAKE_CURRENT_LIST_DIR}"
             "-DLAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER}" "-DCOMPILER=${CMAKE_CXX_COMPILER}"
             -P "${CMAKE_CURRENT_LIST_FILE}")
    set_tests_properties(consumer PROPERTIES TIMEOUT 300 LABELS consumer RUN_SERIAL ON)
  endif()
  return()
endif()

function(must)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n${output}\nended with ${code}")
  endif()
endfunction()

set(work "${BUILD}/consumer")
file(REMOVE_RECURSE "${work}/stage")
must("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${work}/stage" --component dev)
must("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${work}/build" -G Ninja
     "-DCMAKE_PREFIX_PATH=${work}/stage" "-DCMAKE_CXX_COMPILER=${COMPILER}"
     "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}" -DCMAKE_BUILD_TYPE=Debug)
must("${CMAKE_COMMAND}" --build "${work}/build")
must("${work}/build/consumer")

# The same program as pkg-config would have it linked.
file(GLOB_RECURSE packages "${work}/stage/causerie.pc")
cmake_path(GET packages PARENT_PATH folder)
execute_process(COMMAND "${CMAKE_COMMAND}" -E env "PKG_CONFIG_PATH=${folder}"
                        pkg-config --libs causerie
                OUTPUT_VARIABLE libraries OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(libraries UNIX_COMMAND "${libraries}")
file(GLOB_RECURSE object "${work}/build/CMakeFiles/consumer.dir/main.cpp.o")
must("${COMPILER}" ${object} ${libraries} -o "${work}/by_pkg_config")
must("${work}/by_pkg_config")
message(STATUS "installed, found both ways, linked and run")
