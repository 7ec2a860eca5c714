// The frames to and from JSON trees: what codec.cpp puts together. One file reads and writes each
// direction; the sync frames, which have a shape of their own, stand apart.
#pragma once

#include <string_view>

#include "shared/base/result.h"
#include "shared/protocol/frames.h"
#include "shared/protocol/json_fields.h"
#include "shared/protocol/json_value.h"
#include "shared/protocol/json_writer.h"

namespace godwit::json {

// Reads the fields of a frame of this `type`. kUnsupported for a type that does not exist.
Result<ClientFrame> read_client_frame(std::string_view type, Value& frame);
Result<ServerFrame> read_server_frame(std::string_view type, Value& frame);

// A whole event frame, its `type` included.
Result<ChatEvent> read_event(Value& frame);
void write_event(Writer& out, const ChatEvent& event);

// `in_body` reads the body of POST /sync: requestId is optional, `epoch` is read.
Result<SyncRequest> read_sync_request(Value& frame, bool in_body);
void write_sync_request_fields(Writer& out, const SyncRequest& request);
Result<SyncResponse> read_sync_response(Value& frame);
void write_sync_response(Writer& out, const SyncResponse& response);

}  // namespace godwit::json
