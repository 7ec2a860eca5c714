// A device dies right before, in the middle of and right after each of its writes, is opened again
// from what is stored, and goes on: everything that was said is at the server once, and what is
// known in the end is what an undisturbed session knows.
#include <catch2/catch.hpp>

#include "tests/device/scripted_session.h"

using namespace godwit;
using namespace godwit::testing;

namespace {

// Everything that a device writes, by mount and record (shared/client/client_store.h). A new kind
// of write is to be added here and to the session, which then dies at it as well. Three are not:
// "h V", a position without its events, which no answer of our server brings about; "h M", which
// goes only with a rewrite; and "q B" with what else a start over damage writes (healing_test.cpp,
// without deaths).
const std::map<std::string, std::string> kCauses{
    {"q O", "an operation is queued"},
    {"q F", "an operation is refused for good"},
    {"q N", "the person retries it"},
    {"q D", "an operation is answered or discarded"},
    {"q rewrite", "the queue is compacted"},
    {"h S", "the session begins"},
    {"h C", "a chat's snapshot: the first sync, a reset, a compaction"},
    {"h G", "the newest stretch of a chat"},
    {"h E", "an event"},
    {"h R", "a position that somebody has read or received to"},
    {"h U", "a private item"},
    {"h P", "the position of the private items"},
    {"h X", "a chat is forgotten"},
    {"h rewrite", "the hot mount is compacted, or begins anew in another epoch"},
    {"c K", "a page of history"},
    {"c L", "a changed message leaves the hot mount"},
    {"c rewrite", "the cache begins anew in another epoch"},
};

struct Undisturbed {
  std::size_t batches = 0;
  std::string outcome;
  std::set<std::string> causes;
};

const Undisturbed& undisturbed() {
  static const Undisturbed all = [] {
    ScriptedSession session(0, Death::kNone);
    session.run();
    return Undisturbed{session.batches(), session.outcome(), session.causes()};
  }();
  return all;
}

void die_at_each(Death death) {
  std::size_t died = 0;
  for (std::size_t nth = 1; nth <= undisturbed().batches; ++nth) {
    ScriptedSession session(nth, death);
    session.run();
    died += session.deaths();
    CAPTURE(nth);
    CHECK(session.broken() == "");
    CHECK(session.outcome() == undisturbed().outcome);
  }
  CHECK(died == undisturbed().batches);
}

}  // namespace

TEST_CASE(
    "[ST125] the session writes everything that a device writes, and nothing else is written") {
  for (const std::string& cause : undisturbed().causes) CHECK(kCauses.count(cause) == 1);
  for (const auto& [cause, meaning] : kCauses) {
    CAPTURE(cause, meaning);
    CHECK(undisturbed().causes.count(cause) == 1);
  }
}

TEST_CASE("[ST125] a death right before a write loses and doubles nothing") {
  die_at_each(Death::kBefore);
}

TEST_CASE("[ST125] a death in the middle of a write loses and doubles nothing") {
  die_at_each(Death::kMiddle);
}

TEST_CASE("[ST125] a death right after a write loses and doubles nothing") {
  die_at_each(Death::kAfter);
}
