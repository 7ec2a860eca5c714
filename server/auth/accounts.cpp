#include "server/auth/accounts.h"

#include <algorithm>
#include <future>

#include "server/auth/accounts_parts.h"
#include "server/auth/token.h"
#include "shared/base/utf8.h"
#include "shared/protocol/validate.h"

namespace godwit::server {
namespace {

constexpr std::size_t kClientLabelBytesMax = 256;

Error wrong_credentials() { return {Code::kUnauthenticated, "wrong user name or password"}; }

// A label for the list of sessions: valid, short, without control characters.
std::string clean_label(std::string_view client) {
  if (!is_valid_utf8(client)) return {};
  std::string label(utf8_prefix(client, kClientLabelBytesMax));
  label.erase(std::remove_if(label.begin(), label.end(),
                             [](unsigned char c) { return c < 0x20 || c == 0x7F; }),
              label.end());
  return label;
}

std::shared_ptr<Entrant> new_entrant(SessionKind kind, const Origin& origin) {
  auto entrant = std::make_shared<Entrant>();
  entrant->token = new_token();
  entrant->session.token_hash = hash_secret(entrant->token);
  entrant->session.kind = static_cast<std::uint8_t>(kind);
  entrant->session.client = clean_label(origin.client);
  return entrant;
}

SignedIn signed_in(const Entrant& entrant) {
  SignedIn in;
  in.user.user_id = entrant.user.user_id;
  in.user.username = entrant.user.username;
  in.user.display_name = entrant.user.display_name;
  in.user.created_at = entrant.user.created_at;
  in.identity = Identity{entrant.user.user_id, entrant.session.session_id,
                         static_cast<SessionKind>(entrant.session.kind)};
  in.token = entrant.token;
  return in;
}

// The longest unused sessions beyond what a person may have, counting the one to come.
std::vector<SessionRow> crowded_out(StoreReader& reads, UserId user_id, std::size_t sessions_max) {
  auto sessions = reads.sessions(user_id);
  const std::size_t room = sessions_max > 0 ? sessions_max - 1 : 0;
  const std::size_t over = sessions.size() > room ? sessions.size() - room : 0;
  sessions.resize(over);
  return sessions;
}

template <typename T>
std::int64_t retry_of(const Result<T>& result) {
  return !result && result.error().code == Code::kUnavailable ? kRetryAfterMs : 0;
}

Status check_new_account(const NewAccount& account) {
  if (Status status = validate_username(account.username); !status) return status;
  return validate_name(account.display_name);
}

// Inside the transaction: the name is free, the invite (where one is needed) unspent.
Status store_account(WriteContext& context, Entrant& entrant, const std::string& folded,
                     const std::string& invite_hash) {
  StoreReader& reads = context.store.reads();
  if (reads.user_by_name(folded)) return {Code::kConflict, "this user name is taken"};
  if (!invite_hash.empty() && !reads.is_invite_open(invite_hash, context.now)) {
    return {Code::kForbidden, "this invite is not valid"};
  }
  entrant.user.user_id = UserId{context.next_id()};
  entrant.user.created_at = context.now;
  entrant.session.user_id = entrant.user.user_id;
  context.store.insert_user(entrant.user, folded);
  if (!invite_hash.empty()) {
    context.store.use_invite(invite_hash, entrant.user.user_id, context.now);
  }
  return Status::ok();
}

// Turns a callback into a wait.
Result<SignedIn> wait_for(const std::function<void(SignedInCallback)>& begin,
                          std::int64_t* retry_after_ms) {
  std::promise<Result<SignedIn>> done;
  auto answer = done.get_future();
  std::int64_t retry = 0;
  begin([&](Result<SignedIn> result, std::int64_t wait_ms) {
    retry = wait_ms;
    done.set_value(std::move(result));
  });
  Result<SignedIn> result = answer.get();
  if (retry_after_ms != nullptr) *retry_after_ms = retry;
  return result;
}

}  // namespace

Result<std::unique_ptr<Accounts>> Accounts::open(const AuthConfig& config, Service& service,
                                                 const Clock& clock) {
  auto parts = std::make_unique<Parts>(config, service, clock);
  auto hasher = PasswordHasher::make(config);
  if (!hasher) return hasher.error();
  parts->hasher = std::move(*hasher);
  auto reader = service.store().open_reader();
  if (!reader) return reader.error();
  parts->reader = std::move(*reader);
  return std::unique_ptr<Accounts>(new Accounts(std::move(parts)));
}

Accounts::Accounts(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Accounts::~Accounts() { stop(); }
void Accounts::stop() { parts_->pool.stop(); }

Status Accounts::Parts::check_password_rules(const std::string& password) const {
  if (password.size() < config.password_bytes_min) {
    return {Code::kInvalidContent, "the password is too short"};
  }
  if (password.size() > config.password_bytes_max) {
    return {Code::kInvalidContent, "the password is too long"};
  }
  return Status::ok();
}

std::int64_t Accounts::Parts::take_try(const std::string& folded, const std::string& address) {
  const Instant now = clock.steady();
  // The address first: whoever is out of tries there uses up none of the name's, or anyone could
  // keep another out for nothing.
  std::int64_t wait_ms = tries_per_address.take(address, now);
  if (wait_ms == 0) wait_ms = tries_per_name.take(folded, now);
  if (wait_ms > 0) ++logins_limited;
  return wait_ms;
}

// ---- coming in ----

Result<UserRow> Accounts::Parts::check_login(const std::string& folded,
                                             const std::string& password) {
  auto user = read([&](StoreReader& reads) { return reads.user_by_name(folded); });
  if (!user) return user.error();
  UserRow known = user->value_or(UserRow{});
  // Always exactly one Argon2id, known name or not.
  if (hasher->verify(known.password_hash, password)) return known;
  ++logins_failed;
  return wrong_credentials();
}

void Accounts::Parts::store_login(std::shared_ptr<Entrant> entrant, SignedInCallback callback) {
  auto body = [this, entrant](WriteContext& context) -> Status {
    const UserId user_id = entrant->user.user_id;
    auto now = context.store.reads().user(user_id);
    const bool same = now && now->password_hash == entrant->user.password_hash;
    if (!same) return wrong_credentials();  // changed while it was being checked
    entrant->crowded_out =
        crowded_out(context.store.reads(), user_id, config.sessions_per_user_max);
    for (const SessionRow& old : entrant->crowded_out) {
      context.store.delete_session(old.user_id, old.session_id);
    }
    open_session(context, entrant->session);
    return Status::ok();
  };
  auto done = [this, entrant, callback](const Status& status) {
    if (!status) return callback(status.error(), kRetryAfterMs);
    ++logins_ok;
    end_told(entrant->crowded_out);
    callback(signed_in(*entrant), 0);
  };
  service.writer().run(WriteTask{body, done});
}

void Accounts::login(Login login, Origin origin, SignedInCallback callback) {
  Parts& parts = *parts_;
  const std::string folded = fold_username(login.username);
  if (std::int64_t wait_ms = parts.take_try(folded, origin.address); wait_ms > 0) {
    callback(too_many_tries(), wait_ms);
    return;
  }
  auto check = [&parts, folded, origin, login, callback] {
    auto known = parts.check_login(folded, login.password);
    if (!known) return callback(known.error(), retry_of(known));
    auto entrant = new_entrant(login.kind, origin);
    entrant->user = *known;
    entrant->session.user_id = known->user_id;
    parts.store_login(entrant, callback);
  };
  if (!parts.pool.post(check)) callback(too_busy(), kRetryAfterMs);
}

void Accounts::Parts::store_registration(std::shared_ptr<Entrant> entrant, std::string invite_hash,
                                         SignedInCallback callback) {
  auto body = [this, entrant, invite_hash](WriteContext& context) {
    const std::string folded = fold_username(entrant->user.username);
    Status status = store_account(context, *entrant, folded, invite_hash);
    if (status) open_session(context, entrant->session);
    return status;
  };
  auto done = [this, entrant, callback](const Status& status) {
    Result<SignedIn> answer = status ? Result<SignedIn>(signed_in(*entrant)) : status.error();
    if (status) ++registrations;
    callback(answer, retry_of(answer));
  };
  service.writer().run(WriteTask{body, done});
}

void Accounts::register_person(NewAccount account, Origin origin, SignedInCallback callback) {
  Parts& parts = *parts_;
  auto refuse = [&](const Status& status) { callback(status.error(), 0); };
  if (parts.config.registration == Registration::kClosed) {
    return refuse({Code::kForbidden, "registration is closed"});
  }
  const bool invited = parts.config.registration == Registration::kInvite;
  if (invited && account.invite.empty()) {
    return refuse({Code::kForbidden, "registration needs an invite"});
  }
  if (Status status = check_new_account(account); !status) return refuse(status);
  if (Status status = parts.check_password_rules(account.password); !status) return refuse(status);
  std::int64_t wait_ms = parts.registrations_per_address.take(origin.address, parts.clock.steady());
  if (wait_ms > 0) return callback(too_many_tries(), wait_ms);
  auto hash = [&parts, account, origin, callback, invited] {
    auto hashed = parts.hasher->hash(account.password);
    if (!hashed) return callback(hashed.error(), kRetryAfterMs);
    auto entrant = new_entrant(SessionKind::kCookie, origin);
    entrant->user.username = account.username;
    entrant->user.display_name = account.display_name;
    entrant->user.password_hash = *hashed;
    const std::string invite_hash = invited ? hash_invite_code(account.invite) : std::string();
    parts.store_registration(entrant, invite_hash, callback);
  };
  if (!parts.pool.post(hash)) callback(too_busy(), kRetryAfterMs);
}

Result<SignedIn> Accounts::register_and_wait(NewAccount account, Origin origin,
                                             std::int64_t* retry_after_ms) {
  return wait_for([&](SignedInCallback done) { register_person(account, origin, done); },
                  retry_after_ms);
}

Result<SignedIn> Accounts::login_and_wait(Login login, Origin origin,
                                          std::int64_t* retry_after_ms) {
  return wait_for([&](SignedInCallback done) { this->login(login, origin, done); }, retry_after_ms);
}

AuthStats Accounts::stats() const {
  AuthStats stats;
  stats.argon_runs = parts_->hasher->runs();
  stats.logins_ok = parts_->logins_ok;
  stats.logins_failed = parts_->logins_failed;
  stats.logins_limited = parts_->logins_limited;
  stats.registrations = parts_->registrations;
  stats.sessions_cached = parts_->table.size();
  stats.hashes_waiting = parts_->pool.waiting();
  return stats;
}

}  // namespace godwit::server
