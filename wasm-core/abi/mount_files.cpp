#include "wasm-core/abi/mount_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "shared/base/check.h"

namespace godwit::abi {
namespace {

std::string_view folder_of(Mount mount) {
  switch (mount) {
    case Mount::kQueue:
      return "/q";
    case Mount::kHot:
      return "/h";
    case Mount::kCache:
      return "/c";
  }
  return "/c";
}

std::optional<std::string> read_file(const std::string& path) {
  int file = ::open(path.c_str(), O_RDONLY);
  if (file < 0) return std::nullopt;
  struct stat about {};
  std::string bytes;
  bool ok = ::fstat(file, &about) == 0 && S_ISREG(about.st_mode);
  if (ok) bytes.resize(static_cast<std::size_t>(about.st_size));
  for (std::size_t at = 0; ok && at < bytes.size();) {
    ssize_t got = ::read(file, bytes.data() + at, bytes.size() - at);
    ok = got > 0;
    if (ok) at += static_cast<std::size_t>(got);
  }
  ::close(file);
  if (!ok) return std::nullopt;
  return bytes;
}

void write_file(const std::string& path, const std::string& bytes) {
  int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  GODWIT_CHECK(file >= 0);
  for (std::size_t at = 0; at < bytes.size();) {
    ssize_t put = ::write(file, bytes.data() + at, bytes.size() - at);
    GODWIT_CHECK(put > 0);
    at += static_cast<std::size_t>(put);
  }
  ::close(file);
}

}  // namespace

std::string path_of(Mount mount, std::string_view name) {
  std::string path(folder_of(mount));
  path.push_back('/');
  path.append(name);
  return path;
}

std::vector<StoredFile> read_mount(Mount mount) {
  std::vector<StoredFile> files;
  DIR* folder = ::opendir(std::string(folder_of(mount)).c_str());
  if (folder == nullptr) return files;
  while (const dirent* entry = ::readdir(folder)) {
    std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (auto bytes = read_file(path_of(mount, name))) {
      files.push_back(StoredFile{std::move(name), std::move(*bytes)});
    }
  }
  ::closedir(folder);
  std::sort(files.begin(), files.end(),
            [](const StoredFile& a, const StoredFile& b) { return a.name < b.name; });
  return files;
}

std::vector<StoredFile> take_mount(Mount mount) {
  std::vector<StoredFile> files = read_mount(mount);
  for (const StoredFile& file : files) ::unlink(path_of(mount, file.name).c_str());
  return files;
}

void write_batch(const Batch& batch) {
  for (const StoredFile& file : batch.puts) write_file(path_of(batch.mount, file.name), file.bytes);
  for (const std::string& name : batch.deletes) ::unlink(path_of(batch.mount, name).c_str());
}

}  // namespace godwit::abi
