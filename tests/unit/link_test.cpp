// The connection's life by the clock alone.
#include "shared/client/link.h"

#include <catch2/catch.hpp>

#include "shared/protocol/codes.h"

using namespace godwit;

namespace {

using Action = Link::Action;
using State = Link::State;

Link online_at(Instant now) {
  Link link;
  link.start(now);
  REQUIRE(link.due(now) == Action::kConnect);
  link.opened(now);
  link.welcomed(now);
  REQUIRE(link.due(now) == Action::kNone);
  return link;
}

std::uint16_t code(CloseCode close) { return static_cast<std::uint16_t>(close); }

}  // namespace

TEST_CASE(
    "[CN1] a connection that has sent nothing for 25 s pings; without an answer it is given up") {
  Link link = online_at(Instant{0});
  REQUIRE(link.due(Instant{24'999}) == Action::kNone);
  REQUIRE(link.due(Instant{25'000}) == Action::kPing);
  REQUIRE(link.due(Instant{34'999}) == Action::kNone);
  REQUIRE(link.due(Instant{35'000}) == Action::kDisconnect);
}

TEST_CASE("[CN1] an answered ping keeps the connection") {
  Link link = online_at(Instant{0});
  REQUIRE(link.due(Instant{25'000}) == Action::kPing);
  link.received(Instant{26'000});
  REQUIRE(link.due(Instant{49'000}) == Action::kNone);
}

TEST_CASE("[CN3] 4001 ends the session and 4009 asks for a newer core; neither connects again") {
  Prng prng(1);
  for (CloseCode close : {CloseCode::kNoSession, CloseCode::kProtocolVersion}) {
    Link link = online_at(Instant{0});
    link.closed(Instant{1}, code(close), "", prng);
    REQUIRE(link.state() == (close == CloseCode::kNoSession ? State::kEnded : State::kOutdated));
    REQUIRE(link.due(Instant{1'000'000}) == Action::kNone);
  }
}

TEST_CASE("[CN3] 4001 before the welcome may mean a late hello: REST is to tell") {
  Prng prng(1);
  Link link;
  link.start(Instant{0});
  Instant now{0};
  for (int attempt = 0; attempt < 3; ++attempt) {
    REQUIRE(link.due(now) == Action::kConnect);
    link.opened(now);
    link.closed(now, code(CloseCode::kNoSession), "", prng);
    REQUIRE(link.state() == State::kWaiting);
    now = *link.retry_at();
  }
  REQUIRE(link.polling());  // and so asks by REST
  link.session_over();
  REQUIRE(link.state() == State::kEnded);
}

TEST_CASE("[CN3] a restarting server is left alone for as long as it asked") {
  Prng prng(1);
  Link link = online_at(Instant{0});
  link.closed(Instant{0}, code(CloseCode::kRestart), R"({"retryAfterMs":7000})", prng);
  REQUIRE(link.due(Instant{6'999}) == Action::kNone);
  REQUIRE(link.due(Instant{7'001}) == Action::kConnect);
}

TEST_CASE("[SY7] after three failed handshakes it polls, and goes on trying to connect") {
  Prng prng(1);
  Link link;
  link.start(Instant{0});
  Instant now{0};
  for (int attempt = 0; attempt < 3; ++attempt) {
    REQUIRE_FALSE(link.polling());
    REQUIRE(link.due(now) == Action::kConnect);
    link.closed(now, 0, "", prng);
    now = *link.retry_at();
  }
  REQUIRE(link.polling());
  REQUIRE(link.due(now) == Action::kConnect);
  REQUIRE(link.due(now) == Action::kPoll);
  link.opened(now);
  link.welcomed(now);
  REQUIRE_FALSE(link.polling());
}

TEST_CASE("[CN3] who polls and is told that the session ended says nothing more") {
  Prng prng(1);
  Link link;
  link.start(Instant{0});
  Instant now{0};
  for (int attempt = 0; attempt < 3; ++attempt) {
    REQUIRE(link.due(now) == Action::kConnect);
    link.closed(now, 0, "", prng);
    now = *link.retry_at();
  }
  REQUIRE(link.polling());
  link.session_over();
  REQUIRE_FALSE(link.polling());
}
