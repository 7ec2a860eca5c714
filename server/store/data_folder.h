// The folder that holds everything a server stores, taken by one process at a time.
#pragma once

#include <string>

#include "server/store/file_calls.h"
#include "shared/base/result.h"

namespace godwit::server {

// Owns the lock on DIR/lock as long as it lives; the system frees it when the process dies,
// however.
class DataFolder {
 public:
  // Makes the folder (0700) when missing, so that a loss of power does not take it away again with
  // all that is synced in it, and takes the lock (flock on DIR/lock). Errors are one line for a
  // person: in use by another server, not writable. Nothing was changed then.
  static Result<DataFolder> take(const std::string& path, FileCalls& files);
  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;
  DataFolder(const DataFolder&) = delete;
  ~DataFolder();

  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  DataFolder(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::string path_;
  int fd_;
};

}  // namespace godwit::server
