#include "shared/client/chat_row.h"

#include <algorithm>

#include "shared/base/utf8.h"
#include "shared/protocol/json_writer.h"
#include "shared/sync/status.h"
#include "shared/timeline/overlay.h"

namespace godwit {
namespace {

using Pending = std::vector<const OutboxEntry*>;

constexpr std::size_t kPreviewBytesMax = 400;

const OutboxEntry* last_pending_send(const Pending& pending, const ChatReplica& chat) {
  for (auto it = pending.rbegin(); it != pending.rend(); ++it) {
    bool send = std::holds_alternative<SendMessage>((*it)->operation);
    if (send && chat.timeline().by_temp_id((*it)->temp_id()) == nullptr) return *it;
  }
  return nullptr;
}

MessageStatus status_in_list(const ViewSource& source, const ChatReplica& chat,
                             const Message& message) {
  if (message.sender_id != source.self) {
    return message.seq <= chat.watermarks().read(source.self) ? MessageStatus::kRead
                                                              : MessageStatus::kDelivered;
  }
  switch (reach_of(message.seq, source.self, chat.present(), chat.watermarks().all())) {
    case Reach::kRead:
      return MessageStatus::kRead;
    case Reach::kDelivered:
      return MessageStatus::kDelivered;
    case Reach::kSent:
      return MessageStatus::kSent;
  }
  return MessageStatus::kSent;
}

void write_preview(json::Writer& out, const ViewSource& source, const ChatReplica& chat,
                   const Message& message, MessageStatus status) {
  bool text = message.content && message.content->type == ContentType::kText;
  out.key("preview").open('{');
  out.field("text",
            text ? utf8_prefix(message.content->text, kPreviewBytesMax) : std::string_view());
  out.flag("own", message.sender_id == source.self);
  out.field("senderName", name_of(chat, message.sender_id));
  out.field("status", status_name(status));
  if (message.content && message.content->type == ContentType::kSystem) {
    out.key("system").raw(message.content->body);
  }
  out.optional_flag("deleted", message.deleted).close('}');
}

void write_preview(json::Writer& out, const ViewSource& source, const ChatReplica& chat,
                   const OutboxEntry* pending_send, const Pending& pending) {
  if (pending_send != nullptr) {
    Message message;
    message.sender_id = source.self;
    message.content = std::get<SendMessage>(pending_send->operation).content;
    write_preview(out, source, chat, message,
                  pending_status(*pending_send, !source.memory_reason.empty()));
    return;
  }
  const Message* last = chat.last_message();
  if (last == nullptr) {
    out.key("preview").null();
  } else if (pending.empty()) {
    write_preview(out, source, chat, *last, status_in_list(source, chat, *last));
  } else {
    Message message = *last;
    for (const OutboxEntry* entry : pending) {
      if (entry->waiting()) lay_over(message, entry->operation, source.self, entry->created);
    }
    write_preview(out, source, chat, message, status_in_list(source, chat, message));
  }
}

std::string latest_part(ChatRow& row, const ViewSource& source, const ChatReplica& chat,
                        const Pending& pending) {
  const OutboxEntry* pending_send = last_pending_send(pending, chat);
  row.activity_ms = chat.last_activity().unix_ms;
  if (pending_send != nullptr) {
    row.activity_ms = std::max(row.activity_ms, pending_send->created.unix_ms);
  }
  row.unread = chat.unread(marked_messages(source, "hidden", chat.chat_id(), pending));
  json::Writer out(256);
  write_preview(out, source, chat, pending_send, pending);
  out.number("time", row.activity_ms);
  out.key("unread").unsigned_integer(row.unread);
  return out.take();
}

std::string about_part(ChatRow& row, const ViewSource& source, const ChatReplica& chat,
                       const Pending& pending) {
  auto value = [&](std::string_view key) {
    return setting(source, key, chat.chat_id(), MessageId{}, pending);
  };
  bool muted = is_on(value("mute"));
  bool archived = is_on(value("archived"));
  row.pinned = is_on(value("pinnedChat"));
  row.counts = !muted && !archived;
  json::Writer out(256);
  out.id("chatId", chat.chat_id());
  out.field("type", chat.info().type == ChatType::kDirect ? "direct" : "group");
  out.field("title", title_of(chat)).key("peerId");
  if (chat.peer()) {
    out.id_value(chat.peer().value);
  } else {
    out.null();
  }
  out.key("memberCount").unsigned_integer(chat.present().size());
  out.flag("pinned", row.pinned).flag("muted", muted).flag("archived", archived);
  std::string_view draft = value("draft");
  out.key("draft").raw(is_on(draft) && draft[0] == '"' ? draft : "null");
  return out.take();
}

// Who is writing, and whether the other is there.
std::string people_part(const ViewSource& source, const ChatReplica& chat) {
  json::Writer out;
  out.key("typing").open('[');
  for (UserId user_id : source.people.typing(chat.chat_id())) {
    out.string(name_of(chat, user_id));
  }
  out.close(']');
  auto seen = chat.peer() ? source.people.presence(chat.peer()) : std::nullopt;
  out.key("presence").raw(seen ? presence_json(*seen) : "null");
  return out.take();
}

}  // namespace

void look_anew(ChatRow& row, const ViewSource& source, const ChatReplica& chat) {
  Pending pending = source.state.outbox.of_chat(chat.chat_id());
  row.about = about_part(row, source, chat, pending);
  row.people = people_part(source, chat);
  row.latest = latest_part(row, source, chat, pending);
}

void look_at_latest(ChatRow& row, const ViewSource& source, const ChatReplica& chat) {
  row.latest = latest_part(row, source, chat, source.state.outbox.of_chat(chat.chat_id()));
}

}  // namespace godwit
