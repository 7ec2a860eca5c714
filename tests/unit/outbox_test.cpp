// The offline queue: order, windows, pauses, back-off.
#include "shared/outbox/outbox.h"

#include <catch2/catch.hpp>

using namespace godwit;

namespace {

const ChatId kChat{5};

QueuedOperation message(const std::string& id, ChatId chat_id = kChat) {
  return SendMessage{id, chat_id, Content{ContentType::kText, "text " + id, {}}, {}, {}};
}

void add_durable(Outbox& outbox, const std::string& id, ChatId chat_id = kChat) {
  outbox.add(message(id, chat_id), Timestamp{1}, Instant{0}).durable = true;
}

bool any(const QueuedOperation&) { return true; }

std::string sent(Outbox& outbox, Instant now = Instant{0}) {
  std::string ids;
  for (const OutboxEntry* entry : outbox.take_ready(now, any)) ids += entry->temp_id() + " ";
  return ids;
}

}  // namespace

TEST_CASE("[OB3] operations go out in the order of sending, once each") {
  Outbox outbox;
  add_durable(outbox, "a");
  add_durable(outbox, "b", ChatId{6});
  add_durable(outbox, "c");
  REQUIRE(sent(outbox) == "a b c ");
  REQUIRE(sent(outbox).empty());
}

TEST_CASE("[OB10] at most 32 operations of a chat are in flight") {
  Outbox outbox;
  for (int i = 0; i < 40; ++i) add_durable(outbox, "m" + std::to_string(i));
  REQUIRE(outbox.take_ready(Instant{0}, any).size() == limits::kInFlightMax);
  outbox.remove("m0");
  REQUIRE(sent(outbox) == "m32 ");
}

TEST_CASE("[OB2] [OB3] what is not durable holds back what follows for 250 ms, and then goes") {
  Outbox outbox;
  outbox.add(message("a"), Timestamp{1}, Instant{250});
  add_durable(outbox, "b");
  REQUIRE(sent(outbox, Instant{249}).empty());
  REQUIRE(outbox.next_deadline() == Instant{250});
  REQUIRE(sent(outbox, Instant{250}) == "a b ");
}

TEST_CASE("[OB6] a refusal for now pauses the chat and keeps the order") {
  Outbox outbox;
  Prng prng(1);
  add_durable(outbox, "a");
  add_durable(outbox, "b");
  add_durable(outbox, "c", ChatId{6});
  REQUIRE(sent(outbox) == "a b c ");
  outbox.refused_for_now("a", Instant{0}, prng, 0);
  outbox.refused_for_now("b", Instant{0}, prng, 0);  // the server says so of all that follow
  REQUIRE(sent(outbox, Instant{1}).empty());
  auto again = outbox.next_deadline();
  REQUIRE(again);
  REQUIRE(again->ms >= 500);
  REQUIRE(sent(outbox, *again) == "a b ");
}

TEST_CASE("[OB7] a retry goes to the end of the order and never by itself") {
  Outbox outbox;
  add_durable(outbox, "a");
  add_durable(outbox, "b");
  outbox.find("a")->failed = Code::kForbidden;
  REQUIRE(sent(outbox) == "b ");
  REQUIRE(sent(outbox, Instant{100'000}).empty());
  outbox.retry("a", Instant{0});
  add_durable(outbox, "c");
  REQUIRE(sent(outbox) == "a c ");
}

TEST_CASE("[OB5] after a disconnect everything unanswered goes again, in order") {
  Outbox outbox;
  for (const char* id : {"a", "b", "c"}) add_durable(outbox, id);
  REQUIRE(sent(outbox) == "a b c ");
  outbox.find("b")->settled = true;
  outbox.disconnected();
  REQUIRE(sent(outbox) == "a c ");
}

TEST_CASE(
    "[OB26] [SY7] where a call cannot be carried, others pass it; one at a time keeps the order") {
  Outbox outbox;
  outbox.add(React{"r", kChat, MessageId{9}, "x", true}, Timestamp{1}, Instant{0}).durable = true;
  add_durable(outbox, "a");
  add_durable(outbox, "b");
  auto messages = [](const QueuedOperation& op) { return std::holds_alternative<SendMessage>(op); };
  auto ready = outbox.take_ready(Instant{0}, messages, 1);
  REQUIRE(ready.size() == 1);
  REQUIRE(ready[0]->temp_id() == "a");
  REQUIRE(outbox.take_ready(Instant{0}, messages, 1).empty());
}

TEST_CASE("[CN2] [OB6] back-off grows from 1 s to 30 s with jitter and never gives up") {
  Prng prng(3);
  Backoff backoff;
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::int64_t whole = std::min<std::int64_t>(1'000LL << std::min(attempt, 5), 30'000);
    std::int64_t wait = backoff.next_ms(prng);
    REQUIRE(wait >= whole / 2);
    REQUIRE(wait <= whole);
  }
  backoff.succeeded();
  REQUIRE(backoff.next_ms(prng) <= 1'000);
  REQUIRE(backoff.next_ms(prng, 9'000) >= 9'000);
}
