// The web app's files, by HTTP and as pure functions.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/edge/edge_fixture.h"
#include "tests/edge/raw_client.h"

using namespace godwit::server;
using namespace godwit::server::test;

namespace {

std::string get(const std::string& path, const std::string& headers = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
}

}  // namespace

TEST_CASE("[ED68] a file has its media type, an ETag, and is not sent again when it is the same") {
  EdgeFixture edge;
  write_file(edge.web() / "core.wasm", "\0asm");
  RawClient client(edge.port());
  auto first = client.ask(get("/core.wasm"));
  CHECK(first.status == 200);
  CHECK(first.headers["content-type"] == "application/wasm");
  CHECK(first.headers["cache-control"] == "no-cache");
  const std::string etag = first.headers["etag"];
  auto again = client.ask(get("/core.wasm", "If-None-Match: \"other\", W/" + etag + "\r\n"));
  CHECK(again.status == 304);
  CHECK(again.headers["etag"] == etag);
  write_file(edge.web() / "core.wasm", "\0asm and more");
  CHECK(client.ask(get("/core.wasm", "If-None-Match: " + etag + "\r\n")).status == 200);
}

TEST_CASE("[ED68] one range is sent alone, others whole, impossible ones refused") {
  EdgeFixture edge;
  write_file(edge.web() / "ten.txt", "0123456789");
  RawClient client(edge.port());
  auto part = client.ask(get("/ten.txt", "Range: bytes=2-4\r\n"));
  CHECK(part.status == 206);
  CHECK(part.body == "234");
  CHECK(part.headers["content-range"] == "bytes 2-4/10");
  CHECK(client.ask(get("/ten.txt", "Range: bytes=7-\r\n")).body == "789");
  CHECK(client.ask(get("/ten.txt", "Range: bytes=-2\r\n")).body == "89");
  CHECK(client.ask(get("/ten.txt", "Range: bytes=8-99\r\n")).body == "89");
  CHECK(client.ask(get("/ten.txt", "Range: bytes=0-1,3-4\r\n")).body == "0123456789");
  CHECK(client.ask(get("/ten.txt", "Range: lines=0-1\r\n")).status == 200);
  CHECK(client.ask(get("/ten.txt", "Range: bytes=2-4\r\nIf-Range: \"old\"\r\n")).status == 200);
  auto beyond = client.ask(get("/ten.txt", "Range: bytes=10-\r\n"));
  CHECK(beyond.status == 416);
  CHECK(beyond.headers["content-range"] == "bytes */10");
}

TEST_CASE("[ED68] a precompressed form is sent to who takes it, unless it is older") {
  EdgeFixture edge;
  write_file(edge.web() / "app.js", "plain");
  write_file(edge.web() / "app.js.br", "brotli");
  write_file(edge.web() / "app.js.gz", "gzip");
  RawClient client(edge.port());
  auto br = client.ask(get("/app.js", "Accept-Encoding: gzip, deflate, br\r\n"));
  CHECK(br.body == "brotli");
  CHECK(br.headers["content-encoding"] == "br");
  CHECK(br.headers["content-type"] == "text/javascript; charset=utf-8");
  CHECK(br.headers["vary"] == "Accept-Encoding");
  CHECK(client.ask(get("/app.js", "Accept-Encoding: br;q=0, gzip\r\n")).body == "gzip");
  auto plain = client.ask(get("/app.js"));
  CHECK(plain.body == "plain");
  CHECK(plain.headers["etag"] != br.headers["etag"]);
  namespace fs = std::filesystem;
  fs::last_write_time(edge.web() / "app.js.br",
                      fs::last_write_time(edge.web() / "app.js") - std::chrono::hours(1));
  CHECK(client.ask(get("/app.js", "Accept-Encoding: br\r\n")).body == "plain");
}

TEST_CASE("[ED68] hashed names are kept for good, all others are asked about again") {
  EdgeFixture edge;
  write_file(edge.web() / "assets/app-Dk3x_9aB.js", "x");
  write_file(edge.web() / "assets/core-worker.js", "x");
  RawClient client(edge.port());
  CHECK(client.ask(get("/assets/app-Dk3x_9aB.js")).headers["cache-control"] ==
        "public, max-age=31536000, immutable");
  CHECK(client.ask(get("/assets/core-worker.js")).headers["cache-control"] == "no-cache");
  CHECK(client.ask(get("/")).headers["cache-control"] == "no-cache");
  CHECK(is_hashed_name("assets/index-1a2b3c4d.css"));
  CHECK_FALSE(is_hashed_name("app-1a2b3c4d.js"));
  CHECK_FALSE(is_hashed_name("assets/my-settings.js"));
}

TEST_CASE("[ED69] no path leads out of the web folder or to a hidden file") {
  EdgeFixture edge;
  namespace fs = std::filesystem;
  const fs::path secret = edge.web().string() + "-secret.txt";
  write_file(secret, "secret");
  write_file(edge.web() / ".hidden", "secret");
  write_file(edge.web() / "sub/.git/config", "secret");
  fs::create_symlink(secret, edge.web() / "link.txt");
  const std::string up = "/../" + secret.filename().string();
  for (const std::string& path :
       {up, std::string("/%2e%2e/") + secret.filename().string(), "/sub/..%2f..%2f" + up.substr(4),
        std::string("/..%5c") + secret.filename().string(), std::string("/.hidden"),
        std::string("/sub/.git/config"), std::string("/link.txt"),
        std::string("/index.html%00.txt"), std::string("//etc/passwd"), std::string("/%zz"),
        std::string("/sub"), "/" + std::string(1'000, '/')}) {
    INFO(path);
    RawClient client(edge.port());
    auto answer = client.ask(get(path));
    CHECK(answer.status == 404);
    CHECK(answer.body.find("secret\n") == std::string::npos);
  }
  fs::remove(secret);
}

TEST_CASE("[ED69] an unknown page of the app is index.html, for navigations alone") {
  EdgeFixture edge;
  RawClient client(edge.port());
  auto page = client.ask(get("/chat/123", "Accept: text/html,*/*\r\n"));
  CHECK(page.status == 200);
  CHECK(page.headers["content-type"] == "text/html; charset=utf-8");
  CHECK(client.ask(get("/chat/123", "Accept: */*\r\n")).status == 404);
  CHECK(client.ask(get("/missing.js", "Accept: text/html\r\n")).status == 404);
}

TEST_CASE(
    "[ED68] a large file arrives whole, also at a slow reader, and a shrunken one ends the "
    "connection") {
  EdgeFixture edge;
  std::string large(3 << 20, '\0');
  for (std::size_t i = 0; i < large.size(); ++i)
    large[i] = static_cast<char>(i * 2'654'435'761u >> 24);
  write_file(edge.web() / "large.bin", large);
  RawClient client(edge.port(), 4'096);
  CHECK(client.ask(get("/large.bin")).body == large);
}
