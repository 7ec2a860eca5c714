// Merging, stretches, gaps, splices: any order gives the same.
#include <algorithm>
#include <catch2/catch.hpp>

#include "shared/base/prng.h"
#include "shared/client/chat_replica.h"
#include "shared/timeline/overlay.h"
#include "shared/timeline/splice.h"

using namespace godwit;

namespace {

Message message_at(std::uint64_t seq, std::uint64_t rev) {
  Message message;
  message.message_id = MessageId{1'000 + seq};
  message.chat_id = ChatId{5};
  message.seq = Seq{seq};
  message.rev = Seq{rev};
  message.sender_id = UserId{7};
  message.content = Content{ContentType::kText, "rev " + std::to_string(rev), {}};
  if (rev % 3 == 0) message.reactions.push_back(Reaction{"x", {UserId{7}}});
  if (rev % 7 == 0) {
    message.deleted = true;
    message.content.reset();
    message.reactions.clear();
  }
  return message;
}

void shuffle(std::vector<Message>& states, Prng& prng) {
  for (std::size_t i = states.size(); i > 1; --i) {
    std::swap(states[i - 1], states[prng.below(i)]);
  }
}

bool holds(const Segments& segments, std::uint64_t seq, bool checked) {
  const Segment* segment = segments.find(Seq{seq});
  return segment != nullptr && segment->checked == checked;
}

}  // namespace

TEST_CASE("[MG1] [MG3] states merge to the same in any order, repeated or late") {
  Prng prng(11);
  std::vector<Message> states;
  for (std::uint64_t rev = 1; rev <= 60; ++rev) states.push_back(message_at(1 + rev % 9, rev + 9));
  Timeline expected;
  for (const Message& state : states) expected.merge(state);
  for (int round = 0; round < 200; ++round) {
    shuffle(states, prng);
    Timeline timeline;
    for (const Message& state : states) {
      timeline.merge(state);
      if (prng.chance(30)) timeline.merge(states[prng.below(states.size())]);
    }
    REQUIRE(timeline.messages() == expected.messages());
  }
}

TEST_CASE("[MG8] a known tempId survives copies that lack it") {
  Timeline timeline;
  Message own = message_at(1, 1);
  own.temp_id = "t";
  timeline.merge(own);
  timeline.merge(message_at(1, 2));
  REQUIRE(timeline.by_temp_id("t") != nullptr);
  REQUIRE(timeline.by_temp_id("t")->rev == Seq{2});
}

TEST_CASE("[MG5] checked knowledge stays over unchecked, whatever overlaps whatever") {
  Segments segments;
  segments.add(Segment{Seq{10}, Seq{20}, Seq{20}, true});
  segments.uncheck(Seq{20});
  segments.add(Segment{Seq{15}, Seq{17}, Seq{40}, true});
  REQUIRE(holds(segments, 14, false));
  REQUIRE(holds(segments, 15, true));
  REQUIRE(holds(segments, 17, true));
  REQUIRE(holds(segments, 18, false));
  segments.add(Segment{Seq{1}, Seq{30}, Seq{20}, false});
  REQUIRE(holds(segments, 16, true));
  REQUIRE(segments.low_of(Seq{30}, true) == Seq{1});
  REQUIRE(segments.low_of(Seq{17}, false) == Seq{15});
}

TEST_CASE("[MG5] segments hold what a plain set of positions holds") {
  Prng prng(5);
  for (int round = 0; round < 300; ++round) {
    Segments segments;
    std::map<std::uint64_t, bool> naive;
    for (int step = 0; step < 12; ++step) {
      std::uint64_t from = 1 + prng.below(40);
      std::uint64_t to = from + prng.below(10);
      bool checked = prng.chance(60);
      segments.add(Segment{Seq{from}, Seq{to}, Seq{50}, checked});
      for (std::uint64_t seq = from; seq <= to; ++seq) naive[seq] = naive[seq] || checked;
    }
    for (std::uint64_t seq = 1; seq < 60; ++seq) {
      auto it = naive.find(seq);
      REQUIRE((segments.find(Seq{seq}) != nullptr) == (it != naive.end()));
      if (it != naive.end()) REQUIRE(holds(segments, seq, it->second));
    }
  }
}

TEST_CASE("[OR7] a log is known up to the first gap, and further once it is filled") {
  GapTracker<Seq> gap;
  REQUIRE(gap.note(Seq{1}) == Arrival::kNext);
  REQUIRE(gap.note(Seq{3}) == Arrival::kAhead);
  REQUIRE(gap.note(Seq{1}) == Arrival::kKnown);
  REQUIRE(gap.has_gap());
  REQUIRE(gap.held() == Seq{1});
  REQUIRE(gap.note(Seq{2}) == Arrival::kNext);
  REQUIRE(gap.held() == Seq{3});
  REQUIRE_FALSE(gap.has_gap());
}

TEST_CASE("[CO8] a splice turns one list into the other") {
  Prng prng(9);
  for (int round = 0; round < 500; ++round) {
    std::vector<int> before(prng.below(8));
    std::vector<int> after(prng.below(8));
    for (int& item : before) item = static_cast<int>(prng.below(3));
    for (int& item : after) item = static_cast<int>(prng.below(3));
    Splice splice = splice_between(before, after);
    std::vector<int> patched = before;
    auto at = patched.begin() + static_cast<std::ptrdiff_t>(splice.at);
    at = patched.erase(at, at + static_cast<std::ptrdiff_t>(splice.removed));
    auto from = after.begin() + static_cast<std::ptrdiff_t>(splice.at);
    patched.insert(at, from, from + static_cast<std::ptrdiff_t>(splice.inserted));
    REQUIRE(patched == after);
  }
}

TEST_CASE("[OV1] a pending operation changes only the message that it targets") {
  Message message = message_at(1, 1);
  Message before = message;
  lay_over(message, React{"t", ChatId{5}, MessageId{9}, "x", true}, UserId{3}, Timestamp{1});
  REQUIRE(message == before);
  lay_over(message, DeleteMessage{"t", ChatId{5}, message.message_id}, UserId{3}, Timestamp{1});
  REQUIRE(message.deleted);
  lay_over(message, Pin{"t", ChatId{5}, message.message_id, true}, UserId{3}, Timestamp{1});
  REQUIRE_FALSE(message.pinned);  // as the server refuses it
}
