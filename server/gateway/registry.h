// Who is connected: every open connection by its id, and by its person those that said hello.
// I/O thread only; owns nothing.
#pragma once

#include <cstddef>
#include <unordered_map>
#include <vector>

#include "server/gateway/gateway_env.h"
#include "shared/base/ids.h"

namespace godwit::server {

class ClientConnection;

class Registry {
 public:
  // A connection is open: it can be found by id, and by its person in all_of().
  ConnectionId open(UserId user_id, ClientConnection& connection);
  // It said hello and was let in: events go to it from now on.
  void enter(UserId user_id, ClientConnection& connection);
  void close(UserId user_id, ConnectionId id, ClientConnection& connection);

  // nullptr: closed meanwhile.
  ClientConnection* find(ConnectionId id) const;

  // The connections that take part; nullptr: none. Valid until the next open, enter or close.
  const std::vector<ClientConnection*>* of(UserId user_id) const;
  // Also those that have not said hello yet. A copy: closing them changes this.
  std::vector<ClientConnection*> all_of(UserId user_id) const;
  std::vector<ClientConnection*> all() const;
  std::size_t size() const { return by_id_.size(); }

 private:
  struct Person {
    std::vector<ClientConnection*> entered;
    std::vector<ClientConnection*> waiting;  // no hello yet
  };
  ConnectionId last_id_ = 0;
  std::unordered_map<ConnectionId, ClientConnection*> by_id_;
  std::unordered_map<UserId, Person, IdHash<UserId>> people_;
};

}  // namespace godwit::server
