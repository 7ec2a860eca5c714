// The oracle at the end: each promise was held, once and in order, and outlives a restart.
#include <algorithm>

#include "tests/simulation/world.h"

namespace godwit::sim {
namespace {

std::string chat_name(ChatId chat_id) { return "chat " + chat_id.str(); }

}  // namespace

void World::check_promises() {
  for (const auto& [id, intent] : intents_) check_promise(intent);
}

// [OB] what was called queued, or never lost its tab, is at the server or shown as failed.
void World::check_promise(const Intent& intent) {
  const std::string& id = temp_id_of(intent.operation);
  if (intent.discarded || intent.rolled_back || (intent.lost && !intent.kept)) return;
  if (server_->applied(intent.user_id, id) || server_->answered(id)) return;
  const Device& device = *devices_[intent.device];
  const OutboxEntry* entry = device.leader().core().state().outbox.find(id);
  if (entry != nullptr && entry->failed) return;
  bool text = std::holds_alternative<SendMessage>(intent.operation) ||
              std::holds_alternative<EditMessage>(intent.operation);
  if (!text && ever_left_.count({chat_of(intent.operation), intent.user_id}) != 0) return;
  if (std::holds_alternative<SetPrivate>(intent.operation)) return;  // superseded by a later one
  fail("[OB12] lost: " + id + " of d" + std::to_string(intent.device));
}

// [DD] once each, and [OR] a device's messages of one chat in the order of sending.
void World::check_once_and_in_order() {
  std::map<std::tuple<std::size_t, Device::TabId, ChatId>, std::uint64_t> last;
  for (const auto& [chat_id, chat] : server_->chats()) {
    std::set<std::string> seen;
    std::uint64_t expected = 1;
    for (const auto& [seq, event] : chat.events) {
      if (seq.value != expected++) fail("[OR1] seq has a gap");
      if (event.kind != EventKind::kMessage) continue;
      if (!seen.insert(event.actor_id.str() + " " + event.temp_id).second) {
        fail("[DD1] stored twice: " + event.temp_id);
      }
      auto intent = intents_.find(event.temp_id);
      // What a restore took back may be sent again behind what was already on its way. So may what
      // was refused, when the device's storage lost the refusal.
      bool placed = intent != intents_.end() && !intent->second.retried &&
                    !intent->second.rolled_back && !intent->second.refusal_lost &&
                    !server_->answered(event.temp_id);
      if (!placed) continue;
      std::uint64_t& order = last[{intent->second.device, intent->second.tab, chat_id}];
      if (intent->second.order < order) fail("[OR3] out of the order of sending: " + event.temp_id);
      order = intent->second.order;
    }
  }
}

// Loads all history into one view of each chat and compares it with the server's log.
void World::check_history(Device& device) {
  Device::TabId tab = device.tabs().begin()->first;
  for (const auto& [chat_id, chat] : server_->chats()) {
    if (!server_->is_member(chat_id, device.user_id())) continue;
    std::uint32_t view = device.open_view(tab, OpenView::Kind::kConversation, chat_id);
    for (int page = 0; page < 100; ++page) {
      run_until(now_ms_ + 500);
      if (device.view(view)->naive.field("hasOlder", "false") != "true") break;
      (void)device.leader().give(LoadOlder{view});
    }
    converge("while loading history");
    std::vector<std::string> expected;
    for (const auto& [seq, message] : chat.messages) {
      const std::string* hidden =
          device.leader().core().state().private_items.value("hidden", chat_id, message.message_id);
      if (hidden == nullptr || *hidden == "false") expected.push_back(message.message_id.str());
    }
    std::vector<std::string> shown;
    for (const ShownItem& item : device.view(view)->naive.items()) {
      if (item.has("messageId")) shown.emplace_back(item.plain("messageId"));
      if (item.has("unchecked"))
        fail("[MG6] shown unchecked when online: " + std::string(item.json()));
    }
    if (shown != expected) {
      fail("[MG3] history of " + chat_name(chat_id) + " on d" + std::to_string(device.index()) +
           ": shown " + std::to_string(shown.size()) + " of " + std::to_string(expected.size()));
    }
    check_against_fresh(device);
    device.close_view(view);
  }
}

// [ST1] what was reported as written comes back: the device starts without a network and knows all.
void World::check_cold_start(Device& device) {
  for (int i = 0; i < 50 && !device.storage().idle(); ++i) run_until(now_ms_ + 100);
  if (!device.storage().idle()) fail("[ST4] batches never end");
  places_[device.index()].offline = true;
  abandon(device.leader());
  device.crash_all();
  (void)device.open_tab();
  (void)device.leader().give(NetworkChanged{false});
  const ClientState& state = device.leader().core().state();
  for (const auto& [chat_id, chat] : server_->chats()) {
    if (!server_->is_member(chat_id, device.user_id())) continue;
    std::string where = chat_name(chat_id) + " on " + name(device.leader());
    if (state.find_chat(chat_id) == nullptr) fail("[ST1] forgotten: " + where);
    std::string why = differs(device, chat_id, chat);
    if (!why.empty()) fail("[ST2] after a cold start, " + where + ": " + why);
  }
  auto user = server_->users().find(device.user_id());
  bool same =
      user == server_->users().end() || state.private_items.all() == user->second.items.all();
  if (!same) fail("[ST2] private items differ after a cold start");
}

}  // namespace godwit::sim
