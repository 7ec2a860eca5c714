// The words that the enumerations of types.h and frames.h have on the wire.
#pragma once

#include <optional>
#include <string_view>

#include "shared/protocol/frames.h"
#include "shared/protocol/types.h"

namespace godwit {

std::string_view content_type_name(ContentType type);
std::optional<ContentType> parse_content_type(std::string_view name);
std::string_view role_name(Role role);
std::optional<Role> parse_role(std::string_view name);
std::string_view chat_type_name(ChatType type);
std::string_view presence_name(Presence presence);
std::optional<Presence> parse_presence(std::string_view name);
std::string_view event_kind_name(EventKind kind);
std::optional<EventKind> parse_event_kind(std::string_view name);

}  // namespace godwit
