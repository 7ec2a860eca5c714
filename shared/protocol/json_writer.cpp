#include "shared/protocol/json_writer.h"

#include <array>
#include <charconv>

#include "shared/protocol/codec.h"

namespace godwit {
namespace {

// The short escape's letter, 'u' where there is none, 0 where no escape is due.
char escape_letter(char c) {
  switch (c) {
    case '"':
      return '"';
    case '\\':
      return '\\';
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return static_cast<unsigned char>(c) < 0x20 ? 'u' : '\0';
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char letter = escape_letter(text[i]);
    if (letter == '\0') continue;
    out.append(text, copied, i - copied);
    copied = i + 1;
    out += '\\';
    out += letter;
    if (letter != 'u') continue;
    auto byte = static_cast<unsigned char>(text[i]);
    out += "00";
    out += kHex[byte >> 4];
    out += kHex[byte & 0xF];
  }
  out.append(text, copied, text.size() - copied);
  out += '"';
}

}  // namespace godwit

namespace godwit::json {

// No JSON value ends in one of these three, so the last character alone says whether a comma is
// due.
void Writer::separate() {
  if (out_.empty()) return;
  char last = out_.back();
  if (last != '{' && last != '[' && last != ':') out_ += ',';
}

Writer& Writer::open(char brace) {
  separate();
  out_ += brace;
  return *this;
}

Writer& Writer::close(char brace) {
  out_ += brace;
  return *this;
}

Writer& Writer::key(std::string_view name) {
  separate();
  out_ += '"';
  out_ += name;
  out_ += "\":";
  return *this;
}

Writer& Writer::text_key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_ += ':';
  return *this;
}

Writer& Writer::string(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}

Writer& Writer::integer(std::int64_t number) {
  separate();
  std::array<char, 24> digits;
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out_.append(digits.data(), end);
  return *this;
}

Writer& Writer::unsigned_integer(std::uint64_t number) {
  separate();
  std::array<char, 24> digits;
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out_.append(digits.data(), end);
  return *this;
}

Writer& Writer::boolean(bool flag) { return raw(flag ? "true" : "false"); }

Writer& Writer::null() { return raw("null"); }

Writer& Writer::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

Writer& Writer::time(std::string_view name, Timestamp time) {
  return field(name, format_timestamp(time));
}

Writer& Writer::id_value(std::uint64_t id) {
  separate();
  out_ += '"';
  std::array<char, 24> digits;
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), id).ptr;
  out_.append(digits.data(), end);
  out_ += '"';
  return *this;
}

}  // namespace godwit::json
