#include "shared/client/sync_driver.h"

#include "shared/base/hash.h"

namespace godwit {

std::optional<SyncRequest> SyncDriver::take(const ClientState& state, Instant now) {
  if (in_flight_ || !wanted() || not_before_ > now) return std::nullopt;
  SyncRequest request;
  request.request_id = "s" + std::to_string(next_request_++);
  request.epoch = state.epoch;
  std::size_t blocks = 0;
  for (const auto& [chat_id, chat] : state.chats) {
    bool named = want_all_ || chats_.count(chat_id) != 0;
    if (!named || chat.gone()) continue;
    if (request.chats.size() >= limits::kSyncChatsMax) break;
    request.chats.emplace(chat_id, chat.held());
    if (!want_all_ || !want_blocks_) continue;
    BlockSums sums = block_sums(chat);
    if (sums.empty() || blocks + sums.size() > kBlocksMax) continue;
    blocks += sums.size();
    request.blocks.emplace(chat_id, std::move(sums));
  }
  request.rest = want_all_;
  if (want_all_ || want_user_) request.user = state.private_items.position().held();
  if (want_all_) want_blocks_ = false;
  want_all_ = want_user_ = false;
  chats_.clear();
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
  not_before_ = now.plus_ms(wait_ms);
}

void SyncDriver::disconnected() {
  in_flight_.reset();
  chats_.clear();
  synced_ = false;
  want_all_ = true;
  not_before_ = Instant{};
}

std::optional<Instant> SyncDriver::next_deadline() const {
  if (in_flight_) return asked_at_.plus_ms(kTimeoutMs);
  if (wanted() && not_before_ > Instant{}) return not_before_;
  return std::nullopt;
}

BlockSums block_sums(const ChatReplica& chat) {
  BlockSums sums;
  for (const Segment& segment : chat.timeline().segments().all()) {
    if (!segment.checked) continue;
    std::uint64_t first = (segment.from.value + limits::kBlockSeqs - 1) / limits::kBlockSeqs;
    if (segment.from.value <= 1) first = 0;  // seq 0 does not exist
    std::uint64_t end = (segment.to.value + 1) / limits::kBlockSeqs;
    for (std::uint64_t block = first; block < end; ++block) sums[block] = 0;
  }
  for (const auto& [seq, message] : chat.timeline().messages()) {
    auto it = sums.find(seq.value / limits::kBlockSeqs);
    if (it != sums.end()) it->second += block_hash(message.message_id.value, message.rev.value);
  }
  return sums;
}

}  // namespace godwit
