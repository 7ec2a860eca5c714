// Every limit of the wire, at it and over it.
#include <catch2/catch.hpp>

#include "shared/protocol/codec.h"
#include "shared/protocol/validate.h"

namespace godwit {
namespace {

Code refusal(const std::string& text) {
  DecodedClientFrame decoded = decode_client_frame(text);
  return decoded.frame ? Code::kOk : decoded.refusal.error.code;
}

std::string letters(std::size_t count) { return std::string(count, 'a'); }

std::string send_text(const std::string& text) {
  return encode(
      ClientFrame(SendMessage{"t", ChatId{7}, Content{ContentType::kText, text, {}}, {}, {}}));
}

TEST_CASE("[WI37] a text has at most 16 KiB of bytes, not of characters") {
  CHECK(refusal(send_text(letters(limits::kTextBytesMax))) == Code::kOk);
  CHECK(refusal(send_text(letters(limits::kTextBytesMax + 1))) == Code::kTooLarge);
  std::string georgian;
  while (georgian.size() + 3 <= limits::kTextBytesMax) georgian += "ა";
  CHECK(refusal(send_text(georgian)) == Code::kOk);
  CHECK(refusal(send_text(georgian + "ა")) == Code::kTooLarge);
  CHECK(validate_text(letters(limits::kTextBytesMax)));
  CHECK_FALSE(validate_text(letters(limits::kTextBytesMax + 1)));
}

TEST_CASE("[WI37] a client's frame has at most 64 KiB") {
  std::string frame = R"({"type":"ping","pad":")";
  std::string fits = frame + letters(limits::kClientFrameBytesMax - frame.size() - 2) + "\"}";
  CHECK(fits.size() == limits::kClientFrameBytesMax);
  CHECK(refusal(fits) == Code::kOk);
  CHECK(refusal(fits + " ") == Code::kTooLarge);
}

TEST_CASE("[WI37] a text of nothing but escapes fits a client's frame") {
  std::string text = "a";
  while (text.size() < limits::kTextBytesMax) text += '"';
  std::string frame = send_text(text);
  CHECK(frame.size() < limits::kClientFrameBytesMax);
  CHECK(refusal(frame) == Code::kOk);
}

TEST_CASE("[WI37] short strings hold their limits") {
  struct Row {
    const char* before;
    const char* after;
    std::size_t bytes_max;
    Code over;
  };
  const Row rows[] = {
      {R"({"type":"hello","protocol":1,"coreVersion":"1","deviceId":")", "\"}",
       limits::kDeviceIdBytesMax, Code::kTooLarge},
      {R"({"type":"hello","protocol":1,"deviceId":"d","coreVersion":")", "\"}",
       limits::kVersionBytesMax, Code::kTooLarge},
      {R"({"type":"hello","protocol":1,"deviceId":"d","coreVersion":"1","epoch":")", "\"}",
       limits::kEpochBytesMax, Code::kTooLarge},
      {R"({"type":"ping","nonce":")", "\"}", limits::kNonceBytesMax, Code::kTooLarge},
      {R"({"type":"sync_request","chats":{},"requestId":")", "\"}", limits::kRequestIdBytesMax,
       Code::kTooLarge},
      {R"({"type":"delete","chatId":"7","messageId":"8","tempId":")", "\"}",
       limits::kTempIdBytesMax, Code::kBadFrame},
      {R"({"type":"reaction","tempId":"t","chatId":"7","messageId":"8","action":"add","emoji":")",
       "\"}", limits::kEmojiBytesMax, Code::kTooLarge},
      {R"({"type":"set","tempId":"t","value":1,"key":"setting.)", "\"}", limits::kKeyBytesMax - 8,
       Code::kTooLarge},
      {R"({"type":"set","tempId":"t","key":"setting.a","value":")", "\"}",
       limits::kValueBytesMax - 2, Code::kTooLarge},
      {R"({"type":"message","tempId":"t","chatId":"7","content":{"type":"text","text":"a"},"forwardedFrom":{"messageId":"1","chatId":"2","senderName":")",
       "\"}}", limits::kNameBytesMax, Code::kTooLarge},
  };
  for (const Row& row : rows) {
    INFO(row.before);
    CHECK(refusal(row.before + letters(row.bytes_max) + row.after) == Code::kOk);
    CHECK(refusal(row.before + letters(row.bytes_max + 1) + row.after) == row.over);
  }
}

TEST_CASE("[WI37] encrypted content has at most 48 KiB") {
  std::string before = R"({"type":"encrypted","alg":"a","ciphertext":")";
  auto frame = [&](std::size_t bytes) {
    return R"({"type":"message","tempId":"t","chatId":"7","content":)" + before +
           letters(bytes - before.size() - 2) + "\"}}";
  };
  CHECK(refusal(frame(limits::kEncryptedBytesMax)) == Code::kOk);
  CHECK(refusal(frame(limits::kEncryptedBytesMax + 1)) == Code::kTooLarge);
}

TEST_CASE("[WI38] values that pass through unread nest at most 8 deep") {
  auto nest = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  auto set = [&](int depth) {
    return refusal(R"({"type":"set","tempId":"t","key":"setting.a","value":)" + nest(depth) + "}");
  };
  CHECK(set(limits::kOpaqueDepthMax) == Code::kOk);
  CHECK(set(limits::kOpaqueDepthMax + 1) == Code::kInvalidContent);
  CHECK(set(limits::kJsonDepthMax) == Code::kBadFrame);
  auto encrypted = [&](int depth) {
    return R"({"type":"encrypted","alg":"a","ciphertext":"b","x":)" + nest(depth - 1) + "}";
  };
  CHECK(decode_content(encrypted(limits::kOpaqueDepthMax)));
  CHECK_FALSE(decode_content(encrypted(limits::kOpaqueDepthMax + 1)));
}

TEST_CASE("[WI38] the deepest value fits the deepest answer") {
  Content content{ContentType::kEncrypted,
                  {},
                  R"({"type":"encrypted","alg":"a","ciphertext":"b","x":[[[[[[[]]]]]]]})"};
  Message message;
  message.message_id = MessageId{1};
  message.chat_id = ChatId{7};
  message.seq = message.rev = Seq{1};
  message.sender_id = UserId{5};
  message.content = content;
  SyncBlock block{ChatId{7}, 0, Page{{message}, Seq{1}, Seq{1}, false, false, Seq{1}}};
  ChatEvent event;
  event.kind = EventKind::kPin;
  event.chat_id = ChatId{7};
  event.seq = Seq{1};
  event.actor_id = UserId{5};
  event.message = message;
  SyncEvents events{ChatId{7}, Seq{0}, Seq{1}, {event}, {}};
  PrivateItem item{UserSeq{1}, "setting.a", {}, {}, "[[[[[[[[]]]]]]]]"};
  SyncAnswer answer{"e",
                    {},
                    {SyncResponse{"r", block, false}, SyncResponse{"r", events, false},
                     SyncResponse{"r", SyncUser{UserSeq{0}, UserSeq{1}, {item}}, true}}};
  Result<SyncAnswer> decoded = decode_sync_answer(encode_sync_answer(answer));
  REQUIRE(decoded);
  CHECK(decoded->responses == answer.responses);
}

TEST_CASE("[WI37] a sync request names at most 2000 chats") {
  auto request = [](std::size_t chats) {
    std::string list;
    for (std::size_t i = 1; i <= chats; ++i)
      list += (i == 1 ? "\"" : ",\"") + std::to_string(i) + "\":0";
    return R"({"type":"sync_request","requestId":"r","chats":{)" + list + "}}";
  };
  CHECK(refusal(request(limits::kSyncChatsMax)) == Code::kOk);
  CHECK(refusal(request(limits::kSyncChatsMax + 1)) == Code::kTooLarge);
}

TEST_CASE("[WI37] a chat's settings have at most 4 KiB, a name 256 bytes, a user name 32") {
  auto chat = [](const std::string& fields) {
    return decode_chat_state(
               R"({"chatId":"7","type":"group","rev":1,"members":[],"unread":0,"receipts":{},"head":1,"createdAt":"2026-11-21T09:26:33.123Z",)" +
               fields + "}")
        .is_ok();
  };
  CHECK(chat(R"("settings":{"a":")" + letters(limits::kSettingsBytesMax - 8) + "\"}"));
  CHECK_FALSE(chat(R"("settings":{"a":")" + letters(limits::kSettingsBytesMax - 7) + "\"}"));
  CHECK(chat(R"("name":")" + letters(limits::kNameBytesMax) + "\""));
  CHECK_FALSE(chat(R"("name":")" + letters(limits::kNameBytesMax + 1) + "\""));
  CHECK(validate_name(letters(limits::kNameBytesMax)));
  CHECK_FALSE(validate_name(letters(limits::kNameBytesMax + 1)));
  CHECK(validate_username(letters(32)));
  CHECK_FALSE(validate_username(letters(33)));
}

}  // namespace
}  // namespace godwit
