#include "shared/base/hash.h"

#include <array>
#include <cstring>

// SSE 4.2 has this very checksum as an instruction; whether the processor has it is asked when the
// program starts.
#if defined(__x86_64__) && defined(__GNUC__)
#define GODWIT_CRC_INSTRUCTION
#endif

namespace godwit {
namespace {

using CrcTable = std::array<std::uint32_t, 256>;

// "Slicing by 8" (Kounavis, Berry 2005): [k][byte] is what a byte does to the sum with k bytes
// after it, so that eight bytes cost eight looks instead of a chain of eight steps.
using CrcTables = std::array<CrcTable, 8>;

CrcTables make_crc_tables() {
  CrcTables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0x82F63B78u : 0u);
    tables[0][i] = crc;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t i = 0; i < 256; ++i) {
      std::uint32_t shorter = tables[k - 1][i];
      tables[k][i] = (shorter >> 8) ^ tables[0][shorter & 0xFF];
    }
  }
  return tables;
}

// Made at the start: eight kilobytes that the browser's download need not hold.
const CrcTables kCrcTables = make_crc_tables();

std::uint32_t byte_at(const char* bytes, int i) { return static_cast<unsigned char>(bytes[i]); }

std::uint32_t four_at(const char* bytes) {
  return byte_at(bytes, 0) | byte_at(bytes, 1) << 8 | byte_at(bytes, 2) << 16 |
         byte_at(bytes, 3) << 24;
}

// Both take the sum so far and give the one with `bytes` added.
std::uint32_t add_by_tables(std::uint32_t crc, std::string_view bytes) {
  const CrcTables& tables = kCrcTables;
  const char* at = bytes.data();
  const char* end = at + bytes.size();
  for (; end - at >= 8; at += 8) {
    std::uint32_t low = crc ^ four_at(at);
    std::uint32_t high = four_at(at + 4);
    crc = tables[7][low & 0xFF] ^ tables[6][low >> 8 & 0xFF] ^ tables[5][low >> 16 & 0xFF] ^
          tables[4][low >> 24] ^ tables[3][high & 0xFF] ^ tables[2][high >> 8 & 0xFF] ^
          tables[1][high >> 16 & 0xFF] ^ tables[0][high >> 24];
  }
  for (; at != end; ++at) crc = (crc >> 8) ^ tables[0][(crc ^ byte_at(at, 0)) & 0xFF];
  return crc;
}

#ifdef GODWIT_CRC_INSTRUCTION
__attribute__((target("sse4.2"))) std::uint32_t add_by_instruction(std::uint32_t crc,
                                                                   std::string_view bytes) {
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes.data(), sizeof(eight));
    crc = static_cast<std::uint32_t>(__builtin_ia32_crc32di(crc, eight));
  }
  for (char c : bytes) crc = __builtin_ia32_crc32qi(crc, static_cast<unsigned char>(c));
  return crc;
}

// __builtin_cpu_supports() in the start of a static needs this first.
bool has_crc_instruction() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("sse4.2") != 0;
}
const auto kAdd = has_crc_instruction() ? add_by_instruction : add_by_tables;
#else
constexpr auto kAdd = add_by_tables;
#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes) { return ~kAdd(~0u, bytes); }

}  // namespace godwit
