#include "shared/journal/mount_log.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "shared/base/check.h"
#include "shared/base/limits.h"
#include "shared/base/mutation.h"
#include "shared/journal/record.h"

namespace godwit {
namespace {

constexpr std::string_view kManifest = "manifest";
constexpr std::string_view kDoubt = "?";
constexpr char kNext = '#';
constexpr char kNote = '=';
// A number beyond this is a disk's invention: after the highest that can be read there is none.
constexpr std::uint64_t kNumberMax = 1'000'000'000'000'000;

std::string segment_name(std::uint64_t number) { return "s" + std::to_string(number); }

std::optional<std::uint64_t> segment_number(std::string_view name) {
  if (name.size() < 2 || name.size() > 19 || name[0] != 's' || name[1] == '0') return std::nullopt;
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

// The two numbers after "#".
bool read_range(std::string_view text, std::uint64_t& first, std::uint64_t& next) {
  auto [after, error] = std::from_chars(text.data(), text.data() + text.size(), first);
  if (error != std::errc{} || after == text.data() + text.size()) return false;
  return std::from_chars(after + 1, text.data() + text.size(), next).ec == std::errc{};
}

// The last number that a mark of lost records stands for; nullopt: it is no mark.
std::optional<std::uint64_t> marked_to(const Record& record) {
  if (!is_loss_mark(record.payload)) return std::nullopt;
  std::uint64_t to = 0;
  const char* end = record.payload.data() + record.payload.size();
  bool good = std::from_chars(record.payload.data() + 1, end, to).ec == std::errc{};
  return good ? std::optional<std::uint64_t>(to) : std::nullopt;
}

}  // namespace

std::optional<MountLog::Manifest> MountLog::read_manifest(const StoredFile& file) {
  SegmentScan scan = scan_segment(file.bytes);
  if (scan.records.size() != 1 || !is_manifest(scan.records[0].payload)) {
    return std::nullopt;
  }
  Manifest manifest;
  std::string_view rest = std::string_view(scan.records[0].payload).substr(kManifestMagic.size());
  while (!rest.empty()) {
    std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    if (auto number = segment_number(line)) manifest.segments.insert(*number);
    if (!line.empty() && line[0] == kNext) {
      (void)read_range(line.substr(1), manifest.first_sequence, manifest.next_sequence);
    }
    if (line == kDoubt) manifest.doubtful = true;
    if (!line.empty() && line[0] == kNote) manifest.note = std::string(line.substr(1));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return manifest;
}

// The segments become this log's; their records are returned as they come.
std::vector<Record> MountLog::take_files(const std::vector<StoredFile>& files) {
  std::vector<Record> records;
  for (const StoredFile& file : files) {
    stored_.insert(file.name);
    auto number = segment_number(file.name);
    if (file.name == kManifest) {
      loading_->manifest = read_manifest(file);
      if (!loading_->manifest) loading_->misplaced = file.bytes;
    } else if (!number) {
      deleted_.insert(file.name);
    } else if (*number > kNumberMax) {
      loading_->beyond.emplace(*number, file.bytes);
    }
    if (!number || *number > kNumberMax) continue;
    take_segment(*number, file.bytes, records);
    next_number_ = std::max(next_number_, *number + 1);
  }
  return records;
}

void MountLog::take_segment(Number number, const std::string& bytes, std::vector<Record>& records) {
  LoadReport& report = loading_->report;
  SegmentScan scan = scan_segment(bytes);
  auto manifest = [](const Record& one) { return is_manifest(one.payload); };
  auto end = std::remove_if(scan.records.begin(), scan.records.end(), manifest);
  scan.damaged += static_cast<std::uint32_t>(scan.records.end() - end);
  scan.records.erase(end, scan.records.end());
  report.damaged += scan.damaged;
  if (scan.damaged != 0) {
    std::string& sound = sound_[number];
    for (const Record& one : scan.records) {
      append_record(sound, one.term, one.sequence, one.payload);
    }
  }
  std::move(scan.records.begin(), scan.records.end(), std::back_inserter(records));
  std::move(scan.debris.begin(), scan.debris.end(), std::back_inserter(report.debris));
  bytes_ += bytes.size();
  segments_.emplace(number, bytes);
}

// A file that bears the manifest's name and is none may be a segment that was put in its place.
void MountLog::take_misplaced(std::vector<Record>& records) {
  if (scan_segment(loading_->misplaced).records.empty()) return;
  dirty_.insert(next_number_);
  take_segment(next_number_++, loading_->misplaced, records);
}

// Segments of numbers that leave none for those after them get the next ones.
void MountLog::take_beyond(std::vector<Record>& records) {
  for (const auto& [number, bytes] : loading_->beyond) {
    const Number next = next_number_++;
    take_segment(next, bytes, records);
    deleted_.erase(segment_name(next));
    if (next == number) continue;
    deleted_.insert(segment_name(number));
    dirty_.insert(next);
    manifest_dirty_ = true;
  }
}

void MountLog::hand_over(std::vector<Record>& records, const Visit& visit) {
  std::stable_sort(records.begin(), records.end(),
                   [](const Record& a, const Record& b) { return a.sequence < b.sequence; });
  const Record* last = nullptr;
  for (const Record& record : records) {
    auto marked = marked_to(record);
    loading_->spans.push_back(Span{record.sequence, std::max(record.sequence, marked.value_or(0))});
    // The copy of a file holds the same records; one that merely has the same number is another.
    bool again =
        last != nullptr && last->sequence == record.sequence && last->payload == record.payload;
    last = &record;
    if (again || marked) continue;
    visit(record.payload);
    ++loading_->report.records;
  }
}

void MountLog::compare_with_manifest() {
  LoadReport& report = loading_->report;
  const std::optional<Manifest>& manifest = loading_->manifest;
  find_gaps();
  for (const auto& [from, to] : gaps_) report.lost_records += to - from + 1;
  report.manifest_missing = !manifest && !segments_.empty();
  if (manifest) {
    report.note = manifest->note;
    report.doubtful_before = manifest->doubtful;
    note_ = manifest->note.value_or(std::string());
    for (Number number : manifest->segments) {
      if (number <= kNumberMax) next_number_ = std::max(next_number_, number + 1);
      if (segments_.count(number) != 0 || loading_->beyond.count(number) != 0) continue;
      ++report.missing_files;
      lost_.insert(number);
      stored_.insert(segment_name(number));  // perhaps only unreadable this once: to be deleted
    }
    for (const auto& [number, bytes] : segments_) {
      if (manifest->segments.count(number) == 0) ++report.unnamed_files;
    }
  }
  doubtful_ = report.damage() || (manifest && manifest->doubtful);
  manifest_dirty_ = manifest_dirty_ || (doubtful_ && !(manifest && manifest->doubtful));
  seal_last_ = doubtful_;
}

void MountLog::find_gaps() {
  std::vector<Span>& spans = loading_->spans;
  std::stable_sort(spans.begin(), spans.end(),
                   [](const Span& a, const Span& b) { return a.from < b.from; });
  Manifest manifest = loading_->manifest.value_or(Manifest{});
  std::uint64_t expected = manifest.first_sequence;
  if (expected == 0 && !spans.empty()) expected = spans.front().from;
  if (expected != 0) first_sequence_ = expected;
  for (const Span& span : spans) {
    if (span.from > expected) gaps_.emplace_back(expected, span.from - 1);
    expected = std::max(expected, span.to + 1);
  }
  if (manifest.next_sequence > expected) gaps_.emplace_back(expected, manifest.next_sequence - 1);
  next_sequence_ = std::max({next_sequence_, expected, manifest.next_sequence});
}

MountLog::LoadReport MountLog::load(const std::vector<StoredFile>& files, const Visit& visit) {
  return *load_part(files, true, visit);
}

std::optional<MountLog::LoadReport> MountLog::load_part(const std::vector<StoredFile>& files,
                                                        bool last, const Visit& visit) {
  GODWIT_CHECK(!loaded_ && last_ticket_ == 0);
  if (!loading_) loading_.emplace();
  std::vector<Record> records = take_files(files);
  if (last) {
    take_misplaced(records);
    take_beyond(records);
  }
  hand_over(records, visit);
  bool known_before = loading_->manifest && loading_->manifest->doubtful;
  doubtful_ = known_before || loading_->report.damaged != 0;
  if (!last) return std::nullopt;
  compare_with_manifest();
  LoadReport report = std::move(loading_->report);
  loading_.reset();
  bytes_since_rewrite_ = bytes_;
  loaded_ = true;
  return report;
}

void MountLog::repair() {
  GODWIT_CHECK(loaded_);
  if (!doubtful_) return;
  for (auto& [number, sound] : sound_) {
    bytes_ += sound.size();
    bytes_ -= segments_.at(number).size();
    segments_.at(number) = std::move(sound);
    dirty_.insert(number);
  }
  sound_.clear();
  for (Number number : lost_) deleted_.insert(segment_name(number));
  lost_.clear();
  if (!gaps_.empty()) open_segment();
  for (const auto& [from, to] : gaps_) {
    auto& [number, segment] = *segments_.rbegin();
    std::size_t before = segment.size();
    append_record(segment, term_, from, kLossMark + std::to_string(to));
    bytes_ += segment.size() - before;
    dirty_.insert(number);
  }
  gaps_.clear();
  doubtful_ = false;
  manifest_dirty_ = true;
}

void MountLog::set_note(const std::string& note) {
  if (note == note_) return;
  note_ = note;
  manifest_dirty_ = true;
}

void MountLog::open_segment() {
  seal_last_ = false;
  segments_.emplace(next_number_++, std::string());
  manifest_dirty_ = true;
}

void MountLog::add_record(std::string_view payload) {
  std::size_t size = kRecordHeaderBytes + payload.size();
  bool full = segments_.empty() || seal_last_ ||
              (!segments_.rbegin()->second.empty() &&
               segments_.rbegin()->second.size() + size > limits::kSegmentBytesMax);
  if (full) open_segment();
  auto& [number, segment] = *segments_.rbegin();
  append_record(segment, term_, next_sequence_++, payload);
  manifest_dirty_ = true;
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
  for (Number number : lost_) deleted_.insert(segment_name(number));
  segments_.clear();
  sound_.clear();
  lost_.clear();
  gaps_.clear();
  doubtful_ = false;
  dirty_.clear();
  bytes_ = 0;
  first_sequence_ = next_sequence_;
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
    sound_.erase(oldest->first);
    segments_.erase(oldest);
    auto first = scan_segment(segments_.begin()->second).records;
    if (!first.empty()) first_sequence_ = std::max(first_sequence_, first.front().sequence);
    manifest_dirty_ = true;
  }
}

std::string MountLog::manifest() const {
  std::string payload(kManifestMagic);
  for (const auto& [number, segment] : segments_) payload += segment_name(number) + "\n";
  for (Number number : lost_) payload += segment_name(number) + "\n";
  payload += kNext + std::to_string(first_sequence_) + " " + std::to_string(next_sequence_) + "\n";
  if (doubtful_) payload += std::string(kDoubt) + "\n";
  if (!note_.empty()) payload += kNote + note_ + "\n";
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
  bool with_manifest =
      manifest_dirty_ && !(mutated(Mutation::kManifestApart) && !batch.puts.empty());
  if (with_manifest) batch.puts.push_back(StoredFile{std::string(kManifest), manifest()});
  for (const std::string& name : deleted_) {
    if (stored_.count(name) != 0) batch.deletes.push_back(name);
  }
  flying_ = std::move(dirty_);
  flying_deletes_ = std::move(deleted_);
  flying_manifest_ = with_manifest;
  dirty_.clear();
  deleted_.clear();
  manifest_dirty_ = manifest_dirty_ && !with_manifest;
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
