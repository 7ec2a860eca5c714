#include "server/auth/session_table.h"

#include <algorithm>

namespace godwit::server {

std::uint64_t SessionTable::generation() const {
  std::lock_guard lock(mutex_);
  return generation_;
}

bool SessionTable::put(const SessionRow& session, std::uint64_t generation) {
  std::lock_guard lock(mutex_);
  if (generation != generation_) return false;
  if (by_id_.count(session.session_id) != 0) return true;
  if (by_use_.size() >= sessions_max_ && !by_use_.empty()) {
    by_token_.erase(by_use_.back().row.token_hash);
    by_id_.erase(by_use_.back().row.session_id);
    by_use_.pop_back();
  }
  by_use_.push_front(Entry{session, session.last_seen});
  by_token_[session.token_hash] = by_use_.begin();
  by_id_[session.session_id] = by_use_.begin();
  return true;
}

std::optional<SessionRow> SessionTable::use(std::string_view token_hash, Timestamp now,
                                            std::int64_t every_ms, bool& store_use) {
  std::lock_guard lock(mutex_);
  store_use = false;
  auto found = by_token_.find(token_hash);
  if (found == by_token_.end()) return std::nullopt;
  Entry& entry = *found->second;
  const SessionRow before = entry.row;  // with the use before this one: for the idle limit
  entry.row.last_seen = std::max(entry.row.last_seen, now);
  if (now.unix_ms - entry.stored_use.unix_ms >= every_ms) {
    entry.stored_use = now;
    store_use = true;
  }
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return before;
}

std::optional<Timestamp> SessionTable::last_seen(SessionId session_id) const {
  std::lock_guard lock(mutex_);
  auto found = by_id_.find(session_id);
  if (found == by_id_.end()) return std::nullopt;
  return found->second->row.last_seen;
}

void SessionTable::end(SessionId session_id) {
  std::lock_guard lock(mutex_);
  ++generation_;
  if (ended_.insert(session_id).second) ended_order_.push_back(session_id);
  if (ended_order_.size() > kEndsRemembered) {
    ended_.erase(ended_order_.front());
    ended_order_.pop_front();
  }
  auto found = by_id_.find(session_id);
  if (found == by_id_.end()) return;
  by_token_.erase(found->second->row.token_hash);
  by_use_.erase(found->second);
  by_id_.erase(found);
}

bool SessionTable::has_ended(SessionId session_id) const {
  std::lock_guard lock(mutex_);
  return ended_.count(session_id) != 0;
}

std::size_t SessionTable::size() const {
  std::lock_guard lock(mutex_);
  return by_use_.size();
}

}  // namespace godwit::server
