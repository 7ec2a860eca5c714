// The list of chats in the order in which it is shown, and how it has changed since it was last
// told (wasm-core/ABI.md, "moves"). All tabs that show it are told the same.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "shared/client/chat_row.h"
#include "shared/protocol/json_writer.h"

namespace godwit {

class ChatList {
 public:
  // Makes the chat's row say what is true now, in its place. `followed`: somebody is to be told.
  void renew(const ViewSource& source, const ChatReplica& chat, News news, bool followed);
  void remove(ChatId chat_id, bool followed);

  // The moves since the last call, as a `view` effect's JSON; empty: none.
  std::string take_moves();
  // All rows, as the diff that fills an empty list.
  std::string all_rows() const;

  const std::map<ChatId, ChatRow>& rows() const { return rows_; }
  std::uint64_t total_unread() const { return total_unread_; }

 private:
  using Place = std::map<ChatId, ChatRow>::const_iterator;
  static bool before(Place a, Place b);
  std::size_t place_of(Place row) const;
  std::size_t take_out(Place row);

  std::map<ChatId, ChatRow> rows_;
  std::vector<Place> order_;  // pinned first, then by activity, then by id, newest first
  std::uint64_t total_unread_ = 0;
  json::Writer moves_;
};

}  // namespace godwit
