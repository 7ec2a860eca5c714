#include "server/app/order_gate.h"

#include "shared/base/mutation.h"

namespace godwit::server {

OrderGate::Admission OrderGate::admit(ChatId chat_id, std::string_view temp_id, Instant now) {
  std::lock_guard lock(mutex_);
  if (shut_for_good_) return Admission{0, shut_for_good_};
  if (auto found = gates_.find(chat_id); found != gates_.end() && found->second.closed) {
    Gate& gate = found->second;
    if (gate.temp_id != temp_id) {
      if (!gate.waits_since) gate.waits_since = now;
      if (now < gate.waits_since->plus_ms(kGivenUpAfterMs)) return Admission{0, gate.refusal};
    }
    gate.closed = false;
  }
  return Admission{next_ticket_++, std::nullopt};
}

// While the gate is closed nothing is admitted, so the last span reaches to the newest ticket.
bool OrderGate::Gate::is_void(Ticket ticket) const {
  for (const Span& span : voided) {
    if (ticket > span.after && ticket < span.before) return true;
  }
  return false;
}

Refusal OrderGate::refuse(ChatId chat_id, std::string_view temp_id, Ticket ticket,
                          Refusal refusal) {
  if (mutated(Mutation::kGateOff)) return refusal;
  std::lock_guard lock(mutex_);
  if (shut_for_good_) return *shut_for_good_;
  auto found = gates_.find(chat_id);
  const bool is_new = found == gates_.end();
  if (!is_new && found->second.is_void(ticket)) return found->second.refusal;
  if (is_new ? gates_.size() >= kRefusedChatsMax : found->second.voided.size() >= kStaleRangesMax) {
    shut_for_good_ = refusal;
    return refusal;
  }
  Gate& gate = gates_[chat_id];
  gate.temp_id = temp_id;
  gate.closed = true;
  gate.waits_since.reset();
  gate.refusal = refusal;
  while (!gate.voided.empty() && gate.voided.back().after >= ticket) gate.voided.pop_back();
  if (!gate.voided.empty() && gate.voided.back().before == ticket) {
    gate.voided.back().before = next_ticket_;  // refused again at once: one span
  } else {
    gate.voided.push_back(Span{ticket, next_ticket_});
  }
  return refusal;
}

std::optional<Refusal> OrderGate::check(ChatId chat_id, Ticket ticket) {
  std::lock_guard lock(mutex_);
  if (shut_for_good_) return shut_for_good_;
  auto found = gates_.find(chat_id);
  if (found == gates_.end()) return std::nullopt;
  Gate& gate = found->second;
  while (!gate.voided.empty() && gate.voided.front().before <= ticket) {
    gate.voided.erase(gate.voided.begin());
  }
  if (gate.is_void(ticket)) return gate.refusal;
  if (!gate.closed && gate.voided.empty()) gates_.erase(found);
  return std::nullopt;
}

}  // namespace godwit::server
