// A chat's whole history, made by the server's own decisions (shared/domain) from a list of
// numbers, so that RapidCheck can shrink it: what was said, edited, reacted to, pinned, deleted,
// who came and who went, who had read what. Knows how all of it stood at each head, and so what any
// answer of the server would have said at any time.
#pragma once

#include <map>
#include <vector>

#include "shared/domain/decide.h"
#include "shared/protocol/frames.h"

namespace godwit::properties {

inline constexpr ChatId kChat{100};
inline constexpr UserId kSelf{1};

// The chat as it stood at one head.
struct Standing {
  KnownChat known;
  std::map<UserId, Member> members;  // past ones too
  std::map<Seq, Message> messages;
  Receipts receipts;
};

class History {
 public:
  explicit History(const std::vector<std::uint16_t>& steps);

  Seq head() const { return Seq{standings_.size()}; }
  const Standing& at(Seq head) const { return standings_[head.value - 1]; }
  const Standing& now() const { return standings_.back(); }

  // The event of `seq` as it was sent when the head was `head`. Requires seq <= head.
  ChatEvent event(Seq seq, Seq head) const;
  // All messages of [from, to] as they stood at `head`.
  Page page(Seq from, Seq to, Seq head) const;
  ChatState state(Seq head) const;

 private:
  void take(std::uint16_t step);
  bool accept(UserId actor, Operation operation, const Message* target);
  void mark(UserId user_id, Seq seq);

  std::vector<ChatEvent> events_;  // as first sent
  std::vector<Standing> standings_;
};

}  // namespace godwit::properties
