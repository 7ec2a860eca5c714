// What happens when the disk says no.
#include <catch2/catch.hpp>
#include <future>

#include "server/app/writer.h"
#include "tests/contract/host.h"

namespace godwit::server {
namespace {

const Instant kNow{1'000};

// A database that is nearly full: pages_max is its size at the start and a little.
struct FullDisk : Host {
  FullDisk() {
    ana = person("ana");
    bo = person("bo");
    chat = direct(ana, bo);
    config.storage.pages_max = 60;
    restart();
  }
  // Fills until the first refusal; the number stored.
  int fill() {
    const std::string text(15'000, 'x');
    for (int i = 0; i < 100; ++i) {
      const Outcome outcome = say(ana, chat, text, "fill" + std::to_string(i));
      if (!outcome.is_ok()) {
        CHECK(outcome.code == Code::kUnavailable);
        CHECK(outcome.retry_after_ms > 0);
        return i;
      }
    }
    FAIL("the disk never filled");
    return 0;
  }
  UserId ana, bo;
  ChatId chat;
};

TEST_CASE(
    "[ST23] a commit that fails is unavailable, stores nothing, and the service goes on when there "
    "is room") {
  FullDisk host;
  const int stored = host.fill();
  CHECK(host.service->stats().commit_failures > 0);
  CHECK_FALSE(host.service->is_ready());
  const auto head = static_cast<std::uint64_t>(stored) + 1;
  CHECK(host.state(host.bo, host.chat).head == Seq{head});
  host.config.storage.pages_max = 0;
  host.restart();
  const Outcome again = host.say(host.ana, host.chat, "room", "fill" + std::to_string(stored));
  CHECK(again.is_ok());
  CHECK_FALSE(again.duplicate);
  CHECK(again.seq == Seq{head + 1});
  CHECK(host.service->is_ready());
}

TEST_CASE(
    "[ST23] after a failed commit the window and the cache know nothing of what was not stored") {
  FullDisk host;
  const int stored = host.fill();
  const std::string refused = "fill" + std::to_string(stored);
  const Outcome small = host.say(host.ana, host.chat, "small", refused);
  if (small.is_ok()) {
    CHECK_FALSE(small.duplicate);
    CHECK(small.seq == Seq{static_cast<std::uint64_t>(stored) + 2});
  } else {
    CHECK(small.code == Code::kUnavailable);
  }
}

TEST_CASE(
    "[OR4] when a commit fails, a connection's order is kept: the later operations are refused "
    "until the first is sent again") {
  FullDisk host;
  const int stored = host.fill();
  auto gate = std::make_shared<OrderGate>();
  const std::string text(15'000, 'x');
  auto submit = [&](const std::string& temp_id, const std::string& body) {
    const auto admission = gate->admit(host.chat, temp_id, kNow);
    if (admission.refusal) return admission.refusal->code;
    std::promise<Code> done;
    host.service->submit(
        host.ana, SendMessage{temp_id, host.chat, Content{ContentType::kText, body, {}}, {}, {}},
        gate, admission.ticket, [&done](const Outcome& outcome) { done.set_value(outcome.code); });
    return done.get_future().get();
  };
  CHECK(submit("first", text) == Code::kUnavailable);
  CHECK(submit("second", "tiny") == Code::kUnavailable);
  CHECK(submit("first", text) == Code::kUnavailable);
  CHECK(host.state(host.bo, host.chat).head == Seq{static_cast<std::uint64_t>(stored) + 1});
}

TEST_CASE(
    "[OR4] with the queue full an operation is refused at once and its gate closes; what was "
    "queued before it passes") {
  Config config = test_config("");
  config.writer.queue_max = 1;
  Host host(config);
  const UserId ana = host.person("ana"), bo = host.person("bo");
  const ChatId chat = host.direct(ana, bo);
  std::promise<void> entered, release;
  auto released = release.get_future().share();
  host.service->writer().run(WriteTask{[&](WriteContext&) {
                                         entered.set_value();
                                         released.wait();
                                         return Status::ok();
                                       },
                                       nullptr});
  entered.get_future().wait();
  auto gate = std::make_shared<OrderGate>();
  std::vector<Code> codes;
  std::promise<void> done;
  for (const char* temp_id : {"queued", "refused"}) {
    const auto admission = gate->admit(chat, temp_id, kNow);
    host.service->submit(ana,
                         SendMessage{temp_id, chat, Content{ContentType::kText, "x", {}}, {}, {}},
                         gate, admission.ticket, [&](const Outcome& outcome) {
                           codes.push_back(outcome.code);
                           if (codes.size() == 2) done.set_value();
                         });
  }
  CHECK(codes == std::vector<Code>{Code::kUnavailable});
  CHECK(gate->admit(chat, "later", kNow).refusal);
  release.set_value();
  done.get_future().wait();
  // What was admitted before the refused one is in its place and passes.
  CHECK(codes.back() == Code::kOk);
  CHECK_FALSE(gate->admit(chat, "refused", kNow).refusal);
}

}  // namespace
}  // namespace godwit::server
