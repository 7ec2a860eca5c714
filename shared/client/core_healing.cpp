// Healing: storage was found damaged, and what it lost is fetched again, nothing else.
//
// What was read stays and is shown, marked as unchecked. After the usual sync (which brings the
// state of those chats that lost events), and once the cache is loaded or lost, the blocks that are
// held whole are compared by their sums; what is held in part is checked by what changed since it
// was true. When nothing is in doubt any more the damaged mounts are written anew. Until then their
// manifests say that they are in doubt, so that a crash in between only begins all of it again.
#include "shared/client/client_core.h"

namespace godwit {

void ClientCore::begin_doubt(Mount mount) {
  if (!store_.doubtful(mount)) return;
  in_doubt_ = true;
  for (auto& [chat_id, chat] : state_.chats) {
    if (!store_.may_have_hit(mount, chat_id)) continue;
    chat.doubt();
    if (!store_.cache_awaited()) sync_.comparison().want(chat_id);
    views_.touch_chat(chat_id);
  }
}

// That a chat was left may be what was lost: what stood before it is loaded again.
void ClientCore::forget_left_chats() {
  std::vector<ChatId> left;
  for (const auto& [chat_id, chat] : state_.chats) {
    bool waits = !state_.outbox.of_chat(chat_id).empty();
    if (chat.doubtful() && chat.gone() && !waits) left.push_back(chat_id);
  }
  for (ChatId chat_id : left) forget_chat(chat_id);
}

// A full sync has brought every chat that is one's own: of the others nothing but remains was held.
void ClientCore::end_sync_of_doubt() {
  forget_left_chats();
  for (ChatId chat_id : sync_.take_unnamed()) {
    const ChatReplica* chat = state_.find_chat(chat_id);
    bool brought = chat == nullptr || !chat->doubtful() || (chat->known() && !chat->has_gap());
    if (brought) continue;
    bool waits = !state_.outbox.of_chat(chat_id).empty();
    if (chat->known()) {
      forget_chat(chat_id);
    } else if (!waits) {
      views_.touch_chat(chat_id);
      state_.chats.erase(chat_id);
    }
  }
  sync_.comparison().finished(state_);
}

void ClientCore::receive(const SyncBlock& part) {
  sync_.comparison().differs(part.chat_id, part.block);
  ChatReplica* chat = state_.find_chat(part.chat_id);
  if (chat == nullptr) return;
  chat->merge_page(part.page);
  store_.history(state_, part.chat_id, part.page);
  views_.touch_chat(part.chat_id);
}

// What a check found changed: in /c an older state of it may stand.
void ClientCore::keep_changes(const std::vector<Message>& messages) {
  for (const Message& message : messages) store_.stray(state_, message);
}

bool ClientCore::can_ask() const {
  return link_.polling() || (link_.state() == Link::State::kOnline && sync_.synced());
}

void ClientCore::pump_healing() {
  if (!in_doubt_ || store_.cache_awaited() || !can_ask() || !sync_.synced()) return;
  bool all_sure = true;
  for (auto& [chat_id, chat] : state_.chats) {
    if (!chat.doubtful()) continue;
    bool sure = !chat.is_member() ||
                (!sync_.comparison().comparing(chat_id) && !chat.next_doubt().has_value());
    if (sure && !chat.has_gap()) {
      chat.trust();
      views_.touch_chat(chat_id);
      continue;
    }
    all_sure = false;
    bool full = history_.in_flight() >= kHealingRequestsMax;
    if (full || sync_.comparison().comparing(chat_id)) continue;
    auto wanted = history_.next_doubt(chat, now_);
    if (!wanted) continue;
    history_.started(chat_id);
    requests_[request("GET", wanted->path(), {})] = *wanted;
  }
  in_doubt_ = !all_sure;
}

}  // namespace godwit
