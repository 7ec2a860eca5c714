// The embedded database: one SQLite file in the data folder, in WAL mode with synchronous=FULL, so
// that what was committed survives loss of power. One writer connection; any number of readers,
// each with its own snapshots. Copying the log back into the file (checkpoints) is the work of a
// thread of its own.
#pragma once

#include <memory>

#include "server/app/config.h"
#include "server/store/file_calls.h"
#include "server/store/sqlite_schema.h"
#include "server/store/store.h"

namespace godwit::server {

inline constexpr const char* kDatabaseFile = "godwit.db";

// Where a database is, for a store that takes no data folder and has no thread.
struct SqlitePlace {
  std::string path;
  std::string vfs;        // see SqliteConnection::open
  std::string new_epoch;  // of a database that is made now; empty: a random UUID
  // Those of the disk that `vfs` is on; outlives the opening. Null: the system's.
  FileCalls* files = nullptr;
};

// A store whose checkpoints are left to whoever owns it.
class SteppedStore : public Store {
 public:
  // Copies the write-ahead log back into the file if it has grown past the configured size: one
  // turn of the checkpoint thread.
  virtual void checkpoint() = 0;
};

// Migrates and opens the database at `place`; for one thread. Errors as for open_sqlite_store.
// `migrations`: other than the program's own only in tests.
Result<std::unique_ptr<SteppedStore>> open_stepped_sqlite_store(
    const SqlitePlace& place, const StorageConfig& config,
    Migrations migrations = schema_migrations());

// Makes the database at `place` another life of itself, named `epoch`: what a restored backup must
// become before it is served (sync-spec: EP1). Nobody else has it open. Durable when ok.
Status begin_new_life(const SqlitePlace& place, const std::string& epoch);

// A random UUID (RFC 9562, version 4): the name of a new life.
std::string random_epoch();

// Takes the data folder, migrates, and opens. Errors are one line for a person, with nothing
// changed: the folder is in use or not writable, the database is of a newer version or not ours.
// `migrations`: other than the program's own only in tests.
Result<std::unique_ptr<Store>> open_sqlite_store(const StorageConfig& config,
                                                 Migrations migrations = schema_migrations());

}  // namespace godwit::server
