// People's accounts and sessions: who may come in, and who it is that knocks.
//
// Passwords are Argon2id (libsodium), hashed on a small bounded pool of its own, so that hashing
// holds up nothing else. A wrong password and an unknown name each run exactly one Argon2id, and
// answer alike. Tokens are 256 random bits, given out once and stored only as a hash. Sessions are
// kept in memory too, so that verifying one is rarely a read of the disk. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/app/clock.h"
#include "server/app/config.h"
#include "server/app/queries.h"
#include "shared/base/result.h"

namespace godwit::server {

class Service;

enum class SessionKind : std::uint8_t { kCookie = 1, kApi = 2 };

struct SessionInfo {
  SessionId session_id;
  UserId user_id;
  SessionKind kind = SessionKind::kCookie;
  std::string client;  // what the client called itself (User-Agent, at most 256 bytes)
  Timestamp created_at;
  Timestamp last_seen;
};

// Who a valid token belongs to.
struct Identity {
  UserId user_id;
  SessionId session_id;
  SessionKind kind = SessionKind::kCookie;
};

// Where a request comes from.
struct Origin {
  std::string address;  // of the client, without port: the key of the rate limits
  std::string client;   // label; cut at 256 bytes
};

struct NewAccount {
  std::string username;
  std::string display_name;
  std::string password;
  std::string invite;  // empty: none
};

struct Login {
  std::string username;
  std::string password;
  SessionKind kind = SessionKind::kCookie;
};

struct SignedIn {
  Profile user;
  Identity identity;
  std::string token;  // base64url, 43 characters: the cookie's value or the Bearer token
};

// `retry_after_ms` with kRateLimited and kUnavailable, else 0.
using SignedInCallback = std::function<void(Result<SignedIn>, std::int64_t retry_after_ms)>;
using StatusCallback = std::function<void(Status, std::int64_t retry_after_ms)>;
using SessionEnded = std::function<void(SessionId, UserId)>;

struct AuthStats {
  std::uint64_t argon_runs = 0;  // every Argon2id computed
  std::uint64_t logins_ok = 0;
  std::uint64_t logins_failed = 0;
  std::uint64_t logins_limited = 0;
  std::uint64_t registrations = 0;
  std::uint64_t sessions_cached = 0;  // now
  std::uint64_t hashes_waiting = 0;   // now
};

class Accounts {
 public:
  // `service` and `clock` must outlive this. Fails when libsodium cannot start or the configured
  // cost cannot be computed.
  static Result<std::unique_ptr<Accounts>> open(const AuthConfig& config, Service& service,
                                                const Clock& clock);
  ~Accounts();
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  // ---- coming in. Callbacks come once, on the hash pool's or the writer's thread, or at once on
  // ---- the caller's when refused without hashing.
  // kForbidden: registration closed, or invite missing or spent. kConflict: the name is taken.
  // kInvalidContent: name, display name or password break the rules.
  void register_person(NewAccount account, Origin origin, SignedInCallback callback);
  // kUnauthenticated: no such name or wrong password, told alike. kRateLimited: too many tries.
  void login(Login login, Origin origin, SignedInCallback callback);

  // The same two, waiting: for REST handlers. `retry_after_ms` may be null.
  Result<SignedIn> register_and_wait(NewAccount account, Origin origin,
                                     std::int64_t* retry_after_ms);
  Result<SignedIn> login_and_wait(Login login, Origin origin, std::int64_t* retry_after_ms);

  // ---- who is it ----
  // kUnauthenticated: no such session, ended or too long unused. Notes the use (stored now and
  // then). Mostly memory; a token not seen before costs one indexed read. kUnavailable: disk.
  Result<Identity> verify(std::string_view token);
  // False: the session has ended. For a connection that has just made itself known to the listener
  // of on_session_ended, so that an end in between is not missed; it remembers only the ends of the
  // last while. Memory only.
  bool is_live(SessionId session_id) const;

  // Called when a session ends, from whatever thread ends it, after that is stored: the gateway
  // closes its sockets with 4001. Set before the first request.
  void on_session_ended(SessionEnded listener);

  // ---- a person's own (blocking; for REST) ----
  Result<std::vector<SessionInfo>> sessions(UserId user_id);
  // kNotFound: not this person's.
  Status end_session(UserId user_id, SessionId session_id);
  // Ends every other session. kForbidden: the old password is wrong. Counts as a login try.
  Status change_password(const Identity& identity, std::string old_password,
                         std::string new_password, std::int64_t* retry_after_ms);
  // Leaves every group, ends all sessions, wipes name, password, private items; a tombstone keeps
  // the id. With a password it must be right (kForbidden); without one the session is enough.
  Status delete_account(const Identity& identity, std::optional<std::string> password,
                        std::int64_t* retry_after_ms);

  // ---- running it ----
  // A new invite code (16 base32 characters), usable once.
  Result<std::string> create_invite();

  AuthStats stats() const;
  void stop();  // finishes what is queued; idempotent

 private:
  struct Parts;
  explicit Accounts(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace godwit::server
