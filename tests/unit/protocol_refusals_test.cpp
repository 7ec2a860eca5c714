// What is refused, with which code, and what the refusal carries.
#include <catch2/catch.hpp>
#include <set>

#include "shared/protocol/codec.h"
#include "shared/protocol/codes.h"
#include "shared/protocol/validate.h"

namespace godwit {
namespace {

Code refusal(std::string_view text) {
  DecodedClientFrame decoded = decode_client_frame(text);
  CHECK(decoded.frame.has_value() == (decoded.refusal.error.code == Code::kOk));
  return decoded.refusal.error.code;
}

Code server_refusal(std::string_view text) {
  Result<ServerFrame> frame = decode_server_frame(text);
  return frame ? Code::kOk : frame.error().code;
}

// A valid `message` frame whose one field `name` is replaced by raw JSON; "" drops the field.
std::string message_with(std::string_view name, std::string_view json) {
  const std::pair<std::string_view, std::string_view> fields[] = {
      {"type", "\"message\""}, {"tempId", "\"t1\""},
      {"chatId", "\"7\""},     {"content", R"({"type":"text","text":"a"})"},
      {"replyTo", ""},         {"forwardedFrom", ""}};
  std::string out = "{";
  for (const auto& [field, standard] : fields) {
    std::string_view value = field == name ? json : standard;
    if (value.empty()) continue;
    if (out.size() > 1) out += ",";
    out += "\"" + std::string(field) + "\":" + std::string(value);
  }
  return out + "}";
}

TEST_CASE("[WI28] a required field that is missing is bad_frame") {
  struct Row {
    const char* frame;
    const char* required;  // separated by blanks
  };
  const Row rows[] = {
      {R"({"type":"hello","protocol":1,"deviceId":"d","coreVersion":"1"})",
       "type protocol deviceId coreVersion"},
      {R"({"type":"message","tempId":"t","chatId":"7","content":{"type":"text","text":"a"}})",
       "tempId chatId content"},
      {R"({"type":"edit","tempId":"t","chatId":"7","messageId":"8","content":{"type":"text","text":"a"}})",
       "tempId chatId messageId content"},
      {R"({"type":"delete","tempId":"t","chatId":"7","messageId":"8"})", "tempId chatId messageId"},
      {R"({"type":"reaction","tempId":"t","chatId":"7","messageId":"8","emoji":"a","action":"add"})",
       "tempId chatId messageId emoji action"},
      {R"({"type":"pin","tempId":"t","chatId":"7","messageId":"8","pinned":true})",
       "tempId chatId messageId pinned"},
      {R"({"type":"set","tempId":"t","key":"setting.a","value":1})", "tempId key value"},
      {R"({"type":"read","chatId":"7","seq":1})", "chatId seq"},
      {R"({"type":"delivered","chatId":"7","seq":1})", "chatId seq"},
      {R"({"type":"typing","chatId":"7","isTyping":true})", "chatId isTyping"},
      {R"({"type":"presence","status":"online"})", "status"},
      {R"({"type":"sync_request","requestId":"r","chats":{}})", "requestId chats"},
  };
  for (const Row& row : rows) {
    CHECK(refusal(row.frame) == Code::kOk);
    std::string names = std::string(row.required) + " ";
    for (std::size_t at = 0, end; (end = names.find(' ', at)) != std::string::npos; at = end + 1) {
      // Renaming a field takes it away: unknown fields are ignored.
      std::string field = "\"" + names.substr(at, end - at) + "\":";
      std::string text = row.frame;
      text.replace(text.find(field), 2, "\"_");
      INFO(text);
      CHECK(refusal(text) == Code::kBadFrame);
    }
  }
}

TEST_CASE("[WI28] a field of a wrong type or range is bad_frame") {
  for (const char* json : {"7", "null", "\"\"", "\"0\"", "\"-1\"", "\"07\"", "\"x\"", "[]", "{}",
                           "true", "7.0", "\"9223372036854775808\"", "\" 7\""}) {
    INFO(json);
    CHECK(refusal(message_with("chatId", json)) == Code::kBadFrame);
  }
  for (const char* json :
       {"1", "null", "\"\"", "\" \"", "\"a b\"", "\"é\"", "\"\\u0000\"", "\"\\u007f\"", "[]"}) {
    INFO(json);
    CHECK(refusal(message_with("tempId", json)) == Code::kBadFrame);
  }
  for (const char* json :
       {"1", "null", "\"text\"", "[]", "{}", R"({"type":1})", R"({"text":"a"})",
        R"({"type":"text"})", R"({"type":"text","text":1})", R"({"type":"text","text":null})"}) {
    INFO(json);
    CHECK(refusal(message_with("content", json)) == Code::kBadFrame);
  }
  for (const char* json : {"1", "\"\"", "\"x\"", "{}"})
    CHECK(refusal(message_with("replyTo", json)) == Code::kBadFrame);
  for (const char* json : {"1", "[]", "{}", R"({"messageId":"1","chatId":"2"})",
                           R"({"messageId":1,"chatId":"2","senderName":"a"})"}) {
    CHECK(refusal(message_with("forwardedFrom", json)) == Code::kBadFrame);
  }
  for (const char* json : {"1", "null", "[]", "{}", "true"})
    CHECK(refusal(message_with("type", json)) == Code::kBadFrame);
  CHECK(refusal(R"({"type":"typing","chatId":"7","isTyping":1})") == Code::kBadFrame);
  CHECK(refusal(R"({"type":"presence","status":"offline"})") == Code::kBadFrame);
  CHECK(refusal(R"({"type":"presence","status":"busy"})") == Code::kBadFrame);
  CHECK(
      refusal(
          R"({"type":"reaction","tempId":"t","chatId":"7","messageId":"8","emoji":"a","action":"toggle"})") ==
      Code::kBadFrame);
  for (const char* not_an_object : {"1", "null", "[]", "\"x\"", "[{\"type\":\"ping\"}]"}) {
    CHECK(refusal(not_an_object) == Code::kBadFrame);
    CHECK(server_refusal(not_an_object) == Code::kBadFrame);
  }
}

TEST_CASE("[WI29] a position is an integer from 0 to 2^53-1") {
  for (const char* seq :
       {"-1", "1.0", "1e2", "\"1\"", "null", "9007199254740992", "18446744073709551616", "true"}) {
    INFO(seq);
    CHECK(refusal(std::string(R"({"type":"read","chatId":"7","seq":)") + seq + "}") ==
          Code::kBadFrame);
    CHECK(refusal(std::string(R"({"type":"sync_request","requestId":"r","chats":{"7":)") + seq +
                  "}}") == Code::kBadFrame);
  }
  CHECK(refusal(R"({"type":"read","chatId":"7","seq":9007199254740991})") == Code::kOk);
}

TEST_CASE("[WI28] a sync request holds ids, positions and decimal sums") {
  for (const char* fields :
       {R"("chats":[])", R"("chats":{"x":1})", R"("chats":{"0":1})", R"("chats":{},"rest":1)",
        R"("chats":{},"user":-1)", R"("chats":{},"blocks":[])", R"("chats":{},"blocks":{"7":[]})",
        R"("chats":{},"blocks":{"7":{"00":"1"}})", R"("chats":{},"blocks":{"7":{"0":1}})",
        R"("chats":{},"blocks":{"7":{"0":"-1"}})",
        R"("chats":{},"blocks":{"7":{"0":"18446744073709551616"}})",
        R"("chats":{},"blocks":{"7":{"9007199254740991":"1"}})"}) {
    std::string text = std::string(R"({"type":"sync_request","requestId":"r",)") + fields + "}";
    INFO(text);
    CHECK(refusal(text) == Code::kBadFrame);
    CHECK_FALSE(decode_sync_body(text));
  }
}

TEST_CASE("[WI28] a refusal carries the tempId or requestId where it can be read") {
  auto with_temp = decode_client_frame(R"({"type":"message","tempId":"t9","chatId":"x"})").refusal;
  CHECK(with_temp.temp_id == "t9");
  CHECK(with_temp.request_id.empty());
  CHECK(decode_client_frame(R"({"type":"nonsense","tempId":"t9"})").refusal.temp_id == "t9");
  CHECK(decode_client_frame(R"({"type":"sync_request","requestId":"r9"})").refusal.request_id ==
        "r9");
  CHECK(decode_client_frame(R"({"type":"message","tempId":"a b"})").refusal.temp_id.empty());
  CHECK(decode_client_frame(R"({"type":"message","tempId":"t9","tempId":"t9"})")
            .refusal.temp_id.empty());
}

TEST_CASE("[WI30] an unknown frame type is unsupported") {
  CHECK(refusal(R"({"type":"nonsense"})") == Code::kUnsupported);
  CHECK(refusal(R"({"type":""})") == Code::kUnsupported);
  CHECK(refusal(R"({"type":"welcome"})") == Code::kUnsupported);
  CHECK(server_refusal(R"({"type":"hello"})") == Code::kUnsupported);
}

TEST_CASE("[WI27] unknown fields are ignored and an optional null is an absent one") {
  std::string extra = R"({"future":[{"a":{}}],"type":"ping","nonce":null,"x":1.5e3})";
  CHECK(encode(*decode_client_frame(extra).frame) == R"({"type":"ping"})");
  CHECK(refusal(message_with("replyTo", "null")) == Code::kOk);
  auto text =
      decode_client_frame(message_with("content", R"({"type":"text","text":"a","lang":"ka"})"));
  CHECK(std::get<SendMessage>(*text.frame).content == Content{ContentType::kText, "a", {}});
}

TEST_CASE("[WI22] a text that shows nothing or holds a NUL is invalid_content") {
  for (const char* text : {"", " ", "\\n\\t", "\u00a0\u2003", "\\u200b\\ufeff", "a\\u0000b"}) {
    INFO(text);
    std::string content = std::string(R"({"type":"text","text":")") + text + "\"}";
    CHECK(refusal(message_with("content", content)) == Code::kInvalidContent);
  }
  CHECK(refusal(message_with("content", R"({"type":"text","text":"\ud800"})")) == Code::kBadFrame);
  CHECK(validate_text("a\xC3").error().code == Code::kInvalidContent);
}

TEST_CASE("[WI33] a client sends text and encrypted content alone") {
  for (const char* type : {"image", "video", "file", "voice", "system", "poll", ""}) {
    std::string content =
        std::string(R"({"type":")") + type + R"(","text":"a","alg":"a","ciphertext":"b"})";
    INFO(content);
    CHECK(refusal(message_with("content", content)) == Code::kInvalidContent);
  }
  for (const char* content : {R"({"type":"encrypted"})", R"({"type":"encrypted","alg":"a"})",
                              R"({"type":"encrypted","alg":1,"ciphertext":"b"})"}) {
    CHECK(refusal(message_with("content", content)) == Code::kInvalidContent);
    CHECK_FALSE(validate_client_content(Content{ContentType::kEncrypted, {}, content}));
  }
  CHECK(validate_client_content(
      Content{ContentType::kEncrypted, {}, R"({"type":"encrypted","alg":"a","ciphertext":"b"})"}));
  CHECK_FALSE(validate_client_content(Content{ContentType::kEncrypted, {}, "not JSON"}));
  CHECK_FALSE(validate_client_content(Content{ContentType::kSystem, {}, R"({"type":"system"})"}));
}

TEST_CASE("[WI34] a private item's key says what it belongs to") {
  ChatId chat{1};
  MessageId message{2};
  for (const char* key : {"star", "hidden"}) {
    CHECK(validate_private(key, chat, message, "true"));
    CHECK_FALSE(validate_private(key, chat, {}, "true"));
    CHECK_FALSE(validate_private(key, {}, message, "true"));
  }
  for (const char* key : {"draft", "mute", "archived", "pinnedChat"}) {
    CHECK(validate_private(key, chat, {}, "null"));
    CHECK_FALSE(validate_private(key, chat, message, "null"));
    CHECK_FALSE(validate_private(key, {}, {}, "null"));
  }
  CHECK(validate_private("setting.theme", {}, {}, "\"dark\""));
  CHECK_FALSE(validate_private("setting.theme", chat, {}, "1"));
  for (const char* key : {"", "setting.", "setting", "Star", "setting.a b", "setting.é"}) {
    CHECK(validate_private(key, {}, {}, "1").error().code == Code::kInvalidContent);
  }
  CHECK_FALSE(validate_private("setting.a", {}, {}, "{"));
  CHECK_FALSE(validate_private("setting.a", {}, {}, ""));
  CHECK(refusal(R"({"type":"set","tempId":"t","key":"star","chatId":"7","value":true})") ==
        Code::kInvalidContent);
}

TEST_CASE("[WI35] names, user names and reactions follow their rules") {
  for (const char* name : {"A", "ქართული", "  a ", "👋"}) CHECK(validate_name(name));
  for (const char* name : {"", "  ", "a\nb", "a\x7F", "a\u0085", "\xFF"})
    CHECK_FALSE(validate_name(name));
  for (const char* name : {"ana", "A.b-c_9", "0ab"}) CHECK(validate_username(name));
  for (const char* name : {"", "ab", ".ab", "-ab", "a b", "ანა", "a@b", "ana\n"})
    CHECK_FALSE(validate_username(name));
  CHECK(fold_username("AnA_Z9") == "ana_z9");
  CHECK(fold_username("Éa") == "Éa");
  for (const char* emoji : {"👍", "👩‍👩‍👧‍👦", "🏳️‍🌈", "ok"})
    CHECK(validate_emoji(emoji));
  for (const char* emoji : {"", " ", "a b", "\u200D", "a\u00A0", "a\n", "\xF0\x9F"})
    CHECK_FALSE(validate_emoji(emoji));
}

TEST_CASE("[WI36] a sync answer with a hole, another chat or disorder is refused") {
  auto message = [](int chat, int seq) {
    std::string n = std::to_string(seq);
    return R"("messageId":")" + n + R"(","chatId":")" + std::to_string(chat) + R"(","seq":)" + n +
           R"(,"rev":)" + n +
           R"(,"senderId":"5","timestamp":"2026-11-21T09:26:33.123Z","content":{"type":"text","text":"a"})";
  };
  auto events = [&](int from, int to, std::vector<std::pair<int, int>> held) {
    std::string list;
    for (auto [chat, seq] : held)
      list += (list.empty() ? "" : ",") + (R"({"type":"message",)" + message(chat, seq)) + "}";
    return server_refusal(R"({"type":"sync_response","requestId":"r","chatId":"7","from":)" +
                          std::to_string(from) + R"(,"to":)" + std::to_string(to) +
                          R"(,"events":[)" + list + R"(],"receipts":{}})");
  };
  CHECK(events(3, 5, {{7, 4}, {7, 5}}) == Code::kOk);
  CHECK(events(3, 5, {{7, 4}}) == Code::kBadFrame);
  CHECK(events(3, 5, {{7, 5}}) == Code::kBadFrame);
  CHECK(events(3, 5, {{7, 5}, {7, 4}}) == Code::kBadFrame);
  CHECK(events(3, 5, {{7, 4}, {8, 5}}) == Code::kBadFrame);
  CHECK(events(5, 3, {}) == Code::kBadFrame);
  auto page = [&](std::vector<int> seqs) {
    std::string list;
    for (int seq : seqs) list += (list.empty() ? "{" : ",{") + message(7, seq) + "}";
    return decode_page(R"({"messages":[)" + list +
                       R"(],"from":2,"to":4,"hasBefore":true,"asOf":9})")
        .is_ok();
  };
  CHECK(page({2, 4}));
  CHECK(page({}));
  CHECK_FALSE(page({4, 2}));
  CHECK_FALSE(page({2, 2}));
  CHECK_FALSE(page({1}));
  CHECK_FALSE(page({5}));
}

TEST_CASE("[WI28] a message that contradicts itself is refused") {
  auto with = [](const std::string& tail) {
    return decode_message(
               R"({"messageId":"8","chatId":"7","senderId":"5","timestamp":"2026-11-21T09:26:33.123Z",)" +
               tail + "}")
        .is_ok();
  };
  std::string content = R"("content":{"type":"text","text":"a"})";
  CHECK(with(R"("seq":2,"rev":2,)" + content));
  CHECK_FALSE(with(R"("seq":0,"rev":0,)" + content));
  CHECK_FALSE(with(R"("seq":2,"rev":1,)" + content));
  CHECK_FALSE(with(R"("seq":2,"rev":2)"));
  CHECK_FALSE(with(R"("seq":2,"rev":2,"deleted":true,)" + content));
  CHECK_FALSE(with(R"("seq":2,"rev":2,"reactions":{"a":[]},)" + content));
  CHECK_FALSE(with(R"("seq":2,"rev":2,"reactions":{"a":[5]},)" + content));
  CHECK_FALSE(with(R"("seq":2,"rev":2,"reactions":{" ":["5"]},)" + content));
}

TEST_CASE("[WI32] each code has one name, a status, and is retryable or not") {
  std::set<std::string_view> names;
  for (int i = 1; i <= static_cast<int>(Code::kUnavailable); ++i) {
    Code code = static_cast<Code>(i);
    CHECK(parse_code(code_name(code)) == code);
    CHECK(names.insert(code_name(code)).second);
    CHECK(http_status(code) >= 400);
    CHECK(is_retryable(code) == (code == Code::kRateLimited || code == Code::kUnavailable));
  }
  CHECK_FALSE(parse_code("teapot"));
  auto unknown = [](const char* retryable) {
    auto frame = decode_server_frame(
        std::string(R"({"type":"error","code":"teapot","message":"","retryable":)") + retryable +
        "}");
    return std::get<ErrorFrame>(*frame).code;
  };
  CHECK(unknown("true") == Code::kUnavailable);
  CHECK(unknown("false") == Code::kUnsupported);
}

TEST_CASE("[WI32] a hello of another protocol version is read, to be told so") {
  auto hello = decode_client_frame(R"({"type":"hello","protocol":2,"device":"named otherwise"})");
  REQUIRE(hello.frame);
  CHECK(std::get<Hello>(*hello.frame).protocol == 2);
  CHECK(refusal(R"({"type":"hello","protocol":"1","deviceId":"d","coreVersion":"1"})") ==
        Code::kBadFrame);
}

}  // namespace
}  // namespace godwit
