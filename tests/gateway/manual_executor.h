// The I/O thread of the tests: the test's own thread. Work that other threads post waits until the
// test runs it; time moves only when the test says so.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include "server/edge/socket.h"

namespace godwit::server {

class ManualExecutor final : public Executor {
 public:
  void post(Work work) override {
    {
      std::lock_guard lock(mutex_);
      posted_.push_back(std::move(work));
    }
    arrived_.notify_all();
  }
  Instant now() const override { return now_; }
  TimerId run_after(std::int64_t delay_ms, Work work) override {
    TimerId id = ++last_timer_;
    timers_.emplace(std::pair{now_.ms + delay_ms, id}, std::move(work));
    return id;
  }
  void cancel(TimerId timer) override {
    for (auto it = timers_.begin(); it != timers_.end(); ++it) {
      if (it->first.second == timer) {
        timers_.erase(it);
        return;
      }
    }
  }

  // Runs what is posted, also what that posts.
  void run_posted() {
    while (true) {
      Work work;
      {
        std::lock_guard lock(mutex_);
        if (posted_.empty()) return;
        work = std::move(posted_.front());
        posted_.pop_front();
      }
      work();
    }
  }

  // Runs one piece of posted work; false: there is none.
  bool run_one() {
    Work work;
    {
      std::lock_guard lock(mutex_);
      if (posted_.empty()) return false;
      work = std::move(posted_.front());
      posted_.pop_front();
    }
    work();
    return true;
  }

  // Moves time, running each timer at its moment.
  void advance(std::int64_t ms) {
    const std::int64_t until = now_.ms + ms;
    run_posted();
    while (!timers_.empty() && timers_.begin()->first.first <= until) {
      now_.ms = std::max(now_.ms, timers_.begin()->first.first);
      Work work = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
      work();
      run_posted();
    }
    now_.ms = until;
  }

  // Waits for another thread's post; false after so long that it will not come.
  bool wait_for_post() {
    std::unique_lock lock(mutex_);
    return arrived_.wait_for(lock, std::chrono::seconds(120), [this] { return !posted_.empty(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Work> posted_;
  Instant now_{1'000'000};
  TimerId last_timer_ = 0;
  std::map<std::pair<std::int64_t, TimerId>, Work> timers_;
};

}  // namespace godwit::server
