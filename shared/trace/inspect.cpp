#include "shared/trace/inspect.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>

#include "shared/client/client_store.h"
#include "shared/client/load_record.h"
#include "shared/journal/record.h"

namespace godwit {
namespace {

constexpr std::size_t kFaultsShownMax = 20;

struct Fault {
  std::size_t byte = 0;
  std::size_t record = 0;
  std::string what;
};

std::string range(std::uint64_t from, std::uint64_t to) {
  return std::to_string(from) + (from == to ? "" : "-" + std::to_string(to));
}

class Inspection {
 public:
  explicit Inspection(std::string_view file) : file_(file), scan_(scan_segment(file)) {}

  InspectVerdict verdict() {
    note_damage();
    for (std::size_t i = 0; i < scan_.records.size(); ++i) note_record(i);
    InspectVerdict verdict;
    describe(verdict.out);
    tell_faults(verdict.err);
    verdict.exit_code = faults_.empty() ? 0 : 2;
    return verdict;
  }

 private:
  std::size_t begin_of(const Record& record) const {
    return static_cast<std::size_t>(record.payload.data() - file_.data()) - kRecordHeaderBytes;
  }

  // The number of a record, or of what stands where one should.
  void note_damage() {
    for (std::size_t i = 0; i < scan_.debris.size(); ++i) {
      std::size_t at = scan_.debris_at[i];
      auto before = std::count_if(scan_.records.begin(), scan_.records.end(),
                                  [&](const Record& one) { return begin_of(one) < at; });
      std::size_t number = static_cast<std::size_t>(before) + i + 1;
      faults_.push_back(
          {at, number, std::to_string(scan_.debris[i].size()) + " bytes that are no record"});
    }
  }

  std::size_t number_of(std::size_t index) const {
    std::size_t at = begin_of(scan_.records[index]);
    auto damaged = std::lower_bound(scan_.debris_at.begin(), scan_.debris_at.end(), at);
    return index + 1 + static_cast<std::size_t>(damaged - scan_.debris_at.begin());
  }

  void refuse(std::size_t index, std::string what) {
    faults_.push_back({begin_of(scan_.records[index]), number_of(index), std::move(what)});
  }

  void note_record(std::size_t index) {
    std::string_view payload = scan_.records[index].payload;
    if (is_manifest(payload)) {
      ++kinds_["manifest"];
      if (scan_.records.size() != 1) refuse(index, "a manifest among other records");
      return;
    }
    if (is_loss_mark(payload)) {
      ++kinds_["mark of lost records"];
      return;
    }
    const RecordForm* form = record_form(payload);
    if (form == nullptr) return refuse(index, "a record of an unknown kind");
    if (!mount_) mount_ = form->mount;
    ++kinds_[form->name];
    if (form->mount != *mount_) return refuse(index, "a record of another mount");
    if (form->mount == Mount::kCache) take_generation(payload.substr(1));
    Taken taken = load_record(payload, form->mount, true, state_).taken;
    if (taken == Taken::kMalformed) {
      refuse(index, "this is no " + std::string(form->name));
    }
  }

  // Records of every generation are read, not of the present one alone.
  void take_generation(std::string_view rest) {
    (void)std::from_chars(rest.data(), rest.data() + rest.size(), state_.cache_generation);
  }

  void describe(std::string& out) const {
    out += mount_ ? "a segment of the " + std::string(mount_name(*mount_)) + " mount, " : "";
    out += std::to_string(file_.size()) + " bytes, records " +
           std::to_string(scan_.records.size()) + "\n";
    for (const auto& [name, count] : kinds_) {
      out += "  " + std::to_string(count) + " " + std::string(name) + "\n";
    }
    describe_range(out);
    for (const auto& [chat_id, chat] : state_.chats) {
      const auto& messages = chat.timeline().messages();
      out += "chat " + chat_id.str() + ", messages " + std::to_string(messages.size());
      if (!messages.empty()) {
        out +=
            ", seq " + range(messages.begin()->first.value, std::prev(messages.end())->first.value);
      }
      out += "\n";
    }
    std::size_t waiting = state_.outbox.size();
    if (waiting != 0) out += "operations left " + std::to_string(waiting) + "\n";
  }

  void describe_range(std::string& out) const {
    if (scan_.records.empty()) return;
    auto by_sequence = [](const Record& a, const Record& b) { return a.sequence < b.sequence; };
    auto by_term = [](const Record& a, const Record& b) { return a.term < b.term; };
    auto [first, last] =
        std::minmax_element(scan_.records.begin(), scan_.records.end(), by_sequence);
    auto [low, high] = std::minmax_element(scan_.records.begin(), scan_.records.end(), by_term);
    out += "sequence " + range(first->sequence, last->sequence) + ", term " +
           range(low->term, high->term) + "\n";
  }

  void tell_faults(std::string& err) {
    std::stable_sort(faults_.begin(), faults_.end(),
                     [](const Fault& a, const Fault& b) { return a.byte < b.byte; });
    for (std::size_t i = 0; i < faults_.size() && i < kFaultsShownMax; ++i) {
      err += "malformed segment: byte " + std::to_string(faults_[i].byte) + ", record " +
             std::to_string(faults_[i].record) + ": " + faults_[i].what + "\n";
    }
    if (faults_.size() > kFaultsShownMax) {
      err += "and " + std::to_string(faults_.size() - kFaultsShownMax) + " more\n";
    }
  }

  std::string_view file_;
  SegmentScan scan_;
  std::vector<Fault> faults_;
  std::optional<Mount> mount_;
  std::map<std::string_view, std::size_t> kinds_;
  ClientState state_;
};

}  // namespace

InspectVerdict inspect_verdict(std::string_view file) {
  InspectVerdict verdict;
  if (file.empty()) {
    verdict.err = "malformed segment: byte 0, record 1: the file is empty\n";
    return verdict;
  }
  if (file.size() > kInspectedBytesMax) {
    verdict.err = "malformed segment: byte " + std::to_string(kInspectedBytesMax) +
                  ": no file of a journal is as large\n";
    return verdict;
  }
  return Inspection(file).verdict();
}

}  // namespace godwit
