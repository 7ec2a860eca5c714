// What the store does to files beside SQLite, which has a VFS for its own: the few calls by which a
// copy of the database is kept. They are a seam, so that a test can put both on a disk that loses
// what was not synced.
#pragma once

#include <string>

namespace godwit::server {

// Paths as SQLite gets them. One thread at a time.
class FileCalls {
 public:
  virtual ~FileCalls() = default;
  virtual bool exists(const std::string& path) = 0;
  virtual void remove(const std::string& path) = 0;  // if it is there, and can be
  // False: it could not be, and nothing changed. What `to` named is gone. Durable once the folder
  // was synced.
  virtual bool rename(const std::string& from, const std::string& to) = 0;
  // True: the file's content, or the folder's list of names, survives a loss of power.
  virtual bool sync(const std::string& path) = 0;
};

// Those of the system. Has no state.
class SystemFiles : public FileCalls {
 public:
  bool exists(const std::string& path) override;
  void remove(const std::string& path) override;
  bool rename(const std::string& from, const std::string& to) override;
  bool sync(const std::string& path) override;
};

}  // namespace godwit::server
