// How a death in the middle of a write leaves that write.
#pragma once

#include <cstdint>

namespace godwit::sim {

enum class Death : std::uint8_t { kBefore, kTorn, kAfter };

}  // namespace godwit::sim
