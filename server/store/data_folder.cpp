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

// Makes `folder` and what is missing above it, each name durable in the folder that has it.
std::error_code make_durably(std::filesystem::path folder, FileCalls& files) {
  std::error_code error;
  if (folder.empty() || std::filesystem::exists(folder, error) || error) return error;
  const std::filesystem::path above = folder.parent_path();
  if (above != folder) error = make_durably(above, files);
  if (error) return error;
  std::filesystem::create_directory(folder, error);
  if (error) return error;
  const bool synced = files.sync(above.empty() ? "." : above.string());
  return synced ? error : std::make_error_code(std::errc::io_error);
}

}  // namespace

Result<DataFolder> DataFolder::take(const std::string& path, FileCalls& files) {
  std::error_code ignored;
  const bool missing = !std::filesystem::exists(path, ignored);
  if (std::error_code error = make_durably(path, files)) return not_writable(path, error.value());
  if (missing) ::chmod(path.c_str(), 0700);
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
