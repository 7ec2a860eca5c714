// A connection's life: hello, refusals, floods, the end of its session.
#include <catch2/catch.hpp>

#include "tests/gateway/world.h"

namespace godwit::server {

TEST_CASE("[ED40] the welcome follows hello, and frames may follow hello at once") {
  World world;
  UserId ann = world.person("ann");
  FakeClient& client = world.dial(ann, 77);
  client.say(hello());
  client.say(Ping{"n1"});
  CHECK(client.texts().empty());
  REQUIRE(world.until([&] { return client.texts().size() == 2; }));
  auto welcome = client.all<Welcome>();
  REQUIRE(welcome.size() == 1);
  CHECK(welcome[0].user_id == ann);
  CHECK(welcome[0].session_id == SessionId{77});
  CHECK(welcome[0].epoch == world.service->epoch());
  CHECK(welcome[0].heartbeat_ms == limits::kPingAfterMs);
  CHECK(welcome[0].limits.at("textBytes") == 16 * 1024);
  CHECK(client.all<Pong>()[0].nonce == "n1");
}

TEST_CASE("[ED40] without hello in 10 s the connection is closed with 4001") {
  World world;
  FakeClient& client = world.dial(world.person("ann"));
  world.executor.advance(9'999);
  CHECK(client.is_open());
  world.executor.advance(1);
  CHECK(client.close_code() == CloseCode::kNoSession);
}

TEST_CASE("[ED40] [ED71] another protocol is closed with 4009, no session with 4001") {
  World world;
  UserId ann = world.person("ann");
  FakeClient& future = world.dial(ann);
  Hello frame = hello();
  frame.protocol = 2;
  future.say(frame);
  CHECK(future.close_code() == CloseCode::kProtocolVersion);
  std::optional<UpgradeAnswer> answer;
  world.gateway->upgrade({}, [&](UpgradeAnswer given) { answer = std::move(given); });
  REQUIRE(answer);
  CHECK(std::get<CloseAfterUpgrade>(*answer).code == CloseCode::kNoSession);
}

TEST_CASE("[EP85] a hello of another person is closed with 4001, and nothing of it is taken") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  FakeClient& client = world.dial(ann);
  Hello frame = hello();
  frame.user_id = bob;
  client.say(frame);
  client.say(text(ChatId{5}, "t1", "written by bob"));
  CHECK(client.close_code() == CloseCode::kNoSession);
  CHECK(client.all<Welcome>().empty());
  CHECK(client.all<ErrorFrame>().empty());
  FakeClient& own = world.dial(ann);
  frame.user_id = ann;
  own.say(frame);
  REQUIRE(world.until([&] { return own.all<Welcome>().size() == 1; }));
}

TEST_CASE("[ED41] a frame before hello is refused and the connection stays open") {
  World world;
  FakeClient& client = world.dial(world.person("ann"));
  client.say(text(ChatId{5}, "t1", "early"));
  REQUIRE(client.all<ErrorFrame>().size() == 1);
  CHECK(client.all<ErrorFrame>()[0].code == Code::kBadFrame);
  CHECK(client.all<ErrorFrame>()[0].temp_id == "t1");
  client.say(hello());
  REQUIRE(world.until([&] { return client.all<Welcome>().size() == 1; }));
}

TEST_CASE("[ED41] the tenth bad frame within a minute closes with 4029; slower ones do not") {
  World world;
  FakeClient& client = world.enter(world.person("ann"));
  for (int i = 0; i < 9; ++i) client.say_raw("{");
  world.executor.advance(limits::kBadFrameWindowMs);
  for (int i = 0; i < 9; ++i) client.say_raw("[]");
  client.say_raw("{\"type\":\"dance\"}");  // unsupported: another code, not counted
  CHECK(client.is_open());
  CHECK(client.all<ErrorFrame>().back().code == Code::kUnsupported);
  client.say_raw("null");
  CHECK(client.close_code() == CloseCode::kFlooding);
  CHECK(client.all<ErrorFrame>().size() == 20);
}

TEST_CASE("[RO1] a foreign chat looks as if it did not exist") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  UserId eve = world.person("eve");
  ChatId chat = world.direct(ann, bob);
  FakeClient& client = world.enter(eve);
  client.say(text(chat, "t1", "let me in"));
  client.say(text(ChatId{12345}, "t2", "let me in"));
  REQUIRE(world.until([&] { return client.all<ErrorFrame>().size() == 2; }));
  auto errors = client.all<ErrorFrame>();
  CHECK(errors[0].code == Code::kNotFound);
  CHECK(errors[1].code == Code::kNotFound);
  CHECK(errors[0].message == errors[1].message);
  CHECK_FALSE(errors[0].retryable);
}

TEST_CASE("[ED42] a session that ended closes its sockets with 4001 and no others") {
  World world;
  UserId ann = world.person("ann");
  FakeClient& one = world.dial(ann, 5);
  FakeClient& two = world.dial(ann, 6);
  FakeClient& three = world.dial(ann, 5);
  one.say(hello());
  two.say(hello());
  world.settle();
  world.end_session(5);
  world.gateway->session_ended(SessionId{5}, ann);
  world.executor.run_posted();
  CHECK(one.close_code() == CloseCode::kNoSession);
  CHECK(three.close_code() == CloseCode::kNoSession);
  CHECK(two.is_open());
}

TEST_CASE("[ED42] a session that ends between hello and welcome is not let in") {
  World world;
  FakeClient& client = world.dial(world.person("ann"), 5);
  client.say(hello());
  world.end_session(5);
  REQUIRE(world.until([&] { return !client.is_open(); }));
  CHECK(client.close_code() == CloseCode::kNoSession);
  CHECK(client.all<Welcome>().empty());
}

TEST_CASE("[ED43] [ED64] a flood of frames is closed with 4029, and costs the neighbour nothing") {
  GatewayConfig config;
  config.frames_per_connection = Rate{50, 10};
  World world(config);
  UserId ann = world.person("ann");
  FakeClient& flood = world.enter(ann);
  FakeClient& calm = world.enter(ann);
  for (int i = 0; i < 60; ++i) flood.say(Ping{});
  CHECK(flood.close_code() == CloseCode::kFlooding);
  calm.say(Ping{"still"});
  CHECK(calm.all<Pong>().back().nonce == "still");
}

TEST_CASE("[ED43] with too many operations under way a connection is read no further for a while") {
  GatewayConfig config;
  config.in_flight_per_connection_max = 8;
  World world(config);
  UserId ann = world.person("ann");
  ChatId chat = world.direct(ann, world.person("bob"));
  FakeClient& client = world.enter(ann);
  for (int i = 0; i < 8; ++i) client.say(text(chat, "t" + std::to_string(i), "hello"));
  CHECK(client.paused());
  REQUIRE(world.until([&] { return client.all<MessageAck>().size() == 8; }));
  CHECK_FALSE(client.paused());
}

TEST_CASE("[ED43] one person's connections are limited") {
  GatewayConfig config;
  config.connections_per_user_max = 2;
  World world(config);
  UserId ann = world.person("ann");
  world.enter(ann);
  world.enter(ann);
  FakeClient& third = world.dial(ann);
  CHECK_FALSE(third.is_open());
  third.say(hello());
  world.settle();
  CHECK(third.texts().empty());
}

}  // namespace godwit::server
