// Builds what a member sees of a chat from rows: its state, its events, pages of its messages. All
// calls are inside one snapshot of the reader; temp ids are the viewer's own only.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "server/app/queries.h"
#include "server/store/store.h"

namespace godwit::server {

// Unread is counted exactly up to here and then stays: nobody reads a larger number.
inline constexpr std::uint64_t kUnreadMax = 9'999;

class ChatViews {
 public:
  // Borrows `reads`; remembers people's names, so make one for each snapshot. No viewer (0): nobody
  // in particular, who sees every temp_id and strips for each recipient.
  ChatViews(StoreReader& reads, UserId viewer) : reads_(reads), viewer_(viewer) {}

  // The viewer's present membership; nullopt: not a member (or no such chat).
  std::optional<MemberRow> place(ChatId chat_id);
  ChatState state(const ChatRow& chat, const MemberRow& place);
  // All events with from <= seq <= to, ascending, each with the state as it stands now.
  std::vector<ChatEvent> events(const ChatRow& chat, Seq from, Seq to);
  Message stripped(Message message) const;
  std::vector<Message> stripped(std::vector<Message> messages) const;

  // Pages. `to` and `from` are inclusive.
  Page page_up_to(const ChatRow& chat, Seq to, std::size_t limit);
  Page page_from(const ChatRow& chat, Seq from, std::size_t limit);
  Page page_around(const ChatRow& chat, Seq middle, std::size_t limit);

 private:
  bool shows_temp_id_of(UserId user_id) const { return !viewer_ || user_id == viewer_; }
  Member named(const MemberRow& row);
  ChatEvent chat_event(const ChatRow& chat, const EventRow& row, Message message);

  StoreReader& reads_;
  const UserId viewer_;
  std::map<UserId, std::pair<std::string, std::string>> names_;
};

}  // namespace godwit::server
