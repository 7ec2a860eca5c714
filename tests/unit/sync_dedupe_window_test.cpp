// The window of recent operations: bounded in number and age (DD6).
#include <catch2/catch.hpp>

#include "shared/sync/dedupe_window.h"

namespace godwit {
namespace {

TEST_CASE("[DD6] what was remembered is found until it is too old; hits and misses are counted") {
  DedupeWindow<int> window(10, 1'000);
  window.remember("a", 1, Instant{0});
  REQUIRE(window.find("a", Instant{999}) != nullptr);
  CHECK(*window.find("a", Instant{999}) == 1);
  CHECK(window.find("b", Instant{0}) == nullptr);
  CHECK(window.find("a", Instant{1'000}) == nullptr);
  CHECK(window.size() == 0);
  CHECK(window.counters().hits == 2);
  CHECK(window.counters().misses == 2);
  CHECK(window.counters().expirations == 1);
}

TEST_CASE("[DD6] at its limit the least recently used goes") {
  DedupeWindow<int> window(2, 1'000);
  window.remember("a", 1, Instant{0});
  window.remember("b", 2, Instant{0});
  REQUIRE(window.find("a", Instant{1}) != nullptr);
  window.remember("c", 3, Instant{2});
  CHECK(window.size() == 2);
  CHECK(window.find("b", Instant{3}) == nullptr);
  CHECK(window.find("a", Instant{3}) != nullptr);
  CHECK(window.find("c", Instant{3}) != nullptr);
  CHECK(window.counters().evictions == 1);
}

TEST_CASE("[DD6] a use does not make an entry younger; remembering it again does") {
  DedupeWindow<int> window(2, 1'000);
  window.remember("a", 1, Instant{0});
  REQUIRE(window.find("a", Instant{900}) != nullptr);
  CHECK(window.find("a", Instant{1'000}) == nullptr);
  window.remember("a", 1, Instant{1'000});
  window.remember("a", 2, Instant{1'500});
  CHECK(window.size() == 1);
  REQUIRE(window.find("a", Instant{2'400}) != nullptr);
  CHECK(*window.find("a", Instant{2'400}) == 2);
}

TEST_CASE("[DD6] what is forgotten is a miss") {
  DedupeWindow<int> window(2, 1'000);
  window.remember("a", 1, Instant{0});
  window.forget("a");
  window.forget("never there");
  CHECK(window.find("a", Instant{0}) == nullptr);
  CHECK(window.size() == 0);
}

}  // namespace
}  // namespace godwit
