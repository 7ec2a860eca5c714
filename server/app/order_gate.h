// The order rule of one connection (protocol.md, "Echo and order"): operations of one connection
// on one chat are applied in the order sent; after a retryable error the later ones get the same
// error until the refused one is sent again.
//
// One OrderGate belongs to one connection and is shared (std::shared_ptr) with the operations it
// has in the writer's queue. Two places close it: the gateway, which refuses before submitting
// (rate limit), and the writer (queue full, commit failed). Because operations are pipelined, one
// that was admitted behind the refused one may still be in the queue when that is sent again and
// admitted, while one admitted before it is rightly there. So admission hands out growing tickets,
// and a refusal makes those void that were handed out after the refused one's. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/instant.h"
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

  // A connection that has had refusals in more chats than this, or in one chat more of them while
  // the writer got to none, is refused everything from then on, with the last refusal; a new
  // connection starts anew.
  static constexpr std::size_t kRefusedChatsMax = 4'096;
  static constexpr std::size_t kStaleRangesMax = 64;
  // A closed gate opens by itself when later operations have been refused for so long and the
  // refused one has not come: its sender has given it up (discarded, answered by another way), and
  // nothing that was sent before is on its way any more.
  static constexpr std::int64_t kGivenUpAfterMs = 60'000;

  struct Admission {
    Ticket ticket = 0;
    std::optional<Refusal> refusal;  // set: answer with this, do not submit
  };

  // Asks to let the operation `temp_id` on `chat_id` (0: none) in. Called by the connection in the
  // order of its frames. Sending the refused operation again opens the chat's gate.
  // `now` is steady.
  Admission admit(ChatId chat_id, std::string_view temp_id, Instant now);

  // Says that `temp_id` was refused with a retryable error: the chat's gate closes, and what was
  // admitted after it is void. When its own ticket is void already, nothing changes. Returns the
  // refusal to answer with: the one that stands.
  Refusal refuse(ChatId chat_id, std::string_view temp_id, Ticket ticket, Refusal refusal);

  // Asked by the writer before it applies an admitted operation: nullopt lets it pass, else it is
  // answered with that refusal and not applied. Requires that a chat's tickets come in their order.
  std::optional<Refusal> check(ChatId chat_id, Ticket ticket);

 private:
  struct Span {  // tickets with after < ticket < before are void
    Ticket after;
    Ticket before;
  };
  struct Gate {
    std::string temp_id;  // the refused one, while closed
    bool closed = false;
    Refusal refusal;                     // the last one
    std::optional<Instant> waits_since;  // closed; when first another operation came instead
    std::vector<Span> voided;            // ascending, apart
    bool is_void(Ticket ticket) const;
  };
  mutable std::mutex mutex_;
  Ticket next_ticket_ = 1;
  std::map<ChatId, Gate> gates_;  // closed ones, and those with void tickets in the queue
  std::optional<Refusal> shut_for_good_;
};

}  // namespace godwit::server
