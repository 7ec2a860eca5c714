// The oracle: what must hold at every moment, and what must hold once the network is back.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/simulation/world.h"

namespace godwit::sim {
namespace {

constexpr std::int64_t kHealedMsMax = 240'000;

int rank_of(const std::string& status) {
  if (status == "sent") return 1;
  if (status == "delivered") return 2;
  if (status == "read") return 3;
  return 0;
}

std::string chat_name(ChatId chat_id) { return "chat " + chat_id.str(); }

}  // namespace

void World::shown(Device& device, std::uint32_t id) {
  const Device::View& view = device.views().at(id);
  if (view.kind != OpenView::Kind::kConversation) return;
  check_view(device, view);
  check_status(device, view);
}

// [OR] confirmed messages ascend by seq, pending ones stand after them.
void World::check_view(const Device& device, const Device::View& view) {
  std::uint64_t last_seq = 0;
  bool pending = false;
  std::set<std::string> ids;
  for (const auto& item : view.naive.items) {
    if (!ids.insert(item.at("localId").get<std::string>()).second) {
      fail("[DD] shown twice on d" + std::to_string(device.index()) + ": " + item.dump());
    }
    if (!item.contains("seq")) {
      pending = true;
      continue;
    }
    auto seq = item["seq"].get<std::uint64_t>();
    if (pending) fail("[OV] a confirmed message stands after a pending one: " + item.dump());
    if (seq <= last_seq) fail("[OR] messages do not ascend by seq: " + item.dump());
    last_seq = seq;
  }
}

// [OB] a status goes forward only, while the core lives.
void World::check_status(const Device& device, const Device::View& view) {
  // Who has left counts no more, and with nobody else left nothing counts as delivered.
  for (UserId user_id : people_) {
    if (ever_left_.count({view.chat_id, user_id}) != 0) return;
  }
  for (const auto& item : view.naive.items) {
    if (!item.value("own", false) || item.contains("system")) continue;
    auto [it, is_new] =
        ranks_.try_emplace({device.index(), device.life(), item["localId"].get<std::string>()}, 0);
    int rank = rank_of(item["status"].get<std::string>());
    bool changing = item["status"] == "failed" && item.contains("seq");  // a change of it failed
    if (!changing && rank < it->second) {
      fail("[OB] a status went back on d" + std::to_string(device.index()) + ": " + item.dump());
    }
    it->second = std::max(it->second, rank);
  }
}

// [UI] a view that has lived through diffs equals one that was opened just now.
void World::check_against_fresh(Device& device) {
  std::vector<std::uint32_t> open;
  for (const auto& [view, shown] : device.views()) open.push_back(view);
  for (std::uint32_t id : open) {
    Device::View lived = device.views().at(id);
    std::uint32_t fresh_id = device.open_view(lived.kind, lived.chat_id);
    lived = device.views().at(id);
    NaiveView fresh = device.views().at(fresh_id).naive;
    device.close_view(fresh_id);
    ++tally_["fresh_views"];
    std::size_t count = std::min(fresh.items.size(), lived.naive.items.size());
    if (count < fresh.items.size()) fail("[UI] a fresh view shows more than one that was open");
    for (std::size_t i = 1; i <= count; ++i) {
      const auto& ours = lived.naive.items[lived.naive.items.size() - i];
      const auto& theirs = fresh.items[fresh.items.size() - i];
      if (ours != theirs) {
        fail("[UI] shown on d" + std::to_string(device.index()) + ":\n  " + ours.dump() +
             "\nfresh:\n  " + theirs.dump());
      }
    }
    for (const auto& [name, value] : fresh.fields.items()) {
      bool windowed = name == "hasOlder" || name == "firstUnreadId" || name == "loadingOlder";
      // The longer window of the lived one may hold what is hidden, and so show no more.
      bool longer = count < lived.naive.items.size() ||
                    (name == "hasOlder" && !lived.naive.fields.value(name, true));
      if (windowed && longer) continue;
      if (lived.naive.fields.value(name, nlohmann::json()) != value) {
        fail("[UI] field " + name + " of d" + std::to_string(device.index()) + " shows " +
             lived.naive.fields.value(name, nlohmann::json()).dump() + ", fresh " + value.dump());
      }
    }
  }
}

void World::heal() {
  weather_ = Weather{50, 20, 0, 0, 0, 0};
  server_->set_faults({});
  for (auto& device : devices_) {
    bool was_offline = offline_[device->index()];
    offline_[device->index()] = false;
    sockets_blocked_[device->index()] = false;
    if (was_offline) (void)device->give(NetworkChanged{true});
  }
  std::vector<Outgoing> out;
  server_->heal_fan_out(out);
  carry(out);
}

void World::converge(const std::string& when) {
  std::int64_t until = now_ms_ + kHealedMsMax;
  while (now_ms_ < until) {
    run_until(now_ms_ + 1'000);
    if (unsettled().empty()) return;
  }
  fail("not converged " + when + ": " + unsettled());
}

// Why the devices are not yet what the server is; empty: they are.
std::string World::unsettled() const {
  for (const auto& device : devices_) {
    std::string why = unsettled(*device);
    if (!why.empty()) return "d" + std::to_string(device->index()) + ": " + why;
  }
  return {};
}

std::string World::unsettled(const Device& device) const {
  if (!device.running()) return "crashed";
  const ClientState& state = device.core().state();
  if (device.core().link().state() != Link::State::kOnline) {
    return "not online but " + std::to_string(static_cast<int>(device.core().link().state()));
  }
  if (!device.core().synced()) return "not synced";
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
    std::string why = differs(device, chat_id, chat);
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

std::string messages_differ(const ChatReplica& ours, const ServerChat& theirs, UserId reader) {
  for (const auto& [seq, message] : ours.timeline().messages()) {
    const Segment* segment = ours.timeline().segments().find(seq);
    if (segment == nullptr || !segment->checked) continue;
    auto it = theirs.messages.find(seq);
    if (it == theirs.messages.end()) return "a message that the server has not";
    if (!(message == stripped(it->second, reader))) {
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
    for (auto it = from; it != to; ++it) {
      if (ours.timeline().at(it->first) == nullptr) {
        return "a hole at " + std::to_string(it->first.value);
      }
    }
  }
  return {};
}

std::string unread_differs(const Device& device, const ChatReplica& ours, const ChatState& state) {
  ChatId chat_id = ours.chat_id();
  std::set<MessageId> hidden = hidden_messages(device.core().state().private_items, chat_id);
  std::uint64_t hides = 0;  // of a message that is not held, one cannot say whether it counted
  for (const auto& [name, item] : device.core().state().private_items.all()) {
    if (item.key == "hidden" && item.chat_id == chat_id) ++hides;
  }
  bool counted = shown_low(ours, false) <= ours.unread_after().next();  // message by message
  std::uint64_t off = counted ? 0 : hides;
  // Read on another device, in history that this one does not hold: how many, nobody has told.
  if (!counted && ours.unread_after() > ours.position().unread_base_read) return {};
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

std::string World::differs(const Device& device, ChatId chat_id, const ServerChat& theirs) const {
  const ChatReplica& ours = *device.core().state().find_chat(chat_id);
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

void World::check_promises() {
  for (const auto& [id, intent] : intents_) check_promise(intent);
}

// [OB] what was called queued, or never lost its tab, is at the server or shown as failed.
void World::check_promise(const Intent& intent) {
  const std::string& id = temp_id_of(intent.operation);
  if (intent.discarded || (intent.lost && !intent.kept)) return;
  if (server_->applied(intent.user_id, id) || server_->answered(id)) return;
  const Device& device = *devices_[intent.device];
  const OutboxEntry* entry = device.core().state().outbox.find(id);
  if (entry != nullptr && entry->failed) return;
  bool text = std::holds_alternative<SendMessage>(intent.operation) ||
              std::holds_alternative<EditMessage>(intent.operation);
  if (!text && ever_left_.count({chat_of(intent.operation), intent.user_id}) != 0) return;
  if (std::holds_alternative<SetPrivate>(intent.operation)) return;  // superseded by a later one
  fail("[OB] lost: " + id + " of d" + std::to_string(intent.device));
}

// [DD] once each, and [OR] a device's messages of one chat in the order of sending.
void World::check_once_and_in_order() {
  std::map<std::tuple<std::size_t, ChatId>, std::uint64_t> last;
  for (const auto& [chat_id, chat] : server_->chats()) {
    std::set<std::string> seen;
    std::uint64_t expected = 1;
    for (const auto& [seq, event] : chat.events) {
      if (seq.value != expected++) fail("[OR] seq has a gap");
      if (event.kind != EventKind::kMessage) continue;
      if (!seen.insert(event.actor_id.str() + " " + event.temp_id).second) {
        fail("[DD] stored twice: " + event.temp_id);
      }
      auto intent = intents_.find(event.temp_id);
      if (intent == intents_.end() || intent->second.retried) continue;
      std::uint64_t& order = last[{intent->second.device, chat_id}];
      if (intent->second.order < order) fail("[OR] out of the order of sending: " + event.temp_id);
      order = intent->second.order;
    }
  }
}

// Loads all history into one view of each chat and compares it with the server's log.
void World::check_history(Device& device) {
  for (const auto& [chat_id, chat] : server_->chats()) {
    if (!server_->is_member(chat_id, device.user_id())) continue;
    std::uint32_t view = device.open_view(OpenView::Kind::kConversation, chat_id);
    for (int page = 0; page < 100; ++page) {
      run_until(now_ms_ + 500);
      if (!device.views().at(view).naive.fields.value("hasOlder", false)) break;
      (void)device.give(LoadOlder{view});
    }
    converge("while loading history");
    std::vector<std::string> expected;
    for (const auto& [seq, message] : chat.messages) {
      const std::string* hidden =
          device.core().state().private_items.value("hidden", chat_id, message.message_id);
      if (hidden == nullptr || *hidden == "false") expected.push_back(message.message_id.str());
    }
    std::vector<std::string> shown;
    for (const auto& item : device.views().at(view).naive.items) {
      if (item.contains("messageId")) shown.push_back(item["messageId"].get<std::string>());
      if (item.contains("unchecked")) fail("[MG] shown unchecked when online: " + item.dump());
    }
    if (shown != expected) {
      fail("[MG] history of " + chat_name(chat_id) + " on d" + std::to_string(device.index()) +
           ": shown " + std::to_string(shown.size()) + " of " + std::to_string(expected.size()));
    }
    check_against_fresh(device);
    device.close_view(view);
  }
}

// [ST] what was reported as written comes back: the device starts without a network and knows all.
void World::check_cold_start(Device& device) {
  for (int i = 0; i < 50 && !device.disk().idle(); ++i) run_until(now_ms_ + 100);
  if (!device.disk().idle()) fail("[ST] batches never end");
  offline_[device.index()] = true;
  cut(device, false);
  wire(device).conn = 0;
  device.crash(false, [] { return false; });
  device.boot();
  (void)device.give(NetworkChanged{false});
  const ClientState& state = device.core().state();
  for (const auto& [chat_id, chat] : server_->chats()) {
    if (!server_->is_member(chat_id, device.user_id())) continue;
    std::string where = chat_name(chat_id) + " on d" + std::to_string(device.index());
    if (state.find_chat(chat_id) == nullptr) fail("[ST] forgotten: " + where);
    std::string why = differs(device, chat_id, chat);
    if (!why.empty()) fail("[ST] after a cold start, " + where + ": " + why);
  }
  auto user = server_->users().find(device.user_id());
  bool same =
      user == server_->users().end() || state.private_items.all() == user->second.items.all();
  if (!same) fail("[ST] private items differ after a cold start");
}

void World::run() {
  weather_ = Weather();
  server_->set_faults({3, 1});
  settle_in();
  run_until(5'000);
  std::uint64_t acts = 150 + prng_.below(200);
  for (std::uint64_t i = 0; i < acts; ++i) {
    act();
    std::int64_t pause = prng_.chance(3) ? 40'000 : prng_.chance(50) ? 20 : 800;
    run_until(now_ms_ + 1 +
              static_cast<std::int64_t>(prng_.below(static_cast<std::uint64_t>(pause))));
  }
  heal();
  converge("after the faults");
  check_promises();
  check_once_and_in_order();
  for (auto& device : devices_) check_against_fresh(*device);
  for (auto& device : devices_) check_history(*device);
  for (auto& device : devices_) check_cold_start(*device);
  heal();
  converge("after a cold start");
}

}  // namespace godwit::sim
