// Little-endian integers and texts in a trace.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::trace {

// Writes the integer to where there is room for it; gives its end.
template <typename Integer>
char* write(char* at, Integer value) {
  auto bits = static_cast<std::uint64_t>(value);
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    *at++ = static_cast<char>(bits & 0xFF);
    bits >>= 8;
  }
  return at;
}

template <typename Integer>
void put(std::string& out, Integer value) {
  char bytes[sizeof(Integer)];
  write(bytes, value);
  out.append(bytes, sizeof(bytes));
}

inline void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

// Reads from the front. After the first value that is not there, everything reads as 0 or empty and
// ok() is false; at() is then where it was missing.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  template <typename Integer>
  Integer take() {
    if (!has(sizeof(Integer))) return 0;
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(Integer); ++i) {
      bits |= std::uint64_t{static_cast<unsigned char>(bytes_[at_ + i])} << (8 * i);
    }
    at_ += sizeof(Integer);
    return static_cast<Integer>(bits);
  }
  bool take_flag() {
    auto value = take<std::uint8_t>();
    if (value > 1) ok_ = false;
    return value == 1;
  }
  std::string_view take_bytes(std::size_t size) {
    if (!has(size)) return {};
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  std::string take_text() {
    auto size = take<std::uint32_t>();
    return std::string(take_bytes(size));
  }

  bool ok() const { return ok_; }
  bool at_end() const { return at_ == bytes_.size(); }
  std::size_t at() const { return at_; }
  std::size_t left() const { return bytes_.size() - at_; }

 private:
  bool has(std::size_t size) {
    if (!ok_ || size > left()) ok_ = false;
    return ok_;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace godwit::trace
