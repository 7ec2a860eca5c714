// What a disk, a browser or a bug may do to stored files, drawn from a seed: for tests of healing
// and for the simulator. Works on a mount's files by name, as a store keeps them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "shared/base/prng.h"

namespace godwit::testing {

using MountFiles = std::map<std::string, std::string>;

enum class Damage : std::uint8_t {
  kFlip,       // one bit
  kTruncate,   // the end of a file is gone
  kCutOut,     // some bytes in the middle of a file are gone
  kOverwrite,  // some bytes are others
  kEmpty,      // a file without contents
  kDelete,     // a file is gone
  kSwap,       // two files have each other's contents
  kDuplicate,  // a file is there again under another name
};
inline constexpr int kDamages = 8;

inline const char* name_of(Damage damage) {
  constexpr const char* kNames[kDamages] = {"flip",  "truncate", "cut-out", "overwrite",
                                            "empty", "delete",   "swap",    "duplicate"};
  return kNames[static_cast<int>(damage)];
}

// A place in a file: the byte at `at` and up to `size` bytes from there.
struct Spot {
  std::string file;
  std::size_t at = 0;
  std::size_t size = 1;
};

// Does `damage` to the file at `spot`. False where it cannot be done there (nothing to swap with,
// no bytes) and nothing has changed.
inline bool damage_at(MountFiles& files, const Spot& spot, Damage damage, Prng& prng) {
  auto file = files.find(spot.file);
  if (file == files.end()) return false;
  std::string& bytes = file->second;
  bool in_bytes = damage == Damage::kFlip || damage == Damage::kTruncate ||
                  damage == Damage::kCutOut || damage == Damage::kOverwrite;
  if (in_bytes && spot.at >= bytes.size()) return false;
  switch (damage) {
    case Damage::kFlip:
      bytes[spot.at] = static_cast<char>(bytes[spot.at] ^ (1 << prng.below(8)));
      return true;
    case Damage::kTruncate:
      bytes.resize(spot.at);
      return true;
    case Damage::kCutOut:
      bytes.erase(spot.at, spot.size);
      return true;
    case Damage::kOverwrite:
      for (std::size_t i = spot.at; i < bytes.size() && i < spot.at + spot.size; ++i) {
        bytes[i] = static_cast<char>(bytes[i] ^ (1 + prng.below(255)));
      }
      return true;
    case Damage::kEmpty:
      if (bytes.empty()) return false;
      bytes.clear();
      return true;
    case Damage::kDelete:
      files.erase(file);
      return true;
    case Damage::kSwap: {
      auto other = files.begin();
      std::advance(other, static_cast<std::ptrdiff_t>(prng.below(files.size())));
      if (other == file || other->second == bytes) return false;
      std::swap(other->second, bytes);
      return true;
    }
    case Damage::kDuplicate: {
      std::string copy = bytes;
      return files.emplace("s" + std::to_string(900'000 + prng.below(1'000)), copy).second;
    }
  }
  return false;
}

// Does something somewhere. Empty where there was nothing to damage; else what was done, for a log.
inline std::string damage_anywhere(MountFiles& files, Prng& prng) {
  if (files.empty()) return {};
  auto file = files.begin();
  std::advance(file, static_cast<std::ptrdiff_t>(prng.below(files.size())));
  Spot spot{file->first, prng.below(file->second.size() + 1), 1 + prng.below(64)};
  auto damage = static_cast<Damage>(prng.below(kDamages));
  if (!damage_at(files, spot, damage, prng)) return {};
  return std::string(name_of(damage)) + " " + spot.file + "@" + std::to_string(spot.at);
}

}  // namespace godwit::testing
