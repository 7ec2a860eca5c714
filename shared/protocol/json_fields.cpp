#include "shared/protocol/json_fields.h"

#include "shared/base/limits.h"
#include "shared/protocol/validate.h"

namespace godwit::json {

Fields::Fields(Value& value, std::string_view where) : where_(where) {
  if (value.kind == Kind::kObject) {
    object_ = &value;
  } else {
    refuse(Code::kBadFrame, std::string(where) + " is not an object");
  }
}

void Fields::refuse(Code code, std::string detail) {
  if (status_) status_ = Status(code, std::move(detail));
}

void Fields::refuse(const Status& status) {
  if (status_) status_ = status;
}

void Fields::refuse_field(std::string_view name, const char* why) {
  refuse(Code::kBadFrame, std::string(where_) + "." + std::string(name) + " " + why);
}

bool Fields::has(std::string_view name) const {
  if (object_ == nullptr) return false;
  const Value* value = find(*object_, name);
  return value != nullptr && value->kind != Kind::kNull;
}

Value* Fields::lookup(std::string_view name, bool required) {
  if (object_ == nullptr) return nullptr;
  for (Child& child : object_->children) {
    if (child.key == name && child.value.kind != Kind::kNull) return &child.value;
  }
  if (required) refuse_field(name, "is missing");
  return nullptr;
}

Value* Fields::typed(std::string_view name, Kind kind, bool required) {
  Value* value = lookup(name, required);
  if (value == nullptr || value->kind == kind) return value;
  refuse_field(name, "has a wrong type");
  return nullptr;
}

Value* Fields::container(std::string_view name, Kind kind, bool required) {
  Value* value = typed(name, kind, required);
  return status_ ? value : nullptr;
}

Value* Fields::any(std::string_view name) {
  if (object_ == nullptr) return nullptr;
  for (Child& child : object_->children) {
    if (child.key == name) return status_ ? &child.value : nullptr;
  }
  refuse_field(name, "is missing");
  return nullptr;
}

std::string Fields::string_of(std::string_view name, std::size_t bytes_max, bool required) {
  Value* value = typed(name, Kind::kString, required);
  if (value == nullptr) return {};
  if (value->text.size() > bytes_max) {
    refuse(Code::kTooLarge, std::string(where_) + "." + std::string(name) + " is too long");
    return {};
  }
  if (required && value->text.empty()) refuse_field(name, "is empty");
  return std::move(value->text);
}

std::string Fields::string(std::string_view name, std::size_t bytes_max) {
  return string_of(name, bytes_max, true);
}

std::string Fields::optional_string(std::string_view name, std::size_t bytes_max) {
  return string_of(name, bytes_max, false);
}

std::string Fields::text(std::string_view name) {
  Value* value = typed(name, Kind::kString, true);
  return value == nullptr ? std::string() : std::move(value->text);
}

std::string Fields::temp_id() {
  Value* value = typed("tempId", Kind::kString, true);
  if (value == nullptr) return {};
  refuse(validate_temp_id(value->text));
  return std::move(value->text);
}

std::string Fields::optional_temp_id() { return has("tempId") ? temp_id() : std::string(); }

bool Fields::boolean(std::string_view name) {
  Value* value = typed(name, Kind::kBool, true);
  return value != nullptr && value->boolean;
}

bool Fields::optional_boolean(std::string_view name) {
  Value* value = typed(name, Kind::kBool, false);
  return value != nullptr && value->boolean;
}

std::int64_t Fields::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  Value* value = typed(name, Kind::kInteger, true);
  if (value == nullptr) return min;
  if (value->integer < min || value->integer > max) refuse_field(name, "is out of range");
  return value->integer;
}

std::uint64_t Fields::count(std::string_view name) {
  return static_cast<std::uint64_t>(
      integer(name, 0, static_cast<std::int64_t>(limits::kPositionMax)));
}

Timestamp Fields::time(std::string_view name) {
  Value* value = typed(name, Kind::kString, true);
  if (value == nullptr) return {};
  std::optional<Timestamp> time = parse_timestamp(value->text);
  if (!time) refuse_field(name, "is not a timestamp");
  return time.value_or(Timestamp{});
}

std::optional<Timestamp> Fields::optional_time(std::string_view name) {
  if (!has(name)) return std::nullopt;
  return time(name);
}

std::uint64_t Fields::id_digits(std::string_view name, bool required) {
  Value* value = typed(name, Kind::kString, required);
  if (value == nullptr) return 0;
  std::optional<std::uint64_t> digits = parse_id_digits(value->text);
  if (!digits) refuse_field(name, "is not an id");
  return digits.value_or(0);
}

}  // namespace godwit::json
