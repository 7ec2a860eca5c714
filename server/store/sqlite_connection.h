// SQLite, thinly: a connection, and statements that are prepared once and reset by themselves.
// Errors are sticky, as store.h wants them: after the first, statements of this connection do
// nothing until clear(). No exceptions.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/ids.h"
#include "shared/base/instant.h"
#include "shared/base/result.h"

namespace godwit::server {

enum class SqliteMode : std::uint8_t { kReadWriteCreate, kReadOnly };

// One thread at a time.
class SqliteConnection {
 public:
  // `vfs`: the name of a registered sqlite3_vfs; empty: the system's.
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path, SqliteMode mode,
                                                        const std::string& vfs = {});
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  // Runs SQL without parameters and results. Not subject to the sticky error.
  Status execute(const std::string& sql);
  // The single integer that `sql` yields.
  Result<std::int64_t> integer(const std::string& sql);

  bool failed() const { return failed_; }
  Status status() const;
  void clear() { failed_ = false; }
  void fail(int rc);  // remembers the first

  int changes() const { return sqlite3_changes(db_); }
  sqlite3* raw() { return db_; }

 private:
  explicit SqliteConnection(sqlite3* db) : db_(db) {}
  sqlite3* db_;
  bool failed_ = false;
  std::string error_;
};

// A statement of one connection, prepared on first use and kept. Use:
//   auto& q = statement_.start(); q.bind(id).bind(text); while (q.step()) q.integer(0) …
// A statement is reset when it is started again or has stepped to its end. Bound text is borrowed
// until then.
class SqliteStatement {
 public:
  SqliteStatement(SqliteConnection& connection, const char* sql)
      : connection_(connection), sql_(sql) {}
  ~SqliteStatement();
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  SqliteStatement& start();
  SqliteStatement& bind(std::int64_t value);
  SqliteStatement& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
  SqliteStatement& bind(std::string_view text);
  SqliteStatement& bind_blob(std::string_view bytes);
  SqliteStatement& bind_null();
  template <typename Tag>
  SqliteStatement& bind(Id<Tag> id) {
    return bind(id.value);
  }
  template <typename Tag>
  SqliteStatement& bind(Position<Tag> position) {
    return bind(position.value);
  }
  SqliteStatement& bind(Timestamp time) { return bind(time.unix_ms); }
  // Empty text and zero ids as NULL: absent.
  SqliteStatement& bind_optional(std::string_view text) {
    return text.empty() ? bind_null() : bind(text);
  }
  template <typename Tag>
  SqliteStatement& bind_optional(Id<Tag> id) {
    return id ? bind(id.value) : bind_null();
  }

  // True: a row stands. False: the end, or a failure (the connection then has failed()).
  bool step();
  // For statements without rows. True: done.
  bool run();
  // step(), read one row with `read`, reset.
  template <typename Read>
  auto one(Read read) -> std::optional<decltype(read(*this))> {
    if (!step()) return std::nullopt;
    auto value = read(*this);
    reset();
    return value;
  }
  void reset();

  int columns() const { return sqlite3_data_count(handle_); }  // of the row that stands
  bool is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const { return sqlite3_column_int64(handle_, column); }
  std::uint64_t position(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  std::string text(int column) const;
  template <typename IdType>
  IdType id(int column) const {
    return IdType{position(column)};
  }
  Timestamp time(int column) const { return Timestamp{integer(column)}; }

 private:
  SqliteConnection& connection_;
  const char* sql_;
  sqlite3_stmt* handle_ = nullptr;
  int next_ = 1;
};

}  // namespace godwit::server
