// Inputs of the C ABI (ABI.md, "Inputs") as events of the core. Layouts and names only: what an
// event means, and whether its content is acceptable, is the core's.
#pragma once

#include <cstdint>
#include <string_view>

#include "shared/base/result.h"
#include "shared/client/events.h"

namespace godwit::abi {

enum class InputKind : std::uint8_t {
  kCommand = 1,
  kFrame = 2,
  kHttpResponse = 3,
  kBatchDone = 4,
  kDeadline = 5,
  kSocketOpen = 6,
  kSocketClosed = 7,
  kNetwork = 8,
  kStorageUnavailable = 9,
};

// kBadFrame for an unknown kind, an input that is too short, or a command that is malformed;
// kUnsupported for an unknown command.
Result<Event> decode_input(std::uint32_t kind, std::string_view bytes);

}  // namespace godwit::abi
