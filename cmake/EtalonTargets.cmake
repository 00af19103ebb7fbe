# Helpers that keep every folder's CMakeLists.txt to one line.

# Warnings and standard for our own code.
add_library(etalon_flags INTERFACE)
target_compile_options(etalon_flags INTERFACE -Wall -Wextra -Wpedantic $<$<BOOL:${ETALON_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12 hides what it calls itself in std::stable_sort from GCC only; GCC tells of what we call.
  target_compile_options(etalon_flags INTERFACE -Wthread-safety -Wno-deprecated-declarations)
endif()

# etalon_add_floor(NAME LIBS ...): the static library etalon_NAME of all sources below this folder.
function(etalon_add_floor name)
  cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(etalon_${name} STATIC ${sources})
  set_target_properties(etalon_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON LINKER_LANGUAGE CXX)
  target_compile_features(etalon_${name} PUBLIC cxx_std_20)
  target_include_directories(etalon_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(etalon_${name} PRIVATE $<BUILD_INTERFACE:etalon_flags> ${ARG_LIBS})
endfunction()
