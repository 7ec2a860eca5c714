// What a core keeps, in which order, and what it makes of it after a kill; and what it asks for.
#include <catch2/catch.hpp>

#include "tests/unit/core_bench.h"

using namespace godwit;
using testing::Bench;
using testing::echo_of;
using testing::event_at;
using testing::kChat;

namespace {

// Every seq from the lowest that is shown for sure to what is held has its message.
bool has_no_hole(const ChatReplica& chat) {
  Seq low = chat.timeline().segments().low_of(chat.held(), false);
  for (Seq seq = low; seq <= chat.held(); seq = seq.next()) {
    if (chat.timeline().at(seq) == nullptr) return false;
  }
  return true;
}

Seq low_of(const Bench& bench) {
  return bench.chat().timeline().segments().low_of(bench.chat().held(), false);
}

constexpr std::uint64_t kLongHistory = 200;  // of 8 KiB each: more than /h holds uncompacted

// Hears of a history that makes the core move its older part to the cache; `cache_works` says
// whether that is let happen. After each event `look` sees the disk as a kill would leave it.
void hear_long_history(Bench& bench, bool cache_works, const std::function<void()>& look) {
  bench.start();
  bench.connect();
  bench.finish_all();
  for (std::uint64_t seq = 3; seq <= kLongHistory; ++seq) {
    bench.receive(event_at(seq, std::string(8'000, 'x')));
    bench.finish_by([&](Mount mount) { return mount != Mount::kCache || cache_works; });
    if (seq % 10 == 0) look();
  }
  for (int i = 0; i < 10; ++i) {
    bench.now_ms += 40'000;
    (void)bench.give(DeadlineReached{});
    bench.finish_by([&](Mount mount) { return mount != Mount::kCache || cache_works; });
  }
}

}  // namespace

TEST_CASE("[DD7] an intent whose tempId is known, queued or confirmed, changes nothing") {
  Bench bench;
  bench.start();
  bench.connect();
  bench.finish_all();
  REQUIRE(bench.say("a", "first"));
  REQUIRE(bench.say("a", "again"));
  REQUIRE(bench.core.state().outbox.size() == 1);
  bench.finish_all();
  bench.receive(echo_of("a", 3));
  bench.finish_all();
  bench.kept.clear();
  REQUIRE(bench.say("a", "again"));
  CHECK(bench.kept == std::vector<std::string>{"a"});
  CHECK(bench.core.state().outbox.size() == 0);
  CHECK(bench.sent("\"tempId\":\"a\"") == 1);
}

TEST_CASE("[OB10] ten thousand intents stand in the outbox, the next is refused") {
  Bench bench;
  bench.start(false);
  for (std::size_t i = 0; i < limits::kOutboxEntriesMax; ++i) {
    REQUIRE(bench.say("m" + std::to_string(i)));
  }
  Status next = bench.say("last");
  REQUIRE_FALSE(next);
  CHECK(next.error().code == Code::kUnavailable);
  CHECK(bench.core.state().outbox.size() == limits::kOutboxEntriesMax);
}

TEST_CASE("[ST2] an event is on disk exactly when the position that covers it is") {
  Bench bench;
  bench.start();
  bench.connect();
  bench.finish_all();
  for (std::uint64_t seq = 3; seq < 40; seq += 2) {  // live, or two in the answer to a sync
    if (seq % 4 == 1) {
      bench.receive(event_at(seq, "text"));
      bench.receive(event_at(seq + 1, "text"));
    } else {
      SyncEvents part{kChat, Seq{seq - 1}, Seq{seq + 1}, {}, {}};
      part.events = {event_at(seq, "text"), event_at(seq + 1, "text")};
      bench.receive(SyncResponse{"x", part, true});
    }
    bench.finish_by([&](Mount mount) { return mount == Mount::kHot && seq % 5 != 0; });
    Bench after;
    after.start_from(bench);
    Seq held = after.chat().held();
    CHECK(held <= Seq{seq + 1});
    for (Seq one{3}; one <= held; one = one.next()) {
      CHECK(after.chat().timeline().at(one) != nullptr);
    }
    CHECK(after.chat().timeline().at(held.next()) == nullptr);
  }
}

TEST_CASE("[ST6] history leaves the hot mount only after it is durable in the cache") {
  Bench bench;
  hear_long_history(bench, true, [&] {
    Bench after;
    after.start_from(bench);
    CHECK(has_no_hole(after.chat()));
    CHECK(low_of(after) == Seq{3});
  });
  Bench after;
  after.start_from(bench);
  CHECK(low_of(after) == Seq{3});
  after.disks[static_cast<int>(Mount::kCache)].clear();
  Bench without_cache;
  without_cache.start_from(after);
  CHECK(low_of(without_cache) > Seq{3});  // or nothing had left it
}

TEST_CASE("[ST6] a cache that cannot be written is declared void by a new generation") {
  Bench bench;
  std::uint64_t before = bench.core.state().cache_generation;
  hear_long_history(bench, false, [] {});
  CHECK(bench.core.state().cache_generation > before);
  Bench after;
  after.start_from(bench);
  CHECK(after.core.state().cache_generation > before);
  CHECK(has_no_hole(after.chat()));
  CHECK(after.chat().held() == Seq{kLongHistory});
}

TEST_CASE("[SY1] hello, one sync_request and what is ready go out before anything is answered") {
  Bench bench;
  bench.start();
  bench.finish_all();
  REQUIRE(bench.say("a"));
  bench.finish_all();
  (void)bench.give(SocketOpened{});
  REQUIRE(bench.frames.size() == 3);
  CHECK(bench.frames[0].find("\"type\":\"hello\"") != std::string::npos);
  CHECK(bench.frames[1].find("\"type\":\"sync_request\"") != std::string::npos);
  CHECK(bench.frames[2].find("\"tempId\":\"a\"") != std::string::npos);
}

TEST_CASE("[SY6] one sync_request is in flight, and one without answer costs the connection") {
  Bench bench;
  bench.start();
  bench.open_socket();
  bench.receive(event_at(9, "behind a gap"));
  CHECK(bench.sent("sync_request") == 1);
  bench.now_ms += SyncDriver::kTimeoutMs - 1;
  (void)bench.give(DeadlineReached{});
  CHECK(bench.disconnects == 0);
  bench.now_ms += 1;
  (void)bench.give(DeadlineReached{});
  CHECK(bench.disconnects == 1);
}

TEST_CASE("[OR7] an event behind a gap is shown, and the chat asked for from where it is held") {
  Bench bench;
  bench.start();
  bench.connect();
  bench.finish_all();
  (void)bench.conversation();
  bench.receive(event_at(3, "next"));
  bench.frames.clear();
  bench.receive(event_at(5, "ahead"));
  CHECK(bench.conversation().statuses() == "103:delivered 105:delivered ");
  CHECK(bench.sent("\"chats\":{\"50\":3}") == 1);
}

TEST_CASE("[MG4] a changed message outlives an older page that comes after it") {
  ChatReplica chat(kChat, UserId{7});
  ChatEvent edit = event_at(9, "as edited");
  edit.kind = EventKind::kEdit;
  edit.message.message_id = MessageId{103};
  edit.message.seq = Seq{3};
  (void)chat.apply(edit);
  Page page;
  page.from = Seq{1};
  page.to = page.as_of = Seq{5};
  page.messages.push_back(event_at(3, "as it was").message);
  chat.merge_page(page);
  CHECK(chat.timeline().at(Seq{3})->content->text == "as edited");
}
