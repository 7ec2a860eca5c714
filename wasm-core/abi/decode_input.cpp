#include "wasm-core/abi/decode_input.h"

#include <utility>

#include "shared/base/limits.h"
#include "shared/protocol/json_fields.h"
#include "shared/protocol/types_json.h"
#include "wasm-core/abi/bytes.h"

namespace godwit::abi {
namespace {

using json::Fields;

// A command holds what a person wrote; its own limit is checked by the core.
constexpr std::size_t kCommandTextBytesMax = 1024 * 1024;

Content text_content(Fields& in) {
  Content content;
  content.type = ContentType::kText;
  content.text = in.optional_string("text", kCommandTextBytesMax);
  return content;
}

// Operations: they carry a tempId and may be repeated. nullopt: `name` is none of them.
std::optional<QueuedOperation> read_operation(std::string_view name, Fields& in) {
  if (name == "send") {
    SendMessage op;
    op.temp_id = in.temp_id();
    op.chat_id = in.id<ChatId>("chatId");
    op.content = text_content(in);
    op.reply_to = in.optional_id<MessageId>("replyTo");
    return op;
  }
  if (name == "edit") {
    EditMessage op;
    op.temp_id = in.temp_id();
    op.chat_id = in.id<ChatId>("chatId");
    op.message_id = in.id<MessageId>("messageId");
    op.content = text_content(in);
    return op;
  }
  if (name == "delete") {
    return DeleteMessage{in.temp_id(), in.id<ChatId>("chatId"), in.id<MessageId>("messageId")};
  }
  if (name == "react") {
    return React{in.temp_id(), in.id<ChatId>("chatId"), in.id<MessageId>("messageId"),
                 in.string("emoji", limits::kEmojiBytesMax), in.boolean("add")};
  }
  if (name == "pin") {
    return Pin{in.temp_id(), in.id<ChatId>("chatId"), in.id<MessageId>("messageId"),
               in.boolean("pinned")};
  }
  if (name == "set") {
    SetPrivate op;
    op.temp_id = in.temp_id();
    op.key = in.string("key", limits::kKeyBytesMax);
    op.chat_id = in.optional_id<ChatId>("chatId");
    op.message_id = in.optional_id<MessageId>("messageId");
    if (const json::Value* value = in.any("value")) op.value = json::to_text(*value);
    return op;
  }
  return std::nullopt;
}

// What a person does that needs no name of its own.
std::optional<Event> read_signal(std::string_view name, Fields& in) {
  if (name == "read") return IntendRead{in.id<ChatId>("chatId"), in.position<Seq>("seq")};
  if (name == "typing") return IntendTyping{in.id<ChatId>("chatId"), in.boolean("isTyping")};
  if (name == "retry") return Retry{in.string("localId", limits::kTempIdBytesMax)};
  if (name == "discard") return Discard{in.string("localId", limits::kTempIdBytesMax)};
  if (name == "reconnect") return ReconnectNow{};
  if (name == "adopt") {
    AdoptChat event;
    event.state = in.read<ChatState>(in.object("chat"), json::read_chat_state);
    return event;
  }
  return std::nullopt;
}

std::uint32_t read_number(Fields& in, std::string_view name) {
  return static_cast<std::uint32_t>(in.integer(name, 0, 0xFFFFFFFFLL));
}

OpenView read_open(Fields& in) {
  OpenView event;
  event.view = read_number(in, "view");
  event.chat_id = in.optional_id<ChatId>("chatId");
  std::string kind = in.string("kind", 16);
  if (kind == "app") {
    event.kind = OpenView::Kind::kApp;
  } else if (kind == "chats") {
    event.kind = OpenView::Kind::kChats;
  } else if (kind == "conversation" && event.chat_id) {
    event.kind = OpenView::Kind::kConversation;
  } else {
    in.refuse(Code::kBadFrame, "open: kind");
  }
  return event;
}

// What the host itself says.
std::optional<Event> read_host_command(std::string_view name, Fields& in) {
  if (name == "start") {
    Start event;
    event.user_id = in.id<UserId>("userId");
    event.username = in.string("username", limits::kNameBytesMax);
    event.display_name = in.optional_string("displayName", limits::kNameBytesMax);
    event.device_id = in.string("deviceId", limits::kDeviceIdBytesMax);
    event.core_version = in.string("coreVersion", limits::kVersionBytesMax);
    event.term = read_number(in, "term");
    return event;
  }
  if (name == "open") return read_open(in);
  if (name == "close") return CloseView{read_number(in, "view")};
  if (name == "older") return LoadOlder{read_number(in, "view")};
  if (name == "visible") return Visible{in.boolean("visible")};
  if (name == "flush") return Flush{};
  return std::nullopt;
}

Result<Event> decode_command(std::string_view bytes) {
  // One deeper than a frame: the value of a `set` stands inside the command.
  Result<json::Value> value = json::parse(bytes, limits::kJsonDepthMax + 1);
  if (!value) return value.error();
  Fields in(*value, "command");
  std::string name = in.string("t", 16);
  if (!in.is_ok()) return in.status().error();
  if (auto operation = read_operation(name, in)) {
    return in.finish<Event>(Intend{std::move(*operation)});
  }
  if (auto event = read_signal(name, in)) return in.finish<Event>(std::move(*event));
  if (auto event = read_host_command(name, in)) return in.finish<Event>(std::move(*event));
  return Error{Code::kUnsupported, "unknown command"};
}

Error too_short() { return Error{Code::kBadFrame, "the input is too short"}; }

Result<Event> decode_http_response(std::string_view bytes) {
  if (bytes.size() < 6) return too_short();
  HttpAnswered event;
  event.id = read_u32(bytes, 0);
  event.status = read_u16(bytes, 4);
  event.body = std::string(bytes.substr(6));
  return Event(std::move(event));
}

Result<Event> decode_batch_done(std::string_view bytes) {
  if (bytes.size() < 6) return too_short();
  return Event(BatchDone{read_u32(bytes, 0), bytes[4] != 0, bytes[5] != 0});
}

// The flag that follows the code (whether the handshake failed) tells the core nothing that its own
// state does not.
Result<Event> decode_socket_closed(std::string_view bytes) {
  if (bytes.size() < 3) return too_short();
  return Event(SocketClosed{read_u16(bytes, 0), std::string(bytes.substr(3))});
}

}  // namespace

Result<Event> decode_input(std::uint32_t kind, std::string_view bytes) {
  switch (static_cast<InputKind>(kind)) {
    case InputKind::kCommand:
      return decode_command(bytes);
    case InputKind::kFrame:
      return Event(FrameReceived{std::string(bytes)});
    case InputKind::kHttpResponse:
      return decode_http_response(bytes);
    case InputKind::kBatchDone:
      return decode_batch_done(bytes);
    case InputKind::kDeadline:
      return Event(DeadlineReached{});
    case InputKind::kSocketOpen:
      return Event(SocketOpened{});
    case InputKind::kSocketClosed:
      return decode_socket_closed(bytes);
    case InputKind::kNetwork:
      if (bytes.empty()) return too_short();
      return Event(NetworkChanged{bytes[0] != 0});
    case InputKind::kStorageUnavailable:
      return Event(StorageUnavailable{std::string(bytes)});
  }
  return Error{Code::kBadFrame, "unknown kind of input"};
}

}  // namespace godwit::abi
