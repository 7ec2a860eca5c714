#include "shared/trace/trace_file.h"

#include "shared/base/hash.h"
#include "shared/trace/bytes.h"
#include "shared/trace/trace_event.h"

namespace godwit {
namespace {

using trace::Bytes;
using trace::put;
using trace::write;

constexpr std::size_t kRecordHeadBytes = 8;

void put_hash(std::string& out, const std::optional<std::uint64_t>& hash) {
  put(out, static_cast<std::uint8_t>(hash.has_value()));
  put(out, hash.value_or(0));
}

std::optional<std::uint64_t> take_hash(Bytes& in) {
  bool hashed = in.take_flag();
  auto hash = in.take<std::uint64_t>();
  if (!hashed) return std::nullopt;
  return hash;
}

// What a host's clocks can read. Beyond it no time could be written.
constexpr std::int64_t kNowMsMax = std::int64_t{1} << 53;
constexpr std::int64_t kWallMsMax = 253'402'300'799'999;

// Reads the records one after the other and holds them to their order.
class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  Result<Trace> read();

 private:
  Status take_record();
  Status take_head(Bytes& in);
  Status take_step(std::string_view payload);
  Status take_end(Bytes& in);
  std::size_t payload_at() const { return at_ + kRecordHeadBytes; }

  std::string_view file_;
  std::size_t at_ = kTraceMagic.size();
  bool has_head_ = false;
  bool ended_ = false;
  Trace trace_;
};

Result<Trace> Reader::read() {
  if (file_.size() > kTraceFileBytesMax)
    return trace_fault(kTraceFileBytesMax, "too long for a trace");
  if (file_.substr(0, kTraceMagic.size()) != kTraceMagic) return trace_fault(0, "this is no trace");
  while (!ended_) {
    if (Status status = take_record(); !status) return status.error();
  }
  if (at_ != file_.size()) return trace_fault(at_, "bytes after the end of the trace");
  return std::move(trace_);
}

Status Reader::take_record() {
  Bytes in(file_.substr(at_));
  auto length = in.take<std::uint32_t>();
  auto crc = in.take<std::uint32_t>();
  std::string_view payload = in.take_bytes(length);
  if (!in.ok()) return trace_fault(at_, "the trace is cut off");
  if (crc32c(payload) != crc) return trace_fault(at_, "the record's checksum is wrong");
  Bytes inside(payload);
  auto type = static_cast<char>(inside.take<std::uint8_t>());
  if (!has_head_ && type != 'H') return trace_fault(payload_at(), "the head is missing");
  Status status;
  switch (type) {
    case 'H':
      status = take_head(inside);
      break;
    case 'S':
      status = take_step(payload);
      break;
    case 'E':
      status = take_end(inside);
      break;
    default:
      return trace_fault(payload_at(), "no such record");
  }
  at_ += kRecordHeadBytes + payload.size();
  return status;
}

Status Reader::take_head(Bytes& in) {
  if (has_head_) return trace_fault(payload_at(), "a second head");
  has_head_ = true;
  trace_.seed = in.take<std::uint64_t>();
  if (!in.ok() || !in.at_end()) return trace_fault(payload_at() + in.at(), "the head is malformed");
  return Status::ok();
}

Status Reader::take_step(std::string_view payload) {
  Result<TraceStep> step = read_step_payload(payload, payload_at());
  if (!step) return step.error();
  trace_.steps.push_back(std::move(*step));
  return Status::ok();
}

Status Reader::take_end(Bytes& in) {
  auto steps = in.take<std::uint64_t>();
  trace_.left_out = in.take<std::uint64_t>();
  trace_.end_hash = take_hash(in);
  if (!in.ok() || !in.at_end()) return trace_fault(payload_at() + in.at(), "the end is malformed");
  if (steps != trace_.steps.size()) return trace_fault(payload_at(), "a step is missing");
  ended_ = true;
  return Status::ok();
}

}  // namespace

void append_step_payload(std::string& out, Instant now, Timestamp wall,
                         std::optional<std::uint64_t> hash, const Event& event) {
  constexpr std::size_t kHeadBytes = 1 + 8 + 8 + 1 + 8;
  char head[kHeadBytes];  // in one piece, since one goes with every input of a core
  char* at = head;
  *at++ = 'S';
  at = write(at, now.ms);
  at = write(at, wall.unix_ms);
  *at++ = hash ? 1 : 0;
  write(at, hash.value_or(0));
  out.append(head, sizeof(head));
  append_event(out, event);
}

void append_trace_record(std::string& file, std::string_view payload) {
  put(file, static_cast<std::uint32_t>(payload.size()));
  put(file, crc32c(payload));
  file.append(payload);
}

void append_trace_head(std::string& file, std::uint64_t seed) {
  file.append(kTraceMagic);
  std::string payload = "H";
  put(payload, seed);
  append_trace_record(file, payload);
}

void append_trace_end(std::string& file, std::uint64_t steps, std::uint64_t left_out,
                      std::optional<std::uint64_t> hash) {
  std::string payload = "E";
  put(payload, steps);
  put(payload, left_out);
  put_hash(payload, hash);
  append_trace_record(file, payload);
}

Result<TraceStep> read_step_payload(std::string_view payload, std::size_t at) {
  Bytes in(payload);
  TraceStep step;
  in.take<std::uint8_t>();  // its type
  step.now.ms = in.take<std::int64_t>();
  step.wall.unix_ms = in.take<std::int64_t>();
  step.hash = take_hash(in);
  if (!in.ok()) return trace_fault(at + in.at(), "the step is cut off");
  bool readable = step.now.ms >= -kNowMsMax && step.now.ms <= kNowMsMax && step.wall.unix_ms >= 0 &&
                  step.wall.unix_ms <= kWallMsMax;
  if (!readable) return trace_fault(at + 1, "a clock that reads so is none");
  std::size_t event_at = in.at();
  Result<Event> event = read_event_bytes(payload.substr(event_at), at + event_at);
  if (!event) return event.error();
  step.event = std::move(*event);
  return step;
}

Result<Trace> read_trace(std::string_view file) { return Reader(file).read(); }

}  // namespace godwit
