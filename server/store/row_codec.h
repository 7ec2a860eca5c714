// The few columns that hold more than a number or a text, as short text of their own. Written only
// by us; what cannot be read comes back as absent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/protocol/types.h"

namespace godwit::server {

// One line an emoji: `<emoji> <userId> <userId>…`. An emoji holds no white space (validate.h).
std::string write_reactions(const std::vector<Reaction>& reactions);
std::vector<Reaction> read_reactions(std::string_view text);

// `<messageId> <chatId> <sender name>`.
std::string write_forwarded(const ForwardedFrom& from);
std::optional<ForwardedFrom> read_forwarded(std::string_view text);

// `<userId> <userId>…`.
std::string write_ids(const std::vector<UserId>& ids);
std::vector<UserId> read_ids(std::string_view text);

}  // namespace godwit::server
