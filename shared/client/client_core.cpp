#include "shared/client/client_core.h"

#include <algorithm>

namespace godwit {

ClientCore::ClientCore(const Config& config) : prng_(config.seed) {}
ClientCore::~ClientCore() = default;

Status ClientCore::step(Instant now, Timestamp wall, const Event& event, Effects& effects) {
  now_ = std::max(now_, now);
  wall_ = wall;
  effects_ = &effects;
  Status status = std::visit([this](const auto& one) { return on(one); }, event);
  if (status.is_ok()) {
    pump();
    pumped_at_ = now_;
  }
  effects_ = nullptr;
  return status;
}

std::optional<Instant> ClientCore::next_deadline() const {
  std::optional<Instant> earliest;
  auto consider = [&](std::optional<Instant> at) {
    // What was due by the last step was done then; what could not be done waits for an event.
    if (at && *at > pumped_at_ && (!earliest || *at < *earliest)) earliest = at;
  };
  if (!started_) return earliest;
  consider(link_.next_deadline());
  consider(people_.next_deadline());
  consider(away_at_);
  if (link_.open()) consider(sync_.next_deadline());
  if (link_.open() || link_.polling()) consider(state_.outbox.next_deadline());
  if (link_.state() == Link::State::kOnline) consider(history_.next_deadline());
  for (const auto& retry_at : storage_retry_at_) consider(retry_at);
  return earliest;
}

std::optional<MessageStatus> ClientCore::status_of(const std::string& temp_id) const {
  const OutboxEntry* entry = state_.outbox.find(temp_id);
  if (entry == nullptr) return std::nullopt;
  return pending_status(*entry, !memory_reason_.empty());
}

std::string ClientCore::make_temp_id() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string id = "c-";
  for (int word = 0; word < 2; ++word) {
    std::uint64_t bits = prng_.next();
    for (int digit = 0; digit < 16; ++digit) id.push_back(kDigits[(bits >> (4 * digit)) & 15]);
  }
  return id;
}

}  // namespace godwit
