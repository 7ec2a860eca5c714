#include "shared/client/sync_driver.h"

namespace godwit {

std::optional<SyncRequest> SyncDriver::take(const ClientState& state, Instant now) {
  if (in_flight_ || not_before_ > now) return std::nullopt;
  if (!wanted()) return take_comparison(state, now);
  SyncRequest request;
  request.request_id = "s" + std::to_string(next_request_++);
  request.epoch = state.epoch;
  name_chats(state, request);
  request.rest = want_all_;
  if (want_all_ || want_user_) request.user = state.private_items.position().held();
  want_all_ = want_user_ = false;
  chats_.clear();
  in_flight_ = request;
  asked_at_ = now;
  return request;
}

// A chat that lost events, or all but its history, is not named in a full request: `rest` then
// brings its state, which no delta would.
void SyncDriver::name_chats(const ClientState& state, SyncRequest& request) {
  if (want_all_) unnamed_.clear();
  for (const auto& [chat_id, chat] : state.chats) {
    bool named = want_all_ || chats_.count(chat_id) != 0;
    if (!named || chat.gone()) continue;
    if (want_all_ && chat.doubtful() && (chat.has_gap() || !chat.known())) {
      unnamed_.insert(chat_id);
      continue;
    }
    if (request.chats.size() >= limits::kSyncChatsMax) break;
    request.chats.emplace(chat_id, chat.held());
  }
}

std::optional<SyncRequest> SyncDriver::take_comparison(const ClientState& state, Instant now) {
  if (!comparing_due()) return std::nullopt;
  SyncRequest request;
  request.blocks = comparison_.take(state);
  if (request.blocks.empty()) return std::nullopt;
  request.request_id = "s" + std::to_string(next_request_++);
  request.epoch = state.epoch;
  in_flight_ = request;
  asked_at_ = now;
  return request;
}

bool SyncDriver::finished(const std::string& request_id) {
  if (!in_flight_ || in_flight_->request_id != request_id) return false;
  if (in_flight_->rest) synced_ = true;
  in_flight_.reset();
  return true;
}

void SyncDriver::refused(Instant now, std::int64_t wait_ms) {
  if (!in_flight_) return;
  want_all_ = want_all_ || in_flight_->rest;
  want_user_ = want_user_ || in_flight_->user.has_value();
  for (const auto& [chat_id, seq] : in_flight_->chats) chats_.insert(chat_id);
  in_flight_.reset();
  comparison_.lost();
  not_before_ = now.plus_ms(wait_ms);
}

void SyncDriver::disconnected() {
  in_flight_.reset();
  comparison_.lost();
  chats_.clear();
  synced_ = false;
  want_all_ = true;
  not_before_ = Instant{};
}

std::optional<Instant> SyncDriver::next_deadline() const {
  if (in_flight_) return asked_at_.plus_ms(kTimeoutMs);
  if ((wanted() || comparing_due()) && not_before_ > Instant{}) return not_before_;
  return std::nullopt;
}

}  // namespace godwit
