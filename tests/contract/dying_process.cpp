#include "tests/contract/dying_process.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>

#include "shared/base/check.h"
#include "shared/base/prng.h"
#include "tests/simulation/server/store/losing_vfs.h"

namespace godwit::server {
namespace {

constexpr int kDiedStatus = 77;
constexpr int kBrokenStatus = 3;

// Of the child alone; the calls that SQLite is given take no argument of ours.
std::uint64_t dies_at = 0;
DeathAt dies_how = DeathAt::kBefore;
std::atomic<std::uint64_t> writes{0};
std::mutex statements_mutex;
std::set<std::string>* statements = nullptr;

// Carries out a persisting call of `size` bytes, or dies over it. `call` does the first n of them.
template <typename Call>
auto persist(std::size_t size, Call call) {
  bool last = ++writes == dies_at;
  if (last && dies_how == DeathAt::kBefore) ::_exit(kDiedStatus);
  if (last && dies_how == DeathAt::kMiddle) {
    if (size > 1) (void)call(size / 2);
    ::_exit(kDiedStatus);
  }
  auto result = call(size);
  if (last) ::_exit(kDiedStatus);
  return result;
}

ssize_t dying_write(int fd, const void* data, std::size_t size) {
  return persist(size, [&](std::size_t n) { return ::write(fd, data, n); });
}
ssize_t dying_pwrite(int fd, const void* data, std::size_t size, off_t at) {
  return persist(size, [&](std::size_t n) { return ::pwrite(fd, data, n, at); });
}
int dying_truncate(int fd, off_t size) {
  return persist(0, [&](std::size_t) { return ::ftruncate(fd, size); });
}
int dying_unlink(const char* path) {
  return persist(0, [&](std::size_t) { return ::unlink(path); });
}

int note_statement(unsigned, void*, void* statement, void*) {
  const char* sql = sqlite3_sql(static_cast<sqlite3_stmt*>(statement));
  std::lock_guard lock(statements_mutex);
  if (sql != nullptr) statements->insert(sql);
  return 0;
}

int trace_connection(sqlite3* db, char**, const sqlite3_api_routines*) {
  return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, note_statement, nullptr);
}

void die_of_itself(const Death& death) {
  dies_at = death.nth;
  dies_how = death.at;
  using Any = sqlite3_syscall_ptr;
  const std::pair<const char*, Any> calls[] = {
      {"write", reinterpret_cast<Any>(dying_write)},
      {"pwrite", reinterpret_cast<Any>(dying_pwrite)},
      {"pwrite64", reinterpret_cast<Any>(dying_pwrite)},
      {"ftruncate", reinterpret_cast<Any>(dying_truncate)},
      {"unlink", reinterpret_cast<Any>(dying_unlink)},
  };
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  for (const auto& [name, call] : calls) {
    bool has = vfs->xGetSystemCall(vfs, name) != nullptr;
    if (has && vfs->xSetSystemCall(vfs, name, call) != SQLITE_OK) ::_exit(kBrokenStatus);
  }
}

// ---- without power ----

// Beside SQLite, on the same disk. A folder that is synced is the one that has all the files.
class LosingFiles final : public FileCalls {
 public:
  explicit LosingFiles(sim::LosingVfs& disk) : disk_(disk) {}
  bool exists(const std::string& path) override { return disk_.exists(path); }
  void remove(const std::string& path) override {
    sqlite3_vfs* vfs = sqlite3_vfs_find(disk_.name().c_str());
    (void)vfs->xDelete(vfs, path.c_str(), 0);
  }
  bool rename(const std::string& from, const std::string& to) override {
    return disk_.rename(from, to);
  }
  bool sync(const std::string& path) override {
    return disk_.exists(path) ? disk_.sync_file(path) : disk_.sync_folder();
  }

 private:
  sim::LosingVfs& disk_;
};

bool is_locks(const std::filesystem::path& path) { return path.filename() == "lock"; }

void read_into(sim::LosingVfs& disk, const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (is_locks(entry.path())) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    disk.put(entry.path().string(), {std::istreambuf_iterator<char>(file), {}});
  }
}

// The folder then has these files, and the lock that a process holds on it.
void leave(const std::string& folder, const sim::LosingVfs::Files& files) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!is_locks(entry.path())) std::filesystem::remove(entry.path());
  }
  for (const auto& [path, content] : files) {
    std::ofstream(path, std::ios::binary) << content;
  }
}

// From now on every connection is on the disk that it returns, which lives as long as the process.
sim::LosingVfs& die_without_power(const Death& death) {
  auto* disk = new sim::LosingVfs();
  read_into(*disk, death.power->folder);
  auto prng = std::make_shared<Prng>(death.nth);
  auto toss = [prng, percent = death.power->percent_kept] { return prng->chance(percent); };
  const sim::Death how = death.at == DeathAt::kBefore   ? sim::Death::kBefore
                         : death.at == DeathAt::kMiddle ? sim::Death::kTorn
                                                        : sim::Death::kAfter;
  auto end = [folder = death.power->folder](const sim::LosingVfs::Files& files) {
    leave(folder, files);
    ::_exit(kDiedStatus);
  };
  if (death.nth > 0) disk->end_at(death.nth, how, toss, end);
  sqlite3_vfs_register(sqlite3_vfs_find(disk->name().c_str()), 1);
  return *disk;
}

// ---- the child ----

void say(int pipe, const std::string& bytes) {
  if (::write(pipe, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    ::_exit(kBrokenStatus);
  }
}

[[noreturn]] void live(int pipe, const Death& death, const Work& work) {
  statements = new std::set<std::string>();  // outlives every thread
  sqlite3_auto_extension(reinterpret_cast<void (*)()>(trace_connection));
  const Acknowledge acknowledge = [pipe] { say(pipe, std::string(1, '\x01')); };
  std::uint64_t all_writes = 0;
  try {
    if (death.power) {
      sim::LosingVfs& disk = die_without_power(death);
      LosingFiles files(disk);
      work(acknowledge, files);
      all_writes = disk.calls();
    } else {
      die_of_itself(death);
      SystemFiles files;
      work(acknowledge, files);
      all_writes = writes.load();
    }
  } catch (...) {
    ::_exit(kBrokenStatus);
  }
  say(pipe, std::string(1, '\x02') + std::to_string(all_writes) + '\0');
  for (const std::string& sql : *statements) say(pipe, sql + '\0');
  ::_exit(0);
}

std::string read_all(int pipe) {
  std::string all;
  char buffer[4'096];
  for (ssize_t got = 0; (got = ::read(pipe, buffer, sizeof buffer)) > 0;) {
    all.append(buffer, static_cast<std::size_t>(got));
  }
  return all;
}

}  // namespace

Ended run_and_die(const Death& death, const Work& work) {
  int pipe[2];
  GODWIT_CHECK(::pipe(pipe) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    live(pipe[1], death, work);
  }
  ::close(pipe[1]);
  const std::string said = read_all(pipe[0]);
  ::close(pipe[0]);
  int status = 0;
  GODWIT_CHECK(::waitpid(child, &status, 0) == child);
  Ended ended;
  ended.died = WIFEXITED(status) && WEXITSTATUS(status) == kDiedStatus;
  ended.completed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  std::size_t at = said.find_first_not_of('\x01');
  ended.acknowledged = at == std::string::npos ? said.size() : at;
  if (at == std::string::npos) return ended;
  ended.writes = std::stoull(said.substr(at + 1));
  for (at = said.find('\0', at) + 1; at < said.size();) {
    std::size_t end = said.find('\0', at);
    ended.statements.insert(said.substr(at, end - at));
    at = end + 1;
  }
  return ended;
}

std::string fast_folder() {
  std::error_code none;
  const bool in_memory =
      std::filesystem::is_directory("/dev/shm", none) && ::access("/dev/shm", W_OK | X_OK) == 0;
  return in_memory ? "/dev/shm" : std::filesystem::temp_directory_path().string();
}

}  // namespace godwit::server
