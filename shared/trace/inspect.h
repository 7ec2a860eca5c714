// The subcommand `godwit inspect`: what one file of a client's journal holds (a segment, as a
// browser keeps it), by the very reader that loads it. Kinds, numbers and ranges alone: never a
// text that somebody wrote, nor a name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace godwit {

// No file of a journal is larger: one record alone may pass a segment's size, none passes this.
inline constexpr std::size_t kInspectedBytesMax = 1024 * 1024;

struct InspectVerdict {
  int exit_code = 2;  // 0: well-formed, 2: not
  std::string out;    // what could be read, in either case
  // "malformed segment: byte <offset>, record <number>: …", a line each, both counted from the
  // beginning of the file (bytes from 0, records from 1).
  std::string err;
};

InspectVerdict inspect_verdict(std::string_view file);

}  // namespace godwit
