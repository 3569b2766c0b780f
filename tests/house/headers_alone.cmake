# SPDX-License-Identifier: BSL-1.0
# Every header compiles alone: it is the first include of a .cpp that is compiled alone, or else
# gets a file here that includes nothing but it, twice. The test is their compilation.
set(rooms protocol)
set(libraries PkgConfig::sodium tl::expected fmt::fmt)
if(NOT CAUSERIE_PROTOCOL_ONLY)
  list(APPEND rooms net journal actors apps)
  list(APPEND libraries CAF::core causerie_asio nlohmann_json::nlohmann_json CLI11::CLI11
       tomlplusplus::tomlplusplus spdlog::spdlog SQLiteCpp)
endif()

# Where .cpp files are compiled together, every header but the first has company.
get_target_property(together protocol_basics UNITY_BUILD)

# The headers of a room that are not the first include of a .cpp of theirs, compiled alone.
function(causerie_headers_in_company room result)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}"
       "${PROJECT_SOURCE_DIR}/${room}/*.hpp")
  set(alone "")
  foreach(header IN LISTS headers)
    string(REGEX REPLACE "\\.hpp$" ".cpp" twin "${header}")
    set(first "")
    if(EXISTS "${PROJECT_SOURCE_DIR}/${twin}")
      file(STRINGS "${PROJECT_SOURCE_DIR}/${twin}" first REGEX "^#include" LIMIT_COUNT 1)
    endif()
    if(together OR NOT first STREQUAL "#include \"${header}\"")
      list(APPEND alone "${header}")
    endif()
  endforeach()
  set(${result} "${alone}" PARENT_SCOPE)
endfunction()

set(sources "")
foreach(room IN LISTS rooms)
  causerie_headers_in_company(${room} headers)
  foreach(header IN LISTS headers)
    set(source "${CMAKE_CURRENT_BINARY_DIR}/headers/${header}.cpp")
    file(CONFIGURE OUTPUT "${source}"
         CONTENT "#include \"${header}\"\n#include \"${header}\"\n" @ONLY)
    list(APPEND sources "${source}")
  endforeach()
endforeach()
add_library(house_headers OBJECT EXCLUDE_FROM_ALL ${sources})
target_include_directories(house_headers PRIVATE
  "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/actors/include")
target_compile_options(house_headers PRIVATE -O0 -g0 -Wno-unused-function)
target_link_libraries(house_headers PRIVATE causerie_warnings ${libraries})

cmake_host_system_information(RESULT processors QUERY NUMBER_OF_LOGICAL_CORES)
add_test(NAME house_headers
         COMMAND "${CMAKE_COMMAND}" --build "${PROJECT_BINARY_DIR}" --target house_headers --
                 -k 0 -j ${processors})
set_tests_properties(house_headers PROPERTIES TIMEOUT 3000 PROCESSORS ${processors})
