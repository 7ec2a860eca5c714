// One history, told to a device in whatever interleaving: live events, some lost and some told
// again, acks, answers to syncs, pages of history, receipts, private items, batches that are
// written or fail, and deaths of the device, which then loads what its cache holds. The end is
// always what an undisturbed device knows.
#include <catch2/catch.hpp>

#include "tests/properties/heard_device.h"
#include "tests/properties/holds.h"

namespace godwit::properties {
namespace {

using Numbers = std::vector<std::uint16_t>;

void come_to_pass(HeardDevice& device, std::uint16_t what) {
  switch (what % 16u) {
    case 0:
    case 1:
    case 2:
      return void(device.happen(true));
    case 3:
      return void(device.happen(false));
    case 4:
    case 5:
      return device.answer_sync();
    case 6:
    case 7:
      return device.answer_pages();
    case 8:
      return device.answer_sends();
    case 9:
      return device.scroll();
    case 10:
      return device.settle(true);
    case 11:
      return device.settle(false);
    case 12:
      return device.die();
    case 13:
      return device.tell_again(Seq{1 + what / 16u % device.head().value});
    case 14:
      return device.tell_receipts();
    default:
      device.tell_item();
      return device.pass(400);
  }
}

std::string after_in_order(const History& history) {
  HeardDevice device(history);
  device.answer_sync();
  device.finish();
  return device.shown();
}

}  // namespace

TEST_CASE(
    "[MG3][MG4][OR7][OB12][ST2] any interleaving of pages, events, acks, syncs, the cache and "
    "deaths gives one state") {
  REQUIRE(holds(300, [](const Numbers& steps, const Numbers& order) {
    const History history(steps);
    HeardDevice device(history);
    for (std::uint16_t what : order) come_to_pass(device, what);
    device.finish();
    RC_ASSERT(device.shown() == after_in_order(history));
  }));
}

}  // namespace godwit::properties
