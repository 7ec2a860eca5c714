# Options and the one interface target, `godwit_flags`, which every target of ours links.
option(GODWIT_TESTS "Build the tests" OFF)
option(GODWIT_FUZZ "Build the fuzz targets (clang only; the preset `fuzz`)" OFF)
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
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CCACHE_PROGRAM AND NOT EMSCRIPTEN)
  # A precompiled header with its time of building in it would never be found in the cache again.
  target_compile_options(godwit_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
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
  # A link may point at what is installed only later.
  if(NOT IS_SYMLINK "${GODWIT_HEADERS}/${lib}")
    file(CREATE_LINK "/usr/include/${lib}" "${GODWIT_HEADERS}/${lib}" SYMBOLIC)
  endif()
endforeach()
add_library(godwit_headers INTERFACE)
target_include_directories(godwit_headers SYSTEM INTERFACE "${GODWIT_HEADERS}")

if(EMSCRIPTEN)
  target_compile_options(godwit_flags INTERFACE -fwasm-exceptions)
  target_link_options(godwit_flags INTERFACE -fwasm-exceptions)

  # Tests for Node are compiled with less effort than shared/, whose library they share with the
  # product. A random 64-bit number as an index is no loss in a test, though size_t has 32 bits here;
  # and Node has no POSIX signals for Catch2 to take.
  add_library(godwit_node_tests INTERFACE)
  target_compile_options(godwit_node_tests INTERFACE -O1 -Wno-shorten-64-to-32)
  target_compile_definitions(godwit_node_tests INTERFACE CATCH_CONFIG_NO_POSIX_SIGNALS)
  # They read the real files. The glue's own handlers of process events would only pile up.
  set(GODWIT_NODE_PRELUDE "${CMAKE_SOURCE_DIR}/tests/support/node_prelude.cjs")
  target_link_options(godwit_node_tests INTERFACE -O1 -sENVIRONMENT=node -sNODERAWFS=1
    -sEXIT_RUNTIME=1 -sALLOW_MEMORY_GROWTH=1 -sNODEJS_CATCH_EXIT=0 -sNODEJS_CATCH_REJECTION=0
    "--extern-pre-js=${GODWIT_NODE_PRELUDE}")

  # A test program for Node, built by the target `wasm_tests`.
  function(godwit_node_program target)
    target_link_libraries(${target} PRIVATE godwit_node_tests)
    set_target_properties(${target} PROPERTIES SUFFIX ".cjs" LINK_DEPENDS "${GODWIT_NODE_PRELUDE}"
      RULE_LAUNCH_LINK "env NODE_PATH=/usr/share/nodejs")  # where Debian keeps emcc's `acorn`
    add_dependencies(wasm_tests ${target})
  endfunction()
endif()
