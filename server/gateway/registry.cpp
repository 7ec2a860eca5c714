#include "server/gateway/registry.h"

#include <algorithm>

namespace godwit::server {
namespace {

void take_out(std::vector<ClientConnection*>& list, ClientConnection& connection) {
  list.erase(std::remove(list.begin(), list.end(), &connection), list.end());
}

}  // namespace

ConnectionId Registry::open(UserId user_id, ClientConnection& connection) {
  ConnectionId id = ++last_id_;
  by_id_.emplace(id, &connection);
  people_[user_id].waiting.push_back(&connection);
  return id;
}

void Registry::enter(UserId user_id, ClientConnection& connection) {
  Person& person = people_[user_id];
  take_out(person.waiting, connection);
  person.entered.push_back(&connection);
}

void Registry::close(UserId user_id, ConnectionId id, ClientConnection& connection) {
  by_id_.erase(id);
  auto found = people_.find(user_id);
  if (found == people_.end()) return;
  take_out(found->second.entered, connection);
  take_out(found->second.waiting, connection);
  if (found->second.entered.empty() && found->second.waiting.empty()) people_.erase(found);
}

ClientConnection* Registry::find(ConnectionId id) const {
  auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

const std::vector<ClientConnection*>* Registry::of(UserId user_id) const {
  auto found = people_.find(user_id);
  if (found == people_.end() || found->second.entered.empty()) return nullptr;
  return &found->second.entered;
}

std::vector<ClientConnection*> Registry::all_of(UserId user_id) const {
  auto found = people_.find(user_id);
  if (found == people_.end()) return {};
  std::vector<ClientConnection*> connections = found->second.entered;
  const auto& waiting = found->second.waiting;
  connections.insert(connections.end(), waiting.begin(), waiting.end());
  return connections;
}

std::vector<ClientConnection*> Registry::all() const {
  std::vector<ClientConnection*> connections;
  connections.reserve(by_id_.size());
  for (const auto& [id, connection] : by_id_) connections.push_back(connection);
  return connections;
}

}  // namespace godwit::server
