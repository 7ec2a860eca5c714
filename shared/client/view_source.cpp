#include "shared/client/view_source.h"

#include "shared/protocol/json_writer.h"
#include "shared/protocol/type_names.h"

namespace godwit {

std::string_view status_name(MessageStatus status) {
  switch (status) {
    case MessageStatus::kSaving:
      return "saving";
    case MessageStatus::kQueued:
      return "queued";
    case MessageStatus::kSending:
      return "sending";
    case MessageStatus::kSent:
      return "sent";
    case MessageStatus::kDelivered:
      return "delivered";
    case MessageStatus::kRead:
      return "read";
    case MessageStatus::kFailed:
      return "failed";
    case MessageStatus::kUnsaved:
      return "unsaved";
  }
  return "sending";
}

MessageStatus pending_status(const OutboxEntry& entry, bool in_memory) {
  if (entry.failed) return MessageStatus::kFailed;
  if (entry.settled) return MessageStatus::kSent;
  if (entry.durable) return MessageStatus::kQueued;
  if (in_memory || entry.in_flight) return MessageStatus::kSending;
  return entry.storage_failed ? MessageStatus::kUnsaved : MessageStatus::kSaving;
}

std::string_view setting(const ViewSource& source, std::string_view key, ChatId chat_id,
                         MessageId message_id, const std::vector<const OutboxEntry*>& pending) {
  for (auto it = pending.rbegin(); it != pending.rend(); ++it) {
    const auto* op = std::get_if<SetPrivate>(&(*it)->operation);
    bool same = op != nullptr && !(*it)->failed && op->key == key && op->message_id == message_id;
    if (same) return op->value == "null" ? std::string_view() : std::string_view(op->value);
  }
  const std::string* value =
      source.state.private_items.value(std::string(key), chat_id, message_id);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

std::set<MessageId> marked_messages(const ViewSource& source, const std::string& key,
                                    ChatId chat_id,
                                    const std::vector<const OutboxEntry*>& pending) {
  std::set<MessageId> marked;
  if (pending.empty() && source.state.private_items.all().empty()) return marked;
  const auto& items = source.state.private_items.all();
  for (auto it = items.lower_bound({key, chat_id, MessageId{}}); it != items.end(); ++it) {
    const PrivateItem& item = it->second;
    if (item.key != key || item.chat_id != chat_id) break;
    if (is_on(item.value)) marked.insert(item.message_id);
  }
  for (const OutboxEntry* entry : pending) {
    const auto* op = std::get_if<SetPrivate>(&entry->operation);
    if (op == nullptr || entry->failed || op->key != key) continue;
    if (is_on(op->value)) {
      marked.insert(op->message_id);
    } else {
      marked.erase(op->message_id);
    }
  }
  return marked;
}

bool is_on(std::string_view value) {
  return !value.empty() && value != "null" && value != "false" && value != "\"\"";
}

std::string_view name_of(const ChatReplica& chat, UserId user_id) {
  auto it = chat.members().find(user_id);
  if (it == chat.members().end()) return {};
  return it->second.display_name.empty() ? it->second.username : it->second.display_name;
}

std::string_view title_of(const ChatReplica& chat) {
  return chat.info().type == ChatType::kDirect ? name_of(chat, chat.peer())
                                               : std::string_view(chat.info().name);
}

std::string presence_json(const People::Seen& seen) {
  json::Writer out;
  out.open('{').field("status", presence_name(seen.status));
  if (seen.last_seen) out.number("lastSeen", seen.last_seen->unix_ms);
  return out.close('}').take();
}

}  // namespace godwit
