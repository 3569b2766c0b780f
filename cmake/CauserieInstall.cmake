# SPDX-License-Identifier: BSL-1.0
# The library as others find it: one archive of every machine, engine and actor; the public headers
# with those of ours that they include, and no other; causerieConfig.cmake and causerie.pc.
#
# The archive has a target of its own, `causerie_archive`, so that what is exported names no target
# of the build: an embedder sees causerie::causerie and the libraries it needs.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# Every object library in `folder` and below.
function(causerie_objects_below folder result)
  get_property(targets DIRECTORY "${folder}" PROPERTY BUILDSYSTEM_TARGETS)
  get_property(subfolders DIRECTORY "${folder}" PROPERTY SUBDIRECTORIES)
  set(found "")
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "OBJECT_LIBRARY")
      list(APPEND found ${target})
    endif()
  endforeach()
  foreach(subfolder IN LISTS subfolders)
    causerie_objects_below("${subfolder}" more)
    list(APPEND found ${more})
  endforeach()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

# `header` and what it includes of ours, directly or not, as paths from the root.
function(causerie_headers_reached header known result)
  list(APPEND known "${header}")
  file(STRINGS "${PROJECT_SOURCE_DIR}/${header}" includes REGEX "^#include [<\"](causerie|protocol|net|journal|actors)/")
  foreach(include IN LISTS includes)
    string(REGEX REPLACE "^#include [<\"]([^>\"]+).*$" "\\1" next "${include}")
    string(REGEX REPLACE "^causerie/" "actors/include/causerie/" next "${next}")
    if(NOT next IN_LIST known AND EXISTS "${PROJECT_SOURCE_DIR}/${next}")
      causerie_headers_reached("${next}" "${known}" known)
    endif()
  endforeach()
  set(${result} "${known}" PARENT_SCOPE)
endfunction()

function(causerie_install_headers)
  file(GLOB public CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}"
       "${PROJECT_SOURCE_DIR}/actors/include/causerie/*.hpp")
  set(headers "")
  foreach(header IN LISTS public)
    if(NOT header IN_LIST headers)
      causerie_headers_reached("${header}" "${headers}" headers)
    endif()
  endforeach()
  foreach(header IN LISTS headers)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${header}")
    cmake_path(GET header PARENT_PATH folder)
    if(folder STREQUAL "actors/include/causerie")
      set(place "causerie")
    else()
      set(place "causerie/detail/${folder}")
    endif()
    install(FILES "${PROJECT_SOURCE_DIR}/${header}"
            DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/${place}" COMPONENT dev)
  endforeach()
endfunction()

function(causerie_install_library)
  set(sources "")
  foreach(room protocol net journal actors)
    causerie_objects_below("${PROJECT_SOURCE_DIR}/${room}" modules)
    foreach(module IN LISTS modules)
      list(APPEND sources "$<TARGET_OBJECTS:${module}>")
    endforeach()
  endforeach()
  add_library(causerie_archive STATIC ${sources})
  set_target_properties(causerie_archive PROPERTIES
    OUTPUT_NAME causerie EXPORT_NAME causerie LINKER_LANGUAGE CXX
    ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
  target_include_directories(causerie_archive INTERFACE
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/causerie/detail>")
  target_compile_features(causerie_archive INTERFACE cxx_std_20)
  target_compile_definitions(causerie_archive INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED)
  target_link_libraries(causerie_archive INTERFACE
    CAF::core SQLiteCpp fmt::fmt tl::expected PkgConfig::sodium Threads::Threads)

  set(place "${CMAKE_INSTALL_LIBDIR}/cmake/causerie")
  install(TARGETS causerie_archive EXPORT causerieTargets
          ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT dev)
  install(EXPORT causerieTargets NAMESPACE causerie:: DESTINATION "${place}" COMPONENT dev)
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/causerieConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/causerieConfig.cmake" INSTALL_DESTINATION "${place}")
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/causerieConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
  # From where causerie.pc lies to the prefix, so that an installed tree can be moved.
  file(RELATIVE_PATH causerie_pc_to_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/causerie.pc.in"
    "${PROJECT_BINARY_DIR}/causerie.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/causerieConfig.cmake"
                "${PROJECT_BINARY_DIR}/causerieConfigVersion.cmake"
                "${PROJECT_SOURCE_DIR}/cmake/FindCAF.cmake"
          DESTINATION "${place}" COMPONENT dev)
  install(FILES "${PROJECT_BINARY_DIR}/causerie.pc"
          DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT dev)
endfunction()

if(TARGET actors_node)
  causerie_install_headers()
  causerie_install_library()
endif()
if(causerie_program)
  install(TARGETS ${causerie_program} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT bin)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/scenarios/"
          DESTINATION "${CMAKE_INSTALL_DATADIR}/causerie/scenarios" COMPONENT bin
          FILES_MATCHING PATTERN "*.toml")
endif()
