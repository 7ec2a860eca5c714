// Reads an object's fields by name and type. The first thing that is wrong is kept and everything
// read after it gives an empty value, so that a reader of a whole frame is a plain list of fields
// and asks once at its end whether all of them were good.
//
// A required field that is absent, and any field of a wrong type or range, is kBadFrame. An
// optional field that is null counts as absent. Strings are moved out of the tree: each is read
// once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/ids.h"
#include "shared/base/instant.h"
#include "shared/base/result.h"
#include "shared/protocol/json_value.h"

namespace godwit::json {

class Fields {
 public:
  // Borrows `value` for its own life. What is not an object is refused. `where` names it in errors.
  Fields(Value& value, std::string_view where);

  bool has(std::string_view name) const;  // present and not null

  // Strings are at most `bytes_max` long, else kTooLarge. A required one is not empty.
  std::string string(std::string_view name, std::size_t bytes_max);
  std::string optional_string(std::string_view name, std::size_t bytes_max);
  std::string text(std::string_view name);  // required, of any length
  // A tempId: 1 to 64 bytes of visible ASCII.
  std::string temp_id();
  std::string optional_temp_id();

  bool boolean(std::string_view name);
  bool optional_boolean(std::string_view name);
  std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max);
  std::uint64_t count(std::string_view name);  // 0 .. 2^53-1
  Timestamp time(std::string_view name);
  std::optional<Timestamp> optional_time(std::string_view name);

  template <typename IdType>
  IdType id(std::string_view name) {
    return IdType{id_digits(name, true)};
  }
  template <typename IdType>
  IdType optional_id(std::string_view name) {
    return IdType{id_digits(name, false)};
  }
  template <typename PositionType>
  PositionType position(std::string_view name) {
    return PositionType{count(name)};
  }
  template <typename PositionType>
  std::optional<PositionType> optional_position(std::string_view name) {
    if (!has(name)) return std::nullopt;
    return PositionType{count(name)};
  }

  // Sub-trees. nullptr after a refusal, and for an optional one that is absent.
  Value* object(std::string_view name) { return container(name, Kind::kObject, true); }
  Value* optional_object(std::string_view name) { return container(name, Kind::kObject, false); }
  Value* array(std::string_view name) { return container(name, Kind::kArray, true); }
  Value* optional_array(std::string_view name) { return container(name, Kind::kArray, false); }
  Value* any(std::string_view name);  // required; null is a value

  // The value of a sub-tree's own reader; its refusal becomes this one's. nullptr gives T{}, and
  // nothing in an optional.
  template <typename T>
  T take(Result<T> result) {
    if (result) return std::move(result).value();
    refuse(Status(result.error()));
    return T{};
  }
  template <typename T>
  T read(Value* value, Result<T> (*reader)(Value&)) {
    return value == nullptr ? T{} : take(reader(*value));
  }
  template <typename T>
  std::optional<T> read_optional(Value* value, Result<T> (*reader)(Value&)) {
    if (value == nullptr) return std::nullopt;
    return take(reader(*value));
  }

  // Keeps `error` unless something was refused before.
  void refuse(Code code, std::string detail);
  void refuse(const Status& status);

  bool is_ok() const { return status_.is_ok(); }
  const Status& status() const { return status_; }

  // The value read, or what was refused first.
  template <typename T>
  Result<T> finish(T value) {
    if (!status_) return status_.error();
    return Result<T>(std::move(value));
  }

 private:
  Value* lookup(std::string_view name, bool required);
  Value* typed(std::string_view name, Kind kind, bool required);
  Value* container(std::string_view name, Kind kind, bool required);
  std::string string_of(std::string_view name, std::size_t bytes_max, bool required);
  std::uint64_t id_digits(std::string_view name, bool required);
  void refuse_field(std::string_view name, const char* why);

  Value* object_ = nullptr;
  std::string_view where_;
  Status status_;
};

}  // namespace godwit::json
