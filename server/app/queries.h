// Everything that is read. A Queries object belongs to one thread of the ReadPool (or to a test)
// and reads one snapshot of the database per call: what an answer says is true together, as of the
// `head` or `as_of` in it.
//
// Every call takes the person who asks (`viewer`) and answers what that person may know: what is
// not theirs is kNotFound. `temp_id` of messages and events is filled only for the viewer's own; so
// nothing that comes from here needs stripping. Failures of the disk are kUnavailable.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/domain/roster.h"
#include "shared/protocol/frames.h"

namespace godwit::server {

struct Profile {
  UserId user_id;
  std::string username;      // as typed at registration; empty for a deleted person
  std::string display_name;  // empty for a deleted person
  Timestamp created_at;
  std::optional<Timestamp> last_seen;
  bool deleted = false;
  bool blocked = false;  // by the viewer
};

struct ChatListPage {
  std::vector<ChatState> chats;
  std::string next_cursor;  // empty: no more
};

// GET …/messages. At most one of the forms: before, after, around_id, around_time; none means the
// newest. `limit` is clamped to [1, kPageMessagesMax].
struct HistoryQuery {
  std::optional<Seq> before;  // exclusive
  std::optional<Seq> after;   // exclusive
  MessageId around_id;
  std::optional<Timestamp> around_time;
  std::optional<Seq> changed_since;  // only what has a higher rev, in the range of the page
  std::size_t limit = limits::kPageMessagesDefault;
};

// `has_more` and `next_cursor` (a seq for the same direction) are of the direction asked: older for
// `before` and for none, newer for `after`; absent for the around forms.
struct HistoryPage {
  Page page;
  std::optional<bool> has_more;
  std::optional<Seq> next_cursor;
};

class Queries {
 public:
  virtual ~Queries() = default;

  // ---- chats ----
  // Most recent activity first. `cursor` is a next_cursor of before; a malformed one is
  // kInvalidContent. `limit` is clamped to [1, 100].
  virtual Result<ChatListPage> chat_list(UserId viewer, std::string_view cursor,
                                         std::size_t limit) = 0;
  virtual Result<ChatState> chat_state(UserId viewer, ChatId chat_id) = 0;
  virtual Result<HistoryPage> history(UserId viewer, ChatId chat_id, const HistoryQuery& query) = 0;
  virtual Result<Message> message(UserId viewer, ChatId chat_id, MessageId message_id) = 0;

  // ---- sync ----
  // The whole answer to a sync_request, as parts to send in this order, each small enough for one
  // frame of kServerFrameBytesMax; the last has `done`. `epoch_is_ours` false: the request's chats,
  // user position and blocks count as empty and rest as true.
  virtual Result<std::vector<SyncResponse>> sync(UserId viewer, const SyncRequest& request,
                                                 bool epoch_is_ours) = 0;
  // All events with after < seq <= min(head, after + limit), ascending: to fill a hole. `viewer`
  // decides only about temp ids; the caller has checked that the person is (or was just) a member.
  // Without one (0) all temp ids are there, and the caller strips them for each recipient.
  virtual Result<std::vector<ChatEvent>> events_after(UserId viewer, ChatId chat_id, Seq after,
                                                      std::size_t limit) = 0;
  // The head of every chat of the viewer.
  virtual Result<std::map<ChatId, Seq>> heads(UserId viewer) = 0;

  // ---- people ----
  virtual Result<Profile> profile(UserId viewer, UserId user_id) = 0;
  // By beginning of user name or of any word of the display name, folded; the viewer left out.
  // `text` shorter than 1 or longer than 64 bytes gives none. `limit` is clamped to [1, 50].
  virtual Result<std::vector<Profile>> search_people(UserId viewer, std::string_view text,
                                                     std::size_t limit) = 0;
  // Everyone who shares a chat with the viewer, by display name.
  virtual Result<std::vector<Profile>> contacts(UserId viewer) = 0;
  // Their ids and last_seen: whose presence the viewer may see and who may see the viewer's. People
  // with a block between them and the viewer are left out.
  virtual Result<std::map<UserId, std::optional<Timestamp>>> presence_peers(UserId viewer) = 0;

  // ---- membership ----
  // kNotFound: no such chat.
  virtual Result<RosterPtr> roster(ChatId chat_id) = 0;
};

}  // namespace godwit::server
