// Little-endian integers in byte strings, as the ABI lays them out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::abi {

// Requires at + 2 <= bytes.size(); read_u32: at + 4.
inline std::uint16_t read_u16(std::string_view bytes, std::size_t at) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
  return static_cast<std::uint16_t>(byte(0) | (byte(1) << 8));
}

inline std::uint32_t read_u32(std::string_view bytes, std::size_t at) {
  return read_u16(bytes, at) | (std::uint32_t{read_u16(bytes, at + 2)} << 16);
}

inline void append_u16(std::string& out, std::uint16_t value) {
  out.push_back(static_cast<char>(value & 0xFF));
  out.push_back(static_cast<char>(value >> 8));
}

// Requires room for 4 bytes.
inline void write_u32(char* at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<char>((value >> (8 * i)) & 0xFF);
}

inline void append_u32(std::string& out, std::uint32_t value) {
  char bytes[4];
  write_u32(bytes, value);
  out.append(bytes, sizeof(bytes));
}

}  // namespace godwit::abi
