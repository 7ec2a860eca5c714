// A server is killed before, in the middle of and after each of its writes, whatever it writes for:
// its first start, accounts and sessions, conversations, its end, the migration of an older
// version's database, the beginning of another life. The next start finds each transaction whole
// or not at all, everything that was acknowledged, and goes on. (What a loss of power leaves on top
// is tests/simulation/crash.)
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

// What stands after each number of steps, and all that was written on the way.
struct Undisturbed {
  std::vector<std::string> after;
  std::uint64_t writes = 0;
  std::set<std::string> statements;
};

const Undisturbed& undisturbed() {
  static const Undisturbed all = [] {
    Undisturbed made;
    TempFolder step_by_step(fast_folder());
    { Door door(step_by_step.path()); }
    made.after.push_back(snapshot(database_in(step_by_step)));
    for (const LifeStep& step : server_life()) {
      {
        Door door(step_by_step.path());
        step.take(door);
      }
      made.after.push_back(snapshot(database_in(step_by_step)));
    }
    TempFolder at_once(fast_folder());
    Ended ended = run_and_die(0, DeathAt::kBefore, [&](const Acknowledge& acknowledge) {
      live_from(at_once.path(), 0, acknowledge);
    });
    REQUIRE(ended.completed);
    made.writes = ended.writes;
    made.statements = ended.statements;
    return made;
  }();
  return all;
}

void die_in_life(std::uint64_t nth, DeathAt death) {
  TempFolder folder(fast_folder());
  Ended ended = run_and_die(nth, death, [&](const Acknowledge& acknowledge) {
    live_from(folder.path(), 0, acknowledge);
  });
  CAPTURE(nth, static_cast<int>(death), ended.acknowledged);
  REQUIRE(ended.died);
  { Door door(folder.path()); }  // the next start
  const std::vector<std::string>& after = undisturbed().after;
  const std::string found = snapshot(database_in(folder));
  std::size_t step = ended.acknowledged;
  bool went_through = step + 1 < after.size() && found == after[step + 1];
  if (went_through) ++step;
  REQUIRE(found == after[step]);
  live_from(folder.path(), step, [] {});
  CHECK(snapshot(database_in(folder)) == after.back());
}

TEST_CASE(
    "[SI7] [OR6] killed at any of its writes a server has stored each step whole or not at all, "
    "and all that was acknowledged") {
  for (std::size_t i = 1; i < undisturbed().after.size(); ++i) {
    INFO(server_life()[i - 1].name);
    CHECK(undisturbed().after[i] != undisturbed().after[i - 1]);  // it would be seen
  }
  REQUIRE(undisturbed().writes > 100);
  for (std::uint64_t nth = 1; nth <= undisturbed().writes; ++nth) {
    // Between a write and the next one a killed process changes nothing: after is before the next.
    for (DeathAt death : {DeathAt::kBefore, DeathAt::kMiddle}) die_in_life(nth, death);
  }
  die_in_life(undisturbed().writes, DeathAt::kAfter);
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

void open_newer(const std::string& folder) {
  auto store = open_sqlite_store(life_storage(folder), kNewer);
  GODWIT_CHECK(store.is_ok());
}

void begin_anew(const std::string& folder) {
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
    CHECK(snapshot(entry.path().string()) == undisturbed().after.back());
    CHECK(value_of(entry.path().string(), "PRAGMA user_version") == "1");
  }
  return copies;
}

constexpr auto kAll = fs::copy_options::recursive | fs::copy_options::overwrite_existing;

using Change = void (*)(const std::string& folder);

// Dies over each write of `change` to a copy of a used folder; `holds` then judges what is there.
std::set<std::string> die_in_change(Change change,
                                    const std::function<void(const TempFolder&)>& holds) {
  auto run = [&](std::uint64_t nth, DeathAt death, Ended& ended) {
    TempFolder folder(fast_folder());
    fs::copy(used_folder().path(), folder.path(), kAll);
    ended = run_and_die(nth, death, [&](const Acknowledge&) { change(folder.path()); });
    CAPTURE(nth, static_cast<int>(death));
    CHECK(ended.died == (nth != 0));
    holds(folder);
  };
  Ended whole;
  run(0, DeathAt::kBefore, whole);
  REQUIRE(whole.completed);
  for (std::uint64_t nth = 1; nth <= whole.writes; ++nth) {
    for (DeathAt death : {DeathAt::kBefore, DeathAt::kMiddle, DeathAt::kAfter}) {
      Ended ended;
      run(nth, death, ended);
    }
  }
  return whole.statements;
}

std::set<std::string> die_in_migration() {
  return die_in_change(open_newer, [](const TempFolder& folder) {
    open_newer(folder.path());
    const std::string database = database_in(folder);
    CHECK(value_of(database, "PRAGMA user_version") == "2");
    CHECK(value_of(database, "SELECT COUNT(*) FROM chats WHERE topic='none'") == "2");
    CHECK(value_of(database, "SELECT COUNT(*) FROM topics") == "2");
    CHECK(snapshot(database) == undisturbed().after.back());
    CHECK(copies_in(folder) >= 1);
  });
}

std::set<std::string> die_in_new_life() {
  return die_in_change(begin_anew, [](const TempFolder& folder) {
    const std::string epoch =
        value_of(database_in(folder), "SELECT value FROM meta WHERE key='epoch'");
    const std::string before =
        value_of(database_in(used_folder()), "SELECT value FROM meta WHERE key='epoch'");
    CHECK((epoch == "another" || epoch == before));
    CHECK(snapshot(database_in(folder)) == undisturbed().after.back());
  });
}

TEST_CASE(
    "[SI7] [ST21] killed at any write of a migration the next start finishes it, nothing is lost, "
    "and each copy that was kept is whole") {
  die_in_migration();
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
  std::set<std::string> ran = undisturbed().statements;
  ran.merge(die_in_new_life());
  TempFolder folder(fast_folder());
  fs::copy(used_folder().path(), folder.path(), kAll);
  ran.merge(run_and_die(0, DeathAt::kBefore, [&](const Acknowledge&) {
              open_newer(folder.path());
            }).statements);
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
