#include "server/app/chat_views.h"

#include <algorithm>
#include <iterator>

namespace godwit::server {
namespace {

bool is_system_line(const Message& message) {
  return message.content && message.content->type == ContentType::kSystem;
}

}  // namespace

std::optional<MemberRow> ChatViews::place(ChatId chat_id) {
  auto member = reads_.member(chat_id, viewer_);
  if (!member || !member->role) return std::nullopt;
  return member;
}

Member ChatViews::named(const MemberRow& row) {
  auto names = names_.find(row.user_id);
  if (names == names_.end()) {
    std::pair<std::string, std::string> both;
    if (auto user = reads_.user(row.user_id)) both = {user->username, user->display_name};
    names = names_.emplace(row.user_id, std::move(both)).first;
  }
  return Member{row.user_id,         row.role, row.rev, row.joined_seq, names->second.first,
                names->second.second};
}

Message ChatViews::stripped(Message message) const {
  if (!shows_temp_id_of(message.sender_id)) message.temp_id.clear();
  return message;
}

std::vector<Message> ChatViews::stripped(std::vector<Message> messages) const {
  for (Message& message : messages) {
    if (!shows_temp_id_of(message.sender_id)) message.temp_id.clear();
  }
  return messages;
}

ChatState ChatViews::state(const ChatRow& chat, const MemberRow& place) {
  ChatState state;
  state.chat_id = chat.chat_id;
  state.info = chat.info;
  for (const MemberRow& row : reads_.members(chat.chat_id)) state.members.push_back(named(row));
  auto last = reads_.messages(chat.chat_id, Seq{1}, chat.head, 1, true);
  if (!last.empty()) state.last_message = stripped(std::move(last.front()));
  // What was said before one joined is not unread.
  const Seq read = std::max(reads_.mark(chat.chat_id, viewer_).read, place.joined_seq);
  state.unread = reads_.unread(chat.chat_id, viewer_, read, kUnreadMax);
  state.receipts = reads_.receipts(chat.chat_id);
  state.head = chat.head;
  state.created_at = chat.created_at;
  return state;
}

ChatEvent ChatViews::chat_event(const ChatRow& chat, const EventRow& row, Message message) {
  ChatEvent event;
  event.kind = row.kind;
  event.chat_id = chat.chat_id;
  event.seq = row.seq;
  event.actor_id = row.actor_id;
  event.timestamp = row.timestamp;
  if (shows_temp_id_of(row.actor_id)) event.temp_id = row.temp_id;
  event.message = stripped(std::move(message));
  if (row.kind != EventKind::kChat) return event;
  event.info = chat.info;
  for (UserId user_id : row.members) {
    if (auto member = reads_.member(chat.chat_id, user_id)) event.members.push_back(named(*member));
  }
  return event;
}

std::vector<ChatEvent> ChatViews::events(const ChatRow& chat, Seq from, Seq to) {
  std::vector<ChatEvent> events;
  if (from > to) return events;
  const std::size_t limit = static_cast<std::size_t>(to.value - from.value) + 1;
  auto messages = reads_.messages(chat.chat_id, from, to, limit, false);
  for (const EventRow& row : reads_.events(chat.chat_id, from, to)) {
    auto known =
        std::lower_bound(messages.begin(), messages.end(), row.message_seq,
                         [](const Message& message, Seq seq) { return message.seq < seq; });
    const bool here = known != messages.end() && known->seq == row.message_seq;
    auto message =
        here ? std::optional<Message>(*known) : reads_.message_at(chat.chat_id, row.message_seq);
    if (message) events.push_back(chat_event(chat, row, std::move(*message)));
  }
  for (Message& message : messages) {
    if (is_system_line(message)) continue;  // its chat event brings it
    EventRow row{EventKind::kMessage, message.seq,     message.seq, message.sender_id,
                 message.timestamp,   message.temp_id, {}};
    events.push_back(chat_event(chat, row, std::move(message)));
  }
  std::sort(events.begin(), events.end(),
            [](const ChatEvent& a, const ChatEvent& b) { return a.seq < b.seq; });
  return events;
}

// One more than asked for tells whether there is more.
Page ChatViews::page_up_to(const ChatRow& chat, Seq to, std::size_t limit) {
  Page page;
  page.to = std::min(to, chat.head);
  page.from = Seq{1};
  page.as_of = chat.head;
  auto messages = reads_.messages(chat.chat_id, Seq{1}, page.to, limit + 1, true);
  page.has_before = messages.size() > limit;
  if (page.has_before) {
    messages.erase(messages.begin());
    page.from = messages.front().seq;
  }
  page.has_after = reads_.any_message(chat.chat_id, page.to.next(), chat.head);
  page.messages = stripped(std::move(messages));
  return page;
}

Page ChatViews::page_from(const ChatRow& chat, Seq from, std::size_t limit) {
  Page page;
  page.from = std::min(from, chat.head.next());
  page.to = chat.head;
  page.as_of = chat.head;
  auto messages = reads_.messages(chat.chat_id, page.from, chat.head, limit + 1, false);
  page.has_after = messages.size() > limit;
  if (page.has_after) {
    messages.pop_back();
    page.to = messages.back().seq;
  }
  page.has_before = reads_.any_message(chat.chat_id, Seq{1}, page.from.prev());
  page.messages = stripped(std::move(messages));
  return page;
}

Page ChatViews::page_around(const ChatRow& chat, Seq middle, std::size_t limit) {
  const std::size_t older = limit / 2;
  Page newer = page_from(chat, middle, limit - older);
  if (older == 0 || middle <= Seq{1}) return newer;
  Page page = page_up_to(chat, middle.prev(), older);
  page.to = newer.to;
  page.has_after = newer.has_after;
  page.messages.insert(page.messages.end(), std::make_move_iterator(newer.messages.begin()),
                       std::make_move_iterator(newer.messages.end()));
  return page;
}

}  // namespace godwit::server
