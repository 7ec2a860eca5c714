// The state hash: what moves it and what does not.
#include "shared/client/state_hash.h"

#include <catch2/catch.hpp>
#include <functional>

#include "shared/protocol/codec.h"

using namespace godwit;

namespace {

const ChatId kChat{50};
const UserId kSelf{7};

Message message_of(const std::string& text) {
  Message message;
  message.message_id = MessageId{900};
  message.chat_id = kChat;
  message.seq = message.rev = Seq{3};
  message.sender_id = UserId{8};
  message.timestamp = Timestamp{5'000};
  message.content = Content{ContentType::kText, text, {}};
  return message;
}

ChatEvent event_of(Message message) {
  ChatEvent event;
  event.chat_id = kChat;
  event.seq = message.seq;
  event.actor_id = message.sender_id;
  event.timestamp = message.timestamp;
  event.message = std::move(message);
  return event;
}

// A started core that holds one chat up to seq 2; `last` is one more thing that happens.
std::uint64_t hash_after(const std::function<void(ClientCore&)>& last, std::uint64_t seed = 1) {
  ClientCore core(ClientCore::Config{seed});
  Effects effects;
  auto give = [&](const Event& event) {
    (void)core.step(Instant{1'000}, Timestamp{1'000}, event, effects);
  };
  give(StorageLoaded{Mount::kQueue, {}});
  give(StorageLoaded{Mount::kHot, {}});
  give(Start{kSelf, "me", "Me", "d1", "1", 1});
  give(SocketOpened{});
  Welcome welcome;
  welcome.user_id = kSelf;
  welcome.session_id = SessionId{1};
  welcome.epoch = "e1";
  welcome.core_version = "1";
  give(FrameReceived{encode(ServerFrame(welcome))});
  ChatState chat;
  chat.chat_id = kChat;
  chat.info.rev = Seq{1};
  chat.head = Seq{2};
  chat.members = {Member{kSelf, Role::kMember, Seq{1}, Seq{1}, "me", "Me"},
                  Member{UserId{8}, Role::kMember, Seq{1}, Seq{1}, "ben", "Ben"}};
  give(FrameReceived{encode(ServerFrame(SyncResponse{"s1", SyncChat{chat, false, {}}, true}))});
  last(core);
  return state_hash(core);
}

std::uint64_t hash_after(const Event& event) {
  return hash_after([&](ClientCore& core) {
    Effects effects;
    (void)core.step(Instant{1'000}, Timestamp{1'000}, event, effects);
  });
}

std::uint64_t hash_after(const Message& message) {
  return hash_after(Event(FrameReceived{encode(ServerFrame(event_of(message)))}));
}

Event send_of(const std::string& temp_id, const std::string& text) {
  SendMessage op;
  op.temp_id = temp_id;
  op.chat_id = kChat;
  op.content = Content{ContentType::kText, text, {}};
  return Intend{op};
}

TEST_CASE("[SI60] two runs of the same events have one hash, and looking does not change it") {
  auto nothing = [](ClientCore&) {};
  std::uint64_t once = hash_after(nothing);
  CHECK(hash_after(nothing) == once);
  CHECK(hash_after([](ClientCore& core) { (void)state_hash(core); }) == once);
  CHECK(hash_after(nothing, 2) != once);  // what the generator gives next is state too
}

TEST_CASE("[SI60] what a person wrote counts by its length alone") {
  CHECK(hash_after(message_of("good news")) == hash_after(message_of("bad  news")));
  CHECK(hash_after(message_of("good news")) != hash_after(message_of("good new")));
  CHECK(hash_after(send_of("t1", "é")) == hash_after(send_of("t1", "ok")));
  CHECK(hash_after(send_of("t1", "é")) != hash_after(send_of("t1", "o")));
  Event draft = Intend{SetPrivate{"t1", "draft", kChat, {}, "\"abc\""}};
  Event other_draft = Intend{SetPrivate{"t1", "draft", kChat, {}, "\"xyz\""}};
  CHECK(hash_after(draft) == hash_after(other_draft));
}

TEST_CASE("[SI60] ids, places, times and statuses count whole") {
  const std::uint64_t base = hash_after(message_of("a"));
  auto changed = [](const std::function<void(Message&)>& change) {
    Message message = message_of("a");
    change(message);
    return hash_after(message);
  };
  CHECK(changed([](Message& m) { m.message_id.value += 1; }) != base);
  CHECK(changed([](Message& m) { m.sender_id.value += 1; }) != base);
  CHECK(changed([](Message& m) { m.timestamp.unix_ms += 1; }) != base);
  CHECK(changed([](Message& m) { m.rev = Seq{4}; }) != base);
  CHECK(changed([](Message& m) { m.pinned = true; }) != base);
  CHECK(changed([](Message& m) { m.reply_to = MessageId{3}; }) != base);
  CHECK(changed([](Message& m) { m.edited_at = Timestamp{6'000}; }) != base);
  CHECK(hash_after(send_of("t1", "a")) != hash_after(send_of("t2", "a")));
  CHECK(hash_after(Event(NetworkChanged{false})) != hash_after(Event(Visible{true})));
}

TEST_CASE("[SI60] the order in the outbox and what is due to be stored count") {
  auto sent = [](const std::string& first, const std::string& second) {
    return hash_after([&](ClientCore& core) {
      Effects effects;
      (void)core.step(Instant{1'000}, Timestamp{1'000}, send_of(first, "a"), effects);
      (void)core.step(Instant{1'000}, Timestamp{1'000}, send_of(second, "a"), effects);
    });
  };
  CHECK(sent("t1", "t2") != sent("t2", "t1"));
  auto stored = [](bool ok) {
    return hash_after([&](ClientCore& core) {
      Effects effects;
      (void)core.step(Instant{1'000}, Timestamp{1'000}, BatchDone{1, ok, false}, effects);
    });
  };
  CHECK(stored(true) != stored(false));
}

}  // namespace
