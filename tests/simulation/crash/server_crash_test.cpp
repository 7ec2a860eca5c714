// The server dies at every place where it persists, and its disk fails at each; what it promised
// stands every time. The places are counted by a run without faults.
#include <catch2/catch.hpp>

#include "tests/simulation/crash/load.h"

namespace godwit::sim {
namespace {

constexpr std::uint64_t kSeed = 7;

// What survives of what was not synced.
struct Luck {
  const char* name;
  unsigned percent;
};
constexpr Luck kLucks[] = {{"nothing", 0}, {"half", 50}, {"all", 100}};

LosingVfs::Toss toss(std::uint64_t seed, unsigned percent) {
  auto prng = std::make_shared<Prng>(seed);
  return [prng, percent] { return prng->chance(percent); };
}

std::uint64_t places_to_persist() {
  StoreServer server(kSeed, "e1");
  Load load(server);
  load.run();
  load.check_complete();
  return server.disk().calls();
}

const char* name_of(Death death) {
  return death == Death::kBefore ? "before" : death == Death::kTorn ? "in" : "after";
}

// Dies at the place, comes back, and is told everything again.
void die_at(std::uint64_t place, Death death, const Luck& luck) {
  INFO("died " << name_of(death) << " call " << place << ", of what was not synced " << luck.name
               << " was left");
  StoreServer server(kSeed, "e1");
  Load load(server);
  server.crash_in_writes(place, death, toss(place, luck.percent));
  load.run();
  REQUIRE_FALSE(server.is_alive());
  server.revive(Moment{Instant{1'000'000}, Timestamp{1'795'001'000'000}});
  load.check();
  load.run();
  load.check_complete();
}

}  // namespace

TEST_CASE(
    "[SI7] [OR6] [DD1] dying before, in and after each write keeps what was acknowledged, once") {
  const std::uint64_t places = places_to_persist();
  REQUIRE(places > 100);
  for (std::uint64_t place = 1; place <= places; ++place) {
    for (Death death : {Death::kBefore, Death::kTorn, Death::kAfter}) {
      die_at(place, death, kLucks[0]);
      die_at(place, death, kLucks[1]);
      if (death == Death::kTorn) die_at(place, death, kLucks[2]);
    }
  }
}

namespace {

// The disk fails once, at the place; whoever was refused says it again.
void fail_at(std::uint64_t place, int rc, const Luck& luck) {
  INFO("call " << place << " failed with " << rc << ", having done " << luck.name);
  StoreServer server(kSeed, "e1");
  Load load(server);
  server.disk().fail_at(place, rc, toss(place, luck.percent));
  load.run();
  CHECK(server.disk().failures() == 1);
  if (!server.is_alive()) {  // it could not start
    server.revive(Moment{Instant{1'000'000}, Timestamp{1'795'001'000'000}});
  }
  load.check();
  load.run();
  load.check_complete();
}

}  // namespace

TEST_CASE("[SI7] [ST23] a disk that fails once, wherever that is, costs nothing acknowledged") {
  const std::uint64_t places = places_to_persist();
  for (std::uint64_t place = 1; place <= places; ++place) {
    fail_at(place, SQLITE_FULL, kLucks[0]);
    fail_at(place, SQLITE_IOERR_WRITE, kLucks[1]);
    fail_at(place, SQLITE_IOERR_FSYNC, kLucks[2]);
  }
}

}  // namespace godwit::sim
