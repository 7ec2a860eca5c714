// Sending the same ephemeral frame to several people: receipts, typing, presence.
#pragma once

#include <vector>

#include "server/gateway/gateway_env.h"
#include "server/gateway/registry.h"

namespace godwit::server {

// Encodes `frame` once and sends it to every connection of `people`, except those of `except`
// (0: nobody). Encodes nothing when nobody is connected.
void send_to_people(GatewayEnv& env, const Registry& registry, const ServerFrame& frame,
                    const std::vector<UserId>& people, UserId except = {});

}  // namespace godwit::server
