// Traces: filler, the file, recording and replaying.
#include <catch2/catch.hpp>

#include "shared/base/utf8.h"
#include "shared/client/state_hash.h"
#include "shared/protocol/codec.h"
#include "shared/trace/filler.h"
#include "shared/trace/recorder.h"
#include "shared/trace/replay.h"
#include "shared/trace/trace_file.h"
#include "tests/unit/protocol_random.h"

using namespace godwit;

namespace {

std::string json_of(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string random_text(Prng& prng) {
  constexpr const char* kPieces[] = {"a", " ", "\n", "\"", "\\",    "\x01",
                                     "é", "…", "🐦",  "Ω",  "\u200b"};
  std::string text;
  for (std::uint64_t n = prng.below(8); n > 0; --n) text += kPieces[prng.below(std::size(kPieces))];
  return text;
}

// A core whose inputs are recorded.
struct Recorded {
  explicit Recorded(TraceRecorder::Config config = {}) : trace(config) { trace.begin(7); }

  ClientCore core{ClientCore::Config{7}};
  TraceRecorder trace;
  std::int64_t now_ms = 1'000;

  void give(const Event& event) {
    Effects effects;
    now_ms += 10;
    Status status = core.step(Instant{now_ms}, Timestamp{now_ms}, event, effects);
    trace.record(Instant{now_ms}, Timestamp{now_ms}, event, status.is_ok(), core);
    for (const Effect& effect : effects) {
      if (const auto* persist = std::get_if<Persist>(&effect)) {
        give(BatchDone{persist->batch.id, true, false});
      }
    }
  }
  void receive(const ServerFrame& frame) { give(FrameReceived{encode(frame)}); }
};

constexpr const char* kSecret = "Treffen um acht, \"geheim\"\n🐦";

Message secret_message(std::uint64_t seq) {
  Message message;
  message.message_id = MessageId{900 + seq};
  message.chat_id = ChatId{50};
  message.seq = message.rev = Seq{seq};
  message.sender_id = UserId{8};
  message.timestamp = Timestamp{5'000};
  message.content = Content{ContentType::kText, kSecret, {}};
  message.reactions = {Reaction{"🐦", {UserId{7}}}, Reaction{"🐙", {UserId{8}}}};
  return message;
}

ChatEvent event_of(Message message) {
  ChatEvent event;
  event.chat_id = message.chat_id;
  event.seq = message.seq;
  event.actor_id = message.sender_id;
  event.timestamp = message.timestamp;
  event.message = std::move(message);
  return event;
}

// Signs in and holds the first messages of its only chat.
void sign_in(Recorded& run) {
  run.give(StorageLoaded{Mount::kQueue, {}});
  run.give(StorageLoaded{Mount::kHot, {}});
  run.give(Start{UserId{7}, "geheim_me", "Geheime Ana", "d1", "1", 1});
  run.give(SocketOpened{});
  Welcome welcome;
  welcome.user_id = UserId{7};
  welcome.session_id = SessionId{1};
  welcome.epoch = "e1";
  welcome.core_version = "1";
  run.receive(welcome);
  ChatState chat;
  chat.chat_id = ChatId{50};
  chat.info = ChatInfo{ChatType::kGroup, "Geheimbund", R"({"motto":"geheim","n":42})", Seq{1}};
  chat.members = {Member{UserId{7}, Role::kMember, Seq{1}, Seq{1}, "geheim_me", "Geheime Ana"}};
  chat.head = Seq{2};
  run.receive(SyncResponse{"s1", SyncChat{chat, false, {}}, true});
  run.receive(event_of(secret_message(3)));
}

// Signs in, receives, writes, is refused something and loses the connection.
void live(Recorded& run) {
  sign_in(run);
  run.give(Intend{SendMessage{"t1", ChatId{50}, Content{ContentType::kText, kSecret, {}}, {}, {}}});
  run.give(Intend{SendMessage{"t2", ChatId{50}, Content{ContentType::kText, "", {}}, {}, {}}});
  run.give(Intend{SetPrivate{"x1", "draft", ChatId{50}, {}, json_of(kSecret)}});
  run.give(Intend{React{"r1", ChatId{50}, MessageId{903}, "🐙", true}});
  run.receive(UserFrame{PrivateItem{UserSeq{1}, "draft", ChatId{50}, {}, json_of(kSecret)}, "x1"});
  run.give(FrameReceived{std::string("{\"type\":\"message\",\"text\":\"geheim")});
  run.give(SocketClosed{1006, "geheim 1500"});
  run.give(DeadlineReached{});
}

TEST_CASE(
    "[SI61] filler has the length of its text, in UTF-8 and in JSON, and nothing else of it") {
  Prng prng(1);
  for (int i = 0; i < 2'000; ++i) {
    std::string text = random_text(prng);
    std::string filler = filler_for(text);
    INFO(text);
    REQUIRE(filler.size() == text.size());
    REQUIRE(json_of(filler).size() == json_of(text).size());
    REQUIRE(is_valid_utf8(filler));
    REQUIRE(is_blank(filler) == is_blank(text));
  }
  CHECK(filler_for("Hallo Welt") == "xxxxxxxxxx");
  CHECK(filler_for("ab\ncd") == filler_for("ef\"gh"));
  CHECK(filler_for("дом") == filler_for("нет"));
  CHECK(filler_for("\xC3\x28").size() == 2);
  CHECK_FALSE(is_valid_utf8(filler_for("\xC3\x28")));
}

TEST_CASE("[SI61] a frame with filler is read as the frame was, and has its length") {
  Prng prng(2);
  for (int i = 0; i < 2'000; ++i) {
    ServerFrame frame = testing::random_server_frame(prng);
    std::string text = encode(frame);
    std::string filled = filled_json(text);
    INFO(text << "\n" << filled);
    REQUIRE(filled.size() == text.size());
    REQUIRE(decode_server_frame(filled).is_ok());
    REQUIRE(filled_json(filled) == filled);
  }
}

TEST_CASE("[SI5] a recorded run replays to the same hash after every step, and holds no text") {
  Recorded run(TraceRecorder::Config{TraceRecorder::kBytesMax, true});
  live(run);
  std::string file = run.trace.save(run.core);
  for (const char* piece : {"geheim", "Geheim", "Treffen", "acht", "🐙"}) {
    CHECK(file.find(piece) == std::string::npos);
  }
  Replay replay = replay_trace(file, std::nullopt);
  CHECK(replay.outcome == Replay::Outcome::kSame);
  CHECK(replay.steps == run.trace.steps());
  CHECK(replay.compared == replay.steps + 1);
  CHECK(replay.hashes.back() == state_hash(run.core));
}

TEST_CASE("[SI62] what storage gives is not hashed at once: later steps have to pay for that") {
  constexpr std::uint64_t kHeld = 500;
  Recorded run;
  sign_in(run);
  for (std::uint64_t seq = 4; seq <= kHeld; ++seq) run.receive(event_of(secret_message(seq)));
  auto hashes = [&] { return replay_trace(run.trace.save(run.core), std::nullopt).compared; };
  auto wait_steps = [&](std::uint64_t steps) {
    for (std::uint64_t i = 0; i < steps; ++i) run.give(DeadlineReached{});
  };
  run.give(StorageLoaded{Mount::kCache, {}});
  const std::uint64_t before = hashes();
  wait_steps(TraceRecorder::kStepsAMessage * (kHeld / 2));
  CHECK(hashes() == before);
  wait_steps(TraceRecorder::kStepsAMessage * kHeld);
  CHECK(hashes() == before + 1);
}

TEST_CASE("[SI63] a replay names the first step after which its state differs") {
  Recorded run(TraceRecorder::Config{TraceRecorder::kBytesMax, true});
  live(run);
  Trace trace = *read_trace(run.trace.save(run.core));
  trace.steps[6].wall.unix_ms += 1;  // as a core would that takes another decision here
  std::string file;
  append_trace_head(file, trace.seed);
  for (const TraceStep& step : trace.steps) append_trace_record(file, step_payload(step));
  append_trace_end(file, trace.steps.size(), 0, trace.end_hash);
  ReplayVerdict verdict = replay_verdict(file, std::nullopt);
  CHECK(verdict.exit_code == 1);
  CHECK(verdict.out.find("differs after step 7\n") != std::string::npos);
}

TEST_CASE("[SI5] the state after a step is described without a text") {
  Recorded run;
  live(run);
  std::string file = run.trace.save(run.core);
  ReplayVerdict verdict = replay_verdict(file, 1'000'000);
  CHECK(verdict.exit_code == 0);
  for (const char* line : {"person 7, epoch e1\n", "connection waiting, not synced",
                           "chat 50 group, settings rev 1, members 1, held to 3, messages 1",
                           "send t1 chat 50, queued", "private items 1, held to 1"}) {
    INFO(verdict.out);
    CHECK(verdict.out.find(line) != std::string::npos);
  }
  CHECK(replay_verdict(file, 3).out.find("chat 50") == std::string::npos);
}

TEST_CASE("[SI62] a recording ends at its limit, replays, and counts what came after") {
  Recorded run(TraceRecorder::Config{2'000, false});
  live(run);
  CHECK(run.trace.left_out() > 0);
  CHECK(run.trace.bytes() <= 4'000);
  ReplayVerdict verdict = replay_verdict(run.trace.save(run.core), std::nullopt);
  CHECK(verdict.exit_code == 0);
  CHECK(verdict.out.find("not recorded (the recording was full) ") != std::string::npos);
}

TEST_CASE("[SI6] a trace cut or changed at any byte is told with its place, or replays") {
  Recorded run;
  live(run);
  std::string file = run.trace.save(run.core);
  for (std::size_t at = 0; at < file.size(); ++at) {
    ReplayVerdict cut = replay_verdict(file.substr(0, at), std::nullopt);
    REQUIRE(cut.exit_code == 2);
    REQUIRE(cut.err.rfind("malformed trace: byte ", 0) == 0);
    std::string changed = file;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    REQUIRE(replay_verdict(changed, std::nullopt).exit_code == 2);
  }
  CHECK(replay_verdict(file + "x", std::nullopt).exit_code == 2);
}

// With right checksums, so that the change reaches what is behind them.
TEST_CASE("[SI6] a record changed at any byte is told with its place, or replays") {
  Recorded run;
  live(run);
  Trace trace = *read_trace(run.trace.save(run.core));
  int refused = 0;
  int replayed = 0;
  for (std::size_t i = 0; i < trace.steps.size(); ++i) {
    std::string payload = step_payload(trace.steps[i]);
    for (std::size_t at = 0; at < payload.size(); ++at) {
      std::string file;
      append_trace_head(file, trace.seed);
      std::string changed = payload;
      changed[at] = static_cast<char>(changed[at] ^ 0x11);
      for (std::size_t j = 0; j < trace.steps.size(); ++j) {
        append_trace_record(file, j == i ? changed : step_payload(trace.steps[j]));
      }
      append_trace_end(file, trace.steps.size(), 0, trace.end_hash);
      ReplayVerdict verdict = replay_verdict(file, std::nullopt);
      (verdict.exit_code == 2 ? refused : replayed) += 1;
    }
  }
  CHECK(refused > 100);
  CHECK(replayed > 100);
}

}  // namespace
