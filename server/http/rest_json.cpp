#include "server/http/rest_json.h"

#include "shared/protocol/codec.h"
#include "shared/protocol/json_writer.h"

namespace godwit::server {
namespace {

void write_profile(json::Writer& out, const Profile& profile) {
  out.open('{')
      .id("userId", profile.user_id)
      .field("username", profile.username)
      .field("displayName", profile.display_name)
      .time("createdAt", profile.created_at);
  if (profile.last_seen) out.time("lastSeen", *profile.last_seen);
  out.optional_flag("deleted", profile.deleted).optional_flag("blocked", profile.blocked);
  out.close('}');
}

void write_session(json::Writer& out, const SessionInfo& session, SessionId current) {
  out.open('{')
      .id("sessionId", session.session_id)
      .field("client", session.client)
      .field("kind", session.kind == SessionKind::kApi ? "api" : "cookie")
      .time("createdAt", session.created_at)
      .time("lastSeen", session.last_seen)
      .flag("current", session.session_id == current)
      .close('}');
}

}  // namespace

std::string profile_json(const Profile& profile) {
  json::Writer out;
  write_profile(out, profile);
  return out.take();
}

std::string profiles_json(const std::vector<Profile>& profiles) {
  json::Writer out;
  out.open('{').key("users").open('[');
  for (const Profile& profile : profiles) write_profile(out, profile);
  return out.close(']').close('}').take();
}

std::string sessions_json(const std::vector<SessionInfo>& sessions, SessionId current) {
  json::Writer out;
  out.open('{').key("sessions").open('[');
  for (const SessionInfo& session : sessions) write_session(out, session, current);
  return out.close(']').close('}').take();
}

std::string chat_list_json(const ChatListPage& page) {
  json::Writer out;
  out.open('{').key("chats").open('[');
  for (const ChatState& chat : page.chats) out.raw(encode_chat_state(chat));
  out.close(']').key("nextCursor");
  if (page.next_cursor.empty()) {
    out.null();
  } else {
    out.string(page.next_cursor);
  }
  return out.close('}').take();
}

std::string history_json(const HistoryPage& history) {
  std::string page = encode_page(history.page);
  if (!history.has_more) return page;
  page.pop_back();  // its closing brace: two fields more
  page += *history.has_more ? ",\"hasMore\":true" : ",\"hasMore\":false";
  page += ",\"nextCursor\":";
  page += history.next_cursor ? "\"" + std::to_string(history.next_cursor->value) + "\"" : "null";
  return page + "}";
}

}  // namespace godwit::server
