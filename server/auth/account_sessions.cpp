// Sessions: whose a token is, what sessions a person has, and how they end.
#include <algorithm>

#include "server/auth/accounts_parts.h"
#include "server/auth/token.h"

namespace godwit::server {

void Accounts::Parts::open_session(WriteContext& context, SessionRow& session) {
  session.session_id = SessionId{context.next_id()};
  session.created_at = context.now;
  session.last_seen = context.now;
  context.store.insert_session(session);
}

void Accounts::Parts::end_told(const std::vector<SessionRow>& sessions) {
  SessionEnded told;
  {
    std::lock_guard lock(listener_mutex);
    told = listener;
  }
  for (const SessionRow& session : sessions) {
    table.end(session.session_id);
    if (told) told(session.session_id, session.user_id);
  }
}

Result<Identity> Accounts::verify(std::string_view token) {
  Parts& parts = *parts_;
  const Error unknown{Code::kUnauthenticated, "no such session"};
  if (token.empty() || token.size() > 128) return unknown;
  const std::string token_hash = hash_secret(token);
  const Timestamp now = parts.clock.now();
  bool store_use = false;
  auto session = parts.table.use(token_hash, now, parts.config.last_seen_every_ms, store_use);
  while (!session) {
    const std::uint64_t generation = parts.table.generation();
    auto row = parts.read([&](StoreReader& reads) { return reads.session_by_token(token_hash); });
    if (!row) return row.error();
    if (!*row) return unknown;
    if (!parts.table.put(**row, generation)) continue;
    session = parts.table.use(token_hash, now, parts.config.last_seen_every_ms, store_use);
  }
  const UserId user_id = session->user_id;
  const SessionId session_id = session->session_id;
  if (now.unix_ms - session->last_seen.unix_ms > parts.config.session_idle_ms_max) {
    Status ended = end_session(user_id, session_id);
    return ended ? unknown : Error{ended.error()};
  }
  if (store_use) {
    auto touch = [user_id, session_id, now](WriteContext& context) {
      context.store.touch_session(user_id, session_id, now);
      return Status::ok();
    };
    parts.service.writer().run(WriteTask{touch, nullptr});
  }
  return Identity{user_id, session_id, static_cast<SessionKind>(session->kind)};
}

bool Accounts::is_live(SessionId session_id) const { return !parts_->table.has_ended(session_id); }

void Accounts::on_session_ended(SessionEnded listener) {
  std::lock_guard lock(parts_->listener_mutex);
  parts_->listener = std::move(listener);
}

Result<std::vector<SessionInfo>> Accounts::sessions(UserId user_id) {
  auto rows = parts_->read([&](StoreReader& reads) { return reads.sessions(user_id); });
  if (!rows) return rows.error();
  std::vector<SessionInfo> sessions;
  for (const SessionRow& row : *rows) {
    auto recent = parts_->table.last_seen(row.session_id);
    sessions.push_back(SessionInfo{row.session_id, row.user_id, static_cast<SessionKind>(row.kind),
                                   row.client, row.created_at, recent.value_or(row.last_seen)});
  }
  std::stable_sort(sessions.begin(), sessions.end(),
                   [](const auto& a, const auto& b) { return a.last_seen > b.last_seen; });
  return sessions;
}

Status Accounts::end_session(UserId user_id, SessionId session_id) {
  std::vector<SessionRow> ended;
  Status status = parts_->service.writer().run_and_wait([&](WriteContext& context) {
    for (const SessionRow& row : context.store.reads().sessions(user_id)) {
      if (row.session_id == session_id) ended.push_back(row);
    }
    if (ended.empty()) return Status(Code::kNotFound, "no such session");
    context.store.delete_session(user_id, session_id);
    return Status::ok();
  });
  if (status) parts_->end_told(ended);
  return status;
}

}  // namespace godwit::server
