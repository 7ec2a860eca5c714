#include "shared/protocol/type_names.h"

#include <array>

namespace godwit {
namespace {

// The tables stand in the order of their enumerations.
constexpr std::array<std::string_view, 7> kContentTypes{"text",  "image",  "video",    "file",
                                                        "voice", "system", "encrypted"};
constexpr std::array<std::string_view, 3> kRoles{"member", "admin", "owner"};
constexpr std::array<std::string_view, 2> kChatTypes{"direct", "group"};
constexpr std::array<std::string_view, 3> kPresences{"offline", "away", "online"};
constexpr std::array<std::string_view, 6> kEventKinds{"message",  "edit", "delete",
                                                      "reaction", "pin",  "chat"};

template <typename Enum, std::size_t N>
std::optional<Enum> parse(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view content_type_name(ContentType type) {
  return kContentTypes[static_cast<std::size_t>(type)];
}
std::optional<ContentType> parse_content_type(std::string_view name) {
  return parse<ContentType>(kContentTypes, name);
}
std::string_view role_name(Role role) { return kRoles[static_cast<std::size_t>(role)]; }
std::optional<Role> parse_role(std::string_view name) { return parse<Role>(kRoles, name); }
std::string_view chat_type_name(ChatType type) {
  return kChatTypes[static_cast<std::size_t>(type)];
}
std::string_view presence_name(Presence presence) {
  return kPresences[static_cast<std::size_t>(presence)];
}
std::optional<Presence> parse_presence(std::string_view name) {
  return parse<Presence>(kPresences, name);
}
std::string_view event_kind_name(EventKind kind) {
  return kEventKinds[static_cast<std::size_t>(kind)];
}
std::optional<EventKind> parse_event_kind(std::string_view name) {
  return parse<EventKind>(kEventKinds, name);
}

}  // namespace godwit
