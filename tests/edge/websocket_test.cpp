// The WebSocket transport: the upgrade, framing over real sockets, slow readers, silence, restart.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <vector>

#include "tests/edge/edge_fixture.h"
#include "tests/edge/raw_client.h"

using namespace godwit::server;
using namespace godwit::server::test;
using godwit::CloseCode;

namespace {

const std::string kProtocol = "Sec-WebSocket-Protocol: godwit.v1\r\n";
const std::string kBearer = kProtocol + "Authorization: Bearer good\r\n";
const std::string kHello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace

TEST_CASE("[ED71] an upgrade answers with the subprotocol, and frames flow") {
  EdgeFixture edge;
  RawClient client(edge.port());
  auto answer = client.upgrade(
      "Sec-WebSocket-Protocol: other, godwit.v1\r\n"
      "Authorization: Bearer good\r\n");
  CHECK(answer.status == 101);
  CHECK(answer.headers["sec-websocket-protocol"] == "godwit.v1");
  CHECK(answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(answer.headers.count("sec-websocket-extensions") == 0);
  client.send_frame(1, "გამარჯობა");
  CHECK(client.frame().payload == "გამარჯობა");
  client.send_frame(9, "ping");
  auto pong = client.frame();
  CHECK(pong.opcode == 10);
  CHECK(pong.payload == "ping");
}

TEST_CASE("[ED71] a reused connection upgrades, and frames sent with the handshake are not lost") {
  EdgeFixture edge;
  RawClient client(edge.port());
  REQUIRE(client.ask(kHello).status == 200);
  client.send(
      "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\n"
      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
      kBearer + "\r\n" + client_frame(1, "early"));
  CHECK(client.answer().status == 101);
  CHECK(client.frame().payload == "early");
}

TEST_CASE("[ED71] what is no proper upgrade is refused before it") {
  EdgeFixture edge;
  RawClient plain(edge.port());
  CHECK(plain.ask("GET /ws HTTP/1.1\r\nHost: x\r\n\r\n").status == 426);
  RawClient without(edge.port());
  CHECK(without.upgrade("Authorization: Bearer good\r\n").status == 400);
  RawClient other(edge.port());
  CHECK(other.upgrade("Sec-WebSocket-Protocol: chat\r\n").status == 400);
  RawClient refused(edge.port());
  CHECK(refused.upgrade(kProtocol + "Authorization: Bearer refused\r\n").status == 503);
  CHECK(edge.metric("godwit_refused_total{reason=\"bad_upgrade\"}") == 3);
  CHECK(edge.gateway().opened == 0);
}

TEST_CASE(
    "[ED71] a cookie from a foreign page is 403 before the upgrade; a Bearer has no Origin rule") {
  EdgeFixture edge;
  const std::string cookie = kProtocol + "Cookie: a=b; godwit_session=good\r\n";
  RawClient foreign(edge.port());
  CHECK(foreign.upgrade(cookie + "Origin: http://evil.example\r\n").status == 403);
  RawClient own(edge.port());
  CHECK(own.upgrade(cookie + "Origin: http://x\r\n").status == 101);
  RawClient bearer(edge.port());
  CHECK(bearer.upgrade(kBearer + "Origin: http://evil.example\r\n").status == 101);
  CHECK(edge.metric("godwit_refused_total{reason=\"foreign_origin\"}") == 1);
}

TEST_CASE("[ED71] without a session the upgrade succeeds and is closed with 4001") {
  EdgeFixture edge;
  RawClient client(edge.port());
  CHECK(client.upgrade(kProtocol).status == 101);
  CHECK(client.frame().close_code() == 4001);
  CHECK(client.is_closed());
  CHECK(edge.metric("godwit_socket_closes_total{code=\"4001\"}") == 1);
}

TEST_CASE("[ED72] bad frames close with the code that says why") {
  struct Case {
    const char* what;
    std::string bytes;
    int code;
  };
  std::string announced = client_frame(1, std::string(65'537, 'x')).substr(0, 10);
  std::string unmasked("\x81\x01x", 3);
  std::string reserved = client_frame(1, "x");
  reserved[0] = static_cast<char>(reserved[0] | 0x40);
  const std::vector<Case> cases = {
      {"65 KiB", client_frame(1, std::string(65 * 1'024, 'x')), 1009},
      {"announced too large, payload not sent", announced, 1009},
      {"too large in fragments",
       client_frame(1, std::string(40'000, 'x'), false) + client_frame(0, std::string(40'000, 'x')),
       1009},
      {"binary", client_frame(2, "x"), 1003},
      {"invalid UTF-8", client_frame(1, "\xC3\x28"), 1007},
      {"a surrogate", client_frame(1, "\xED\xA0\x80"), 1007},
      {"invalid UTF-8 in fragments", client_frame(1, "\xC3", false) + client_frame(0, "x"), 1007},
      {"unmasked", unmasked, 1002},
      {"reserved bits", reserved, 1002},
      {"unknown opcode", client_frame(3, "x"), 1002},
      {"continuation of nothing", client_frame(0, "x"), 1002},
      {"fragmented ping", client_frame(9, "x", false), 1002},
      {"long ping", client_frame(9, std::string(126, 'x')), 1002},
      {"bad close code", client_frame(8, std::string("\x03\xEC", 2)), 1002},
      {"a flood of pings",
       [] {
         std::string all;
         for (int i = 0; i < 1'000; ++i) all += client_frame(9, "");
         return all;
       }(),
       4029},
  };
  EdgeFixture edge;
  for (const Case& c : cases) {
    INFO(c.what);
    RawClient client(edge.port());
    REQUIRE(client.upgrade(kBearer).status == 101);
    client.send(c.bytes);
    auto frame = client.frame();
    while (frame.opcode == 10) frame = client.frame();  // pongs that were earned
    CHECK(frame.close_code() == c.code);
    CHECK(client.is_closed());
  }
}

TEST_CASE("[ED72] fragments make one message, with a ping between them, at any cut of the bytes") {
  EdgeFixture edge;
  RawClient client(edge.port());
  REQUIRE(client.upgrade(kBearer).status == 101);
  const std::string bytes = client_frame(1, "one ", false) + client_frame(9, "p") +
                            client_frame(0, "two ", false) + client_frame(0, "three");
  for (char c : bytes) client.send(std::string(1, c));
  CHECK(client.frame().opcode == 10);
  CHECK(client.frame().payload == "one two three");
  const std::string largest(64 * 1'024, 'x');
  client.send_frame(1, largest);
  CHECK(client.frame().payload == largest);
}

TEST_CASE("[ED73] frames come in their order, and a close is the last") {
  auto options = patient_options();
  options.gateway.send_queue_bytes_max = 64 << 20;  // all of it may wait
  EdgeFixture edge(options);
  RawClient client(edge.port());
  REQUIRE(client.upgrade(kBearer).status == 101);
  std::string all;
  for (int i = 0; i < 2'000; ++i)
    all += client_frame(
        1, std::to_string(i) + std::string(static_cast<std::size_t>(i % 7) * 1'500, '.'));
  client.send(all + client_frame(1, "bye"));
  for (int i = 0; i < 2'000; ++i) {
    const auto payload = client.frame().payload;
    REQUIRE(payload.substr(0, payload.find('.')) == std::to_string(i));
  }
  CHECK(client.frame().close_code() == 1000);
  CHECK(client.is_closed());
}

TEST_CASE("[ED73] a reader too slow for its queue is closed with 4008, and others go on") {
  EdgeFixture edge;
  RawClient other(edge.port());
  REQUIRE(other.upgrade(kBearer).status == 101);
  RawClient slow(edge.port(), 4'096);
  REQUIRE(slow.upgrade(kBearer).status == 101);
  slow.send_frame(1, "flood");
  other.send_frame(1, "still here");
  CHECK(other.frame().payload == "still here");
  while (edge.gateway().closed < 1) {
    other.send_frame(1, "turn");
    REQUIRE(other.frame().payload == "turn");
  }
  CHECK(edge.gateway().closes() == std::vector<CloseCode>{CloseCode::kTooSlow});
  CHECK(edge.metric("godwit_socket_closes_total{code=\"4008\"}") == 1);
}

TEST_CASE("[ED74] a connection that sends no whole frame is closed, though its bytes trickle") {
  auto options = patient_options();
  options.gateway.silence_ms_max = 500;
  EdgeFixture edge(options);
  RawClient client(edge.port());
  REQUIRE(client.upgrade(kBearer).status == 101);
  client.send(client_frame(1, "never whole").substr(0, 9));
  CHECK(client.frame().close_code() == 1001);
  CHECK(client.is_closed());
}

TEST_CASE("[ED73] the handler is told once, whoever ends the connection") {
  EdgeFixture edge;
  {
    RawClient vanishes(edge.port());
    REQUIRE(vanishes.upgrade(kBearer).status == 101);
    vanishes.send_frame(1, "x");
    REQUIRE(vanishes.frame().payload == "x");
  }
  RawClient closes(edge.port());
  REQUIRE(closes.upgrade(kBearer).status == 101);
  closes.send_frame(8, std::string("\x0F\xA0", 2));  // 4000
  CHECK(closes.frame().close_code() == 4000);
  CHECK(closes.is_closed());
  RawClient witness(edge.port());
  while (edge.gateway().closed < 2) REQUIRE(witness.ask(kHello).status == 200);
  auto codes = edge.gateway().closes();
  std::sort(codes.begin(), codes.end());
  CHECK(codes == std::vector<CloseCode>{CloseCode{1006}, CloseCode{4000}});
}

TEST_CASE("[ED75] a restart closes sockets with 1012 and spreads their return") {
  EdgeFixture edge;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<RawClient>(edge.port()));
    REQUIRE(clients.back()->upgrade(kBearer).status == 101);
  }
  std::thread drain([&] { edge.drain(); });
  std::set<std::string> reasons;
  for (auto& client : clients) {
    const auto frame = client->frame();
    CHECK(frame.close_code() == 1012);
    if (frame.payload.size() > 2) reasons.insert(frame.payload.substr(2));
    client->close();
  }
  drain.join();
  CHECK(reasons.size() > 10);
  CHECK(reasons.begin()->rfind("{\"retryAfterMs\":", 0) == 0);
}
