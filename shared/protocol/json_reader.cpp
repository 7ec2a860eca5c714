// json::parse(): a reader by recursive descent, made for frames that are small, many and nearly
// always sound. Runs of plain characters are copied whole and looked at once; the tree is built in
// place. tests/fuzz holds it to nlohmann_json: it takes what that takes, with equal values, but for
// what protocol.md forbids besides.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "shared/base/limits.h"
#include "shared/base/utf8.h"
#include "shared/protocol/json_text.h"
#include "shared/protocol/json_value.h"

namespace godwit::json {
namespace {

// Up to this many keys are compared pairwise; more are sorted, so that an object of thousands of
// keys costs no quadratic time.
constexpr std::size_t kPairwiseKeysMax = 16;

bool has_duplicate_keys(const std::vector<Child>& children) {
  if (children.size() <= kPairwiseKeysMax) {
    for (std::size_t i = 1; i < children.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (children[i].key == children[j].key) return true;
      }
    }
    return false;
  }
  std::vector<std::string_view> keys;
  keys.reserve(children.size());
  for (const Child& child : children) keys.push_back(child.key);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, std::uint32_t point) {
  auto byte = [&out](std::uint32_t value) { out += static_cast<char>(value); };
  if (point < 0x80) return byte(point);
  if (point < 0x800) {
    byte(0xC0 | (point >> 6));
  } else {
    if (point < 0x10000) {
      byte(0xE0 | (point >> 12));
    } else {
      byte(0xF0 | (point >> 18));
      byte(0x80 | ((point >> 12) & 0x3F));
    }
    byte(0x80 | ((point >> 6) & 0x3F));
  }
  byte(0x80 | (point & 0x3F));
}

// Each read_* takes what it names from the front of the rest and says whether it was there; after a
// false the reader is done, `refusal` saying why.
class Reader {
 public:
  Reader(std::string_view bytes, int depth_max)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), depth_left_(depth_max) {}

  bool read_text(Value& value) {
    skip_space();
    if (!read_value(value)) return false;
    skip_space();
    return at_ == end_ || refuse("bytes after the value");
  }
  const char* refusal() const { return refusal_; }

 private:
  bool refuse(const char* why) {
    if (refusal_ == nullptr) refusal_ = why;
    return false;
  }
  bool malformed() { return refuse("malformed JSON"); }

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool read_word(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size() ||
        std::string_view(at_, word.size()) != word) {
      return malformed();
    }
    at_ += word.size();
    return true;
  }

  bool read_value(Value& value) {
    if (at_ == end_) return malformed();
    switch (*at_) {
      case '{':
        value.kind = Kind::kObject;
        return read_container(value, '}', &Reader::read_members);
      case '[':
        value.kind = Kind::kArray;
        return read_container(value, ']', &Reader::read_elements);
      case '"':
        value.kind = Kind::kString;
        return read_string(value.text);
      case 't':
        value.kind = Kind::kBool;
        value.boolean = true;
        return read_word("true");
      case 'f':
        value.kind = Kind::kBool;
        return read_word("false");
      case 'n':
        return read_word("null");
      default:
        return read_number(value);
    }
  }

  bool read_container(Value& value, char close, bool (Reader::*read_children)(Value&)) {
    if (depth_left_ == 0) return refuse("nested too deep");
    --depth_left_;
    ++at_;
    skip_space();
    if (!take(close)) {
      if (!(this->*read_children)(value)) return false;
      if (!take(close)) return malformed();
    }
    ++depth_left_;
    return true;
  }

  bool read_elements(Value& array) {
    do {
      skip_space();
      array.children.emplace_back();
      if (!read_value(array.children.back().value)) return false;
      skip_space();
    } while (take(','));
    return true;
  }

  bool read_members(Value& object) {
    constexpr std::size_t kUsualMembers = 8;
    object.children.reserve(kUsualMembers);
    do {
      skip_space();
      object.children.emplace_back();
      Child& child = object.children.back();
      if (at_ == end_ || *at_ != '"') return malformed();
      if (!read_string(child.key)) return false;
      skip_space();
      if (!take(':')) return malformed();
      skip_space();
      if (!read_value(child.value)) return false;
      skip_space();
    } while (take(','));
    return !has_duplicate_keys(object.children) || refuse("duplicate key");
  }

  // At the opening quote. The characters between the quotes, escapes resolved.
  bool read_string(std::string& text) {
    const char* run = ++at_;
    for (;;) {
      at_ = end_of_plain_run(at_, end_);
      if (at_ == end_) return malformed();
      text.append(run, static_cast<std::size_t>(at_ - run));
      if (*at_ == '"') break;
      if (*at_ != '\\') return malformed();  // a control character
      ++at_;
      if (!read_escape(text)) return malformed();
      run = at_;
    }
    ++at_;
    return is_valid_utf8(text) || refuse("invalid UTF-8");
  }

  // After the backslash.
  bool read_escape(std::string& text) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (at_ == end_) return false;
    const char letter = *at_++;
    if (letter == 'u') return read_unicode_escape(text);
    const std::size_t which = kLetters.find(letter);
    if (which == std::string_view::npos) return false;
    text += kMeanings[which];
    return true;
  }

  // After "\u". A pair of surrogates is one character; half a pair is none.
  bool read_unicode_escape(std::string& text) {
    std::uint32_t point = 0;
    if (!read_hex(point)) return false;
    const bool low = point >= 0xDC00 && point <= 0xDFFF;
    if (low) return false;
    if (point >= 0xD800 && point <= 0xDBFF) {
      std::uint32_t second = 0;
      if (!take('\\') || !take('u') || !read_hex(second)) return false;
      if (second < 0xDC00 || second > 0xDFFF) return false;
      point = 0x10000 + ((point - 0xD800) << 10) + (second - 0xDC00);
    }
    append_utf8(text, point);
    return true;
  }

  bool read_hex(std::uint32_t& value) {
    if (end_ - at_ < 4) return false;
    for (int i = 0; i < 4; ++i) {
      const char c = *at_++;
      const char folded = static_cast<char>(c | 0x20);
      std::uint32_t digit = 0;
      if (is_digit(c)) {
        digit = static_cast<std::uint32_t>(c - '0');
      } else if (folded >= 'a' && folded <= 'f') {
        digit = static_cast<std::uint32_t>(folded - 'a') + 10;
      } else {
        return false;
      }
      value = (value << 4) | digit;
    }
    return true;
  }

  std::size_t skip_digits() {
    const char* from = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return static_cast<std::size_t>(at_ - from);
  }

  bool read_number(Value& value) {
    const char* from = at_;
    const bool negative = take('-');
    const char* digits = at_;
    const bool leading_zero = at_ != end_ && *at_ == '0';
    const std::size_t whole = skip_digits();
    if (whole == 0 || (leading_zero && whole > 1)) return malformed();
    bool integer = true;
    if (take('.')) {
      integer = false;
      if (skip_digits() == 0) return malformed();
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      integer = false;
      ++at_;
      if (!take('+')) take('-');
      if (skip_digits() == 0) return malformed();
    }
    constexpr std::size_t kExactDigits = 16;  // of 2^53
    if (integer && whole <= kExactDigits) {
      std::int64_t number = 0;
      for (; digits != at_; ++digits) number = number * 10 + (*digits - '0');
      if (number <= static_cast<std::int64_t>(limits::kPositionMax)) {
        value.kind = Kind::kInteger;
        value.integer = negative ? -number : number;
        return true;
      }
    }
    value.kind = Kind::kNumber;
    value.text.assign(from, at_);
    return std::isfinite(std::strtod(value.text.c_str(), nullptr)) || refuse("number too large");
  }

  const char* at_;
  const char* end_;
  int depth_left_;
  const char* refusal_ = nullptr;
};

}  // namespace

Result<Value> parse(std::string_view bytes, int depth_max) {
  Reader reader(bytes, depth_max);
  Value value;
  if (!reader.read_text(value)) return Error{Code::kBadFrame, reader.refusal()};
  return value;
}

}  // namespace godwit::json
