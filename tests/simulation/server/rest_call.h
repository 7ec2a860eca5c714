// What a device asks by REST, as a server of the simulation takes it: the calls that the client's
// core makes, and no others. A malformed one is a broken client and ends the run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "shared/domain/operation.h"
#include "shared/protocol/codec.h"
#include "tests/simulation/server/sim_server.h"

namespace godwit::sim {

// GET /chats/<id>/messages
struct RestHistory {
  ChatId chat_id;
  std::optional<Seq> before;
  std::optional<Seq> after;
  std::optional<Seq> changed_since;
  std::size_t limit = limits::kPageMessagesDefault;
};

// POST /sync
struct RestSync {
  SyncRequest request;
};

using RestCall = std::variant<RestHistory, RestSync, MarkPosition, Operation>;

RestCall parse_rest_call(const std::string& method, const std::string& path,
                         const std::string& body);

HttpAnswer problem(Code code);

}  // namespace godwit::sim
