// A vector's effects.
#include "shared/journal/record.h"
#include "shared/protocol/json_writer.h"
#include "tests/conformance/step_json.h"

namespace godwit::conformance {
namespace {

constexpr int kDepthMax = 32;

json::Writer begin(const char* name) {
  json::Writer out;
  out.open('{').field("t", name);
  return out;
}

// `text` as JSON under `name` where that is the same bytes again, else as a string.
void embed(json::Writer& out, const std::string& name, const std::string& text) {
  auto value = json::parse(text, kDepthMax);
  if (value && json::to_text(*value) == text) {
    out.key(name).raw(text);
  } else {
    out.field(name + "Text", text);
  }
}

std::string hex(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (char byte : bytes) {
    out.push_back(kDigits[(static_cast<unsigned char>(byte) >> 4) & 15]);
    out.push_back(kDigits[static_cast<unsigned char>(byte) & 15]);
  }
  return out;
}

void write_file(json::Writer& out, const StoredFile& file) {
  out.open('{').field("name", file.name);
  SegmentScan scan = scan_segment(file.bytes);
  std::string again;
  for (const Record& one : scan.records) {
    append_record(again, one.term, one.sequence, one.payload);
  }
  if (again == file.bytes) {
    out.key("records").open('[');
    for (const Record& one : scan.records) {
      out.open('{').number("term", one.term);
      out.key("sequence").unsigned_integer(one.sequence).field("payload", one.payload).close('}');
    }
    out.close(']');
  } else {
    out.field("hex", hex(file.bytes));
  }
  out.close('}');
}

json::Writer write(const Connect&) { return begin("connect"); }

json::Writer write(const Disconnect& effect) {
  json::Writer out = begin("disconnect");
  out.number("code", effect.code);
  return out;
}

json::Writer write(const SendFrame& effect) {
  json::Writer out = begin("send");
  embed(out, "frame", effect.text);
  return out;
}

json::Writer write(const HttpRequest& effect) {
  json::Writer out = begin("http");
  out.number("id", effect.id).field("method", effect.method).field("path", effect.path);
  if (!effect.body.empty()) embed(out, "body", effect.body);
  return out;
}

json::Writer write(const Persist& effect) {
  json::Writer out = begin("persist");
  out.number("batch", effect.batch.id).field("mount", mount_name(effect.batch.mount));
  out.key("puts").open('[');
  for (const StoredFile& file : effect.batch.puts) write_file(out, file);
  out.close(']').key("deletes").open('[');
  for (const std::string& name : effect.batch.deletes) out.string(name);
  out.close(']');
  return out;
}

json::Writer write(const ViewDiff& effect) {
  json::Writer out = begin("view");
  out.number("view", effect.view);
  embed(out, "diff", effect.json);
  return out;
}

json::Writer write(const Kept& effect) {
  json::Writer out = begin("kept");
  out.key("tempIds").open('[');
  for (const std::string& temp_id : effect.temp_ids) out.string(temp_id);
  out.close(']');
  return out;
}

json::Writer write(const SessionEnded&) { return begin("sessionEnded"); }
json::Writer write(const Outdated&) { return begin("outdated"); }

json::Writer write(const Report& effect) {
  json::Writer out = begin("report");
  embed(out, "report", effect.json);
  return out;
}

}  // namespace

std::string effect_json(const Effect& effect) {
  json::Writer out = std::visit([](const auto& one) { return write(one); }, effect);
  return out.close('}').take();
}

}  // namespace godwit::conformance
