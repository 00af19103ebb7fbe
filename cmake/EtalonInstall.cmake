# cmake --install: public headers, the runtime libraries, the etalon program, and a package for find_package(etalon).
# reflect/ is part of the program only: the package never needs Clang.
include(CMakePackageConfigHelpers)
set(ETALON_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/etalon)

set(runtime_libraries etalon)
foreach(floor base files schema text evolution conversion backends store index config_tree params objects place layers database differences)
  list(APPEND runtime_libraries etalon_${floor})
endforeach()
install(TARGETS ${runtime_libraries} etalon_cli EXPORT etalonTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS etalon_headers LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/etalon)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/etalon DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT etalonTargets NAMESPACE etalon:: DESTINATION ${ETALON_PACKAGE_DIR})

set(ETALON_BUILD_TREE OFF)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/etalonConfig.cmake.in ${PROJECT_BINARY_DIR}/package/etalonConfig.cmake
  INSTALL_DESTINATION ${ETALON_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/etalonConfigVersion.cmake COMPATIBILITY SameMinorVersion)
# The same from the build tree, which CMake finds by build/bin in PATH, or by etalon_DIR. Its targets name what they were
# built with, header-only libraries included.
set(ETALON_BUILD_TREE ON)
string(TOUPPER "${CMAKE_BUILD_TYPE}" ETALON_CONFIGURATION)
list(TRANSFORM runtime_libraries REPLACE "^etalon_" "" OUTPUT_VARIABLE ETALON_EXPORTED)
list(REMOVE_ITEM ETALON_EXPORTED etalon)
string(REPLACE ";" " " ETALON_EXPORTED "${ETALON_EXPORTED};etalon_cli")
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/etalonConfig.cmake.in ${PROJECT_BINARY_DIR}/etalonConfig.cmake
  INSTALL_DESTINATION ${PROJECT_BINARY_DIR} INSTALL_PREFIX ${PROJECT_BINARY_DIR})
export(TARGETS ${runtime_libraries} etalon_cli etalon_flags NAMESPACE etalon:: FILE ${PROJECT_BINARY_DIR}/etalonTargets.cmake)
foreach(file EtalonDependencies.cmake EtalonAddStructs.cmake)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/${file} ${PROJECT_BINARY_DIR}/${file} COPYONLY)
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/package/etalonConfig.cmake ${PROJECT_BINARY_DIR}/etalonConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/EtalonDependencies.cmake ${CMAKE_CURRENT_LIST_DIR}/EtalonAddStructs.cmake
  DESTINATION ${ETALON_PACKAGE_DIR})
