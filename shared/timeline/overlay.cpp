#include "shared/timeline/overlay.h"

#include <algorithm>

namespace godwit {
namespace {

void edit(Message& message, const EditMessage& op, Timestamp now) {
  if (message.deleted || !message.content) return;
  message.content = op.content;
  message.edited_at = now;
}

void erase(Message& message) {
  message.deleted = true;
  message.content.reset();
  message.forwarded_from.reset();
  message.edited_at.reset();
  message.reactions.clear();
  message.pinned = false;
}

std::size_t reactions_of(const Message& message, UserId self) {
  return static_cast<std::size_t>(
      std::count_if(message.reactions.begin(), message.reactions.end(), [&](const Reaction& r) {
        return std::find(r.users.begin(), r.users.end(), self) != r.users.end();
      }));
}

void react(Message& message, const React& op, UserId self) {
  if (message.deleted) return;
  auto& reactions = message.reactions;
  auto it = std::find_if(reactions.begin(), reactions.end(),
                         [&](const Reaction& r) { return r.emoji == op.emoji; });
  if (!op.add) {
    if (it == reactions.end()) return;
    it->users.erase(std::remove(it->users.begin(), it->users.end(), self), it->users.end());
    if (it->users.empty()) reactions.erase(it);
    return;
  }
  bool there = it != reactions.end() &&
               std::find(it->users.begin(), it->users.end(), self) != it->users.end();
  if (there || reactions_of(message, self) >= limits::kReactionsPerPersonMax) return;
  if (it == reactions.end()) {
    if (reactions.size() >= limits::kReactionsPerMessageMax) return;
    reactions.push_back(Reaction{op.emoji, {self}});
  } else {
    it->users.push_back(self);
  }
}

}  // namespace

void lay_over(Message& message, const QueuedOperation& operation, UserId self, Timestamp now) {
  if (target_of(operation) != message.message_id) return;
  if (const auto* op = std::get_if<EditMessage>(&operation)) edit(message, *op, now);
  if (std::holds_alternative<DeleteMessage>(operation)) erase(message);
  if (const auto* op = std::get_if<React>(&operation)) react(message, *op, self);
  if (const auto* op = std::get_if<Pin>(&operation)) {
    if (!message.deleted) message.pinned = op->pinned;
  }
}

}  // namespace godwit
