#include "tests/device/causes.h"

#include <algorithm>

#include "shared/client/records.h"
#include "shared/journal/record.h"

namespace godwit::testing {
namespace {

bool is_segment(const std::string& name) {
  return name.size() > 1 && name[0] == 's' &&
         name.find_first_not_of("0123456789", 1) == std::string::npos;
}

const std::string* file_of(const MountFiles& files, const std::string& name) {
  auto it = files.find(name);
  return it == files.end() ? nullptr : &it->second;
}

// A manifest's own record has the number 0; what stands in its place may be a segment.
std::uint64_t last_sequence(const MountFiles& files) {
  std::uint64_t last = 0;
  for (const auto& [name, bytes] : files) {
    for (const Record& record : scan_segment(bytes).records) last = std::max(last, record.sequence);
  }
  return last;
}

// The lines of a manifest; nothing where it is none.
std::set<std::string> manifest_lines(const std::string* bytes) {
  std::set<std::string> lines;
  SegmentScan scan = bytes == nullptr ? SegmentScan() : scan_segment(*bytes);
  if (scan.records.size() != 1) return lines;
  std::string_view rest = scan.records[0].payload;
  while (!rest.empty()) {
    std::size_t end = std::min(rest.find('\n'), rest.size());
    lines.insert(std::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines;
}

// "=h<generation> <epoch>": the two, or nothing.
std::pair<std::string, std::string> session_in(const std::set<std::string>& lines) {
  for (const std::string& line : lines) {
    std::size_t blank = line.find(' ');
    if (line.rfind("=h", 0) != 0 || blank == std::string::npos) continue;
    return {line.substr(2, blank - 2), line.substr(blank + 1)};
  }
  return {};
}

void note_manifest(const std::string& now, const std::string* before, const std::string& head,
                   std::set<std::string>& causes) {
  std::set<std::string> lines = manifest_lines(&now);
  std::set<std::string> earlier = manifest_lines(before);
  if (lines.count("?") != 0 && earlier.count("?") == 0) causes.insert(head + kDoubt);
  auto [generation, epoch] = session_in(lines);
  auto [generation_before, epoch_before] = session_in(earlier);
  bool voided = generation != generation_before && epoch == epoch_before && !epoch.empty();
  if (voided) causes.insert(head + kVoid);
}

void note_segment(const StoredFile& file, const std::string* before, std::uint64_t last,
                  const std::string& head, std::set<std::string>& causes) {
  bool extends = before == nullptr || file.bytes.rfind(*before, 0) == 0;
  if (!extends) causes.insert(head + kRepair);
  bool all_old = true;
  for (const Record& record : scan_segment(file.bytes).records) {
    bool mark = !record.payload.empty() && record.payload[0] == '\0';
    if (mark) causes.insert(head + kLossMark);
    bool is_new = record.sequence > last && !mark;
    if (is_new) causes.insert(head + std::string(record.payload.substr(0, 1)));
    all_old = all_old && !is_new && !mark;
  }
  if (all_old && before == nullptr) causes.insert(head + kMisplaced);
}

void note_deletes(const Batch& batch, const MountFiles& before, const std::string& head,
                  std::set<std::string>& causes) {
  std::ptrdiff_t gone = 0;
  for (const std::string& name : batch.deletes) {
    if (!is_segment(name)) {
      causes.insert(head + kForeign);
    } else if (file_of(before, name) == nullptr) {
      causes.insert(head + kLostFile);
    } else {
      ++gone;
    }
  }
  auto stood = std::count_if(before.begin(), before.end(),
                             [](const auto& file) { return is_segment(file.first); });
  if (gone != 0) causes.insert(head + (gone == stood ? kRewrite : kDropped));
}

}  // namespace

std::string mount_head(Mount mount) {
  constexpr const char* kHeads[kMounts] = {"q ", "h ", "c "};
  return kHeads[static_cast<std::size_t>(mount)];
}

std::set<std::string> causes_of(const Batch& batch, const MountFiles& before) {
  std::set<std::string> causes;
  const std::string head = mount_head(batch.mount);
  const std::uint64_t last = last_sequence(before);
  for (const StoredFile& file : batch.puts) {
    const std::string* earlier = file_of(before, file.name);
    if (file.name == "manifest") {
      note_manifest(file.bytes, earlier, head, causes);
    } else {
      note_segment(file, earlier, last, head, causes);
    }
  }
  note_deletes(batch, before, head, causes);
  if (causes.empty()) causes.insert(head + "for no known cause");
  return causes;
}

}  // namespace godwit::testing
