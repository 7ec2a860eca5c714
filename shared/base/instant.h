// Time. An Instant is a reading of the host's own steady clock and means nothing elsewhere; a
// Timestamp is the server's wall clock and travels as ISO 8601 UTC with milliseconds.
// Nothing in shared/ reads a clock: every instant comes in from the host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit {

struct Instant {
  std::int64_t ms = 0;
  friend bool operator==(Instant, Instant) = default;
  friend auto operator<=>(Instant, Instant) = default;
  Instant plus_ms(std::int64_t delta_ms) const { return Instant{ms + delta_ms}; }
};

// Milliseconds since 1970-01-01T00:00:00Z; valid from year 1970 to 9999.
struct Timestamp {
  std::int64_t unix_ms = 0;
  friend bool operator==(Timestamp, Timestamp) = default;
  friend auto operator<=>(Timestamp, Timestamp) = default;
};

// "2026-11-21T09:26:33.123Z". Requires 0 <= unix_ms <= 253402300799999.
std::string format_timestamp(Timestamp time);
// The same, written to `at`, where there is room for all of it. Returns its end.
inline constexpr std::size_t kTimestampBytes = 24;
char* put_timestamp(char* at, Timestamp time);

// Accepts exactly the form that format_timestamp writes; anything else gives nullopt.
std::optional<Timestamp> parse_timestamp(std::string_view text);

}  // namespace godwit
