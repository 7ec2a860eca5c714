#include "wasm-core/abi/encode_effects.h"

#include "shared/protocol/json_writer.h"
#include "wasm-core/abi/bytes.h"
#include "wasm-core/abi/mount_files.h"

namespace godwit::abi {
namespace {

enum class EffectKind : std::uint8_t {
  kConnect = 1,
  kDisconnect = 2,
  kSendFrame = 3,
  kHttpRequest = 4,
  kPersist = 5,
  kView = 6,
  kKept = 7,
  kSessionEnded = 8,
  kReport = 10,
  kOutdated = 11,
};

// Writes one effect's header, and its length once the payload is there.
class Payload {
 public:
  Payload(std::string& out, EffectKind kind) : out_(out) {
    constexpr char kNoLength[4] = {};
    out_.push_back(static_cast<char>(kind));
    out_.append(kNoLength, sizeof(kNoLength));
    begin_ = out_.size();
  }
  ~Payload() { write_u32(&out_[begin_ - 4], static_cast<std::uint32_t>(out_.size() - begin_)); }
  Payload(const Payload&) = delete;
  Payload& operator=(const Payload&) = delete;

  void u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void u16(std::size_t value) {
    GODWIT_CHECK(value <= 0xFFFF);
    append_u16(out_, static_cast<std::uint16_t>(value));
  }
  void u32(std::uint32_t value) { append_u32(out_, value); }
  void text(std::string_view value) { out_.append(value); }
  void path(std::string_view value) {
    u16(value.size());
    text(value);
  }

 private:
  std::string& out_;
  std::size_t begin_ = 0;
};

void append(std::string& out, const Connect&) { Payload payload(out, EffectKind::kConnect); }

void append(std::string& out, const Disconnect& effect) {
  Payload payload(out, EffectKind::kDisconnect);
  payload.u16(effect.code);
}

void append(std::string& out, const SendFrame& effect) {
  Payload payload(out, EffectKind::kSendFrame);
  payload.text(effect.text);
}

void append(std::string& out, const HttpRequest& effect) {
  json::Writer request;
  request.open('{').field("method", effect.method).field("path", effect.path);
  if (!effect.body.empty()) request.key("body").raw(effect.body);
  Payload payload(out, EffectKind::kHttpRequest);
  payload.u32(effect.id);
  payload.text(request.close('}').take());
}

void append(std::string& out, const Persist& effect) {
  const Batch& batch = effect.batch;
  Payload payload(out, EffectKind::kPersist);
  payload.u32(batch.id);
  payload.u8(static_cast<std::uint8_t>(batch.mount));
  payload.u16(batch.puts.size());
  payload.u16(batch.deletes.size());
  for (const StoredFile& file : batch.puts) payload.path(path_of(batch.mount, file.name));
  for (const std::string& name : batch.deletes) payload.path(path_of(batch.mount, name));
}

void append(std::string& out, const ViewDiff& effect) {
  Payload payload(out, EffectKind::kView);
  payload.u32(effect.view);
  payload.text(effect.json);
}

void append(std::string& out, const Kept& effect) {
  json::Writer ids;
  ids.open('[');
  for (const std::string& temp_id : effect.temp_ids) ids.string(temp_id);
  Payload payload(out, EffectKind::kKept);
  payload.text(ids.close(']').take());
}

void append(std::string& out, const SessionEnded&) {
  Payload payload(out, EffectKind::kSessionEnded);
}

void append(std::string& out, const Outdated&) { Payload payload(out, EffectKind::kOutdated); }

void append(std::string& out, const Report& effect) {
  Payload payload(out, EffectKind::kReport);
  payload.text(effect.json);
}

}  // namespace

void append_effects(std::string& out, const Effects& effects) {
  for (const Effect& effect : effects) {
    std::visit([&out](const auto& one) { append(out, one); }, effect);
  }
}

}  // namespace godwit::abi
