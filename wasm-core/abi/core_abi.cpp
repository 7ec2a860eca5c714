// The exports of the WebAssembly module (ABI.md): one core, bytes in, effects out. Thin: inputs are
// decoded, the core takes a step, effects are encoded. A broken invariant ends the instance; the
// worker then throws it away.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/client/client_core.h"
#include "shared/trace/recorder.h"
#include "wasm-core/abi/decode_input.h"
#include "wasm-core/abi/encode_effects.h"
#include "wasm-core/abi/mount_files.h"

namespace godwit::abi {
namespace {

// A C ABI has no `this`. The instance of the module stands for the object, and this is its state.
struct Instance {
  std::unique_ptr<ClientCore> core;
  TraceRecorder trace;  // of this core, from its beginning
  std::vector<char> input;
  // Of the step under way; kept for their room.
  std::string frame;
  Effects effects;
  std::string output;
};

Instance& instance() {
  static Instance only;
  return only;
}

std::int64_t whole_ms(double ms) { return static_cast<std::int64_t>(std::floor(ms)); }

std::int32_t step(const Event& event, double now_ms, double wall_ms) {
  Instance& self = instance();
  GODWIT_CHECK(self.core != nullptr);
  Effects& effects = self.effects;
  effects.clear();
  Instant now{whole_ms(now_ms)};
  Timestamp wall{whole_ms(wall_ms)};
  Status status = self.core->step(now, wall, event, effects);
  self.trace.record(now, wall, event, status.is_ok(), *self.core);
  for (const Effect& effect : effects) {
    if (const auto* persist = std::get_if<Persist>(&effect)) write_batch(persist->batch);
  }
  append_effects(self.output, effects);
  return static_cast<std::int32_t>(status.error().code);
}

// What comes most: its text has the room of the one before.
std::int32_t step_frame(std::string_view bytes, double now_ms, double wall_ms) {
  Event event{FrameReceived{}};
  std::string& text = std::get<FrameReceived>(event).text;
  text.swap(instance().frame);
  text.assign(bytes);
  const std::int32_t status = step(event, now_ms, wall_ms);
  text.swap(instance().frame);
  return status;
}

}  // namespace
}  // namespace godwit::abi

using godwit::abi::instance;

extern "C" {

// The wall clock is taken with each call; the parameter keeps room for a core that wants it
// earlier.
void core_init(std::uint32_t seed_low, std::uint32_t seed_high, double) {
  godwit::ClientCore::Config config;
  config.seed = (std::uint64_t{seed_high} << 32) | seed_low;
  instance().core = std::make_unique<godwit::ClientCore>(config);
  instance().trace.begin(config.seed);
  instance().output.clear();
}

char* core_in(std::uint32_t size) {
  std::vector<char>& input = instance().input;
  if (input.size() < size) input = std::vector<char>(std::max<std::size_t>(size, 2 * input.size()));
  return input.data();
}

std::int32_t core_call(std::uint32_t kind, std::uint32_t size, double now_ms, double wall_ms) {
  godwit::abi::Instance& self = instance();
  self.output.clear();
  if (size > self.input.size()) return static_cast<std::int32_t>(godwit::Code::kBadFrame);
  const std::string_view bytes(self.input.data(), size);
  if (static_cast<godwit::abi::InputKind>(kind) == godwit::abi::InputKind::kFrame) {
    return godwit::abi::step_frame(bytes, now_ms, wall_ms);
  }
  godwit::Result<godwit::Event> event = godwit::abi::decode_input(kind, bytes);
  if (!event) return static_cast<std::int32_t>(event.error().code);
  return godwit::abi::step(*event, now_ms, wall_ms);
}

const char* core_out() { return instance().output.data(); }

std::uint32_t core_out_size() { return static_cast<std::uint32_t>(instance().output.size()); }

double core_deadline() {
  if (instance().core == nullptr) return -1;
  std::optional<godwit::Instant> deadline = instance().core->next_deadline();
  return deadline ? static_cast<double>(deadline->ms) : -1;
}

std::int32_t core_load(std::uint32_t mount, std::uint32_t rest, double now_ms, double wall_ms) {
  using Rest = godwit::StorageLoaded::Rest;
  instance().output.clear();
  if (mount >= static_cast<std::uint32_t>(godwit::kMounts) ||
      rest > static_cast<std::uint32_t>(Rest::kLost)) {
    return static_cast<std::int32_t>(godwit::Code::kBadFrame);
  }
  godwit::StorageLoaded event;
  event.mount = static_cast<godwit::Mount>(mount);
  event.rest = static_cast<Rest>(rest);
  event.files = event.mount == godwit::Mount::kCache ? godwit::abi::take_mount(event.mount)
                                                     : godwit::abi::read_mount(event.mount);
  return godwit::abi::step(event, now_ms, wall_ms);
}

// A file for `godwit replay`, with filler for what people wrote.
void core_trace() {
  godwit::abi::Instance& self = instance();
  self.output.clear();
  if (self.core != nullptr) self.output = self.trace.save(*self.core);
}

}  // extern "C"
