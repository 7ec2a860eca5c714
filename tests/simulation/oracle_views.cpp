// The oracle at every moment: what the screen may show, and how it may change.
#include <algorithm>

#include "tests/simulation/world.h"

namespace godwit::sim {
namespace {

int rank_of(std::string_view status) {
  if (status == "sent") return 1;
  if (status == "delivered") return 2;
  if (status == "read") return 3;
  return 0;
}

const ShownItem* item_named(const NaiveView& view, std::string_view key, std::string_view value) {
  for (const ShownItem& item : view.items()) {
    if (item.plain(key) == value) return &item;
  }
  return nullptr;
}

// What a person sees of an operation's outcome; when and how far it went is not part of it.
std::string content_of(const ShownItem* item) {
  if (item == nullptr) return "nothing";
  std::string content;
  for (const char* field : {"text", "deleted", "pinned", "reactions", "replyTo"}) {
    if (item->has(field)) content.append(field).append(item->get(field)).append(" ");
  }
  return content;
}

std::string json_of(const ShownItem& item) { return std::string(item.json()); }

}  // namespace

void World::shown(Leader& leader, std::uint32_t id) {
  const Device::View& view = *leader.device().view(id);
  if (view.kind == OpenView::Kind::kConversation) check_items(leader, view);
}

// [OR] confirmed messages ascend by seq and pending ones stand after them; [DD] none is there
// twice; [OV] what is shown is what somebody wrote. Looks at what the last diff brought, and its
// neighbours.
void World::check_items(const Leader& leader, const Device::View& view) {
  const NaiveView& naive = view.naive;
  std::size_t changed_end = naive.last_at() + naive.last_count();
  std::size_t end = std::min(changed_end + 1, naive.items().size());
  for (std::size_t i = naive.last_at(); i < end; ++i) {
    const ShownItem& item = naive.items()[i];
    std::uint64_t seq = item.natural("seq");  // 0: pending
    if (i > 0 && seq != 0) {
      std::uint64_t before = naive.items()[i - 1].natural("seq");
      if (before == 0) {
        fail("[OV2] a confirmed message stands after a pending one: " + json_of(item));
      }
      if (before >= seq) fail("[OV3] messages do not ascend by seq: " + json_of(item));
    }
    if (i == changed_end) break;  // a neighbour
    if (item.has("text")) {
      auto said = said_.find(item.get("text"));
      bool known = said != said_.end() && said->second == view.chat_id;
      if (!known) fail("[OV1] shown, but never written: " + json_of(item));
    }
    check_status(leader, item);
  }
  if (!naive.doubled().empty()) {
    fail("[OV3] shown twice on " + name(leader) + ": " + naive.doubled());
  }
}

// [RC] a status goes forward only, while the core lives.
void World::check_status(const Leader& leader, const ShownItem& item) {
  if (!item.is_on("own") || item.has("system")) return;
  // Who has left counts no more, and with nobody else left nothing counts as delivered.
  if (!ever_left_.empty()) return;
  // Another life of the database knows of other receipts.
  std::string message = std::string(item.plain("localId")) + leader.core().state().epoch;
  auto [it, is_new] = ranks_.try_emplace({leader.life(), message}, 0);
  std::string_view status = item.plain("status");
  int rank = rank_of(status);
  bool changing = status == "failed" && item.has("seq");  // a change of it failed
  if (!changing && rank < it->second) {
    fail("[RC1] a status went back on " + name(leader) + ": " + json_of(item));
  }
  it->second = std::max(it->second, rank);
}

void World::remember_own(Leader& leader) {
  const Device& device = leader.device();
  if (!leader.running() || &device.leader() != &leader) return;
  for (const OutboxEntry* entry : leader.core().state().outbox.all()) {
    auto intent = intents_.find(entry->temp_id());
    if (intent != intents_.end()) intent->second.refused = entry->failed.has_value();
  }
  std::set<std::string>& own = place(leader).own;
  own.clear();
  if (place(leader).damaged) return;
  const ClientState& state = leader.core().state();
  for (const auto& [id, intent] : intents_) {
    bool message = intent.device == leader.device().index() && intent.stored && !intent.discarded &&
                   std::holds_alternative<SendMessage>(intent.operation);
    const ChatReplica* chat = message ? state.find_chat(chat_of(intent.operation)) : nullptr;
    if (chat == nullptr || ever_left_.count({chat->chat_id(), device.user_id()}) != 0) continue;
    const Message* confirmed = chat->timeline().by_temp_id(id);
    bool recent = confirmed != nullptr && confirmed->seq.value + 20 > chat->held().value;
    if (recent || state.outbox.find(id) != nullptr) own.insert(id);
  }
}

// [ST] what a person has seen of their own and was told is kept is there after any death but one of
// the disk, without a network.
void World::started(Leader& leader) {
  const ClientState& state = leader.core().state();
  for (const OutboxEntry* entry : state.outbox.all()) {
    auto intent = intents_.find(entry->temp_id());
    bool again = intent != intents_.end() && intent->second.refused && !entry->failed;
    if (again) intent->second.refusal_lost = true;
  }
  for (const std::string& id : place(leader).own) {
    const Intent& intent = intents_.at(id);
    const ChatReplica* chat = state.find_chat(chat_of(intent.operation));
    bool there = state.outbox.find(id) != nullptr ||
                 (chat != nullptr && chat->timeline().by_temp_id(id) != nullptr);
    if (!there && !intent.discarded)
      fail("[ST3] kept, and forgotten by " + name(leader) + ": " + id);
  }
}

// An own operation is about to be confirmed by the very next event: all that its outcome depends on
// was known here. Then nothing of what is shown may change but how far it went.
std::optional<World::Prediction> World::predict(Leader& leader, const std::string& text) {
  if (leader.frozen() || leader.core().state().outbox.size() == 0) return std::nullopt;
  if (text.find("\"tempId\"") == std::string::npos) return std::nullopt;
  auto frame = decode_server_frame(text);
  const auto* event = frame ? std::get_if<ChatEvent>(&*frame) : nullptr;
  if (event == nullptr || event->actor_id != leader.device().user_id()) return std::nullopt;
  const ClientState& state = leader.core().state();
  bool is_message = event->kind == EventKind::kMessage;
  const std::string& temp_id = is_message ? event->message.temp_id : event->temp_id;
  const OutboxEntry* entry = state.outbox.find(temp_id);
  const ChatReplica* chat = state.find_chat(event->chat_id);
  bool next = entry != nullptr && !entry->settled && !entry->failed && chat != nullptr &&
              chat->held().next() == event->seq && leader.core().synced();
  if (!next) return std::nullopt;
  const Segment* segment = chat->timeline().segments().find(event->message.seq);
  if (!is_message && (segment == nullptr || !segment->checked)) return std::nullopt;
  for (const auto& [id, tab] : leader.device().tabs()) {
    if (tab.leader.get() != &leader) continue;
    for (const auto& [view, shown] : tab.views) {
      if (shown.kind != OpenView::Kind::kConversation || shown.chat_id != event->chat_id) continue;
      const ShownItem* item =
          is_message ? item_named(shown.naive, "localId", temp_id)
                     : item_named(shown.naive, "messageId", event->message.message_id.str());
      if (item == nullptr) continue;
      return Prediction{view, std::string(item->plain("localId")), content_of(item)};
    }
  }
  return std::nullopt;
}

void World::check_prediction(Leader& leader, const Prediction& prediction) {
  const Device::View* view = leader.device().view(prediction.view);
  if (view == nullptr || !leader.running()) return;
  ++predictions_;
  std::string became = content_of(item_named(view->naive, "localId", prediction.local_id));
  if (became != prediction.shown) {
    fail("[OV1] predicted on " + name(leader) + ":\n  " + prediction.shown + "\nbecame\n  " +
         became);
  }
}

// [UI] a view that has lived through diffs equals one that was opened just now.
void World::check_against_fresh(Device& device) {
  if (!device.led() || device.leader().frozen()) return;
  for (auto& [id, tab] : device.tabs()) {
    if (tab.frozen || tab.leader.get() != &device.leader()) continue;
    std::vector<std::uint32_t> open;
    for (const auto& [view, shown] : tab.views) open.push_back(view);
    for (std::uint32_t view : open) check_fresh(device, id, view);
  }
}

void World::check_fresh(Device& device, Device::TabId tab, std::uint32_t id) {
  const Device::View& opened = *device.view(id);
  std::uint32_t fresh_id = device.open_view(tab, opened.kind, opened.chat_id);
  compare_fresh(device, device.look_at(id), device.look_at(fresh_id));
  device.close_view(fresh_id);
}

void World::compare_fresh(const Device& device, const NaiveView& lived, const NaiveView& fresh) {
  std::size_t count = std::min(fresh.items().size(), lived.items().size());
  if (count < fresh.items().size()) fail("[CO7] a fresh view shows more than one that was open");
  for (std::size_t i = 1; i <= count; ++i) {
    const ShownItem& ours = lived.items()[lived.items().size() - i];
    const ShownItem& theirs = fresh.items()[fresh.items().size() - i];
    if (ours.json() != theirs.json()) {
      fail("[CO7] shown on " + name(device.leader()) + ":\n  " + json_of(ours) + "\nfresh:\n  " +
           json_of(theirs));
    }
  }
  for (const auto& [field, value] : fresh.fields()) {
    bool windowed = field == "hasOlder" || field == "firstUnreadId" || field == "loadingOlder";
    // The longer window of the lived one may hold what is hidden, and so show no more.
    bool longer = count < lived.items().size() ||
                  (field == "hasOlder" && lived.field(field, "true") == "false");
    if (windowed && longer) continue;
    if (lived.field(field, "null") != value) {
      fail("[CO7] field " + field + " on " + name(device.leader()) + " shows " +
           std::string(lived.field(field, "null")) + ", fresh " + value);
    }
  }
}

}  // namespace godwit::sim
