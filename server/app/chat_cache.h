// What the writer knows of chats without asking the database: head, settings, members, watermarks.
// It makes a send two inserts. Belongs to the writer's thread, except for the rosters, which it
// publishes after each commit for anyone to read.
#pragma once

#include <list>
#include <map>
#include <mutex>
#include <vector>

#include "server/store/store.h"
#include "shared/domain/decide.h"

namespace godwit::server {

struct CachedChat {
  KnownChat known;
  Timestamp active_at;
  bool head_dirty = false;  // head and active_at are ahead of the database's row
  // Direct chats: who may not write, since the other has blocked them or is gone. Loaded when first
  // needed after a change.
  bool refused_known = false;
  std::vector<UserId> refused;
  std::map<UserId, MarkRow> marks;  // those that were asked for
};

// Rosters as of the last commit. Thread-safe.
class RosterBoard {
 public:
  RosterPtr find(ChatId chat_id) const;
  void put(ChatId chat_id, RosterPtr roster);
  void erase(ChatId chat_id);

 private:
  mutable std::mutex mutex_;
  std::map<ChatId, RosterPtr> rosters_;
};

// Within a batch entries stand still (pointers stay good) and may be ahead of the database; the
// writer then calls either committed() or rolled_back().
class ChatCache {
 public:
  ChatCache(std::size_t chats_max, RosterBoard& board) : chats_max_(chats_max), board_(board) {}

  // The chat, loaded when it is not here; nullptr: there is none (or the read failed: the caller
  // looks at reads.status()). Counts as touched by this batch.
  CachedChat* find(ChatId chat_id, StoreReader& reads);
  // The same, only if it is here.
  CachedChat* peek(ChatId chat_id);
  CachedChat& put_new(KnownChat chat, Timestamp active_at);

  // Everything touched in this batch, each once.
  const std::vector<CachedChat*>& touched() const { return touched_; }

  void committed();    // publishes rosters; then makes room
  void rolled_back();  // forgets what this batch touched

 private:
  struct Entry {
    CachedChat chat;
    bool touched = false;
  };
  using Entries = std::list<Entry>;
  CachedChat& touch(Entries::iterator entry);

  const std::size_t chats_max_;
  RosterBoard& board_;
  Entries by_use_;  // most recent first
  std::map<ChatId, Entries::iterator> by_id_;
  std::vector<CachedChat*> touched_;
};

}  // namespace godwit::server
