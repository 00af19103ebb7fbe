# cmake --install: public headers, the runtime libraries, the etalon program, and a package for find_package(etalon).
# reflect/ is part of the program only: the package never needs Clang.
include(CMakePackageConfigHelpers)
set(ETALON_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/etalon)

set(runtime_libraries etalon)
foreach(floor base schema text evolution conversion backends store index config_tree params place layers database)
  list(APPEND runtime_libraries etalon_${floor})
endforeach()
install(TARGETS ${runtime_libraries} etalon_cli EXPORT etalonTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/etalon DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT etalonTargets NAMESPACE etalon:: DESTINATION ${ETALON_PACKAGE_DIR})

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/etalonConfig.cmake.in ${PROJECT_BINARY_DIR}/etalonConfig.cmake
  INSTALL_DESTINATION ${ETALON_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/etalonConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/etalonConfig.cmake ${PROJECT_BINARY_DIR}/etalonConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/EtalonDependencies.cmake ${CMAKE_CURRENT_LIST_DIR}/EtalonAddStructs.cmake
  DESTINATION ${ETALON_PACKAGE_DIR})
