// Events, echoes and acks: who gets what, and in which order.
#include <catch2/catch.hpp>

#include "tests/gateway/world.h"

namespace godwit::server {
namespace {

// Where the first frame that `is_it` stands; npos: nowhere.
template <typename Frame>
std::size_t place_of(const FakeClient& client, const std::function<bool(const Frame&)>& is_it) {
  std::size_t at = 0;
  for (const ServerFrame& frame : client.frames()) {
    if (const auto* it = std::get_if<Frame>(&frame); it != nullptr && is_it(*it)) return at;
    ++at;
  }
  return std::string::npos;
}

std::vector<std::uint64_t> seqs(const FakeClient& client, ChatId chat_id) {
  std::vector<std::uint64_t> found;
  for (const ChatEvent& event : client.all<ChatEvent>()) {
    if (event.chat_id == chat_id) found.push_back(event.seq.value);
  }
  return found;
}

std::size_t messages(const FakeClient& client) { return client.all<ChatEvent>().size(); }

}  // namespace

TEST_CASE(
    "[OR5] [OR40] the echo stands right before its ack, and reaches every member's connections") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  ChatId chat = world.direct(ann, bob);
  FakeClient& phone = world.enter(ann);
  FakeClient& desk = world.enter(ann);
  FakeClient& other = world.enter(bob);
  world.settle();
  phone.forget();
  for (int i = 0; i < 20; ++i) phone.say(text(chat, "t" + std::to_string(i), "hello"));
  REQUIRE(world.until([&] { return phone.all<MessageAck>().size() == 20; }));
  for (int i = 0; i < 20; ++i) {
    const std::string temp_id = "t" + std::to_string(i);
    auto echo = place_of<ChatEvent>(
        phone, [&](const ChatEvent& event) { return event.message.temp_id == temp_id; });
    auto ack = place_of<MessageAck>(
        phone, [&](const MessageAck& frame) { return frame.temp_id == temp_id; });
    REQUIRE(echo != std::string::npos);
    CHECK(ack == echo + 1);
  }
  CHECK(seqs(desk, chat) == seqs(phone, chat));
  CHECK(seqs(other, chat) == seqs(phone, chat));
}

TEST_CASE("[OR41] a tempId is shown to its owner's own connections only") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  ChatId chat = world.direct(ann, bob);
  FakeClient& phone = world.enter(ann);
  FakeClient& desk = world.enter(ann);
  FakeClient& other = world.enter(bob);
  phone.say(text(chat, "secret-1", "hello"));
  REQUIRE(world.until([&] { return messages(other) == 1; }));
  React react{"secret-2", chat, other.all<ChatEvent>()[0].message.message_id, "👍", true};
  other.say(react);
  REQUIRE(world.until([&] { return messages(phone) == 2 && messages(other) == 2; }));
  CHECK(phone.all<ChatEvent>()[0].message.temp_id == "secret-1");
  CHECK(desk.all<ChatEvent>()[0].message.temp_id == "secret-1");
  for (const std::string& frame : other.texts()) CHECK(frame.find("secret-1") == std::string::npos);
  for (const std::string& frame : phone.texts()) CHECK(frame.find("secret-2") == std::string::npos);
  CHECK(other.all<ChatEvent>()[1].temp_id == "secret-2");
}

TEST_CASE("[OR10] [OR5] what REST stores fans out like what a socket sends") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  FakeClient& other = world.enter(bob);
  ChatId chat = world.direct(ann, bob);
  REQUIRE(world.until([&] { return messages(other) == 1; }));
  CHECK(other.all<ChatEvent>()[0].kind == EventKind::kChat);
  REQUIRE(world.service->submit_and_wait(ann, text(chat, "rest-1", "by REST")).is_ok());
  REQUIRE(world.until([&] { return messages(other) == 2; }));
  CHECK(other.all<ChatEvent>()[1].message.content->text == "by REST");
}

TEST_CASE("[OR43] who is put out gets that event and nothing later; who is put in, from that on") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  UserId eve = world.person("eve");
  ChatId chat = world.group(ann, {bob});
  FakeClient& out = world.enter(bob);
  FakeClient& in = world.enter(eve);
  REQUIRE(world.service->submit_and_wait(ann, text(chat, "m1", "one")).is_ok());
  REQUIRE(world.service->submit_and_wait(ann, AddMember{"m2", chat, eve, Role::kMember}).is_ok());
  REQUIRE(world.service->submit_and_wait(ann, RemoveMember{"m3", chat, bob}).is_ok());
  REQUIRE(world.service->submit_and_wait(ann, text(chat, "m4", "two")).is_ok());
  REQUIRE(world.until([&] { return messages(in) == 3; }));
  CHECK(seqs(in, chat) == std::vector<std::uint64_t>{3, 4, 5});
  world.settle();
  CHECK(seqs(out, chat) == std::vector<std::uint64_t>{2, 3, 4});
  CHECK(out.all<ChatEvent>().back().members.at(0).user_id == bob);
}

TEST_CASE(
    "[OR44] [OR4] beyond the rate an operation is refused, and later ones with it, in order") {
  GatewayConfig config;
  config.operations_per_user = Rate{2, 1};
  World world(config);
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  ChatId chat = world.direct(ann, bob);
  FakeClient& client = world.enter(ann);
  for (int i = 0; i < 4; ++i) client.say(text(chat, "t" + std::to_string(i), "hello"));
  REQUIRE(world.until([&] { return client.all<MessageAck>().size() == 2; }));
  auto errors = client.all<ErrorFrame>();
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].code == Code::kRateLimited);
  CHECK(errors[0].retryable);
  CHECK(errors[0].retry_after_ms > 0);
  world.executor.advance(5'000);
  client.say(text(chat, "t3", "hello"));  // not its turn: t2 was refused first
  CHECK(client.all<ErrorFrame>().size() == 3);
  client.say(text(chat, "t2", "hello"));
  client.say(text(chat, "t3", "hello"));
  REQUIRE(world.until([&] { return client.all<MessageAck>().size() == 4; }));
  CHECK(client.all<MessageAck>()[2].temp_id == "t2");
  CHECK(client.all<MessageAck>()[3].temp_id == "t3");
}

TEST_CASE("[PV2] a private item goes to all of one's own connections and to nobody else") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  ChatId chat = world.direct(ann, bob);
  FakeClient& phone = world.enter(ann);
  FakeClient& desk = world.enter(ann);
  FakeClient& other = world.enter(bob);
  phone.say(SetPrivate{"p1", "draft", chat, {}, "\"not yet\""});
  REQUIRE(world.until([&] { return !phone.all<Ack>().empty(); }));
  world.settle();
  REQUIRE(desk.all<UserFrame>().size() == 1);
  CHECK(desk.all<UserFrame>()[0].item.value == "\"not yet\"");
  CHECK(phone.all<UserFrame>().size() == 1);
  CHECK(other.all<UserFrame>().empty());
  CHECK(phone.all<Ack>()[0].user_seq == desk.all<UserFrame>()[0].item.user_seq);
}

TEST_CASE("[OR42] a note that is lost on the bus leaves no hole: the log fills it in order") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  ChatId chat = world.direct(ann, bob);
  world.open_second_node();
  int lost = 0;
  world.medium.lose([&](const BusNote& note) {
    const auto* advanced = std::get_if<ChatAdvanced>(&note);
    return advanced != nullptr && advanced->head.value % 3 != 0 && ++lost > 0;
  });
  FakeClient& near = world.enter(ann);
  FakeClient& far = world.enter(bob, true);
  for (int i = 0; i < 8; ++i) near.say(text(chat, "t" + std::to_string(i), "hello"));
  REQUIRE(world.until([&] { return messages(far) == 8; }));
  CHECK(lost > 0);
  CHECK(seqs(far, chat) == seqs(near, chat));
  CHECK(world.gateway->stats().holes_filled == 0);
}

TEST_CASE("[OR41] [OR42] what the log fills a hole with shows its tempId to its owner alone") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  ChatId chat = world.direct(ann, bob);
  world.open_second_node();
  FakeClient& near = world.enter(ann);
  FakeClient& own = world.enter(ann, true);
  FakeClient& other = world.enter(bob, true);
  near.say(text(chat, "secret-1", "hello"));
  REQUIRE(world.until([&] { return messages(own) == 1 && messages(other) == 1; }));
  CHECK(own.all<ChatEvent>()[0].message.temp_id == "secret-1");
  CHECK(other.all<ChatEvent>()[0].message.temp_id.empty());
}

TEST_CASE("[OR8] a lost last event reaches a connected client by the periodic check") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  ChatId chat = world.direct(ann, bob);
  Gateway& second = world.open_second_node();
  second.start();
  world.medium.lose([](const BusNote&) { return true; });
  FakeClient& near = world.enter(ann);
  FakeClient& far = world.enter(bob, true);
  near.say(text(chat, "t1", "the last one"));
  REQUIRE(world.until([&] { return near.all<MessageAck>().size() == 1; }));
  CHECK(messages(far) == 0);
  for (int second_ms = 0; second_ms < 30 && messages(far) == 0; ++second_ms) {
    world.executor.advance(1'000);
    world.settle();
  }
  REQUIRE(messages(far) == 1);
  CHECK(far.all<ChatEvent>()[0].message.content->text == "the last one");
}

}  // namespace godwit::server
