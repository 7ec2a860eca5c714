// Where the plain characters of a JSON string end. Both the readers and the writer go through texts
// in runs.
#pragma once

#include <cstdint>
#include <cstring>

namespace godwit {

// What cannot stand for itself between the quotes of a JSON string.
inline bool ends_plain_run(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

// The first such character in [at, end), or `end`. Eight bytes at once where there is none
// ("Bit Twiddling Hacks", determine if a word has a byte less than n).
inline const char* end_of_plain_run(const char* at, const char* end) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  constexpr std::uint64_t kHighs = 0x8080808080808080ULL;
  auto zero_byte = [](std::uint64_t word) { return (word - kOnes) & ~word & kHighs; };
  while (end - at >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    const std::uint64_t below_space = (word - kOnes * 0x20) & ~word & kHighs;
    const std::uint64_t quote = zero_byte(word ^ (kOnes * '"'));
    const std::uint64_t backslash = zero_byte(word ^ (kOnes * '\\'));
    if ((below_space | quote | backslash) != 0) break;
    at += 8;
  }
  while (at != end && !ends_plain_run(*at)) ++at;
  return at;
}

}  // namespace godwit
