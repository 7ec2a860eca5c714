#include "server/app/order_gate.h"

namespace godwit::server {

OrderGate::Admission OrderGate::admit(ChatId chat_id, std::string_view temp_id) {
  std::lock_guard lock(mutex_);
  if (shut_for_good_) return Admission{0, shut_for_good_};
  if (auto found = gates_.find(chat_id); found != gates_.end() && found->second.closed) {
    Gate& gate = found->second;
    if (gate.temp_id != temp_id) return Admission{0, gate.refusal};
    gate.closed = false;
  }
  return Admission{next_ticket_++, std::nullopt};
}

bool OrderGate::is_stale(const Gate& gate, Ticket ticket) {
  if (gate.closed && ticket > gate.refused) return true;
  for (const Range& range : gate.stale) {
    if (ticket >= range.from && ticket < range.to) return true;
  }
  return false;
}

Refusal OrderGate::refuse(ChatId chat_id, std::string_view temp_id, Ticket ticket,
                          Refusal refusal) {
  std::lock_guard lock(mutex_);
  if (shut_for_good_) return *shut_for_good_;
  auto found = gates_.find(chat_id);
  const bool is_new = found == gates_.end();
  if (!is_new && is_stale(found->second, ticket)) return found->second.refusal;
  if (is_new ? gates_.size() >= kRefusedChatsMax : found->second.stale.size() >= kStaleRangesMax) {
    shut_for_good_ = refusal;
    return refusal;
  }
  Gate& gate = gates_[chat_id];
  gate.temp_id = temp_id;
  gate.refused = ticket;
  gate.closed = true;
  gate.refusal = refusal;
  while (!gate.stale.empty() && gate.stale.back().from > ticket) gate.stale.pop_back();
  gate.stale.push_back(Range{ticket + 1, next_ticket_});
  return refusal;
}

std::optional<Refusal> OrderGate::check(ChatId chat_id, Ticket ticket) {
  std::lock_guard lock(mutex_);
  if (shut_for_good_) return shut_for_good_;
  auto found = gates_.find(chat_id);
  if (found == gates_.end()) return std::nullopt;
  Gate& gate = found->second;
  while (!gate.stale.empty() && gate.stale.front().to <= ticket)
    gate.stale.erase(gate.stale.begin());
  if (is_stale(gate, ticket)) return gate.refusal;
  return std::nullopt;
}

}  // namespace godwit::server
