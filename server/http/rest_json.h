// The JSON of answers that only REST has. What frames have too is encoded by shared/protocol.
#pragma once

#include <string>
#include <vector>

#include "server/app/queries.h"
#include "server/auth/accounts.h"

namespace godwit::server {

// {"userId","username","displayName","createdAt","lastSeen"?,"deleted"?,"blocked"?}
std::string profile_json(const Profile& profile);
// {"users":[…]}
std::string profiles_json(const std::vector<Profile>& profiles);
// {"sessions":[{"sessionId","client","kind","createdAt","lastSeen","current"}]}
std::string sessions_json(const std::vector<SessionInfo>& sessions, SessionId current);
// {"chats":[…],"nextCursor":string or null}
std::string chat_list_json(const ChatListPage& page);
// The page, and for the direction asked "hasMore" and "nextCursor" (string or null)
std::string history_json(const HistoryPage& history);

}  // namespace godwit::server
