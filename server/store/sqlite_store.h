// The embedded database: one SQLite file in the data folder, in WAL mode with synchronous=FULL, so
// that what was committed survives loss of power. One writer connection; any number of readers,
// each with its own snapshots. Copying the log back into the file (checkpoints) is the work of a
// thread of its own.
#pragma once

#include <memory>

#include "server/app/config.h"
#include "server/store/sqlite_schema.h"
#include "server/store/store.h"

namespace godwit::server {

inline constexpr const char* kDatabaseFile = "godwit.db";

// Takes the data folder, migrates, and opens. Errors are one line for a person, with nothing
// changed: the folder is in use or not writable, the database is of a newer version or not ours.
// `migrations`: other than the program's own only in tests.
Result<std::unique_ptr<Store>> open_sqlite_store(const StorageConfig& config,
                                                 Migrations migrations = schema_migrations());

}  // namespace godwit::server
