// The edge without its sockets: whatever bytes a peer sends, and however the network cuts them, the
// edge reads the same, within its limits.
//
//   input := mode cuts rest
//   mode  := u8   0 mod 3: bytes of a WebSocket; 1: frames of a WebSocket, built from `rest`;
//                 2: the head of an HTTP request
//   cuts  := u8   seeds the places where the bytes are cut
#include <algorithm>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <vector>

#include "server/edge/http_head.h"
#include "server/edge/websocket_framing.h"
#include "shared/base/prng.h"
#include "shared/base/utf8.h"
#include "tests/fuzz/fuzz.h"

namespace godwit::fuzz {
namespace {

namespace http = boost::beast::http;
using namespace godwit::server;

constexpr std::size_t kMessageBytesMax = 600;  // small, so that the limit is met
constexpr std::size_t kHeaderBytesMax = 2'048;

std::vector<std::string> cut(std::string_view bytes, Prng& prng) {
  std::vector<std::string> pieces;
  while (!bytes.empty()) {
    const std::uint64_t bound = prng.chance(30) ? 3 : 40;
    const std::size_t size = 1 + static_cast<std::size_t>(prng.below(bound));
    pieces.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(pieces.back().size());
  }
  return pieces;
}

// ---- WebSocket ----

// What a connection would have heard, in order.
class Recorder final : public FrameSink {
 public:
  // Pauses after each message, as an owner does that has too much under way.
  explicit Recorder(bool pauses) : pauses_(pauses) {}

  void on_text(std::string_view text) override {
    FUZZ_REQUIRE("[ED72] a message within the limit is told", text.size() <= kMessageBytesMax);
    FUZZ_REQUIRE("[ED72] a text that is told is UTF-8", is_valid_utf8(text));
    note("text", text);
    paused_ = pauses_;
  }
  void on_ping(std::string_view payload) override {
    FUZZ_REQUIRE("[ED72] a ping fits a control frame", payload.size() <= 125);
    note("ping", payload);
  }
  void on_pong() override { note("pong", {}); }
  void on_close(CloseCode code) override {
    const auto number = static_cast<std::uint16_t>(code);
    FUZZ_REQUIRE("[ED72] a close code is one that a peer may send",
                 code == kCloseNoStatus || is_valid_close_code(number));
    note("close", std::to_string(number));
    closed_ = true;
  }
  bool wants_more() const override { return !closed_ && !paused_; }

  bool resume() { return std::exchange(paused_, false); }
  void note(std::string_view what, std::string_view payload) {
    heard_.append(what).append(":").append(payload).append("\n");
  }
  bool closed() const { return closed_; }
  const std::string& heard() const { return heard_; }

 private:
  const bool pauses_;
  bool paused_ = false;
  bool closed_ = false;
  std::string heard_;
};

std::string hear(const std::vector<std::string>& pieces, bool pauses) {
  FrameReader reader(kMessageBytesMax);
  Recorder recorder(pauses);
  for (std::string piece : pieces) {
    auto failure = reader.feed(piece.data(), piece.size(), recorder);
    while (!failure && recorder.resume()) failure = reader.resume(recorder);
    if (failure) {
      recorder.note("failed", std::to_string(static_cast<int>(failure->code)) + failure->reason);
      break;
    }
    if (recorder.closed()) break;
    constexpr std::size_t kHeaderMax = 14;
    FUZZ_REQUIRE("[ED72] a reader holds one message and one frame at most",
                 reader.held_bytes() <= 2 * kMessageBytesMax + kHeaderMax);
  }
  return recorder.heard();
}

void check_socket(const std::string& bytes, Prng& prng) {
  const std::string whole = hear({bytes}, false);
  FUZZ_REQUIRE("[ED80] frames mean the same however they are cut",
               hear(cut(bytes, prng), false) == whole);
  FUZZ_REQUIRE("[ED80] frames mean the same whenever their reader pauses",
               hear(cut(bytes, prng), true) == whole);
}

// Frames as a peer would build them, most of them sound.
std::string build_frames(Input& input) {
  std::string bytes;
  while (!input.empty()) {
    const std::uint8_t shape = input.byte();
    static constexpr std::uint8_t kOpcodes[] = {1, 0, 8, 9, 10, 1, 2, 3};
    const bool fin = (shape & 0x08u) == 0;
    const std::size_t size = (shape & 0x10u) != 0 ? input.below(1'000) : input.below(20);
    const bool masked = (shape & 0xE0u) != 0xE0u;
    bytes += static_cast<char>((fin ? 0x80u : 0u) | kOpcodes[shape & 0x07u]);
    const char mask_bit = static_cast<char>(masked ? 0x80 : 0);
    if (size < 126) {
      bytes += static_cast<char>(mask_bit | static_cast<char>(size));
    } else {
      bytes += static_cast<char>(mask_bit | 126);
      bytes += static_cast<char>(size >> 8);
      bytes += static_cast<char>(size & 0xFF);
    }
    const std::string mask = masked ? std::string("\x11\x22\x33\x44", 4) : std::string(4, '\0');
    if (masked) bytes += mask;
    std::string payload((shape & 0x10u) != 0 ? std::string(size, 'x') : input.bytes(size));
    payload.resize(size, 'y');
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
    bytes += payload;
  }
  return bytes;
}

// ---- HTTP ----

// What of a request's head the edge would go on with, or that it refused it.
struct HeadRead {
  std::string taken;  // the judged head as one text; empty: refused, or not whole
  bool whole = false;
  std::string raw;  // what the parser consumed for it
};

void check_head(const RequestHead& head) {
  FUZZ_REQUIRE("[ED62] a path is absolute and has no empty step",
               head.path.rfind('/', 0) == 0 && head.path.find("//") == std::string::npos);
  FUZZ_REQUIRE("[ED60] path and query are within their sizes",
               head.path.size() <= kPathBytesMax && head.query.size() <= kQueryBytesMax);
  FUZZ_REQUIRE("[ED62] a token is short", head.token.size() <= 128);
  for (const std::string* text : {&head.path, &head.query, &head.host, &head.origin, &head.token,
                                  &head.address, &head.user_agent, &head.accept_encoding,
                                  &head.if_none_match, &head.if_range, &head.range}) {
    FUZZ_REQUIRE("[ED62] what goes on is free of control characters",
                 std::none_of(text->begin(), text->end(),
                              [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
  }
}

std::string text_of(const RequestHead& head) {
  std::string text = std::to_string(static_cast<int>(head.method));
  for (const std::string* part : {&head.path, &head.query, &head.host, &head.origin, &head.token,
                                  &head.address, &head.user_agent, &head.accept_encoding,
                                  &head.if_none_match, &head.if_range, &head.range}) {
    text += "|" + *part;
  }
  for (bool flag : {head.by_cookie, head.own_origin, head.has_origin, head.json, head.accepts_html,
                    head.secure, head.keep_alive, head.expects_continue, head.upgrades}) {
    text += flag ? '1' : '0';
  }
  return text;
}

// As HttpConnection reads: what has come is offered again with what comes next.
HeadRead read_head(const std::vector<std::string>& pieces, const EdgeConfig& config) {
  http::request_parser<http::string_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(kHeaderBytesMax));
  parser.body_limit(config.body_bytes_max);
  HeadRead read;
  std::string held;
  for (const std::string& piece : pieces) {
    held += piece;
    boost::system::error_code error;
    const std::size_t taken = parser.put(boost::asio::buffer(held), error);
    read.raw.append(held, 0, taken);
    held.erase(0, taken);
    if (parser.is_header_done()) break;
    if (error && error != http::error::need_more) return read;
    if (read.raw.size() + held.size() > kHeaderBytesMax) return read;
  }
  if (!parser.is_header_done() || read.raw.size() > kHeaderBytesMax) return read;
  read.whole = true;
  auto judged = judge_head(parser.get().base(), "203.0.113.9", config);
  const auto* head = std::get_if<RequestHead>(&judged);
  if (head == nullptr) {
    const HeadRefusal& refusal = std::get<HeadRefusal>(judged);
    FUZZ_REQUIRE("[ED62] a refusal is one of HTTP", refusal.status >= 400 && refusal.status <= 505);
    return read;
  }
  check_head(*head);
  auto upgrade = judge_upgrade(parser.get().base(), *head);
  FUZZ_REQUIRE("[ED71] only a GET that asks for it is upgraded",
               upgrade || (head->upgrades && head->method == http::verb::get));
  read.taken = text_of(*head) + (upgrade ? std::to_string(upgrade->status) : "upgraded");
  return read;
}

// How often a line of the raw head begins with a field of this name, by eye and not by Beast.
int lines_named(const std::string& raw, std::string_view name) {
  int found = 0;
  for (std::size_t at = raw.find('\n'); at != std::string::npos; at = raw.find('\n', at + 1)) {
    const std::string_view line = std::string_view(raw).substr(at + 1, name.size());
    found += std::equal(line.begin(), line.end(), name.begin(), name.end(),
                        [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
  }
  return found;
}

void check_http(const std::string& bytes, Prng& prng) {
  EdgeConfig config;
  config.header_bytes_max = kHeaderBytesMax;
  config.trust_forwarded = prng.chance(50);
  const HeadRead whole = read_head({bytes}, config);
  const HeadRead pieces = read_head(cut(bytes, prng), config);
  FUZZ_REQUIRE("[ED80] a head means the same however it is cut", pieces.taken == whole.taken);
  if (whole.taken.empty()) return;
  FUZZ_REQUIRE(
      "[ED62] a request that is taken is framed in one way",
      lines_named(whole.raw, "content-length:") + lines_named(whole.raw, "transfer-encoding:") <=
          1);
  FUZZ_REQUIRE("[ED60] a head that is taken is within its size",
               whole.raw.size() <= kHeaderBytesMax);
}

}  // namespace
}  // namespace godwit::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace godwit;
  using namespace godwit::fuzz;
  Input input(data, size);
  const std::uint8_t mode = input.byte();
  Prng prng(input.byte());
  if (mode % 3 == 2) {
    check_http(std::string(input.rest()), prng);
  } else {
    check_socket(mode % 3 == 1 ? build_frames(input) : std::string(input.rest()), prng);
  }
  return 0;
}
