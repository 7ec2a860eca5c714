#include "server/store/file_calls.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

namespace godwit::server {

bool SystemFiles::exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);  // where that cannot be seen, a rename fails too
}

void SystemFiles::remove(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

bool SystemFiles::rename(const std::string& from, const std::string& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  return !error;
}

bool SystemFiles::sync(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool synced = ::fsync(fd) == 0;
  ::close(fd);
  return synced;
}

}  // namespace godwit::server
