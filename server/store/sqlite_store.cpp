#include "server/store/sqlite_store.h"

#include <sys/random.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "server/store/data_folder.h"
#include "server/store/sqlite_writer.h"
#include "shared/base/mutation.h"

namespace godwit::server {
namespace {

// Past this many times the checkpoint threshold the writer itself checkpoints.
constexpr std::int64_t kWriterCheckpointFactor = 4;

// Copies the log back when it has grown: PASSIVE never waits for anybody. A failure (a full disk)
// leaves the log as it is: nothing is lost, the next turn tries.
class Checkpoints {
 public:
  Checkpoints(std::unique_ptr<SqliteConnection> connection, const SqliteWriter& writer,
              const StorageConfig& config)
      : connection_(std::move(connection)),
        writer_(writer),
        pages_(config.checkpoint_wal_bytes / 4'096) {}

  void turn() {
    if (writer_.wal_pages() < pages_) return;
    (void)connection_->execute("PRAGMA wal_checkpoint(PASSIVE)");
  }

 private:
  std::unique_ptr<SqliteConnection> connection_;
  const SqliteWriter& writer_;
  const std::int64_t pages_;
};

// Takes a turn now and then, beside the writer.
class CheckpointThread {
 public:
  CheckpointThread(Checkpoints& checkpoints, std::int64_t every_ms)
      : checkpoints_(checkpoints), every_(every_ms), thread_([this] { work(); }) {}

  ~CheckpointThread() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, every_, [this] { return stopping_; })) {
      lock.unlock();
      checkpoints_.turn();
      lock.lock();
    }
  }

  Checkpoints& checkpoints_;
  const std::chrono::milliseconds every_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

class SqliteStore final : public SteppedStore {
 public:
  // `folder`: held as long as this lives; may be none.
  SqliteStore(std::optional<DataFolder> folder, SqlitePlace place, StorageConfig config)
      : folder_(std::move(folder)), place_(std::move(place)), config_(std::move(config)) {}

  Status open(Migrations migrations);
  // From now on checkpoints are taken by a thread.
  void start_checkpoint_thread() {
    thread_ = std::make_unique<CheckpointThread>(*checkpoints_, config_.checkpoint_every_ms);
  }
  void checkpoint() override { checkpoints_->turn(); }
  const std::string& epoch() const override { return epoch_; }
  std::uint64_t id_floor() const override { return id_floor_; }
  StoreWriter& writer() override { return *writer_; }
  Result<std::unique_ptr<StoreReader>> open_reader() override;

 private:
  Result<std::unique_ptr<SqliteConnection>> connect() const {
    return SqliteConnection::open(place_.path, SqliteMode::kReadWriteCreate, place_.vfs);
  }
  Status read_meta(SqliteConnection& connection);

  std::optional<DataFolder> folder_;
  const SqlitePlace place_;
  const StorageConfig config_;
  std::string epoch_;
  std::uint64_t id_floor_ = 0;
  std::unique_ptr<SqliteWriter> writer_;
  std::unique_ptr<Checkpoints> checkpoints_;
  std::unique_ptr<CheckpointThread> thread_;
};

std::string writer_pragmas(const StorageConfig& config) {
  std::string sql =
      "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA wal_autocheckpoint=0;"
      "PRAGMA temp_store=MEMORY;PRAGMA cache_size=-" +
      std::to_string(config.cache_kib) + ";";
  if (config.pages_max > 0)
    sql += "PRAGMA max_page_count=" + std::to_string(config.pages_max) + ";";
  return sql;
}

Status SqliteStore::open(Migrations migrations) {
  auto connection = connect();
  if (!connection) return connection.error();
  SqliteConnection& c = **connection;
  SystemFiles of_system;
  FileCalls& files = place_.files != nullptr ? *place_.files : of_system;
  if (Status status = migrate(c, place_.path, files, migrations); !status) return status;
  if (Status status = c.execute(writer_pragmas(config_)); !status) return status;
  if (Status status = read_meta(c); !status) return status;
  writer_ = std::make_unique<SqliteWriter>(std::move(*connection),
                                           config_.checkpoint_wal_bytes * kWriterCheckpointFactor);
  auto second = connect();
  if (!second) return second.error();
  Status status = (*second)->execute("PRAGMA synchronous=FULL;PRAGMA wal_autocheckpoint=0");
  if (!status) return status;
  checkpoints_ = std::make_unique<Checkpoints>(std::move(*second), *writer_, config_);
  return Status::ok();
}

Status SqliteStore::read_meta(SqliteConnection& connection) {
  const std::string epoch_now = place_.new_epoch.empty() ? random_epoch() : place_.new_epoch;
  SqliteStatement insert(connection,
                         "INSERT OR IGNORE INTO meta (key, value) VALUES ('epoch', ?),"
                         " ('id_floor', 0)");
  if (!insert.start().bind(std::string_view(epoch_now)).run()) return connection.status();
  SqliteStatement query(connection, "SELECT value FROM meta WHERE key=?");
  auto epoch =
      query.start().bind(std::string_view("epoch")).one([](auto& row) { return row.text(0); });
  auto floor = query.start().bind(std::string_view("id_floor")).one([](auto& row) {
    return row.position(0);
  });
  if (!epoch || !floor) return {Code::kUnavailable, "the database has no epoch"};
  epoch_ = *epoch;
  id_floor_ = *floor;
  return Status::ok();
}

Result<std::unique_ptr<StoreReader>> SqliteStore::open_reader() {
  auto connection = connect();
  if (!connection) return connection.error();
  Status status = (*connection)
                      ->execute(
                          "PRAGMA query_only=1;PRAGMA wal_autocheckpoint=0;"
                          "PRAGMA mmap_size=268435456;PRAGMA cache_size=-" +
                          std::to_string(config_.reader_cache_kib));
  if (!status) return status.error();
  return std::unique_ptr<StoreReader>(std::make_unique<SqliteReader>(std::move(*connection)));
}

}  // namespace

std::string random_epoch() {
  std::array<unsigned char, 16> bytes{};
  GODWIT_CHECK(::getrandom(bytes.data(), bytes.size(), 0) == 16);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text.push_back(kDigits[bytes[i] >> 4]);
    text.push_back(kDigits[bytes[i] & 15]);
  }
  return text;
}

Result<std::unique_ptr<Store>> open_sqlite_store(const StorageConfig& config,
                                                 Migrations migrations) {
  SystemFiles files;
  auto folder = DataFolder::take(config.data_dir, files);
  if (!folder) return folder.error();
  SqlitePlace place{folder->file(kDatabaseFile), {}, {}, nullptr};
  auto store = std::make_unique<SqliteStore>(std::move(*folder), std::move(place), config);
  if (Status status = store->open(migrations); !status) return status.error();
  store->start_checkpoint_thread();
  return std::unique_ptr<Store>(std::move(store));
}

Result<std::unique_ptr<SteppedStore>> open_stepped_sqlite_store(const SqlitePlace& place,
                                                                const StorageConfig& config,
                                                                Migrations migrations) {
  auto store = std::make_unique<SqliteStore>(std::nullopt, place, config);
  if (Status status = store->open(migrations); !status) return status.error();
  return std::unique_ptr<SteppedStore>(std::move(store));
}

Status begin_new_life(const SqlitePlace& place, const std::string& epoch) {
  auto connection = SqliteConnection::open(place.path, SqliteMode::kReadWriteCreate, place.vfs);
  if (!connection) return connection.error();
  if (Status status = (*connection)->execute("PRAGMA synchronous=FULL"); !status) return status;
  if (mutated(Mutation::kEpochKeptByRestore)) return Status::ok();
  SqliteStatement rename(**connection, "UPDATE meta SET value=? WHERE key='epoch'");
  rename.start().bind(std::string_view(epoch)).run();
  if (Status status = (*connection)->status(); !status) return status;
  if ((*connection)->changes() == 1) return Status::ok();
  return {Code::kUnavailable, place.path + " is not a Godwit database"};
}

}  // namespace godwit::server
