// What HTTP asks of the edge, and what clients do to it.
#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "tests/edge/edge_fixture.h"
#include "tests/edge/raw_client.h"

using namespace godwit::server;
using namespace godwit::server::test;

namespace {

const std::string kHello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::int64_t kShortMs = 600;  // of the one time-out that a test is about

std::string post(const std::string& headers, const std::string& body = "") {
  return "POST /echo HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n" + body;
}

double refused(const EdgeFixture& edge, const std::string& reason) {
  return edge.metric("godwit_refused_total{reason=\"" + reason + "\"}");
}

}  // namespace

TEST_CASE("[ED66] HTTP/1.1 without Connection keeps the connection, HTTP/1.0 ends it") {
  EdgeFixture edge;
  RawClient client(edge.port());
  auto first = client.ask(kHello);
  CHECK(first.status == 200);
  CHECK(first.headers["connection"] == "keep-alive");
  CHECK(client.ask(kHello).body == R"({"hello":"world"})");

  RawClient old(edge.port());
  CHECK(old.ask("GET /hello HTTP/1.0\r\n\r\n").headers["connection"] == "close");
  CHECK(old.is_closed());

  RawClient kept(edge.port());
  CHECK(kept.ask("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").status == 200);
  CHECK(kept.ask("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").status == 200);
  CHECK(kept.is_closed());
}

TEST_CASE("[ED66] HEAD is GET without the body") {
  EdgeFixture edge;
  RawClient client(edge.port());
  client.send("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  auto head = client.answer(true);
  CHECK(head.status == 200);
  CHECK(head.headers["content-length"] == "17");
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n");
  CHECK(client.answer(true).headers["content-type"] == "text/html; charset=utf-8");
  CHECK(client.ask(kHello).status == 200);  // nothing of a body was in the way
}

TEST_CASE("[ED66] Expect: 100-continue is answered before the body comes") {
  EdgeFixture edge;
  RawClient client(edge.port());
  CHECK(client.ask(post("Content-Length: 5\r\nExpect: 100-continue\r\n")).status == 100);
  CHECK(client.ask("12345").body == "12345");
  CHECK(client.ask(post("Content-Length: 5\r\nExpect: a miracle\r\n")).status == 417);
}

TEST_CASE("[ED63] requests sent together are answered one by one, in their order") {
  EdgeFixture edge;
  RawClient client(edge.port());
  std::string all;
  for (int i = 0; i < 200; ++i) {
    const std::string body = "request " + std::to_string(i);
    all += post("Content-Length: " + std::to_string(body.size()) + "\r\n", body);
  }
  client.send(all);
  for (int i = 0; i < 200; ++i) REQUIRE(client.answer().body == "request " + std::to_string(i));
}

TEST_CASE("[ED61] chunked bodies are taken, and bounded like others") {
  EdgeFixture edge;
  RawClient client(edge.port());
  const std::string chunked = post("Transfer-Encoding: chunked\r\n");
  CHECK(client.ask(chunked + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").body == "abcde");
  client.send(chunked);
  const std::string chunk = "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
  for (int i = 0; i < 5; ++i) client.send(chunk);
  CHECK(client.answer().status == 413);
  CHECK(client.is_closed());
}

TEST_CASE("[ED61] a body larger than allowed is 413, and its rest is not read as requests") {
  EdgeFixture edge;
  RawClient client(edge.port());
  std::string smuggled;
  while (smuggled.size() < 80'000) smuggled += kHello;
  client.send(post("Content-Length: " + std::to_string(smuggled.size()) + "\r\n", smuggled));
  auto answer = client.answer();
  CHECK(answer.status == 413);
  CHECK(answer.body.find("\"code\":\"too_large\"") != std::string::npos);
  CHECK(client.rest().empty());
  CHECK(refused(edge, "body_too_large") == 1);
  CHECK(edge.metric("godwit_http_requests_total{route=\"/hello\",status=\"200\"}") == -1);
}

TEST_CASE("[ED61] a body that never ends is 408") {
  auto options = patient_options();
  options.edge.body_timeout_ms = kShortMs;
  EdgeFixture edge(options);
  RawClient client(edge.port());
  auto answer = client.ask(post("Content-Length: 100\r\n", "some of it"));
  CHECK(answer.status == 408);
  CHECK(client.is_closed());
  CHECK(refused(edge, "slow_body") == 1);
}

TEST_CASE("[ED60] a head in pieces is read, one that does not end in time is 408") {
  EdgeFixture patient;
  RawClient pieces(patient.port());
  for (char c : std::string("GET /hello HT")) pieces.send(std::string(1, c));
  CHECK(pieces.ask("TP/1.1\r\nHost: x\r\n\r\n").status == 200);

  auto options = patient_options();
  options.edge.header_timeout_ms = kShortMs;
  EdgeFixture edge(options);
  RawClient slow(edge.port());
  slow.send("GET /hello HTTP/1.1\r\nHost: x\r\nX-A");
  CHECK(slow.answer().status == 408);
  CHECK(slow.is_closed());
  RawClient silent(edge.port());
  CHECK(silent.is_closed());
  CHECK(refused(edge, "slow_header") == 2);
}

TEST_CASE("[ED60] a head beyond its size is 431, a target beyond its 414") {
  EdgeFixture edge;
  RawClient client(edge.port());
  const auto answer = client.ask(
      "GET /hello HTTP/1.1\r\nHost: x\r\nX-Big: " + std::string(9'000, 'x') + "\r\n\r\n");
  CHECK(answer.status == 431);
  CHECK(client.is_closed());
  CHECK(refused(edge, "header_too_large") == 1);
  RawClient target(edge.port());
  CHECK(target.ask("GET /" + std::string(2'000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n").status ==
        414);
}

TEST_CASE("[ED62] framing that two parsers could read differently is refused") {
  const std::vector<std::string> heads = {
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
      "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
      "GET /hello HTTP/1.1\r\n\r\n",
      "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n",
      "GET /hello HTTP/1.1\r\nHost : x\r\n\r\n",
      "GET /hello HTTP/2.0\r\nHost: x\r\n\r\n",
      "GET hello HTTP/1.1\r\nHost: x\r\n\r\n",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
  };
  EdgeFixture edge;
  for (const std::string& head : heads) {
    INFO(head);
    RawClient client(edge.port());
    const int status = client.ask(head + "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").status;
    CHECK(status >= 400);
    CHECK(client.rest().empty());
  }
  CHECK(refused(edge, "bad_request") == static_cast<double>(heads.size()));
}

TEST_CASE("[ED65] internal headers cannot be set from outside and never leave") {
  EdgeFixture edge;
  RawClient client(edge.port());
  auto answer = client.ask(
      "GET /address HTTP/1.1\r\nHost: x\r\nX-Godwit-Address: 1.2.3.4\r\nX-Godwit-Token: stolen\r\n"
      "x-godwit-flags: os\r\nX-Forwarded-For: 5.6.7.8\r\nCookie: godwit_session=mine\r\n\r\n");
  CHECK(answer.body == "127.0.0.1|mine");
  auto file = client.ask("GET / HTTP/1.1\r\nHost: x\r\nX-Godwit-File: /etc/passwd\r\n\r\n");
  CHECK(file.body == "<!doctype html><title>Godwit</title>");
  for (const auto* got : {&answer, &file})
    for (const auto& header : got->headers) CHECK(header.first.rfind("x-godwit", 0) != 0);
}

TEST_CASE("[ED65] a proxy that is trusted names the client, the last word of the chain counts") {
  auto options = patient_options();
  options.edge.trust_forwarded = true;
  EdgeFixture edge(options);
  RawClient client(edge.port());
  CHECK(client.ask("GET /address HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 9.9.9.9, 5.6.7.8\r\n\r\n")
            .body == "5.6.7.8|");
}

TEST_CASE("[ED64] eight readers that never read cost nobody anything, and are cut off") {
  auto options = patient_options();
  options.edge.write_timeout_ms = kShortMs;
  EdgeFixture edge(options);
  std::vector<std::unique_ptr<RawClient>> readers;
  for (int i = 0; i < 8; ++i) {
    readers.push_back(std::make_unique<RawClient>(edge.port(), 4'096));
    readers.back()->send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  RawClient client(edge.port());
  for (int i = 0; i < 100; ++i) REQUIRE(client.ask(kHello).status == 200);
  // Told apart from a sleep: each of these requests waits for the edge's loop to turn.
  while (refused(edge, "slow_reader") < 8) REQUIRE(client.ask(kHello).status == 200);
  while (edge.metric("godwit_connections") > 1) REQUIRE(client.ask(kHello).status == 200);
  CHECK(refused(edge, "slow_reader") == 8);
}

TEST_CASE("[ED64] a client gone in the middle of its answer costs nobody anything") {
  EdgeFixture edge;
  RawClient client(edge.port());
  REQUIRE(client.ask(kHello).status == 200);
  for (int i = 0; i < 20; ++i) {
    RawClient leaver(edge.port(), 4'096);
    leaver.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
    if (i % 2 == 0) REQUIRE(leaver.answer(true).status == 200);  // some of it came
    leaver.close();
  }
  while (edge.metric("godwit_connections") > 1) REQUIRE(client.ask(kHello).status == 200);
  CHECK(client.ask(kHello).status == 200);
}

TEST_CASE("[ED64] a client that leaves while its request is under way harms no later one") {
  EdgeFixture edge;
  for (int i = 0; i < 50; ++i) {
    RawClient leaver(edge.port());
    leaver.send("GET /address HTTP/1.1\r\nHost: x\r\nCookie: godwit_session=other\r\n\r\n");
    leaver.close();
    RawClient client(edge.port());
    REQUIRE(client.ask(kHello).body == R"({"hello":"world"})");
  }
}

TEST_CASE("[ED67] connections beyond the limit of an address are told 503 and closed") {
  auto options = patient_options();
  options.edge.connections_per_address_max = 3;
  EdgeFixture edge(options);
  std::vector<std::unique_ptr<RawClient>> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(std::make_unique<RawClient>(edge.port()));
    REQUIRE(held.back()->ask(kHello).status == 200);
  }
  RawClient more(edge.port());
  CHECK(more.answer().status == 503);
  CHECK(more.is_closed());
  CHECK(refused(edge, "connections_of_address") == 1);
  held.pop_back();
  while (edge.metric("godwit_connections") > 2) REQUIRE(held[0]->ask(kHello).status == 200);
  RawClient again(edge.port());
  CHECK(again.ask(kHello).status == 200);
}

TEST_CASE("[ED67] connections and requests beyond the limit of all are told 503") {
  auto options = patient_options();
  options.edge.connections_max = 2;
  options.edge.rest_in_flight_max = 1;
  EdgeFixture edge(options);
  RawClient holder(edge.port());
  RawClient client(edge.port());
  REQUIRE(client.ask(kHello).status == 200);
  holder.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
  HttpAnswer busy;
  do {
    busy = client.ask(kHello);
  } while (busy.status == 200);  // until the other request is under way
  CHECK(busy.status == 503);
  CHECK(busy.headers["retry-after"] == "1");
  RawClient more(edge.port());
  CHECK(more.answer().status == 503);
  CHECK(refused(edge, "connections") == 1);
}

TEST_CASE("[ED70] errors are problem+json and tell nothing of the inside") {
  EdgeFixture edge;
  RawClient client(edge.port());
  auto thrown = client.ask("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(thrown.status == 503);
  CHECK(thrown.headers["content-type"] == "application/problem+json");
  CHECK(thrown.body.find("secret") == std::string::npos);
  auto method = client.ask("PUT /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  CHECK(method.status == 405);
  CHECK(method.body.find("\"code\":\"unsupported\"") != std::string::npos);
  CHECK(client.ask("GET /nothing.txt HTTP/1.1\r\nHost: x\r\n\r\n").status == 404);
  CHECK(client.ask("BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n").status == 405);
}

TEST_CASE("[ED70] every answer carries the epoch and the security headers") {
  EdgeFixture edge;
  const std::vector<std::string> requests = {
      kHello, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET /none HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /ws HTTP/1.1\r\nHost: x\r\n\r\n", "NONSENSE\r\n\r\n"};
  for (const auto& request : requests) {
    INFO(request);
    RawClient client(edge.port());
    auto answer = client.ask(request);
    CHECK(answer.headers["godwit-epoch"] == "epoch-1");
    CHECK(answer.headers["x-content-type-options"] == "nosniff");
    CHECK(answer.headers["cross-origin-opener-policy"] == "same-origin");
    const std::string csp = answer.headers["content-security-policy"];
    CHECK(csp.find("script-src 'self' 'wasm-unsafe-eval'") != std::string::npos);
    CHECK(csp.find("frame-ancestors 'none'") != std::string::npos);
    CHECK(csp.find("'unsafe-inline'") == std::string::npos);
    CHECK(csp.find("'unsafe-eval'") == std::string::npos);
    CHECK(answer.headers.count("strict-transport-security") == 0);
  }
}

TEST_CASE("[ED75] a drain answers what is under way, closes what idles and takes nothing new") {
  EdgeFixture edge;
  RawClient idle(edge.port());
  REQUIRE(idle.ask(kHello).status == 200);
  edge.drain();
  CHECK(idle.is_closed());
  CHECK_THROWS(RawClient(edge.port()));
}
