#include "shared/journal/mount_log.h"

#include <algorithm>
#include <charconv>

#include "shared/base/check.h"
#include "shared/base/limits.h"
#include "shared/journal/record.h"

namespace godwit {
namespace {

constexpr std::string_view kManifest = "manifest";
constexpr std::string_view kMagic = "GW1\n";

std::string segment_name(std::uint64_t number) { return "s" + std::to_string(number); }

std::optional<std::uint64_t> segment_number(std::string_view name) {
  if (name.size() < 2 || name.size() > 19 || name[0] != 's') return std::nullopt;
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

// The segments that the manifest names; nullopt where it is missing or damaged.
std::optional<std::set<std::uint64_t>> read_manifest(const std::vector<StoredFile>& files) {
  for (const StoredFile& file : files) {
    if (file.name != kManifest) continue;
    SegmentScan scan = scan_segment(file.bytes);
    if (scan.records.size() != 1 || scan.records[0].payload.rfind(kMagic, 0) != 0) break;
    std::set<std::uint64_t> numbers;
    std::string_view rest = std::string_view(scan.records[0].payload).substr(kMagic.size());
    while (!rest.empty()) {
      std::size_t end = std::min(rest.find('\n'), rest.size());
      if (auto number = segment_number(rest.substr(0, end))) numbers.insert(*number);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return numbers;
  }
  return std::nullopt;
}

}  // namespace

MountLog::LoadReport MountLog::load(const std::vector<StoredFile>& files,
                                    const std::function<void(std::string_view)>& visit) {
  GODWIT_CHECK(!loaded_ && last_ticket_ == 0);
  LoadReport report;
  auto named = read_manifest(files);
  std::vector<Record> records;
  for (const StoredFile& file : files) {
    stored_.insert(file.name);
    auto number = segment_number(file.name);
    if (!number) {
      if (file.name != kManifest) deleted_.insert(file.name);
      continue;
    }
    SegmentScan scan = scan_segment(file.bytes);
    report.damaged += scan.damaged;
    for (Record& record : scan.records) records.push_back(std::move(record));
    bytes_ += file.bytes.size();
    next_number_ = std::max(next_number_, *number + 1);
    segments_.emplace(*number, file.bytes);
  }
  report.manifest_missing = !named && !segments_.empty();
  manifest_dirty_ = report.manifest_missing;
  for (std::uint64_t number : named.value_or(std::set<std::uint64_t>{})) {
    if (segments_.count(number) == 0) ++report.missing_files;
    next_number_ = std::max(next_number_, number + 1);
  }
  std::stable_sort(records.begin(), records.end(),
                   [](const Record& a, const Record& b) { return a.sequence < b.sequence; });
  for (const Record& record : records) {
    next_sequence_ = std::max(next_sequence_, record.sequence + 1);
    visit(record.payload);
  }
  report.records = static_cast<std::uint32_t>(records.size());
  bytes_since_rewrite_ = bytes_;
  loaded_ = true;
  return report;
}

void MountLog::open_segment() {
  segments_.emplace(next_number_++, std::string());
  manifest_dirty_ = true;
}

void MountLog::add_record(std::string_view payload) {
  std::size_t size = kRecordHeaderBytes + payload.size();
  bool full =
      segments_.empty() || (!segments_.rbegin()->second.empty() &&
                            segments_.rbegin()->second.size() + size > limits::kSegmentBytesMax);
  if (full) open_segment();
  auto& [number, segment] = *segments_.rbegin();
  append_record(segment, term_, next_sequence_++, payload);
  dirty_.insert(number);
  bytes_ += size;
  bytes_since_rewrite_ += size;
}

MountLog::Ticket MountLog::append(std::string_view payload) {
  GODWIT_CHECK(loaded_);
  add_record(payload);
  return ++last_ticket_;
}

MountLog::Ticket MountLog::rewrite(const std::vector<std::string>& payloads) {
  GODWIT_CHECK(loaded_);
  for (const auto& [number, segment] : segments_) deleted_.insert(segment_name(number));
  segments_.clear();
  dirty_.clear();
  bytes_ = 0;
  open_segment();
  for (const std::string& payload : payloads) add_record(payload);
  dirty_.insert(segments_.rbegin()->first);
  bytes_since_rewrite_ = 0;
  manifest_dirty_ = true;
  return ++last_ticket_;
}

void MountLog::drop_oldest(std::size_t files_max, std::size_t bytes_max) {
  while (segments_.size() > 1 && (segments_.size() > files_max || bytes_ > bytes_max)) {
    auto oldest = segments_.begin();
    bytes_ -= oldest->second.size();
    deleted_.insert(segment_name(oldest->first));
    dirty_.erase(oldest->first);
    segments_.erase(oldest);
    manifest_dirty_ = true;
  }
}

std::string MountLog::manifest() const {
  std::string payload(kMagic);
  for (const auto& [number, segment] : segments_) payload += segment_name(number) + "\n";
  std::string file;
  append_record(file, term_, 0, payload);
  return file;
}

std::optional<Batch> MountLog::take_batch(std::uint32_t batch_id) {
  if (in_flight_ || !loaded_ || !dirty()) return std::nullopt;
  Batch batch{batch_id, mount_, {}, {}};
  for (Number number : dirty_) {
    batch.puts.push_back(StoredFile{segment_name(number), segments_.at(number)});
  }
  if (manifest_dirty_) batch.puts.push_back(StoredFile{std::string(kManifest), manifest()});
  for (const std::string& name : deleted_) {
    if (stored_.count(name) != 0) batch.deletes.push_back(name);
  }
  flying_ = std::move(dirty_);
  flying_deletes_ = std::move(deleted_);
  flying_manifest_ = manifest_dirty_;
  dirty_.clear();
  deleted_.clear();
  manifest_dirty_ = false;
  flying_ticket_ = last_ticket_;
  in_flight_ = true;
  // A failed batch may have reached the disk all the same: from here on the host may hold these.
  for (const StoredFile& file : batch.puts) stored_.insert(file.name);
  return batch;
}

void MountLog::batch_done(bool ok) {
  GODWIT_CHECK(in_flight_);
  in_flight_ = false;
  if (ok) {
    durable_ = flying_ticket_;
    for (const std::string& name : flying_deletes_) stored_.erase(name);
  } else {
    failed_ = flying_ticket_;
    manifest_dirty_ = manifest_dirty_ || flying_manifest_;
    deleted_.insert(flying_deletes_.begin(), flying_deletes_.end());
    for (Number number : flying_) {
      if (segments_.count(number) != 0) dirty_.insert(number);
    }
  }
  flying_.clear();
  flying_deletes_.clear();
}

}  // namespace godwit
