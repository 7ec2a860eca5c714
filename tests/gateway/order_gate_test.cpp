// The order rule by itself, as the gateway and the writer use it from two sides.
#include "server/app/order_gate.h"

#include <catch2/catch.hpp>

namespace godwit::server {
namespace {

const ChatId kChat{7};
const Instant kNow{1'000};
const Refusal kLater{Code::kUnavailable, "later", 100};
const Refusal kSlower{Code::kRateLimited, "slower", 200};

OrderGate::Ticket let_in(OrderGate& gate, const char* temp_id) {
  auto admission = gate.admit(kChat, temp_id, kNow);
  REQUIRE_FALSE(admission.refusal);
  return admission.ticket;
}

}  // namespace

TEST_CASE(
    "[OR4] what was sent before the refused operation passes, what was sent after it does not") {
  OrderGate gate;
  auto one = let_in(gate, "one");
  auto two = let_in(gate, "two");
  auto three = let_in(gate, "three");
  gate.refuse(kChat, "two", two, kLater);
  CHECK_FALSE(gate.check(kChat, one));
  CHECK(gate.check(kChat, three));
  CHECK(gate.admit(kChat, "four", kNow).refusal);
  CHECK_FALSE(gate.admit(ChatId{8}, "elsewhere", kNow).refusal);
}

TEST_CASE("[OR4] sending the refused one again opens the gate, but not for what is still queued") {
  OrderGate gate;
  auto one = let_in(gate, "one");
  auto two = let_in(gate, "two");
  gate.refuse(kChat, "one", one, kLater);
  auto again = let_in(gate, "one");
  CHECK(gate.check(kChat, two));
  CHECK(gate.refuse(kChat, "two", two, kSlower).code == Code::kUnavailable);
  CHECK_FALSE(gate.check(kChat, again));
  CHECK_FALSE(gate.check(kChat, let_in(gate, "two")));
}

TEST_CASE(
    "[OR4] when an earlier operation is refused after a later one, it is the one waited for") {
  OrderGate gate;
  auto one = let_in(gate, "one");
  auto two = let_in(gate, "two");
  gate.refuse(kChat, "two", two, kSlower);
  gate.refuse(kChat, "one", one, kLater);
  CHECK(gate.admit(kChat, "two", kNow).refusal);
  let_in(gate, "one");
  let_in(gate, "two");
}

TEST_CASE("[OR4] stale tickets of an earlier refusal stay stale after a later one") {
  OrderGate gate;
  auto one = let_in(gate, "one");
  auto two = let_in(gate, "two");
  gate.refuse(kChat, "one", one, kLater);
  auto again = let_in(gate, "one");
  auto three = let_in(gate, "three");
  gate.refuse(kChat, "three", three, kSlower);
  CHECK(gate.check(kChat, two));
  CHECK_FALSE(gate.check(kChat, again));
}

TEST_CASE("[OR4] a refused operation that was given up holds the later ones up for a minute only") {
  OrderGate gate;
  gate.refuse(kChat, "one", let_in(gate, "one"), kLater);
  CHECK(gate.admit(kChat, "two", kNow).refusal);
  CHECK(gate.admit(kChat, "two", kNow.plus_ms(OrderGate::kGivenUpAfterMs - 1)).refusal);
  CHECK_FALSE(gate.admit(kChat, "two", kNow.plus_ms(OrderGate::kGivenUpAfterMs)).refusal);
  CHECK_FALSE(gate.admit(kChat, "three", kNow.plus_ms(OrderGate::kGivenUpAfterMs)).refusal);
}

}  // namespace godwit::server
