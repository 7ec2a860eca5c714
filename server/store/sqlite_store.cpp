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

namespace godwit::server {
namespace {

// Past this many times the checkpoint threshold the writer itself checkpoints.
constexpr std::int64_t kWriterCheckpointFactor = 4;

// A random UUID (RFC 9562, version 4).
std::string random_uuid() {
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

// Runs checkpoints beside the writer: PASSIVE never waits for anybody.
class Checkpointer {
 public:
  Checkpointer(std::unique_ptr<SqliteConnection> connection, const SqliteWriter& writer,
               const StorageConfig& config)
      : connection_(std::move(connection)),
        writer_(writer),
        pages_(config.checkpoint_wal_bytes / 4'096),
        every_(config.checkpoint_every_ms),
        thread_([this] { work(); }) {}

  ~Checkpointer() {
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
      if (writer_.wal_pages() < pages_) continue;
      lock.unlock();
      // A failure (a full disk) leaves the log as it is: nothing is lost, the next round tries.
      (void)connection_->execute("PRAGMA wal_checkpoint(PASSIVE)");
      lock.lock();
    }
  }

  std::unique_ptr<SqliteConnection> connection_;
  const SqliteWriter& writer_;
  const std::int64_t pages_;
  const std::chrono::milliseconds every_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

class SqliteStore final : public Store {
 public:
  SqliteStore(DataFolder folder, StorageConfig config)
      : folder_(std::move(folder)), config_(std::move(config)) {}

  Status open(Migrations migrations);
  const std::string& epoch() const override { return epoch_; }
  std::uint64_t id_floor() const override { return id_floor_; }
  StoreWriter& writer() override { return *writer_; }
  Result<std::unique_ptr<StoreReader>> open_reader() override;

 private:
  std::string path() const { return folder_.file(kDatabaseFile); }
  Status read_meta(SqliteConnection& connection);

  DataFolder folder_;
  StorageConfig config_;
  std::string epoch_;
  std::uint64_t id_floor_ = 0;
  std::unique_ptr<SqliteWriter> writer_;
  std::unique_ptr<Checkpointer> checkpointer_;
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
  auto connection = SqliteConnection::open(path(), SqliteMode::kReadWriteCreate);
  if (!connection) return connection.error();
  SqliteConnection& c = **connection;
  if (Status status = migrate(c, path(), migrations); !status) return status;
  if (Status status = c.execute(writer_pragmas(config_)); !status) return status;
  if (Status status = read_meta(c); !status) return status;
  writer_ = std::make_unique<SqliteWriter>(std::move(*connection),
                                           config_.checkpoint_wal_bytes * kWriterCheckpointFactor);
  auto second = SqliteConnection::open(path(), SqliteMode::kReadWriteCreate);
  if (!second) return second.error();
  Status status = (*second)->execute("PRAGMA synchronous=FULL;PRAGMA wal_autocheckpoint=0");
  if (!status) return status;
  checkpointer_ = std::make_unique<Checkpointer>(std::move(*second), *writer_, config_);
  return Status::ok();
}

Status SqliteStore::read_meta(SqliteConnection& connection) {
  Status status = connection.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('epoch', '" +
                                     random_uuid() + "'), ('id_floor', 0)");
  if (!status) return status;
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
  auto connection = SqliteConnection::open(path(), SqliteMode::kReadWriteCreate);
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

Result<std::unique_ptr<Store>> open_sqlite_store(const StorageConfig& config,
                                                 Migrations migrations) {
  auto folder = DataFolder::take(config.data_dir);
  if (!folder) return folder.error();
  auto store = std::make_unique<SqliteStore>(std::move(*folder), config);
  if (Status status = store->open(migrations); !status) return status.error();
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace godwit::server
