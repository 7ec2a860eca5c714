// What a core shows: pending over confirmed, refusals, history of which it is not sure, and diffs.
#include <catch2/catch.hpp>

#include "shared/base/prng.h"
#include "tests/unit/core_bench.h"

using namespace godwit;
using testing::ack_of;
using testing::Bench;
using testing::echo_of;
using testing::event_at;
using testing::kChat;

namespace {

struct OnlineBench : Bench {
  OnlineBench() {
    start();
    connect();
    finish_all();
    (void)conversation();
    Page page;  // the history before what the tests say: nothing
    page.from = Seq{1};
    page.to = page.as_of = Seq{2};
    (void)give(HttpAnswered{requests.at(0).id, 200, encode_page(page)});
    requests.clear();
  }
  void refuse(const std::string& id) {
    receive(ErrorFrame{Code::kForbidden, "", id, {}, false, 0});
  }
};

}  // namespace

TEST_CASE("[OV2] a pending message stands after every confirmed one, in the order of sending") {
  OnlineBench bench;
  REQUIRE(bench.say("a"));
  REQUIRE(bench.say("b"));
  bench.receive(event_at(3, "first"));
  bench.receive(event_at(4, "second"));
  CHECK(bench.conversation().statuses() == "103:delivered 104:delivered a:saving b:saving ");
}

TEST_CASE("[OV3] once confirmed a message stands at its seq and keeps its localId") {
  OnlineBench bench;
  REQUIRE(bench.say("a"));
  REQUIRE(bench.say("b"));
  bench.finish_all();
  bench.receive(echo_of("b", 4));
  bench.receive(echo_of("a", 5));
  bench.receive(event_at(3, "before both"));
  CHECK(bench.conversation().statuses() == "103:delivered b:sent a:sent ");
  CHECK(bench.conversation().items[1]["seq"] == 4);
}

TEST_CASE("[OV4] what is refused goes from the screen; a message and an edit stay as failed") {
  OnlineBench bench;
  bench.receive(event_at(3, "theirs"));
  bench.receive(echo_of("mine", 4));
  REQUIRE(bench.give(Intend{React{"r", kChat, MessageId{103}, "x", true}}));
  REQUIRE(bench.give(
      Intend{EditMessage{"e", kChat, MessageId{104}, Content{ContentType::kText, "edited", {}}}}));
  REQUIRE(bench.say("m"));
  bench.finish_all();
  REQUIRE(bench.conversation().items[0].contains("reactions"));
  REQUIRE(bench.conversation().items[1]["text"] == "edited");
  for (const char* id : {"r", "e", "m"}) bench.refuse(id);
  CHECK_FALSE(bench.conversation().items[0].contains("reactions"));
  CHECK(bench.conversation().statuses() == "103:delivered mine:failed m:failed ");
  CHECK(bench.conversation().items[2]["failure"]["code"] == "forbidden");
  CHECK(bench.conversation().items[2]["text"] == "m");
}

TEST_CASE("[MG6] unchecked history is asked for before it is shown, and shown marked offline") {
  OnlineBench bench;
  bench.receive(event_at(3, "held before"));
  Page page;
  page.from = Seq{4};
  page.to = page.as_of = Seq{900};
  page.has_before = true;
  bench.receive(SyncResponse{"x", SyncChat{Bench::state_at(900), true, page}, true});
  CHECK(bench.conversation().items.empty());
  REQUIRE(bench.requests.size() == 1);
  CHECK(bench.requests[0].path.find("changedSince=3") != std::string::npos);
  (void)bench.give(SocketClosed{1006, ""});
  REQUIRE(bench.conversation().items.size() == 1);
  CHECK(bench.conversation().items[0]["unchecked"] == true);
}

TEST_CASE("[CO7] a view that has lived through diffs equals one that is opened now") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Prng prng(seed);
    OnlineBench bench;
    std::uint64_t head = 2;
    std::vector<std::string> unanswered;
    for (int step = 0; step < 40; ++step) {
      std::string id = "t" + std::to_string(step);
      bool answer = !unanswered.empty() && prng.chance(40);
      if (answer) {
        if (prng.chance(20)) {
          bench.refuse(unanswered.front());
        } else {
          bench.receive(echo_of(unanswered.front(), ++head));
        }
        unanswered.erase(unanswered.begin());
      } else if (prng.chance(50)) {
        REQUIRE(bench.say(id));
        unanswered.push_back(id);
      } else if (head > 2 && prng.chance(50)) {
        MessageId target{103 + prng.below(head - 2)};
        (void)bench.give(Intend{React{id, kChat, target, "x", prng.chance(70)}});
      } else {
        bench.receive(event_at(++head, id));
      }
      if (prng.chance(30)) bench.finish(prng.chance(80));
      std::uint32_t fresh = 2 + static_cast<std::uint32_t>(step);
      REQUIRE(bench.conversation(fresh) == bench.conversation(1));
      (void)bench.give(CloseView{fresh});
    }
  }
}

TEST_CASE("[SY55] [CO7] behind a reset nothing is shown beyond the hole that it leaves") {
  OnlineBench bench;
  for (std::uint64_t seq = 3; seq < 8; ++seq) bench.receive(event_at(seq, "before"));
  REQUIRE(bench.conversation().items.size() == 5);
  Page page;
  page.from = Seq{891};
  page.to = page.as_of = Seq{900};
  page.has_before = true;
  page.messages.push_back(event_at(900, "after").message);
  bench.receive(SyncResponse{"x", SyncChat{Bench::state_at(900), true, page}, true});
  CHECK(bench.conversation(2) == bench.conversation(1));
  CHECK(bench.conversation().items.size() == 1);
}

namespace {

constexpr std::uint32_t kAppView = 9;

// Nobody takes WebSockets any more, from a connection on.
struct PollingBench : OnlineBench {
  PollingBench() {
    (void)give(OpenView{kAppView, OpenView::Kind::kApp, {}});
    (void)give(SocketClosed{1006, ""});
    for (int attempt = 0; attempt < 3; ++attempt) fail_to_connect();
  }
  void fail_to_connect() {
    now_ms += limits::kBackoffMaxMs;
    (void)give(DeadlineReached{});
    (void)give(SocketClosed{1006, ""});
  }
  void answer_poll(std::uint16_t status) {
    REQUIRE(requests.back().path == "/sync");
    auto asked = nlohmann::json::parse(requests.back().body);
    nlohmann::json part{
        {"type", "sync_response"}, {"requestId", asked["requestId"]}, {"done", true}};
    nlohmann::json answer{{"epoch", "e1"}, {"serverTime", "2026-11-18T11:06:40.000Z"}};
    answer["responses"] = nlohmann::json::array({part});
    answer["done"] = true;
    (void)give(HttpAnswered{requests.back().id, status, status == 200 ? answer.dump() : ""});
  }
  bool connecting() const { return core.link().state() == Link::State::kConnecting; }
  std::string state() { return views[kAppView].fields["connection"]["state"]; }
};

}  // namespace

TEST_CASE("[SY44] it is polling once a poll was answered, and offline once one was not") {
  PollingBench bench;
  CHECK(bench.state() == "offline");
  bench.answer_poll(200);
  CHECK(bench.state() == "polling");
  bench.fail_to_connect();
  CHECK(bench.state() == "polling");
  bench.answer_poll(0);
  CHECK(bench.state() == "offline");
  CHECK(bench.views[kAppView].fields["connection"].contains("retryAt"));
}

TEST_CASE(
    "[SY44] the first poll that is answered has it try to connect at once, the later ones not") {
  PollingBench bench;
  CHECK_FALSE(bench.connecting());
  bench.answer_poll(200);
  CHECK(bench.connecting());
  bench.fail_to_connect();
  bench.answer_poll(200);
  CHECK_FALSE(bench.connecting());
}
