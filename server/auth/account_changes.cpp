// What is done to accounts that stand: another password, leaving for good; and invites to new ones.
#include <future>

#include "server/auth/accounts_parts.h"
#include "server/auth/token.h"

namespace godwit::server {
namespace {

Status no_such_person() { return {Code::kNotFound, "no such person"}; }

}  // namespace

Status Accounts::Parts::hash_and_wait(const std::function<Status()>& job,
                                      std::int64_t* retry_after_ms) {
  if (retry_after_ms != nullptr) *retry_after_ms = 0;
  std::promise<Status> done;
  auto status = done.get_future();
  if (!pool.post([&job, &done] { done.set_value(job()); })) {
    if (retry_after_ms != nullptr) *retry_after_ms = kRetryAfterMs;
    return too_busy();
  }
  return status.get();
}

Status Accounts::Parts::check_password(const std::string& password_hash,
                                       const std::string& password) {
  if (hasher->verify(password_hash, password)) return Status::ok();
  return {Code::kForbidden, "the password is wrong"};
}

std::vector<SessionRow> Accounts::Parts::delete_other_sessions(WriteContext& context,
                                                               const Identity& kept) {
  std::vector<SessionRow> deleted;
  for (const SessionRow& row : context.store.reads().sessions(kept.user_id)) {
    if (row.session_id == kept.session_id) continue;
    context.store.delete_session(kept.user_id, row.session_id);
    deleted.push_back(row);
  }
  return deleted;
}

Result<PasswordChange> Accounts::Parts::hash_change(UserId user_id, const std::string& old_password,
                                                    const std::string& new_password) {
  auto user = read([&](StoreReader& reads) { return reads.user(user_id); });
  if (!user) return user.error();
  if (!*user || (*user)->deleted) return no_such_person().error();
  const std::string& old_hash = (*user)->password_hash;
  if (Status status = check_password(old_hash, old_password); !status) return status.error();
  auto new_hash = hasher->hash(new_password);
  if (!new_hash) return new_hash.error();
  return PasswordChange{old_hash, *new_hash};
}

Status Accounts::change_password(const Identity& identity, std::string old_password,
                                 std::string new_password, std::int64_t* retry_after_ms) {
  Parts& parts = *parts_;
  if (retry_after_ms != nullptr) *retry_after_ms = 0;
  if (Status status = parts.check_password_rules(new_password); !status) return status;
  std::int64_t wait_ms = parts.tries_per_name.take(identity.user_id.str(), parts.clock.steady());
  if (wait_ms > 0) {
    if (retry_after_ms != nullptr) *retry_after_ms = wait_ms;
    return too_many_tries();
  }
  PasswordChange change;
  auto hash = [&]() -> Status {
    auto hashed = parts.hash_change(identity.user_id, old_password, new_password);
    if (!hashed) return hashed.error();
    change = std::move(*hashed);
    return Status::ok();
  };
  if (Status status = parts.hash_and_wait(hash, retry_after_ms); !status) return status;
  std::vector<SessionRow> ended;
  Status status = parts.service.writer().run_and_wait([&](WriteContext& context) -> Status {
    auto user = context.store.reads().user(identity.user_id);
    if (!user || user->password_hash != change.old_hash) return no_such_person();
    context.store.set_password(identity.user_id, change.new_hash);
    ended = parts.delete_other_sessions(context, identity);
    return Status::ok();
  });
  if (status) parts.end_told(ended);
  return status;
}

Status Accounts::delete_account(const Identity& identity, std::optional<std::string> password,
                                std::int64_t* retry_after_ms) {
  Parts& parts = *parts_;
  const UserId user_id = identity.user_id;
  if (retry_after_ms != nullptr) *retry_after_ms = 0;
  if (password) {
    auto check = [&]() -> Status {
      auto user = parts.read([&](StoreReader& reads) { return reads.user(user_id); });
      if (!user) return user.error();
      return parts.check_password(*user ? (*user)->password_hash : std::string(), *password);
    };
    if (Status status = parts.hash_and_wait(check, retry_after_ms); !status) return status;
  }
  auto chats = parts.read([&](StoreReader& reads) { return reads.chats_of(user_id); });
  if (!chats) return chats.error();
  for (const ChatRow& chat : *chats) {
    if (chat.info.type == ChatType::kDirect) continue;
    Outcome left = parts.service.submit_and_wait(user_id, RemoveMember{"", chat.chat_id, user_id});
    if (left.code == Code::kUnavailable) return {left.code, left.detail};
  }
  std::vector<SessionRow> ended;
  Status status = parts.service.writer().run_and_wait([&](WriteContext& context) {
    ended = context.store.reads().sessions(user_id);
    context.store.delete_user(user_id, context.now);
    for (const ChatRow& chat : *chats) context.forget_refusals(chat.chat_id);
    return Status::ok();
  });
  if (status) parts.end_told(ended);
  return status;
}

Result<std::string> Accounts::create_invite() {
  const std::string code = new_invite_code();
  Status status = parts_->service.writer().run_and_wait([&](WriteContext& context) {
    const Timestamp expires{context.now.unix_ms + parts_->config.invite_ttl_ms};
    context.store.insert_invite(hash_invite_code(code), context.now, expires);
    return Status::ok();
  });
  if (!status) return status.error();
  return code;
}

}  // namespace godwit::server
