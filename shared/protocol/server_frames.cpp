// The frames that the server sends: reading, and encode(ServerFrame). sync_response stands in
// sync_frames.cpp.
#include <array>

#include "shared/base/limits.h"
#include "shared/protocol/codec.h"
#include "shared/protocol/codes.h"
#include "shared/protocol/frames_json.h"
#include "shared/protocol/type_names.h"
#include "shared/protocol/types_json.h"

namespace godwit::json {
namespace {

constexpr auto kIntegerMax = static_cast<std::int64_t>(limits::kPositionMax);
constexpr std::size_t kErrorMessageBytesMax = 1024;

std::map<std::string, std::int64_t> read_limits(Fields& fields) {
  std::map<std::string, std::int64_t> limits_told;
  Value* object = fields.object("limits");
  if (object == nullptr) return limits_told;
  for (Child& child : object->children) {
    if (child.value.kind != Kind::kInteger) fields.refuse(Code::kBadFrame, "a limit is no integer");
    limits_told.emplace(std::move(child.key), child.value.integer);
  }
  return limits_told;
}

Result<ServerFrame> read_welcome(Value& frame) {
  Fields fields(frame, "welcome");
  Welcome welcome;
  welcome.user_id = fields.id<UserId>("userId");
  welcome.session_id = fields.id<SessionId>("sessionId");
  welcome.epoch = fields.string("epoch", limits::kEpochBytesMax);
  welcome.server_time = fields.time("serverTime");
  welcome.heartbeat_ms = fields.integer("heartbeatMs", 0, kIntegerMax);
  welcome.limits = read_limits(fields);
  welcome.protocol = fields.integer("protocol", 0, kIntegerMax);
  welcome.core_version = fields.string("coreVersion", limits::kVersionBytesMax);
  return fields.finish(ServerFrame(std::move(welcome)));
}

Result<ServerFrame> read_message_ack(Value& frame) {
  Fields fields(frame, "message_ack");
  MessageAck ack;
  ack.temp_id = fields.temp_id();
  ack.message_id = fields.id<MessageId>("messageId");
  ack.chat_id = fields.id<ChatId>("chatId");
  ack.seq = fields.position<Seq>("seq");
  ack.rev = fields.position<Seq>("rev");
  ack.timestamp = fields.time("timestamp");
  if (fields.text("status") != "sent") fields.refuse(Code::kBadFrame, "status is not sent");
  ack.duplicate = fields.optional_boolean("duplicate");
  return fields.finish(ServerFrame(std::move(ack)));
}

Result<ServerFrame> read_ack(Value& frame) {
  Fields fields(frame, "ack");
  Ack ack;
  ack.temp_id = fields.temp_id();
  ack.chat_id = fields.optional_id<ChatId>("chatId");
  ack.seq = fields.optional_position<Seq>("seq");
  ack.rev = fields.optional_position<Seq>("rev");
  ack.user_seq = fields.optional_position<UserSeq>("userSeq");
  ack.duplicate = fields.optional_boolean("duplicate");
  return fields.finish(ServerFrame(std::move(ack)));
}

// A code that a later version added still says by `retryable` what to do with the operation.
Code code_of(std::string_view name, bool retryable) {
  std::optional<Code> code = parse_code(name);
  if (code && *code != Code::kOk) return *code;
  return retryable ? Code::kUnavailable : Code::kUnsupported;
}

Result<ServerFrame> read_error(Value& frame) {
  Fields fields(frame, "error");
  ErrorFrame error;
  std::string code = fields.text("code");
  error.message = fields.optional_string("message", kErrorMessageBytesMax);
  error.temp_id = fields.optional_temp_id();
  error.request_id = fields.optional_string("requestId", limits::kRequestIdBytesMax);
  error.retryable = fields.boolean("retryable");
  if (fields.has("retryAfterMs")) {
    error.retry_after_ms = fields.integer("retryAfterMs", 0, kIntegerMax);
  }
  error.code = code_of(code, error.retryable);
  return fields.finish(ServerFrame(std::move(error)));
}

Result<ServerFrame> read_user(Value& frame) {
  Fields fields(frame, "user");
  UserFrame user;
  user.temp_id = fields.optional_temp_id();
  user.item = fields.take(read_private_item(frame));
  return fields.finish(ServerFrame(std::move(user)));
}

Result<ServerFrame> read_receipts_frame(Value& frame) {
  Fields fields(frame, "receipts");
  ReceiptsFrame receipts;
  receipts.chat_id = fields.id<ChatId>("chatId");
  receipts.receipts = fields.take(read_receipts(frame));
  return fields.finish(ServerFrame(std::move(receipts)));
}

Result<ServerFrame> read_typing_frame(Value& frame) {
  Fields fields(frame, "typing");
  TypingFrame typing;
  typing.chat_id = fields.id<ChatId>("chatId");
  typing.user_id = fields.id<UserId>("userId");
  typing.is_typing = fields.boolean("isTyping");
  return fields.finish(ServerFrame(typing));
}

Result<ServerFrame> read_presence_frame(Value& frame) {
  Fields fields(frame, "presence");
  PresenceFrame presence;
  presence.user_id = fields.id<UserId>("userId");
  std::optional<Presence> status = parse_presence(fields.text("status"));
  if (!status) fields.refuse(Code::kBadFrame, "presence.status is unknown");
  presence.status = status.value_or(Presence::kOffline);
  presence.last_seen = fields.optional_time("lastSeen");
  return fields.finish(ServerFrame(presence));
}

Result<ServerFrame> read_sync(Value& frame) {
  Result<SyncResponse> response = read_sync_response(frame);
  if (!response) return response.error();
  return ServerFrame(std::move(response).value());
}

Result<ServerFrame> read_pong(Value& frame) {
  Fields fields(frame, "pong");
  Pong pong;
  pong.nonce = fields.optional_string("nonce", limits::kNonceBytesMax);
  pong.server_time = fields.time("serverTime");
  return fields.finish(ServerFrame(std::move(pong)));
}

struct FrameReader {
  std::string_view type;
  Result<ServerFrame> (*read)(Value&);
};

constexpr std::array<FrameReader, 10> kReaders{{
    {"message_ack", read_message_ack},
    {"ack", read_ack},
    {"receipts", read_receipts_frame},
    {"typing", read_typing_frame},
    {"presence", read_presence_frame},
    {"user", read_user},
    {"error", read_error},
    {"pong", read_pong},
    {"sync_response", read_sync},
    {"welcome", read_welcome},
}};

// ---- events ----

ChatEvent event_of_message(Message message) {
  ChatEvent event;
  event.message = std::move(message);
  name_by_message(event);
  return event;
}

// An event's message is in the event's chat and at least as new as the event.
void check_event(Fields& fields, const ChatEvent& event) {
  if (event.message.chat_id != event.chat_id || event.message.rev < event.seq) {
    fields.refuse(Code::kBadFrame, "an event and its message disagree");
  }
  if (event.kind == EventKind::kChat && event.message.seq != event.seq) {
    fields.refuse(Code::kBadFrame, "a chat event's message is not its system line");
  }
}

Result<ChatEvent> read_other_event(EventKind kind, Value& frame) {
  Fields fields(frame, "event");
  ChatEvent event;
  event.kind = kind;
  event.chat_id = fields.id<ChatId>("chatId");
  event.seq = fields.position<Seq>("seq");
  event.actor_id = fields.id<UserId>("actorId");
  event.timestamp = fields.time("timestamp");
  event.temp_id = fields.optional_temp_id();
  event.message = fields.read(fields.object("message"), read_message);
  if (kind == EventKind::kChat) {
    event.info = fields.read(fields.object("chat"), read_chat_info);
    event.members = fields.read(fields.array("members"), read_members);
  }
  if (fields.is_ok()) check_event(fields, event);
  return fields.finish(std::move(event));
}

}  // namespace

Result<ChatEvent> read_event(Value& frame) {
  Fields fields(frame, "event");
  const Value* type = frame.kind == Kind::kObject ? find(frame, "type") : nullptr;
  if (type == nullptr || type->kind != Kind::kString) {
    return Error{Code::kBadFrame, "event.type is missing"};
  }
  std::optional<EventKind> kind = parse_event_kind(type->text);
  if (!kind) return Error{Code::kUnsupported, "unknown event type"};
  if (*kind != EventKind::kMessage) return read_other_event(*kind, frame);
  Result<Message> message = read_message(frame);
  if (!message) return message.error();
  return event_of_message(std::move(message).value());
}

Result<ServerFrame> read_server_frame(std::string_view type, Value& frame) {
  if (parse_event_kind(type)) {
    Result<ChatEvent> event = read_event(frame);
    if (!event) return event.error();
    return ServerFrame(std::move(event).value());
  }
  for (const FrameReader& reader : kReaders) {
    if (reader.type == type) return reader.read(frame);
  }
  return Error{Code::kUnsupported, "unknown frame type"};
}

void write_event(Writer& out, const ChatEvent& event) {
  out.open('{').field("type", event_kind_name(event.kind));
  if (event.kind == EventKind::kMessage) {
    write_message_fields(out, event.message);
    out.close('}');
    return;
  }
  out.id("chatId", event.chat_id).position("seq", event.seq).id("actorId", event.actor_id);
  out.time("timestamp", event.timestamp).optional_field("tempId", event.temp_id);
  write_message(out.key("message"), event.message);
  if (event.kind == EventKind::kChat) {
    out.key("chat").open('{');
    write_chat_info_fields(out, event.info);
    out.close('}');
    write_members(out.key("members"), event.members);
  }
  out.close('}');
}

namespace {

// Writes everything but the outer braces; the two kinds that have a writer of their own, events
// and sync responses, never come here.
struct ServerFrameWriter {
  Writer& out;

  void operator()(const Welcome& welcome) const {
    out.field("type", "welcome").id("userId", welcome.user_id).id("sessionId", welcome.session_id);
    out.field("epoch", welcome.epoch).time("serverTime", welcome.server_time);
    out.number("heartbeatMs", welcome.heartbeat_ms).key("limits").open('{');
    for (const auto& [name, value] : welcome.limits) out.text_key(name).integer(value);
    out.close('}').number("protocol", welcome.protocol);
    out.field("coreVersion", welcome.core_version);
  }
  void operator()(const MessageAck& ack) const {
    out.field("type", "message_ack").field("tempId", ack.temp_id);
    out.id("messageId", ack.message_id).id("chatId", ack.chat_id);
    out.position("seq", ack.seq).position("rev", ack.rev).time("timestamp", ack.timestamp);
    out.field("status", "sent").optional_flag("duplicate", ack.duplicate);
  }
  void operator()(const Ack& ack) const {
    out.field("type", "ack").field("tempId", ack.temp_id).optional_id("chatId", ack.chat_id);
    if (ack.seq) out.position("seq", *ack.seq);
    if (ack.rev) out.position("rev", *ack.rev);
    if (ack.user_seq) out.position("userSeq", *ack.user_seq);
    out.optional_flag("duplicate", ack.duplicate);
  }
  void operator()(const ErrorFrame& error) const {
    out.field("type", "error").field("code", code_name(error.code)).field("message", error.message);
    out.optional_field("tempId", error.temp_id).optional_field("requestId", error.request_id);
    out.flag("retryable", error.retryable);
    if (error.retry_after_ms != 0) out.number("retryAfterMs", error.retry_after_ms);
  }
  void operator()(const UserFrame& user) const {
    write_private_item_fields(out.field("type", "user"), user.item);
    out.optional_field("tempId", user.temp_id);
  }
  void operator()(const ReceiptsFrame& frame) const {
    out.field("type", "receipts").id("chatId", frame.chat_id);
    const Receipts& receipts = frame.receipts;
    if (!receipts.delivered.empty()) write_watermarks(out.key("delivered"), receipts.delivered);
    if (!receipts.read.empty()) write_watermarks(out.key("read"), receipts.read);
  }
  void operator()(const TypingFrame& typing) const {
    out.field("type", "typing").id("chatId", typing.chat_id).id("userId", typing.user_id);
    out.flag("isTyping", typing.is_typing);
  }
  void operator()(const PresenceFrame& presence) const {
    out.field("type", "presence").id("userId", presence.user_id);
    out.field("status", presence_name(presence.status));
    if (presence.last_seen) out.time("lastSeen", *presence.last_seen);
  }
  void operator()(const Pong& pong) const {
    out.field("type", "pong").optional_field("nonce", pong.nonce);
    out.time("serverTime", pong.server_time);
  }
};

struct WholeFrameWriter {
  Writer& out;

  void operator()(const ChatEvent& event) const { write_event(out, event); }
  void operator()(const SyncResponse& response) const { write_sync_response(out, response); }
  template <typename Frame>
  void operator()(const Frame& frame) const {
    out.open('{');
    ServerFrameWriter{out}(frame);
    out.close('}');
  }
};

}  // namespace
}  // namespace godwit::json

namespace godwit {

std::string encode(const ServerFrame& frame) {
  json::Writer out(512);
  std::visit(json::WholeFrameWriter{out}, frame);
  return out.take();
}

}  // namespace godwit
