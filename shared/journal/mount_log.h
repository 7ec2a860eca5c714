// One mount's journal: records appended to small segments, a manifest that names the segments, and
// compaction that replaces them all. Decides which files a batch holds; does no I/O itself.
//
//   files    := "manifest" | "s" decimal            (numbers rise and are never used again)
//   manifest := one record whose payload is "GW1\n" and lines: a segment's name; "#" and the
//   numbers
//               of the first record and of the next one; "?" while what is held is in doubt; "="
//               and the owner's note
//
// The manifest goes with every batch, so that a record that is gone without a trace is missed. What
// is lost for good leaves a mark: a record numbered as the first lost one, whose payload is a NUL
// and the number of the last. The note is what the owner wants to know although records are lost:
// it is written in the same batch as the records it speaks of. A mount is in doubt from the load
// that found damage until everything in it was repaired or rewritten, however often it is loaded in
// between.
//
// One batch is in flight at a time. What is appended meanwhile goes with the next one. Each append
// gives a ticket; a ticket is durable once a batch that held it was reported persisted.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "shared/journal/batch_store.h"
#include "shared/journal/record.h"

namespace godwit {

class MountLog {
 public:
  using Ticket = std::uint64_t;

  struct LoadReport {
    std::uint32_t records = 0;
    std::uint32_t damaged = 0;        // records or runs of bytes that could not be read
    std::uint32_t missing_files = 0;  // named by the manifest, not there
    std::uint32_t unnamed_files = 0;  // segments that the manifest does not name
    std::uint64_t lost_records = 0;  // by their numbers; without a manifest no more than is certain
    bool doubtful_before = false;    // an earlier load found damage that is not repaired
    bool manifest_missing = false;   // there are segments, but no readable manifest
    std::vector<std::string> debris;  // the bytes that could not be read, a run each
    std::optional<std::string> note;  // the owner's, where the manifest was readable and has one
    bool damage() const {
      return damaged != 0 || missing_files != 0 || unnamed_files != 0 || lost_records != 0 ||
             manifest_missing;
    }
  };

  explicit MountLog(Mount mount) : mount_(mount) {}

  using Visit = std::function<void(std::string_view payload)>;

  // Takes over what a host loaded and hands every readable record's payload to `visit`, in the
  // order written; one that is there twice is handed over once. Requires that nothing was appended
  // yet. Saving is off until this was called. What was damaged is left as it is and never appended
  // to.
  LoadReport load(const std::vector<StoredFile>& files, const Visit& visit);
  // The same by parts, each file in one of them; returns the report with the `last`, and until then
  // the log is not loaded. The order written holds within a part. Damage is known to doubtful()
  // with the part that shows it, what is missing with the last.
  std::optional<LoadReport> load_part(const std::vector<StoredFile>& files, bool last,
                                      const Visit& visit);
  bool loaded() const { return loaded_; }
  bool loading() const { return loading_.has_value(); }  // parts came, the last did not
  void set_term(std::uint32_t term) { term_ = term; }

  // Adds a record to the active segment. A payload over the segment's size gets its own.
  Ticket append(std::string_view payload);

  // Compaction: the mount's content becomes exactly these payloads. Later appends follow.
  Ticket rewrite(const std::vector<std::string>& payloads);

  // Damage was found at this load or an earlier one, and not repaired since.
  bool doubtful() const { return doubtful_; }
  // The damaged bytes and the names of lost files go, with the next batch; what could be read
  // stays.
  void repair();

  // What the manifest is to say besides: no line break. Goes with the next batch where it is new.
  void set_note(const std::string& note);

  // Drops the oldest segments until both limits hold (a cache only).
  void drop_oldest(std::size_t files_max, std::size_t bytes_max);

  // The next batch, when there is something to write and none is in flight.
  std::optional<Batch> take_batch(std::uint32_t batch_id);
  // The answer to the batch in flight. After a failure the same files are due again.
  void batch_done(bool ok);

  bool in_flight() const { return in_flight_; }
  bool dirty() const { return !dirty_.empty() || !deleted_.empty() || manifest_dirty_; }
  Ticket last_ticket() const { return last_ticket_; }
  Ticket durable_through() const { return durable_; }
  // The highest ticket that was in a failed batch and is not durable since; 0: none.
  Ticket failed_through() const { return failed_ > durable_ ? failed_ : 0; }
  std::size_t bytes() const { return bytes_; }
  std::size_t bytes_since_rewrite() const { return bytes_since_rewrite_; }
  std::size_t files() const { return segments_.size(); }

 private:
  using Number = std::uint64_t;

  struct Manifest {
    std::set<Number> segments;
    std::uint64_t first_sequence = 0;  // 0: it does not say
    std::uint64_t next_sequence = 0;
    bool doubtful = false;
    std::optional<std::string> note;
  };

  // The numbers that a record stands for: its own, or those of the lost ones that it marks.
  struct Span {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
  };
  // What is known while parts are still to come.
  struct Loading {
    Loading() {}  // said, since clang makes none for an optional in the class around it
    std::optional<Manifest> manifest;
    std::string misplaced;                 // bears the manifest's name and is none
    std::map<Number, std::string> beyond;  // segments by numbers that are too high to go on from
    std::vector<Span> spans;
    LoadReport report;
  };

  static std::optional<Manifest> read_manifest(const StoredFile& file);
  std::vector<Record> take_files(const std::vector<StoredFile>& files);
  void take_segment(Number number, const std::string& bytes, std::vector<Record>& records);
  void take_misplaced(std::vector<Record>& records);
  void take_beyond(std::vector<Record>& records);
  void hand_over(std::vector<Record>& records, const Visit& visit);
  void compare_with_manifest();
  void find_gaps();
  void open_segment();
  void add_record(std::string_view payload);
  std::string manifest() const;

  Mount mount_;
  bool loaded_ = false;
  std::uint32_t term_ = 0;
  std::map<Number, std::string> segments_;
  Number next_number_ = 1;
  std::uint64_t first_sequence_ = 1;
  std::uint64_t next_sequence_ = 1;
  std::size_t bytes_ = 0;
  std::size_t bytes_since_rewrite_ = 0;

  std::set<Number> dirty_;         // segments to put
  std::set<std::string> deleted_;  // files to delete
  std::set<std::string> stored_;   // files the host has
  bool manifest_dirty_ = false;
  std::string note_;

  std::optional<Loading> loading_;
  bool doubtful_ = false;
  bool seal_last_ = false;               // the next record opens a segment
  std::map<Number, std::string> sound_;  // of damaged segments: the records that could be read
  std::set<Number> lost_;                // named by the manifest, not there
  std::vector<std::pair<std::uint64_t, std::uint64_t>>
      gaps_;  // numbers of lost records, [from, to]

  bool in_flight_ = false;
  std::set<Number> flying_;
  std::set<std::string> flying_deletes_;
  bool flying_manifest_ = false;
  Ticket last_ticket_ = 0;
  Ticket flying_ticket_ = 0;
  Ticket durable_ = 0;
  Ticket failed_ = 0;
};

}  // namespace godwit
