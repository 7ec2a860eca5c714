// A conformance vector (README.md): events with a clock, and what the core must answer to each.
// Read, run, and written again with what the core answers now. Pure: bytes in, text out, so that
// the same code runs natively, in Node and in a browser.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace godwit::conformance {

struct Outcome {
  enum class Kind { kHeld, kDiffers, kMalformed };
  Kind kind = Kind::kMalformed;
  std::string title;  // with its rules, as in "[OB1] …"; empty where it is malformed
  // kDiffers: the first step that differs, what was expected and what came. kMalformed: the place
  // (line and column, or a JSON pointer) and what is wrong there.
  std::string detail;
  std::string hashes;   // of every step, one a line: to compare runs
  std::string written;  // kHeld, kDiffers: the vector with what the core answers now
  std::string trace;    // of its events, as a host would record and save them (shared/trace)
};

// At most kVectorBytesMax; a longer one is malformed. Never throws.
Outcome run_vector(std::string_view text);

inline constexpr std::size_t kVectorBytesMax = 4 * 1024 * 1024;

}  // namespace godwit::conformance
