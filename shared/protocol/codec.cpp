#include "shared/protocol/codec.h"

#include "shared/base/limits.h"
#include "shared/protocol/frames_json.h"
#include "shared/protocol/message_scanner.h"
#include "shared/protocol/types_json.h"
#include "shared/protocol/validate.h"

namespace godwit {
namespace {

// Reads a string field of an object where it is there and fit to be sent back; else "".
std::string readable(const json::Value& object, std::string_view name, std::size_t bytes_max) {
  const json::Value* value = json::find(object, name);
  bool good =
      value != nullptr && value->kind == json::Kind::kString && value->text.size() <= bytes_max;
  return good ? value->text : std::string();
}

DecodedClientFrame refused(Error error) {
  DecodedClientFrame decoded;
  decoded.refusal.error = std::move(error);
  return decoded;
}

// Reads the whole text as one value with the given reader.
template <typename T>
Result<T> decode_with(std::string_view text, Result<T> (*read)(json::Value&)) {
  Result<json::Value> value = json::parse(text, limits::kJsonDepthMax);
  if (!value) return value.error();
  return read(*value);
}

template <typename Write>
std::string encode_object(Write write) {
  json::Writer out(512);
  out.open('{');
  write(out);
  out.close('}');
  return out.take();
}

}  // namespace

DecodedClientFrame decode_client_frame(std::string_view text) {
  if (text.size() > limits::kClientFrameBytesMax) {
    return refused(Error{Code::kTooLarge, "frame is over 64 KiB"});
  }
  Result<json::Value> value = json::parse(text, limits::kJsonDepthMax);
  if (!value) return refused(value.error());
  if (value->kind != json::Kind::kObject) return refused(Error{Code::kBadFrame, "not an object"});
  // Kept before the fields are moved out: a refusal names the operation that it refuses.
  DecodedClientFrame decoded;
  decoded.refusal.temp_id = readable(*value, "tempId", limits::kTempIdBytesMax);
  if (!validate_temp_id(decoded.refusal.temp_id)) decoded.refusal.temp_id.clear();
  decoded.refusal.request_id = readable(*value, "requestId", limits::kRequestIdBytesMax);
  const json::Value* type = json::find(*value, "type");
  if (type == nullptr || type->kind != json::Kind::kString) {
    decoded.refusal.error = Error{Code::kBadFrame, "type is missing"};
    return decoded;
  }
  Result<ClientFrame> frame = json::read_client_frame(type->text, *value);
  if (!frame) {
    decoded.refusal.error = frame.error();
    return decoded;
  }
  decoded.refusal = FrameError{Error{Code::kOk, {}}, {}, {}};
  decoded.frame = std::move(frame).value();
  return decoded;
}

Result<ServerFrame> decode_server_frame(std::string_view text) {
  Result<json::Value> value = json::parse(text, limits::kJsonDepthMax);
  if (!value) return value.error();
  if (value->kind != json::Kind::kObject) return Error{Code::kBadFrame, "not an object"};
  const json::Value* type = json::find(*value, "type");
  if (type == nullptr || type->kind != json::Kind::kString) {
    return Error{Code::kBadFrame, "type is missing"};
  }
  return json::read_server_frame(type->text, *value);
}

std::string encode_message(const Message& message) {
  return encode_object([&](json::Writer& out) { json::write_message_fields(out, message); });
}

std::string encode_chat_state(const ChatState& chat) {
  json::Writer out(1024);
  json::write_chat_state(out, chat);
  return out.take();
}

std::string encode_page(const Page& page) {
  json::Writer out(256 + 384 * page.messages.size());
  json::write_page(out, page);
  return out.take();
}

std::string encode_private_item(const PrivateItem& item) {
  return encode_object([&](json::Writer& out) { json::write_private_item_fields(out, item); });
}

std::string encode_content(const Content& content) {
  json::Writer out;
  json::write_content(out, content);
  return out.take();
}

std::string encode_event(const ChatEvent& event) {
  json::Writer out(512);
  json::write_event(out, event);
  return out.take();
}

Result<Message> decode_message(std::string_view text) {
  return decode_with<Message>(text, json::read_message);
}
Result<ChatState> decode_chat_state(std::string_view text) {
  return decode_with<ChatState>(text, json::read_chat_state);
}
Result<Page> decode_page(std::string_view text) { return decode_with<Page>(text, json::read_page); }
Result<PrivateItem> decode_private_item(std::string_view text) {
  return decode_with<PrivateItem>(text, json::read_private_item);
}
Result<Content> decode_content(std::string_view text) {
  return decode_with<Content>(text, json::read_content);
}
Result<ChatEvent> decode_event(std::string_view text) {
  ChatEvent event;
  if (scan_message_frame(text, event)) return event;
  return decode_with<ChatEvent>(text, json::read_event);
}

Result<SyncRequest> decode_sync_body(std::string_view text) {
  Result<json::Value> value = json::parse(text, limits::kJsonDepthMax);
  if (!value) return value.error();
  return json::read_sync_request(*value, true);
}

std::string encode_sync_body(const SyncRequest& request) {
  return encode_object([&](json::Writer& out) {
    json::write_sync_request_fields(out, request);
    out.optional_field("epoch", request.epoch);
  });
}

std::string encode_sync_answer(const SyncAnswer& answer) {
  return encode_object([&](json::Writer& out) {
    out.field("epoch", answer.epoch).time("serverTime", answer.server_time);
    out.key("responses").open('[');
    for (const SyncResponse& response : answer.responses) json::write_sync_response(out, response);
    out.close(']').flag("done", true);
  });
}

Result<SyncAnswer> decode_sync_answer(std::string_view text) {
  Result<json::Value> value = json::parse(text, limits::kJsonDepthMax);
  if (!value) return value.error();
  json::Fields fields(*value, "answer");
  SyncAnswer answer;
  answer.epoch = fields.string("epoch", limits::kEpochBytesMax);
  answer.server_time = fields.time("serverTime");
  json::Value* responses = fields.array("responses");
  if (!fields.boolean("done")) fields.refuse(Code::kBadFrame, "answer.done is not true");
  if (!fields.is_ok()) return fields.status().error();
  for (json::Child& child : responses->children) {
    Result<SyncResponse> response = json::read_sync_response(child.value);
    if (!response) return response.error();
    answer.responses.push_back(std::move(response).value());
  }
  return answer;
}

}  // namespace godwit
