// The core's mounts as folders of Emscripten's in-memory file system, which IDBFS keeps in
// IndexedDB. Plain POSIX: the same code works in any file system.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/journal/batch_store.h"

namespace godwit::abi {

// "/q/s7" for file s7 of kQueue.
std::string path_of(Mount mount, std::string_view name);

// All regular files of a mount, by name. A folder that is not there is an empty mount; a file that
// cannot be read is left out.
std::vector<StoredFile> read_mount(Mount mount);

// The same, and they are not in the folder any more.
std::vector<StoredFile> take_mount(Mount mount);

// Makes the mount's folder hold the batch. In memory this cannot fail but by a fault of our own
// (CHECK); whether it is durable is what the host reports later.
void write_batch(const Batch& batch);

}  // namespace godwit::abi
