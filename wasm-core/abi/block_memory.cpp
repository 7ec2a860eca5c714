// The module's memcpy and memcmp, in place of the C library's. Emscripten's copies a byte at a time
// where source and target are not aligned alike, as pieces of text hardly ever are, leaves the
// module from 512 bytes on, and compares a byte at a time always: a twentieth of what a message
// cost.
#include "wasm-core/abi/block_memory.h"

extern "C" {

void* memcpy(void* __restrict target, const void* __restrict source, std::size_t size) {
  godwit::abi::copy_block(static_cast<char*>(target), static_cast<const char*>(source), size);
  return target;
}

int memcmp(const void* a, const void* b, std::size_t size) {
  return godwit::abi::compare_blocks(static_cast<const char*>(a), static_cast<const char*>(b),
                                     size);
}

}  // extern "C"
