// Frames to and from JSON text: the wire, once, for both ends.
//
// Decoding validates everything that protocol.md demands of a frame by itself: UTF-8, JSON without
// duplicate keys and at most 16 deep, field types, lengths, ids, text rules (validate.h). Unknown
// fields are ignored. Failures: kBadFrame for what is not a well-formed frame, kUnsupported for an
// unknown `type`, kInvalidContent for a content that breaks the text rules, kTooLarge for a text or
// value over its limit. Decoding never throws and never aborts, whatever the bytes.
//
// Encoding is canonical: fields in the order of protocol.md, absent means none, no white space, and
// no \u escapes except for U+0000..U+001F where JSON has no shorter form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/protocol/frames.h"

namespace godwit {

// Why a client's frame was refused, with the tempId or requestId to answer with where the frame was
// readable enough to have one.
struct FrameError {
  Error error;
  std::string temp_id;
  std::string request_id;
};

// Exactly one of the two is set.
struct DecodedClientFrame {
  std::optional<ClientFrame> frame;
  FrameError refusal;
};

DecodedClientFrame decode_client_frame(std::string_view json);
Result<ServerFrame> decode_server_frame(std::string_view json);

std::string encode(const ClientFrame& frame);
std::string encode(const ServerFrame& frame);

// Pieces that REST, storage and views share. Each `decode_*` validates like the frames do.
std::string encode_message(const Message& message);
std::string encode_chat_state(const ChatState& chat);
std::string encode_page(const Page& page);  // without hasMore and nextCursor
std::string encode_private_item(const PrivateItem& item);
std::string encode_content(const Content& content);
std::string encode_event(const ChatEvent& event);  // == encode(ServerFrame{event})
Result<Message> decode_message(std::string_view json);
Result<ChatState> decode_chat_state(std::string_view json);
Result<Page> decode_page(std::string_view json);
Result<PrivateItem> decode_private_item(std::string_view json);
Result<Content> decode_content(std::string_view json);  // as a stored one: any type, system too
Result<ChatEvent> decode_event(std::string_view json);

// POST /sync: the body is a sync_request's fields (its requestId optional) with `epoch?`; the
// answer is {"epoch","serverTime","responses":[sync_response frames …],"done":true}.
Result<SyncRequest> decode_sync_body(std::string_view json);
std::string encode_sync_body(const SyncRequest& request);
struct SyncAnswer {
  std::string epoch;
  Timestamp server_time;
  std::vector<SyncResponse> responses;
};
std::string encode_sync_answer(const SyncAnswer& answer);
Result<SyncAnswer> decode_sync_answer(std::string_view json);

// Appends `text` (valid UTF-8) as a JSON string with its quotes, escaped as above.
void append_json_string(std::string& out, std::string_view text);

}  // namespace godwit
