#include "server/gateway/presence_board.h"

#include <algorithm>
#include <utility>

#include "server/gateway/people.h"

namespace godwit::server {

PresenceBoard::PresenceBoard(GatewayEnv& env, Registry& registry, Bus& bus,
                             NoteLastSeen note_last_seen)
    : env_(env), registry_(registry), bus_(bus), note_last_seen_(std::move(note_last_seen)) {}

void PresenceBoard::entered(UserId user_id, const Peers& peers) {
  if (people_.try_emplace(user_id).second) {
    env_.stats.people_online.store(people_.size(), std::memory_order_relaxed);
  }
  peers_read(user_id, peers);
  changed(user_id);
}

void PresenceBoard::tell_all(ClientConnection& connection, const Peers& peers) {
  for (const auto& [peer, last_seen] : peers) {
    connection.send(encode_shared(frame_of(peer, last_seen)));
  }
  if (!peers.empty()) env_.counters.frame_sent("presence", peers.size());
}

// Over all of its connections: the most present one counts.
Presence PresenceBoard::now_of(UserId user_id) const {
  Presence best = Presence::kOffline;
  const auto* connections = registry_.of(user_id);
  if (connections == nullptr) return best;
  for (const ClientConnection* connection : *connections) {
    best = std::max(best, connection->presence());
  }
  return best;
}

PresenceFrame PresenceBoard::frame_of(UserId user_id,
                                      const std::optional<Timestamp>& last_seen) const {
  PresenceFrame frame;
  frame.user_id = user_id;
  auto found = people_.find(user_id);
  if (found != people_.end()) frame.status = found->second.told;
  if (frame.status == Presence::kOffline) frame.last_seen = last_seen;
  return frame;
}

void PresenceBoard::changed(UserId user_id) {
  auto found = people_.find(user_id);
  if (found == people_.end()) return;
  Person& person = found->second;
  const Presence status = now_of(user_id);
  const bool is_unknown = person.told == Presence::kOffline;
  if (status == Presence::kOffline) return look_later(user_id, person, kOfflineGraceMs);
  if (status == person.told) return;
  const std::int64_t since_ms = env_.executor.now().ms - person.told_at.ms;
  if (is_unknown || since_ms >= kPresenceEveryMs) return announce(user_id, person, status);
  look_later(user_id, person, kPresenceEveryMs - since_ms);
}

void PresenceBoard::announce(UserId user_id, Person& person, Presence status) {
  person.told = status;
  person.told_at = env_.executor.now();
  PresenceNoted note{user_id, status, std::nullopt};
  if (status == Presence::kOffline) {
    note.last_seen = env_.clock.now();
    note_last_seen_(user_id, *note.last_seen);
  }
  bus_.publish(note);
  PresenceFrame frame{user_id, status, note.last_seen};
  send_to_people(env_, registry_, frame, {person.peers.begin(), person.peers.end()});
}

void PresenceBoard::look_later(UserId user_id, Person& person, std::int64_t delay_ms) {
  if (person.timer != 0) return;
  person.timer = env_.executor.run_after(delay_ms, [this, user_id] { look(user_id); });
}

void PresenceBoard::look(UserId user_id) {
  auto found = people_.find(user_id);
  if (found == people_.end()) return;
  Person& person = found->second;
  person.timer = 0;
  const Presence status = now_of(user_id);
  if (status != person.told) announce(user_id, person, status);
  if (status != Presence::kOffline) return;
  people_.erase(found);
  env_.stats.people_online.store(people_.size(), std::memory_order_relaxed);
}

void PresenceBoard::peers_read(UserId user_id, const Peers& peers) {
  auto found = people_.find(user_id);
  if (found == people_.end()) return;
  Person& person = found->second;
  std::vector<UserId> gone;
  for (UserId peer : person.peers) {
    if (peers.count(peer) == 0) gone.push_back(peer);
  }
  for (UserId peer : gone) part(user_id, peer);
  const bool is_first = person.peers.empty() && person.told == Presence::kOffline;
  for (const auto& [peer, last_seen] : peers) {
    if (!person.peers.insert(peer).second) continue;
    if (!is_first) send_to_people(env_, registry_, frame_of(peer, last_seen), {user_id});
    auto other = people_.find(peer);
    if (other == people_.end() || !other->second.peers.insert(user_id).second) continue;
    if (person.told == Presence::kOffline) continue;  // about to be announced
    send_to_people(env_, registry_, frame_of(user_id, std::nullopt), {peer});
  }
}

// Neither sees the other any more: each shows as offline to the other.
void PresenceBoard::part(UserId one, UserId other) {
  for (auto [from, to] : {std::pair{one, other}, std::pair{other, one}}) {
    auto found = people_.find(from);
    if (found != people_.end()) found->second.peers.erase(to);
    PresenceFrame frame{from, Presence::kOffline, std::nullopt};
    send_to_people(env_, registry_, frame, {to});
  }
}

bool PresenceBoard::are_peers(UserId one, UserId other) const {
  auto found = people_.find(one);
  return found != people_.end() && found->second.peers.count(other) != 0;
}

void PresenceBoard::heard(const PresenceNoted& note) {
  if (people_.count(note.user_id) != 0) return;  // connected here: this node's word counts
  std::vector<UserId> peers;
  for (const auto& [user_id, person] : people_) {
    if (person.peers.count(note.user_id) != 0) peers.push_back(user_id);
  }
  send_to_people(env_, registry_, PresenceFrame{note.user_id, note.status, note.last_seen}, peers);
}

void PresenceBoard::note_all() {
  const Timestamp now = env_.clock.now();
  for (const auto& [user_id, person] : people_) {
    if (registry_.of(user_id) != nullptr) note_last_seen_(user_id, now);
  }
}

}  // namespace godwit::server
