#include "shared/client/conversation_view.h"

#include <algorithm>

#include "shared/base/hash.h"
#include "shared/base/mutation.h"
#include "shared/base/utf8.h"
#include "shared/protocol/codes.h"
#include "shared/protocol/type_names.h"
#include "shared/sync/status.h"
#include "shared/timeline/overlay.h"
#include "shared/timeline/splice.h"

namespace godwit {
namespace {

constexpr std::size_t kQuoteBytesMax = 400;
constexpr std::size_t kArrivalsMax = 200;  // messages by which a window may outgrow what it wants
constexpr std::uint64_t kPendingKey = 1ULL << 63;

bool is_system(const Message& message) {
  return message.content && message.content->type == ContentType::kSystem;
}

std::string text_json(std::string_view text) { return json::Writer().string(text).take(); }
std::string flag_json(bool flag) { return flag ? "true" : "false"; }

std::string typing_json(const ViewSource& source, const ChatReplica& chat) {
  json::Writer out;
  out.open('[');
  for (UserId user_id : source.people.typing(chat.chat_id())) {
    out.open('{').id("userId", user_id).field("name", name_of(chat, user_id)).close('}');
  }
  return out.close(']').take();
}

std::string members_json(const ChatReplica& chat) {
  json::Writer out;
  out.open('[');
  for (const Member& member : chat.present()) {
    out.open('{').id("userId", member.user_id).field("displayName", member.display_name);
    out.field("username", member.username);
    out.field("role", role_name(*member.role)).close('}');
  }
  return out.close(']').take();
}

void write_failure(json::Writer& out, const OutboxEntry& entry) {
  bool damaged = entry.harm != Harm::kNone;
  out.key("failure").open('{');
  out.field("code", damaged ? kDamagedCode : code_name(*entry.failed));
  if (entry.harm == Harm::kPartial) out.flag("final", true);  // it cannot be retried
  out.close('}');
}

// What is queued, as the message that it will be.
Message message_of(const OutboxEntry& entry, UserId self) {
  const auto& op = std::get<SendMessage>(entry.operation);
  Message message;
  message.sender_id = self;
  message.timestamp = entry.created;
  message.content = op.content;
  message.reply_to = op.reply_to;
  return message;
}

}  // namespace

struct ConversationView::Look {
  const ViewSource& source;
  const ChatReplica& chat;
  std::vector<const OutboxEntry*> pending;  // of this chat, in order
  ReachMarks marks;
  Seq last_join;
  Seq own_read;
  std::set<MessageId> hidden;
  std::set<MessageId> starred;
};

void ConversationView::load_older() {
  wanted_ = std::max(wanted_, window_) + limits::kPageMessagesDefault;
}

// The window reaches down to the `wanted_`-th message from the end, as far as history is held
// without a hole: what a reset left behind goes until it is asked for anew. It grows with what
// arrives, and lets go of its oldest once that is a lot: each look walks the window, so an open
// chat must not cost more with every message.
void ConversationView::settle_window(const ViewSource& source, const ChatReplica& chat) {
  Seq end{limits::kPositionMax};
  Seq held_low = shown_low(chat, !source.reachable() || chat.doubtful());
  Seq low = chat.timeline().back_from(end, wanted_, held_low);
  held_low_ = held_low;
  if (!low_ || low < *low_ || *low_ < held_low) low_ = low;
  const auto& messages = chat.timeline().messages();
  auto count_from = [&](Seq from) {
    std::size_t count = 0;
    for (auto it = messages.lower_bound(from); it != messages.end(); ++it) ++count;
    return count;
  };
  window_ = count_from(*low_);
  if (window_ <= wanted_ + kArrivalsMax) return;
  low_ = low;
  window_ = count_from(low);
}

ConversationView::Item ConversationView::confirmed_item(const Look& look,
                                                        const Message& message) const {
  Item item;
  item.confirmed = &message;
  const Segment* segment = look.chat.timeline().segments().find(message.seq);
  item.unchecked = segment != nullptr && !segment->checked;
  item.starred = look.starred.count(message.message_id) != 0;
  for (const OutboxEntry* entry : look.pending) {
    bool own_change = target_of(entry->operation) == message.message_id && !entry->settled &&
                      !std::holds_alternative<SetPrivate>(entry->operation);
    if (own_change) item.overlays.push_back(entry);
    if (own_change && entry->failed) item.status = MessageStatus::kFailed;
  }
  if (item.status == MessageStatus::kFailed) return item;
  if (message.sender_id != look.source.self) {
    item.status = message.seq <= look.own_read ? MessageStatus::kRead : MessageStatus::kDelivered;
  } else if (message.seq <= look.marks.read) {
    item.status = MessageStatus::kRead;
  } else if (message.seq < look.last_join) {
    Reach reach =
        reach_of(message.seq, look.source.self, look.chat.present(), look.chat.watermarks().all());
    item.status = reach == Reach::kRead        ? MessageStatus::kRead
                  : reach == Reach::kDelivered ? MessageStatus::kDelivered
                                               : MessageStatus::kSent;
  } else if (message.seq <= look.marks.delivered) {
    item.status = MessageStatus::kDelivered;
  }
  return item;
}

// What is shown from `from` on.
std::vector<ConversationView::Item> ConversationView::items(const Look& look, Seq from) const {
  std::vector<Item> items;
  const auto& messages = look.chat.timeline().messages();
  for (auto it = messages.lower_bound(from); it != messages.end(); ++it) {
    const Message& message = it->second;
    if (look.hidden.count(message.message_id) != 0) continue;
    items.push_back(confirmed_item(look, message));
  }
  for (const OutboxEntry* entry : look.pending) {
    if (!std::holds_alternative<SendMessage>(entry->operation)) continue;
    bool confirmed = look.chat.timeline().by_temp_id(entry->temp_id()) != nullptr;
    if (confirmed && !mutated(Mutation::kEchoNotMatched)) continue;
    Item item;
    item.pending = entry;
    item.status = pending_status(*entry, !look.source.memory_reason.empty());
    items.push_back(std::move(item));
  }
  return items;
}

ConversationView::Shown ConversationView::shown(const Look& look, const Item& item) const {
  std::uint64_t print = static_cast<std::uint64_t>(item.status);
  auto mix = [&](std::uint64_t value) { print = mix64(print ^ mix64(value)); };
  mix(look.chat.members_version());
  mix((item.unchecked ? 1u : 0u) | (item.starred ? 2u : 0u));
  for (const OutboxEntry* entry : item.overlays) mix(entry->order * 2 + (entry->failed ? 1 : 0));
  MessageId quoted;
  std::uint64_t key = 0;
  if (item.pending != nullptr) {
    key = kPendingKey | item.pending->order;
    quoted = std::get<SendMessage>(item.pending->operation).reply_to;
  } else {
    key = item.confirmed->seq.value;
    mix(item.confirmed->rev.value);
    mix(fnv1a64(item.confirmed->temp_id));
    quoted = item.confirmed->reply_to;
  }
  if (quoted) {
    const Message* quote = look.chat.timeline().by_id(quoted);
    mix(quote == nullptr ? 0 : quote->rev.value);
  }
  return Shown{key, print};
}

void ConversationView::write_message(json::Writer& out, const Look& look,
                                     const Message& message) const {
  UserId self = look.source.self;
  out.id("senderId", message.sender_id);
  out.field("senderName", message.sender_id == self ? look.source.self_name
                                                    : name_of(look.chat, message.sender_id));
  out.flag("own", message.sender_id == self);
  out.number("time", message.timestamp.unix_ms);
  if (message.content && message.content->type == ContentType::kText) {
    out.field("text", message.content->text);
  }
  if (is_system(message)) out.key("system").raw(message.content->body);
  if (message.edited_at) out.number("editedAt", message.edited_at->unix_ms);
  out.optional_flag("deleted", message.deleted).optional_flag("pinned", message.pinned);
  if (message.reply_to) {
    const Message* quote = look.chat.timeline().by_id(message.reply_to);
    bool text = quote != nullptr && quote->content && quote->content->type == ContentType::kText;
    out.key("replyTo").open('{').id("messageId", message.reply_to);
    out.field("senderName",
              quote == nullptr ? std::string_view() : name_of(look.chat, quote->sender_id));
    out.field("text",
              text ? utf8_prefix(quote->content->text, kQuoteBytesMax) : std::string_view());
    out.close('}');
  }
  if (message.reactions.empty()) return;
  out.key("reactions").open('[');
  for (const Reaction& reaction : message.reactions) {
    bool own =
        std::find(reaction.users.begin(), reaction.users.end(), self) != reaction.users.end();
    out.open('{').field("emoji", reaction.emoji).key("userIds").open('[');
    for (UserId user_id : reaction.users) out.id_value(user_id.value);
    out.close(']').flag("own", own).close('}');
  }
  out.close(']');
}

void ConversationView::write_item(json::Writer& out, const Look& look, const Item& item) const {
  std::optional<Message> changed;  // a copy only where something lies over what is held
  const OutboxEntry* failed = nullptr;
  if (item.pending != nullptr) {
    changed = message_of(*item.pending, look.source.self);
    if (item.pending->failed) failed = item.pending;
  }
  for (const OutboxEntry* entry : item.overlays) {
    if (entry->failed) {
      failed = entry;
      continue;
    }
    if (!changed) changed = *item.confirmed;
    lay_over(*changed, entry->operation, look.source.self, entry->created);
  }
  const Message& message = changed ? *changed : *item.confirmed;
  std::string message_id = message.message_id.str();
  std::string_view local_id = item.pending != nullptr ? item.pending->temp_id() : message.temp_id;
  out.open('{').field("localId", local_id.empty() ? message_id : local_id);
  if (item.pending == nullptr) {
    out.field("messageId", message_id).position("seq", message.seq);
  }
  write_message(out, look, message);
  out.field("status", status_name(item.status));
  if (failed != nullptr) write_failure(out, *failed);
  out.optional_flag("starred", item.starred).optional_flag("unchecked", item.unchecked).close('}');
}

// `items` are all that are shown, or what was added to them since.
void ConversationView::set_unread(const Look& look, const std::vector<Item>& items) {
  Seq after = look.chat.unread_after();
  for (const Item& item : items) {
    if (first_unread_) break;
    if (item.confirmed == nullptr) continue;
    bool counts = counts_as_unread(*item.confirmed, look.source.self, after, false);
    if (counts) first_unread_ = item.confirmed->message_id;
  }
  fields_.set("unread", std::to_string(look.chat.unread(look.hidden)));
  fields_.set("firstUnreadId", first_unread_ ? text_json(first_unread_.str()) : std::string());
}

// What follows from the chat's settings and its members alone.
void ConversationView::set_about(const ChatReplica& chat) {
  fields_.set("chatId", text_json(chat_id_.str()));
  fields_.set("type", text_json(chat.info().type == ChatType::kDirect ? "direct" : "group"));
  fields_.set("title", text_json(title_of(chat)));
  fields_.set("peerId", chat.peer() ? text_json(chat.peer().str()) : std::string());
  fields_.set("members", members_json(chat));
  info_rev_ = chat.info().rev;
  members_version_ = chat.members_version();
}

void ConversationView::set_fields(const Look& look, const std::vector<Item>& items) {
  const ChatReplica& chat = look.chat;
  if (first_ || info_rev_ != chat.info().rev || members_version_ != chat.members_version()) {
    set_about(chat);
  }
  Seq held_low = shown_low(chat, !look.source.reachable());
  fields_.set("hasOlder", flag_json(*low_ > held_low || has_before(chat, held_low)));
  fields_.set("loadingOlder", flag_json(look.source.history.loading(chat_id_)));
  first_unread_ = MessageId{};
  set_unread(look, items);
  std::string_view draft = setting(look.source, "draft", chat_id_, MessageId{}, look.pending);
  fields_.set("draft", !draft.empty() && draft[0] == '"' ? std::string(draft) : "\"\"");
  fields_.set("canSend", flag_json(chat.is_member()));
  fields_.set("typing", typing_json(look.source, chat));
  auto seen = chat.peer() ? look.source.people.presence(chat.peer()) : std::nullopt;
  fields_.set("presence", seen ? presence_json(*seen) : std::string());
}

ConversationView::Look ConversationView::look_at(const ViewSource& source,
                                                 const ChatReplica& chat) const {
  Seq last_join;
  for (const Member& member : chat.present()) last_join = std::max(last_join, member.joined_seq);
  auto pending = source.state.outbox.of_chat(chat_id_);
  return Look{source,
              chat,
              pending,
              reach_marks(source.self, chat.present(), chat.watermarks().all()),
              last_join,
              chat.watermarks().read(source.self),
              marked_messages(source, "hidden", chat_id_, pending),
              marked_messages(source, "star", chat_id_, pending)};
}

// Forgotten: an empty view, and a fresh one if it comes back.
std::optional<std::string> ConversationView::forget() {
  if (first_) return std::nullopt;
  first_ = true;
  shown_.clear();
  fields_ = ShownFields();
  low_.reset();
  return std::string("{\"reset\":true}");
}

// Whether all that is shown stays as it is when messages arrive after it.
bool ConversationView::stands(const ViewSource& source, const ChatReplica& chat) const {
  bool ends_in_a_message = !shown_.empty() && shown_.back().key < kPendingKey;
  return !first_ && ends_in_a_message && window_ < wanted_ + kArrivalsMax &&
         source.state.outbox.of_chat(chat_id_).empty() &&
         shown_low(chat, !source.reachable() || chat.doubtful()) == held_low_;
}

std::optional<std::string> ConversationView::diff(const ViewSource& source, News news) {
  const ChatReplica* chat = source.state.find_chat(chat_id_);
  if (chat == nullptr) return forget();
  const bool append = news == News::kArrival && stands(source, *chat);
  if (!append) settle_window(source, *chat);
  Look look = look_at(source, *chat);
  // What is shown before this place stands.
  const std::size_t begin = append ? shown_.size() : 0;
  std::vector<Item> now = items(look, append ? Seq{shown_.back().key}.next() : *low_);
  std::vector<Shown> prints;
  prints.reserve(now.size());
  for (const Item& item : now) prints.push_back(shown(look, item));
  if (append) {
    window_ += now.size();
    set_unread(look, now);
  } else {
    set_fields(look, now);
  }
  json::Writer out(512);
  out.open('{');
  if (first_) out.flag("reset", true);
  bool changed = fields_.write_changed(out) || first_;
  first_ = false;
  Splice splice = append ? Splice{begin, 0, now.size()} : splice_between(shown_, prints);
  if (!splice.empty()) {
    out.key("splice").open('[').unsigned_integer(splice.at).unsigned_integer(splice.removed);
    const Item* inserted = now.data() + (splice.at - begin);
    out.open('[');
    for (std::size_t i = 0; i < splice.inserted; ++i) write_item(out, look, inserted[i]);
    out.close(']').close(']');
  }
  shown_.resize(begin);
  shown_.insert(shown_.end(), prints.begin(), prints.end());
  if (!changed && splice.empty()) return std::nullopt;
  return out.close('}').take();
}

}  // namespace godwit
