// A server is killed before, in the middle of and after each of its writes, whatever it writes for:
// its first start, accounts and sessions, conversations, its end, the migration of an older
// version's database, the beginning of another life; and the power goes, over each write and each
// sync, so that what was not synced is lost as well. The next start finds each transaction whole
// or not at all, everything that was acknowledged, and goes on. (tests/simulation/crash does the
// same to a server at work, whose disk also fails.)
//
// The places are enumerated: each statement in the sources of the server that writes must have run
// where processes died at every write.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>

#include "server/store/sqlite_store.h"
#include "tests/contract/dying_process.h"
#include "tests/contract/server_life.h"

namespace godwit::server {
namespace {

namespace fs = std::filesystem;

std::string database_in(const TempFolder& folder) { return folder.file(kDatabaseFile); }

// Takes the steps from `first` on.
void live_from(const std::string& folder, std::size_t first, const Acknowledge& acknowledge) {
  Door door(folder);
  for (std::size_t i = first; i < server_life().size(); ++i) {
    server_life()[i].take(door);
    acknowledge();
  }
}

// How a server dies over one of its writes.
struct Way {
  const char* name;
  DeathAt at;
  std::optional<unsigned> percent_kept = std::nullopt;  // none: the power stays
};
// Between a write and the next one nothing changes: after is before the next.
constexpr Way kKilled[] = {{"killed before", DeathAt::kBefore},
                           {"killed in the middle of", DeathAt::kMiddle}};
constexpr Way kWithoutPower[] = {
    {"without power before, and without all that was not synced", DeathAt::kBefore, 0},
    {"without power in the middle of, with half of what was not synced", DeathAt::kMiddle, 50}};
constexpr Way kKilledAfter{"killed after", DeathAt::kAfter};
constexpr Way kWithoutPowerAfter{"without power after", DeathAt::kAfter, 0};

Death death_of(const Way& way, std::uint64_t nth, const std::string& folder) {
  Death death{nth, way.at};
  if (way.percent_kept) death.power = PowerCut{folder, *way.percent_kept};
  return death;
}

// What stands after each number of steps.
const std::vector<std::string>& after_steps() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> made;
    TempFolder step_by_step(fast_folder());
    { Door door(step_by_step.path()); }
    made.push_back(snapshot(database_in(step_by_step)));
    for (const LifeStep& step : server_life()) {
      {
        Door door(step_by_step.path());
        step.take(door);
      }
      made.push_back(snapshot(database_in(step_by_step)));
    }
    return made;
  }();
  return all;
}

Ended live_and_die(const Way& way, std::uint64_t nth, const TempFolder& folder) {
  return run_and_die(death_of(way, nth, folder.path()),
                     [&](const Acknowledge& acknowledge, FileCalls&) {
                       live_from(folder.path(), 0, acknowledge);
                     });
}

// All that is written in a life that dies in no such way.
Ended whole_life(const Way& way) {
  TempFolder folder(fast_folder());
  Ended ended = live_and_die(way, 0, folder);
  REQUIRE(ended.completed);
  return ended;
}

void die_in_life(const Way& way, std::uint64_t nth) {
  TempFolder folder(fast_folder());
  const Ended ended = live_and_die(way, nth, folder);
  INFO(way.name << " write " << nth << ", " << ended.acknowledged << " steps acknowledged");
  REQUIRE(ended.died);
  { Door door(folder.path()); }  // the next start
  const std::vector<std::string>& after = after_steps();
  const std::string found = snapshot(database_in(folder));
  std::size_t step = ended.acknowledged;
  bool went_through = step + 1 < after.size() && found == after[step + 1];
  if (went_through) ++step;
  REQUIRE(found == after[step]);
  live_from(folder.path(), step, [] {});
  CHECK(snapshot(database_in(folder)) == after.back());
}

void die_everywhere_in_life(const Way (&ways)[2], const Way& after_the_last) {
  const std::uint64_t writes = whole_life(after_the_last).writes;
  REQUIRE(writes > 100);
  for (std::uint64_t nth = 1; nth <= writes; ++nth) {
    for (const Way& way : ways) die_in_life(way, nth);
  }
  die_in_life(after_the_last, writes);
}

TEST_CASE(
    "[SI7] each step of a server's life changes what stands, so that its loss would be seen") {
  for (std::size_t i = 1; i < after_steps().size(); ++i) {
    INFO(server_life()[i - 1].name);
    CHECK(after_steps()[i] != after_steps()[i - 1]);
  }
}

TEST_CASE(
    "[SI7] [OR6] killed at any of its writes a server has stored each step whole or not at all, "
    "and all that was acknowledged") {
  die_everywhere_in_life(kKilled, kKilledAfter);
}

TEST_CASE(
    "[SI7] [OR6] [AU3] without power at any of its writes and syncs a server has kept accounts, "
    "sessions, roles and messages, each step whole or not at all, and all that was acknowledged") {
  die_everywhere_in_life(kWithoutPower, kWithoutPowerAfter);
}

// ---- what is done to a database as a whole ----

const char* const kNewer[] = {schema_migrations()[0],
                              "ALTER TABLE chats ADD COLUMN topic TEXT NOT NULL DEFAULT 'none';"
                              "CREATE TABLE topics (topic TEXT PRIMARY KEY);"
                              "INSERT INTO topics SELECT DISTINCT name FROM chats;"};

// A data folder as a server of this version left it.
const TempFolder& used_folder() {
  static const TempFolder folder(fast_folder());
  static const bool once = [] {
    live_from(folder.path(), 0, [] {});
    return true;
  }();
  (void)once;
  return folder;
}

void open_newer(const std::string& folder, FileCalls& files) {
  const SqlitePlace place{folder + "/" + kDatabaseFile, {}, {}, &files};
  auto store = open_stepped_sqlite_store(place, life_storage(folder), kNewer);
  GODWIT_CHECK(store.is_ok());
}

void begin_anew(const std::string& folder, FileCalls&) {
  GODWIT_CHECK(
      begin_new_life(SqlitePlace{folder + "/" + kDatabaseFile, {}, {}}, "another").is_ok());
}

std::string value_of(const std::string& database, const char* sql) {
  auto connection = SqliteConnection::open(database, SqliteMode::kReadWriteCreate);
  SqliteStatement query(**connection, sql);
  return query.start().one([](auto& row) { return row.text(0); }).value_or("nothing");
}

// The copies that were kept, all of them whole.
std::size_t copies_in(const TempFolder& folder) {
  std::size_t copies = 0;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    if (entry.path().string().find(".before-v2") == std::string::npos) continue;
    if (entry.path().extension() == ".part") continue;
    ++copies;
    CHECK(snapshot(entry.path().string()) == after_steps().back());
    CHECK(value_of(entry.path().string(), "PRAGMA user_version") == "1");
  }
  return copies;
}

constexpr auto kAll = fs::copy_options::recursive | fs::copy_options::overwrite_existing;

using Change = void (*)(const std::string& folder, FileCalls& files);
using Holds = void (*)(const TempFolder& folder);

Ended change_and_die(Change change, const Way& way, std::uint64_t nth, const TempFolder& folder) {
  fs::copy(used_folder().path(), folder.path(), kAll);
  return run_and_die(death_of(way, nth, folder.path()),
                     [&](const Acknowledge& acknowledge, FileCalls& files) {
                       change(folder.path(), files);
                       acknowledge();
                     });
}

// Dies over each write of `change` to a copy of a used folder; `holds` then judges what is there.
void die_everywhere_in(Change change, Holds holds, const Way (&ways)[2],
                       const Way& after_the_last) {
  TempFolder untouched(fast_folder());
  const Ended whole = change_and_die(change, after_the_last, 0, untouched);
  REQUIRE(whole.completed);
  auto die = [&](const Way& way, std::uint64_t nth) {
    TempFolder folder(fast_folder());
    const Ended ended = change_and_die(change, way, nth, folder);
    INFO(way.name << " write " << nth << " of " << whole.writes);
    CHECK(ended.died);
    holds(folder);
  };
  for (std::uint64_t nth = 1; nth <= whole.writes; ++nth) {
    for (const Way& way : ways) die(way, nth);
  }
  die(after_the_last, whole.writes);
}

std::set<std::string> statements_of(Change change) {
  TempFolder folder(fast_folder());
  return change_and_die(change, kKilledAfter, 0, folder).statements;
}

void holds_newer(const TempFolder& folder) {
  SystemFiles files;
  open_newer(folder.path(), files);
  const std::string database = database_in(folder);
  CHECK(value_of(database, "PRAGMA user_version") == "2");
  CHECK(value_of(database, "SELECT COUNT(*) FROM chats WHERE topic='none'") == "2");
  CHECK(value_of(database, "SELECT COUNT(*) FROM topics") == "2");
  CHECK(snapshot(database) == after_steps().back());
  CHECK(copies_in(folder) >= 1);
}

void holds_one_life(const TempFolder& folder) {
  constexpr const char* kEpoch = "SELECT value FROM meta WHERE key='epoch'";
  const std::string epoch = value_of(database_in(folder), kEpoch);
  CHECK((epoch == "another" || epoch == value_of(database_in(used_folder()), kEpoch)));
  CHECK(snapshot(database_in(folder)) == after_steps().back());
}

TEST_CASE(
    "[SI7] [ST21] killed or without power at any write of a migration the next start finishes it, "
    "nothing is lost, and each copy that was kept is whole") {
  die_everywhere_in(open_newer, holds_newer, kKilled, kKilledAfter);
  die_everywhere_in(open_newer, holds_newer, kWithoutPower, kWithoutPowerAfter);
}

TEST_CASE(
    "[SI7] [EP1] killed or without power at any write of the beginning of another life a database "
    "has the old epoch or the new one, and all else") {
  die_everywhere_in(begin_anew, holds_one_life, kKilled, kKilledAfter);
  die_everywhere_in(begin_anew, holds_one_life, kWithoutPower, kWithoutPowerAfter);
}

// ---- the enumeration ----

// Each text in a source that begins as a statement that writes.
std::set<std::string> writing_statements() {
  static const std::regex kText("\"((?:[^\"\\\\]|\\\\.)*)\"((?:\\s*\"(?:[^\"\\\\]|\\\\.)*\")*)");
  static const std::regex kPiece("\"((?:[^\"\\\\]|\\\\.)*)\"");
  static const std::regex kWrites("^(INSERT|UPDATE|DELETE|REPLACE|VACUUM|CREATE|ALTER|DROP) .*");
  std::set<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(GODWIT_SERVER_SOURCES)) {
    if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h") continue;
    std::ifstream file(entry.path());
    const std::string source{std::istreambuf_iterator<char>(file), {}};
    for (std::sregex_iterator it(source.begin(), source.end(), kText), end; it != end; ++it) {
      const std::string literal = it->str();
      std::string text;
      for (std::sregex_iterator one(literal.begin(), literal.end(), kPiece); one != end; ++one) {
        text += (*one)[1].str();
      }
      if (std::regex_match(text, kWrites)) found.insert(text);
    }
  }
  return found;
}

TEST_CASE("[SI7] every statement of the server that writes has run where it died at every write") {
  std::set<std::string> ran = whole_life(kKilledAfter).statements;
  ran.merge(statements_of(begin_anew));
  ran.merge(statements_of(open_newer));
  const std::set<std::string> all = writing_statements();
  REQUIRE(all.size() > 25);
  for (const std::string& statement : all) {
    CAPTURE(statement);
    auto at = ran.lower_bound(statement);  // the sources may have its beginning alone
    CHECK((at != ran.end() && at->rfind(statement, 0) == 0));
  }
}

}  // namespace
}  // namespace godwit::server
