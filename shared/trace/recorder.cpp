#include "shared/trace/recorder.h"

#include "shared/client/state_hash.h"
#include "shared/trace/filler.h"
#include "shared/trace/trace_file.h"

namespace godwit {

void TraceRecorder::begin(std::uint64_t seed) {
  *this = TraceRecorder(config_);
  seed_ = seed;
}

std::optional<std::uint64_t> TraceRecorder::due_hash(const ClientCore& core) {
  hash_credit_ += kHashedAStep;
  if (!config_.hash_each_step && hash_credit_ < state_size(core)) return std::nullopt;
  hash_credit_ = 0;
  return state_hash(core);
}

void TraceRecorder::record(Instant now, Timestamp wall, const Event& event, bool taken,
                           const ClientCore& core) {
  static const Event refused = Discard{};
  if (full_) {
    ++left_out_;
    return;
  }
  std::optional<std::uint64_t> hash = due_hash(core);
  std::string payload = step_payload(now, wall, hash, taken ? event : refused);
  if (bytes_ + payload.size() > 2 * config_.bytes_max) {
    full_ = true;
    ++left_out_;
    return;
  }
  bytes_ += payload.size();
  steps_.push_back(std::move(payload));
  if (bytes_ < config_.bytes_max) return;
  full_ = true;
  full_hash_ = state_hash(core);
}

std::string TraceRecorder::save(const ClientCore& core) const {
  std::string file;
  file.reserve(bytes_ + bytes_ / 8);
  append_trace_head(file, seed_);
  for (const std::string& payload : steps_) {
    Result<TraceStep> step = read_step_payload(payload, 0);
    GODWIT_CHECK(step.is_ok());  // our own bytes
    fill(step->event);
    append_trace_record(file, step_payload(*step));
  }
  append_trace_end(file, steps_.size(), left_out_, full_ ? full_hash_ : state_hash(core));
  return file;
}

}  // namespace godwit
