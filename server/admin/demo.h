// Something to look at: three people with a few lively chats in several scripts, made through the
// ordinary use cases, so that what the demo shows is what the server does.
#pragma once

#include <string>
#include <vector>

#include "server/app/service.h"
#include "server/auth/accounts.h"

namespace godwit::server {

struct DemoPerson {
  std::string username;
  std::string display_name;
  std::string password;
};

// Seeds the demo when the database has no people yet and returns them (also when they were seeded
// by an earlier start). Empty: the database has people, but not these. Blocking; call before
// serving, with registration limits in force.
Result<std::vector<DemoPerson>> seed_demo(Service& service, Accounts& accounts);

}  // namespace godwit::server
