// Effects of the core as the C ABI lays them out (ABI.md, "Effects").
#pragma once

#include <string>

#include "shared/client/events.h"

namespace godwit::abi {

// Appends `u8 kind, u32 length, payload` for each effect, in order. A Persist's files are not in
// the output: write_batch (mount_files.h) puts them where the host takes them from.
void append_effects(std::string& out, const Effects& effects);

}  // namespace godwit::abi
