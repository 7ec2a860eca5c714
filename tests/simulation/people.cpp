// What people do in the simulation, and what befalls them.
#include <algorithm>

#include "tests/simulation/world.h"

namespace godwit::sim {

std::string World::temp_id() { return "t" + std::to_string(next_intent_++); }

std::string World::text() {
  std::string text = "text " + std::to_string(next_intent_);
  if (prng_.chance(4)) text.append(prng_.below(12'000), 'x');  // makes journals grow
  return text;
}

void World::settle_in() {
  std::size_t people = 2 + prng_.below(3);
  for (std::size_t i = 0; i < people; ++i) people_.push_back(UserId{100 + i});
  std::vector<Outgoing> nobody;
  for (UserId user_id : people_) server_->add_person(user_id, server_now());
  std::vector<UserId> others(people_.begin() + 1, people_.end());
  (void)server_->operate(people_[0], CreateChat{"g1", ChatType::kGroup, "All", others},
                         server_now(), nobody);
  for (std::size_t i = 1; i < people; ++i) {
    (void)server_->operate(people_[0],
                           CreateChat{"d" + std::to_string(i), ChatType::kDirect, "", {people_[i]}},
                           server_now(), nobody);
  }
  for (UserId user_id : people_) {
    std::size_t count = 1 + prng_.below(2);
    for (std::size_t i = 0; i < count; ++i) {
      devices_.push_back(std::make_unique<Device>(*this, devices_.size(), user_id, prng_.next()));
    }
  }
  wires_.resize(devices_.size());
  sockets_blocked_.resize(devices_.size());
  offline_.resize(devices_.size());
  for (auto& device : devices_) {
    device->boot();
    device->open_view(OpenView::Kind::kApp, ChatId{});
    device->open_view(OpenView::Kind::kChats, ChatId{});
  }
}

void World::act() {
  Device& device = *devices_[prng_.below(devices_.size())];
  if (!device.running()) return;
  act_once(device);
}

const ChatReplica* World::any_chat(const Device& device) {
  const auto& chats = device.core().state().chats;
  if (chats.empty()) return nullptr;
  auto it = std::next(chats.begin(), static_cast<std::ptrdiff_t>(prng_.below(chats.size())));
  return &it->second;
}

void World::act_once(Device& device) {
  const ChatReplica* chat = any_chat(device);
  std::uint64_t die = prng_.below(100);
  if (chat == nullptr) return;
  if (die < 72) {
    if (chat->is_member()) act_in_chat(device, *chat);
  } else if (die < 82) {
    look_around(device);
  } else if (die < 86) {
    answer_failure(device);
  } else if (die < 89) {
    change_membership();
  } else {
    trouble();
  }
}

void World::intend(Device& device, QueuedOperation operation) {
  std::string id = temp_id_of(operation);
  Intent intent{device.index(), device.user_id(), operation, intents_.size()};
  intents_.emplace(id, intent);
  ++tally_["intents"];
  trace("d" + std::to_string(device.index()) + " intends " + id);
  device.intend(operation);
}

void World::act_in_chat(Device& device, const ChatReplica& chat) {
  ChatId chat_id = chat.chat_id();
  const auto& messages = chat.timeline().messages();
  std::uint64_t die = prng_.below(100);
  std::size_t back = messages.empty() ? 0 : prng_.below(std::min<std::size_t>(messages.size(), 30));
  auto target = messages.empty() ? messages.end()
                                 : std::prev(messages.end(), static_cast<std::ptrdiff_t>(back) + 1);
  bool has_target = target != messages.end();
  if (die < 50 || !has_target) {
    std::string content = text();
    SendMessage op{temp_id(), chat_id, Content{ContentType::kText, content, {}}, {}, {}};
    bool reply = has_target && prng_.chance(15);
    if (reply) op.reply_to = target->second.message_id;
    intend(device, op);
  } else if (die < 75) {
    change_message(device, chat, target->second);
  } else if (die < 80) {
    std::string key = prng_.chance(50) ? "draft" : "pinnedChat";
    std::string value = key == "draft" ? "\"draft " + std::to_string(next_intent_) + "\"" : "true";
    if (prng_.chance(30)) value = "null";
    intend(device, SetPrivate{temp_id(), key, chat_id, {}, value});
  } else if (die < 92) {
    (void)device.give(IntendRead{chat_id, target->first});
  } else {
    (void)device.give(IntendTyping{chat_id, prng_.chance(70)});
  }
}

void World::change_message(Device& device, const ChatReplica& chat, const Message& target) {
  ChatId chat_id = chat.chat_id();
  MessageId id = target.message_id;
  static constexpr const char* kEmojis[] = {"👍", "🎉", "❤", "😀", "🚀"};
  bool own = target.sender_id == device.user_id();
  switch (prng_.below(6)) {
    case 0:
    case 1: {
      std::string emoji = kEmojis[prng_.below(5)];
      return intend(device, React{temp_id(), chat_id, id, emoji, prng_.chance(70)});
    }
    case 2:
      return intend(device, Pin{temp_id(), chat_id, id, prng_.chance(60)});
    case 3: {
      std::string key = prng_.chance(60) ? "star" : "hidden";
      std::string value = prng_.chance(70) ? "true" : "null";
      return intend(device, SetPrivate{temp_id(), key, chat_id, id, value});
    }
    case 4:
      if (own || prng_.chance(5)) {
        Content content{ContentType::kText, "edited " + std::to_string(next_intent_), {}};
        intend(device, EditMessage{temp_id(), chat_id, id, content});
      }
      return;
    default:
      if (own && prng_.chance(50)) intend(device, DeleteMessage{temp_id(), chat_id, id});
  }
}

void World::look_around(Device& device) {
  std::vector<std::uint32_t> open;
  for (const auto& [view, shown] : device.views()) {
    if (shown.kind == OpenView::Kind::kConversation) open.push_back(view);
  }
  std::uint64_t die = prng_.below(100);
  if (open.empty() || die < 35) {
    if (const ChatReplica* chat = any_chat(device)) {
      device.open_view(OpenView::Kind::kConversation, chat->chat_id());
    }
  } else if (die < 55) {
    device.close_view(open[prng_.below(open.size())]);
  } else if (die < 75) {
    (void)device.give(LoadOlder{open[prng_.below(open.size())]});
  } else if (die < 85) {
    (void)device.give(Visible{prng_.chance(50)});
  } else {
    check_against_fresh(device);
  }
}

// A person retries or discards what is shown as failed or unsaved.
void World::answer_failure(Device& device) {
  std::vector<std::string> failed;
  for (const OutboxEntry* entry : device.core().state().outbox.all()) {
    if (entry->failed || (entry->storage_failed && !entry->sent))
      failed.push_back(entry->temp_id());
  }
  if (failed.empty()) return;
  std::string id = failed[prng_.below(failed.size())];
  auto intent = intents_.find(id);
  bool discards = prng_.chance(30);
  if (intent != intents_.end()) {
    (discards ? intent->second.discarded : intent->second.retried) = true;
  }
  trace("d" + std::to_string(device.index()) + (discards ? " discards " : " retries ") + id);
  Status status = discards ? device.give(Discard{id}) : device.give(Retry{id});
  if (!status) fail("retry or discard of " + id + ": " + status.error().detail);
  ++tally_[discards ? "discards" : "retries"];
}

void World::change_membership() {
  ChatId group;
  for (const auto& [chat_id, chat] : server_->chats()) {
    if (chat.known.info.type == ChatType::kGroup) group = chat_id;
  }
  std::vector<Outgoing> out;
  UserId owner = people_[0];
  UserId target = people_[1 + prng_.below(people_.size() - 1)];
  std::string id = "m" + std::to_string(next_intent_++);
  if (prng_.chance(40)) {
    ChangeChat rename{id, group, "Group " + id, std::nullopt};
    (void)server_->operate(owner, rename, server_now(), out);
  } else if (server_->is_member(group, target)) {
    ever_left_.insert({group, target});
    (void)server_->operate(owner, RemoveMember{id, group, target}, server_now(), out);
    ++tally_["removals"];
  } else {
    (void)server_->operate(owner, AddMember{id, group, target}, server_now(), out);
    ++tally_["additions"];
  }
  carry(out);
}

void World::burst() {
  Device& device = *devices_[prng_.below(devices_.size())];
  const ChatReplica* chat = device.running() ? any_chat(device) : nullptr;
  if (chat == nullptr || !chat->is_member()) return;
  std::uint64_t count = prng_.chance(15) ? 600 : 40;
  ++tally_["bursts"];
  for (std::uint64_t i = 0; i < count; ++i) {
    std::vector<Outgoing> out;
    std::string id = "b" + std::to_string(next_intent_++);
    SendMessage op{id, chat->chat_id(), Content{ContentType::kText, "burst " + id, {}}, {}, {}};
    (void)server_->operate(people_[0], op, server_now(), out);
    carry(out);
  }
}

void World::crash(Device& device) {
  bool tab_survives = prng_.chance(60);
  trace("d" + std::to_string(device.index()) + " crashes");
  cut(device, false);
  wire(device).conn = 0;
  if (!tab_survives) {
    for (const QueuedOperation& op : device.unkept()) intents_.at(temp_id_of(op)).lost = true;
  }
  device.crash(tab_survives, [this] { return prng_.chance(50); });
  ++tally_["crashes"];
  at(now_ms_ + delay() * 5, [this, &device] {
    if (device.running()) return;
    device.boot();
    if (!device.views().empty()) return;
    device.open_view(OpenView::Kind::kApp, ChatId{});
    device.open_view(OpenView::Kind::kChats, ChatId{});
  });
}

void World::trouble() {
  Device& device = *devices_[prng_.below(devices_.size())];
  switch (prng_.below(9)) {
    case 0:
    case 1:
      return cut(device, prng_.chance(70));
    case 2:
    case 3:
      if (device.running()) crash(device);
      return;
    case 4: {
      bool offline = !offline_[device.index()];
      offline_[device.index()] = offline;
      trace("d" + std::to_string(device.index()) + (offline ? " offline" : " online"));
      if (offline) cut(device, prng_.chance(50));
      if (prng_.chance(70)) (void)device.give(NetworkChanged{!offline});
      return;
    }
    case 5: {
      bool blocked = !sockets_blocked_[device.index()];
      sockets_blocked_[device.index()] = blocked;
      if (blocked) cut(device, true);
      return;
    }
    case 6:
      wall_skew_ms_ = static_cast<std::int64_t>(prng_.below(20'000'000)) - 10'000'000;
      return;
    case 7:
      return burst();
    default: {
      weather_.batch_fails = prng_.chance(30) ? 80 : 5;
      std::vector<Outgoing> out;
      server_->heal_fan_out(out);
      carry(out);
    }
  }
}

}  // namespace godwit::sim
