// A running 64-bit hash over a sequence of values: equal sequences give equal digests on every
// build. The caller fixes the order and writes a count before what repeats. Texts enter whole
// (names that programs gave) or by their length alone (what people wrote). Not against an
// adversary.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "shared/base/hash.h"
#include "shared/base/ids.h"
#include "shared/base/instant.h"

namespace godwit {

class Digest {
 public:
  Digest& number(std::uint64_t value) {
    value_ = mix64(value_ ^ value) + 0x9E3779B97F4A7C15ULL;
    return *this;
  }
  Digest& flag(bool value) { return number(value ? 1 : 0); }
  template <typename Tag>
  Digest& id(Id<Tag> id) {
    return number(id.value);
  }
  template <typename Tag>
  Digest& position(Position<Tag> position) {
    return number(position.value);
  }
  Digest& time(Instant at) { return number(static_cast<std::uint64_t>(at.ms)); }
  Digest& time(Timestamp at) { return number(static_cast<std::uint64_t>(at.unix_ms)); }
  template <typename Time>
  Digest& time(const std::optional<Time>& at) {
    flag(at.has_value());
    return at ? time(*at) : *this;
  }

  // Every byte counts: ids, codes, keys.
  Digest& name(std::string_view text) { return number(text.size()).number(fnv1a64(text)); }
  // Only its length counts: what a person wrote.
  Digest& length(std::string_view text) { return number(text.size()); }

  std::uint64_t value() const { return mix64(value_); }

 private:
  std::uint64_t value_ = 0;
};

}  // namespace godwit
