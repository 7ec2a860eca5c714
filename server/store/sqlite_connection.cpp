#include "server/store/sqlite_connection.h"

namespace godwit::server {
namespace {

constexpr int kBusyTimeoutMs = 5'000;

std::string describe(sqlite3* db, int rc) {
  std::string text = sqlite3_errstr(rc);
  // The message of the connection names tables and paths, never values.
  if (db != nullptr) text.append(": ").append(sqlite3_errmsg(db));
  return text;
}

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path,
                                                                 SqliteMode mode,
                                                                 const std::string& vfs) {
  int flags = mode == SqliteMode::kReadOnly ? SQLITE_OPEN_READONLY
                                            : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* db = nullptr;
  int rc = sqlite3_open_v2(path.c_str(), &db, flags | SQLITE_OPEN_NOMUTEX,
                           vfs.empty() ? nullptr : vfs.c_str());
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(db));
  if (rc != SQLITE_OK) {
    return Error{Code::kUnavailable, "cannot open " + path + ": " + describe(db, rc)};
  }
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, kBusyTimeoutMs);
  return connection;
}

SqliteConnection::~SqliteConnection() { sqlite3_close_v2(db_); }

Status SqliteConnection::execute(const std::string& sql) {
  int rc = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (rc == SQLITE_OK) return Status::ok();
  return {Code::kUnavailable, describe(db_, rc)};
}

Result<std::int64_t> SqliteConnection::integer(const std::string& sql) {
  sqlite3_stmt* handle = nullptr;
  int rc = sqlite3_prepare_v2(db_, sql.c_str(), -1, &handle, nullptr);
  if (rc == SQLITE_OK) rc = sqlite3_step(handle);
  std::int64_t value = rc == SQLITE_ROW ? sqlite3_column_int64(handle, 0) : 0;
  sqlite3_finalize(handle);
  if (rc == SQLITE_ROW) return value;
  return Error{Code::kUnavailable, describe(db_, rc)};
}

Status SqliteConnection::status() const {
  return failed_ ? Status(Code::kUnavailable, error_) : Status::ok();
}

void SqliteConnection::fail(int rc) {
  if (failed_) return;
  failed_ = true;
  error_ = describe(db_, rc);
}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(handle_); }

SqliteStatement& SqliteStatement::start() {
  next_ = 1;
  if (handle_ != nullptr) {
    sqlite3_reset(handle_);
    return *this;
  }
  if (connection_.failed()) return *this;
  int rc =
      sqlite3_prepare_v3(connection_.raw(), sql_, -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
  if (rc != SQLITE_OK) connection_.fail(rc);
  return *this;
}

SqliteStatement& SqliteStatement::bind(std::int64_t value) {
  if (handle_ != nullptr) sqlite3_bind_int64(handle_, next_++, value);
  return *this;
}

SqliteStatement& SqliteStatement::bind(std::string_view text) {
  // A null pointer would bind NULL, where an empty text is meant.
  const char* data = text.empty() ? "" : text.data();
  if (handle_ != nullptr) {
    sqlite3_bind_text(handle_, next_++, data, static_cast<int>(text.size()), SQLITE_STATIC);
  }
  return *this;
}

SqliteStatement& SqliteStatement::bind_blob(std::string_view bytes) {
  const char* data = bytes.empty() ? "" : bytes.data();
  if (handle_ != nullptr) {
    sqlite3_bind_blob(handle_, next_++, data, static_cast<int>(bytes.size()), SQLITE_STATIC);
  }
  return *this;
}

SqliteStatement& SqliteStatement::bind_null() {
  if (handle_ != nullptr) sqlite3_bind_null(handle_, next_++);
  return *this;
}

bool SqliteStatement::step() {
  if (handle_ == nullptr || connection_.failed()) return false;
  int rc = sqlite3_step(handle_);
  if (rc == SQLITE_ROW) return true;
  if (rc != SQLITE_DONE) connection_.fail(rc);
  sqlite3_reset(handle_);
  return false;
}

bool SqliteStatement::run() {
  if (handle_ == nullptr || connection_.failed()) return false;
  int rc = sqlite3_step(handle_);
  if (rc != SQLITE_DONE && rc != SQLITE_ROW) connection_.fail(rc);
  sqlite3_reset(handle_);
  return !connection_.failed();
}

void SqliteStatement::reset() {
  if (handle_ != nullptr) sqlite3_reset(handle_);
}

std::string SqliteStatement::text(int column) const {
  const void* data = sqlite3_column_blob(handle_, column);
  auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
  return size == 0 ? std::string() : std::string(static_cast<const char*>(data), size);
}

}  // namespace godwit::server
