#include "server/app/mark_board.h"

#include <algorithm>
#include <chrono>

namespace godwit::server {
namespace {

void raise(MarkRow& mark, const MarkRow& by) {
  mark.delivered = std::max(mark.delivered, by.delivered);
  mark.read = std::max(mark.read, by.read);
}

}  // namespace

void MarkBoard::note_due(Instant due) {
  if (!earliest_ || due < *earliest_) earliest_ = due;
}

bool MarkBoard::add(PendingMark mark, Instant now) {
  std::lock_guard lock(mutex_);
  const Key key{mark.chat_id, mark.user_id};
  auto found = waiting_.find(key);
  if (found == waiting_.end()) {
    if (waiting_.size() >= marks_max_ && mark.waiting.empty()) return false;
    Instant due = now;
    if (auto last = last_written_.find(mark.chat_id); last != last_written_.end()) {
      due = std::max(due, last->second.plus_ms(every_ms_));
    }
    if (!mark.waiting.empty()) due = now;
    found = waiting_.emplace(key, Waiting{std::move(mark), due}).first;
    note_due(due);
    return found->second.due <= now;
  }
  Waiting& waiting = found->second;
  raise(waiting.pending.mark, mark.mark);
  if (!mark.waiting.empty()) waiting.due = std::min(waiting.due, now);
  note_due(waiting.due);
  for (auto& callback : mark.waiting) waiting.pending.waiting.push_back(std::move(callback));
  return waiting.due <= now;
}

bool MarkBoard::concerns(UserId user_id) const {
  auto is_theirs = [&](const Key& key) { return key.second == user_id; };
  return std::any_of(waiting_.begin(), waiting_.end(),
                     [&](const auto& each) { return is_theirs(each.first); }) ||
         std::any_of(writing_.begin(), writing_.end(), is_theirs);
}

bool MarkBoard::hasten(UserId user_id) {
  std::lock_guard lock(mutex_);
  if (!concerns(user_id)) return false;
  for (auto& each : waiting_) {
    if (each.first.second == user_id) each.second.due = Instant{0};
  }
  note_due(Instant{0});
  return true;
}

void MarkBoard::settle(UserId user_id, const std::function<void()>& wake,
                       std::int64_t wait_ms_max) {
  if (!hasten(user_id)) return;
  wake();
  std::unique_lock lock(mutex_);
  settled_.wait_for(lock, std::chrono::milliseconds(wait_ms_max),
                    [&] { return !concerns(user_id); });
}

std::optional<Instant> MarkBoard::next_due() const {
  std::lock_guard lock(mutex_);
  return earliest_;
}

std::vector<PendingMark> MarkBoard::take(Instant now, bool all) {
  std::lock_guard lock(mutex_);
  std::vector<PendingMark> due;
  if (!earliest_ || (!all && *earliest_ > now)) return due;
  earliest_.reset();
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    if (!all && each->second.due > now) {
      note_due(each->second.due);
      ++each;
      continue;
    }
    writing_.push_back(each->first);
    due.push_back(std::move(each->second.pending));
    each = waiting_.erase(each);
  }
  return due;
}

void MarkBoard::written(Instant now) {
  {
    std::lock_guard lock(mutex_);
    for (const Key& key : writing_) last_written_[key.first] = now;
    writing_.clear();
    for (auto each = last_written_.begin(); each != last_written_.end();) {
      bool old = now.ms - each->second.ms >= every_ms_;
      each = old ? last_written_.erase(each) : std::next(each);
    }
  }
  settled_.notify_all();
}

void MarkBoard::failed(const std::vector<PendingMark>& marks, Instant now, std::int64_t retry_ms) {
  std::lock_guard lock(mutex_);
  writing_.clear();
  for (const PendingMark& mark : marks) {
    Waiting again{PendingMark{mark.chat_id, mark.user_id, mark.mark, {}}, now.plus_ms(retry_ms)};
    auto [found, fresh] = waiting_.emplace(Key{mark.chat_id, mark.user_id}, std::move(again));
    if (!fresh) raise(found->second.pending.mark, mark.mark);
    note_due(found->second.due);
  }
}

}  // namespace godwit::server
