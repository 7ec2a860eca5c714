// The tables, and how a database of an older version becomes one of this version.
#pragma once

#include <span>
#include <string>

#include "server/store/file_calls.h"
#include "server/store/sqlite_connection.h"
#include "shared/base/result.h"

namespace godwit::server {

// Migration n (counted from 1) turns version n-1 into version n; 0 is an empty file.
using Migrations = std::span<const char* const>;

// Those of this program, in order. Append only.
Migrations schema_migrations();

// Brings the database at `path` to version migrations.size(), in one transaction. Before an
// existing database is changed, a copy is kept beside it (`<path>.before-v<N>`, with a number when
// that is there); `files` are those of the disk that the connection is on. Errors, with nothing
// changed: the database is of a newer version, is not Godwit's, or cannot be written.
Status migrate(SqliteConnection& connection, const std::string& path, FileCalls& files,
               Migrations migrations);

}  // namespace godwit::server
