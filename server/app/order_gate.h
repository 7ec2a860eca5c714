// The order rule of one connection (protocol.md, "Echo and order"): operations of one connection
// on one chat are applied in the order sent; after a retryable error the later ones get the same
// error until the refused one is sent again.
//
// One OrderGate belongs to one connection and is shared (std::shared_ptr) with the operations it
// has in the writer's queue. Two places close it: the gateway, which refuses before submitting
// (rate limit), and the writer (queue full, commit failed). Because operations are pipelined, an
// operation that was admitted before the refusal may still be in the queue when the refused one is
// sent again and admitted; so admission hands out a ticket, and a ticket of before the last refusal
// no longer passes. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/ids.h"
#include "shared/base/result.h"

namespace godwit::server {

// A retryable error as it is told to the client.
struct Refusal {
  Code code = Code::kUnavailable;  // kRateLimited or kUnavailable
  std::string message;
  std::int64_t retry_after_ms = 0;
};

class OrderGate {
 public:
  using Ticket = std::uint64_t;

  // A connection that has had refusals in more chats than this is refused everything from then on,
  // with the last refusal; a new connection starts anew.
  static constexpr std::size_t kRefusedChatsMax = 4'096;

  struct Admission {
    Ticket ticket = 0;
    std::optional<Refusal> refusal;  // set: answer with this, do not submit
  };

  // Asks to let the operation `temp_id` on `chat_id` (0: none) in. Called by the connection in the
  // order of its frames. Sending the refused operation again opens the chat's gate.
  Admission admit(ChatId chat_id, std::string_view temp_id);

  // Says that `temp_id` was refused with a retryable error; the chat's gate closes. When an earlier
  // operation of the chat has closed it already, or the ticket is of before that, nothing changes.
  // Returns the refusal to answer with: the one that stands.
  Refusal refuse(ChatId chat_id, std::string_view temp_id, Ticket ticket, Refusal refusal);

  // Asked by the writer before it applies an admitted operation: nullopt lets it pass, else it is
  // answered with that refusal and not applied.
  std::optional<Refusal> check(ChatId chat_id, Ticket ticket) const;

 private:
  struct Gate {
    std::string temp_id;  // the refused one
    bool closed = false;
    Ticket valid_from = 0;  // tickets below are of before the last refusal
    Refusal refusal;        // the last one
  };
  mutable std::mutex mutex_;
  Ticket next_ticket_ = 1;
  std::map<ChatId, Gate> gates_;         // of chats that have had a refusal; open again ones stay
  std::optional<Refusal> shut_for_good_;
};

}  // namespace godwit::server
