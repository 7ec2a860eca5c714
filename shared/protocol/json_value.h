// A JSON document as a tree of plain values, read strictly.
//
// It exists beside nlohmann::json because three things must survive reading that a usual DOM loses:
// the order of an object's fields (the order of reactions is visible), numbers as they were written
// (opaque values pass through unchanged), and the refusal of duplicate keys.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"

namespace godwit::json {

enum class Kind : unsigned char { kNull, kBool, kInteger, kNumber, kString, kArray, kObject };

struct Child;

// One JSON value. Which fields count follows from `kind`.
struct Value {
  Kind kind = Kind::kNull;
  bool boolean = false;
  std::int64_t integer = 0;     // kInteger: written without fraction or exponent, |n| < 2^53
  std::string text;             // kString: its characters; kNumber: any other number, as written
  std::vector<Child> children;  // kArray, kObject: in the order written
};

struct Child {
  std::string key;  // empty in an array
  Value value;
};

// Reads one JSON text (RFC 8259) and nothing after it. kBadFrame for: malformed JSON, invalid
// UTF-8, a byte order mark, a NUL byte, trailing bytes, an unpaired surrogate in a \u escape, a key
// twice in one object, nesting over `depth_max`, a number that no double holds. Time is O(n log n).
// Never throws.
Result<Value> parse(std::string_view bytes, int depth_max);

// The member `key` of an object, or nullptr. Requires value.kind == kObject.
const Value* find(const Value& object, std::string_view key);

// How deep the value nests: 0 for a scalar, 1 for an array of scalars.
int depth_of(const Value& value);

// Appends the value as compact JSON: the order and the numbers as they were written, strings as
// append_json_string (codec.h) writes them.
void append_value(std::string& out, const Value& value);
std::string to_text(const Value& value);

}  // namespace godwit::json
