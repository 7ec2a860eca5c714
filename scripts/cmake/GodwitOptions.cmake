# Options and the one interface target, `godwit_flags`, which every target of ours links.
option(GODWIT_TESTS "Build the tests" OFF)
option(GODWIT_WERROR "Treat warnings as errors" ON)
# shared/base/mutation.h; never in a build that is shipped.
option(GODWIT_MUTATIONS "Compile the switch for deliberate mistakes" ${GODWIT_TESTS})
set(GODWIT_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT EMSCRIPTEN)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

add_library(godwit_flags INTERFACE)
target_include_directories(godwit_flags INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(godwit_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                              -Wno-sign-conversion -fno-math-errno)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees uninitialised members in moved std::variant alternatives that are not active.
  target_compile_options(godwit_flags INTERFACE -Wno-maybe-uninitialized)
  # Optimising, it also sees copies of impossible lengths in std::string's own concatenation.
  target_compile_options(godwit_flags INTERFACE
    "$<$<CONFIG:Release>:-Wno-stringop-overflow;-Wno-restrict;-Wno-array-bounds>")
endif()
if(GODWIT_MUTATIONS)
  target_compile_definitions(godwit_flags INTERFACE GODWIT_MUTATIONS)
endif()
if(GODWIT_WERROR)
  target_compile_options(godwit_flags INTERFACE -Werror)
endif()
if(GODWIT_SANITIZE)
  target_compile_options(godwit_flags INTERFACE -fsanitize=${GODWIT_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(godwit_flags INTERFACE -fsanitize=${GODWIT_SANITIZE})
endif()

# Header-only libraries reach every compiler through a folder of their own: em++ must not see
# /usr/include, whose C library headers are not Emscripten's.
set(GODWIT_HEADERS "${CMAKE_BINARY_DIR}/third_party")
file(MAKE_DIRECTORY "${GODWIT_HEADERS}")
foreach(lib nlohmann catch2)
  if(EXISTS "/usr/include/${lib}" AND NOT EXISTS "${GODWIT_HEADERS}/${lib}")
    file(CREATE_LINK "/usr/include/${lib}" "${GODWIT_HEADERS}/${lib}" SYMBOLIC)
  endif()
endforeach()
add_library(godwit_headers INTERFACE)
target_include_directories(godwit_headers SYSTEM INTERFACE "${GODWIT_HEADERS}")

if(EMSCRIPTEN)
  target_compile_options(godwit_flags INTERFACE -fwasm-exceptions)
  target_link_options(godwit_flags INTERFACE -fwasm-exceptions)
endif()
