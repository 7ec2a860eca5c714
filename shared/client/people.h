// Who is there and who is writing: live, never stored.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "shared/protocol/frames.h"

namespace godwit {

class People {
 public:
  struct Seen {
    Presence status = Presence::kOffline;
    std::optional<Timestamp> last_seen;
    friend bool operator==(const Seen&, const Seen&) = default;
  };

  void note_presence(const PresenceFrame& frame);
  // Returns whether anything changed. A typing person who goes silent is forgotten after
  // kTypingShownMs.
  bool note_typing(ChatId chat_id, UserId user_id, bool is_typing, Instant now);
  // Chats in which somebody stopped by going silent.
  std::vector<ChatId> expire(Instant now);
  // Disconnected: nobody's presence is known any more.
  void clear();

  std::optional<Seen> presence(UserId user_id) const;
  std::vector<UserId> typing(ChatId chat_id) const;  // by user id
  std::optional<Instant> next_deadline() const;

  // One's own typing, as it goes out: true when a frame is due (the first, a repeat after
  // kTypingRepeatMs, the end).
  bool own_typing_due(ChatId chat_id, bool is_typing, Instant now);

 private:
  friend class StateHasher;
  std::map<UserId, Seen> presence_;
  std::map<ChatId, std::map<UserId, Instant>> typing_;  // until when it is shown
  std::map<ChatId, Instant> own_typing_;                // when it was last sent
};

}  // namespace godwit
