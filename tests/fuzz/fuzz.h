// What the fuzz targets share: how a broken rule is reported, and how an input is taken apart.
//
// A target is one function of bytes. Every input must leave it in peace: FUZZ_REQUIRE says what
// must hold, and names the rule of docs/sync-spec.md in its text. A failure prints that text and
// aborts, so that libFuzzer keeps the input; it then belongs into corpus/<target>, for good.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "shared/base/mutation.h"

namespace godwit::fuzz {

[[noreturn]] inline void failed(const char* rule, const char* expression) {
  std::fprintf(stderr, "FUZZ_REQUIRE failed: %s\n  %s\n", rule, expression);
  std::abort();
}

// Takes an input apart from its front. What is asked for beyond its end is zero or empty, so every
// input means something and a cut one means nearly the same.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  // Requires bound > 0. [0, bound)
  std::uint32_t below(std::uint32_t bound) {
    std::uint32_t value = byte();
    if (bound > 256) value = (value << 8) | byte();
    return value % bound;
  }
  bool flag() { return (byte() & 1) != 0; }
  std::string_view bytes(std::size_t size) {
    std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest() { return bytes(rest_.size()); }

 private:
  std::string_view rest_;
};

// GODWIT_BREAK names a deliberate mistake (shared/base/mutation.h) to make: a target that is worth
// running must find it.
inline void take_mutation_from_environment() {
#ifdef GODWIT_MUTATIONS
  const char* name = std::getenv("GODWIT_BREAK");
  if (name == nullptr) return;
  auto mutation = mutation_named(name);
  if (!mutation) failed("GODWIT_BREAK names no mutation", name);
  active_mutation = *mutation;
#endif
}

}  // namespace godwit::fuzz

#define FUZZ_REQUIRE(rule, expression) \
  (static_cast<bool>(expression) ? void(0) : ::godwit::fuzz::failed(rule, #expression))
