// Random but valid frames, from a seed: for round trips, and as the ground that mutations start
// from.
#pragma once

#include <cstddef>

#include "shared/base/prng.h"
#include "shared/protocol/frames.h"

namespace godwit::testing {

// An index below `bound`. Requires bound > 0.
inline std::size_t index_below(Prng& prng, std::size_t bound) {
  return static_cast<std::size_t>(prng.below(bound));
}

ClientFrame random_client_frame(Prng& prng);
ServerFrame random_server_frame(Prng& prng);

}  // namespace godwit::testing
