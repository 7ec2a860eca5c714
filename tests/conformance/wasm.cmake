# The vectors in Node, by the same program, and in a browser, by a module that takes one and says how
# it went.
godwit_node_program(godwit_conformance)

add_executable(godwit_conformance_page browser_module.cpp)
target_link_libraries(godwit_conformance_page PRIVATE godwit_conformance_run)
set_target_properties(godwit_conformance_page PROPERTIES SUFFIX ".mjs"
  RULE_LAUNCH_LINK "env NODE_PATH=/usr/share/nodejs")
target_link_options(godwit_conformance_page PRIVATE -O1 --no-entry -sMODULARIZE=1 -sEXPORT_ES6=1
  -sENVIRONMENT=web -sDYNAMIC_EXECUTION=0 -sALLOW_MEMORY_GROWTH=1 -sFILESYSTEM=0
  "-sEXPORTED_FUNCTIONS=_vector_in,_vector_run,_vector_out,_vector_out_size")
add_dependencies(wasm_tests godwit_conformance_page)
