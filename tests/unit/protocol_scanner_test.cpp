// The fast way to read a message, held to the reader that takes everything.
#include <catch2/catch.hpp>

#include "shared/base/prng.h"
#include "shared/protocol/codec.h"
#include "shared/protocol/message_scanner.h"
#include "tests/unit/protocol_random.h"

using namespace godwit;

namespace {

const std::string kFrame =
    R"({"type":"message","messageId":"7","chatId":"5","seq":3,"rev":4,"senderId":"9","tempId":"t-1",)"
    R"("timestamp":"2026-11-21T09:26:33.123Z","content":{"type":"text","text":"a \"b\"\n\\ გ"},)"
    R"("replyTo":"6"})";

std::string changed(const std::string& from, const std::string& to) {
  std::string text = kFrame;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

bool taken(const std::string& text) {
  ChatEvent event;
  return scan_message_frame(text, event);
}

// A message without what the scanner leaves to the reader.
ServerFrame plain(ServerFrame frame) {
  auto* event = std::get_if<ChatEvent>(&frame);
  if (event == nullptr || event->kind != EventKind::kMessage) return frame;
  Message& message = event->message;
  message.forwarded_from.reset();
  message.edited_at.reset();
  message.reactions.clear();
  message.pinned = message.deleted = false;
  const bool text = message.content && message.content->type == ContentType::kText;
  if (!text) message.content = Content{ContentType::kText, "said", {}};
  return frame;
}

}  // namespace

TEST_CASE("[WI81] the scanner reads a message as the reader does") {
  ChatEvent scanned;
  REQUIRE(scan_message_frame(kFrame, scanned));
  auto read = decode_server_frame(kFrame);
  REQUIRE(read);
  CHECK(*read == ServerFrame(scanned));
  CHECK(scanned.message.content->text == "a \"b\"\n\\ გ");
  CHECK(encode_event(scanned) == kFrame);
  CHECK(taken(changed(R"("tempId":"t-1",)", "")));
  CHECK(taken(changed(R"(,"replyTo":"6")", "")));
  CHECK(taken(changed(R"("5")", R"("9223372036854775807")")));
}

TEST_CASE("[WI81] the scanner leaves every other form to the reader") {
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"seq\":3", "\"seq\": 3"},
           {"\"seq\":3", "\"seq\":03"},
           {"\"seq\":3", "\"seq\":0"},
           {"\"seq\":3", "\"seq\":5"},  // beyond its rev
           {"\"seq\":3", "\"seq\":3.0"},
           {"\"seq\":3", "\"seq\":"},
           {"\"rev\":4", "\"rev\":99999999999999999999"},
           {"\"5\"", "\"05\""},
           {"\"5\"", "\"0\""},
           {"\"5\"", "5"},
           {"\"5\"", "\"9223372036854775808\""},  // no id is that high
           {"t-1", "t 1"},
           {"t-1", ""},
           {"11-21", "02-30"},
           {"text\":\"a", "text\":\"\\u0061"},
           {"text\":\"a", "text\":\"\\/"},
           {"a \\\"b\\\"\\n\\\\ გ", " "},
           {"გ", "\xE1\x83"},
           {"\"type\":\"text\"", "\"type\":\"image\""},
           {"\"replyTo\":\"6\"", "\"pinned\":true"},
           {"\"6\"}", "\"6\"} "},
           {"\"6\"}", "\"6\""},
       }) {
    INFO(changed(from, to));
    CHECK_FALSE(taken(changed(from, to)));
  }
  CHECK_FALSE(taken(""));
  for (std::size_t size = 0; size < kFrame.size(); ++size)
    CHECK_FALSE(taken(kFrame.substr(0, size)));
}

TEST_CASE("[WI81] of random frames the scanner takes nothing otherwise than the reader") {
  Prng prng(20261121);
  int messages = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = encode(plain(testing::random_server_frame(prng)));
    if (prng.chance(50)) {
      char& byte = text[testing::index_below(prng, text.size())];
      byte = static_cast<char>(byte ^ (1 << prng.below(7)));
    }
    ChatEvent scanned;
    if (!scan_message_frame(text, scanned)) continue;
    ++messages;
    INFO(text);
    auto read = decode_server_frame(text);
    REQUIRE(read);
    REQUIRE(*read == ServerFrame(scanned));
    REQUIRE(encode_event(scanned) == text);
  }
  CHECK(messages > 100);
}
