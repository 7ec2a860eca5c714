#include "shared/base/hash.h"

#include <array>

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

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  const CrcTables& tables = kCrcTables;
  std::uint32_t crc = 0xFFFFFFFFu;
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
  return crc ^ 0xFFFFFFFFu;
}

}  // namespace godwit
