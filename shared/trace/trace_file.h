// A trace as a file: what a client's core was given, step by step, so that it can be given the same
// again, and the state hashes by which a replay is compared.
//
//   file    := magic record*           the first record is the head, the last one the end
//   magic   := "GODWIT TRACE 1\n"
//   record  := u32 length, u32 crc, payload            crc: CRC-32C of the payload
//   head    := 'H' u64 seed
//   step    := 'S' i64 now, i64 wall, u8 hashed, u64 hash, event       hash: 0 unless hashed
//   end     := 'E' u64 steps, u64 left_out, u8 hashed, u64 hash        hash: of the last step
//
// Integers are little-endian; events as trace_event.h has them. `left_out` counts the steps that
// came after the recording was full. Made for traces with filler (filler.h); this file knows
// nothing of that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/client/events.h"

namespace godwit {

inline constexpr std::string_view kTraceMagic = "GODWIT TRACE 1\n";
// A file is refused beyond this; a recording never comes near it.
inline constexpr std::size_t kTraceFileBytesMax = 256u * 1024 * 1024;

struct TraceStep {
  Instant now;
  Timestamp wall;
  std::optional<std::uint64_t> hash;
  Event event;
};

struct Trace {
  std::uint64_t seed = 0;
  std::vector<TraceStep> steps;
  std::uint64_t left_out = 0;
  std::optional<std::uint64_t> end_hash;
};

void append_step_payload(std::string& out, Instant now, Timestamp wall,
                         std::optional<std::uint64_t> hash, const Event& event);
inline std::string step_payload(const TraceStep& step) {
  std::string payload;
  append_step_payload(payload, step.now, step.wall, step.hash, step.event);
  return payload;
}
void append_trace_record(std::string& file, std::string_view payload);
void append_trace_head(std::string& file, std::uint64_t seed);
void append_trace_end(std::string& file, std::uint64_t steps, std::uint64_t left_out,
                      std::optional<std::uint64_t> hash);

// The payload of a step, as append_step_payload() wrote it, which begins at `at` in its file.
Result<TraceStep> read_step_payload(std::string_view payload, std::size_t at);
// Bytes from anywhere: an error's detail is "byte <offset>: what is wrong there".
Result<Trace> read_trace(std::string_view file);

}  // namespace godwit
