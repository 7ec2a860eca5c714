// What the WebAssembly module copies and compares memory with, at every size and alignment that its
// code tells apart.
#include "wasm-core/abi/block_memory.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <string>

namespace godwit {
namespace {

constexpr std::size_t kSizeMax = 150;
constexpr std::size_t kAlignments = 8;

std::string numbered(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + 1);
  return bytes;
}

int sign_of(int order) { return (order > 0) - (order < 0); }

}  // namespace

TEST_CASE("[CO5] a copied block is whole, and nothing beside it is touched") {
  const std::string source = numbered(kSizeMax + kAlignments);
  for (std::size_t size = 0; size <= kSizeMax; ++size) {
    for (std::size_t from = 0; from < kAlignments; ++from) {
      for (std::size_t to = 1; to <= kAlignments; ++to) {
        std::string target(to + size + kAlignments, '#');
        std::string expected = target;
        expected.replace(to, size, source, from, size);
        abi::copy_block(target.data() + to, source.data() + from, size);
        if (target != expected) FAIL("size " << size << ", from " << from << ", to " << to);
      }
    }
  }
}

TEST_CASE("[CO5] blocks compare by the first byte that differs, unsigned") {
  for (std::size_t size = 1; size <= 40; ++size) {
    const std::string same = numbered(size);
    REQUIRE(abi::compare_blocks(same.data(), std::string(same).data(), size) == 0);
    for (std::size_t at = 0; at < size; ++at) {
      for (char other : {'\0', '\x7F', '\x80', '\xFF'}) {
        std::string changed = same;
        changed[at] = other;
        if (at + 1 < size) changed.back() = '\x01';  // what follows the first does not count
        const int expected = sign_of(std::memcmp(same.data(), changed.data(), size));
        if (abi::compare_blocks(same.data(), changed.data(), size) != expected) {
          FAIL("size " << size << ", at " << at);
        }
      }
    }
  }
  REQUIRE(abi::compare_blocks("a", "b", 0) == 0);
}

}  // namespace godwit
