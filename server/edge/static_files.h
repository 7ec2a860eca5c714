// The web app's files, streamed by the edge: which file a path means, and the answer it becomes
// (RFC 9110: conditional requests, ranges; precompressed siblings by Accept-Encoding).
//
// A path means a file only when every segment is plain: no ".", "..", no leading dot, no NUL or
// backslash, after percent-decoding; and the file, links followed, lies below the root. So nothing
// outside of the root can be named, and no hidden file in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "server/edge/answer.h"
#include "server/edge/http_head.h"

namespace godwit::server {

class StaticFiles {
 public:
  // `root` empty: there are no files. A root that is not a folder counts as empty.
  explicit StaticFiles(const std::string& root);

  // The plain path below the root ("assets/app-1a2b3c4d.js") of the file that a request path means,
  // or nullopt. "/" is index.html; a path that names no file is index.html too when it could be a
  // page of the app: it has no extension and `is_navigation`. Any thread.
  std::optional<std::string> resolve(std::string_view request_path, bool is_navigation) const;

  // The answer to GET or HEAD for a path that resolve() gave: 200, 206, 304, 416, or 404 when the
  // file has gone. Opens the file; the answer owns it. Any thread.
  Answer open(const std::string& path, const RequestHead& head) const;

 private:
  std::optional<std::filesystem::path> locate(const std::string& path) const;
  std::filesystem::path root_;  // canonical; empty: none
};

// The media type of a file by its extension; application/octet-stream for an unknown one.
std::string_view media_type(std::string_view path);

// True for a name with a content hash, as the build makes them below assets/: "app-1a2b3c4d.js".
bool is_hashed_name(std::string_view path);

// Decodes %XX; nullopt for a malformed escape.
std::optional<std::string> percent_decode(std::string_view text);

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};
enum class RangeVerdict : unsigned char { kWhole, kPart, kUnsatisfiable };
// RFC 9110, 14.2: one range of bytes. Several ranges, other units and malformed ones are ignored,
// which the RFC allows: the answer is then whole.
RangeVerdict parse_range(std::string_view header, std::uint64_t size, ByteRange& range);

// Whether an If-None-Match names this ETag (weak comparison).
bool etag_matches(std::string_view header, std::string_view etag);

// Whether an Accept-Encoding takes this coding (named, with a q that is not 0).
bool accepts_coding(std::string_view header, std::string_view coding);

}  // namespace godwit::server
