#include "server/gateway/receipts_board.h"

#include <algorithm>
#include <utility>

#include "server/gateway/people.h"

namespace godwit::server {

ReceiptsBoard::ReceiptsBoard(GatewayEnv& env, Registry& registry, Bus& bus)
    : env_(env), registry_(registry), bus_(bus) {}

void ReceiptsBoard::moved(ChatId chat_id, UserId user_id, Seq delivered, Seq read,
                          const RosterPtr& roster) {
  ReceiptsMoved note{chat_id, {}};
  note.receipts.delivered[user_id] = delivered;
  if (read.value != 0) note.receipts.read[user_id] = read;
  bus_.publish(note);
  heard(note, roster);
}

void ReceiptsBoard::heard(const ReceiptsMoved& note, const RosterPtr& roster) {
  Pending& pending = chats_[note.chat_id];
  pending.roster = roster;
  for (const auto& [user_id, seq] : note.receipts.delivered) add(pending, user_id, seq, Seq{});
  for (const auto& [user_id, seq] : note.receipts.read) add(pending, user_id, seq, seq);
  touched_.insert(note.chat_id);
}

void ReceiptsBoard::add(Pending& pending, UserId user_id, Seq delivered, Seq read) {
  Seq& told_delivered = pending.receipts.delivered[user_id];
  told_delivered = std::max(told_delivered, delivered);
  if (read.value == 0) return;
  Seq& told_read = pending.receipts.read[user_id];
  told_read = std::max(told_read, read);
}

void ReceiptsBoard::flush() {
  for (ChatId chat_id : std::exchange(touched_, {})) {
    Pending& pending = chats_[chat_id];
    if (pending.has_timer) continue;
    if (env_.executor.now() >= pending.due) {
      flush_chat(chat_id);
      continue;
    }
    pending.has_timer = true;
    env_.executor.run_after(pending.due.ms - env_.executor.now().ms,
                            [this, chat_id] { flush_chat(chat_id); });
  }
}

// Sends what is pending, if anything, and waits before the next; a chat that had nothing to say for
// one wait is forgotten.
void ReceiptsBoard::flush_chat(ChatId chat_id) {
  auto found = chats_.find(chat_id);
  if (found == chats_.end()) return;
  Pending& pending = found->second;
  pending.has_timer = false;
  if (pending.receipts.empty()) {
    chats_.erase(found);
    return;
  }
  ReceiptsFrame frame{chat_id, std::exchange(pending.receipts, {})};
  send_to_people(env_, registry_, frame, *pending.roster->ids);
  const std::int64_t wait_ms = every_ms(*pending.roster);
  pending.due = env_.executor.now().plus_ms(wait_ms);
  pending.has_timer = true;
  env_.executor.run_after(wait_ms, [this, chat_id] { flush_chat(chat_id); });
}

std::int64_t ReceiptsBoard::every_ms(const Roster& roster) const {
  return roster.members.size() > limits::kReceiptsLargeMembers ? env_.config.receipts_every_large_ms
                                                               : env_.config.receipts_every_ms;
}

}  // namespace godwit::server
