#include "shared/trace/recorder.h"

#include "shared/client/state_hash.h"
#include "shared/trace/bytes.h"
#include "shared/trace/filler.h"
#include "shared/trace/trace_file.h"

namespace godwit {

void TraceRecorder::begin(std::uint64_t seed) {
  *this = TraceRecorder(config_);
  seed_ = seed;
}

std::optional<std::uint64_t> TraceRecorder::due_hash(const Event& event, const ClientCore& core) {
  if (config_.hash_each_step) return state_hash(core);
  const bool due = --hash_in_ == 0;
  // What storage gives comes all at once: it is looked at when steps have paid for that.
  const bool loaded = std::holds_alternative<StorageLoaded>(event);
  if (due || loaded) hash_in_ = 1 + kStepsAMessage * state_size(core);
  if (!due || loaded) return std::nullopt;
  return state_hash(core);
}

// Where the next step goes.
std::string& TraceRecorder::room() {
  constexpr std::size_t kPieceBytes = 64 * 1024;
  constexpr std::size_t kUsualStepBytes = 2 * 1024;
  if (pieces_.empty() || pieces_.back().size() + kUsualStepBytes > kPieceBytes) {
    pieces_.emplace_back().reserve(kPieceBytes);
  }
  return pieces_.back();
}

void TraceRecorder::record(Instant now, Timestamp wall, const Event& event, bool taken,
                           const ClientCore& core) {
  static const Event refused = Discard{};
  if (full_) {
    ++left_out_;
    return;
  }
  std::optional<std::uint64_t> hash = due_hash(event, core);
  std::string& piece = room();
  const std::size_t begin = piece.size();
  trace::put(piece, std::uint32_t{0});
  append_step_payload(piece, now, wall, hash, taken ? event : refused);
  const std::size_t size = piece.size() - begin - sizeof(std::uint32_t);
  if (bytes_ + size > 2 * config_.bytes_max) {
    piece.resize(begin);
    full_ = true;
    ++left_out_;
    return;
  }
  trace::write(&piece[begin], static_cast<std::uint32_t>(size));
  ++steps_;
  bytes_ += size;
  if (bytes_ < config_.bytes_max) return;
  full_ = true;
  full_hash_ = state_hash(core);
}

std::string TraceRecorder::save(const ClientCore& core) const {
  std::string file;
  file.reserve(bytes_ + bytes_ / 8);
  append_trace_head(file, seed_);
  for (const std::string& piece : pieces_) {
    trace::Bytes in(piece);
    while (!in.at_end()) {
      Result<TraceStep> step = read_step_payload(in.take_bytes(in.take<std::uint32_t>()), 0);
      GODWIT_CHECK(step.is_ok());  // our own bytes
      fill(step->event);
      append_trace_record(file, step_payload(*step));
    }
  }
  append_trace_end(file, steps(), left_out_, full_ ? full_hash_ : state_hash(core));
  return file;
}

}  // namespace godwit
