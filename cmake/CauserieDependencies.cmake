# SPDX-License-Identifier: BSL-1.0
# What causerie is built with: Debian packages only (scripts/packages.sh has the list). Each target
# below is used by name elsewhere.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
find_package(fmt REQUIRED)
find_package(tl-expected REQUIRED)

if(NOT CAUSERIE_PROTOCOL_ONLY)
  find_package(CAF 0.17.6 REQUIRED COMPONENTS core)
  # Debian's Asio has neither a CMake config nor a .pc file.
  find_path(ASIO_INCLUDE_DIR NAMES asio.hpp REQUIRED)
  add_library(causerie_asio INTERFACE)
  target_compile_definitions(causerie_asio INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED)
  target_include_directories(causerie_asio SYSTEM INTERFACE ${ASIO_INCLUDE_DIR})
  target_link_libraries(causerie_asio INTERFACE Threads::Threads)
  # A static library; brings SQLite along.
  find_package(SQLiteCpp REQUIRED)
  # The program alone: command line, settings, JSON, log.
  find_package(CLI11 REQUIRED)
  find_package(nlohmann_json REQUIRED)
  find_package(tomlplusplus REQUIRED)
  find_package(spdlog REQUIRED)
endif()

if(CAUSERIE_TESTS STREQUAL "AUTO")
  find_package(Catch2 QUIET)
  find_library(RAPIDCHECK_LIBRARY rapidcheck)  # librapidcheck-dev ships no CMake config.
  if(NOT Catch2_FOUND OR NOT RAPIDCHECK_LIBRARY)
    message(STATUS "No tests: Catch2 or rapidcheck is not installed (./test installs them)")
    set(CAUSERIE_TESTS OFF)
  endif()
elseif(CAUSERIE_TESTS)
  find_package(Catch2 REQUIRED)
  find_library(RAPIDCHECK_LIBRARY rapidcheck REQUIRED)
endif()
