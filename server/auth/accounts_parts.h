// The inside of Accounts, shared by the files that implement it and by nobody else: what it owns,
// and the steps that more than one of its calls is made of. accounts.cpp holds coming in,
// account_sessions.cpp who it is that knocks, account_changes.cpp what people do to their accounts.
// Thread-safe as Accounts is: the jobs of the hash pool and the writer's thread come in here too.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "server/app/service.h"
#include "server/app/token_bucket.h"
#include "server/app/writer.h"
#include "server/auth/accounts.h"
#include "server/auth/hash_pool.h"
#include "server/auth/password.h"
#include "server/auth/session_table.h"

namespace godwit::server {

// What one who asks later is told to wait, where no limit says how long.
constexpr std::int64_t kRetryAfterMs = 1'000;

inline Error too_busy() { return {Code::kUnavailable, "too many sign-ins are waiting"}; }
inline Error too_many_tries() { return {Code::kRateLimited, "too many tries"}; }

// What a sign-in or a registration carries from thread to thread.
struct Entrant {
  UserRow user;
  SessionRow session;
  std::string token;
  std::vector<SessionRow> crowded_out;  // the sessions that make room for this one
};

// As hashed: what must still stand when the change is written, and what takes its place.
struct PasswordChange {
  std::string old_hash;
  std::string new_hash;
};

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

  // kInvalidContent: too short or too long.
  Status check_password_rules(const std::string& password) const;
  // 0, or the ms until this name or address may try again.
  std::int64_t take_try(const std::string& folded, const std::string& address);

  // The steps of coming in. On the hash pool: whose name and password these are.
  Result<UserRow> check_login(const std::string& folded, const std::string& password);
  // Queues the writes that let a checked person, or a new one, in; then calls back.
  void store_login(std::shared_ptr<Entrant> entrant, SignedInCallback callback);
  void store_registration(std::shared_ptr<Entrant> entrant, std::string invite_hash,
                          SignedInCallback callback);
  // Inside a transaction: gives the session its id and times, and stores it.
  void open_session(WriteContext& context, SessionRow& session);

  // After the transaction that deleted them: forgets the sessions and tells the listener.
  void end_told(const std::vector<SessionRow>& sessions);

  // The steps of changing an account. Runs `job` on the hash pool and waits for its status;
  // kUnavailable, with `retry_after_ms` set, where the pool is full.
  Status hash_and_wait(const std::function<Status()>& job, std::int64_t* retry_after_ms);
  // On the hash pool. kForbidden: `password` is not the person's.
  Status check_password(const std::string& password_hash, const std::string& password);
  // On the hash pool: checks the old password, hashes the new one. kNotFound, kForbidden.
  Result<PasswordChange> hash_change(UserId user_id, const std::string& old_password,
                                     const std::string& new_password);
  // Inside a transaction: deletes all sessions of a person but one; returns what it deleted.
  std::vector<SessionRow> delete_other_sessions(WriteContext& context, const Identity& kept);

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

}  // namespace godwit::server
