// Watermarks on their way to the database. Marks of one (chat, person) merge; a chat's marks are
// written at once when none was lately, then every `every_ms` at most. Bounded: beyond `marks_max`
// a new one is dropped (its client sends it again). Thread-safe.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "server/store/store.h"
#include "shared/base/instant.h"

namespace godwit::server {

using MarkCallback = std::function<void(const Status&)>;

struct PendingMark {
  ChatId chat_id;
  UserId user_id;
  MarkRow mark;
  std::vector<MarkCallback> waiting;  // each called once, on the writer's thread
};

class MarkBoard {
 public:
  MarkBoard(std::int64_t every_ms, std::size_t marks_max)
      : every_ms_(every_ms), marks_max_(marks_max) {}

  // With a callback it is due at once. True: something is due now; wake the writer.
  bool add(PendingMark mark, Instant now);

  // Makes whatever `user_id` has here due, and waits until it is written (or `wait_ms_max` passed),
  // so that a person's reads show the person's own marks. `wake` is called when there is something
  // to wait for.
  void settle(UserId user_id, const std::function<void()>& wake, std::int64_t wait_ms_max);

  // The same without waiting. True: there is something to wait for.
  bool hasten(UserId user_id);

  // When the next is due; nullopt: nothing waits.
  std::optional<Instant> next_due() const;
  // Takes what is due (everything, with `all`). The writer then calls written() or failed() once.
  std::vector<PendingMark> take(Instant now, bool all);
  void written(Instant now);
  // Puts them back, due after `retry_ms`; their callbacks are the caller's.
  void failed(const std::vector<PendingMark>& marks, Instant now, std::int64_t retry_ms);

 private:
  struct Waiting {
    PendingMark pending;
    Instant due;
  };
  using Key = std::pair<ChatId, UserId>;
  bool concerns(UserId user_id) const;  // locked
  void note_due(Instant due);           // locked

  const std::int64_t every_ms_;
  const std::size_t marks_max_;
  mutable std::mutex mutex_;
  std::condition_variable settled_;
  std::map<Key, Waiting> waiting_;
  std::optional<Instant> earliest_;  // no due time is before this, so that looking costs nothing
  std::vector<Key> writing_;
  std::map<ChatId, Instant> last_written_;  // pruned to those of the last every_ms
};

}  // namespace godwit::server
