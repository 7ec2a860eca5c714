// What to ask the server for, and when: everything after a connect, single chats after a gap. One
// sync_request is in flight at a time; what comes up meanwhile goes with the next.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "shared/client/client_store.h"

namespace godwit {

class SyncDriver {
 public:
  static constexpr std::int64_t kTimeoutMs = 20'000;
  static constexpr std::size_t kBlocksMax = 1'000;  // block sums in one request

  void want_all() { want_all_ = true; }
  void want_chat(ChatId chat_id) { chats_.insert(chat_id); }
  void want_user() { want_user_ = true; }
  // Storage was found damaged: the next full request carries block sums of what is held.
  void want_blocks() { want_blocks_ = true; }

  // The next request, when something is wanted and none is in flight or paused.
  std::optional<SyncRequest> take(const ClientState& state, Instant now);
  // An answer's `done` frame; false for a request that is not the one in flight.
  bool finished(const std::string& request_id);
  // It failed for now: the same is asked again after `wait_ms`.
  void refused(Instant now, std::int64_t wait_ms);
  void disconnected();

  bool in_flight() const { return in_flight_.has_value(); }
  // Everything known at the last connect has been asked for and answered.
  bool synced() const { return synced_; }
  bool timed_out(Instant now) const { return in_flight_ && asked_at_.plus_ms(kTimeoutMs) <= now; }
  std::optional<Instant> next_deadline() const;

 private:
  friend class StateHasher;
  bool wanted() const { return want_all_ || want_user_ || !chats_.empty(); }

  bool want_all_ = false;
  bool want_user_ = false;
  bool want_blocks_ = false;
  std::set<ChatId> chats_;
  std::optional<SyncRequest> in_flight_;
  Instant asked_at_;
  Instant not_before_;
  bool synced_ = false;
  std::uint64_t next_request_ = 1;
};

// The block sums of a chat's completely held, checked blocks (protocol.md, `blocks`).
BlockSums block_sums(const ChatReplica& chat);

}  // namespace godwit
