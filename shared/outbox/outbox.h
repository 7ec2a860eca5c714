// The offline queue: operations that the server has not answered, in the order of sending, per
// chat. Knows states and order only; who stores and who sends is the client core's.
//
// An entry's life:
//   added (saving) -> durable (queued) -> in flight -> settled -> removed
//                  \-> storage failed (unsaved), sent all the same
//   in flight -> refused for good (failed) -> retried by the person, at the end of the order
//             -> refused for now, or disconnected -> waits and is sent again, order kept
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "shared/base/instant.h"
#include "shared/base/prng.h"
#include "shared/base/result.h"
#include "shared/outbox/backoff.h"
#include "shared/protocol/frames.h"

namespace godwit {

using QueuedOperation =
    std::variant<SendMessage, EditMessage, DeleteMessage, React, Pin, SetPrivate>;

const std::string& temp_id_of(const QueuedOperation& operation);
ChatId chat_of(const QueuedOperation& operation);  // 0: none
// The message that an operation changes; 0 for SendMessage and for chat-wide settings.
MessageId target_of(const QueuedOperation& operation);
ClientFrame to_frame(const QueuedOperation& operation);
std::optional<QueuedOperation> to_operation(ClientFrame frame);

// What storage did to an entry that it held.
enum class Harm : unsigned char {
  kNone,
  kDoubtful,  // it was damaged and reads as an operation all the same: the person decides
  kPartial,   // what could be made out of it, as a SendMessage; never sent
};

struct OutboxEntry {
  QueuedOperation operation;
  std::uint64_t order = 0;
  Timestamp created;         // this device's wall clock, for the screen only
  std::uint64_t ticket = 0;  // of the journal append that holds it; once settled, its answer
  bool durable = false;
  bool storage_failed = false;
  Instant send_by;  // undurable ones are sent from here on
  bool in_flight = false;
  bool sent = false;     // on this connection; the server may wait for it (protocol.md, order)
  bool settled = false;  // answered; kept until that answer is journaled
  std::optional<Code> failed;
  Harm harm = Harm::kNone;  // other than kNone: failed too

  const std::string& temp_id() const { return temp_id_of(operation); }
  bool waiting() const { return !settled && !failed; }
};

class Outbox {
 public:
  // Requires a tempId that it does not hold. Assigns `order`, the last of all.
  OutboxEntry& add(QueuedOperation operation, Timestamp created, Instant send_by);
  // As above with a known order, from storage.
  OutboxEntry& restore(QueuedOperation operation, std::uint64_t order, Timestamp created);

  // What could be made out of a damaged entry: failed, and named after its order.
  OutboxEntry& restore_partial(ChatId chat_id, std::string text, std::uint64_t order,
                               Timestamp created);

  OutboxEntry* find(const std::string& temp_id);
  const OutboxEntry* find(const std::string& temp_id) const;
  void remove(const std::string& temp_id);

  // Entries to send now, in order: per chat the first ones that are ready, none past one that is
  // not, at most `in_flight_max` in flight. `may_pass` says of an unready-to-carry operation that
  // later ones may go before it (polling, which has no call for it). Marks them in flight.
  std::vector<const OutboxEntry*> take_ready(
      Instant now, const std::function<bool(const QueuedOperation&)>& can_carry,
      std::size_t in_flight_max = limits::kInFlightMax);

  void disconnected();  // nothing is in flight any more; chat pauses end
  // Refused for now: this and all later ones of its chat wait, then go again in order.
  void refused_for_now(const std::string& temp_id, Instant now, Prng& prng,
                       std::int64_t retry_after_ms);
  // Answered, whatever the answer: its chat's back-off starts anew.
  void answered(const std::string& temp_id);
  // Failed -> waiting again, last in order. Requires that it is there, failed or unsaved, and not
  // partial. `order`: the one it was given then, from storage.
  void retry(const std::string& temp_id, Instant send_by, std::uint64_t order = 0);

  std::optional<Instant> next_deadline() const;
  std::vector<const OutboxEntry*> of_chat(ChatId chat_id) const;  // in order
  std::vector<OutboxEntry*> all();
  std::vector<const OutboxEntry*> all() const;
  std::size_t size() const { return entries_.size(); }
  std::uint64_t next_order() const { return next_order_; }

 private:
  friend class StateHasher;
  struct Pause {
    Instant until;
    Backoff backoff;
  };

  std::map<std::uint64_t, OutboxEntry> entries_;  // by order
  std::map<std::string, std::uint64_t> by_temp_id_;
  std::map<ChatId, std::set<std::uint64_t>> queues_;
  std::map<ChatId, Pause> pauses_;
  std::uint64_t next_order_ = 1;
};

}  // namespace godwit
