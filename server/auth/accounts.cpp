#include "server/auth/accounts.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>

#include "server/app/service.h"
#include "server/app/token_bucket.h"
#include "server/app/writer.h"
#include "server/auth/hash_pool.h"
#include "server/auth/password.h"
#include "server/auth/session_table.h"
#include "server/auth/token.h"
#include "shared/base/utf8.h"
#include "shared/protocol/validate.h"

namespace godwit::server {
namespace {

constexpr std::size_t kClientLabelBytesMax = 256;
constexpr std::int64_t kRetryAfterMs = 1'000;

Error wrong_credentials() { return {Code::kUnauthenticated, "wrong user name or password"}; }
Error too_busy() { return {Code::kUnavailable, "too many sign-ins are waiting"}; }
Error too_many_tries() { return {Code::kRateLimited, "too many tries"}; }
Status no_such_person() { return {Code::kNotFound, "no such person"}; }

// A label for the list of sessions: valid, short, without control characters.
std::string clean_label(std::string_view client) {
  if (!is_valid_utf8(client)) return {};
  std::string label(utf8_prefix(client, kClientLabelBytesMax));
  label.erase(std::remove_if(label.begin(), label.end(),
                             [](unsigned char c) { return c < 0x20 || c == 0x7F; }),
              label.end());
  return label;
}

}  // namespace

struct Accounts::Parts {
  Parts(const AuthConfig& options, Service& use_cases, const Clock& wall)
      : config(options),
        service(use_cases),
        clock(wall),
        table(config.sessions_cached_max),
        tries_per_name(config.login_per_name, config.limiter_keys_max),
        tries_per_address(config.login_per_address, config.limiter_keys_max),
        registrations_per_address(config.register_per_address, config.limiter_keys_max),
        pool(config.hash_threads, config.hash_queue_max) {}

  // One connection for the few reads of signing in; they are indexed and short.
  template <typename Read>
  auto read(Read question) -> Result<decltype(question(std::declval<StoreReader&>()))> {
    std::lock_guard lock(reader_mutex);
    reader->begin();
    auto answer = question(*reader);
    Status status = reader->finish();
    if (!status) return status.error();
    return answer;
  }

  Status check_password_rules(const std::string& password) const;
  // 0, or the ms until this name or address may try again.
  std::int64_t take_try(const std::string& folded, const std::string& address);
  void end_told(const std::vector<SessionRow>& sessions);
  void open_session(WriteContext& context, SessionRow& session);
  // Runs `job` on the hash pool and waits for its status.
  Status hash_and_wait(const std::function<Status()>& job, std::int64_t* retry_after_ms);

  const AuthConfig config;
  Service& service;
  const Clock& clock;
  std::unique_ptr<PasswordHasher> hasher;
  std::mutex reader_mutex;
  std::unique_ptr<StoreReader> reader;
  SessionTable table;
  RateTable tries_per_name;
  RateTable tries_per_address;
  RateTable registrations_per_address;
  std::mutex listener_mutex;
  SessionEnded listener;
  std::atomic<std::uint64_t> logins_ok{0}, logins_failed{0}, logins_limited{0}, registrations{0};
  HashPool pool;  // last: its jobs use all of the above
};

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
  const std::int64_t wait_ms =
      std::max(tries_per_name.take(folded, now), tries_per_address.take(address, now));
  if (wait_ms > 0) ++logins_limited;
  return wait_ms;
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

// Stores the session, and makes room for it: the longest unused ones beyond the limit go.
void Accounts::Parts::open_session(WriteContext& context, SessionRow& session) {
  session.session_id = SessionId{context.next_id()};
  session.created_at = context.now;
  session.last_seen = context.now;
  context.store.insert_session(session);
}

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

// ---- coming in ----

namespace {

// What a sign-in or a registration carries from thread to thread.
struct Entry {
  UserRow user;
  SessionRow session;
  std::string token;
  std::vector<SessionRow> crowded_out;
};

std::shared_ptr<Entry> new_entry(SessionKind kind, const Origin& origin) {
  auto entry = std::make_shared<Entry>();
  entry->token = new_token();
  entry->session.token_hash = hash_secret(entry->token);
  entry->session.kind = static_cast<std::uint8_t>(kind);
  entry->session.client = clean_label(origin.client);
  return entry;
}

SignedIn signed_in(const Entry& entry) {
  SignedIn in;
  in.user.user_id = entry.user.user_id;
  in.user.username = entry.user.username;
  in.user.display_name = entry.user.display_name;
  in.user.created_at = entry.user.created_at;
  in.identity = Identity{entry.user.user_id, entry.session.session_id,
                         static_cast<SessionKind>(entry.session.kind)};
  in.token = entry.token;
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

}  // namespace

void Accounts::login(Login login, Origin origin, SignedInCallback callback) {
  Parts& parts = *parts_;
  const std::string folded = fold_username(login.username);
  if (std::int64_t wait_ms = parts.take_try(folded, origin.address); wait_ms > 0) {
    callback(too_many_tries(), wait_ms);
    return;
  }
  auto check = [&parts, folded, origin, login, callback] {
    auto user = parts.read([&](StoreReader& reads) { return reads.user_by_name(folded); });
    if (!user) return callback(user.error(), kRetryAfterMs);
    const UserRow known = user->value_or(UserRow{});
    // Always exactly one Argon2id, known name or not.
    if (!parts.hasher->verify(known.password_hash, login.password)) {
      ++parts.logins_failed;
      return callback(wrong_credentials(), 0);
    }
    auto entry = new_entry(login.kind, origin);
    entry->user = known;
    entry->session.user_id = known.user_id;
    auto body = [&parts, entry](WriteContext& context) -> Status {
      auto now = context.store.reads().user(entry->user.user_id);
      const bool same = now && now->password_hash == entry->user.password_hash;
      if (!same) return wrong_credentials();  // changed while it was being checked
      entry->crowded_out = crowded_out(context.store.reads(), entry->user.user_id,
                                       parts.config.sessions_per_user_max);
      for (const SessionRow& old : entry->crowded_out) {
        context.store.delete_session(old.user_id, old.session_id);
      }
      parts.open_session(context, entry->session);
      return Status::ok();
    };
    auto done = [&parts, entry, callback](const Status& status) {
      if (!status) return callback(status.error(), kRetryAfterMs);
      ++parts.logins_ok;
      parts.end_told(entry->crowded_out);
      callback(signed_in(*entry), 0);
    };
    parts.service.writer().run(WriteTask{body, done});
  };
  if (!parts.pool.post(check)) callback(too_busy(), kRetryAfterMs);
}

namespace {

Status check_new_account(const NewAccount& account) {
  if (Status status = validate_username(account.username); !status) return status;
  return validate_name(account.display_name);
}

// Inside the transaction: the name is free, the invite (where one is needed) unspent.
Status store_account(WriteContext& context, Entry& entry, const std::string& folded,
                     const std::string& invite_hash) {
  StoreReader& reads = context.store.reads();
  if (reads.user_by_name(folded)) return {Code::kConflict, "this user name is taken"};
  if (!invite_hash.empty() && !reads.is_invite_open(invite_hash, context.now)) {
    return {Code::kForbidden, "this invite is not valid"};
  }
  entry.user.user_id = UserId{context.next_id()};
  entry.user.created_at = context.now;
  entry.session.user_id = entry.user.user_id;
  context.store.insert_user(entry.user, folded);
  if (!invite_hash.empty()) {
    context.store.use_invite(invite_hash, entry.user.user_id, context.now);
  }
  return Status::ok();
}

}  // namespace

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
  std::int64_t wait_ms =
      parts.registrations_per_address.take(origin.address, parts.clock.steady());
  if (wait_ms > 0) return callback(too_many_tries(), wait_ms);
  auto hash = [&parts, account, origin, callback, invited] {
    auto hashed = parts.hasher->hash(account.password);
    if (!hashed) return callback(hashed.error(), kRetryAfterMs);
    auto entry = new_entry(SessionKind::kCookie, origin);
    entry->user.username = account.username;
    entry->user.display_name = account.display_name;
    entry->user.password_hash = *hashed;
    const std::string folded = fold_username(account.username);
    const std::string invite = invited ? hash_secret(account.invite) : std::string();
    auto body = [&parts, entry, folded, invite](WriteContext& context) {
      Status status = store_account(context, *entry, folded, invite);
      if (status) parts.open_session(context, entry->session);
      return status;
    };
    auto done = [&parts, entry, callback](const Status& status) {
      Result<SignedIn> answer = status ? Result<SignedIn>(signed_in(*entry)) : status.error();
      if (status) ++parts.registrations;
      callback(answer, retry_of(answer));
    };
    parts.service.writer().run(WriteTask{body, done});
  };
  if (!parts.pool.post(hash)) callback(too_busy(), kRetryAfterMs);
}

namespace {

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

Result<SignedIn> Accounts::register_and_wait(NewAccount account, Origin origin,
                                             std::int64_t* retry_after_ms) {
  return wait_for([&](SignedInCallback done) { register_person(account, origin, done); },
                  retry_after_ms);
}

Result<SignedIn> Accounts::login_and_wait(Login login, Origin origin,
                                          std::int64_t* retry_after_ms) {
  return wait_for([&](SignedInCallback done) { this->login(login, origin, done); },
                  retry_after_ms);
}

// ---- who is it ----

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

// ---- a person's own ----

Result<std::vector<SessionInfo>> Accounts::sessions(UserId user_id) {
  auto rows = parts_->read([&](StoreReader& reads) { return reads.sessions(user_id); });
  if (!rows) return rows.error();
  std::vector<SessionInfo> sessions;
  for (const SessionRow& row : *rows) {
    auto recent = parts_->table.last_seen(row.session_id);
    sessions.push_back(SessionInfo{row.session_id, row.user_id,
                                   static_cast<SessionKind>(row.kind), row.client, row.created_at,
                                   recent.value_or(row.last_seen)});
  }
  std::stable_sort(sessions.begin(), sessions.end(), [](const auto& a, const auto& b) {
    return a.last_seen > b.last_seen;
  });
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
  std::string old_hash;
  std::string new_hash;
  Status hashed = parts.hash_and_wait(
      [&]() -> Status {
        auto user = parts.read([&](StoreReader& reads) { return reads.user(identity.user_id); });
        if (!user) return user.error();
        if (!*user || (*user)->deleted) return no_such_person();
        old_hash = (*user)->password_hash;
        if (!parts.hasher->verify(old_hash, old_password)) {
          return {Code::kForbidden, "the password is wrong"};
        }
        auto fresh = parts.hasher->hash(new_password);
        if (!fresh) return fresh.error();
        new_hash = *fresh;
        return Status::ok();
      },
      retry_after_ms);
  if (!hashed) return hashed;
  std::vector<SessionRow> ended;
  Status status = parts.service.writer().run_and_wait([&](WriteContext& context) -> Status {
    auto user = context.store.reads().user(identity.user_id);
    if (!user || user->password_hash != old_hash) return no_such_person();
    context.store.set_password(identity.user_id, new_hash);
    for (const SessionRow& row : context.store.reads().sessions(identity.user_id)) {
      if (row.session_id == identity.session_id) continue;
      context.store.delete_session(identity.user_id, row.session_id);
      ended.push_back(row);
    }
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
    Status checked = parts.hash_and_wait(
        [&]() -> Status {
          auto user = parts.read([&](StoreReader& reads) { return reads.user(user_id); });
          if (!user) return user.error();
          const std::string stored = *user ? (*user)->password_hash : std::string();
          if (parts.hasher->verify(stored, *password)) return Status::ok();
          return {Code::kForbidden, "the password is wrong"};
        },
        retry_after_ms);
    if (!checked) return checked;
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

// ---- running it ----

Result<std::string> Accounts::create_invite() {
  const std::string code = new_invite_code();
  Status status = parts_->service.writer().run_and_wait([&](WriteContext& context) {
    const Timestamp expires{context.now.unix_ms + parts_->config.invite_ttl_ms};
    context.store.insert_invite(hash_secret(code), context.now, expires);
    return Status::ok();
  });
  if (!status) return status.error();
  return code;
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
