// Blocks of memory, copied and compared a word at a time, which WebAssembly reads and writes at any
// address. For block_memory.cpp; a header of its own so that it is tested natively as well.
#pragma once

#include <cstddef>
#include <cstdint>

namespace godwit::abi {

template <typename Word>
Word load_word(const char* at) {
  Word word;
  __builtin_memcpy(&word, at, sizeof(word));
  return word;
}

template <typename Word>
void store_word(char* at, Word word) {
  __builtin_memcpy(at, &word, sizeof(word));
}

// By its first and its last word, which may overlap. Requires sizeof(Word) <= size <= 2 *
// sizeof(Word).
template <typename Word>
void copy_ends(char* to, const char* from, std::size_t size) {
  const Word first = load_word<Word>(from);
  const Word last = load_word<Word>(from + size - sizeof(Word));
  store_word(to, first);
  store_word(to + size - sizeof(Word), last);
}

// Requires size <= 16.
inline void copy_short(char* to, const char* from, std::size_t size) {
  if (size >= 8) return copy_ends<std::uint64_t>(to, from, size);
  if (size >= 4) return copy_ends<std::uint32_t>(to, from, size);
  if (size >= 2) return copy_ends<std::uint16_t>(to, from, size);
  if (size == 1) *to = *from;
}

// The blocks do not overlap, as memcpy demands.
inline void copy_block(char* to, const char* from, std::size_t size) {
  using Word = std::uint64_t;
  for (; size > 32; size -= 32, to += 32, from += 32) {
    const Word a = load_word<Word>(from);
    const Word b = load_word<Word>(from + 8);
    const Word c = load_word<Word>(from + 16);
    const Word d = load_word<Word>(from + 24);
    store_word(to, a);
    store_word(to + 8, b);
    store_word(to + 16, c);
    store_word(to + 24, d);
  }
  if (size > 16) {
    copy_ends<Word>(to, from, 16);
    to += 16;
    from += 16;
    size -= 16;
  }
  copy_short(to, from, size);
}

// Below 0, 0 or above 0, by the first byte that differs, unsigned.
inline int compare_blocks(const char* a, const char* b, std::size_t size) {
  using Word = std::uint64_t;
  for (; size >= sizeof(Word) && load_word<Word>(a) == load_word<Word>(b); size -= sizeof(Word)) {
    a += sizeof(Word);
    b += sizeof(Word);
  }
  for (; size > 0; --size, ++a, ++b) {
    if (*a != *b) return static_cast<unsigned char>(*a) < static_cast<unsigned char>(*b) ? -1 : 1;
  }
  return 0;
}

}  // namespace godwit::abi
