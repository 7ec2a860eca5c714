// Who is online, away or offline, over all connections of a person, told to the people who share a
// chat with it and have no block between them (its peers): only changes, the first at once, then at
// most one a second; gone only a second after the last connection, so that a reload is not a
// departure. Peers are mutual: when one side's are read anew, the other's are put right with them.
// I/O thread only.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "server/bus/bus.h"
#include "server/gateway/client_connection.h"
#include "server/gateway/registry.h"

namespace godwit::server {

// A person's peers, and when each was last seen.
using Peers = std::map<UserId, std::optional<Timestamp>>;

class PresenceBoard {
 public:
  // Stores when somebody was last connected.
  using NoteLastSeen = std::function<void(UserId user_id, Timestamp when)>;
  PresenceBoard(GatewayEnv& env, Registry& registry, Bus& bus, NoteLastSeen note_last_seen);

  // A connection of the person takes part, before its welcome: the peers are as just read. Sends
  // nothing to the connection itself.
  void entered(UserId user_id, const Peers& peers);
  // After the welcome: the presence of all peers.
  void tell_all(ClientConnection& connection, const Peers& peers);
  // A connection came, went, or changed its status.
  void changed(UserId user_id);
  // Who the peers of a connected person are now: tells both sides of what is new or gone.
  void peers_read(UserId user_id, const Peers& peers);
  // Whether one of them may know what the other is doing. Requires `one` to be connected.
  bool are_peers(UserId one, UserId other) const;
  // Another node's.
  void heard(const PresenceNoted& note);
  // Stores the last seen of everyone connected: before the server stops.
  void note_all();

  std::size_t online() const { return people_.size(); }

 private:
  struct Person {
    std::set<UserId> peers;
    Presence told = Presence::kOffline;
    Instant told_at;
    Executor::TimerId timer = 0;
  };

  Presence now_of(UserId user_id) const;
  PresenceFrame frame_of(UserId user_id, const std::optional<Timestamp>& last_seen) const;
  void announce(UserId user_id, Person& person, Presence status);
  void look_later(UserId user_id, Person& person, std::int64_t delay_ms);
  void look(UserId user_id);
  void part(UserId one, UserId other);

  GatewayEnv& env_;
  Registry& registry_;
  Bus& bus_;
  const NoteLastSeen note_last_seen_;
  std::unordered_map<UserId, Person, IdHash<UserId>> people_;  // connected, or just gone
};

}  // namespace godwit::server
