// The client's core by single events: what it calls queued, sends, keeps and forgets.
#include <catch2/catch.hpp>

#include "tests/unit/core_bench.h"

using namespace godwit;
using testing::ack_of;
using testing::Bench;
using testing::echo_of;
using testing::kChat;
using testing::kSelf;

TEST_CASE("[OB1] an operation is called queued only after its batch was reported written") {
  Bench bench;
  bench.start();
  bench.connect();
  bench.finish_all();
  REQUIRE(bench.say("a"));
  REQUIRE(bench.status("a") == MessageStatus::kSaving);
  REQUIRE(bench.sent("\"a\"") == 0);
  REQUIRE(bench.kept.empty());
  bench.finish(true);
  REQUIRE(bench.status("a") == MessageStatus::kQueued);
  REQUIRE(bench.kept == std::vector<std::string>{"a"});
  REQUIRE(bench.sent("\"tempId\":\"a\"") == 1);
}

TEST_CASE("[OB2] after 250 ms it goes all the same, as sending and not as queued") {
  Bench bench;
  bench.start();
  bench.connect();
  bench.finish_all();
  REQUIRE(bench.say("a"));
  bench.now_ms += 249;
  (void)bench.give(DeadlineReached{});
  REQUIRE(bench.sent("\"tempId\":\"a\"") == 0);
  bench.now_ms += 1;
  (void)bench.give(DeadlineReached{});
  REQUIRE(bench.sent("\"tempId\":\"a\"") == 1);
  REQUIRE(bench.status("a") == MessageStatus::kSending);
}

TEST_CASE("[OB9] a failed batch is told as unsaved, and the text stays") {
  Bench bench;
  bench.start();
  bench.finish_all();
  REQUIRE(bench.say("a"));
  bench.finish(false);
  REQUIRE(bench.status("a") == MessageStatus::kUnsaved);
  REQUIRE(bench.kept.empty());
}

TEST_CASE("[OB4] the echo before the ack, or the ack before the echo, settles once") {
  for (bool echo_first : {true, false}) {
    Bench bench;
    bench.start();
    bench.connect();
    bench.finish_all();
    REQUIRE(bench.say("a"));
    bench.finish_all();
    if (echo_first) bench.receive(echo_of("a", 3));
    bench.receive(ack_of("a", 3));
    bench.receive(echo_of("a", 3));
    bench.finish_all();
    REQUIRE(bench.core.state().outbox.size() == 0);
    REQUIRE(bench.core.state().find_chat(kChat)->timeline().messages().size() == 1);
    REQUIRE(bench.core.state().find_chat(kChat)->held() == Seq{3});
  }
}

TEST_CASE("[OB8] a crash between the ack and the removal repeats nothing that /h knows") {
  Bench bench;
  bench.start();
  bench.connect();
  bench.finish_all();
  REQUIRE(bench.say("a"));
  bench.finish_all();
  bench.receive(ack_of("a", 3));
  for (const Batch& batch : bench.batches) {  // only /h makes it before the crash
    if (batch.mount != Mount::kHot) continue;
    for (const StoredFile& file : batch.puts) bench.disks[1][file.name] = file.bytes;
  }
  Bench after;
  after.disks[0] = bench.disks[0];
  after.disks[1] = bench.disks[1];
  after.start();
  REQUIRE(after.core.state().outbox.size() == 0);
  REQUIRE(after.core.state().find_chat(kChat)->timeline().by_temp_id("a") != nullptr);
}

TEST_CASE("[EP3] under a foreign epoch the outbox and drafts stay and the rest goes") {
  Bench bench;
  bench.start();
  bench.connect();
  bench.receive(echo_of("old", 3));
  bench.receive(UserFrame{PrivateItem{UserSeq{1}, "draft", kChat, {}, "\"half\""}, {}});
  REQUIRE(bench.say("a"));
  bench.finish_all();
  (void)bench.give(SocketClosed{1006, ""});
  bench.now_ms += 40'000;
  (void)bench.give(DeadlineReached{});
  (void)bench.give(SocketOpened{});
  Welcome welcome;
  welcome.user_id = kSelf;
  welcome.session_id = SessionId{2};
  welcome.epoch = "e2";
  welcome.core_version = "1";
  bench.receive(welcome);
  const ClientState& state = bench.core.state();
  REQUIRE(state.outbox.find("a") != nullptr);
  REQUIRE(state.outbox.size() == 2);  // and the draft, to be set again
  REQUIRE(state.find_chat(kChat)->timeline().messages().empty());
  REQUIRE(state.private_items.all().empty());
}

TEST_CASE("[EP3] a draft that is still on its way is newer than the one the old epoch knew") {
  Bench bench;
  bench.start();
  bench.connect();
  bench.receive(UserFrame{PrivateItem{UserSeq{1}, "draft", kChat, {}, "\"older\""}, {}});
  REQUIRE(bench.give(Intend{SetPrivate{"d1", "draft", kChat, {}, "\"newer\""}}));
  bench.finish_all();
  (void)bench.give(SocketClosed{1006, ""});
  bench.frames.clear();
  bench.now_ms += 60'000;
  (void)bench.give(DeadlineReached{});
  (void)bench.give(SocketOpened{});
  Welcome welcome;
  welcome.user_id = kSelf;
  welcome.session_id = SessionId{1};
  welcome.epoch = "e2";
  welcome.core_version = "1";
  bench.receive(welcome);
  bench.finish_all();
  CHECK(bench.sent("newer") > 0);
  CHECK(bench.sent("older") == 0);
}

TEST_CASE("[WI37] what no frame can hold is refused, not sent for ever") {
  Bench bench;
  bench.start();
  bench.connect();
  Content content{ContentType::kText, std::string(limits::kTextBytesMax - 1, '\x01') + "x", {}};
  Status status = bench.give(Intend{SendMessage{"m1", kChat, content, {}, {}}});
  CHECK(status.error().code == Code::kTooLarge);
  CHECK_FALSE(bench.core.status_of("m1").has_value());
}

TEST_CASE("[OB11] [SY8] a removed chat fails what was queued there with not_found, the text kept") {
  Bench bench;
  bench.start();
  bench.connect();
  bench.finish_all();
  REQUIRE(bench.say("a"));
  bench.finish_all();
  bench.receive(SyncResponse{"x", SyncRemoved{kChat}, true});
  const OutboxEntry* entry = bench.core.state().outbox.find("a");
  REQUIRE(entry != nullptr);
  REQUIRE(entry->failed == Code::kNotFound);
  REQUIRE(std::get<SendMessage>(entry->operation).content.text == "a");
}

TEST_CASE("[MG5] a reset leaves the history unchecked, and a recheck makes it true again") {
  Bench bench;
  bench.start();
  bench.connect();
  bench.receive(echo_of("a", 3));
  bench.receive(SyncResponse{"x", SyncChat{Bench::state_at(900), true, std::nullopt}, true});
  const ChatReplica* chat = bench.core.state().find_chat(kChat);
  REQUIRE(chat->held() == Seq{900});
  REQUIRE_FALSE(chat->timeline().segments().find(Seq{3})->checked);
}

TEST_CASE("[RC3] a mark is sent once on a connection") {
  Bench bench;
  bench.start();
  bench.connect();
  bench.receive(echo_of("a", 3));
  (void)bench.give(IntendRead{kChat, Seq{3}});
  (void)bench.give(IntendRead{kChat, Seq{3}});
  (void)bench.give(IntendRead{kChat, Seq{2}});
  REQUIRE(bench.sent("\"type\":\"read\"") == 1);
}

TEST_CASE("[OV5] of several drafts written offline only the last is sent, and tabs forget all") {
  Bench bench;
  bench.start();
  for (const char* id : {"a", "b", "c"}) {
    REQUIRE(bench.give(Intend{SetPrivate{id, "draft", kChat, {}, "\"" + std::string(id) + "\""}}));
  }
  bench.finish_all();
  bench.connect();
  REQUIRE(bench.sent("\"key\":\"draft\"") == 1);
  REQUIRE(bench.kept == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("[OB25] a setting that was refused for now is not superseded on that connection") {
  Bench bench;
  bench.start();
  bench.connect();
  REQUIRE(bench.give(Intend{SetPrivate{"a", "draft", kChat, {}, "\"a\""}}));
  bench.finish_all();
  ErrorFrame error{Code::kUnavailable, "", "a", {}, true, 0};
  bench.receive(error);
  REQUIRE(bench.give(Intend{SetPrivate{"b", "draft", kChat, {}, "\"b\""}}));
  REQUIRE(bench.core.state().outbox.find("a") != nullptr);
}

TEST_CASE("[ST7] without storage states are only sending and sent") {
  Bench bench;
  bench.start(false);
  bench.connect();
  REQUIRE(bench.say("a"));
  REQUIRE(bench.status("a") == MessageStatus::kSending);
  REQUIRE(bench.sent("\"tempId\":\"a\"") == 1);
  REQUIRE(bench.batches.empty());
}

TEST_CASE("[CO6] a deadline that was met is not named again") {
  Bench bench;
  bench.start();
  bench.connect();
  for (int i = 0; i < 50; ++i) {
    auto next = bench.core.next_deadline();
    if (!next) break;
    REQUIRE(next->ms > bench.now_ms);
    bench.now_ms = next->ms;
    (void)bench.give(DeadlineReached{});
  }
}
