// Older history for open conversations: one request a chat at a time, for a page before what is
// held, or for what changed in an unchecked stretch (protocol.md, `changedSince`).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "shared/client/chat_replica.h"

namespace godwit {

class HistoryLoader {
 public:
  struct Request {
    ChatId chat_id;
    // A page: everything before `before` (0: the newest). A recheck: [from, to] since `as_of`.
    bool recheck = false;
    Seq before;
    Seq from;
    Seq to;
    Seq as_of;
    std::size_t limit = limits::kPageMessagesDefault;  // messages
    std::string path() const;
  };

  static constexpr std::int64_t kRetryAfterMs = 5'000;

  // What to ask so that the newest `count` messages can be shown, or nullopt:
  // enough is held, the beginning is reached, a request for this chat is in flight, or the last one
  // failed less than kRetryAfterMs ago.
  std::optional<Request> next(const ChatReplica& chat, std::size_t count, Instant now);
  // What to ask so that a chat in doubt is sure of one stretch more, or nullopt, as above.
  std::optional<Request> next_doubt(const ChatReplica& chat, Instant now) const;
  void started(ChatId chat_id) { in_flight_.insert(chat_id); }
  void finished(ChatId chat_id) {
    in_flight_.erase(chat_id);
    paused_until_.erase(chat_id);
  }
  void failed(ChatId chat_id, Instant now) {
    in_flight_.erase(chat_id);
    paused_until_[chat_id] = now.plus_ms(kRetryAfterMs);
  }
  std::size_t in_flight() const { return in_flight_.size(); }
  bool loading(ChatId chat_id) const { return in_flight_.count(chat_id) != 0; }
  void clear() { in_flight_.clear(); }
  std::optional<Instant> next_deadline() const;

 private:
  bool may_ask(const ChatReplica& chat, Instant now) const;

  friend class StateHasher;
  std::set<ChatId> in_flight_;
  std::map<ChatId, Instant> paused_until_;
};

// The lowest seq that can be shown without a hole up to the newest: checked stretches online, also
// unchecked ones offline.
Seq shown_low(const ChatReplica& chat, bool with_unchecked);
// Whether there is history before `low`, held or not.
bool has_before(const ChatReplica& chat, Seq low);

}  // namespace godwit
