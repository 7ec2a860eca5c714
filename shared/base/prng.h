// A small seeded generator (SplitMix64). The only randomness of the core; its seed is part of the
// configuration, so that a run repeats. Never for secrets.
#pragma once

#include <cstdint>

#include "shared/base/hash.h"

namespace godwit {

class Prng {
 public:
  explicit Prng(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t value = mix64(state_);
    state_ += 0x9E3779B97F4A7C15ULL;
    return value;
  }
  // Uniform enough for jitter and simulation: [0, bound). Requires bound > 0.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  // True with probability `percent` in 100.
  bool chance(unsigned percent) { return below(100) < percent; }

 private:
  std::uint64_t state_;
};

}  // namespace godwit
