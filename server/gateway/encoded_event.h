// One event as bytes, encoded at most once for each kind of recipient and shared by all of them.
// A temp_id is shown to its owner's own connections only: the event's to its actor, the message's
// to the message's sender. So there are at most three texts of one event.
#pragma once

#include <array>

#include "server/gateway/gateway_env.h"
#include "shared/protocol/frames.h"

namespace godwit::server {

class EncodedEvent {
 public:
  // Borrows `event`, which must outlive this.
  explicit EncodedEvent(const ChatEvent& event) : event_(event) {}

  // The text for `user_id`.
  const FrameBytes& for_user(UserId user_id);

 private:
  const ChatEvent& event_;
  std::array<FrameBytes, 4> texts_;  // by: shows the event's | shows the message's
};

}  // namespace godwit::server
