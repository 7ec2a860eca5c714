// Random people on random connections, against the log that the server keeps. Another seed:
// GODWIT_SEED=n.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>

#include "shared/base/prng.h"
#include "tests/gateway/replica.h"

namespace godwit::server {
namespace {

class Run {
 public:
  explicit Run(std::uint64_t seed) : world_(generous()), prng_(seed) {
    for (int i = 0; i < 4; ++i) {
      replicas_.push_back(
          std::make_unique<Replica>(world_, world_.person("p" + std::to_string(i))));
    }
    // The last device is a second one of the first person.
    replicas_.push_back(std::make_unique<Replica>(world_, replicas_[0]->user_id()));
    group_ = world_.group(id(0), {id(1), id(2), id(3)});
    chats_ = {group_, world_.direct(id(0), id(1))};
    for (auto& replica : replicas_) replica->know(group_);
    for (std::size_t i : {0u, 1u, 4u}) replicas_[i]->know(chats_[1]);
    for (auto& replica : replicas_) replica->connect();
  }

  void step() {
    Replica& replica = *replicas_[prng_.below(replicas_.size())];
    const std::uint64_t what = prng_.below(100);
    if (what < 8) {
      replica.vanish();
      ++vanished_;
    } else if (what < 20 && !replica.is_connected()) {
      replica.connect();
    } else if (what < 25) {
      membership();
    } else if (what < 30) {
      replica.say(MarkPosition{group_, Seq{prng_.below(40)}, prng_.chance(50)});
    } else if (what < 70) {
      send(replica);
    } else {
      change(replica);
    }
    for (std::uint64_t turns = prng_.below(4); turns > 0; --turns) world_.executor.run_one();
    for (auto& each : replicas_) each->take();
    if (prng_.chance(10)) world_.settle();
  }

  // No more faults: everybody connects, and everything that was said is answered.
  void heal() {
    for (auto& replica : replicas_) {
      replica->vanish();
      replica->connect();
    }
    REQUIRE(world_.until([&] {
      bool is_quiet = true;
      for (auto& replica : replicas_) {
        replica->take();
        is_quiet = is_quiet && replica->is_quiet();
      }
      return is_quiet;
    }));
    world_.settle();
    for (auto& replica : replicas_) replica->take();
  }

  void check() {
    for (auto& replica : replicas_) {
      for (const std::string& complaint : replica->complaints()) FAIL_CHECK(complaint);
      CHECK(replica->strays().empty());
      for (const auto& [chat_id, chat] : replica->chats()) check_chat(*replica, chat_id, chat);
    }
    CHECK(vanished_ > 0);  // not a run without faults
    for (const auto& [words, times] : stored_) {
      INFO(words);
      CHECK(times == 1);
    }
    CHECK_FALSE(stored_.empty());
  }

 private:
  static GatewayConfig generous() {
    GatewayConfig config;
    config.operations_per_user = config.syncs_per_user = config.frames_per_connection = Rate{};
    return config;
  }
  UserId id(std::size_t i) const { return replicas_[i]->user_id(); }
  std::string temp() { return "t" + std::to_string(++last_temp_); }

  void send(Replica& replica) {
    const std::string temp_id = temp();
    replica.perform(text(chats_[prng_.below(2)], temp_id, "words of " + temp_id), temp_id);
  }

  void change(Replica& replica) {
    auto chat = replica.chats().find(chats_[prng_.below(2)]);
    if (chat == replica.chats().end() || chat->second.messages.empty()) return;
    auto message = chat->second.messages.begin();
    std::advance(message, static_cast<std::ptrdiff_t>(prng_.below(chat->second.messages.size())));
    const std::string temp_id = temp();
    const MessageId target = message->first;
    switch (prng_.below(4)) {
      case 0:
        return replica.perform(
            EditMessage{
                temp_id, chat->first, target, {ContentType::kText, "edited " + temp_id, {}}},
            temp_id);
      case 1:
        return replica.perform(DeleteMessage{temp_id, chat->first, target}, temp_id);
      case 2:
        return replica.perform(React{temp_id, chat->first, target, "👍", prng_.chance(60)}, temp_id);
      default:
        return replica.perform(Pin{temp_id, chat->first, target, prng_.chance(50)}, temp_id);
    }
  }

  // The owner puts the last person out and in again.
  void membership() {
    if (prng_.chance(50)) {
      (void)world_.service->submit_and_wait(id(0), RemoveMember{temp(), group_, id(3)});
    } else {
      (void)world_.service->submit_and_wait(id(0), AddMember{temp(), group_, id(3), Role::kMember});
    }
  }

  void check_chat(const Replica& replica, ChatId chat_id, const Replica::Chat& chat) {
    HistoryQuery query;
    query.after = Seq{0};
    query.limit = 100;
    std::size_t seen = 0;
    Seq as_of;
    while (true) {
      auto page = world_.service->reads().ask<HistoryPage>(
          [&](Queries& queries) { return queries.history(replica.user_id(), chat_id, query); });
      REQUIRE(page);
      as_of = page->page.as_of;
      for (const Message& message : page->page.messages) {
        query.after = message.seq;
        auto held = chat.messages.find(message.message_id);
        if (held == chat.messages.end()) continue;
        ++seen;
        INFO("user " << replica.user_id().str() << " seq " << message.seq.value);
        CHECK(held->second.rev == message.rev);
        CHECK(held->second.content == message.content);
        CHECK(held->second.reactions == message.reactions);
        CHECK(held->second.pinned == message.pinned);
      }
      if (replica.user_id() == id(0) && &replica == replicas_[0].get()) count(page->page);
      if (page->page.messages.empty() || !page->page.has_after) break;
    }
    CHECK(chat.held == as_of);
    if (replica.user_id() != id(3)) CHECK(seen == chat.messages.size());
  }

  void count(const Page& page) {
    for (const Message& message : page.messages) {
      if (message.content && message.content->type == ContentType::kText &&
          message.content->text.rfind("words", 0) == 0) {
        ++stored_[message.content->text];
      }
    }
  }

  World world_;
  Prng prng_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  ChatId group_;
  std::vector<ChatId> chats_;
  std::uint64_t last_temp_ = 0;
  int vanished_ = 0;
  std::map<std::string, int> stored_;
};

}  // namespace

TEST_CASE("[OR2] [OR5] [SY4] [DD1] random people, connections and changes end equal to the log") {
  std::vector<std::uint64_t> seeds{1, 2, 3, 4};
  if (const char* chosen = std::getenv("GODWIT_SEED")) seeds = {std::strtoull(chosen, nullptr, 10)};
  for (std::uint64_t seed : seeds) {
    std::cout << "gateway random run, seed " << seed << std::endl;
    CAPTURE(seed);
    Run run(seed);
    for (int i = 0; i < 250; ++i) run.step();
    run.heal();
    run.check();
  }
}

}  // namespace godwit::server
