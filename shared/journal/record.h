// The record format of the client's journal.
//
//   record  := length crc cipher term sequence payload
//   length  := u32   bytes of payload
//   crc     := u32   CRC-32C of everything after it, payload included
//   cipher  := u8    0: none (others are for encryption at rest)
//   term    := u32   the leadership under which it was written
//   sequence:= u64   rises by one a record within a mount, for ever
//   payload := bytes
//
// All integers little-endian. A segment is a run of records; a damaged one costs itself, and the
// reader goes on at the next place where a record with a right checksum begins.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace godwit {

inline constexpr std::size_t kRecordHeaderBytes = 4 + 4 + 1 + 4 + 8;

// As it was read: the payload is borrowed from the segment.
struct Record {
  std::uint32_t term = 0;
  std::uint64_t sequence = 0;
  std::string_view payload;
};

// Requires a payload that is no part of `segment`.
void append_record(std::string& segment, std::uint32_t term, std::uint64_t sequence,
                   std::string_view payload);

// What a manifest begins with, and a mark of lost records: records of the log's own, not the
// store's.
inline constexpr std::string_view kManifestMagic = "GW1\n";
inline constexpr char kLossMark = '\0';

inline bool is_manifest(std::string_view payload) { return payload.rfind(kManifestMagic, 0) == 0; }
inline bool is_loss_mark(std::string_view payload) {
  return !payload.empty() && payload.front() == kLossMark;
}

struct SegmentScan {
  std::vector<Record> records;
  std::uint32_t damaged = 0;           // runs of bytes that were no record
  std::vector<std::string> debris;     // these runs, for whoever can make out what they were
  std::vector<std::size_t> debris_at;  // where each of them begins
};

// Reads what can be read; the records point into `segment`. Never fails: bytes from a disk are as
// hostile as any others. Looking for the next record after damage takes time in proportion to the
// segment, whatever it holds; where that is used up, the rest counts as damage.
SegmentScan scan_segment(std::string_view segment);

}  // namespace godwit
