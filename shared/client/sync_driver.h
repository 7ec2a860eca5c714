// What to ask the server for, and when: everything after a connect, single chats after a gap. One
// sync_request is in flight at a time; what comes up meanwhile goes with the next. Blocks are
// compared by requests of their own, once everything else is known: only then do sums mean the
// same.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "shared/client/comparison.h"

namespace godwit {

class SyncDriver {
 public:
  static constexpr std::int64_t kTimeoutMs = 20'000;

  void want_all() { want_all_ = true; }
  void want_chat(ChatId chat_id) { chats_.insert(chat_id); }
  void want_user() { want_user_ = true; }
  // What is in doubt after storage was found damaged.
  Comparison& comparison() { return comparison_; }
  const Comparison& comparison() const { return comparison_; }
  bool comparing_due() const { return synced_ && comparison_.due(); }

  // The next request, when something is wanted and none is in flight or paused.
  std::optional<SyncRequest> take(const ClientState& state, Instant now);
  // An answer's `done` frame; false for a request that is not the one in flight.
  bool finished(const std::string& request_id);
  // It failed for now: the same is asked again after `wait_ms`.
  void refused(Instant now, std::int64_t wait_ms);
  void disconnected();

  // The chats in doubt that the last full request did not name, so that it brings their state: one
  // that it did not bring is no longer one's own.
  std::set<ChatId> take_unnamed() { return std::exchange(unnamed_, {}); }

  bool in_flight() const { return in_flight_.has_value(); }
  // Everything known at the last connect has been asked for and answered.
  bool synced() const { return synced_; }
  bool timed_out(Instant now) const { return in_flight_ && asked_at_.plus_ms(kTimeoutMs) <= now; }
  std::optional<Instant> next_deadline() const;

 private:
  friend class StateHasher;
  std::optional<SyncRequest> take_comparison(const ClientState& state, Instant now);
  void name_chats(const ClientState& state, SyncRequest& request);
  bool wanted() const { return want_all_ || want_user_ || !chats_.empty(); }

  bool want_all_ = false;
  bool want_user_ = false;
  Comparison comparison_;
  std::set<ChatId> chats_;
  std::set<ChatId> unnamed_;
  std::optional<SyncRequest> in_flight_;
  Instant asked_at_;
  Instant not_before_;
  bool synced_ = false;
  std::uint64_t next_request_ = 1;
};

}  // namespace godwit
