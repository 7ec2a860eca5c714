#include "server/gateway/encoded_event.h"

namespace godwit::server {

const FrameBytes& EncodedEvent::for_user(UserId user_id) {
  const bool shows_event = !event_.temp_id.empty() && event_.actor_id == user_id;
  const bool shows_message = !event_.message.temp_id.empty() && event_.message.sender_id == user_id;
  FrameBytes& text = texts_[(shows_event ? 1u : 0u) | (shows_message ? 2u : 0u)];
  if (!text) {
    ChatEvent shown = event_;
    if (!shows_event) shown.temp_id.clear();
    if (!shows_message) shown.message.temp_id.clear();
    text = std::make_shared<const std::string>(encode_event(shown));
  }
  return text;
}

}  // namespace godwit::server
