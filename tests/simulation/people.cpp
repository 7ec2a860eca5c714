// What people do in the simulation.
#include <algorithm>

#include "tests/simulation/world.h"

namespace godwit::sim {

std::string World::temp_id() { return "t" + std::to_string(next_intent_++); }

std::string World::text() {
  std::string text = "text " + std::to_string(next_intent_);
  // Journals grow, up to where they are compacted.
  if (wordy_ && prng_.chance(85)) text.append(8'000 + prng_.below(7'000), 'x');
  if (!wordy_ && prng_.chance(4)) text.append(prng_.below(12'000), 'x');
  return text;
}

void World::said(const std::string& text, ChatId chat_id) {
  said_.emplace('"' + text + '"', chat_id);  // nothing in it needs an escape
}

Code World::operate(UserId actor, const Operation& operation) {
  if (!server_->is_alive()) return Code::kUnavailable;
  std::vector<Outgoing> out;
  Code code = server_->operate(actor, operation, moment(), out);
  after_server(out);
  return code;
}

void World::settle_in() {
  wordy_ = prng_.chance(12);
  std::size_t people = 2 + prng_.below(3);
  for (std::size_t i = 0; i < people; ++i) {
    people_.push_back(UserId{100 + i});
    server_->add_person(people_.back(), moment());
  }
  std::vector<UserId> others(people_.begin() + 1, people_.end());
  (void)operate(people_[0], CreateChat{"g1", ChatType::kGroup, "All", others});
  for (std::size_t i = 1; i < people; ++i) {
    (void)operate(people_[0],
                  CreateChat{"d" + std::to_string(i), ChatType::kDirect, "", {people_[i]}});
  }
  for (UserId user_id : people_) {
    std::size_t count = 1 + prng_.below(2);
    for (std::size_t i = 0; i < count; ++i) {
      devices_.push_back(std::make_unique<Device>(*this, devices_.size(), user_id, prng_.next()));
    }
  }
  places_.resize(devices_.size());
  for (auto& device : devices_) {
    (void)device->open_tab();
    if (prng_.chance(50)) (void)device->open_tab();
  }
}

Device* World::any_device() { return devices_[prng_.below(devices_.size())].get(); }

Device::TabId World::any_tab(const Device& device) {
  std::vector<Device::TabId> awake;
  for (const auto& [id, tab] : device.tabs()) {
    if (!tab.frozen) awake.push_back(id);
  }
  return awake.empty() ? 0 : awake[prng_.below(awake.size())];
}

const ChatReplica* World::any_chat(const Device& device) {
  const auto& chats = device.leader().core().state().chats;
  if (chats.empty()) return nullptr;
  auto it = std::next(chats.begin(), static_cast<std::ptrdiff_t>(prng_.below(chats.size())));
  return &it->second;
}

void World::act() {
  Device& device = *any_device();
  std::uint64_t die = prng_.below(1'000);
  if (die < 110) return trouble();
  Device::TabId tab = any_tab(device);
  if (tab == 0 || !device.led()) return;
  const ChatReplica* chat = any_chat(device);
  if (chat == nullptr) return;
  if (die < 830) {
    if (chat->is_member()) act_in_chat(device, tab, *chat);
  } else if (die < 930) {
    look_around(device, tab);
  } else if (die < 970) {
    answer_failure(device);
  } else {
    change_membership();
  }
}

void World::intend(Device& device, Device::TabId tab, QueuedOperation operation) {
  std::string id = temp_id_of(operation);
  intents_.emplace(id, Intent{device.index(), tab, device.user_id(), operation, intents_.size()});
  trace(&device.leader(), "intends ", id);
  device.intend(tab, operation);
}

void World::act_in_chat(Device& device, Device::TabId tab, const ChatReplica& chat) {
  ChatId chat_id = chat.chat_id();
  const auto& messages = chat.timeline().messages();
  std::uint64_t die = prng_.below(100);
  std::size_t back = messages.empty() ? 0 : prng_.below(std::min<std::size_t>(messages.size(), 30));
  auto target = messages.empty() ? messages.end()
                                 : std::prev(messages.end(), static_cast<std::ptrdiff_t>(back) + 1);
  bool has_target = target != messages.end();
  if (die < 50 || !has_target) {
    std::string content = text();
    said(content, chat_id);
    SendMessage op{temp_id(), chat_id, Content{ContentType::kText, content, {}}, {}, {}};
    bool reply = has_target && prng_.chance(15);
    if (reply) op.reply_to = target->second.message_id;
    intend(device, tab, op);
  } else if (die < 75) {
    change_message(device, tab, chat, target->second);
  } else if (die < 83) {
    std::string key = prng_.chance(50) ? "draft" : "pinnedChat";
    std::string value = key == "draft" ? "\"draft " + std::to_string(next_intent_) + "\"" : "true";
    if (prng_.chance(30)) value = "null";
    intend(device, tab, SetPrivate{temp_id(), key, chat_id, {}, value});
  } else if (die < 92) {
    (void)device.leader().give(IntendRead{chat_id, target->first});
  } else {
    (void)device.leader().give(IntendTyping{chat_id, prng_.chance(70)});
  }
}

void World::change_message(Device& device, Device::TabId tab, const ChatReplica& chat,
                           const Message& target) {
  ChatId chat_id = chat.chat_id();
  MessageId id = target.message_id;
  static constexpr const char* kEmojis[] = {"👍", "🎉", "❤", "😀", "🚀"};
  bool own = target.sender_id == device.user_id();
  switch (prng_.below(6)) {
    case 0:
    case 1: {
      std::string emoji = kEmojis[prng_.below(5)];
      return intend(device, tab, React{temp_id(), chat_id, id, emoji, prng_.chance(70)});
    }
    case 2:
      return intend(device, tab, Pin{temp_id(), chat_id, id, prng_.chance(60)});
    case 3: {
      std::string key = prng_.chance(60) ? "star" : "hidden";
      std::string value = prng_.chance(70) ? "true" : "null";
      return intend(device, tab, SetPrivate{temp_id(), key, chat_id, id, value});
    }
    case 4:
      if (own || prng_.chance(5)) {
        Content content{ContentType::kText, "edited " + std::to_string(next_intent_), {}};
        said(content.text, chat_id);
        intend(device, tab, EditMessage{temp_id(), chat_id, id, content});
      }
      return;
    default:
      if (own && prng_.chance(50)) intend(device, tab, DeleteMessage{temp_id(), chat_id, id});
  }
}

void World::look_around(Device& device, Device::TabId tab) {
  std::vector<std::uint32_t> open;
  for (const auto& [view, shown] : device.tabs().at(tab).views) {
    if (shown.kind == OpenView::Kind::kConversation) open.push_back(view);
  }
  std::uint64_t die = prng_.below(100);
  if (open.empty() || die < 30) {
    if (const ChatReplica* chat = any_chat(device)) {
      device.open_view(tab, OpenView::Kind::kConversation, chat->chat_id());
    }
  } else if (die < 50) {
    device.close_view(open[prng_.below(open.size())]);
  } else if (die < 65) {
    (void)device.leader().give(LoadOlder{open[prng_.below(open.size())]});
  } else if (die < 75) {
    (void)device.leader().give(Visible{prng_.chance(50)});
  } else if (die < 85) {
    if (device.tabs().size() < 3) (void)device.open_tab();
  } else {
    check_against_fresh(device);
  }
}

// A person retries or discards what is shown as failed or unsaved.
void World::answer_failure(Device& device) {
  Leader& leader = device.leader();
  if (leader.frozen()) return;
  std::vector<std::string> failed;
  for (const OutboxEntry* entry : leader.core().state().outbox.all()) {
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
  trace(&leader, discards ? "discards " : "retries ", id);
  Status status = discards ? leader.give(Discard{id}) : leader.give(Retry{id});
  if (!status) fail("retry or discard of " + id + ": " + status.error().detail);
}

void World::change_membership() {
  if (!server_->is_alive()) return;
  ChatId group;
  for (const auto& [chat_id, chat] : server_->chats()) {
    if (chat.known.info.type == ChatType::kGroup) group = chat_id;
  }
  UserId owner = people_[0];
  UserId target = people_[1 + prng_.below(people_.size() - 1)];
  std::string id = "m" + std::to_string(next_intent_++);
  if (prng_.chance(40)) {
    (void)operate(owner, ChangeChat{id, group, "Group " + id, std::nullopt});
  } else if (server_->is_member(group, target)) {
    ever_left_.insert({group, target});
    (void)operate(owner, RemoveMember{id, group, target});
  } else {
    (void)operate(owner, AddMember{id, group, target});
  }
}

void World::burst() {
  Device& device = *any_device();
  const ChatReplica* chat = device.led() ? any_chat(device) : nullptr;
  if (chat == nullptr || !chat->is_member()) return;
  ChatId chat_id = chat->chat_id();
  std::uint64_t count = prng_.chance(15) ? 600 : 40;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string id = "b" + std::to_string(next_intent_++);
    std::string text = "burst " + id;
    said(text, chat_id);
    Content content{ContentType::kText, text, {}};
    (void)operate(people_[0], SendMessage{id, chat_id, content, {}, {}});
  }
}

}  // namespace godwit::sim
