// Reading the nouns of the wire.
#include "shared/base/limits.h"
#include "shared/protocol/type_names.h"
#include "shared/protocol/types_json.h"
#include "shared/protocol/validate.h"

namespace godwit::json {
namespace {

Result<Content> read_opaque_content(Value& value, ContentType type) {
  if (type == ContentType::kEncrypted) {
    if (Status status = check_encrypted(value); !status) return status.error();
  }
  Result<std::string> body = read_opaque(value, limits::kEncryptedBytesMax);
  if (!body) return body.error();
  return Content{type, {}, std::move(body).value()};
}

Result<std::vector<UserId>> read_user_ids(Value& array) {
  std::vector<UserId> users;
  users.reserve(array.children.size());
  for (const Child& child : array.children) {
    auto id = child.value.kind == Kind::kString ? parse_id<UserId>(child.value.text) : std::nullopt;
    if (!id) return Error{Code::kBadFrame, "reactions hold what is not a user id"};
    users.push_back(*id);
  }
  return users;
}

Result<std::vector<Reaction>> read_reactions(Value& object) {
  std::vector<Reaction> reactions;
  reactions.reserve(object.children.size());
  for (Child& child : object.children) {
    if (Status status = validate_emoji(child.key); !status) return status.error();
    if (child.value.kind != Kind::kArray || child.value.children.empty()) {
      return Error{Code::kBadFrame, "a reaction has no list of users"};
    }
    Result<std::vector<UserId>> users = read_user_ids(child.value);
    if (!users) return users.error();
    reactions.push_back(Reaction{std::move(child.key), std::move(users).value()});
  }
  return reactions;
}

Result<Member> read_member(Value& value) {
  Fields fields(value, "member");
  Member member;
  member.user_id = fields.id<UserId>("userId");
  if (fields.has("role")) {
    std::string name = fields.text("role");
    member.role = parse_role(name);
    if (fields.is_ok() && !member.role) fields.refuse(Code::kBadFrame, "member.role is unknown");
  }
  member.rev = fields.position<Seq>("rev");
  member.joined_seq = fields.position<Seq>("joinedSeq");
  member.username = fields.optional_string("username", limits::kNameBytesMax);
  member.display_name = fields.optional_string("displayName", limits::kNameBytesMax);
  return fields.finish(std::move(member));
}

Result<std::map<UserId, Seq>> read_watermarks(Value& object) {
  std::map<UserId, Seq> marks;
  for (const Child& child : object.children) {
    std::optional<UserId> user = parse_id<UserId>(child.key);
    bool good = user && child.value.kind == Kind::kInteger && child.value.integer >= 0;
    if (!good) return Error{Code::kBadFrame, "receipts hold what is not a user's watermark"};
    marks.emplace(*user, Seq{static_cast<std::uint64_t>(child.value.integer)});
  }
  return marks;
}

// What must hold between a message's fields, whoever wrote it.
void check_message(Fields& fields, const Message& message) {
  if (message.seq.value == 0 || message.rev < message.seq) {
    fields.refuse(Code::kBadFrame, "message.seq or rev is out of range");
  }
  if (message.deleted && (message.content || !message.reactions.empty())) {
    fields.refuse(Code::kBadFrame, "a deleted message has content or reactions");
  }
  if (!message.deleted && !message.content) {
    fields.refuse(Code::kBadFrame, "message.content is missing");
  }
}

}  // namespace

Status check_encrypted(const Value& content) {
  for (std::string_view name : {"alg", "ciphertext"}) {
    const Value* field = find(content, name);
    if (field == nullptr || field->kind != Kind::kString) {
      return Status(Code::kInvalidContent, "encrypted content lacks alg or ciphertext");
    }
  }
  return Status::ok();
}

Result<std::string> read_opaque(const Value& value, std::size_t bytes_max) {
  if (depth_of(value) > limits::kOpaqueDepthMax) {
    return Error{Code::kInvalidContent, "a value nests too deep"};
  }
  std::string text = to_text(value);
  if (text.size() > bytes_max) return Error{Code::kTooLarge, "a value is too long"};
  return text;
}

Result<Content> read_content(Value& value) {
  Fields fields(value, "content");
  const Value* type_field = value.kind == Kind::kObject ? find(value, "type") : nullptr;
  if (!fields.is_ok()) return fields.status().error();
  if (type_field == nullptr || type_field->kind != Kind::kString) {
    return Error{Code::kBadFrame, "content.type is missing"};
  }
  std::optional<ContentType> type = parse_content_type(type_field->text);
  if (!type) return Error{Code::kInvalidContent, "content.type is unknown"};
  if (*type != ContentType::kText) return read_opaque_content(value, *type);
  Content content;
  content.text = fields.text("text");
  if (fields.is_ok()) fields.refuse(validate_text(content.text));
  return fields.finish(std::move(content));
}

Result<Content> read_client_content(Value& value) {
  Result<Content> content = read_content(value);
  if (!content) return content;
  bool sendable = content->type == ContentType::kText || content->type == ContentType::kEncrypted;
  if (!sendable) return Error{Code::kInvalidContent, "content of this type cannot be sent"};
  return content;
}

Result<ForwardedFrom> read_forwarded_from(Value& value) {
  Fields fields(value, "forwardedFrom");
  ForwardedFrom origin;
  origin.message_id = fields.id<MessageId>("messageId");
  origin.chat_id = fields.id<ChatId>("chatId");
  origin.sender_name = fields.string("senderName", limits::kNameBytesMax);
  if (fields.is_ok()) fields.refuse(validate_name(origin.sender_name));
  return fields.finish(std::move(origin));
}

Result<Message> read_message(Value& value) {
  Fields fields(value, "message");
  Message message;
  message.message_id = fields.id<MessageId>("messageId");
  message.chat_id = fields.id<ChatId>("chatId");
  message.seq = fields.position<Seq>("seq");
  message.rev = fields.position<Seq>("rev");
  message.sender_id = fields.id<UserId>("senderId");
  message.temp_id = fields.optional_temp_id();
  message.timestamp = fields.time("timestamp");
  message.content = fields.read_optional(fields.optional_object("content"), read_content);
  message.reply_to = fields.optional_id<MessageId>("replyTo");
  message.forwarded_from =
      fields.read_optional(fields.optional_object("forwardedFrom"), read_forwarded_from);
  message.edited_at = fields.optional_time("editedAt");
  message.deleted = fields.optional_boolean("deleted");
  message.reactions = fields.read(fields.optional_object("reactions"), read_reactions);
  message.pinned = fields.optional_boolean("pinned");
  check_message(fields, message);
  return fields.finish(std::move(message));
}

Result<std::vector<Message>> read_messages(Value& array) {
  std::vector<Message> messages;
  messages.reserve(array.children.size());
  for (Child& child : array.children) {
    Result<Message> message = read_message(child.value);
    if (!message) return message.error();
    messages.push_back(std::move(message).value());
  }
  return messages;
}

Result<ChatInfo> read_chat_info(Value& value) {
  Fields fields(value, "chat");
  ChatInfo info;
  std::string type = fields.text("type");
  if (type == "group") {
    info.type = ChatType::kGroup;
  } else if (type != "direct") {
    fields.refuse(Code::kBadFrame, "chat.type is unknown");
  }
  info.name = fields.optional_string("name", limits::kNameBytesMax);
  info.rev = fields.position<Seq>("rev");
  Value* settings = fields.optional_object("settings");
  if (settings != nullptr && !settings->children.empty()) {
    Result<std::string> text = read_opaque(*settings, limits::kSettingsBytesMax);
    if (text) {
      info.settings = std::move(text).value();
    } else {
      fields.refuse(Status(text.error()));
    }
  }
  return fields.finish(std::move(info));
}

Result<std::vector<Member>> read_members(Value& array) {
  std::vector<Member> members;
  members.reserve(array.children.size());
  for (Child& child : array.children) {
    Result<Member> member = read_member(child.value);
    if (!member) return member.error();
    members.push_back(std::move(member).value());
  }
  return members;
}

Result<Receipts> read_receipts(Value& value) {
  Fields fields(value, "receipts");
  Receipts receipts;
  receipts.delivered = fields.read(fields.optional_object("delivered"), read_watermarks);
  receipts.read = fields.read(fields.optional_object("read"), read_watermarks);
  return fields.finish(std::move(receipts));
}

Result<ChatState> read_chat_state(Value& value) {
  Fields fields(value, "chat");
  ChatState chat;
  chat.chat_id = fields.id<ChatId>("chatId");
  if (fields.is_ok()) chat.info = fields.read(&value, read_chat_info);
  chat.members = fields.read(fields.array("members"), read_members);
  chat.last_message = fields.read_optional(fields.optional_object("lastMessage"), read_message);
  chat.unread = fields.count("unread");
  chat.receipts = fields.read(fields.object("receipts"), read_receipts);
  chat.head = fields.position<Seq>("head");
  chat.created_at = fields.time("createdAt");
  bool foreign = chat.last_message && chat.last_message->chat_id != chat.chat_id;
  if (foreign) fields.refuse(Code::kBadFrame, "chat.lastMessage is of another chat");
  return fields.finish(std::move(chat));
}

Result<Page> read_page(Value& value) {
  Fields fields(value, "page");
  Page page;
  page.messages = fields.read(fields.array("messages"), read_messages);
  page.from = fields.position<Seq>("from");
  page.to = fields.position<Seq>("to");
  page.has_before = fields.optional_boolean("hasBefore");
  page.has_after = fields.optional_boolean("hasAfter");
  page.as_of = fields.position<Seq>("asOf");
  Seq previous;
  for (const Message& message : page.messages) {
    bool in_place = message.seq > previous && message.seq >= page.from && message.seq <= page.to &&
                    message.chat_id == page.messages[0].chat_id;
    if (!in_place) fields.refuse(Code::kBadFrame, "page.messages are out of order or range");
    previous = message.seq;
  }
  return fields.finish(std::move(page));
}

Result<PrivateItem> read_private_item(Value& value) {
  Fields fields(value, "item");
  PrivateItem item;
  item.user_seq = fields.position<UserSeq>("userSeq");
  item.key = fields.string("key", limits::kKeyBytesMax);
  item.chat_id = fields.optional_id<ChatId>("chatId");
  item.message_id = fields.optional_id<MessageId>("messageId");
  const Value* content = fields.any("value");
  if (content == nullptr) return fields.status().error();
  fields.refuse(validate_private_key(item.key, item.chat_id, item.message_id));
  Result<std::string> text = read_opaque(*content, limits::kValueBytesMax);
  if (!text) return text.error();
  item.value = std::move(text).value();
  return fields.finish(std::move(item));
}

}  // namespace godwit::json
