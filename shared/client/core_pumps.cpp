// At the end of each step: whatever is due now goes out. Each pump looks at the state and emits
// effects; none waits for another step.
#include "shared/client/client_core.h"
#include "shared/protocol/codec.h"

namespace godwit {

void ClientCore::pump() {
  if (started_) {
    for (ChatId chat_id : people_.expire(now_)) views_.touch_chat(chat_id);
    pump_presence();
    pump_link();
    pump_sync();
    pump_marks();
    pump_outbox();
    pump_healing();
    pump_history();
  }
  pump_storage();
  if (!kept_.empty()) effects_->push_back(Kept{std::move(kept_)});
  kept_.clear();
  pump_views();
}

void ClientCore::pump_link() {
  for (;;) {
    if (sync_.timed_out(now_) && link_.open()) link_.give_up();  // alive, but it does not answer
    switch (link_.due(now_)) {
      case Link::Action::kNone:
        return;
      case Link::Action::kConnect:
        effects_->push_back(Connect{});
        break;
      case Link::Action::kDisconnect:
        effects_->push_back(Disconnect{});
        break;
      case Link::Action::kPing:
        send(Ping{});
        break;
      case Link::Action::kPoll: {
        if (!sync_.comparing_due()) sync_.want_all();
        if (auto wanted = sync_.take(state_, now_)) {
          requests_[request("POST", "/sync", encode_sync_body(*wanted))] = PollSync{};
        }
        break;
      }
    }
  }
}

void ClientCore::pump_presence() {
  if (!away_at_ || *away_at_ > now_) return;
  away_at_.reset();
  away_ = true;
  if (link_.state() == Link::State::kOnline) send(SetPresence{Presence::kAway});
}

void ClientCore::send(const ClientFrame& frame) {
  link_.sent(now_);
  effects_->push_back(SendFrame{encode(frame)});
}

void ClientCore::pump_sync() {
  if (!link_.open()) return;
  if (auto wanted = sync_.take(state_, now_)) send(*wanted);
}

void ClientCore::pump_outbox() {
  if (link_.open()) {
    auto any = [](const QueuedOperation&) { return true; };
    for (const OutboxEntry* entry : state_.outbox.take_ready(now_, any)) {
      send(to_frame(entry->operation));
      views_.touch_chat(chat_of(entry->operation));
    }
  } else if (link_.polling()) {
    auto by_rest = [](const QueuedOperation& op) {
      return std::holds_alternative<SendMessage>(op) || std::holds_alternative<EditMessage>(op) ||
             std::holds_alternative<DeleteMessage>(op);
    };
    // One at a time in each chat: nothing keeps two HTTP requests in order.
    for (const OutboxEntry* entry : state_.outbox.take_ready(now_, by_rest, 1)) {
      send_by_rest(entry->operation);
      views_.touch_chat(chat_of(entry->operation));
    }
  }
}

void ClientCore::pump_marks() {
  bool online = link_.state() == Link::State::kOnline;
  if (!marks_.touched() || !sync_.synced() || (!online && !link_.polling())) return;
  auto find = [this](ChatId chat_id) { return state_.find_chat(chat_id); };
  for (const MarkPosition& mark : marks_.take(state_.self, find)) {
    if (online) {
      send(mark);
      continue;
    }
    std::string path = "/chats/" + mark.chat_id.str() + (mark.read ? "/read" : "/delivered");
    requests_[request("POST", std::move(path),
                      "{\"seq\":" + std::to_string(mark.seq.value) + "}")] = RestMark{};
  }
}

void ClientCore::pump_history() {
  if (!can_ask()) return;
  for (const auto& [view, conversation] : views_.conversations()) {
    const ChatReplica* chat = state_.find_chat(conversation.chat_id());
    if (chat == nullptr || chat->doubtful()) continue;  // core_healing.cpp asks for those
    auto wanted = history_.next(*chat, conversation.wanted(), now_);
    if (!wanted) continue;
    history_.started(chat->chat_id());
    views_.touch_chat(chat->chat_id());
    requests_[request("GET", wanted->path(), {})] = *wanted;
  }
}

void ClientCore::pump_storage() {
  if (fenced_) return;  // another leads now: this one writes nothing any more
  for (std::size_t i = 0; i < storage_retry_at_.size(); ++i) {
    if (!storage_retry_at_[i] || *storage_retry_at_[i] > now_) continue;
    storage_retry_at_[i].reset();
    store_.hold(static_cast<Mount>(i), false);
  }
  if (started_) store_.compact(state_, !in_doubt_ && !store_.cache_awaited());
  for (Batch& batch : store_.take_batches(state_)) effects_->push_back(Persist{std::move(batch)});
}

void ClientCore::pump_views() {
  bool loaded = store_.loaded(Mount::kQueue) && store_.loaded(Mount::kHot);
  ViewSource source{state_, people_,        link_, sync_, history_, state_.self, self_.display_name,
                    loaded, memory_reason_, now_,  wall_};
  if (source.reachable() != shown_reachable_) views_.touch_all(state_);
  shown_reachable_ = source.reachable();
  views_.collect(source, *effects_);
}

std::uint32_t ClientCore::request(std::string method, std::string path, std::string body) {
  std::uint32_t id = next_request_++;
  effects_->push_back(HttpRequest{id, std::move(method), std::move(path), std::move(body)});
  return id;
}

}  // namespace godwit
