// Walks one JSON text from front to back: looks at each byte once, builds nothing, and gives values
// as the bytes that they were written with. For the oracle, which reads a few members of very many
// objects. Strict (RFC 8259) and apart from the product's own reader, whose mistakes it must not
// share.
//
// What is given points into the text. Throws BadJson.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace godwit::sim {

struct BadJson : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text)
      : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {}

  // Calls `visit` with each member's name, as written between its quotes; it takes the value.
  template <typename Visit>
  void object(const Visit& visit) {
    expect('{');
    if (take('}')) return;
    do {
      std::string_view name = string();
      expect(':');
      visit(name);
    } while (take(','));
    expect('}');
  }
  // Calls `visit` at each element; it takes the value.
  template <typename Visit>
  void array(const Visit& visit) {
    expect('[');
    if (take(']')) return;
    do visit();
    while (take(','));
    expect(']');
  }
  // Takes any value.
  std::string_view value();
  std::uint64_t natural();
  // Where the next value begins, and what was taken since.
  const char* here();
  std::string_view since(const char* from) const {
    return {from, static_cast<std::size_t>(at_ - from)};
  }
  void separator() { expect(','); }
  void open_array() { expect('['); }
  void close_array() { expect(']'); }
  // Requires that nothing follows.
  void end();

 private:
  [[noreturn]] void fail(const char* what) const;
  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  bool take(char c) {
    skip_space();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail("malformed");
  }
  // Between the quotes, as written.
  std::string_view string() {
    expect('"');
    const char* from = at_;
    while (at_ != end_ && *at_ >= 'a' && *at_ <= 'z') ++at_;  // as most names and words are
    if (at_ == end_ || *at_ != '"') skip_to_quote();
    std::string_view text = since(from);
    ++at_;
    return text;
  }
  void skip_to_quote();
  void skip_plain();
  void skip_escape();
  void skip_word(std::string_view word);
  void skip_number();
  void skip_digits();

  const char* begin_;
  const char* at_;
  const char* end_;
};

}  // namespace godwit::sim
