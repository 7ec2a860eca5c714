#include "shared/protocol/json_value.h"

#include <algorithm>

#include "shared/protocol/codec.h"

namespace godwit::json {

const Value* find(const Value& object, std::string_view key) {
  for (const Child& child : object.children) {
    if (child.key == key) return &child.value;
  }
  return nullptr;
}

int depth_of(const Value& value) {
  if (value.kind != Kind::kArray && value.kind != Kind::kObject) return 0;
  int deepest = 0;
  for (const Child& child : value.children) deepest = std::max(deepest, depth_of(child.value));
  return deepest + 1;
}

namespace {

void append_container(std::string& out, const Value& value) {
  bool object = value.kind == Kind::kObject;
  out += object ? '{' : '[';
  bool first = true;
  for (const Child& child : value.children) {
    if (!first) out += ',';
    first = false;
    if (object) {
      append_json_string(out, child.key);
      out += ':';
    }
    append_value(out, child.value);
  }
  out += object ? '}' : ']';
}

}  // namespace

void append_value(std::string& out, const Value& value) {
  switch (value.kind) {
    case Kind::kNull:
      out += "null";
      break;
    case Kind::kBool:
      out += value.boolean ? "true" : "false";
      break;
    case Kind::kInteger:
      out += std::to_string(value.integer);
      break;
    case Kind::kNumber:
      out += value.text;
      break;
    case Kind::kString:
      append_json_string(out, value.text);
      break;
    case Kind::kArray:
    case Kind::kObject:
      append_container(out, value);
      break;
  }
}

std::string to_text(const Value& value) {
  std::string out;
  append_value(out, value);
  return out;
}

}  // namespace godwit::json
