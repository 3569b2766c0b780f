# SPDX-License-Identifier: BSL-1.0
# How everything is compiled: warnings, debug information, sanitizers, the compiler's cache.
if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(CCACHE_PROGRAM ccache)
  mark_as_advanced(CCACHE_PROGRAM)
  if(CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
  endif()
endif()

# Names and lines for stack traces; all of it would be 5 times the size with actors and coroutines.
add_compile_options("$<$<CONFIG:RelWithDebInfo>:-g1>")

add_library(causerie_warnings INTERFACE)
target_compile_options(causerie_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # These find in g++ 12 to 14 what is not there: a member left to its default initialiser, a
  # value that a coroutine frame or tl::expected holds only when it says so, and (GCC bug 105651)
  # overlapping copies inside `"text" + std::string`.
  target_compile_options(causerie_warnings INTERFACE
    -Wno-missing-field-initializers -Wno-maybe-uninitialized -Wno-restrict)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    # And these, from 13 on, in copies of byte vectors whose size the optimizer believes to know, and
    # in Asio's coroutine frames.
    target_compile_options(causerie_warnings INTERFACE
      -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-mismatched-new-delete)
  endif()
endif()

if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ takes the .cpp files that it compiles as one for headers, which should show nothing unnamed.
  target_compile_options(causerie_warnings INTERFACE -Wno-subobject-linkage)
endif()

if(CAUSERIE_SANITIZE)
  add_compile_options(-fsanitize=${CAUSERIE_SANITIZE} -fno-omit-frame-pointer -O1)
  add_link_options(-fsanitize=${CAUSERIE_SANITIZE})
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  if(CAUSERIE_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize=vptr)  # CAF's queues cast the end of their list to an element.
  endif()
  if(CAUSERIE_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)  # Asio's fences; its locks and atomics are seen all the same.
  endif()
elseif(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # Not for the optimiser of an instrumented build, which warns of paths that only the
  # instrumentation made, nor for a compiler newer than the one that every change is built with: what
  # it says anew must not keep a clone from building.
  target_compile_options(causerie_warnings INTERFACE -Werror)
endif()
