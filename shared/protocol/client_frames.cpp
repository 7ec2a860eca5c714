// The frames that a client sends: reading, and encode(ClientFrame).
#include <array>

#include "shared/base/limits.h"
#include "shared/protocol/codec.h"
#include "shared/protocol/frames_json.h"
#include "shared/protocol/type_names.h"
#include "shared/protocol/types_json.h"
#include "shared/protocol/validate.h"

namespace godwit::json {
namespace {

Result<ClientFrame> read_hello(Value& frame) {
  constexpr auto kMax = static_cast<std::int64_t>(limits::kPositionMax);
  Fields fields(frame, "hello");
  Hello hello;
  hello.protocol = fields.integer("protocol", -kMax, kMax);
  // Another version may name the rest otherwise, and must be told 4009 rather than bad_frame.
  if (fields.is_ok() && hello.protocol != 1) return ClientFrame(hello);
  hello.device_id = fields.string("deviceId", limits::kDeviceIdBytesMax);
  hello.core_version = fields.string("coreVersion", limits::kVersionBytesMax);
  hello.epoch = fields.optional_string("epoch", limits::kEpochBytesMax);
  hello.user_id = fields.optional_id<UserId>("userId");
  return fields.finish(ClientFrame(std::move(hello)));
}

Result<ClientFrame> read_send(Value& frame) {
  Fields fields(frame, "message");
  SendMessage send;
  send.temp_id = fields.temp_id();
  send.chat_id = fields.id<ChatId>("chatId");
  send.content = fields.read(fields.object("content"), read_client_content);
  send.reply_to = fields.optional_id<MessageId>("replyTo");
  send.forwarded_from =
      fields.read_optional(fields.optional_object("forwardedFrom"), read_forwarded_from);
  return fields.finish(ClientFrame(std::move(send)));
}

Result<ClientFrame> read_edit(Value& frame) {
  Fields fields(frame, "edit");
  EditMessage edit;
  edit.temp_id = fields.temp_id();
  edit.chat_id = fields.id<ChatId>("chatId");
  edit.message_id = fields.id<MessageId>("messageId");
  edit.content = fields.read(fields.object("content"), read_client_content);
  return fields.finish(ClientFrame(std::move(edit)));
}

Result<ClientFrame> read_delete(Value& frame) {
  Fields fields(frame, "delete");
  DeleteMessage deletion;
  deletion.temp_id = fields.temp_id();
  deletion.chat_id = fields.id<ChatId>("chatId");
  deletion.message_id = fields.id<MessageId>("messageId");
  return fields.finish(ClientFrame(std::move(deletion)));
}

Result<ClientFrame> read_reaction(Value& frame) {
  Fields fields(frame, "reaction");
  React react;
  react.temp_id = fields.temp_id();
  react.chat_id = fields.id<ChatId>("chatId");
  react.message_id = fields.id<MessageId>("messageId");
  react.emoji = fields.text("emoji");
  std::string action = fields.text("action");
  react.add = action == "add";
  if (!react.add && action != "remove")
    fields.refuse(Code::kBadFrame, "reaction.action is unknown");
  if (fields.is_ok()) fields.refuse(validate_emoji(react.emoji));
  return fields.finish(ClientFrame(std::move(react)));
}

Result<ClientFrame> read_pin(Value& frame) {
  Fields fields(frame, "pin");
  Pin pin;
  pin.temp_id = fields.temp_id();
  pin.chat_id = fields.id<ChatId>("chatId");
  pin.message_id = fields.id<MessageId>("messageId");
  pin.pinned = fields.boolean("pinned");
  return fields.finish(ClientFrame(std::move(pin)));
}

Result<ClientFrame> read_set(Value& frame) {
  Fields fields(frame, "set");
  SetPrivate set;
  set.temp_id = fields.temp_id();
  set.key = fields.string("key", limits::kKeyBytesMax);
  set.chat_id = fields.optional_id<ChatId>("chatId");
  set.message_id = fields.optional_id<MessageId>("messageId");
  const Value* value = fields.any("value");
  if (value != nullptr) {
    fields.refuse(validate_private_key(set.key, set.chat_id, set.message_id));
    set.value = fields.take(read_opaque(*value, limits::kValueBytesMax));
  }
  return fields.finish(ClientFrame(std::move(set)));
}

template <bool kRead>
Result<ClientFrame> read_mark(Value& frame) {
  Fields fields(frame, kRead ? "read" : "delivered");
  MarkPosition mark;
  mark.chat_id = fields.id<ChatId>("chatId");
  mark.seq = fields.position<Seq>("seq");
  mark.read = kRead;
  return fields.finish(ClientFrame(mark));
}

Result<ClientFrame> read_typing(Value& frame) {
  Fields fields(frame, "typing");
  Typing typing;
  typing.chat_id = fields.id<ChatId>("chatId");
  typing.is_typing = fields.boolean("isTyping");
  return fields.finish(ClientFrame(typing));
}

Result<ClientFrame> read_set_presence(Value& frame) {
  Fields fields(frame, "presence");
  std::optional<Presence> status = parse_presence(fields.text("status"));
  if (!status || *status == Presence::kOffline) {
    fields.refuse(Code::kBadFrame, "presence.status is not online or away");
  }
  return fields.finish(ClientFrame(SetPresence{status.value_or(Presence::kOnline)}));
}

Result<ClientFrame> read_sync(Value& frame) {
  Result<SyncRequest> request = read_sync_request(frame, false);
  if (!request) return request.error();
  return ClientFrame(std::move(request).value());
}

Result<ClientFrame> read_ping(Value& frame) {
  Fields fields(frame, "ping");
  Ping ping{fields.optional_string("nonce", limits::kNonceBytesMax)};
  return fields.finish(ClientFrame(std::move(ping)));
}

struct FrameReader {
  std::string_view type;
  Result<ClientFrame> (*read)(Value&);
};

constexpr std::array<FrameReader, 13> kReaders{{
    {"message", read_send},
    {"read", read_mark<true>},
    {"delivered", read_mark<false>},
    {"typing", read_typing},
    {"ping", read_ping},
    {"hello", read_hello},
    {"sync_request", read_sync},
    {"edit", read_edit},
    {"delete", read_delete},
    {"reaction", read_reaction},
    {"pin", read_pin},
    {"set", read_set},
    {"presence", read_set_presence},
}};

}  // namespace

Result<ClientFrame> read_client_frame(std::string_view type, Value& frame) {
  for (const FrameReader& reader : kReaders) {
    if (reader.type == type) return reader.read(frame);
  }
  return Error{Code::kUnsupported, "unknown frame type"};
}

namespace {

struct ClientFrameWriter {
  Writer& out;

  void operator()(const Hello& hello) const {
    out.field("type", "hello").number("protocol", hello.protocol);
    out.field("deviceId", hello.device_id).field("coreVersion", hello.core_version);
    out.optional_field("epoch", hello.epoch).optional_id("userId", hello.user_id);
  }
  void operator()(const SendMessage& send) const {
    out.field("type", "message").field("tempId", send.temp_id).id("chatId", send.chat_id);
    write_content(out.key("content"), send.content);
    out.optional_id("replyTo", send.reply_to);
    if (send.forwarded_from) write_forwarded_from(out.key("forwardedFrom"), *send.forwarded_from);
  }
  void operator()(const EditMessage& edit) const {
    out.field("type", "edit").field("tempId", edit.temp_id).id("chatId", edit.chat_id);
    write_content(out.id("messageId", edit.message_id).key("content"), edit.content);
  }
  void operator()(const DeleteMessage& deletion) const {
    out.field("type", "delete").field("tempId", deletion.temp_id);
    out.id("chatId", deletion.chat_id).id("messageId", deletion.message_id);
  }
  void operator()(const React& react) const {
    out.field("type", "reaction").field("tempId", react.temp_id).id("chatId", react.chat_id);
    out.id("messageId", react.message_id).field("emoji", react.emoji);
    out.field("action", react.add ? "add" : "remove");
  }
  void operator()(const Pin& pin) const {
    out.field("type", "pin").field("tempId", pin.temp_id).id("chatId", pin.chat_id);
    out.id("messageId", pin.message_id).flag("pinned", pin.pinned);
  }
  void operator()(const SetPrivate& set) const {
    out.field("type", "set").field("tempId", set.temp_id).field("key", set.key);
    out.optional_id("chatId", set.chat_id).optional_id("messageId", set.message_id);
    out.key("value").raw(set.value);
  }
  void operator()(const MarkPosition& mark) const {
    out.field("type", mark.read ? "read" : "delivered");
    out.id("chatId", mark.chat_id).position("seq", mark.seq);
  }
  void operator()(const Typing& typing) const {
    out.field("type", "typing").id("chatId", typing.chat_id).flag("isTyping", typing.is_typing);
  }
  void operator()(const SetPresence& presence) const {
    out.field("type", "presence").field("status", presence_name(presence.status));
  }
  void operator()(const SyncRequest& request) const {
    write_sync_request_fields(out.field("type", "sync_request"), request);
  }
  void operator()(const Ping& ping) const {
    out.field("type", "ping").optional_field("nonce", ping.nonce);
  }
};

}  // namespace
}  // namespace godwit::json

namespace godwit {

std::string encode(const ClientFrame& frame) {
  json::Writer out(256);
  out.open('{');
  std::visit(json::ClientFrameWriter{out}, frame);
  out.close('}');
  return out.take();
}

}  // namespace godwit
