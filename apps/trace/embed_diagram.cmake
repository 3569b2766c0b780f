# SPDX-License-Identifier: BSL-1.0
# cmake -DFROM=diagram.html -DTO=diagram_template.cpp -P embed_diagram.cmake
# Makes a source file of the page, in pieces that every compiler takes as one literal.
file(READ "${FROM}" rest)
set(pieces "")
while(NOT rest STREQUAL "")
  string(LENGTH "${rest}" left)
  if(left GREATER 8000)
    string(SUBSTRING "${rest}" 0 8000 piece)
    string(SUBSTRING "${rest}" 8000 -1 rest)
  else()
    set(piece "${rest}")
    set(rest "")
  endif()
  string(APPEND pieces "\n  R\"page(${piece})page\"")
endwhile()
file(WRITE "${TO}" "// Made from diagram.html by embed_diagram.cmake.
#include \"apps/trace/diagram_template.hpp\"

namespace causerie::trace {

std::string_view diagram_template() noexcept {
  static constexpr std::string_view page =${pieces};
  return page;
}

}  // namespace causerie::trace
")
