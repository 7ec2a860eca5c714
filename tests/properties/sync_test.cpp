// The gap tracker, the planner of a sync and the wire, over random inputs.
#include <catch2/catch.hpp>
#include <set>

#include "shared/base/limits.h"
#include "shared/domain/sync_plan.h"
#include "shared/protocol/codec.h"
#include "shared/sync/gap_tracker.h"
#include "tests/properties/holds.h"
#include "tests/unit/protocol_random.h"

namespace godwit::properties {

TEST_CASE("[OR7] a log is held exactly up to its first gap, whatever came and in whatever order") {
  REQUIRE(holds(400, [](const std::vector<std::uint8_t>& arrivals, const std::vector<bool>& jumps) {
    GapTracker<Seq> tracker;
    std::set<std::uint64_t> known;
    std::uint64_t floor = 0;
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
      const std::uint64_t at = 1 + arrivals[i] % 40u;
      if (i < jumps.size() && jumps[i]) {
        tracker.advance_to(Seq{at});
        floor = std::max(floor, at);
      } else {
        (void)tracker.note(Seq{at});
        known.insert(at);
      }
      std::uint64_t held = floor;
      while (known.count(held + 1) != 0) ++held;
      floor = held;
      RC_ASSERT(tracker.held() == Seq{held});
      RC_ASSERT(tracker.has_gap() == (known.upper_bound(held) != known.end()));
    }
  }));
}

TEST_CASE(
    "[SY2] the form of an answer follows from what is held, head and "
    "joining") {
  REQUIRE(holds(500, [](std::uint16_t held, std::uint16_t head, std::uint16_t joined, bool member) {
    const Seq held_seq{held % 1'200u};
    const Seq head_seq{1 + head % 1'200u};
    const Seq joined_seq{1 + joined % head_seq.value};
    const SyncForm form =
        sync_form(held_seq, head_seq, member ? std::optional<Seq>(joined_seq) : std::nullopt);
    if (!member) {
      RC_ASSERT(form == SyncForm::kRemoved);
      return;
    }
    const bool past = held_seq > head_seq;
    const bool far = !past && head_seq.value - held_seq.value > limits::kSyncEventsMax;
    // What lies between was not the viewer's: the membership began later than what follows `held`.
    const bool broken = held_seq.value != 0 && held_seq.value + 1 < joined_seq.value;
    RC_ASSERT((form == SyncForm::kReset) == (past || far || broken));
  }));
}

TEST_CASE("[WI25] what is written is read back equal, and written again the same") {
  REQUIRE(holds(500, [](std::uint64_t seed) {
    Prng prng(seed);
    const ClientFrame client = testing::random_client_frame(prng);
    const DecodedClientFrame read = decode_client_frame(encode(client));
    RC_ASSERT(read.frame.has_value());
    RC_ASSERT(*read.frame == client);
    RC_ASSERT(encode(*read.frame) == encode(client));
    const ServerFrame server = testing::random_server_frame(prng);
    const Result<ServerFrame> again = decode_server_frame(encode(server));
    RC_ASSERT(again.is_ok());
    RC_ASSERT(*again == server);
    RC_ASSERT(encode(*again) == encode(server));
  }));
}

}  // namespace godwit::properties
