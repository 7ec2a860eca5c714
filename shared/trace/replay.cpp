#include "shared/trace/replay.h"

#include <algorithm>

#include "shared/client/state_hash.h"
#include "shared/trace/trace_file.h"

namespace godwit {
namespace {

std::string hex(std::uint64_t value) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(kDigits[(value >> shift) & 15]);
  return out;
}

// Notes where a recorded hash is not the replayed one; keeps the first such step.
void compare(Replay& replay, const std::optional<std::uint64_t>& recorded, std::uint64_t now) {
  if (!recorded) return;
  ++replay.compared;
  if (*recorded != now && replay.differs_at == 0) replay.differs_at = replay.steps;
}

}  // namespace

Replay replay_trace(std::string_view file, std::optional<std::uint64_t> until) {
  Replay replay;
  Result<Trace> trace = read_trace(file);
  if (!trace) {
    replay.text = trace.error().detail;
    return replay;
  }
  replay.left_out = trace->left_out;
  ClientCore core(ClientCore::Config{trace->seed});
  std::uint64_t last = until ? std::min<std::uint64_t>(*until, trace->steps.size())
                             : static_cast<std::uint64_t>(trace->steps.size());
  for (const TraceStep& step : trace->steps) {
    if (replay.steps == last) break;
    Effects effects;
    (void)core.step(step.now, step.wall, step.event, effects);
    ++replay.steps;
    std::uint64_t hash = state_hash(core);
    replay.hashes.push_back(hash);
    compare(replay, step.hash, hash);
  }
  if (last == trace->steps.size()) compare(replay, trace->end_hash, state_hash(core));
  replay.outcome = replay.differs_at == 0 ? Replay::Outcome::kSame : Replay::Outcome::kDiffers;
  if (until) replay.text = describe_state(core);
  return replay;
}

ReplayVerdict replay_verdict(std::string_view file, std::optional<std::uint64_t> until) {
  ReplayVerdict verdict;
  Replay replay = replay_trace(file, until);
  if (replay.outcome == Replay::Outcome::kMalformed) {
    verdict.err = "malformed trace: " + replay.text + "\n";
    return verdict;
  }
  verdict.out = replay.text;
  verdict.out += "steps " + std::to_string(replay.steps) + ", hashes compared " +
                 std::to_string(replay.compared);
  if (replay.left_out != 0) {
    verdict.out += ", steps not recorded (the recording was full) ";
    verdict.out += std::to_string(replay.left_out);
  }
  verdict.out += "\n";
  if (!replay.hashes.empty()) verdict.out += "state " + hex(replay.hashes.back()) + "\n";
  bool same = replay.outcome == Replay::Outcome::kSame;
  verdict.exit_code = same ? 0 : 1;
  verdict.out += same ? "the same as recorded\n"
                      : "differs after step " + std::to_string(replay.differs_at) + "\n";
  return verdict;
}

}  // namespace godwit
