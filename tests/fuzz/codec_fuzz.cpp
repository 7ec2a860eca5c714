// The wire: our strict reader of JSON beside nlohmann_json, and every decoder against its encoder.
// The input is one text, as a peer would send it.
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "shared/base/limits.h"
#include "shared/protocol/codec.h"
#include "shared/protocol/json_value.h"
#include "shared/protocol/message_scanner.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/protocol_random.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

namespace godwit::fuzz {
namespace {

using Reference = nlohmann::ordered_json;

// What protocol.md forbids beyond malformed JSON, found by the other library's own events.
class Strictness : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool repeats_key = false;
  std::size_t depth = 0;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(std::int64_t) override { return true; }
  bool number_unsigned(std::uint64_t) override { return true; }
  bool number_float(double, const std::string&) override { return true; }
  bool string(std::string&) override { return true; }
  bool binary(nlohmann::json::binary_t&) override { return true; }
  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override {
    repeats_key = !keys_.back().insert(name).second || repeats_key;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

 private:
  bool open() {
    keys_.emplace_back();
    depth = std::max(depth, keys_.size());
    return true;
  }
  bool close() {
    keys_.pop_back();
    return true;
  }
  std::vector<std::set<std::string>> keys_;
};

bool equal_number(const json::Value& value, const Reference& reference) {
  if (value.kind == json::Kind::kInteger) {
    return reference.is_number_integer() && reference == Reference(value.integer);
  }
  if (reference.is_number_integer()) return reference.dump() == value.text;
  return reference.is_number_float() &&
         std::strtod(value.text.c_str(), nullptr) == reference.get<double>();
}

bool equal(const json::Value& value, const Reference& reference) {
  switch (value.kind) {
    case json::Kind::kNull:
      return reference.is_null();
    case json::Kind::kBool:
      return reference.is_boolean() && reference.get<bool>() == value.boolean;
    case json::Kind::kInteger:
    case json::Kind::kNumber:
      return equal_number(value, reference);
    case json::Kind::kString:
      return reference.is_string() && reference.get_ref<const std::string&>() == value.text;
    case json::Kind::kArray:
    case json::Kind::kObject:
      break;
  }
  const bool object = value.kind == json::Kind::kObject;
  if (object != reference.is_object() || object == reference.is_array()) return false;
  if (value.children.size() != reference.size()) return false;
  auto other = reference.begin();
  for (const json::Child& child : value.children) {
    if (object && child.key != other.key()) return false;
    if (!equal(child.value, *other)) return false;
    ++other;
  }
  return true;
}

void check_reader(std::string_view text) {
  Result<json::Value> ours = json::parse(text, limits::kJsonDepthMax);
  // The other library takes a NUL for the end and skips a byte order mark.
  const bool marked =
      text.find('\0') != std::string_view::npos || text.substr(0, 3) == "\xEF\xBB\xBF";
  if (marked) {
    FUZZ_REQUIRE("[WI26] a NUL byte and a byte order mark are refused", !ours);
    return;
  }
  Strictness strictness;
  const bool readable = nlohmann::json::sax_parse(text.begin(), text.end(), &strictness);
  const bool strict =
      !strictness.repeats_key && strictness.depth <= std::size_t{limits::kJsonDepthMax};
  FUZZ_REQUIRE("[WI80] the reader takes what any reader of JSON takes, but for what WI26 forbids",
               ours.is_ok() == (readable && strict));
  if (!ours) return;
  FUZZ_REQUIRE("[WI80] the values read are equal",
               equal(*ours, Reference::parse(text.begin(), text.end())));
  const std::string written = json::to_text(*ours);
  Result<json::Value> again = json::parse(written, limits::kJsonDepthMax);
  FUZZ_REQUIRE("[WI25] what was written is read", again.is_ok());
  FUZZ_REQUIRE("[WI25] what was read is written in one way", json::to_text(*again) == written);
}

// decode -> encode -> decode ends where it began.
template <typename T, typename Encode>
void check_piece(std::string_view text, Result<T> (*decode)(std::string_view), Encode encode_one) {
  Result<T> first = decode(text);
  if (!first) return;
  const std::string written = encode_one(*first);
  Result<T> second = decode(written);
  FUZZ_REQUIRE("[WI25] what was written is read", second.is_ok());
  FUZZ_REQUIRE("[WI25] it reads back equal", *second == *first);
  FUZZ_REQUIRE("[WI25] it is written in one way", encode_one(*second) == written);
}

void check_scanner(std::string_view text) {
  ChatEvent scanned;
  if (!scan_message_frame(text, scanned)) return;
  Result<ServerFrame> read = decode_server_frame(text);
  FUZZ_REQUIRE("[WI81] what the scanner takes is a frame", read.is_ok());
  FUZZ_REQUIRE("[WI81] it reads the same event", *read == ServerFrame(scanned));
  FUZZ_REQUIRE("[WI81] it takes no other form than ours", encode_event(scanned) == text);
}

void check_frames(std::string_view text) {
  DecodedClientFrame client = decode_client_frame(text);
  FUZZ_REQUIRE("[WI28] a frame is read or refused, never both",
               client.frame.has_value() == (client.refusal.error.code == Code::kOk));
  FUZZ_REQUIRE("[WI28] a refusal's names are fit to be sent back",
               client.refusal.temp_id.size() <= limits::kTempIdBytesMax &&
                   client.refusal.request_id.size() <= limits::kRequestIdBytesMax);
  if (client.frame) {
    const std::string written = encode(*client.frame);
    DecodedClientFrame again = decode_client_frame(written);
    // An escape that JSON demands may be longer than the byte it was read from as.
    const bool grown = written.size() > limits::kClientFrameBytesMax;
    FUZZ_REQUIRE("[WI25] a client frame reads back equal", grown || again.frame == client.frame);
  }
  check_scanner(text);
  check_piece<ServerFrame>(text, decode_server_frame,
                           [](const ServerFrame& frame) { return encode(frame); });
}

}  // namespace
}  // namespace godwit::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace godwit;
  using namespace godwit::fuzz;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_reader(text);
  check_frames(text);
  check_piece<Message>(text, decode_message, encode_message);
  check_piece<ChatState>(text, decode_chat_state, encode_chat_state);
  check_piece<Page>(text, decode_page, encode_page);
  check_piece<PrivateItem>(text, decode_private_item, encode_private_item);
  check_piece<Content>(text, decode_content, encode_content);
  check_piece<ChatEvent>(text, decode_event, encode_event);
  check_piece<SyncRequest>(text, decode_sync_body, encode_sync_body);
  if (auto answer = decode_sync_answer(text)) {
    const std::string written = encode_sync_answer(*answer);
    auto again = decode_sync_answer(written);
    FUZZ_REQUIRE("[WI25] an answer reads back equal",
                 again.is_ok() && encode_sync_answer(*again) == written);
  }
  return 0;
}

// One input in sixteen is a fresh frame, so that every form is met without being guessed.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned seed) {
  using namespace godwit;
  Prng prng(seed);
  if (!prng.chance(6)) return LLVMFuzzerMutate(data, size, size_max);
  const std::string frame = prng.chance(50) ? encode(testing::random_client_frame(prng))
                                            : encode(testing::random_server_frame(prng));
  const std::size_t taken = frame.size() < size_max ? frame.size() : size_max;
  std::memcpy(data, frame.data(), taken);
  return taken;
}
