// Exponential back-off with jitter: 1 s, 2 s, 4 s … at most 30 s, each times 0.5 to 1.0, for ever.
#pragma once

#include <algorithm>
#include <cstdint>

#include "shared/base/limits.h"
#include "shared/base/prng.h"

namespace godwit {

class Backoff {
 public:
  // The wait before the next attempt, ms; at least `floor_ms` (what the other end asked for).
  std::int64_t next_ms(Prng& prng, std::int64_t floor_ms = 0) {
    std::int64_t whole = limits::kBackoffMinMs << std::min(attempts_, 5);
    whole = std::min(whole, limits::kBackoffMaxMs);
    ++attempts_;
    auto half = static_cast<std::uint64_t>(whole / 2);
    std::int64_t wait = static_cast<std::int64_t>(half + prng.below(half + 1));
    return std::max(wait, std::min(floor_ms, limits::kBackoffMaxMs * 10));
  }
  void succeeded() { attempts_ = 0; }
  int attempts() const { return attempts_; }

 private:
  int attempts_ = 0;
};

}  // namespace godwit
