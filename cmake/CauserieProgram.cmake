# SPDX-License-Identifier: BSL-1.0
# The target `program`: the executable `causerie`, always at bin/causerie in the build folder. Found
# by its name among the targets of apps/causerie, since the library bears the name `causerie` too.
function(causerie_find_program result)
  get_property(targets DIRECTORY "${PROJECT_SOURCE_DIR}/apps/causerie" PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    get_target_property(file_name ${target} OUTPUT_NAME)
    if(type STREQUAL "EXECUTABLE" AND (file_name STREQUAL "causerie" OR target STREQUAL "causerie"))
      set(${result} ${target} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  set(${result} "" PARENT_SCOPE)
endfunction()

if(EXISTS "${PROJECT_SOURCE_DIR}/apps/causerie/CMakeLists.txt")
  causerie_find_program(causerie_program)
  if(causerie_program)
    set_target_properties(${causerie_program} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
    add_custom_target(program DEPENDS ${causerie_program})
  endif()
endif()
