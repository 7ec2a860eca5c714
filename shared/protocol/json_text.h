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

// Not 0 where one of the eight bytes at `at` does ("Bit Twiddling Hacks", determine if a word has a
// byte less than n). All three are sought at once: each is below 0x80, and so is what it is turned
// into, so that a high bit that was not there before tells of it.
inline std::uint64_t ends_plain_run_in_eight(const char* at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  constexpr std::uint64_t kHighs = 0x8080808080808080ULL;
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  const std::uint64_t below_space = word - kOnes * 0x20;
  const std::uint64_t quote = (word ^ (kOnes * '"')) - kOnes;
  const std::uint64_t backslash = (word ^ (kOnes * '\\')) - kOnes;
  return (below_space | quote | backslash) & ~word & kHighs;
}

// The first such character in [at, end), or `end`.
inline const char* end_of_plain_run(const char* at, const char* end) {
  while (end - at >= 16 && (ends_plain_run_in_eight(at) | ends_plain_run_in_eight(at + 8)) == 0) {
    at += 16;
  }
  if (end - at >= 8 && ends_plain_run_in_eight(at) == 0) at += 8;
  while (at != end && !ends_plain_run(*at)) ++at;
  return at;
}

}  // namespace godwit
