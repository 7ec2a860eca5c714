// The outbox, over random lives of its entries.
#include "shared/outbox/outbox.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "tests/properties/holds.h"

namespace godwit::properties {
namespace {

bool any(const QueuedOperation&) { return true; }

// An outbox beside what a plain list says of it.
class Life {
 public:
  void take(std::uint16_t step) {
    now_ = now_.plus_ms(step % 7u == 0 ? 400 : 10);
    const std::string id = chosen(step);
    switch (step % 8u) {
      case 0:
      case 1:
        return add(step);
      case 2:
      case 3:
        return send();
      case 4:
        if (OutboxEntry* entry = outbox_.find(id)) entry->durable = true;
        return;
      case 5:
        return answer(id);
      case 6:
        return refuse(id, step);
      default:
        outbox_.disconnected();
        in_flight_.clear();
        return;
    }
  }

  // In the end everything is durable, connected and answered.
  void heal() {
    outbox_.disconnected();
    in_flight_.clear();
    for (int round = 0; round < 1'000 && outbox_.size() > 0; ++round) {
      for (OutboxEntry* entry : outbox_.all()) entry->durable = true;
      now_ = now_.plus_ms(60'000);
      send();
      for (const std::string& id : std::vector<std::string>(in_flight_)) answer(id);
    }
    RC_ASSERT(outbox_.size() == 0);
    RC_ASSERT(answered_ == added_);
  }

 private:
  static ChatId chat_of_step(std::uint16_t step) { return ChatId{1 + step / 8u % 3u}; }

  void add(std::uint16_t step) {
    const std::string id = "m" + std::to_string(added_++);
    const ChatId chat_id = chat_of_step(step);
    outbox_.add(SendMessage{id, chat_id, Content{ContentType::kText, "x", {}}, {}, {}},
                Timestamp{1}, now_.plus_ms(limits::kQueueWaitMaxMs));
    order_[chat_id].push_back(id);
  }

  // What goes out continues each chat's order, past nothing that is not ready.
  void send() {
    for (const OutboxEntry* entry : outbox_.take_ready(now_, any)) {
      const std::string& id = entry->temp_id();
      RC_ASSERT(std::find(in_flight_.begin(), in_flight_.end(), id) == in_flight_.end());
      const auto& order = order_[chat_of(entry->operation)];
      for (const std::string& before : order) {
        if (before == id) break;
        RC_ASSERT(std::find(in_flight_.begin(), in_flight_.end(), before) != in_flight_.end());
      }
      RC_ASSERT(entry->durable || entry->storage_failed || entry->send_by <= now_);
      in_flight_.push_back(id);
    }
    for (const auto& [chat_id, order] : order_) {
      const auto in_flight = std::count_if(order.begin(), order.end(), [&](const std::string& id) {
        return std::find(in_flight_.begin(), in_flight_.end(), id) != in_flight_.end();
      });
      RC_ASSERT(static_cast<std::size_t>(in_flight) <= limits::kInFlightMax);
    }
  }

  // The server answers in the order sent; here only the first of its chat is answered.
  void answer(const std::string& id) {
    const OutboxEntry* entry = outbox_.find(id);
    auto flying = std::find(in_flight_.begin(), in_flight_.end(), id);
    if (entry == nullptr || flying == in_flight_.end()) return;
    auto& order = order_[chat_of(entry->operation)];
    if (order.front() != id) return;
    order.erase(order.begin());
    in_flight_.erase(flying);
    outbox_.answered(id);
    outbox_.remove(id);
    ++answered_;
  }

  // For now: it and all later ones of its chat are due again, in order.
  void refuse(const std::string& id, std::uint16_t step) {
    const OutboxEntry* entry = outbox_.find(id);
    if (entry == nullptr || std::find(in_flight_.begin(), in_flight_.end(), id) == in_flight_.end())
      return;
    const auto& order = order_[chat_of(entry->operation)];
    auto from = std::find(order.begin(), order.end(), id);
    in_flight_.erase(std::remove_if(in_flight_.begin(), in_flight_.end(),
                                    [&](const std::string& flying) {
                                      return std::find(from, order.end(), flying) != order.end();
                                    }),
                     in_flight_.end());
    outbox_.refused_for_now(id, now_, prng_, step % 3u == 0 ? 2'000 : 0);
  }

  std::string chosen(std::uint16_t step) const {
    const auto& order = order_.find(chat_of_step(step));
    if (order == order_.end() || order->second.empty()) return "none";
    return order->second[(step / 24u) % order->second.size()];
  }

  Outbox outbox_;
  Prng prng_{1};
  Instant now_{0};
  std::map<ChatId, std::vector<std::string>> order_;
  std::vector<std::string> in_flight_;
  std::size_t added_ = 0;
  std::size_t answered_ = 0;
};

}  // namespace

TEST_CASE(
    "[OB3][OB5][OB6][OB10] whatever happens to it, a chat's intents go out in their order and all "
    "are answered") {
  REQUIRE(holds(400, [](const std::vector<std::uint16_t>& steps) {
    Life life;
    for (std::uint16_t step : steps) life.take(step);
    life.heal();
  }));
}

TEST_CASE("[OB7] a retried intent goes behind all others and keeps what was written") {
  REQUIRE(holds(300, [](std::uint8_t count, const std::vector<std::uint8_t>& retried) {
    Outbox outbox;
    std::vector<std::string> expected;
    for (int i = 0; i < count % 20; ++i) {
      const std::string id = "m" + std::to_string(i);
      outbox.add(SendMessage{id, ChatId{5}, Content{ContentType::kText, "text " + id, {}}, {}, {}},
                 Timestamp{1}, Instant{0});
      expected.push_back(id);
    }
    for (std::uint8_t number : retried) {
      if (expected.empty()) break;
      const std::string id = expected[number % expected.size()];
      outbox.find(id)->failed = Code::kForbidden;
      outbox.retry(id, Instant{0});
      expected.erase(std::find(expected.begin(), expected.end(), id));
      expected.push_back(id);
    }
    std::vector<std::string> order;
    for (const OutboxEntry* entry : outbox.of_chat(ChatId{5})) {
      order.push_back(entry->temp_id());
      const auto& sent = std::get<SendMessage>(entry->operation);
      RC_ASSERT(sent.content.text == "text " + sent.temp_id);
      RC_ASSERT(!entry->failed);
    }
    RC_ASSERT(order == expected);
  }));
}

}  // namespace godwit::properties
