// A device dies right before, in the middle of and right after each of its writes, is opened again
// from what is stored, and goes on: everything that was said is at the server once, and what is
// known in the end is what an undisturbed session knows.
//
// The places are enumerated: each kind of record that the journal knows (shared/client/records.h)
// and each other thing that it does to its files (tests/device/causes.h). One at which no session
// writes, and so none dies, fails the first test; so does a write that is none of them.
//
// What keeps things elsewhere has its deaths there: the server (tests/contract, tests/simulation/
// crash), and all else that stores in the browser (tests/architecture/storage_places.mjs, a list of
// the places and of what dies at each).
#include <catch2/catch.hpp>

#include "shared/client/records.h"
#include "tests/device/scripted_session.h"

using namespace godwit;
using namespace godwit::testing;

namespace {

constexpr Life kLives[] = {Life::kOrdinary, Life::kArchiveFails, Life::kFullCache, Life::kDamaged,
                           Life::kManifestsGone};

// What a journal does besides adding records, and when.
const std::map<std::string, std::string> kJournalCauses{
    {"q rewrite", "the queue is compacted"},
    {"q repair", "an entry was damaged"},
    {"q loss", "an entry was damaged"},
    {"q foreign file", "there was a file of nobody's"},
    {"q misplaced", "a segment stood in the manifest's place"},
    {"h rewrite", "the hot mount is compacted, begins anew in another epoch, or was damaged"},
    {"h void", "what was to leave the hot mount could not be written to the cache"},
    {"h doubt", "something of the hot mount was damaged"},
    {"h lost file", "and a segment was missing"},
    {"h foreign file", "there was a file of nobody's"},
    {"h misplaced", "a segment stood in the manifest's place"},
    {"c rewrite", "the cache begins anew in another epoch, or is void"},
    {"c drop", "the cache is full"},
    {"c doubt", "something of the cache was damaged"},
    {"c repair", "it is sure again"},
    {"c loss", "it is sure again, and records were lost"},
    {"c lost file", "it is sure again, and a segment was missing"},
    {"c foreign file", "there was a file of nobody's"},
    {"c misplaced", "a segment stood in the manifest's place"},
};

std::map<std::string, std::string> every_cause() {
  std::map<std::string, std::string> causes = kJournalCauses;
  for (const RecordForm& form : kRecordForms) {
    causes[mount_head(form.mount) + static_cast<char>(form.kind)] = std::string(form.name);
  }
  return causes;
}

struct Undisturbed {
  std::size_t batches = 0;
  std::string outcome;
  std::set<std::string> causes;
};

const Undisturbed& undisturbed(Life life) {
  static std::map<Life, Undisturbed> all;
  auto [it, is_new] = all.try_emplace(life);
  if (!is_new) return it->second;
  ScriptedSession session(life, 0, Death::kNone);
  session.run();
  it->second = Undisturbed{session.batches(), session.outcome(), session.causes()};
  return it->second;
}

void die_at_each(Death death) {
  for (Life life : kLives) {
    std::size_t died = 0;
    for (std::size_t nth = 1; nth <= undisturbed(life).batches; ++nth) {
      ScriptedSession session(life, nth, death);
      session.run();
      died += session.deaths();
      CAPTURE(static_cast<int>(life), nth);
      CHECK(session.broken() == "");
      CHECK(session.outcome() == undisturbed(life).outcome);
    }
    CHECK(died == undisturbed(life).batches);
  }
}

}  // namespace

TEST_CASE(
    "[SI7] [ST125] the sessions write at every place where a device writes, and at no other") {
  std::set<std::string> written;
  for (Life life : kLives) {
    const std::set<std::string>& causes = undisturbed(life).causes;
    written.insert(causes.begin(), causes.end());
  }
  const std::map<std::string, std::string> every = every_cause();
  for (const std::string& cause : written) {
    CAPTURE(cause);
    CHECK(every.count(cause) == 1);
  }
  for (const auto& [cause, meaning] : every) {
    CAPTURE(cause, meaning);
    CHECK(written.count(cause) == 1);
  }
}

TEST_CASE("[ST125] what a damaged outbox still says is sent once the person has said so") {
  const std::string& outcome = undisturbed(Life::kDamaged).outcome;
  CHECK(outcome.find("u-first stored 1\n") != std::string::npos);
  CHECK(outcome.find("u-second stored 1\n") != std::string::npos);
  CHECK(outcome.find("u-third") == std::string::npos);
  CHECK(outcome.find("waits") == std::string::npos);
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
