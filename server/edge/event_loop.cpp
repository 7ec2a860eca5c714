#include "server/edge/event_loop.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

namespace godwit::server {

EventLoop::EventLoop() = default;

void EventLoop::run() {
  auto work = boost::asio::make_work_guard(io_);
  while (!io_.stopped()) {
    if (io_.run_one() == 0) break;
    for (int i = 1; i < kHandlersPerTurn && io_.poll_one() > 0; ++i) {
    }
    flush_marked();
  }
}

void EventLoop::stop() { io_.stop(); }

void EventLoop::mark(const std::shared_ptr<Flushable>& output) {
  if (output->marked_) return;
  output->marked_ = true;
  marked_.push_back(output);
}

void EventLoop::flush_marked() {
  // A flush may mark again (a socket that overflowed sends its close): that belongs to this turn.
  while (!marked_.empty()) {
    auto batch = std::move(marked_);
    marked_.clear();
    for (auto& output : batch) {
      output->marked_ = false;
      output->flush();
    }
    batch.clear();
    if (marked_.empty()) marked_ = std::move(batch);  // keeps the capacity
  }
}

void EventLoop::post(Work work) { boost::asio::post(io_, std::move(work)); }

Instant EventLoop::now() const {
  using namespace std::chrono;
  return Instant{duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count()};
}

Executor::TimerId EventLoop::run_after(std::int64_t delay_ms, Work work) {
  const TimerId id = ++last_timer_;
  const std::int64_t due_ms = now().ms + std::max<std::int64_t>(delay_ms, 0);
  due_.emplace(id, due_ms);
  timers_.emplace(std::pair{due_ms, id}, std::move(work));
  arm();
  return id;
}

void EventLoop::cancel(TimerId timer) {
  auto found = due_.find(timer);
  if (found == due_.end()) return;
  timers_.erase({found->second, timer});
  due_.erase(found);
  // The alarm may now be early; it then only finds nothing due and arms itself again.
}

void EventLoop::arm() {
  if (timers_.empty()) return;
  const std::int64_t due_ms = timers_.begin()->first.first;
  if (alarm_at_ms_ != 0 && alarm_at_ms_ <= due_ms) return;
  alarm_at_ms_ = due_ms;
  alarm_.expires_after(std::chrono::milliseconds(std::max<std::int64_t>(due_ms - now().ms, 1)));
  alarm_.async_wait([this](boost::system::error_code error) {
    if (error) return;  // armed anew for an earlier time
    alarm_at_ms_ = 0;
    run_due();
    arm();
  });
}

void EventLoop::run_due() {
  const std::int64_t now_ms = now().ms;
  // Work that arms a timer for "now" waits for the next alarm, so that this loop ends.
  const TimerId newest = last_timer_;
  for (auto it = timers_.begin(); it != timers_.end() && it->first.first <= now_ms;) {
    if (it->first.second > newest) {
      ++it;
      continue;
    }
    Work work = std::move(it->second);
    due_.erase(it->first.second);
    timers_.erase(it);
    work();
    it = timers_.begin();  // the work may have armed or cancelled any
  }
}

}  // namespace godwit::server
