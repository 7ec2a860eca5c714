// Events, effects and stored files as the JSON of conformance vectors (README.md): readable, and
// such that equal JSON means equal bytes.
#pragma once

#include <string>

#include "shared/base/result.h"
#include "shared/client/events.h"
#include "shared/protocol/json_value.h"

namespace godwit::conformance {

// The event that a vector's `event` stands for. An error's detail begins with the place of the
// fault as a JSON pointer from `event` ("/files/0/name: …").
Result<Event> event_of(const json::Value& event);

// Compact JSON. What is JSON itself stands in it as such where writing it again gives the same
// bytes, else as a string; a journal file as its records where they give the same bytes, else as
// hexadecimal digits.
std::string effect_json(const Effect& effect);

}  // namespace godwit::conformance
