// The error codes and close codes of the wire, and what a client does on each.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "shared/base/result.h"

namespace godwit {

// "bad_frame", "unauthenticated" …; kOk gives "ok".
std::string_view code_name(Code code);
std::optional<Code> parse_code(std::string_view name);

// True for rate_limited and unavailable: the same operation may be accepted later.
bool is_retryable(Code code);

// The HTTP status that a REST answer with this code has (RFC 9110).
int http_status(Code code);

// WebSocket close codes (RFC 6455, 7.4; 4000-4999 private).
enum class CloseCode : std::uint16_t {
  kNormal = 1000,
  kGoingAway = 1001,
  kBinary = 1003,
  kInvalidUtf8 = 1007,
  kTooLarge = 1009,
  kRestart = 1012,
  kNoSession = 4001,
  kTooSlow = 4008,
  kProtocolVersion = 4009,
  kFlooding = 4029,
};

}  // namespace godwit
