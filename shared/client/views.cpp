#include "shared/client/views.h"

#include <algorithm>

#include "shared/base/utf8.h"
#include "shared/sync/status.h"
#include "shared/timeline/overlay.h"
#include "shared/timeline/splice.h"

namespace godwit {
namespace {

constexpr std::size_t kPreviewBytesMax = 400;

const OutboxEntry* last_pending_send(const std::vector<const OutboxEntry*>& pending,
                                     const ChatReplica& chat) {
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
                   const OutboxEntry* pending_send,
                   const std::vector<const OutboxEntry*>& pending) {
  Message message;
  MessageStatus status = MessageStatus::kSending;
  if (pending_send != nullptr) {
    message.sender_id = source.self;
    message.content = std::get<SendMessage>(pending_send->operation).content;
    status = pending_status(*pending_send, !source.memory_reason.empty());
  } else if (const Message* last = chat.last_message()) {
    message = *last;
    for (const OutboxEntry* entry : pending) {
      if (entry->waiting()) lay_over(message, entry->operation, source.self, entry->created);
    }
    status = status_in_list(source, chat, message);
  } else {
    return;
  }
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

// What stands whatever is said in it.
void write_chat(json::Writer& out, const ChatReplica& chat) {
  out.id("chatId", chat.chat_id());
  out.field("type", chat.info().type == ChatType::kDirect ? "direct" : "group");
  out.field("title", title_of(chat));
  if (chat.peer()) out.id("peerId", chat.peer());
  out.key("memberCount").unsigned_integer(chat.present().size());
}

// Who is writing, and whether the other is there.
void write_live(json::Writer& out, const ViewSource& source, const ChatReplica& chat) {
  out.key("typing").open('[');
  for (UserId user_id : source.people.typing(chat.chat_id())) {
    out.string(name_of(chat, user_id));
  }
  out.close(']');
  if (auto seen = chat.peer() ? source.people.presence(chat.peer()) : std::nullopt) {
    out.key("presence").raw(presence_json(*seen));
  }
}

// Remains of a damaged entry do not make a chat that nobody knows.
bool waits(const std::vector<const OutboxEntry*>& entries) {
  return std::any_of(entries.begin(), entries.end(),
                     [](const OutboxEntry* entry) { return entry->harm != Harm::kPartial; });
}

// Remains of damaged entries that no conversation can show.
std::string damaged_json(const ClientState& state) {
  json::Writer out;
  out.open('[');
  for (const OutboxEntry* entry : state.outbox.all()) {
    const ChatReplica* chat = state.find_chat(chat_of(entry->operation));
    if (entry->harm != Harm::kPartial || (chat != nullptr && chat->known())) continue;
    out.open('{').field("localId", entry->temp_id());
    if (entry->created.unix_ms != 0) out.number("time", entry->created.unix_ms);
    const std::string& text = std::get<SendMessage>(entry->operation).content.text;
    if (!text.empty()) out.field("text", text);
    out.close('}');
  }
  return out.close(']').take();
}

std::string connection_json(const ViewSource& source) {
  json::Writer out;
  Link::State state = source.link.state();
  bool connecting = state == Link::State::kConnecting || state == Link::State::kHandshaking;
  std::string_view name = source.online()         ? "online"
                          : source.link.polling() ? "polling"
                          : connecting            ? "connecting"
                          : state == Link::State::kWaiting && source.link.network_up() &&
                                  source.link.retry_at() <= source.now
                              ? "connecting"
                              : "offline";
  out.open('{').field("state", name).flag("synced", source.sync.synced());
  if (auto retry_at = source.link.retry_at(); retry_at && name == "offline") {
    // To the second, so that two readings of two clocks do not look like news.
    out.number("retryAt", (source.wall.unix_ms + retry_at->ms - source.now.ms) / 1000 * 1000);
  }
  return out.close('}').take();
}

}  // namespace

void Views::open(const OpenView& request) {
  close(request.view);
  fresh_.insert(request.view);
  switch (request.kind) {
    case OpenView::Kind::kApp:
      apps_.emplace(request.view, App{});
      break;
    case OpenView::Kind::kChats:
      lists_.emplace(request.view, List{});
      break;
    case OpenView::Kind::kConversation:
      conversations_.emplace(request.view, ConversationView(request.chat_id));
      break;
  }
}

void Views::close(std::uint32_t view) {
  apps_.erase(view);
  lists_.erase(view);
  conversations_.erase(view);
  fresh_.erase(view);
}

bool Views::load_older(std::uint32_t view) {
  auto it = conversations_.find(view);
  if (it == conversations_.end()) return false;
  it->second.load_older();
  fresh_.insert(view);
  return true;
}

void Views::touch_all(const ClientState& state) {
  for (const auto& [chat_id, chat] : state.chats) touched_.insert(chat_id);
  for (const auto& [chat_id, row] : rows_) touched_.insert(chat_id);
  for (const auto& [view, conversation] : conversations_) fresh_.insert(view);
}

Views::Row Views::make_row(const ViewSource& source, const ChatReplica& chat) {
  Row row;
  ChatId chat_id = chat.chat_id();
  std::vector<const OutboxEntry*> pending = source.state.outbox.of_chat(chat_id);
  const OutboxEntry* pending_send = last_pending_send(pending, chat);
  auto value = [&](std::string_view key) {
    return setting(source, key, chat_id, MessageId{}, pending);
  };
  row.pinned = is_on(value("pinnedChat"));
  row.activity_ms = chat.last_activity().unix_ms;
  if (pending_send != nullptr) {
    row.activity_ms = std::max(row.activity_ms, pending_send->created.unix_ms);
  }
  bool muted = is_on(value("mute"));
  bool archived = is_on(value("archived"));
  row.counts = !muted && !archived;
  std::set<MessageId> hidden = marked_messages(source, "hidden", chat_id, pending);
  row.unread = chat.unread(hidden);
  json::Writer out;
  out.open('{');
  write_chat(out, chat);
  write_preview(out, source, chat, pending_send, pending);
  std::string_view draft = value("draft");
  if (is_on(draft) && draft[0] == '"') out.key("draft").raw(draft);
  out.number("time", row.activity_ms);
  out.key("unread").unsigned_integer(row.unread);
  out.flag("pinned", row.pinned).flag("muted", muted).flag("archived", archived);
  write_live(out, source, chat);
  row.json = std::make_shared<const std::string>(out.close('}').take());
  return row;
}

void Views::refresh_rows(const ViewSource& source) {
  for (ChatId chat_id : touched_) {
    const ChatReplica* chat = source.state.find_chat(chat_id);
    bool shown = chat != nullptr && (chat->known() || waits(source.state.outbox.of_chat(chat_id)));
    if (shown) {
      Row& held = rows_[chat_id];
      Row row = make_row(source, *chat);
      if (held.json && *held.json == *row.json) row.json = held.json;
      held = std::move(row);
    } else {
      rows_.erase(chat_id);
    }
  }
}

std::vector<Views::RowText> Views::ordered_rows() const {
  std::vector<std::pair<ChatId, const Row*>> rows;
  for (const auto& [chat_id, row] : rows_) rows.emplace_back(chat_id, &row);
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    if (a.second->pinned != b.second->pinned) return a.second->pinned;
    if (a.second->activity_ms != b.second->activity_ms) {
      return a.second->activity_ms > b.second->activity_ms;
    }
    return a.first > b.first;
  });
  std::vector<RowText> json;
  json.reserve(rows.size());
  for (const auto& [chat_id, row] : rows) json.push_back(row->json);
  return json;
}

void Views::set_app_fields(App& app, const ViewSource& source) const {
  std::size_t unsent = 0;
  std::size_t failed = 0;
  for (const OutboxEntry* entry : source.state.outbox.all()) {
    if (entry->failed) {
      failed += entry->harm == Harm::kPartial ? 0 : 1;
    } else if (!entry->settled && !std::holds_alternative<SetPrivate>(entry->operation)) {
      ++unsent;
    }
  }
  std::uint64_t total_unread = 0;
  for (const auto& [chat_id, row] : rows_) total_unread += row.counts ? row.unread : 0;
  app.fields.set("connection", connection_json(source));
  app.fields.set("unsent", std::to_string(unsent));
  app.fields.set("failed", std::to_string(failed));
  app.fields.set("damaged", damaged_json(source.state));
  app.fields.set("totalUnread", std::to_string(total_unread));
  bool ended = source.link.state() == Link::State::kEnded;
  app.fields.set("sessionEnded", ended ? "true" : "false");
  json::Writer storage;
  storage.open('{');
  storage.field("state", !source.memory_reason.empty() ? "memory"
                         : source.storage_loaded       ? "durable"
                                                       : "loading");
  storage.optional_field("reason", source.memory_reason);
  app.fields.set("storage", storage.close('}').take());
}

std::vector<ViewDiff> Views::collect(const ViewSource& source) {
  std::vector<ViewDiff> diffs;
  refresh_rows(source);
  for (auto& [view, app] : apps_) {
    set_app_fields(app, source);
    json::Writer out;
    out.open('{');
    if (app.first) out.flag("reset", true);
    bool changed = app.fields.write_changed(out);
    app.first = false;
    if (changed) diffs.push_back(ViewDiff{view, out.close('}').take()});
  }
  for (auto& [view, list] : lists_) {
    if (!list.first && touched_.empty()) continue;
    std::vector<RowText> rows = ordered_rows();
    Splice splice = splice_between(list.shown, rows);
    if (!list.first && splice.empty()) continue;
    json::Writer out;
    out.open('{');
    if (list.first) out.flag("reset", true).key("fields").raw("{\"loaded\":true}");
    out.key("splice").open('[').unsigned_integer(splice.at).unsigned_integer(splice.removed);
    out.open('[');
    for (std::size_t i = 0; i < splice.inserted; ++i) out.raw(*rows[splice.at + i]);
    out.close(']').close(']').close('}');
    diffs.push_back(ViewDiff{view, out.take()});
    list.first = false;
    list.shown = std::move(rows);
  }
  for (auto& [view, conversation] : conversations_) {
    bool look = fresh_.count(view) != 0 || touched_.count(conversation.chat_id()) != 0;
    if (!look) continue;
    if (auto json = conversation.diff(source)) diffs.push_back(ViewDiff{view, std::move(*json)});
  }
  touched_.clear();
  fresh_.clear();
  return diffs;
}

}  // namespace godwit
