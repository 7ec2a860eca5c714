#include "tests/properties/history.h"

#include <iterator>

#include "shared/base/check.h"

namespace godwit::properties {
namespace {

// tempIds are shown to their owner alone; the stored message keeps its own.
void show_to_self(ChatEvent& event, const Message* target) {
  if (event.actor_id != kSelf) event.temp_id.clear();
  Message& message = event.message;
  if (target != nullptr) message.temp_id = target->temp_id;
  if (message.sender_id != kSelf) message.temp_id.clear();
}

}  // namespace

History::History(const std::vector<std::uint16_t>& steps) {
  Known known;
  known.actor = kSelf;
  known.now = Timestamp{1'000};
  known.people = {KnownPerson{UserId{2}, true, false}, KnownPerson{UserId{3}, true, false}};
  known.new_message_id = MessageId{1'001};
  known.new_chat_id = kChat;
  Decision decision =
      decide(known, CreateChat{"create", ChatType::kGroup, "Group", {UserId{2}, UserId{3}}});
  GODWIT_CHECK(std::holds_alternative<Accept>(decision));
  const auto& event = std::get<ChatEvent>(std::get<Accept>(decision).change);
  Standing first;
  first.known.chat_id = kChat;
  first.known = apply_event(first.known, event);
  for (const Member& member : event.members) first.members[member.user_id] = member;
  first.messages[event.seq] = event.message;
  events_.push_back(event);
  standings_.push_back(std::move(first));
  for (std::uint16_t step : steps) take(step);
}

// step := actor (3), what (12), which message (the rest)
void History::take(std::uint16_t step) {
  const UserId actor{1 + step % 3u};
  const unsigned what = step / 3u % 12u;
  const auto& messages = now().messages;
  const std::size_t back = step / 36u % messages.size();
  const Message& target = std::next(messages.rbegin(), static_cast<std::ptrdiff_t>(back))->second;
  const std::string temp_id = "t" + std::to_string(events_.size());
  const Content text{ContentType::kText, "text " + temp_id, {}};
  const UserId other{2 + step / 36u % 3u};
  switch (what) {
    case 0:
    case 1:
    case 2:
    case 3:
      return void(accept(actor, SendMessage{temp_id, kChat, text, {}, {}}, nullptr));
    case 4:
      return void(
          accept(target.sender_id, EditMessage{temp_id, kChat, target.message_id, text}, &target));
    case 5:
      return void(
          accept(target.sender_id, DeleteMessage{temp_id, kChat, target.message_id}, &target));
    case 6:
      return void(
          accept(actor, React{temp_id, kChat, target.message_id, "a", step % 2 == 0}, &target));
    case 7:
      return void(accept(actor, Pin{temp_id, kChat, target.message_id, !target.pinned}, &target));
    case 8:
      return void(accept(kSelf, RemoveMember{temp_id, kChat, other}, nullptr));
    case 9:
      return void(accept(kSelf, AddMember{temp_id, kChat, other, Role::kMember}, nullptr));
    case 10:
      return void(accept(kSelf, ChangeChat{temp_id, kChat, "Name " + temp_id, {}}, nullptr));
    default:
      return mark(actor, target.seq);
  }
}

bool History::accept(UserId actor, Operation operation, const Message* target) {
  Known known;
  known.actor = actor;
  known.now = Timestamp{1'000 + static_cast<std::int64_t>(events_.size())};
  known.chat = &now().known;
  known.target = target;
  for (std::uint64_t user = 1; user < 6; ++user)
    known.people.push_back({UserId{user}, true, false});
  if (const auto* add = std::get_if<AddMember>(&operation))
    known.people = {{add->user_id, true, false}};
  known.new_message_id = MessageId{1'001 + events_.size()};
  Decision decision = decide(known, std::move(operation));
  const auto* accepted = std::get_if<Accept>(&decision);
  if (accepted == nullptr) return false;
  auto event = std::get<ChatEvent>(std::get<Accept>(decision).change);
  show_to_self(event, target);
  Standing next = now();
  next.known = apply_event(next.known, event);
  for (const Member& member : event.members) next.members[member.user_id] = member;
  next.messages[event.message.seq] = event.message;
  events_.push_back(event);
  standings_.push_back(std::move(next));
  return true;
}

void History::mark(UserId user_id, Seq seq) {
  Receipts& receipts = standings_.back().receipts;
  receipts.read[user_id] = std::max(receipts.read[user_id], seq);
  receipts.delivered[user_id] = std::max(receipts.delivered[user_id], seq);
}

ChatEvent History::event(Seq seq, Seq head) const {
  const Standing& then = at(head);
  ChatEvent event = events_[seq.value - 1];
  event.message = then.messages.at(event.message.seq);
  if (event.kind == EventKind::kChat) {
    event.info = then.known.info;
    for (Member& member : event.members) member = then.members.at(member.user_id);
  }
  return event;
}

Page History::page(Seq from, Seq to, Seq head) const {
  const Standing& then = at(head);
  Page page;
  page.from = from;
  page.to = std::min(to, head);
  page.as_of = head;
  page.has_before = from > Seq{1};
  page.has_after = page.to < head;
  for (const auto& [seq, message] : then.messages) {
    if (seq >= from && seq <= page.to) page.messages.push_back(message);
  }
  return page;
}

ChatState History::state(Seq head) const {
  const Standing& then = at(head);
  ChatState state;
  state.chat_id = kChat;
  state.info = then.known.info;
  for (const auto& [user_id, member] : then.members) {
    if (member.role) state.members.push_back(member);
  }
  state.last_message = then.messages.rbegin()->second;
  state.receipts = then.receipts;
  state.head = head;
  for (const auto& [seq, message] : then.messages) {
    auto read = then.receipts.read.find(kSelf);
    const Seq after = read == then.receipts.read.end() ? Seq{1} : std::max(Seq{1}, read->second);
    const bool system = message.content && message.content->type == ContentType::kSystem;
    if (seq > after && message.sender_id != kSelf && !message.deleted && !system) ++state.unread;
  }
  return state;
}

}  // namespace godwit::properties
