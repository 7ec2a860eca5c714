// An event of the core as bytes and back: one byte for its kind, then its fields, little-endian,
// texts by their length. What the wire has a form for (operations, a chat's state) stands in it as
// JSON.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/client/events.h"

namespace godwit {

void append_event(std::string& out, const Event& event);

// Takes exactly `bytes`, which begin at `at` in their file. The error is a trace_fault().
Result<Event> read_event_bytes(std::string_view bytes, std::size_t at);

// An error whose detail is "byte <byte>: <what>".
Error trace_fault(std::size_t byte, const std::string& what);

}  // namespace godwit
