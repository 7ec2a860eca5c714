// Why a batch is written, as it can be read off its bytes and what stood before: each record that
// it adds, by its kind, and each other thing that a journal does to its files. Whatever of a batch
// is none of these is named too, so that a write of a new sort cannot pass for a known one.
#pragma once

#include <set>
#include <string>

#include "shared/journal/batch_store.h"
#include "tests/support/damage.h"

namespace godwit::testing {

// What a journal (shared/journal/mount_log.h) does besides adding records.
inline constexpr const char* kRewrite = "rewrite";       // all segments are replaced
inline constexpr const char* kDropped = "drop";          // the oldest segments go
inline constexpr const char* kDoubt = "doubt";           // the manifest begins to say so
inline constexpr const char* kRepair = "repair";         // a damaged segment without its damage
inline constexpr const char* kLossMark = "loss";         // a mark where records were lost
inline constexpr const char* kLostFile = "lost file";    // one that was named and not there goes
inline constexpr const char* kForeign = "foreign file";  // one that is no file of a journal goes
inline constexpr const char* kMisplaced = "misplaced";   // a segment that was in another's place
inline constexpr const char* kVoid = "void";             // the cache is declared void

// By mount and cause: "q O", "h rewrite".
std::set<std::string> causes_of(const Batch& batch, const MountFiles& before);

// The same of a mount: "q ", "h ", "c ".
std::string mount_head(Mount mount);

}  // namespace godwit::testing
