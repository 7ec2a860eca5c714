// Writing the nouns of the wire, in the order of the protocol page.
#include "shared/protocol/type_names.h"
#include "shared/protocol/types_json.h"

namespace godwit::json {

void write_content(Writer& out, const Content& content) {
  if (content.type != ContentType::kText) {
    out.raw(content.body);
    return;
  }
  out.open('{').field("type", "text").field("text", content.text).close('}');
}

void write_forwarded_from(Writer& out, const ForwardedFrom& origin) {
  out.open('{').id("messageId", origin.message_id).id("chatId", origin.chat_id);
  out.field("senderName", origin.sender_name).close('}');
}

namespace {

void write_reactions(Writer& out, const std::vector<Reaction>& reactions) {
  out.open('{');
  for (const Reaction& reaction : reactions) {
    out.text_key(reaction.emoji).open('[');
    for (UserId user : reaction.users) out.id_value(user.value);
    out.close(']');
  }
  out.close('}');
}

void write_member(Writer& out, const Member& member) {
  out.open('{').id("userId", member.user_id).key("role");
  if (member.role) {
    out.string(role_name(*member.role));
  } else {
    out.null();
  }
  out.position("rev", member.rev).position("joinedSeq", member.joined_seq);
  out.optional_field("username", member.username);
  out.optional_field("displayName", member.display_name).close('}');
}

}  // namespace

void write_message_fields(Writer& out, const Message& message) {
  out.id("messageId", message.message_id).id("chatId", message.chat_id);
  out.position("seq", message.seq).position("rev", message.rev);
  out.id("senderId", message.sender_id).optional_field("tempId", message.temp_id);
  out.time("timestamp", message.timestamp);
  if (message.content) write_content(out.key("content"), *message.content);
  out.optional_id("replyTo", message.reply_to);
  if (message.forwarded_from)
    write_forwarded_from(out.key("forwardedFrom"), *message.forwarded_from);
  if (message.edited_at) out.time("editedAt", *message.edited_at);
  out.optional_flag("deleted", message.deleted);
  if (!message.reactions.empty()) write_reactions(out.key("reactions"), message.reactions);
  out.optional_flag("pinned", message.pinned);
}

void write_message(Writer& out, const Message& message) {
  out.open('{');
  write_message_fields(out, message);
  out.close('}');
}

void write_chat_info_fields(Writer& out, const ChatInfo& info) {
  out.field("type", chat_type_name(info.type)).optional_field("name", info.name);
  if (!info.settings.empty()) out.key("settings").raw(info.settings);
  out.position("rev", info.rev);
}

void write_members(Writer& out, const std::vector<Member>& members) {
  out.open('[');
  for (const Member& member : members) write_member(out, member);
  out.close(']');
}

void write_watermarks(Writer& out, const std::map<UserId, Seq>& marks) {
  out.open('{');
  for (const auto& [user, seq] : marks) out.text_key(user.str()).unsigned_integer(seq.value);
  out.close('}');
}

void write_receipts(Writer& out, const Receipts& receipts) {
  out.open('{');
  write_watermarks(out.key("delivered"), receipts.delivered);
  write_watermarks(out.key("read"), receipts.read);
  out.close('}');
}

void write_chat_state(Writer& out, const ChatState& chat) {
  out.open('{').id("chatId", chat.chat_id);
  write_chat_info_fields(out, chat.info);
  write_members(out.key("members"), chat.members);
  if (chat.last_message) write_message(out.key("lastMessage"), *chat.last_message);
  out.number("unread", static_cast<std::int64_t>(chat.unread));
  write_receipts(out.key("receipts"), chat.receipts);
  out.position("head", chat.head).time("createdAt", chat.created_at).close('}');
}

void write_page(Writer& out, const Page& page) {
  out.open('{').key("messages").open('[');
  for (const Message& message : page.messages) write_message(out, message);
  out.close(']').position("from", page.from).position("to", page.to);
  out.flag("hasBefore", page.has_before).flag("hasAfter", page.has_after);
  out.position("asOf", page.as_of).close('}');
}

void write_private_item_fields(Writer& out, const PrivateItem& item) {
  out.position("userSeq", item.user_seq).field("key", item.key);
  out.optional_id("chatId", item.chat_id).optional_id("messageId", item.message_id);
  out.key("value").raw(item.value);
}

}  // namespace godwit::json
