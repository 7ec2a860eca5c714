// Relays who is typing where. Nothing is stored: a note is worth a few seconds, clients let it
// expire by themselves, and a connection that closes is told as having stopped. I/O thread only.
#pragma once

#include "server/bus/bus.h"
#include "server/gateway/client_connection.h"
#include "server/gateway/registry.h"
#include "shared/domain/roster.h"

namespace godwit::server {

class TypingBoard {
 public:
  TypingBoard(GatewayEnv& env, Registry& registry, Bus& bus);

  // Whether the frame is worth looking up the chat's members: it is no repeat within a second, and
  // within the connection's rate.
  bool is_news(ClientConnection& connection, const Typing& typing);
  // Tells the other members. Not a member: nothing happens.
  void tell(UserId user_id, const Typing& typing, const Roster& roster);
  // Another node's.
  void heard(const TypingNoted& note, const Roster& roster);
  // The chats in which the connection that is gone was typing; now it is not.
  std::vector<ChatId> stopped(ClientConnection& connection);

 private:
  void relay(const TypingNoted& note, const Roster& roster);

  GatewayEnv& env_;
  Registry& registry_;
  Bus& bus_;
};

}  // namespace godwit::server
