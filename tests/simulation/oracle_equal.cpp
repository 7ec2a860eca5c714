// The oracle at the end: everybody is equal to everybody and to the server's log.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/simulation/world.h"

namespace godwit::sim {
namespace {

// By then, in simulated time, a healed world has converged: three back-offs and a silence.
constexpr std::int64_t kHealedMsMax = 240'000;

std::string chat_name(ChatId chat_id) { return "chat " + chat_id.str(); }

}  // namespace

// No more faults: who sleeps wakes, who was away is back, the server is up.
void World::heal() {
  faults_.calm(true);
  delay_ms_max_ = 50;
  batch_ms_max_ = 20;
  server_->set_faults({});
  for (auto& device : devices_) {
    Place& at_home = places_[device->index()];
    bool was_offline = at_home.offline;
    at_home = Place{false, false, false, 0, at_home.damaged, at_home.own};
    if (device->tabs().empty()) (void)device->open_tab();
    std::vector<Device::TabId> frozen;
    for (const auto& [id, tab] : device->tabs()) {
      if (tab.frozen) frozen.push_back(id);
    }
    for (Device::TabId id : frozen) wake_tab(*device, id);
    if (was_offline && device->led()) (void)device->leader().give(NetworkChanged{true});
  }
  if (!server_->is_alive()) return;  // it is about to be started again
  std::vector<Outgoing> out;
  server_->heal_fan_out(out);
  after_server(out);
}

void World::converge(const std::string& when) {
  std::int64_t until = now_ms_ + kHealedMsMax;
  while (now_ms_ < until) {
    run_until(now_ms_ + 1'000);
    if (unsettled().empty()) return;
  }
  fail("[SI8] not converged " + when + ": " + unsettled());
}

// Why the devices are not yet what the server is; empty: they are.
std::string World::unsettled() {
  for (const auto& device : devices_) {
    std::string why = unsettled(*device);
    if (!why.empty()) return "d" + std::to_string(device->index()) + ": " + why;
  }
  return {};
}

std::string World::unsettled(const Device& device) {
  if (!device.led() || device.leader().frozen()) return "no leader";
  for (const auto& [id, tab] : device.tabs()) {
    if (tab.leader.get() != &device.leader()) return "a tab follows nobody that leads";
  }
  if (!server_->is_alive()) return "no server";
  const ClientCore& core = device.leader().core();
  const ClientState& state = core.state();
  if (core.link().state() != Link::State::kOnline) {
    return "not online but " + std::to_string(static_cast<int>(core.link().state()));
  }
  if (!core.synced()) return "not synced";
  for (const OutboxEntry* entry : state.outbox.all()) {
    if (!entry->failed) return "outbox holds " + entry->temp_id();
  }
  for (const auto& [chat_id, chat] : server_->chats()) {
    bool member = chat.known.roster->find(device.user_id()) != nullptr;
    const ChatReplica* ours = state.find_chat(chat_id);
    if (!member) {
      if (ours != nullptr && ours->is_member()) return "still in " + chat_name(chat_id);
      continue;
    }
    if (ours == nullptr) return "does not know " + chat_name(chat_id);
    std::string why = differs_anew(device, chat_id, chat);
    if (!why.empty()) return chat_name(chat_id) + ": " + why;
  }
  auto user = server_->users().find(device.user_id());
  if (user == server_->users().end()) return {};
  if (state.private_items.position().held() != user->second.head) return "userSeq differs";
  if (state.private_items.all() != user->second.items.all()) return "private items differ";
  return {};
}

namespace {

std::string marks_differ(const ChatReplica& ours, const ServerChat& theirs,
                         const ChatState& state) {
  for (const Member& member : state.members) {
    // What somebody had read before joining again says nothing any more, and is not told.
    auto since = [&](Seq mark) { return std::max(mark, member.joined_seq); };
    if (since(ours.watermarks().read(member.user_id)) != since(theirs.marks.read(member.user_id))) {
      return "read of " + member.user_id.str() + " is " +
             std::to_string(ours.watermarks().read(member.user_id).value) + ", not " +
             std::to_string(theirs.marks.read(member.user_id).value);
    }
    if (since(ours.watermarks().delivered(member.user_id)) !=
        since(theirs.marks.delivered(member.user_id))) {
      return "delivered of " + member.user_id.str() + " differs";
    }
  }
  return {};
}

// Bound one by one, so that a field that is new cannot be forgotten.
bool same_but_temp_id(const Message& ours, const Message& theirs) {
  const auto& [message_id, chat_id, seq, rev, sender_id, temp_id, timestamp, content, reply_to,
               forwarded_from, edited_at, deleted, reactions, pinned] = ours;
  (void)temp_id;
  return message_id == theirs.message_id && chat_id == theirs.chat_id && seq == theirs.seq &&
         rev == theirs.rev && sender_id == theirs.sender_id && timestamp == theirs.timestamp &&
         content == theirs.content && reply_to == theirs.reply_to &&
         forwarded_from == theirs.forwarded_from && edited_at == theirs.edited_at &&
         deleted == theirs.deleted && reactions == theirs.reactions && pinned == theirs.pinned;
}

// A tempId is told to its sender only.
bool same_as_told(const Message& ours, const Message& theirs, UserId reader) {
  const std::string& temp_id = ours.temp_id;
  bool own = theirs.sender_id == reader;
  return (own ? temp_id == theirs.temp_id : temp_id.empty()) && same_but_temp_id(ours, theirs);
}

std::string messages_differ(const ChatReplica& ours, const ServerChat& theirs, UserId reader) {
  auto it = theirs.messages.begin();
  for (const auto& [seq, message] : ours.timeline().messages()) {
    const Segment* segment = ours.timeline().segments().find(seq);
    if (segment == nullptr || !segment->checked) continue;
    while (it != theirs.messages.end() && it->first < seq) ++it;
    bool there = it != theirs.messages.end() && it->first == seq;
    if (!there) return "a message that the server has not";
    if (!same_as_told(message, it->second, reader)) {
      return "message " + std::to_string(seq.value) + " in " + std::to_string(segment->from.value) +
             ".." + std::to_string(segment->to.value) + " as of " +
             std::to_string(segment->as_of.value) + " from " +
             std::to_string(ours.continuity_from().value) + " differs:\n  " +
             encode_message(message) + "\n  " + encode_message(stripped(it->second, reader));
    }
  }
  return {};
}

// A segment says that everything between its ends is held.
std::string holes(const ChatReplica& ours, const ServerChat& theirs) {
  for (const Segment& segment : ours.timeline().segments().all()) {
    auto from = theirs.messages.lower_bound(segment.from);
    auto to = theirs.messages.upper_bound(segment.to);
    const auto& held = ours.timeline().messages();
    auto at = held.lower_bound(segment.from);
    for (auto it = from; it != to; ++it) {
      while (at != held.end() && at->first < it->first) ++at;
      bool there = at != held.end() && at->first == it->first;
      if (!there) return "a hole at " + std::to_string(it->first.value);
    }
  }
  return {};
}

std::string unread_differs(const Device& device, const ChatReplica& ours, const ChatState& state) {
  ChatId chat_id = ours.chat_id();
  std::set<MessageId> hidden =
      hidden_messages(device.leader().core().state().private_items, chat_id);
  std::uint64_t hides = 0;  // of a message that is not held, one cannot say whether it counted
  for (const auto& [name, item] : device.leader().core().state().private_items.all()) {
    if (item.key == "hidden" && item.chat_id == chat_id) ++hides;
  }
  bool counted = shown_low(ours, false) <= ours.unread_after().next();  // message by message
  std::uint64_t off = counted ? 0 : hides;
  // Read in history that is not held here: how many that were, only the server can tell, and it
  // tells with the next state of the chat.
  Seq joined;
  for (const Member& member : state.members) {
    if (member.user_id == device.user_id()) joined = member.joined_seq;
  }
  if (!counted && ours.unread_after() > joined) return {};
  if (ours.unread(hidden) + off < state.unread || ours.unread(hidden) > state.unread + off) {
    return "unread is " + std::to_string(ours.unread(hidden)) + ", not " +
           std::to_string(state.unread) + " after " + std::to_string(ours.unread_after().value) +
           ", counted as " + std::to_string(ours.state().unread) + " at " +
           std::to_string(ours.state().head.value) + " after " +
           std::to_string(ours.position().unread_base_read.value) + ", held from " +
           std::to_string(shown_low(ours, false).value) + " to " +
           std::to_string(ours.held().value);
  }
  return {};
}

}  // namespace

// As differs(), but looks only where either has changed since it found no difference.
std::string World::differs_anew(const Device& device, ChatId chat_id, const ServerChat& theirs) {
  auto user = server_->users().find(device.user_id());
  UserSeq user_head = user == server_->users().end() ? UserSeq{} : user->second.head;
  Compared now{device.steps(), theirs.known.head, theirs.marks.all(), user_head};
  Compared& equal = equal_[{device.index(), chat_id}];
  if (equal == now) return {};
  std::string why = differs(device, chat_id, theirs);
  if (why.empty()) equal = std::move(now);
  return why;
}

std::string World::differs(const Device& device, ChatId chat_id, const ServerChat& theirs) const {
  const ChatReplica& ours = *device.leader().core().state().find_chat(chat_id);
  if (ours.held() != theirs.known.head) {
    return "held " + std::to_string(ours.held().value) + " of " +
           std::to_string(theirs.known.head.value);
  }
  ChatState state = server_->state_for(chat_id, device.user_id());
  if (!(ours.info() == state.info)) return "info differs";
  if (!(ours.present() == state.members)) return "members differ";
  std::string why = marks_differ(ours, theirs, state);
  if (why.empty()) why = messages_differ(ours, theirs, device.user_id());
  if (why.empty()) why = holes(ours, theirs);
  return why.empty() ? unread_differs(device, ours, state) : why;
}

}  // namespace godwit::sim
