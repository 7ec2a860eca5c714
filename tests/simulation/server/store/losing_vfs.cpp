#include "tests/simulation/server/store/losing_vfs.h"

#include <atomic>
#include <utility>

#include "shared/base/check.h"
#include "shared/base/hash.h"
#include "tests/simulation/server/store/losing_inode.h"

namespace godwit::sim {
namespace {

constexpr int kSectorBytesTold = 4'096;  // as SQLite's own VFS says
constexpr int kPathBytesMax = 512;

}  // namespace

// What SQLite calls. `File` is what it allocates for each open file.
struct LosingVfs::Calls {
  struct File {
    sqlite3_file base;
    Handle* handle;
  };
  static Handle& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file)->handle; }
  static LosingVfs& of(sqlite3_vfs* vfs) { return *static_cast<LosingVfs*>(vfs->pAppData); }

  // ---- files ----
  static int close(sqlite3_file* file) {
    Handle* handle = &of(file);
    std::lock_guard lock(handle->vfs->mutex_);
    handle->inode->handles.erase(handle);
    --handle->vfs->open_files_;
    if (handle->delete_on_close && !handle->name.empty()) {
      (void)handle->vfs->delete_name(handle->name, false);
    }
    delete handle;
    return SQLITE_OK;
  }

  static int read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
    Handle& handle = of(file);
    LosingVfs& vfs = *handle.vfs;
    std::lock_guard lock(vfs.mutex_);
    if (vfs.dead_) return SQLITE_IOERR_READ;
    if (!vfs.quiet_ && ++vfs.reads_ == vfs.failing_read_) {
      ++vfs.failures_;
      ++vfs.reads_failed_;
      return SQLITE_IOERR_READ;
    }
    const std::string& content = handle.inode->content;
    const auto from = std::min(static_cast<std::size_t>(at), content.size());
    const auto wanted = static_cast<std::size_t>(size);
    const std::size_t got = std::min(wanted, content.size() - from);
    std::memcpy(to, content.data() + from, got);
    if (got == wanted) return SQLITE_OK;
    std::memset(static_cast<char*>(to) + got, 0, wanted - got);
    return SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
    std::lock_guard lock(of(file).vfs->mutex_);
    Inode& inode = *of(file).inode;
    const auto offset = static_cast<std::size_t>(at);
    const auto length = static_cast<std::size_t>(size);
    const auto* bytes = static_cast<const char*>(from);
    return of(file).vfs->persist(
        [&] { inode.write(offset, bytes, length); },
        [&](const Toss& toss) { inode.write_part(offset, bytes, length, toss); });
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    std::lock_guard lock(of(file).vfs->mutex_);
    Inode& inode = *of(file).inode;
    auto whole = [&] { inode.truncate(static_cast<std::size_t>(size)); };
    return of(file).vfs->persist(whole, [&](const Toss& toss) {
      if (toss()) whole();
    });
  }

  static int sync(sqlite3_file* file, int) {
    Handle& handle = of(file);
    LosingVfs& vfs = *handle.vfs;
    std::lock_guard lock(vfs.mutex_);
    auto whole = [&] { vfs.sync_inode(handle.name, *handle.inode, handle.is_log); };
    return vfs.persist(whole, [&handle](const Toss& toss) { handle.inode->sync_part(toss); });
  }

  static int size(sqlite3_file* file, sqlite3_int64* bytes) {
    std::lock_guard lock(of(file).vfs->mutex_);
    *bytes = static_cast<sqlite3_int64>(of(file).inode->content.size());
    return of(file).vfs->dead_ ? SQLITE_IOERR_FSTAT : SQLITE_OK;
  }

  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return kSectorBytesTold; }
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  // ---- locks ----  https://www.sqlite.org/lockingv3.html
  static int lock(sqlite3_file* file, int wanted) {
    Handle& handle = of(file);
    std::lock_guard lock(handle.vfs->mutex_);
    if (handle.vfs->dead_) return SQLITE_IOERR_LOCK;
    if (handle.lock >= wanted) return SQLITE_OK;
    int highest = SQLITE_LOCK_NONE;  // of the others
    for (const Handle* other : handle.inode->handles) {
      if (other != &handle) highest = std::max(highest, other->lock);
    }
    const bool refused = wanted == SQLITE_LOCK_SHARED     ? highest >= SQLITE_LOCK_PENDING
                         : wanted == SQLITE_LOCK_RESERVED ? highest >= SQLITE_LOCK_RESERVED
                                                          : highest >= SQLITE_LOCK_SHARED;
    if (!refused) handle.lock = wanted;
    return refused ? SQLITE_BUSY : SQLITE_OK;
  }
  static int unlock(sqlite3_file* file, int wanted) {
    std::lock_guard lock(of(file).vfs->mutex_);
    of(file).lock = std::min(of(file).lock, wanted);
    return SQLITE_OK;
  }
  static int check_reserved(sqlite3_file* file, int* reserved) {
    std::lock_guard lock(of(file).vfs->mutex_);
    *reserved = 0;
    for (const Handle* other : of(file).inode->handles) {
      if (other->lock >= SQLITE_LOCK_RESERVED) *reserved = 1;
    }
    return SQLITE_OK;
  }

  // ---- the log's shared index ----
  // https://www.sqlite.org/walformat.html#the_wal_index_file_format
  static int shm_map(sqlite3_file* file, int region, int bytes, int extend, void volatile** out) {
    std::lock_guard lock(of(file).vfs->mutex_);
    auto& shm = of(file).inode->shm;
    const auto wanted = static_cast<std::size_t>(region);
    *out = nullptr;
    if (of(file).vfs->dead_) return SQLITE_IOERR_SHMMAP;
    while (shm.size() <= wanted && extend != 0) {
      shm.push_back(std::make_unique<char[]>(static_cast<std::size_t>(bytes)));
    }
    if (wanted < shm.size()) *out = shm[wanted].get();
    return SQLITE_OK;
  }
  static int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
    Handle& handle = of(file);
    std::lock_guard lock(handle.vfs->mutex_);
    if (handle.vfs->dead_) return SQLITE_IOERR_SHMLOCK;
    const std::uint32_t slots = ((1u << count) - 1u) << offset;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
      handle.shm_shared &= ~slots;
      handle.shm_exclusive &= ~slots;
      return SQLITE_OK;
    }
    const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    for (const Handle* other : handle.inode->handles) {
      if (other == &handle) continue;
      const std::uint32_t in_the_way =
          exclusive ? other->shm_shared | other->shm_exclusive : other->shm_exclusive;
      if ((in_the_way & slots) != 0) return SQLITE_BUSY;
    }
    (exclusive ? handle.shm_exclusive : handle.shm_shared) |= slots;
    return SQLITE_OK;
  }
  static void shm_barrier(sqlite3_file* file) { std::lock_guard lock(of(file).vfs->mutex_); }
  static int shm_unmap(sqlite3_file* file, int remove) {
    Handle& handle = of(file);
    std::lock_guard lock(handle.vfs->mutex_);
    handle.shm_shared = handle.shm_exclusive = 0;
    if (remove != 0) handle.inode->shm.clear();
    return SQLITE_OK;
  }

  // ---- the disk ----
  static int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags,
                  int* out_flags) {
    static const sqlite3_io_methods kMethods = methods();
    file->pMethods = nullptr;
    LosingVfs& self = of(vfs);
    std::lock_guard lock(self.mutex_);
    if (self.dead_) return SQLITE_IOERR;
    std::shared_ptr<Inode> inode = self.open_inode(name, flags);
    if (!inode) return SQLITE_CANTOPEN;
    auto* handle = new Handle;
    handle->inode = std::move(inode);
    handle->name = name == nullptr ? "" : name;
    handle->vfs = &self;
    handle->is_log = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    handle->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    handle->inode->handles.insert(handle);
    ++self.open_files_;
    reinterpret_cast<File*>(file)->handle = handle;
    file->pMethods = &kMethods;
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    std::lock_guard lock(of(vfs).mutex_);
    return of(vfs).delete_name(name, sync_folder != 0);
  }
  static int access(sqlite3_vfs* vfs, const char* name, int, int* result) {
    std::lock_guard lock(of(vfs).mutex_);
    *result = of(vfs).exists(name) ? 1 : 0;
    return of(vfs).dead_ ? SQLITE_IOERR_ACCESS : SQLITE_OK;
  }
  static int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }
  static int randomness(sqlite3_vfs*, int size, char* out) {
    for (int i = 0; i < size; ++i) out[i] = static_cast<char>(mix64(static_cast<unsigned>(i)));
    return size;
  }
  static int sleep(sqlite3_vfs*, int us) { return us; }
  static int time(sqlite3_vfs*, sqlite3_int64* julian_ms) {
    *julian_ms = 0;
    return SQLITE_OK;
  }
  static int last_error(sqlite3_vfs*, int, char*) { return 0; }

  static sqlite3_io_methods methods() {
    sqlite3_io_methods all{};
    all.iVersion = 2;
    all.xClose = close;
    all.xRead = read;
    all.xWrite = write;
    all.xTruncate = truncate;
    all.xSync = sync;
    all.xFileSize = size;
    all.xLock = lock;
    all.xUnlock = unlock;
    all.xCheckReservedLock = check_reserved;
    all.xFileControl = control;
    all.xSectorSize = sector_size;
    all.xDeviceCharacteristics = characteristics;
    all.xShmMap = shm_map;
    all.xShmLock = shm_lock;
    all.xShmBarrier = shm_barrier;
    all.xShmUnmap = shm_unmap;
    return all;
  }
};

LosingVfs::LosingVfs() {
  static std::atomic<unsigned> made{0};
  name_ = "godwit-losing-" + std::to_string(++made);
  vfs_.iVersion = 2;
  vfs_.szOsFile = static_cast<int>(sizeof(Calls::File));
  vfs_.mxPathname = kPathBytesMax;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = Calls::open;
  vfs_.xDelete = Calls::remove;
  vfs_.xAccess = Calls::access;
  vfs_.xFullPathname = Calls::full_path;
  vfs_.xRandomness = Calls::randomness;
  vfs_.xSleep = Calls::sleep;
  vfs_.xCurrentTimeInt64 = Calls::time;
  vfs_.xGetLastError = Calls::last_error;
  GODWIT_CHECK(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
}

LosingVfs::~LosingVfs() {
  GODWIT_CHECK(open_files_ == 0);
  sqlite3_vfs_unregister(&vfs_);
}

int LosingVfs::persist(const std::function<void()>& whole, const Part& part) {
  if (dead_) return SQLITE_IOERR;
  if (quiet_) {
    whole();
    return SQLITE_OK;
  }
  ++calls_;
  if (failure_ && calls_ == failure_->at) {
    const Planned planned = *std::exchange(failure_, std::nullopt);
    ++failures_;
    part(planned.toss);
    return planned.rc;
  }
  if (!death_ || calls_ != death_->at) {
    whole();
    return SQLITE_OK;
  }
  const Planned planned = *std::exchange(death_, std::nullopt);
  if (planned.death == Death::kAfter) whole();
  if (planned.death == Death::kTorn) part(planned.toss);
  dead_ = true;
  if (planned.end) {
    lose_power(planned.toss);
    planned.end(files());
  }
  return SQLITE_IOERR;
}

std::shared_ptr<LosingVfs::Inode> LosingVfs::open_inode(const char* name, int flags) {
  if (name == nullptr) return std::make_shared<Inode>();
  auto found = names_.find(name);
  if (found != names_.end()) return found->second;
  if ((flags & SQLITE_OPEN_CREATE) == 0) return nullptr;
  return names_[name] = std::make_shared<Inode>();
}

int LosingVfs::delete_name(const std::string& name, bool sync_folder) {
  if (!dead_ && !exists(name)) return SQLITE_IOERR_DELETE_NOENT;
  auto whole = [this, &name, sync_folder] {
    names_.erase(name);
    if (sync_folder) durable_names_ = names_;
  };
  return persist(whole, [&](const Toss& toss) {
    if (toss()) whole();
  });
}

void LosingVfs::fail_at(std::uint64_t nth, int rc, Toss toss) {
  failure_ = Planned{calls_ + nth, rc, Death::kBefore, std::move(toss), {}};
}

void LosingVfs::fail_no_more() {
  failure_.reset();
  failing_read_.reset();
}

void LosingVfs::die_at(std::uint64_t nth, Death death, Toss toss) {
  end_at(nth, death, std::move(toss), {});
}

void LosingVfs::end_at(std::uint64_t nth, Death death, Toss toss,
                       std::function<void(const Files&)> end) {
  death_ = Planned{calls_ + nth, SQLITE_IOERR, death, std::move(toss), std::move(end)};
}

void LosingVfs::lose(const Toss& toss) {
  GODWIT_CHECK(open_files_ == 0);
  lose_power(toss);
  fail_no_more();
  death_.reset();
  dead_ = false;
}

void LosingVfs::lose_power(const Toss& toss) {
  auto names = [](const Names& all, const std::shared_ptr<Inode>& inode) {
    return std::any_of(all.begin(), all.end(),
                       [&](const auto& one) { return one.second == inode; });
  };
  Names left;
  for (const auto& [name, inode] : names_) {
    auto durable = durable_names_.find(name);
    const bool is_durable = durable != durable_names_.end() && durable->second == inode;
    if (is_durable || toss()) left[name] = inode;
  }
  for (const auto& [name, inode] : durable_names_) {
    if (left.count(name) != 0) continue;
    // A deletion may be lost; of a renaming one name is left.
    const bool keeps =
        names_.count(name) != 0 || (names(names_, inode) ? !names(left, inode) : toss());
    if (keeps) left[name] = inode;
  }
  for (const auto& [name, inode] : left) inode->lose(toss);
  names_ = left;
  durable_names_ = left;
}

LosingVfs::Files LosingVfs::files() const {
  Files all;
  for (const auto& [name, inode] : names_) all[name] = inode->content;
  return all;
}

// A log's sync, as SQLite's own VFS does it, is the folder's too.
void LosingVfs::sync_inode(const std::string& name, Inode& inode, bool with_folder) {
  inode.sync();
  if (with_folder) {
    durable_names_ = names_;
  } else if (auto named = names_.find(name); named != names_.end()) {
    durable_names_[named->first] = named->second;
  }
}

bool LosingVfs::rename(const std::string& from, const std::string& to) {
  if (!exists(from)) return false;
  auto whole = [&] {
    names_[to] = names_.at(from);
    names_.erase(from);
  };
  return persist(whole, [&](const Toss& toss) {
           if (toss()) whole();
         }) == SQLITE_OK;
}

bool LosingVfs::sync_file(const std::string& name) {
  if (!exists(name)) return false;
  Inode& inode = *names_.at(name);
  auto whole = [&] { sync_inode(name, inode, false); };
  return persist(whole, [&](const Toss& toss) { inode.sync_part(toss); }) == SQLITE_OK;
}

bool LosingVfs::sync_folder() {
  auto whole = [&] { durable_names_ = names_; };
  return persist(whole, [&](const Toss& toss) {
           if (toss()) whole();
         }) == SQLITE_OK;
}

void LosingVfs::remove(const std::string& name) {
  names_.erase(name);
  durable_names_.erase(name);
}

void LosingVfs::copy(const std::string& from, const std::string& to) {
  auto made = std::make_shared<Inode>();
  made->content = made->durable = names_.at(from)->content;
  names_[to] = durable_names_[to] = made;
}

void LosingVfs::put(const std::string& name, std::string content) {
  auto made = std::make_shared<Inode>();
  made->durable = content;
  made->content = std::move(content);
  names_[name] = durable_names_[name] = made;
}

void LosingVfs::harden(const std::string& name) {
  names_.at(name)->sync();
  durable_names_[name] = names_.at(name);
}

}  // namespace godwit::sim
