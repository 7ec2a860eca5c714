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

Refusal OrderGate::refuse(ChatId chat_id, std::string_view temp_id, Ticket ticket,
                          Refusal refusal) {
  std::lock_guard lock(mutex_);
  if (shut_for_good_) return *shut_for_good_;
  auto found = gates_.find(chat_id);
  if (found == gates_.end()) {
    if (gates_.size() >= kRefusedChatsMax) {
      shut_for_good_ = refusal;
      return refusal;
    }
    found = gates_.emplace(chat_id, Gate{}).first;
  }
  Gate& gate = found->second;
  if (gate.closed || ticket < gate.valid_from) return gate.refusal;
  gate.temp_id = temp_id;
  gate.closed = true;
  gate.valid_from = next_ticket_;
  gate.refusal = refusal;
  return refusal;
}

std::optional<Refusal> OrderGate::check(ChatId chat_id, Ticket ticket) const {
  std::lock_guard lock(mutex_);
  if (shut_for_good_) return shut_for_good_;
  auto found = gates_.find(chat_id);
  if (found == gates_.end()) return std::nullopt;
  const Gate& gate = found->second;
  if (gate.closed || ticket < gate.valid_from) return gate.refusal;
  return std::nullopt;
}

}  // namespace godwit::server
