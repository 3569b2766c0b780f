// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/file_text.hpp"

#include <fstream>

#include "apps/causerie/cli/private_folder.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;

TEST_CASE("a file is read whole, and a folder is no file", "[apps][file_text]") {
  const private_folder place;
  const auto file = place.path() / "text";
  std::ofstream{file, std::ios::binary} << std::string_view{"one\r\n\0two", 9};
  CHECK(file_text(file) == std::string{"one\r\n\0two", 9});
  std::ofstream{file} << "";
  CHECK(file_text(file) == "");
  CHECK_FALSE(file_text(place.path()));
  CHECK_FALSE(file_text(place.path() / "missing"));
}
