// Checksums and hashes with fixed results on every platform.
#pragma once

#include <cstdint>
#include <string_view>

namespace godwit {

// CRC-32C (Castagnoli; RFC 3720, B.4): guards records in storage against damage.
std::uint32_t crc32c(std::string_view bytes);

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection that mixes all bits.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

// One message's share of a block sum (protocol.md, "blocks"): a hash of (messageId, rev).
constexpr std::uint64_t block_hash(std::uint64_t message_id, std::uint64_t rev) {
  return mix64(mix64(message_id) + rev);
}

// FNV-1a, 64 bit: for state hashes and tables, never against an adversary.
constexpr std::uint64_t fnv1a64(std::string_view bytes,
                                std::uint64_t seed = 0xCBF29CE484222325ULL) {
  std::uint64_t hash = seed;
  for (char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

}  // namespace godwit
