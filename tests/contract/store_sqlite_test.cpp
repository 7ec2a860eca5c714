// SQLite: the contract, and what is of this back end alone (folder, versions, copies).
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "server/store/data_folder.h"
#include "server/store/sqlite_store.h"
#include "tests/contract/store_contract.h"
#include "tests/contract/temp_folder.h"

namespace godwit::server {
namespace {

StorageConfig in_folder(const std::string& path) {
  StorageConfig config;
  config.data_dir = path;
  config.cache_kib = 1'024;
  return config;
}

std::string refusal_of(const StorageConfig& config, Migrations migrations = schema_migrations()) {
  auto store = open_sqlite_store(config, migrations);
  return store ? "" : store.error().detail;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("[ST24] SQLite keeps the contract of a store") {
  TempFolder folder;
  store_contract([&] {
    auto store = open_sqlite_store(in_folder(folder.path()));
    REQUIRE(store.is_ok());
    return std::move(*store);
  });
}

TEST_CASE("[ST21] an older version is migrated with its data, and a copy as it was is kept") {
  TempFolder folder;
  const std::string database = folder.file(kDatabaseFile);
  { REQUIRE(refusal_of(in_folder(folder.path())).empty()); }
  {
    auto c = SqliteConnection::open(database, SqliteMode::kReadWriteCreate);
    REQUIRE((*c)->execute("INSERT INTO chats VALUES (5,1,'Old','',1,1,0,0,NULL)").is_ok());
  }
  const char* const next[] = {schema_migrations()[0],
                              "ALTER TABLE chats ADD COLUMN topic TEXT NOT NULL DEFAULT 'none';"};
  REQUIRE(refusal_of(in_folder(folder.path()), next).empty());
  auto now = SqliteConnection::open(database, SqliteMode::kReadOnly);
  CHECK(*(*now)->integer("PRAGMA user_version") == 2);
  CHECK(*(*now)->integer("SELECT COUNT(*) FROM chats WHERE name='Old' AND topic='none'") == 1);
  auto copy = SqliteConnection::open(database + ".before-v2", SqliteMode::kReadOnly);
  CHECK(*(*copy)->integer("PRAGMA user_version") == 1);
  CHECK(*(*copy)->integer("SELECT COUNT(*) FROM chats WHERE name='Old'") == 1);
}

TEST_CASE(
    "[ST21] a migration that fails leaves the version, the tables and the data as they were") {
  TempFolder folder;
  REQUIRE(refusal_of(in_folder(folder.path())).empty());
  const char* const broken[] = {schema_migrations()[0],
                                "CREATE TABLE half (x); ALTER TABLE nowhere ADD COLUMN y;"};
  CHECK(refusal_of(in_folder(folder.path()), broken).find("cannot migrate") != std::string::npos);
  auto c = SqliteConnection::open(folder.file(kDatabaseFile), SqliteMode::kReadOnly);
  CHECK(*(*c)->integer("PRAGMA user_version") == 1);
  CHECK(*(*c)->integer("SELECT COUNT(*) FROM sqlite_schema WHERE name='half'") == 0);
}

TEST_CASE("[ST22] a database of a newer version is refused and left as it was") {
  TempFolder folder;
  const char* const next[] = {schema_migrations()[0], "CREATE TABLE later (x);"};
  REQUIRE(refusal_of(in_folder(folder.path()), next).empty());
  const std::string before = bytes_of(folder.file(kDatabaseFile));
  const std::string refusal = refusal_of(in_folder(folder.path()));
  CHECK(refusal.find("is of version 2, newer than this server's 1") != std::string::npos);
  CHECK(bytes_of(folder.file(kDatabaseFile)) == before);
}

TEST_CASE("[ST22] a file that is not ours is refused and left as it was") {
  TempFolder folder;
  std::ofstream(folder.file(kDatabaseFile)) << "this is a letter to my aunt, not a database ...";
  const std::string before = bytes_of(folder.file(kDatabaseFile));
  CHECK_FALSE(refusal_of(in_folder(folder.path())).empty());
  CHECK(bytes_of(folder.file(kDatabaseFile)) == before);
  TempFolder other;
  {
    auto c = SqliteConnection::open(other.file(kDatabaseFile), SqliteMode::kReadWriteCreate);
    REQUIRE((*c)->execute("CREATE TABLE shopping (item)").is_ok());
  }
  CHECK(refusal_of(in_folder(other.path())).find("not a Godwit database") != std::string::npos);
}

TEST_CASE("[ST22] a data folder in use is refused; it is free again when its server is gone") {
  TempFolder folder;
  {
    auto first = open_sqlite_store(in_folder(folder.path()));
    REQUIRE(first.is_ok());
    CHECK(refusal_of(in_folder(folder.path())).find("in use") != std::string::npos);
  }
  CHECK(refusal_of(in_folder(folder.path())).empty());
}

TEST_CASE("[OR6] a data folder that is made is synced into the folder above it, and that one too") {
  struct NotingFiles final : SystemFiles {
    bool sync(const std::string& path) override {
      synced.push_back(path);
      return SystemFiles::sync(path);
    }
    std::vector<std::string> synced;
  };
  TempFolder folder;
  NotingFiles files;
  { REQUIRE(DataFolder::take(folder.file("var/data"), files).is_ok()); }
  CHECK(files.synced == std::vector<std::string>{folder.path(), folder.file("var")});
  { REQUIRE(DataFolder::take(folder.file("var/data"), files).is_ok()); }
  CHECK(files.synced.size() == 2);
}

TEST_CASE("[ST22] a folder that cannot be written is refused") {
  TempFolder folder;
  std::ofstream(folder.file("file")) << "x";
  CHECK(refusal_of(in_folder(folder.file("file/data"))).find("not writable") != std::string::npos);
  CHECK(refusal_of(in_folder("/proc/godwit")).find("not writable") != std::string::npos);
}

}  // namespace
}  // namespace godwit::server
