// Tells the members of a chat how far each has received and read: the first change at once, then
// gathered into one frame a chat every 500 ms (5 s in a chat of over 32). Watermarks only grow, so
// gathering keeps the highest. What is told here is stored already. I/O thread only.
#pragma once

#include <set>
#include <unordered_map>

#include "server/app/outcome.h"
#include "server/bus/bus.h"
#include "server/gateway/gateway_env.h"
#include "server/gateway/registry.h"

namespace godwit::server {

class ReceiptsBoard {
 public:
  ReceiptsBoard(GatewayEnv& env, Registry& registry, Bus& bus);

  // A watermark was stored. Sent by flush(), which the caller calls at the end of the batch.
  void moved(ChatId chat_id, UserId user_id, Seq delivered, Seq read, const RosterPtr& roster);
  // Another node's. The roster is who is in the chat.
  void heard(const ReceiptsMoved& note, const RosterPtr& roster);
  // Sends what is due now, and sees to the rest.
  void flush();

 private:
  struct Pending {
    Receipts receipts;  // not told yet
    RosterPtr roster;
    Instant due;  // of the next frame
    bool has_timer = false;
  };

  void add(Pending& pending, UserId user_id, Seq delivered, Seq read);
  void flush_chat(ChatId chat_id);
  std::int64_t every_ms(const Roster& roster) const;

  GatewayEnv& env_;
  Registry& registry_;
  Bus& bus_;
  std::unordered_map<ChatId, Pending, IdHash<ChatId>> chats_;
  std::set<ChatId> touched_;  // in this batch
};

}  // namespace godwit::server
