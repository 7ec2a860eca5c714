// Another person signs in on this browser in the same instant: nothing goes out under a wrong name.
#include <catch2/catch.hpp>

#include "shared/protocol/codec.h"
#include "tests/device/device.h"

using namespace godwit;
using namespace godwit::testing;

TEST_CASE("[EP85] each hello says whose device it is") {
  ClientCore core{ClientCore::Config{1}};
  Effects effects;
  REQUIRE(core.step(Instant{1}, Timestamp{1}, Start{kMe, "me", "Me", "d1", "1", 1}, effects));
  REQUIRE(core.step(Instant{2}, Timestamp{2}, SocketOpened{}, effects));
  std::vector<Hello> hellos;
  for (const Effect& effect : effects) {
    const auto* frame = std::get_if<SendFrame>(&effect);
    if (frame == nullptr) continue;
    DecodedClientFrame decoded = decode_client_frame(frame->text);
    REQUIRE(decoded.frame);
    if (const auto* hello = std::get_if<Hello>(&*decoded.frame)) hellos.push_back(*hello);
  }
  REQUIRE(hellos.size() == 1);
  CHECK(hellos[0].user_id == kMe);
}
