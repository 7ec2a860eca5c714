// Syncs: what is held meanwhile, how answers leave, what is refused.
#include <atomic>
#include <catch2/catch.hpp>
#include <latch>
#include <thread>

#include "tests/gateway/world.h"

namespace godwit::server {
namespace {

bool is_done(const FakeClient& client, const std::string& request_id) {
  for (const SyncResponse& part : client.all<SyncResponse>()) {
    if (part.request_id == request_id && part.done) return true;
  }
  return false;
}

// The seqs of one chat in the order in which the connection learnt of them, sync and live alike.
std::vector<std::uint64_t> learnt(const FakeClient& client, ChatId chat_id) {
  std::vector<std::uint64_t> seqs;
  for (const ServerFrame& frame : client.frames()) {
    if (const auto* event = std::get_if<ChatEvent>(&frame); event && event->chat_id == chat_id) {
      seqs.push_back(event->seq.value);
    }
    const auto* response = std::get_if<SyncResponse>(&frame);
    if (response == nullptr) continue;
    if (const auto* part = std::get_if<SyncEvents>(&response->part);
        part != nullptr && part->chat_id == chat_id) {
      for (const ChatEvent& event : part->events) seqs.push_back(event.seq.value);
    }
  }
  return seqs;
}

std::vector<std::uint64_t> from_to(std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint64_t> seqs;
  for (; from <= to; ++from) seqs.push_back(from);
  return seqs;
}

// A task that keeps a reader busy until it is let go.
struct BusyReaders {
  explicit BusyReaders(World& world) {
    for (int i = 0; i < 2; ++i) {
      REQUIRE(world.service->reads().post([this](Queries&) {
        ++held;
        gate.wait();
        ++gone;
      }));
    }
    while (held < 2) std::this_thread::yield();
  }
  ~BusyReaders() {
    if (!is_open) let_go();
  }
  void let_go() {
    is_open = true;
    gate.count_down();
    while (gone < 2) std::this_thread::yield();
  }
  std::atomic<int> held{0}, gone{0};
  std::latch gate{1};
  bool is_open = false;
};

}  // namespace

TEST_CASE("[OR2] [SY4] live events wait for the sync, and those that it covers are dropped") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  ChatId chat = world.direct(ann, bob);
  for (int i = 0; i < 5; ++i) {
    world.service->submit_and_wait(ann, text(chat, "old" + std::to_string(i), "hello"));
  }
  FakeClient& reader = world.enter(bob);
  FakeClient& writer = world.enter(ann);
  {
    BusyReaders busy(world);
    reader.say(sync_from("s1", {{chat, Seq{1}}}));
    for (int i = 0; i < 5; ++i) writer.say(text(chat, "new" + std::to_string(i), "hello"));
    REQUIRE(world.until([&] { return writer.all<MessageAck>().size() == 5; }));
    CHECK(reader.all<ChatEvent>().empty());
  }
  REQUIRE(world.until([&] { return is_done(reader, "s1"); }));
  for (int i = 0; i < 5; ++i) writer.say(text(chat, "late" + std::to_string(i), "hello"));
  REQUIRE(world.until([&] { return writer.all<MessageAck>().size() == 10; }));
  CHECK(learnt(reader, chat) == from_to(2, 16));
  CHECK(world.gateway->stats().frames_held == 5);
}

TEST_CASE(
    "[SY4] an event that is committed before the snapshot and fanned out after it is dropped") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  ChatId chat = world.direct(ann, bob);
  FakeClient& reader = world.enter(bob);
  world.settle();
  world.service->set_sink(nullptr);  // the writer's word comes late: it is said by hand below
  world.service->submit_and_wait(ann, text(chat, "t1", "hello"));
  reader.say(sync_from("s1", {{chat, Seq{1}}}));
  REQUIRE(world.until([&] { return is_done(reader, "s1"); }));
  REQUIRE(learnt(reader, chat) == from_to(2, 2));
  ChatEvent event;
  for (const SyncResponse& part : reader.all<SyncResponse>()) {
    if (const auto* events = std::get_if<SyncEvents>(&part.part)) event = events->events.at(0);
  }
  auto audience = std::make_shared<std::vector<UserId>>(std::vector<UserId>{ann, bob});
  for (std::uint64_t seq = 2; seq <= 3; ++seq) {
    event.seq = event.message.seq = event.message.rev = Seq{seq};
    world.gateway->sink().on_event(event, audience);
    world.gateway->sink().on_batch_end();
  }
  world.executor.run_posted();
  CHECK(learnt(reader, chat) == from_to(2, 3));
}

TEST_CASE("[OR40] an own operation during a sync: the echo and its ack both wait, in their order") {
  World world;
  UserId ann = world.person("ann");
  ChatId chat = world.direct(ann, world.person("bob"));
  FakeClient& client = world.enter(ann);
  {
    BusyReaders busy(world);
    client.say(sync_from("s1", {{chat, Seq{1}}}));
    client.say(text(chat, "t1", "hello"));
    world.service->submit_and_wait(ann, text(chat, "other", "hello"));
    world.executor.run_posted();
    CHECK(client.all<MessageAck>().empty());
  }
  REQUIRE(world.until([&] { return client.all<MessageAck>().size() == 1; }));
  auto frames = client.frames();
  REQUIRE(std::holds_alternative<MessageAck>(frames.back()));
  REQUIRE(frames.size() >= 3);
  const auto* echo = std::get_if<ChatEvent>(&frames[frames.size() - 2]);
  REQUIRE(echo != nullptr);
  CHECK(echo->message.temp_id == "t1");
}

TEST_CASE("[SY41] a long answer leaves in frames of 256 KiB and waits for a slow reader") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  ChatId chat = world.direct(ann, bob);
  const std::string words(16'000, 'w');
  for (int i = 0; i < 120; ++i) {
    world.service->submit_and_wait(ann, text(chat, "t" + std::to_string(i), words));
  }
  FakeClient& reader = world.enter(bob);
  reader.stick();
  reader.say(sync_from("s1", {{chat, Seq{0}}}));
  world.settle();
  CHECK_FALSE(is_done(reader, "s1"));
  CHECK(reader.queued_bytes() < Socket::kPaceBytes + limits::kServerFrameBytesMax);
  CHECK(world.gateway->stats().sync_bytes_waiting > 0);
  for (int i = 0; i < 20 && !is_done(reader, "s1"); ++i) reader.read_some();
  CHECK(is_done(reader, "s1"));
  CHECK(world.gateway->stats().sync_bytes_waiting == 0);
  for (const std::string& frame : reader.texts())
    CHECK(frame.size() <= limits::kServerFrameBytesMax);
  CHECK(learnt(reader, chat) == from_to(1, 121));
}

TEST_CASE("[SY42] one sync under way, four waiting, one more is refused by its requestId") {
  World world;
  UserId ann = world.person("ann");
  FakeClient& client = world.enter(ann);
  {
    BusyReaders busy(world);
    for (int i = 0; i < 6; ++i) client.say(sync_from("s" + std::to_string(i), {}));
    auto errors = client.all<ErrorFrame>();
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].code == Code::kRateLimited);
    CHECK(errors[0].request_id == "s5");
  }
  REQUIRE(world.until([&] { return is_done(client, "s4"); }));
  for (int i = 0; i < 5; ++i) CHECK(is_done(client, "s" + std::to_string(i)));
}

TEST_CASE("[SY43] a connection for which too much is held is closed with 4008") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  ChatId chat = world.direct(ann, bob);
  FakeClient& reader = world.enter(bob);
  const std::string words(16'000, 'w');
  {
    BusyReaders busy(world);
    reader.say(sync_from("s1", {}));
    for (int i = 0; i < 300; ++i) {
      world.service->submit_and_wait(ann, text(chat, "t" + std::to_string(i), words));
      world.executor.run_posted();
    }
    CHECK(reader.close_code() == CloseCode::kTooSlow);
  }
  world.settle();
}

TEST_CASE(
    "[EP2] under a foreign epoch the first sync is answered from nothing; without one, as asked") {
  World world;
  UserId ann = world.person("ann");
  ChatId chat = world.direct(ann, world.person("bob"));
  FakeClient& foreign = world.dial(ann);
  foreign.say(hello("another-life"));
  foreign.say(sync_from("s1", {{chat, Seq{1}}}));
  REQUIRE(world.until([&] { return is_done(foreign, "s1"); }));
  auto first = foreign.all<SyncResponse>();
  CHECK(std::holds_alternative<SyncChat>(first.at(0).part));
  foreign.forget();
  foreign.say(sync_from("s2", {{chat, Seq{1}}}));
  REQUIRE(world.until([&] { return is_done(foreign, "s2"); }));
  CHECK(std::holds_alternative<SyncEvents>(foreign.all<SyncResponse>().at(0).part));
}

}  // namespace godwit::server
