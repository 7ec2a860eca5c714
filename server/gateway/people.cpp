#include "server/gateway/people.h"

#include "server/gateway/client_connection.h"
#include "server/gateway/frame_names.h"

namespace godwit::server {

void send_to_people(GatewayEnv& env, const Registry& registry, const ServerFrame& frame,
                    const std::vector<UserId>& people, UserId except) {
  FrameBytes bytes;
  std::uint64_t recipients = 0;
  for (UserId user_id : people) {
    if (user_id == except) continue;
    const auto* connections = registry.of(user_id);
    if (connections == nullptr) continue;
    if (!bytes) bytes = encode_shared(frame);
    for (ClientConnection* connection : *connections) {
      connection->send(bytes);
      ++recipients;
    }
  }
  if (recipients != 0) env.counters.frame_sent(frame_name(frame), recipients);
}

}  // namespace godwit::server
