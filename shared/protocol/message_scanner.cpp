#include "shared/protocol/message_scanner.h"

#include <cstring>

#include "shared/base/limits.h"
#include "shared/base/utf8.h"
#include "shared/protocol/json_text.h"
#include "shared/protocol/validate.h"

namespace godwit {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Each take_* takes what it names from the front of the rest and says whether it was there.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool at_end() const { return at_ == end_; }

  bool take(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size()) return false;
    if (std::memcmp(at_, word.data(), word.size()) != 0) return false;
    at_ += word.size();
    return true;
  }

  // Decimal digits without a leading zero, at most 15 of them: below 2^53.
  template <typename PositionType>
  bool take_position(PositionType& position) {
    constexpr std::size_t kDigitsMax = 15;
    const std::string_view digits = take_digits();
    if (digits.empty() || digits.size() > kDigitsMax) return false;
    if (digits[0] == '0' && digits.size() > 1) return false;
    std::uint64_t value = 0;
    for (char digit : digits) value = value * 10 + static_cast<std::uint64_t>(digit - '0');
    position = PositionType{value};
    return true;
  }

  // The digits of an id and the quote after them.
  template <typename IdType>
  bool take_id(IdType& id) {
    auto parsed = parse_id<IdType>(take_digits());
    if (!parsed) return false;
    id = *parsed;
    return take("\"");
  }

  // 24 characters and the quote after them.
  bool take_time(Timestamp& time) {
    constexpr std::size_t kSize = 24;
    if (static_cast<std::size_t>(end_ - at_) < kSize) return false;
    auto parsed = parse_timestamp(std::string_view(at_, kSize));
    if (!parsed) return false;
    time = *parsed;
    at_ += kSize;
    return take("\"");
  }

  // Visible ASCII and the quote after it; what would need an escape is not taken.
  bool take_temp_id(std::string& temp_id) {
    const char* from = at_;
    while (at_ != end_ && *at_ != '"' && *at_ != '\\') ++at_;
    temp_id.assign(from, at_);
    return take("\"") && validate_temp_id(temp_id).is_ok();
  }

  // A text, its canonical escapes resolved, and the quote after it.
  bool take_text(std::string& text) {
    for (;;) {
      const char* run = at_;
      at_ = end_of_plain_run(at_, end_);
      if (at_ == end_) return false;
      text.append(run, static_cast<std::size_t>(at_ - run));
      if (*at_ == '"') break;
      if (*at_ != '\\' || !take_canonical_escape(text)) return false;
    }
    ++at_;
    return true;
  }

 private:
  std::string_view take_digits() {
    const char* from = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return {from, static_cast<std::size_t>(at_ - from)};
  }

  // At a backslash. Only the form that append_json_string() writes for the character.
  bool take_canonical_escape(std::string& text) {
    constexpr std::string_view kLetters = "\"\\bfnrt";
    constexpr std::string_view kMeanings = "\"\\\b\f\n\r\t";
    if (end_ - at_ < 2) return false;
    const std::size_t which = kLetters.find(at_[1]);
    if (which == std::string_view::npos) return false;  // \u00..: rare enough for the other reader
    text += kMeanings[which];
    at_ += 2;
    return true;
  }

  const char* at_;
  const char* end_;
};

bool scan_fields(Scanner& in, Message& message) {
  if (!in.take("{\"type\":\"message\",\"messageId\":\"") || !in.take_id(message.message_id) ||
      !in.take(",\"chatId\":\"") || !in.take_id(message.chat_id) || !in.take(",\"seq\":") ||
      !in.take_position(message.seq) || !in.take(",\"rev\":") || !in.take_position(message.rev) ||
      !in.take(",\"senderId\":\"") || !in.take_id(message.sender_id)) {
    return false;
  }
  if (in.take(",\"tempId\":\"") && !in.take_temp_id(message.temp_id)) return false;
  if (!in.take(",\"timestamp\":\"") || !in.take_time(message.timestamp)) return false;
  if (!in.take(",\"content\":{\"type\":\"text\",\"text\":\"")) return false;
  if (!in.take_text(message.content.emplace().text) || !in.take("}")) return false;
  if (in.take(",\"replyTo\":\"") && !in.take_id(message.reply_to)) return false;
  return in.take("}") && in.at_end();
}

// validate_text() of a text that has no NUL, since it had no control character but escaped ones.
bool is_sound(std::string_view text) {
  return text.size() <= limits::kTextBytesMax && is_valid_utf8(text) && !is_blank(text);
}

}  // namespace

bool scan_message_frame(std::string_view text, ChatEvent& event) {
  Scanner in(text);
  Message& message = event.message;
  if (!scan_fields(in, message)) return false;
  if (message.seq.value == 0 || message.rev < message.seq) return false;
  if (!is_sound(message.content->text)) return false;
  name_by_message(event);
  return true;
}

}  // namespace godwit
