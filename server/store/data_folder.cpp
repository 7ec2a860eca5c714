#include "server/store/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace godwit::server {
namespace {

Error not_writable(const std::string& path, int error) {
  return {Code::kUnavailable, "data folder " + path + " is not writable: " + std::strerror(error)};
}

}  // namespace

Result<DataFolder> DataFolder::take(const std::string& path) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(path, error);
  if (error) return not_writable(path, error.value());
  if (made) ::chmod(path.c_str(), 0700);
  if (::access(path.c_str(), W_OK | X_OK) != 0) return not_writable(path, errno);
  int fd = ::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return not_writable(path, errno);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    int reason = errno;
    ::close(fd);
    if (reason == EWOULDBLOCK) {
      return Error{Code::kUnavailable, "data folder " + path + " is in use by another server"};
    }
    return not_writable(path, reason);
  }
  return DataFolder(path, fd);
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

DataFolder::~DataFolder() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace godwit::server
