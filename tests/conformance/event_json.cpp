// A vector's events. What a tab or the host commands has the form of wasm-core/ABI.md and is read
// by the code that reads it there.
#include <map>
#include <optional>

#include "shared/journal/record.h"
#include "tests/conformance/step_json.h"
#include "wasm-core/abi/decode_input.h"

namespace godwit::conformance {
namespace {

using json::Kind;
using json::Value;

Error fault(const std::string& pointer, const std::string& what) {
  return Error{Code::kBadFrame, pointer + ": " + what};
}

// Reads the members of one object; the first fault is kept.
class Reader {
 public:
  Reader(const Value& object, std::string pointer) : object_(object), pointer_(std::move(pointer)) {
    if (object.kind != Kind::kObject) refuse("", "must be an object");
  }

  const Value* member(const std::string& name, Kind kind, const char* what, bool required = true) {
    const Value* value = object_.kind == Kind::kObject ? json::find(object_, name) : nullptr;
    if (value == nullptr) {
      if (required) refuse("/" + name, std::string("is missing: ") + what);
      return nullptr;
    }
    if (value->kind == kind) return value;
    refuse("/" + name, std::string("must be ") + what);
    return nullptr;
  }
  std::string text(const std::string& name, bool required = true) {
    const Value* value = member(name, Kind::kString, "a string", required);
    return value == nullptr ? std::string() : value->text;
  }
  std::uint64_t number(const std::string& name, std::uint64_t max, bool required = true) {
    const Value* value = member(name, Kind::kInteger, "an integer", required);
    if (value == nullptr) return 0;
    bool fits = value->integer >= 0 && static_cast<std::uint64_t>(value->integer) <= max;
    if (!fits) refuse("/" + name, "is out of range");
    return fits ? static_cast<std::uint64_t>(value->integer) : 0;
  }
  bool flag(const std::string& name, bool required = true) {
    const Value* value = member(name, Kind::kBool, "true or false", required);
    return value != nullptr && value->boolean;
  }
  const Value* find(const std::string& name) {
    return object_.kind == Kind::kObject ? json::find(object_, name) : nullptr;
  }
  void refuse(const std::string& below, const std::string& what) {
    if (!error_) error_ = fault(pointer_ + below, what);
  }
  const std::string& pointer() const { return pointer_; }
  const std::optional<Error>& error() const { return error_; }

 private:
  const Value& object_;
  std::string pointer_;
  std::optional<Error> error_;
};

std::optional<Mount> mount_named(const std::string& name) {
  if (name == "queue") return Mount::kQueue;
  if (name == "hot") return Mount::kHot;
  if (name == "cache") return Mount::kCache;
  return std::nullopt;
}

void read_records(Reader& in, const Value& records, std::string& bytes) {
  for (std::size_t i = 0; i < records.children.size(); ++i) {
    std::string pointer = "/records/" + std::to_string(i);
    Reader record(records.children[i].value, in.pointer() + pointer);
    auto term = static_cast<std::uint32_t>(record.number("term", 0xFFFFFFFFu));
    std::uint64_t sequence = record.number("sequence", limits::kPositionMax);
    append_record(bytes, term, sequence, record.text("payload"));
    if (record.error()) in.refuse(pointer, record.error()->detail);
  }
}

// {"name", "records": […] | "bytes": "…", "flip"?: [offsets], "cut"?: bytes left out at the end}
Result<StoredFile> read_file(const Value& value, const std::string& pointer) {
  Reader in(value, pointer);
  StoredFile file;
  file.name = in.text("name");
  if (const Value* records = in.member("records", Kind::kArray, "an array", false)) {
    read_records(in, *records, file.bytes);
  } else {
    file.bytes = in.text("bytes");
  }
  if (const Value* flips = in.member("flip", Kind::kArray, "an array", false)) {
    for (const json::Child& flip : flips->children) {
      bool inside = flip.value.kind == Kind::kInteger && flip.value.integer >= 0 &&
                    static_cast<std::uint64_t>(flip.value.integer) < file.bytes.size();
      if (!inside) {
        in.refuse("/flip", "must be offsets inside of the file");
        break;
      }
      auto at = static_cast<std::size_t>(flip.value.integer);
      file.bytes[at] = static_cast<char>(file.bytes[at] ^ 0xFF);
    }
  }
  auto cut = static_cast<std::size_t>(in.number("cut", file.bytes.size(), false));
  file.bytes.resize(file.bytes.size() - cut);
  if (in.error()) return *in.error();
  return file;
}

Result<Event> read_storage(Reader& in) {
  StorageLoaded event;
  auto mount = mount_named(in.text("mount"));
  if (!mount) in.refuse("/mount", "must be queue, hot or cache");
  event.mount = mount.value_or(Mount::kQueue);
  std::string rest = in.text("rest", false);
  if (rest == "follows") event.rest = StorageLoaded::Rest::kFollows;
  if (rest == "lost") event.rest = StorageLoaded::Rest::kLost;
  if (!rest.empty() && event.rest == StorageLoaded::Rest::kNone) {
    in.refuse("/rest", "must be follows or lost");
  }
  if (const Value* files = in.member("files", Kind::kArray, "an array")) {
    for (std::size_t i = 0; i < files->children.size(); ++i) {
      auto file = read_file(files->children[i].value, "/files/" + std::to_string(i));
      if (!file) return file.error();
      event.files.push_back(std::move(*file));
    }
  }
  if (in.error()) return *in.error();
  return Event(std::move(event));
}

// `name` holds JSON, or `name`Text any text.
std::string read_body(Reader& in, const std::string& name) {
  const Value* value = in.find(name);
  if (value != nullptr) return json::to_text(*value);
  return in.text(name + "Text");
}

std::optional<Event> read_network(const std::string& name, Reader& in) {
  if (name == "socketOpen") return SocketOpened{};
  if (name == "socketClosed") {
    auto code = static_cast<std::uint16_t>(in.number("code", 0xFFFF));
    return SocketClosed{code, in.text("reason", false)};
  }
  if (name == "network") return NetworkChanged{in.flag("online")};
  if (name == "frame") return FrameReceived{read_body(in, "frame")};
  if (name == "http") {
    auto id = static_cast<std::uint32_t>(in.number("id", 0xFFFFFFFFu));
    auto status = static_cast<std::uint16_t>(in.number("status", 0xFFFF));
    return HttpAnswered{id, status, status == 0 ? std::string() : read_body(in, "body")};
  }
  return std::nullopt;
}

std::optional<Event> read_host(const std::string& name, Reader& in) {
  if (name == "deadline") return DeadlineReached{};
  if (name == "storageUnavailable") return StorageUnavailable{in.text("reason")};
  if (name == "batchDone") {
    auto batch = static_cast<std::uint32_t>(in.number("batch", 0xFFFFFFFFu));
    return BatchDone{batch, in.flag("ok"), in.flag("fenced", false)};
  }
  return std::nullopt;
}

}  // namespace

Result<Event> event_of(const Value& event) {
  Reader in(event, "");
  std::string name = in.text("t");
  if (in.error()) return *in.error();
  if (name == "storage") return read_storage(in);
  std::optional<Event> read = read_network(name, in);
  if (!read) read = read_host(name, in);
  if (in.error()) return *in.error();
  if (read) return std::move(*read);
  auto command = static_cast<std::uint32_t>(abi::InputKind::kCommand);
  Result<Event> commanded = abi::decode_input(command, json::to_text(event));
  if (!commanded) return fault("/t", commanded.error().detail);
  return commanded;
}

}  // namespace godwit::conformance
