#include "server/edge/static_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace godwit::server {
namespace {

namespace fs = std::filesystem;
using boost::beast::http::verb;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls `visit` for each comma-separated item until it returns true.
template <typename Visit>
bool any_item(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (visit(trim(list.substr(0, comma)))) return true;
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

bool is_plain_segment(std::string_view segment) {
  return !segment.empty() && segment.front() != '.' && segment.size() <= 255 &&
         std::none_of(segment.begin(), segment.end(), [](char c) {
           return c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
         });
}

bool is_plain_path(std::string_view path) {
  if (path.empty() || path.size() > kPathBytesMax) return false;
  while (true) {
    const auto slash = path.find('/');
    if (!is_plain_segment(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

std::string_view extension(std::string_view path) {
  const auto dot = path.rfind('.');
  const auto slash = path.rfind('/');
  if (dot == std::string_view::npos || (slash != std::string_view::npos && dot < slash)) return {};
  return path.substr(dot + 1);
}

// Opens a regular file for reading; -1 otherwise. Never blocks on a fifo.
int open_regular(const fs::path& path, struct stat& info) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return -1;
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) return fd;
  ::close(fd);
  return -1;
}

std::string etag_of(const struct stat& info, std::string_view coding) {
  std::string etag = "\"" + std::to_string(info.st_size) + "-" +
                     std::to_string(info.st_mtim.tv_sec) + "." +
                     std::to_string(info.st_mtim.tv_nsec);
  if (!coding.empty()) etag += "-" + std::string(coding);
  return etag + "\"";
}

struct Opened {
  int fd = -1;
  struct stat info {};
  std::string_view coding;  // "", "br", "gzip"
};

// The best stored form that the client takes. A stale sibling, older than its file, is passed over.
Opened open_best(const fs::path& file, const RequestHead& head) {
  Opened plain;
  plain.fd = open_regular(file, plain.info);
  if (plain.fd < 0) return plain;
  constexpr std::array<std::pair<const char*, const char*>, 2> kForms = {
      {{"br", ".br"}, {"gzip", ".gz"}}};
  for (const auto& [coding, suffix] : kForms) {
    if (!accepts_coding(head.accept_encoding, coding)) continue;
    Opened packed;
    packed.coding = coding;
    packed.fd = open_regular(file.string() + suffix, packed.info);
    if (packed.fd < 0) continue;
    if (packed.info.st_mtim.tv_sec >= plain.info.st_mtim.tv_sec) {
      ::close(plain.fd);
      return packed;
    }
    ::close(packed.fd);
  }
  return plain;
}

void set_headers(Answer& answer, const std::string& path, const Opened& opened,
                 const std::string& etag) {
  answer.set("ETag", etag);
  answer.set("Cache-Control",
             is_hashed_name(path) ? "public, max-age=31536000, immutable" : "no-cache");
  answer.set("Vary", "Accept-Encoding");
  answer.set("Last-Modified", http_date(opened.info.st_mtim.tv_sec));
  answer.set("Accept-Ranges", "bytes");
}

// Turns the whole answer into the part that was asked for, where one was.
void apply_range(Answer& answer, const RequestHead& head, const std::string& etag) {
  if (head.range.empty() || (!head.if_range.empty() && head.if_range != etag)) return;
  const std::uint64_t whole = answer.file_size;
  ByteRange range;
  switch (parse_range(head.range, whole, range)) {
    case RangeVerdict::kWhole:
      return;
    case RangeVerdict::kUnsatisfiable:
      answer.status = 416;
      answer.file_size = 0;
      answer.set("Content-Range", "bytes */" + std::to_string(whole));
      return;
    case RangeVerdict::kPart:
      answer.status = 206;
      answer.file_offset = range.offset;
      answer.file_size = range.size;
      answer.set("Content-Range", "bytes " + std::to_string(range.offset) + "-" +
                                      std::to_string(range.offset + range.size - 1) + "/" +
                                      std::to_string(whole));
      return;
  }
}

}  // namespace

StaticFiles::StaticFiles(const std::string& root) {
  std::error_code error;
  if (root.empty()) return;
  auto canonical = fs::canonical(root, error);
  if (!error && fs::is_directory(canonical, error) && !error) root_ = std::move(canonical);
}

std::optional<fs::path> StaticFiles::locate(const std::string& path) const {
  if (root_.empty() || !is_plain_path(path)) return std::nullopt;
  std::error_code error;
  auto canonical = fs::canonical(root_ / path, error);
  if (error || !fs::is_regular_file(canonical, error) || error) return std::nullopt;
  auto mismatch = std::mismatch(root_.begin(), root_.end(), canonical.begin(), canonical.end());
  if (mismatch.first != root_.end()) return std::nullopt;
  return canonical;
}

std::optional<std::string> StaticFiles::resolve(std::string_view request_path,
                                                bool is_navigation) const {
  auto decoded = percent_decode(request_path);
  if (!decoded || decoded->empty() || decoded->front() != '/') return std::nullopt;
  std::string path = decoded->substr(1);
  if (path.empty()) path = "index.html";
  if (locate(path)) return path;
  const bool could_be_page =
      path.back() == '/' ? is_plain_path(path.substr(0, path.size() - 1)) : is_plain_path(path);
  if (!is_navigation || !could_be_page || !extension(path).empty()) return std::nullopt;
  if (!locate("index.html")) return std::nullopt;
  return "index.html";
}

Answer StaticFiles::open(const std::string& path, const RequestHead& head) const {
  auto file = locate(path);
  if (!file) return problem_answer(404, Code::kNotFound, "no such path");
  const Opened opened = open_best(*file, head);
  if (opened.fd < 0) return problem_answer(404, Code::kNotFound, "no such path");
  Answer answer;
  answer.file_fd = opened.fd;  // owned from here on
  const std::string etag = etag_of(opened.info, opened.coding);
  set_headers(answer, path, opened, etag);
  if (!head.if_none_match.empty() && etag_matches(head.if_none_match, etag)) {
    answer.status = 304;
    answer.file_size = 0;
    return answer;
  }
  answer.set("Content-Type", std::string(media_type(path)));
  if (!opened.coding.empty()) answer.set("Content-Encoding", std::string(opened.coding));
  answer.file_size = static_cast<std::uint64_t>(opened.info.st_size);
  apply_range(answer, head, etag);
  return answer;
}

std::string_view media_type(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kTypes = {{
      {"html", "text/html; charset=utf-8"},
      {"js", "text/javascript; charset=utf-8"},
      {"mjs", "text/javascript; charset=utf-8"},
      {"css", "text/css; charset=utf-8"},
      {"wasm", "application/wasm"},
      {"json", "application/json"},
      {"map", "application/json"},
      {"webmanifest", "application/manifest+json"},
      {"svg", "image/svg+xml"},
      {"png", "image/png"},
      {"jpg", "image/jpeg"},
      {"jpeg", "image/jpeg"},
      {"gif", "image/gif"},
      {"webp", "image/webp"},
      {"avif", "image/avif"},
      {"ico", "image/x-icon"},
      {"woff2", "font/woff2"},
      {"woff", "font/woff"},
      {"ttf", "font/ttf"},
      {"txt", "text/plain; charset=utf-8"},
      {"mp3", "audio/mpeg"},
      {"ogg", "audio/ogg"},
  }};
  const auto wanted = extension(path);
  for (const auto& [name, type] : kTypes)
    if (name == wanted) return type;
  return "application/octet-stream";
}

bool is_hashed_name(std::string_view path) {
  if (path.rfind("assets/", 0) != 0) return false;
  std::string_view name = path.substr(path.rfind('/') + 1);
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return false;
  name = name.substr(0, dot);
  // The hash: at least 8 characters of base64url after a hyphen, either the last eight (which may
  // hold a hyphen themselves) or all after the last hyphen. A word has neither digit nor capital.
  const auto is_hash = [](std::string_view text) {
    return text.size() >= 8 && std::any_of(text.begin(), text.end(), [](char c) {
             return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
           });
  };
  if (name.size() > 9 && name[name.size() - 9] == '-' && is_hash(name.substr(name.size() - 8)))
    return true;
  const auto hyphen = name.rfind('-');
  return hyphen != std::string_view::npos && hyphen > 0 && is_hash(name.substr(hyphen + 1));
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    if (i + 2 >= text.size()) return std::nullopt;
    const char* end = text.data() + i + 3;
    auto parsed = std::from_chars(text.data() + i + 1, end, value, 16);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

RangeVerdict parse_range(std::string_view header, std::uint64_t size, ByteRange& range) {
  constexpr std::string_view kUnit = "bytes=";
  if (header.substr(0, kUnit.size()) != kUnit) return RangeVerdict::kWhole;
  header = trim(header.substr(kUnit.size()));
  const auto hyphen = header.find('-');
  if (hyphen == std::string_view::npos || header.find(',') != std::string_view::npos)
    return RangeVerdict::kWhole;
  const auto number = [](std::string_view digits) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size())
      return std::nullopt;
    return value;
  };
  const std::string_view first_text = header.substr(0, hyphen);
  const std::string_view last_text = header.substr(hyphen + 1);
  const auto first = number(first_text);
  const auto last = number(last_text);
  if ((!first_text.empty() && !first) || (!last_text.empty() && !last) || (!first && !last))
    return RangeVerdict::kWhole;
  if (!first) {  // the last so many bytes
    if (*last == 0 || size == 0) return RangeVerdict::kUnsatisfiable;
    range.size = std::min(*last, size);
    range.offset = size - range.size;
    return RangeVerdict::kPart;
  }
  if (last && *last < *first) return RangeVerdict::kWhole;
  if (*first >= size) return RangeVerdict::kUnsatisfiable;
  range.offset = *first;
  range.size = (last ? std::min(*last, size - 1) : size - 1) - *first + 1;
  return RangeVerdict::kPart;
}

bool etag_matches(std::string_view header, std::string_view etag) {
  return any_item(header, [&](std::string_view item) {
    if (item == "*") return true;
    if (item.substr(0, 2) == "W/") item.remove_prefix(2);
    return item == etag;
  });
}

bool accepts_coding(std::string_view header, std::string_view coding) {
  return any_item(header, [&](std::string_view item) {
    const auto semicolon = item.find(';');
    if (trim(item.substr(0, semicolon)) != coding) return false;
    if (semicolon == std::string_view::npos) return true;
    std::string_view weight = trim(item.substr(semicolon + 1));
    return weight != "q=0" && weight != "q=0.0" && weight != "q=0.00" && weight != "q=0.000";
  });
}

}  // namespace godwit::server
