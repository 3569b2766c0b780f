# SPDX-License-Identifier: BSL-1.0
# What causerie is built with: Debian packages only. Each target below is used by name elsewhere.
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
endif()
