#include "shared/trace/filler.h"

#include <algorithm>
#include <array>

#include "shared/base/limits.h"
#include "shared/base/utf8.h"
#include "shared/protocol/codec.h"
#include "shared/protocol/json_value.h"

namespace godwit {
namespace {

using json::Kind;
using json::Value;

// One deeper than what the core reads, so that what is too deep for it stays so.
constexpr int kDepthMax = limits::kJsonDepthMax + 1;

// What stands for a character of one to four bytes. The n-th of several keys of one object differs
// from the others in its first character.
constexpr std::array<std::string_view, 4> kFillers{"x", "\u00E9", "\u2605", "\U0001F426"};

std::size_t width_of(char lead) {
  auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

struct Counts {
  std::array<std::size_t, 4> plain{};  // by width
  std::size_t escaped_short = 0;       // \n, \", …: two bytes in JSON
  std::size_t escaped_long = 0;        // \u0001: six
};

Counts count(std::string_view text) {
  Counts counts;
  for (std::size_t at = 0; at < text.size(); at += width_of(text[at])) {
    char c = text[at];
    bool is_short = std::string_view("\"\\\b\f\n\r\t").find(c) != std::string_view::npos;
    if (is_short) {
      ++counts.escaped_short;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      ++counts.escaped_long;
    } else {
      ++counts.plain[width_of(c) - 1];
    }
  }
  return counts;
}

// Names that are a program's own in frames, answers and records: their strings stay.
bool is_structural(std::string_view key) {
  constexpr std::array<std::string_view, 27> kNames{
      "type",     "messageId", "chatId",     "senderId",   "actorId",     "userId",   "sessionId",
      "tempId",   "requestId", "timestamp",  "editedAt",   "createdAt",   "lastSeen", "serverTime",
      "role",     "status",    "code",       "epoch",      "replyTo",     "key",      "kind",
      "deviceId", "nonce",     "newOwnerId", "nextCursor", "coreVersion", "joinedAt"};
  return std::find(kNames.begin(), kNames.end(), key) != kNames.end();
}

std::string ones_for(std::string_view digits) {
  std::string out(digits);
  for (char& c : out) {
    if (c >= '0' && c <= '9') c = '1';
  }
  return out;
}

// Everything below is a person's but `type` of a content.
void fill_opaque(Value& value) {
  if (value.kind == Kind::kString) value.text = filler_for(value.text);
  if (value.kind == Kind::kNumber) value.text = ones_for(value.text);
  if (value.kind == Kind::kInteger) {
    value.text = ones_for(std::to_string(value.integer));
    value.kind = Kind::kNumber;
  }
  for (json::Child& child : value.children) fill_opaque(child.value);
}

void fill_reactions(Value& reactions) {
  std::size_t n = 0;
  for (json::Child& child : reactions.children) {
    std::string filler = filler_for(child.key);
    // A character beside the usual one, so that no key stands there twice.
    std::size_t last = width_of(filler.empty() ? 'x' : filler[0]) - 1;
    if (!filler.empty() && filler[0] != '"' && filler[0] != '\x01') {
      auto& byte = filler[last];
      byte = static_cast<char>(last == 0 ? 'a' + n % 26 : 0x80 + n % 64);
    }
    child.key = std::move(filler);
    ++n;
  }
}

void fill_wire(Value& value);

void fill_content(Value& content) {
  const Value* type = content.kind == Kind::kObject ? json::find(content, "type") : nullptr;
  bool system = type != nullptr && type->kind == Kind::kString && type->text == "system";
  if (system) return fill_wire(content);
  if (content.kind == Kind::kString) return fill_opaque(content);
  for (json::Child& child : content.children) {
    if (child.key != "type") fill_opaque(child.value);
  }
}

// What both ends and the journal write: known names stay, whatever else is text becomes filler.
void fill_wire(Value& value) {
  for (json::Child& child : value.children) {
    Value& below = child.value;
    if (child.key == "content") {
      fill_content(below);
    } else if (child.key == "value" || child.key == "settings") {
      fill_opaque(below);
    } else if (child.key == "reactions" && below.kind == Kind::kObject) {
      fill_reactions(below);
    } else if (below.kind == Kind::kString) {
      bool id_in_array = value.kind == Kind::kArray && parse_id_digits(below.text);
      if (!is_structural(child.key) && !id_in_array) below.text = filler_for(below.text);
    } else {
      fill_wire(below);
    }
  }
}

std::string filled(std::string_view json, void (*fill_in)(Value&)) {
  Result<Value> value = json::parse(json, kDepthMax);
  if (!value) return std::string(json.size(), 'x');
  fill_in(*value);
  return json::to_text(*value);
}

void fill_text(std::string& text) { text = filler_for(text); }

void fill_content(Content& content) {
  fill_text(content.text);
  if (content.body.empty()) return;
  auto fill_body = [](Value& body) { fill_content(body); };
  content.body = filled(content.body, fill_body);
}

void fill_operation(QueuedOperation& operation) {
  if (auto* op = std::get_if<SendMessage>(&operation)) {
    fill_content(op->content);
    if (op->forwarded_from) fill_text(op->forwarded_from->sender_name);
  }
  if (auto* op = std::get_if<EditMessage>(&operation)) fill_content(op->content);
  if (auto* op = std::get_if<React>(&operation)) fill_text(op->emoji);
  if (auto* op = std::get_if<SetPrivate>(&operation)) op->value = filled_value(op->value);
}

// A close's reason: the wait that it names counts, nothing else.
std::string filled_reason(std::string_view reason) {
  std::string out(reason);
  for (char& c : out) {
    if (c < '0' || c > '9') c = 'x';
  }
  return out;
}

std::string filled_frames(std::string_view frames) {
  std::string out;
  for (;;) {
    const std::size_t end = frames.find(FrameReceived::kSeparator);
    out += filled_json(frames.substr(0, end));
    if (end == std::string_view::npos) return out;
    out += FrameReceived::kSeparator;
    frames.remove_prefix(end + 1);
  }
}

struct EventFiller {
  void operator()(StorageLoaded& event) const {
    for (StoredFile& file : event.files) file = filled_file(file);
  }
  void operator()(Start& event) const {
    fill_text(event.username);
    fill_text(event.display_name);
  }
  void operator()(Intend& event) const { fill_operation(event.operation); }
  void operator()(AdoptChat& event) const {
    auto chat = decode_chat_state(filled_json(encode_chat_state(event.state)));
    if (chat) event.state = std::move(*chat);
  }
  void operator()(SocketClosed& event) const { event.reason = filled_reason(event.reason); }
  void operator()(FrameReceived& event) const { event.text = filled_frames(event.text); }
  void operator()(HttpAnswered& event) const {
    if (!event.body.empty()) event.body = filled_json(event.body);
  }
  template <typename Other>
  void operator()(Other&) const {}
};

}  // namespace

std::string filler_for(std::string_view text) {
  if (!is_valid_utf8(text)) return std::string(text.size(), '\xFF');
  bool nul = text.find('\0') != std::string_view::npos;  // refused for that, and stays so
  if (is_blank(text) || nul) return nul ? std::string(text.size(), '\0') : std::string(text);
  Counts counts = count(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t width = 4; width > 0; --width) {
    for (std::size_t i = 0; i < counts.plain[width - 1]; ++i) out += kFillers[width - 1];
  }
  out.append(counts.escaped_short, '"').append(counts.escaped_long, '\x01');
  return out;
}

std::string filled_json(std::string_view json) { return filled(json, fill_wire); }

std::string filled_value(std::string_view json) { return filled(json, fill_opaque); }

void fill(Event& event) { std::visit(EventFiller{}, event); }

}  // namespace godwit
