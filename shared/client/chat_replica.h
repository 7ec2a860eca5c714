// One chat as this device knows it: settings, members, watermarks, history, and how far its log is
// known. Applies events, pages and snapshots by the one rule of merging; shows nothing and sends
// nothing itself.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "shared/protocol/frames.h"
#include "shared/sync/gap_tracker.h"
#include "shared/sync/watermarks.h"
#include "shared/timeline/timeline.h"

namespace godwit {

class ChatReplica {
 public:
  // `self` is the person whose device this is.
  ChatReplica(ChatId chat_id, UserId self) : chat_id_(chat_id), self_(self) {}

  // An event from the log, live or replayed. kAhead: a gap lies before it.
  // Takes the event's message; its other fields stay as they are.
  Arrival apply(ChatEvent&& event);
  Arrival apply(const ChatEvent& event) { return apply(ChatEvent(event)); }
  // The position alone, without its events: what the deliberate mistake kPositionApart stores.
  void covered(Seq to);
  // A snapshot of the chat at state.head. Where that is beyond what is held, the events between
  // were skipped: what is held of history becomes unchecked.
  void adopt(const ChatState& state);
  // A stretch of history. Checked when no event since its `as_of` was missed.
  void merge_page(const Page& page);
  // A changed message, without the stretch around it.
  void merge_stray(const Message& message) { merge_message(Message(message)); }
  // The server's whole answer for what changed in [from, to] since it was last true: true now.
  void recheck(const Page& changed, Seq from, Seq to);

  // Storage lost some of what it held, perhaps of this chat: what is held stays, unchecked, until
  // each stretch was compared with the server's (docs/sync-spec.md, ST). May be said again.
  void doubt();
  bool doubtful() const { return doubtful_; }
  // The server holds the same in [from, to] as was held here when this chat was known up to
  // `as_of`.
  void confirm(Seq from, Seq to, Seq as_of);
  // What is still in doubt: a stretch that was true at its `as_of` at best; nullopt: nothing.
  std::optional<Segment> next_doubt() const;
  void trust();

  ChatId chat_id() const { return chat_id_; }
  const ChatInfo& info() const { return info_; }
  // Nothing but stray events or an outbox entry is known of it.
  bool known() const { return info_.rev.value != 0; }
  bool is_member() const;
  // One was a member and is none any more. (Not: nothing is known of one's membership yet.)
  bool gone() const;
  // The server says that one is no member any more.
  void removed() { removed_ = true; }
  const std::map<UserId, Member>& members() const { return members_; }
  const std::vector<Member>& present() const { return present_; }  // by user id
  // A hash of who is a member, how, and named what: tells views when to look again, also where a
  // chat was forgotten and came back.
  std::uint64_t members_version() const { return members_version_; }
  // The other person of a direct chat; 0 where unknown or in a group.
  UserId peer() const;

  Watermarks& watermarks() { return watermarks_; }
  const Watermarks& watermarks() const { return watermarks_; }
  const Timeline& timeline() const { return timeline_; }
  Seq held() const { return gap_.held(); }
  bool has_gap() const { return gap_.has_gap(); }
  // The seq from which on no event was missed.
  Seq continuity_from() const { return continuity_from_; }
  // The first seq of the history that this person may see, once known.
  std::optional<Seq> history_start() const { return history_start_; }
  const Message* last_message() const;
  Timestamp last_activity() const;

  // Messages that count as unread now, without those that one has hidden. Looks at what is new
  // since it was last asked, not at all that is unread.
  std::uint64_t unread(const std::set<MessageId>& hidden) const;
  // Nothing up to here is unread: one has read it, or it was said before one joined.
  Seq unread_after() const;
  // Takes `count`, true now, as the base to count on from: the history under it may go.
  void rebase_unread(std::uint64_t count);

  // What a snapshot of this replica for storage holds, and how to take it back.
  struct Position {
    Seq held;
    Seq continuity_from;
    Seq archived_to;       // history up to here is in the cache mount
    Seq unread_base_read;  // one's own read mark when the server counted
    bool removed = false;
  };
  Position position() const;
  void restore(const ChatState& state, const Position& position);
  ChatState state() const;
  void set_archived_to(Seq seq) { archived_to_ = seq; }
  Seq archived_to() const { return archived_to_; }
  // Messages that an event changed since the last compaction.
  std::set<Seq>& strays() { return strays_; }
  const std::set<Seq>& strays() const { return strays_; }

 private:
  friend class StateHasher;
  bool merge_message(Message&& message);
  std::uint64_t count_after(Seq from, const std::set<MessageId>& hidden) const;
  void merge_info(const ChatInfo& info);
  void merge_member(const Member& member);
  void replace_members(const std::vector<Member>& members, Seq as_of);
  void refresh_present();
  Seq joined_at() const;
  std::vector<std::pair<Seq, Seq>> holes() const;
  void uncount_deleted(const ChatEvent& event);

  ChatId chat_id_;
  UserId self_;
  ChatInfo info_;
  Timestamp created_at_;
  std::map<UserId, Member> members_;
  std::vector<Member> present_;
  std::uint64_t members_version_ = 0;
  bool removed_ = false;
  Watermarks watermarks_;
  Timeline timeline_;
  GapTracker<Seq> gap_;
  Seq continuity_from_;
  Seq archived_to_;
  std::optional<Seq> history_start_;
  std::set<Seq> strays_;
  bool doubtful_ = false;
  std::vector<std::pair<Seq, Seq>> doubted_;  // [from, to]: what was checked before the doubt

  // How many messages after `from`, up to and with `through`, count as unread where none is hidden.
  // All changes of messages go through merge_message(), which keeps it true.
  struct Tally {
    Seq from;
    Seq through;
    std::uint64_t count = 0;
  };
  mutable Tally tally_;

  // The server's own count, for what lies before the history held here.
  std::uint64_t unread_base_ = 0;
  Seq unread_base_head_;
  Seq unread_base_read_;
  std::optional<Message> last_message_base_;  // a snapshot's, where history does not hold it
};

}  // namespace godwit
