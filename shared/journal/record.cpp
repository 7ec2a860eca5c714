#include "shared/journal/record.h"

#include <optional>

#include "shared/base/hash.h"
#include "shared/base/mutation.h"

namespace godwit {
namespace {

template <typename Integer>
void put(std::string& bytes, std::size_t at, Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    bytes[at + i] = static_cast<char>((value >> (8 * i)) & 0xFF);
  }
}

template <typename Integer>
Integer get(std::string_view bytes, std::size_t at) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    value = static_cast<Integer>(value |
                                 (Integer{static_cast<unsigned char>(bytes[at + i])} << (8 * i)));
  }
  return value;
}

constexpr std::size_t kCheckedFrom = 8;  // the checksum covers all after itself

// How often a segment's bytes may be summed in search of the next record.
constexpr std::size_t kSearchFactor = 64;

// `budget` falls by the bytes that were summed in vain.
std::optional<Record> read_at(std::string_view segment, std::size_t at, std::size_t& budget) {
  std::string_view rest = segment.substr(at);
  if (rest.size() < kRecordHeaderBytes) return std::nullopt;
  auto length = get<std::uint32_t>(rest, 0);
  if (length > rest.size() - kRecordHeaderBytes || rest[8] != 0) return std::nullopt;
  std::string_view checked = rest.substr(kCheckedFrom, kRecordHeaderBytes - kCheckedFrom + length);
  if (checked.size() > budget) return std::nullopt;
  bool sound = mutated(Mutation::kChecksumUnread) || crc32c(checked) == get<std::uint32_t>(rest, 4);
  if (!sound) {
    budget -= checked.size();
    return std::nullopt;
  }
  return Record{get<std::uint32_t>(rest, 9), get<std::uint64_t>(rest, 13),
                rest.substr(kRecordHeaderBytes, length)};
}

}  // namespace

void append_record(std::string& segment, std::uint32_t term, std::uint64_t sequence,
                   std::string_view payload) {
  std::size_t at = segment.size();
  segment.append(kRecordHeaderBytes, '\0');  // cipher 0
  segment.append(payload);
  put(segment, at, static_cast<std::uint32_t>(payload.size()));
  put(segment, at + 9, term);
  put(segment, at + 13, sequence);
  put(segment, at + 4, crc32c(std::string_view(segment).substr(at + kCheckedFrom)));
}

SegmentScan scan_segment(std::string_view segment) {
  SegmentScan scan;
  std::size_t budget = segment.size() * kSearchFactor;
  bool in_damage = false;
  for (std::size_t at = 0; at < segment.size();) {
    auto record = read_at(segment, at, budget);
    if (record) {
      at += kRecordHeaderBytes + record->payload.size();
      scan.records.push_back(std::move(*record));
      in_damage = false;
      continue;
    }
    if (!in_damage) {
      scan.debris.emplace_back();
      scan.debris_at.push_back(at);
    }
    in_damage = true;
    scan.debris.back().push_back(segment[at]);
    ++at;
  }
  scan.damaged = static_cast<std::uint32_t>(scan.debris.size());
  return scan;
}

}  // namespace godwit
