// Strong ids and positions. A UserId is never a ChatId, and neither is an integer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit {

// A 63-bit Snowflake (41 bits of ms since 2024-01-01, 10 of node, 12 of sequence). 0 is "none".
// Travels as a decimal string (protocol.md, "Words").
template <typename Tag>
struct Id {
  std::uint64_t value = 0;
  explicit operator bool() const { return value != 0; }
  friend bool operator==(Id, Id) = default;
  friend auto operator<=>(Id, Id) = default;
  std::string str() const { return std::to_string(value); }
};

using UserId = Id<struct UserTag>;
using ChatId = Id<struct ChatTag>;
using MessageId = Id<struct MessageTag>;
using SessionId = Id<struct SessionTag>;

// A place in a log: 1, 2, 3 … ; 0 is "before the first". Below 2^53: a JSON integer.
template <typename Tag>
struct Position {
  std::uint64_t value = 0;
  friend bool operator==(Position, Position) = default;
  friend auto operator<=>(Position, Position) = default;
  Position next() const { return Position{value + 1}; }
  Position prev() const { return Position{value == 0 ? 0 : value - 1}; }
};

using Seq = Position<struct SeqTag>;          // of a chat's log; also every `rev`
using UserSeq = Position<struct UserSeqTag>;  // of a user's private log

// Parses 1 to 19 decimal digits without sign, blank or leading zero, up to 2^63-1; else nullopt.
std::optional<std::uint64_t> parse_id_digits(std::string_view text);

template <typename IdType>
std::optional<IdType> parse_id(std::string_view text) {
  auto digits = parse_id_digits(text);
  if (!digits) return std::nullopt;
  return IdType{*digits};
}

}  // namespace godwit
