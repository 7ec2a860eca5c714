// A server's life as a fixed list of steps, each one transaction: everything that accounts and
// conversations write. A step can be taken again after a death in the middle of it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "server/auth/accounts.h"
#include "tests/contract/host.h"

namespace godwit::server {

struct Door {
  explicit Door(const std::string& folder);
  Profile user(const std::string& name);
  UserId id(const std::string& name) { return user(name).user_id; }
  Identity identity(const std::string& name);
  ChatId chat(ChatType type);
  Message message(const std::string& temp_id);

  Host host;
  std::unique_ptr<Accounts> accounts;
};

struct LifeStep {
  const char* name;
  std::function<void(Door&)> take;
};

const std::vector<LifeStep>& server_life();

// How such a server stores.
StorageConfig life_storage(const std::string& folder);

// What the database in `folder` holds, as text: all but ids, secrets and times, which differ from
// run to run. Passwords are told by which of the known ones they are. Requires that nobody has it
// open, and that it is sound, else says so.
std::string snapshot(const std::string& database);

}  // namespace godwit::server
