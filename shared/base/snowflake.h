// Allots Snowflake ids: 41 bits of ms since 2024-01-01T00:00:00Z, 10 of node, 12 of sequence.
// Strictly increasing per generator, even when the clock stands still or goes back (it then goes on
// counting from the last id, borrowing from the future).
#pragma once

#include <cstdint>

#include "shared/base/instant.h"

namespace godwit {

inline constexpr std::int64_t kSnowflakeEpochUnixMs = 1'704'067'200'000;

class Snowflake {
 public:
  // Requires node < 1024. `last` is the highest id already allotted by this node, 0 for none.
  explicit Snowflake(std::uint32_t node, std::uint64_t last = 0) : node_(node & 0x3FFu) {
    if (last != 0) last_tick_ = ((last >> 22) << 12) | (last & 0xFFFu);
  }

  std::uint64_t next(Timestamp now) {
    std::int64_t ms = now.unix_ms - kSnowflakeEpochUnixMs;
    std::uint64_t tick = static_cast<std::uint64_t>(ms < 0 ? 0 : ms) << 12;
    last_tick_ = tick > last_tick_ ? tick : last_tick_ + 1;
    return ((last_tick_ >> 12) << 22) | (std::uint64_t{node_} << 12) | (last_tick_ & 0xFFFu);
  }

 private:
  std::uint32_t node_;
  std::uint64_t last_tick_ = 0;  // ms << 12 | sequence
};

}  // namespace godwit
