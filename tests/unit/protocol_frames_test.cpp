// Every frame in its canonical bytes: each line must read, and be written as it stands.
#include <catch2/catch.hpp>
#include <fstream>

#include "shared/protocol/codec.h"
#include "shared/protocol/codes.h"

namespace godwit {
namespace {

const char* const kClientFrames[] = {
    R"({"type":"hello","protocol":1,"deviceId":"d1","coreVersion":"0.1.0"})",
    R"({"type":"hello","protocol":1,"deviceId":"d1","coreVersion":"0.1.0","epoch":"e"})",
    R"({"type":"message","tempId":"t1","chatId":"7","content":{"type":"text","text":"გამარჯობა 👋"}})",
    R"({"type":"message","tempId":"t1","chatId":"7","content":{"type":"text","text":" \" \\ / \n\u001f "},"replyTo":"9","forwardedFrom":{"messageId":"3","chatId":"4","senderName":"Ana"}})",
    R"({"type":"message","tempId":"t1","chatId":"7","content":{"type":"encrypted","z":1,"alg":"x","ciphertext":"AA==","a":[1.50,{"k":null}]}})",
    R"({"type":"edit","tempId":"t1","chatId":"7","messageId":"8","content":{"type":"text","text":"b"}})",
    R"({"type":"delete","tempId":"t1","chatId":"7","messageId":"8"})",
    R"({"type":"reaction","tempId":"t1","chatId":"7","messageId":"8","emoji":"👩‍👩‍👧‍👦","action":"add"})",
    R"({"type":"reaction","tempId":"t1","chatId":"7","messageId":"8","emoji":"👍","action":"remove"})",
    R"({"type":"pin","tempId":"t1","chatId":"7","messageId":"8","pinned":true})",
    R"({"type":"pin","tempId":"t1","chatId":"7","messageId":"8","pinned":false})",
    R"({"type":"set","tempId":"t1","key":"star","chatId":"7","messageId":"8","value":true})",
    R"({"type":"set","tempId":"t1","key":"draft","chatId":"7","value":{"text":"half a th","at":1}})",
    R"({"type":"set","tempId":"t1","key":"setting.theme","value":null})",
    R"({"type":"delivered","chatId":"7","seq":9007199254740991})",
    R"({"type":"read","chatId":"7","seq":0})",
    R"({"type":"typing","chatId":"7","isTyping":true})",
    R"({"type":"presence","status":"away"})",
    R"({"type":"sync_request","requestId":"r","chats":{}})",
    R"({"type":"sync_request","requestId":"r","chats":{"5":0,"12":41},"rest":true,"user":3,"blocks":{"12":{"0":"18446744073709551615","1":"0"}}})",
    R"({"type":"ping"})",
    R"({"type":"ping","nonce":"n"})",
};

#define MESSAGE_41                                                                                                 \
  R"("messageId":"8","chatId":"7","seq":41,"rev":57,"senderId":"5","tempId":"t1",)"                                \
  R"("timestamp":"2026-11-21T09:26:33.123Z","content":{"type":"text","text":"გამარჯობა 👋"},)" \
  R"("replyTo":"6","forwardedFrom":{"messageId":"1","chatId":"2","senderName":"B"},)"                              \
  R"("editedAt":"2026-11-21T09:27:33.000Z","reactions":{"👍":["5","6"],"a":["6"]},"pinned":true)"
#define MESSAGE_42                                                     \
  R"({"messageId":"9","chatId":"7","seq":42,"rev":58,"senderId":"6",)" \
  R"("timestamp":"2026-11-21T09:26:34.000Z","deleted":true})"
#define SYSTEM_43                                                       \
  R"({"messageId":"10","chatId":"7","seq":43,"rev":43,"senderId":"6",)" \
  R"("timestamp":"2026-11-21T09:26:35.000Z","content":{"type":"system","kind":"renamed","name":"Club"}})"
#define HEAD_57 R"("chatId":"7","seq":57,"actorId":"6","timestamp":"2026-11-21T09:28:00.000Z")"
#define CHAT_STATE                                                                                          \
  R"({"chatId":"7","type":"group","name":"Club","settings":{"ttl":5},"rev":43,)"                            \
  R"("members":[{"userId":"5","role":"owner","rev":1,"joinedSeq":1,"username":"ana","displayName":"Ana"},)" \
  R"({"userId":"6","role":"member","rev":1,"joinedSeq":1}],"lastMessage":)" SYSTEM_43                       \
  R"(,"unread":2,"receipts":{"delivered":{"5":43,"6":40},"read":{"5":43}},"head":58,)"                      \
  R"("createdAt":"2026-11-21T09:00:00.000Z"})"
#define PAGE                                  \
  R"({"messages":[)" MESSAGE_42 "," SYSTEM_43 \
  R"(],"from":42,"to":58,"hasBefore":true,"hasAfter":false,"asOf":58})"

const char* const kServerFrames[] = {
    R"({"type":"welcome","userId":"5","sessionId":"6","epoch":"e","serverTime":"2026-11-21T09:26:33.123Z","heartbeatMs":25000,"limits":{"frameBytes":65536,"textBytes":16384},"protocol":1,"coreVersion":"0.1.0"})",
    R"({"type":"message_ack","tempId":"t","messageId":"8","chatId":"7","seq":41,"rev":41,"timestamp":"2026-11-21T09:26:33.123Z","status":"sent"})",
    R"({"type":"message_ack","tempId":"t","messageId":"8","chatId":"7","seq":41,"rev":50,"timestamp":"2026-11-21T09:26:33.123Z","status":"sent","duplicate":true})",
    R"({"type":"ack","tempId":"t","chatId":"7","seq":42,"rev":42})",
    R"({"type":"ack","tempId":"t","chatId":"7","rev":40,"duplicate":true})",
    R"({"type":"ack","tempId":"t","userSeq":3})",
    R"({"type":"error","code":"rate_limited","message":"slow down","tempId":"t","retryable":true,"retryAfterMs":1500})",
    R"({"type":"error","code":"bad_frame","message":"type is missing","retryable":false})",
    R"({"type":"error","code":"unavailable","message":"","requestId":"r","retryable":true})",
    R"({"type":"message",)" MESSAGE_41 "}",
    R"({"type":"edit",)" HEAD_57 R"(,"tempId":"t2","message":{)" MESSAGE_41 R"(}})",
    R"({"type":"delete",)" HEAD_57 R"(,"message":)" MESSAGE_42 "}",
    R"({"type":"pin","chatId":"7","seq":44,"actorId":"6","timestamp":"2026-11-21T09:28:00.000Z","message":{)" MESSAGE_41
    R"(}})",
    R"({"type":"reaction","chatId":"7","seq":44,"actorId":"6","timestamp":"2026-11-21T09:28:00.000Z","message":{)" MESSAGE_41
    R"(}})",
    R"({"type":"chat","chatId":"7","seq":43,"actorId":"6","timestamp":"2026-11-21T09:26:35.000Z","tempId":"t3","message":)" SYSTEM_43
    R"(,"chat":{"type":"group","name":"Club","settings":{"ttl":5},"rev":43},"members":[{"userId":"9","role":null,"rev":43,"joinedSeq":12}]})",
    R"({"type":"chat","chatId":"7","seq":43,"actorId":"6","timestamp":"2026-11-21T09:26:35.000Z","message":)" SYSTEM_43
    R"(,"chat":{"type":"direct","rev":1},"members":[]})",
    R"({"type":"user","userSeq":3,"key":"draft","chatId":"7","value":{"text":"x"},"tempId":"t"})",
    R"({"type":"user","userSeq":4,"key":"star","chatId":"7","messageId":"8","value":null})",
    R"({"type":"receipts","chatId":"7","delivered":{"5":41}})",
    R"({"type":"receipts","chatId":"7","delivered":{"5":41,"16":3},"read":{"5":40}})",
    R"({"type":"typing","chatId":"7","userId":"5","isTyping":false})",
    R"({"type":"presence","userId":"5","status":"online"})",
    R"({"type":"presence","userId":"5","status":"offline","lastSeen":"2026-11-21T09:26:33.123Z"})",
    R"({"type":"sync_response","requestId":"r","chatId":"7","from":42,"to":43,"events":[{"type":"chat","chatId":"7","seq":43,"actorId":"6","timestamp":"2026-11-21T09:26:35.000Z","message":)" SYSTEM_43
    R"(,"chat":{"type":"direct","rev":1},"members":[]}],"receipts":{"delivered":{"5":41},"read":{}}})",
    R"({"type":"sync_response","requestId":"r","chatId":"7","from":58,"to":58,"events":[],"receipts":{"delivered":{},"read":{}},"done":true})",
    R"({"type":"sync_response","requestId":"r","chatId":"7","reset":true,"chat":)" CHAT_STATE
    R"(,"page":)" PAGE R"(,"receipts":{"delivered":{"5":43,"6":40},"read":{"5":43}}})",
    R"({"type":"sync_response","requestId":"r","chatId":"7","chat":)" CHAT_STATE
    R"(,"receipts":{"delivered":{"5":43,"6":40},"read":{"5":43}}})",
    R"({"type":"sync_response","requestId":"r","chatId":"7","removed":true})",
    R"({"type":"sync_response","requestId":"r","user":{"from":1,"to":4,"items":[{"userSeq":4,"key":"mute","chatId":"7","value":true}]}})",
    R"({"type":"sync_response","requestId":"r","chatId":"7","block":0,"page":)" PAGE "}",
    R"({"type":"sync_response","requestId":"r","done":true})",
    R"({"type":"pong","serverTime":"2026-11-21T09:26:33.123Z"})",
    R"({"type":"pong","nonce":"n","serverTime":"2026-11-21T09:26:33.123Z"})",
};

TEST_CASE("[WI25] each client frame reads and is written as it was") {
  std::vector<bool> seen(std::variant_size_v<ClientFrame>);
  for (std::string_view text : kClientFrames) {
    INFO(text);
    DecodedClientFrame decoded = decode_client_frame(text);
    INFO(decoded.refusal.error.detail);
    REQUIRE(decoded.frame);
    CHECK(encode(*decoded.frame) == text);
    seen[decoded.frame->index()] = true;
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    INFO("alternative " << i);
    CHECK(seen[i]);
  }
}

TEST_CASE("[WI25] each server frame reads and is written as it was") {
  std::vector<bool> seen(std::variant_size_v<ServerFrame>);
  for (std::string_view text : kServerFrames) {
    INFO(text);
    Result<ServerFrame> frame = decode_server_frame(text);
    INFO((frame ? "" : frame.error().detail));
    REQUIRE(frame.is_ok());
    CHECK(encode(*frame) == text);
    seen[frame->index()] = true;
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    INFO("alternative " << i);
    CHECK(seen[i]);
  }
}

TEST_CASE("[WI25] fields mean what the protocol page says") {
  auto sent = decode_client_frame(kClientFrames[3]);
  const auto& send = std::get<SendMessage>(*sent.frame);
  CHECK(send.temp_id == "t1");
  CHECK(send.chat_id == ChatId{7});
  CHECK(send.content.text == " \" \\ / \n\x1F ");
  CHECK(send.reply_to == MessageId{9});
  CHECK(send.forwarded_from->sender_name == "Ana");

  auto event = std::get<ChatEvent>(*decode_server_frame(kServerFrames[9]));
  CHECK(event.kind == EventKind::kMessage);
  CHECK(event.seq == Seq{41});
  CHECK(event.actor_id == UserId{5});
  CHECK(event.temp_id == "t1");
  CHECK(event.message.rev == Seq{57});
  REQUIRE(event.message.reactions.size() == 2);
  CHECK(event.message.reactions[0].emoji == "👍");
  CHECK(event.message.reactions[0].users == std::vector<UserId>{UserId{5}, UserId{6}});
  CHECK(encode_event(event) == kServerFrames[9]);
}

TEST_CASE("[WI25] the pieces that REST and storage share read and are written alike") {
  std::string message = "{" MESSAGE_41 "}";
  CHECK(encode_message(*decode_message(message)) == message);
  CHECK(encode_message(*decode_message(MESSAGE_42)) == MESSAGE_42);
  CHECK(encode_chat_state(*decode_chat_state(CHAT_STATE)) == CHAT_STATE);
  CHECK(encode_page(*decode_page(PAGE)) == PAGE);
  std::string item = R"({"userSeq":4,"key":"setting.lang","value":"ka"})";
  CHECK(encode_private_item(*decode_private_item(item)) == item);
  for (std::string_view content :
       {R"({"type":"text","text":"x"})", R"({"type":"system","kind":"created","by":"5"})",
        R"({"type":"image","w":1})", R"({"type":"encrypted","alg":"a","ciphertext":""})"}) {
    CHECK(encode_content(*decode_content(content)) == content);
  }
  for (int i = 9; i < 16; ++i)
    CHECK(encode_event(*decode_event(kServerFrames[i])) == kServerFrames[i]);
}

TEST_CASE("[WI25] the body and the answer of POST /sync read and are written alike") {
  for (std::string_view body :
       {R"({"chats":{}})",
        R"({"requestId":"r","chats":{"7":3},"rest":true,"user":0,"epoch":"e"})"}) {
    CHECK(encode_sync_body(*decode_sync_body(body)) == body);
  }
  std::string answer = R"({"epoch":"e","serverTime":"2026-11-21T09:26:33.123Z","responses":[)"
                       R"({"type":"sync_response","chatId":"7","removed":true},)"
                       R"({"type":"sync_response","done":true}],"done":true})";
  CHECK(encode_sync_answer(*decode_sync_answer(answer)) == answer);
  CHECK_FALSE(decode_sync_answer(
      R"({"epoch":"e","serverTime":"2026-11-21T09:26:33.123Z","responses":[]})"));
  CHECK_FALSE(decode_sync_answer(R"({"responses":[],"done":true})"));
}

TEST_CASE("[WI22] every awkward line comes back byte for byte") {
  std::ifstream file(GODWIT_TEST_DATA "/scripts.txt", std::ios::binary);
  REQUIRE(file.good());
  int lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    INFO(line);
    SendMessage send{"t", ChatId{1}, Content{ContentType::kText, line, {}}, {}, {}};
    std::string text = encode(ClientFrame(send));
    DecodedClientFrame decoded = decode_client_frame(text);
    REQUIRE(decoded.frame);
    CHECK(std::get<SendMessage>(*decoded.frame).content.text == line);
  }
  CHECK(lines >= 30);
}

}  // namespace
}  // namespace godwit
