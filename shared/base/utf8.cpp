#include "shared/base/utf8.h"

#include <cstdint>
#include <cstring>

namespace godwit {
namespace {

// Decodes the code point at `at`; returns its length in bytes, or 0 where it is not well-formed.
std::size_t decode(std::string_view bytes, std::size_t at, std::uint32_t& point) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
  unsigned char lead = byte(0);
  if (lead < 0x80) {
    point = lead;
    return 1;
  }
  std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || at + length > bytes.size()) return 0;
  point = lead & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    point = (point << 6) | (byte(i) & 0x3Fu);
  }
  if (length == 3 && (point < 0x800 || (point >= 0xD800 && point <= 0xDFFF))) return 0;
  if (length == 4 && (point < 0x10000 || point > 0x10FFFF)) return 0;
  return length;
}

bool shows_nothing(std::uint32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200D) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x2060 || c == 0x3000 || c == 0xFEFF;
}

std::uint64_t eight_at(std::string_view bytes, std::size_t at) {
  std::uint64_t eight = 0;
  std::memcpy(&eight, bytes.data() + at, sizeof(eight));
  return eight;
}

constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;

// Most texts are: names, ids, much of what people write.
bool is_ascii(std::string_view bytes) {
  std::uint64_t all = 0;
  std::size_t at = 0;
  for (; bytes.size() - at >= 8; at += 8) all |= eight_at(bytes, at);
  for (; at < bytes.size(); ++at) all |= static_cast<unsigned char>(bytes[at]);
  return (all & kHighBits) == 0;
}

}  // namespace

bool is_valid_utf8(std::string_view bytes) {
  if (is_ascii(bytes)) return true;
  std::uint32_t point = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    if (bytes.size() - at >= 8 && (eight_at(bytes, at) & kHighBits) == 0) {
      at += 8;
      continue;
    }
    std::size_t length = decode(bytes, at, point);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

bool is_blank(std::string_view text) {
  std::uint32_t point = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = decode(text, at, point);
    if (length == 0 || !shows_nothing(point)) return false;
    at += length;
  }
  return true;
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace godwit
