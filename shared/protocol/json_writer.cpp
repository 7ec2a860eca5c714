#include "shared/protocol/json_writer.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "shared/protocol/codec.h"
#include "shared/protocol/json_text.h"

namespace godwit {
namespace {

// The short escape's letter, 'u' where there is none. Requires ends_plain_run(c).
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
      return 'u';
  }
}

constexpr std::size_t kEscapedMax = 6;  // bytes that one byte becomes at most

// Room that is made at once: as much as the text may have already, within these.
constexpr std::size_t kRoomBytesMin = 64;
constexpr std::size_t kRoomBytesMax = 1024;

char* copied(char* at, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

char* put_escape(char* at, char c) {
  constexpr char kHex[] = "0123456789abcdef";
  const char letter = escape_letter(c);
  *at++ = '\\';
  *at++ = letter;
  if (letter != 'u') return at;
  auto byte = static_cast<unsigned char>(c);
  at = copied(at, "00");
  *at++ = kHex[byte >> 4];
  *at++ = kHex[byte & 0xF];
  return at;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  json::Writer writer(text.size() + 2);
  out += writer.string(text).take();
}

}  // namespace godwit

namespace godwit::json {

constexpr std::size_t kDigitsMax = 24;

std::string Writer::take() {
  out_.resize(size_);
  size_ = 0;
  return std::exchange(out_, {});
}

// The string behind it doubles its capacity by itself; only the room is filled with zeros.
void Writer::grow(std::size_t bytes) {
  out_.resize(size_ + std::max(bytes, std::clamp(out_.capacity(), kRoomBytesMin, kRoomBytesMax)));
}

void Writer::append(std::string_view bytes) {
  if (bytes.size() <= kRoomBytesMax) return wrote(copied(room(bytes.size()), bytes));
  // Without room that would be filled twice, and with capacity for what follows a long text.
  const std::size_t needed = size_ + bytes.size() + kRoomBytesMax;
  out_.resize(size_);
  if (out_.capacity() < needed) out_.reserve(std::max(needed, 2 * out_.capacity()));
  out_.append(bytes);
  size_ = static_cast<std::uint32_t>(out_.size());
}

// No JSON value ends in one of these three, so the last character alone says whether a comma is
// due. Requires that `at` is the text's end, with room for it.
char* Writer::separated(char* at) const {
  if (size_ == 0) return at;
  const char last = at[-1];
  if (last != '{' && last != '[' && last != ':') *at++ = ',';
  return at;
}

Writer& Writer::open(char brace) {
  char* at = separated(room(2));
  *at++ = brace;
  wrote(at);
  return *this;
}

Writer& Writer::close(char brace) {
  *room(1) = brace;
  ++size_;
  return *this;
}

Writer& Writer::key(std::string_view name) {
  char* at = separated(room(name.size() + 4));
  *at++ = '"';
  at = copied(at, name);
  *at++ = '"';
  *at++ = ':';
  wrote(at);
  return *this;
}

Writer& Writer::text_key(std::string_view name) {
  string(name);
  *room(1) = ':';
  ++size_;
  return *this;
}

Writer& Writer::string(std::string_view text) {
  open('"');
  const char* from = text.data();
  const char* const end = from + text.size();
  for (;;) {
    const char* run_end = end_of_plain_run(from, end);
    append(std::string_view(from, static_cast<std::size_t>(run_end - from)));
    if (run_end == end) break;
    wrote(put_escape(room(kEscapedMax), *run_end));
    from = run_end + 1;
  }
  return close('"');
}

Writer& Writer::integer(std::int64_t number) {
  char* at = separated(room(kDigitsMax));
  wrote(std::to_chars(at, at + kDigitsMax - 1, number).ptr);
  return *this;
}

Writer& Writer::unsigned_integer(std::uint64_t number) {
  char* at = separated(room(kDigitsMax));
  wrote(std::to_chars(at, at + kDigitsMax - 1, number).ptr);
  return *this;
}

Writer& Writer::boolean(bool flag) { return raw(flag ? "true" : "false"); }

Writer& Writer::null() { return raw("null"); }

Writer& Writer::raw(std::string_view json) {
  wrote(separated(room(1)));
  append(json);
  return *this;
}

Writer& Writer::time(std::string_view name, Timestamp time) {
  key(name);
  char* at = room(kTimestampBytes + 2);
  *at++ = '"';
  at = put_timestamp(at, time);
  *at++ = '"';
  wrote(at);
  return *this;
}

Writer& Writer::id_value(std::uint64_t id) {
  char* at = separated(room(kDigitsMax + 2));
  *at++ = '"';
  at = std::to_chars(at, at + kDigitsMax - 1, id).ptr;
  *at++ = '"';
  wrote(at);
  return *this;
}

}  // namespace godwit::json
