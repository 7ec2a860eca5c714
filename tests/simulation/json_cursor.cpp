#include "tests/simulation/json_cursor.h"

#include <cstring>

#include "shared/base/utf8.h"

namespace godwit::sim {
namespace {

constexpr std::uint64_t kEachByte = 0x0101'0101'0101'0101;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }
bool is_plain(char c) { return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20; }

// Not 0 where one of these eight bytes is a quote, a backslash, a control character or part of a
// longer character.
std::uint64_t not_ascii_and_plain(const char* bytes) {
  constexpr std::uint64_t kHighs = kEachByte * 0x80;
  std::uint64_t eight = 0;
  std::memcpy(&eight, bytes, sizeof(eight));
  std::uint64_t control = eight - kEachByte * 0x20;
  std::uint64_t quote = (eight ^ kEachByte * '"') - kEachByte;
  std::uint64_t backslash = (eight ^ kEachByte * '\\') - kEachByte;
  return (eight | control | quote | backslash) & kHighs;
}

}  // namespace

void JsonCursor::fail(const char* what) const {
  throw BadJson("JSON " + std::string(what) + " at byte " + std::to_string(at_ - begin_) + ": " +
                std::string(begin_, end_).substr(0, 1'000));
}

const char* JsonCursor::here() {
  skip_space();
  return at_;
}

void JsonCursor::end() {
  skip_space();
  if (at_ != end_) fail("goes on");
}

std::string_view JsonCursor::value() {
  const char* from = here();
  if (at_ == end_) fail("ends early");
  switch (*at_) {
    case '{':
      object([this](std::string_view) { (void)value(); });
      break;
    case '[':
      array([this] { (void)value(); });
      break;
    case '"':
      (void)string();
      break;
    case 't':
      skip_word("true");
      break;
    case 'f':
      skip_word("false");
      break;
    case 'n':
      skip_word("null");
      break;
    default:
      skip_number();
  }
  return since(from);
}

std::uint64_t JsonCursor::natural() {
  std::uint64_t number = 0;
  for (char c : value()) {
    if (!is_digit(c)) fail("has no natural number");
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

void JsonCursor::skip_to_quote() {
  for (;;) {
    skip_plain();
    if (at_ == end_) fail("ends early");
    if (*at_ == '"') break;
    if (*at_ != '\\') fail("has a control character");
    skip_escape();
  }
}

void JsonCursor::skip_plain() {
  while (end_ - at_ >= 16 && (not_ascii_and_plain(at_) | not_ascii_and_plain(at_ + 8)) == 0) {
    at_ += 16;
  }
  if (end_ - at_ >= 8 && not_ascii_and_plain(at_) == 0) at_ += 8;
  const char* from = at_;
  bool ascii = true;
  while (at_ != end_ && is_plain(*at_)) ascii = static_cast<unsigned char>(*at_++) < 0x80 && ascii;
  if (!ascii && !is_valid_utf8(since(from))) fail("is not UTF-8");
}

void JsonCursor::skip_escape() {
  ++at_;
  constexpr std::string_view kLetters = "\"\\/bfnrtu";
  if (at_ == end_ || kLetters.find(*at_) == std::string_view::npos) fail("has a bad escape");
  if (*at_++ != 'u') return;
  for (int i = 0; i < 4; ++i, ++at_) {
    if (at_ == end_ || !is_hex(*at_)) fail("has a bad escape");
  }
}

void JsonCursor::skip_word(std::string_view word) {
  if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).substr(0, word.size()) != word) {
    fail("malformed");
  }
  at_ += word.size();
}

void JsonCursor::skip_digits() {
  const char* from = at_;
  while (at_ != end_ && is_digit(*at_)) ++at_;
  if (at_ == from) fail("malformed");
}

void JsonCursor::skip_number() {
  if (at_ != end_ && *at_ == '-') ++at_;
  bool zero = at_ != end_ && *at_ == '0';
  const char* from = at_;
  skip_digits();
  if (zero && at_ - from > 1) fail("malformed");
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    skip_digits();
  }
  if (at_ == end_ || (*at_ != 'e' && *at_ != 'E')) return;
  ++at_;
  if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
  skip_digits();
}

}  // namespace godwit::sim
