#include "shared/client/link.h"

#include <charconv>

#include "shared/protocol/codes.h"

namespace godwit {
namespace {

// The `retryAfterMs` that a closing server names in its reason: the first number in it.
std::int64_t asked_wait_ms(std::string_view reason) {
  std::size_t at = reason.find_first_of("0123456789");
  if (at == std::string_view::npos) return 0;
  std::int64_t ms = 0;
  std::from_chars(reason.data() + at, reason.data() + reason.size(), ms);
  return ms;
}

}  // namespace

void Link::start(Instant now) {
  if (state_ != State::kIdle && state_ != State::kEnded) return;
  state_ = State::kWaiting;
  retry_at_ = now;
  since_ = now;
}

void Link::opened(Instant now) {
  if (state_ != State::kConnecting) return;
  state_ = State::kHandshaking;
  since_ = last_received_ = last_sent_ = now;
  awaiting_pong_ = false;
}

void Link::welcomed(Instant now) {
  if (state_ != State::kHandshaking) return;
  state_ = State::kOnline;
  since_ = now;
  failed_handshakes_ = 0;
  backoff_.succeeded();
}

void Link::session_over() {
  disconnect_due_ = false;
  if (state_ != State::kIdle && state_ != State::kOutdated) state_ = State::kEnded;
}

void Link::closed(Instant now, std::uint16_t code, std::string_view reason, Prng& prng) {
  disconnect_due_ = false;
  if (state_ == State::kIdle || state_ == State::kEnded || state_ == State::kOutdated) return;
  if (code == static_cast<std::uint16_t>(CloseCode::kNoSession)) {
    // Before the welcome it may also say that the hello came too late, from a device that slept. A
    // session that is really over is told at each try, and by REST, which is asked after a few.
    bool welcome = state_ == State::kOnline || (state_ == State::kClosing && !closing_handshake_);
    if (welcome) return session_over();
  }
  if (code == static_cast<std::uint16_t>(CloseCode::kProtocolVersion)) {
    state_ = State::kOutdated;
    return;
  }
  bool handshake_failed = state_ == State::kConnecting || state_ == State::kHandshaking ||
                          (state_ == State::kClosing && closing_handshake_);
  if (handshake_failed && network_) ++failed_handshakes_;
  bool asked = code == static_cast<std::uint16_t>(CloseCode::kRestart) ||
               code == static_cast<std::uint16_t>(CloseCode::kFlooding);
  std::int64_t floor_ms = asked ? asked_wait_ms(reason) : 0;
  state_ = State::kWaiting;
  since_ = now;
  retry_at_ =
      network_ ? now.plus_ms(backoff_.next_ms(prng, floor_ms)) : now.plus_ms(limits::kBackoffMaxMs);
}

void Link::network(Instant now, bool online) {
  network_ = online;
  if (!online) {
    give_up();
    if (state_ == State::kWaiting) retry_at_ = now.plus_ms(limits::kBackoffMaxMs);
    return;
  }
  backoff_.succeeded();
  if (state_ == State::kWaiting) retry_at_ = now;
}

void Link::reconnect(Instant now) {
  if (state_ == State::kWaiting) retry_at_ = now;
}

Link::Action Link::disconnect() {
  disconnect_due_ = false;
  closing_handshake_ = state_ != State::kOnline;
  state_ = State::kClosing;
  return Action::kDisconnect;
}

Link::Action Link::due(Instant now) {
  if (disconnect_due_) return disconnect();
  if (state_ == State::kWaiting && retry_at_ <= now) {
    state_ = State::kConnecting;
    since_ = now;
    return Action::kConnect;
  }
  bool opening = state_ == State::kConnecting || state_ == State::kHandshaking;
  if (opening && since_.plus_ms(kConnectTimeoutMs) <= now) return disconnect();
  if (state_ == State::kOnline) {
    if (awaiting_pong_ && pinged_at_.plus_ms(kPongTimeoutMs) <= now) return disconnect();
    bool silent = last_sent_.plus_ms(limits::kPingAfterMs) <= now ||
                  last_received_.plus_ms(limits::kPingAfterMs) <= now;
    if (silent && !awaiting_pong_) {
      awaiting_pong_ = true;
      pinged_at_ = last_sent_ = now;
      return Action::kPing;
    }
  } else if (polling() && state_ != State::kEnded && next_poll_ <= now) {
    next_poll_ = now.plus_ms(limits::kBackoffMaxMs);  // until it is answered
    return Action::kPoll;
  }
  return Action::kNone;
}

std::optional<Instant> Link::next_deadline() const {
  std::optional<Instant> earliest;
  auto consider = [&](Instant at) {
    if (!earliest || at < *earliest) earliest = at;
  };
  if (state_ == State::kWaiting) consider(retry_at_);
  if (state_ == State::kConnecting || state_ == State::kHandshaking) {
    consider(since_.plus_ms(kConnectTimeoutMs));
  }
  if (state_ == State::kOnline) {
    if (awaiting_pong_) {
      consider(pinged_at_.plus_ms(kPongTimeoutMs));
    } else {
      consider(last_sent_.plus_ms(limits::kPingAfterMs));
      consider(last_received_.plus_ms(limits::kPingAfterMs));
    }
  } else if (polling() && state_ != State::kEnded && state_ != State::kOutdated) {
    consider(next_poll_);
  }
  return earliest;
}

std::optional<Instant> Link::retry_at() const {
  if (state_ != State::kWaiting) return std::nullopt;
  return retry_at_;
}

}  // namespace godwit
