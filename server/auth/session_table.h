// Sessions in memory, so that knowing who knocks is no read of the disk. A cache: what is not here
// may still be in the database; what has ended is never here. Bounded (least recently used goes
// first). Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "server/store/store.h"

namespace godwit::server {

class SessionTable {
 public:
  explicit SessionTable(std::size_t sessions_max) : sessions_max_(sessions_max) {}

  // Counts ends. Taken before reading the database and handed to put(), it keeps a session that
  // ended in between from coming back.
  std::uint64_t generation() const;
  // False: something has ended since `generation`; nothing was stored. Read again.
  bool put(const SessionRow& session, std::uint64_t generation);

  // The session of this token, marked as used at `now`. `store_use`: set when its last use in the
  // database is older than `every_ms`; the caller then stores it.
  std::optional<SessionRow> use(std::string_view token_hash, Timestamp now, std::int64_t every_ms,
                                bool& store_use);
  // As remembered here; nullopt: not here.
  std::optional<Timestamp> last_seen(SessionId session_id) const;

  void end(SessionId session_id);
  bool has_ended(SessionId session_id) const;
  std::size_t size() const;

 private:
  struct Entry {
    SessionRow row;
    Timestamp stored_use;
  };
  using Entries = std::list<Entry>;
  static constexpr std::size_t kEndsRemembered = 10'000;

  const std::size_t sessions_max_;
  mutable std::mutex mutex_;
  std::uint64_t generation_ = 0;
  Entries by_use_;  // most recent first
  std::map<std::string, Entries::iterator, std::less<>> by_token_;
  std::map<SessionId, Entries::iterator> by_id_;
  std::set<SessionId> ended_;
  std::deque<SessionId> ended_order_;
};

}  // namespace godwit::server
