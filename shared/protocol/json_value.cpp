#include "shared/protocol/json_value.h"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>

#include "shared/base/limits.h"
#include "shared/protocol/codec.h"

namespace godwit::json {
namespace {

// Up to this many keys are compared pairwise; more are sorted, so that an object of thousands of
// keys costs no quadratic time.
constexpr std::size_t kPairwiseKeysMax = 16;

bool has_duplicate_keys(const Value& object) {
  const auto& children = object.children;
  if (children.size() <= kPairwiseKeysMax) {
    for (std::size_t i = 1; i < children.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (children[i].key == children[j].key) return true;
      }
    }
    return false;
  }
  std::vector<std::string_view> keys;
  keys.reserve(children.size());
  for (const Child& child : children) keys.push_back(child.key);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

// Receives the parser's events and builds the tree. A member that returns false ends the parse.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit TreeBuilder(int depth_max) : depth_max_(static_cast<std::size_t>(depth_max)) {}

  Value take() { return std::move(root_); }
  const char* refusal() const { return refusal_; }

  bool null() override { return place(Value{}); }

  bool boolean(bool flag) override {
    Value value;
    value.kind = Kind::kBool;
    value.boolean = flag;
    return place(std::move(value));
  }

  bool number_integer(std::int64_t number) override {
    constexpr auto kMax = static_cast<std::int64_t>(limits::kPositionMax);
    if (number < -kMax || number > kMax) return place_number(std::to_string(number));
    Value value;
    value.kind = Kind::kInteger;
    value.integer = number;
    return place(std::move(value));
  }

  bool number_unsigned(std::uint64_t number) override {
    if (number > limits::kPositionMax) return place_number(std::to_string(number));
    return number_integer(static_cast<std::int64_t>(number));
  }

  bool number_float(double, const std::string& written) override { return place_number(written); }

  bool string(std::string& text) override {
    Value value;
    value.kind = Kind::kString;
    value.text = std::move(text);
    return place(std::move(value));
  }

  bool binary(nlohmann::json::binary_t&) override { return refuse("binary value"); }

  bool start_object(std::size_t) override { return open(Kind::kObject); }
  bool start_array(std::size_t) override { return open(Kind::kArray); }

  bool key(std::string& name) override {
    key_ = std::move(name);
    return true;
  }

  bool end_object() override {
    if (has_duplicate_keys(*open_.back())) return refuse("duplicate key");
    open_.pop_back();
    return true;
  }

  bool end_array() override {
    open_.pop_back();
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return refuse("malformed JSON");
  }

 private:
  bool refuse(const char* why) {
    if (refusal_ == nullptr) refusal_ = why;
    return false;
  }

  bool place_number(std::string written) {
    Value value;
    value.kind = Kind::kNumber;
    value.text = std::move(written);
    return place(std::move(value));
  }

  bool place(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
      last_ = &root_;
      return true;
    }
    auto& children = open_.back()->children;
    children.push_back(Child{std::exchange(key_, std::string()), std::move(value)});
    last_ = &children.back().value;
    return true;
  }

  // The pointers in `open_` stay valid: a container's vector grows only while none of its children
  // is open.
  bool open(Kind kind) {
    if (open_.size() >= depth_max_) return refuse("nested too deep");
    Value value;
    value.kind = kind;
    place(std::move(value));
    open_.push_back(last_);
    return true;
  }

  std::size_t depth_max_;
  Value root_;
  Value* last_ = nullptr;
  std::vector<Value*> open_;
  std::string key_;
  const char* refusal_ = nullptr;
};

}  // namespace

Result<Value> parse(std::string_view bytes, int depth_max) {
  // The library takes a NUL for the end of input and skips a byte order mark; both are refused
  // here.
  if (bytes.find('\0') != std::string_view::npos) return Error{Code::kBadFrame, "NUL byte"};
  if (bytes.substr(0, 3) == "\xEF\xBB\xBF") return Error{Code::kBadFrame, "byte order mark"};
  TreeBuilder builder(depth_max);
  try {
    if (nlohmann::json::sax_parse(bytes.begin(), bytes.end(), &builder)) return builder.take();
  } catch (const std::exception&) {
    return Error{Code::kBadFrame, "malformed JSON"};
  }
  return Error{Code::kBadFrame, builder.refusal() ? builder.refusal() : "malformed JSON"};
}

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
