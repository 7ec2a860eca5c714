// The order rule of one connection (protocol.md, "Echo and order"): operations of one connection
// on one chat are applied in the order sent; after a retryable error the later ones get the same
// error until the refused one is sent again.
//
// One OrderGate belongs to one connection and is shared (std::shared_ptr) with the operations it
// has in the writer's queue. Two places close it: the gateway, which refuses before submitting
// (rate limit), and the writer (queue full, commit failed). Operations are pipelined: when one is
// refused, some sent after it may be in the queue already, and still be there when the refused one
// is sent again. So admission hands out tickets, and those given out between the refused one and
// its refusal no longer pass. Those of before it do: they were sent earlier. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

  // A connection that has had refusals in more chats than this, or in one chat more of them while
  // the writer got to none, is refused everything from then on, with the last refusal; a new
  // connection starts anew.
  static constexpr std::size_t kRefusedChatsMax = 4'096;
  static constexpr std::size_t kStaleRangesMax = 64;

  struct Admission {
    Ticket ticket = 0;
    std::optional<Refusal> refusal;  // set: answer with this, do not submit
  };

  // Asks to let the operation `temp_id` on `chat_id` (0: none) in. Called by the connection in the
  // order of its frames. Sending the refused operation again opens the chat's gate.
  Admission admit(ChatId chat_id, std::string_view temp_id);

  // Says that `temp_id` was refused with a retryable error; the chat's gate closes, and opens again
  // for this operation alone. Where an operation sent earlier has closed it, nothing changes; where
  // a later one has, the earlier one takes its place. Returns the refusal to answer with.
  Refusal refuse(ChatId chat_id, std::string_view temp_id, Ticket ticket, Refusal refusal);

  // Asked by the writer before it applies an admitted operation: nullopt lets it pass, else it is
  // answered with that refusal and not applied. Called in the order of tickets.
  std::optional<Refusal> check(ChatId chat_id, Ticket ticket);

 private:
  struct Range {  // of tickets: from <= ticket < to
    Ticket from;
    Ticket to;
  };
  struct Gate {
    std::string temp_id;  // the refused one
    Ticket refused = 0;   // its ticket
    bool closed = false;
    Refusal refusal;           // the last one
    std::vector<Range> stale;  // ascending; those that the writer has passed are dropped
  };
  static bool is_stale(const Gate& gate, Ticket ticket);

  std::mutex mutex_;
  Ticket next_ticket_ = 1;
  std::map<ChatId, Gate> gates_;  // of chats that have had a refusal; open again ones stay
  std::optional<Refusal> shut_for_good_;
};

}  // namespace godwit::server
