// One's own delivered and read positions on their way to the server: which it has, which were sent
// on this connection, which are due.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "shared/client/chat_replica.h"

namespace godwit {

class Marks {
 public:
  // The chat's positions may have grown.
  void touch(ChatId chat_id) { touched_.insert(chat_id); }
  // The server has said what it holds.
  void confirmed(ChatId chat_id, UserId self, const Receipts& receipts);
  // A new connection: what was sent on the old one may be lost.
  void disconnected() { sent_.clear(); }
  // The database began a new life: what was confirmed in the old one may be gone.
  void start_over() {
    sent_.clear();
    confirmed_.clear();
  }

  // The frames due for the touched chats, and forgets the touches. `find` gives a chat or nullptr.
  template <typename Find>
  std::vector<MarkPosition> take(UserId self, Find find) {
    std::vector<MarkPosition> due;
    for (ChatId chat_id : touched_) {
      const ChatReplica* chat = find(chat_id);
      if (chat != nullptr) due_for(*chat, self, due);
    }
    touched_.clear();
    return due;
  }
  bool touched() const { return !touched_.empty(); }

 private:
  friend class StateHasher;
  struct Reached {
    Seq delivered;
    Seq read;
  };
  void due_for(const ChatReplica& chat, UserId self, std::vector<MarkPosition>& due);

  std::set<ChatId> touched_;
  std::map<ChatId, Reached> confirmed_;
  std::map<ChatId, Reached> sent_;
};

}  // namespace godwit
