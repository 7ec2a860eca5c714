// Filler in what a device has stored: records as records.h lists them, and damage between
// them.
#include <array>

#include "shared/base/utf8.h"
#include "shared/client/records.h"
#include "shared/journal/record.h"
#include "shared/trace/filler.h"

namespace godwit {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Codes, ids and numbers alone.
bool is_bare(RecordKind kind) {
  switch (kind) {
    case RecordKind::kRefused:
    case RecordKind::kRetried:
    case RecordKind::kDropped:
    case RecordKind::kSession:
    case RecordKind::kForgotten:
    case RecordKind::kPrivatePosition:
      return true;
    default:
      return false;
  }
}

// Where the JSON of a record begins: after its head, which is codes and numbers.
std::size_t json_begin(std::string_view payload) {
  std::size_t line = payload.find('\n');
  std::size_t brace = payload.find('{');
  return line == std::string_view::npos || brace < line ? brace : line + 1;
}

// The length of what `run` begins with that is no text: a record's type with its numbers, or the
// name of a field with its colon. 0: neither.
std::size_t mark_size(std::string_view run) {
  std::size_t at = 1;
  if (run[0] >= 'A' && run[0] <= 'Z') {
    while (at < run.size() && (is_digit(run[at]) || run[at] == ' ')) ++at;
    bool ends = at == run.size() || run[at] == '\n' || run[at] == '{' || run[at] == '\0';
    return at > 1 && ends ? at : 0;
  }
  constexpr std::array<std::string_view, 15> kFields{
      "\"type\":",  "\"tempId\":", "\"chatId\":", "\"messageId\":", "\"content\":",
      "\"text\":",  "\"value\":",  "\"key\":",    "\"replyTo\":",   "\"add\":true",
      "\"emoji\":", "\"seq\":",    "\"rev\":",    "\"userSeq\":",   "\"add\":false"};
  for (std::string_view field : kFields) {
    if (run.substr(0, field.size()) == field) return field.size();
  }
  return 0;
}

// The string that follows the name of an id: its size with the quotes, or 0.
std::size_t id_size(std::string_view run, std::string_view field) {
  bool names_id = field == "\"type\":" || field == "\"tempId\":" || field == "\"chatId\":" ||
                  field == "\"messageId\":" || field == "\"key\":" || field == "\"replyTo\":";
  if (!names_id || run.empty() || run[0] != '"') return 0;
  std::size_t end = run.substr(0, limits::kTempIdBytesMax + 2).find('"', 1);
  return end == std::string_view::npos ? 0 : end + 1;
}

// One character of a damaged stretch. What JSON is made of stays; so does what is no text at all.
std::size_t fill_damaged(std::string_view run, std::string& out) {
  std::size_t size = 2;
  while (size <= 4 && size <= run.size() && !is_valid_utf8(run.substr(0, size))) ++size;
  auto byte = static_cast<unsigned char>(run[0]);
  if (byte >= 0x80) {
    bool whole = size <= 4 && size <= run.size();
    out += whole ? filler_for(run.substr(0, size)) : std::string(1, '\xFF');
    return whole ? size : 1;
  }
  bool structural = std::string_view("{}[]\":,\\\n").find(run[0]) != std::string_view::npos;
  bool escape = !out.empty() && out.back() == '\\' && (run[0] == 'n' || run[0] == 't');
  bool is_text = byte >= 0x20 && !structural && !escape;
  out.push_back(is_text ? 'x' : run[0]);
  return 1;
}

std::string filled_debris(std::string_view run) {
  std::string out;
  while (out.size() < run.size()) {
    std::string_view rest = run.substr(out.size());
    std::size_t size = mark_size(rest);
    if (size == 0) {
      fill_damaged(rest, out);
      continue;
    }
    size += id_size(rest.substr(size), rest.substr(0, size));
    out.append(rest.substr(0, size));
  }
  return out;
}

}  // namespace

std::string filled_record(std::string_view payload) {
  if (payload.empty()) return {};
  const RecordForm* form = record_form(payload);
  if (form != nullptr && form->kind == RecordKind::kPartial) {  // its text as it is
    std::size_t line = payload.find('\n');
    std::size_t text = line == std::string_view::npos ? payload.size() : line + 1;
    return std::string(payload.substr(0, text)) + filler_for(payload.substr(text));
  }
  if ((form != nullptr && is_bare(form->kind)) || is_manifest(payload)) {
    return std::string(payload);
  }
  std::size_t begin = json_begin(payload);
  if (begin == std::string_view::npos) return filled_debris(payload);
  return std::string(payload.substr(0, begin)) + filled_json(payload.substr(begin));
}

// The stretches between the records are what a scan counts as damage, one by one.
StoredFile filled_file(const StoredFile& file) {
  SegmentScan scan = scan_segment(file.bytes);
  StoredFile out{file.name, {}};
  std::size_t at = 0;
  for (const Record& record : scan.records) {
    std::string bytes;
    append_record(bytes, record.term, record.sequence, record.payload);
    std::size_t found = file.bytes.find(bytes, at);
    if (found > at) out.bytes += filled_debris(file.bytes.substr(at, found - at));
    append_record(out.bytes, record.term, record.sequence, filled_record(record.payload));
    at = found + bytes.size();
  }
  out.bytes += filled_debris(std::string_view(file.bytes).substr(at));
  return out;
}

}  // namespace godwit
