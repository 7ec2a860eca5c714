// Writes JSON text straight into a string: compact, in the order of the calls, without a tree in
// between. Commas come by themselves. The caller keeps the braces balanced.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "shared/base/ids.h"
#include "shared/base/instant.h"

namespace godwit::json {

class Writer {
 public:
  explicit Writer(std::size_t bytes_expected = 0) { out_.reserve(bytes_expected); }

  Writer& open(char brace);            // '{' or '['
  Writer& close(char brace);           // '}' or ']'
  Writer& key(std::string_view name);  // requires a name that needs no escapes
  Writer& text_key(std::string_view name);

  Writer& string(std::string_view text);  // requires valid UTF-8
  Writer& integer(std::int64_t number);
  Writer& unsigned_integer(std::uint64_t number);
  Writer& boolean(bool flag);
  Writer& null();
  Writer& raw(std::string_view json);  // requires compact JSON

  // One field each; the `optional_` ones write nothing for what stands for "none".
  Writer& field(std::string_view name, std::string_view text) { return key(name).string(text); }
  Writer& flag(std::string_view name, bool value) { return key(name).boolean(value); }
  Writer& number(std::string_view name, std::int64_t value) { return key(name).integer(value); }
  Writer& time(std::string_view name, Timestamp time);
  Writer& optional_field(std::string_view name, std::string_view text) {
    return text.empty() ? *this : field(name, text);
  }
  Writer& optional_flag(std::string_view name, bool value) {
    return value ? flag(name, true) : *this;
  }
  template <typename Tag>
  Writer& id(std::string_view name, Id<Tag> id) {
    key(name);
    return id_value(id.value);
  }
  template <typename Tag>
  Writer& optional_id(std::string_view name, Id<Tag> value) {
    return value ? id(name, value) : *this;
  }
  template <typename Tag>
  Writer& position(std::string_view name, Position<Tag> position) {
    return key(name).unsigned_integer(position.value);
  }

  Writer& id_value(std::uint64_t id);           // as a decimal string
  std::uint32_t size() const { return size_; }  // bytes
  bool empty() const { return size_ == 0; }
  std::string take();  // and begins anew

 private:
  // Room for `bytes` at the end of the text; what is written there counts from wrote() on.
  char* room(std::size_t bytes) {
    if (out_.size() - size_ < bytes) grow(bytes);
    return out_.data() + size_;
  }
  void wrote(const char* end) { size_ = static_cast<std::uint32_t>(end - out_.data()); }
  void grow(std::size_t bytes);
  void append(std::string_view bytes);
  char* separated(char* at) const;

  std::string out_;  // all of it room; the text is its first `size_` bytes
  std::uint32_t size_ = 0;
};

}  // namespace godwit::json
