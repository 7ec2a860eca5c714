// The order of one connection's operations over refusals (OR3, OR4).
#include "server/app/order_gate.h"

#include <catch2/catch.hpp>

#include "server/app/token_bucket.h"

namespace godwit::server {
namespace {

const Instant kNow{1'000};
constexpr ChatId kChat{1}, kOther{2};
const Refusal kLimited{Code::kRateLimited, "slow down", 700};
const Refusal kFailed{Code::kUnavailable, "disk", 900};

TEST_CASE(
    "[OR4] after a refusal every later operation of the chat gets the same, until it is sent "
    "again") {
  OrderGate gate;
  const auto first = gate.admit(kChat, "a", kNow);
  REQUIRE_FALSE(first.refusal);
  gate.refuse(kChat, "a", first.ticket, kLimited);
  const auto second = gate.admit(kChat, "b", kNow);
  REQUIRE(second.refusal);
  CHECK(second.refusal->code == Code::kRateLimited);
  CHECK(second.refusal->retry_after_ms == 700);
  CHECK_FALSE(gate.admit(kOther, "c", kNow).refusal);
  CHECK_FALSE(gate.admit(kChat, "a", kNow).refusal);
  CHECK_FALSE(gate.admit(kChat, "b", kNow).refusal);
}

TEST_CASE(
    "[OR3] what was queued behind a refused operation does not overtake it when that is sent "
    "again") {
  OrderGate gate;
  const auto a = gate.admit(kChat, "a", kNow);
  const auto b = gate.admit(kChat, "b", kNow);
  gate.refuse(kChat, "a", a.ticket, kFailed);
  const auto again = gate.admit(kChat, "a", kNow);
  REQUIRE_FALSE(again.refusal);
  REQUIRE(gate.check(kChat, b.ticket));
  CHECK(gate.check(kChat, b.ticket)->code == Code::kUnavailable);
  CHECK_FALSE(gate.check(kChat, again.ticket));
}

TEST_CASE(
    "[OR4] the first refused operation is the one to send again, not those refused after it") {
  OrderGate gate;
  const auto a = gate.admit(kChat, "a", kNow);
  const auto b = gate.admit(kChat, "b", kNow);
  gate.refuse(kChat, "a", a.ticket, kFailed);
  CHECK(gate.refuse(kChat, "b", b.ticket, kLimited).code == Code::kUnavailable);
  CHECK(gate.admit(kChat, "b", kNow).refusal);
  CHECK_FALSE(gate.admit(kChat, "a", kNow).refusal);
}

TEST_CASE("[OR4] an operation that is refused again closes the gate again") {
  OrderGate gate;
  gate.refuse(kChat, "a", gate.admit(kChat, "a", kNow).ticket, kFailed);
  const auto again = gate.admit(kChat, "a", kNow);
  gate.refuse(kChat, "a", again.ticket, kLimited);
  CHECK(gate.admit(kChat, "b", kNow).refusal->code == Code::kRateLimited);
}

TEST_CASE(
    "[OR3] what was admitted before the refused one passes; refused later itself, it is the one to "
    "send again") {
  OrderGate gate;
  const auto a = gate.admit(kChat, "a", kNow);
  const auto b = gate.admit(kChat, "b", kNow);
  gate.refuse(kChat, "b", b.ticket, kLimited);
  CHECK_FALSE(gate.check(kChat, a.ticket));
  const auto b2 = gate.admit(kChat, "b", kNow);
  CHECK(gate.refuse(kChat, "a", a.ticket, kFailed).code == Code::kUnavailable);
  REQUIRE(gate.check(kChat, b2.ticket));
  CHECK(gate.admit(kChat, "b", kNow).refusal);
  const auto a2 = gate.admit(kChat, "a", kNow);
  REQUIRE_FALSE(a2.refusal);
  CHECK_FALSE(gate.check(kChat, a2.ticket));
}

TEST_CASE("[OR4] a connection with closed gates in too many chats is refused everything") {
  OrderGate gate;
  for (std::uint64_t id = 1; id <= OrderGate::kRefusedChatsMax; ++id) {
    const ChatId chat{id};
    gate.refuse(chat, "a", gate.admit(chat, "a", kNow).ticket, kFailed);
  }
  const ChatId next{1'000'000};
  gate.refuse(next, "a", gate.admit(next, "a", kNow).ticket, kLimited);
  CHECK(gate.admit(kChat, "a", kNow).refusal);
  CHECK(gate.admit(ChatId{2'000'000}, "b", kNow).refusal);
}

TEST_CASE(
    "[OR4] an operation refused and sent again for ever keeps its turn; a passed gate costs no "
    "memory") {
  OrderGate gate;
  for (int i = 0; i < 1'000; ++i) {
    gate.refuse(kChat, "a", gate.admit(kChat, "a", kNow).ticket, kLimited);
  }
  CHECK_FALSE(gate.admit(kOther, "b", kNow).refusal);
  for (std::uint64_t id = 10; id <= 2 * OrderGate::kRefusedChatsMax; ++id) {
    const ChatId chat{id};
    gate.refuse(chat, "a", gate.admit(chat, "a", kNow).ticket, kFailed);
    const auto again = gate.admit(chat, "a", kNow);
    REQUIRE_FALSE(again.refusal);
    REQUIRE_FALSE(gate.check(chat, again.ticket));
  }
}

TEST_CASE(
    "[ED44] a bucket gives its burst at once, then its rate; a rate of nought refuses nothing") {
  TokenBucket bucket(Rate{2, 10});
  CHECK(bucket.take(Instant{0}) == 0);
  CHECK(bucket.take(Instant{0}) == 0);
  CHECK(bucket.take(Instant{0}) == 100);
  CHECK(bucket.take(Instant{60}) == 40);
  CHECK(bucket.take(Instant{100}) == 0);
  TokenBucket open(Rate{0, 0});
  for (int i = 0; i < 1'000; ++i) REQUIRE(open.take(Instant{0}) == 0);
}

TEST_CASE("[ED44] a table of rates is bounded and forgets the least recently used key") {
  RateTable table(Rate{1, 1}, 2);
  CHECK(table.take("a", Instant{0}) == 0);
  CHECK(table.take("b", Instant{0}) == 0);
  CHECK(table.take("a", Instant{0}) > 0);
  CHECK(table.take("c", Instant{0}) == 0);
  CHECK(table.size() == 2);
  CHECK(table.take("a", Instant{0}) > 0);
  CHECK(table.take("b", Instant{0}) == 0);
}

}  // namespace
}  // namespace godwit::server
