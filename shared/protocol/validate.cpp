#include "shared/protocol/validate.h"

#include "shared/base/limits.h"
#include "shared/base/utf8.h"
#include "shared/protocol/json_value.h"
#include "shared/protocol/types_json.h"

namespace godwit {
namespace {

Status invalid(const char* detail) { return Status(Code::kInvalidContent, detail); }

// The code point at the start of valid UTF-8 `text`, as its bytes.
std::string_view first_point(std::string_view text) {
  auto lead = static_cast<unsigned char>(text[0]);
  return text.substr(0, lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1);
}

// C0, DEL and C1. Requires valid UTF-8.
bool has_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return true;
    if (byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

bool is_lower_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_setting_key(std::string_view key) {
  constexpr std::string_view kPrefix = "setting.";
  if (key.substr(0, kPrefix.size()) != kPrefix || key.size() == kPrefix.size()) return false;
  for (char c : key) {
    if (c < 0x21 || c > 0x7E) return false;
  }
  return true;
}

}  // namespace

Status validate_text(std::string_view text) {
  if (text.size() > limits::kTextBytesMax) return Status(Code::kTooLarge, "text is over 16 KiB");
  if (!is_valid_utf8(text)) return invalid("text is not UTF-8");
  if (text.find('\0') != std::string_view::npos) return invalid("text has a NUL");
  if (is_blank(text)) return invalid("text is blank");
  return Status::ok();
}

Status validate_client_content(const Content& content) {
  if (content.type == ContentType::kText) return validate_text(content.text);
  if (content.type != ContentType::kEncrypted)
    return invalid("content of this type cannot be sent");
  if (content.body.size() > limits::kEncryptedBytesMax) {
    return Status(Code::kTooLarge, "encrypted content is over 48 KiB");
  }
  Result<json::Value> body = json::parse(content.body, limits::kOpaqueDepthMax);
  if (!body) return invalid("encrypted content is not JSON");
  return json::check_encrypted(*body);
}

Status validate_temp_id(std::string_view temp_id) {
  bool good = !temp_id.empty() && temp_id.size() <= limits::kTempIdBytesMax;
  for (char c : temp_id) good = good && c >= 0x21 && c <= 0x7E;
  if (good) return Status::ok();
  return Status(Code::kBadFrame, "tempId is not 1 to 64 visible ASCII characters");
}

Status validate_emoji(std::string_view emoji) {
  if (emoji.size() > limits::kEmojiBytesMax) return Status(Code::kTooLarge, "emoji is too long");
  if (!is_valid_utf8(emoji) || is_blank(emoji)) return invalid("emoji is blank or not UTF-8");
  if (has_control(emoji)) return invalid("emoji has a control character");
  constexpr std::string_view kJoiner = "\u200D";  // holds emoji sequences together
  while (!emoji.empty()) {
    std::string_view point = first_point(emoji);
    if (point != kJoiner && is_blank(point)) return invalid("emoji has white space");
    emoji.remove_prefix(point.size());
  }
  return Status::ok();
}

Status validate_name(std::string_view name) {
  if (name.size() > limits::kNameBytesMax) return Status(Code::kTooLarge, "name is too long");
  if (!is_valid_utf8(name) || is_blank(name)) return invalid("name is blank or not UTF-8");
  if (has_control(name)) return invalid("name has a control character");
  return Status::ok();
}

Status validate_private_key(std::string_view key, ChatId chat_id, MessageId message_id) {
  if (key.size() > limits::kKeyBytesMax) return Status(Code::kTooLarge, "key is too long");
  bool has_chat = static_cast<bool>(chat_id);
  bool has_message = static_cast<bool>(message_id);
  if (key == "star" || key == "hidden") {
    return has_chat && has_message ? Status::ok() : invalid("key needs a chat and a message");
  }
  if (key == "draft" || key == "mute" || key == "archived" || key == "pinnedChat") {
    return has_chat && !has_message ? Status::ok() : invalid("key needs a chat alone");
  }
  if (!is_setting_key(key)) return invalid("unknown key");
  return !has_chat && !has_message ? Status::ok() : invalid("key takes no chat or message");
}

Status validate_private(std::string_view key, ChatId chat_id, MessageId message_id,
                        std::string_view value) {
  if (Status status = validate_private_key(key, chat_id, message_id); !status) return status;
  if (value.size() > limits::kValueBytesMax) return Status(Code::kTooLarge, "value is too long");
  if (!json::parse(value, limits::kOpaqueDepthMax)) return invalid("value is not JSON");
  return Status::ok();
}

std::string fold_username(std::string_view username) {
  std::string folded(username);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

Status validate_username(std::string_view username) {
  constexpr std::size_t kMin = 3;
  constexpr std::size_t kMax = 32;
  if (username.size() < kMin || username.size() > kMax)
    return invalid("username is not 3 to 32 long");
  std::string folded = fold_username(username);
  bool good = is_lower_alnum(folded[0]);
  for (char c : folded) good = good && (is_lower_alnum(c) || c == '_' || c == '.' || c == '-');
  return good ? Status::ok() : invalid("username has a character outside [a-z0-9_.-]");
}

}  // namespace godwit
