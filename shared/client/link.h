// The connection's life, without a socket: when to connect, ping, give up, wait, or poll instead.
//
//   idle -> connecting -> handshaking -> online
//              ^  \___________|____________/  (closed, failed, silent)
//              |______ waiting (back-off) <-'      after three failed handshakes also: polling
//   ended: the session is no longer valid (4001). outdated: another protocol version (4009).
//
// Source: protocol.md, "WebSocket" (25 s ping, 35 s silence, closes, polling).
#pragma once

#include <optional>
#include <string_view>

#include "shared/base/instant.h"
#include "shared/base/prng.h"
#include "shared/outbox/backoff.h"

namespace godwit {

class Link {
 public:
  enum class State : unsigned char {
    kIdle,
    kConnecting,
    kHandshaking,
    kOnline,
    kClosing,  // the host was told to; its answer is awaited
    kWaiting,
    kEnded,
    kOutdated
  };
  enum class Action : unsigned char { kNone, kConnect, kDisconnect, kPing, kPoll };

  static constexpr std::int64_t kConnectTimeoutMs = 10'000;
  static constexpr std::int64_t kPongTimeoutMs = 10'000;
  static constexpr std::int64_t kPollEveryMs = 3'000;

  void start(Instant now);
  void opened(Instant now);    // the socket is open; hello goes out
  void welcomed(Instant now);  // the handshake succeeded
  // The socket closed, or could not be opened. `code` is the WebSocket close code, 0 for none.
  void closed(Instant now, std::uint16_t code, std::string_view reason, Prng& prng);
  // Told by another way than a close: the session is no longer valid.
  void session_over();
  void received(Instant now) {
    last_received_ = now;
    awaiting_pong_ = false;
  }
  void sent(Instant now) { last_sent_ = now; }
  // The host's own signal. Offline: closes what is open and tries only seldom.
  void network(Instant now, bool online);
  void reconnect(Instant now);  // the person (or a shown tab) does not want to wait

  // What is due now. The caller carries it out and asks again until kNone.
  Action due(Instant now);
  std::optional<Instant> next_deadline() const;

  State state() const { return state_; }
  // Gives up what is open, for a reason that the caller knows.
  void give_up() { disconnect_due_ = open() || state_ == State::kConnecting; }

  bool open() const { return state_ == State::kHandshaking || state_ == State::kOnline; }
  bool polling() const {
    bool over = state_ == State::kEnded || state_ == State::kOutdated;
    return failed_handshakes_ >= limits::kHandshakesBeforePolling && network_ && !over;
  }
  bool network_up() const { return network_; }
  void poll_answered(Instant now) { next_poll_ = now.plus_ms(kPollEveryMs); }
  std::optional<Instant> retry_at() const;

 private:
  friend class StateHasher;
  Action disconnect();

  State state_ = State::kIdle;
  bool network_ = true;
  bool disconnect_due_ = false;
  bool closing_handshake_ = false;
  Instant since_;     // of the present state
  Instant retry_at_;  // kWaiting
  Instant last_sent_;
  Instant last_received_;
  Instant next_poll_;
  bool awaiting_pong_ = false;
  Instant pinged_at_;
  int failed_handshakes_ = 0;
  Backoff backoff_;
};

}  // namespace godwit
