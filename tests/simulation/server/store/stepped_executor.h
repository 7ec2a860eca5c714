// The I/O thread of a simulated server: what is posted and what is due, run one at a time when the
// simulation says so. Time is what the simulation says it is.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "server/edge/socket.h"

namespace godwit::sim {

class SteppedExecutor final : public server::Executor {
 public:
  void post(Work work) override { posted_.push_back(std::move(work)); }
  Instant now() const override { return now_; }
  TimerId run_after(std::int64_t delay_ms, Work work) override {
    const TimerId id = ++last_timer_;
    const Instant due = now_.plus_ms(delay_ms);
    due_[id] = due;
    timers_.emplace(std::pair{due, id}, std::move(work));
    return id;
  }
  void cancel(TimerId timer) override {
    auto known = due_.find(timer);
    if (known == due_.end()) return;
    timers_.erase({known->second, timer});
    due_.erase(known);
  }

  void set_now(Instant now) { now_ = now; }
  // Runs the oldest that is posted, else the first that is due. False: there is nothing now.
  bool run_one() {
    Work work;
    if (!posted_.empty()) {
      work = std::move(posted_.front());
      posted_.pop_front();
    } else if (!timers_.empty() && timers_.begin()->first.first <= now_) {
      work = std::move(timers_.begin()->second);
      due_.erase(timers_.begin()->first.second);
      timers_.erase(timers_.begin());
    } else {
      return false;
    }
    work();
    return true;
  }
  // When run_one() next has something to do; nullopt: never, if nothing comes.
  std::optional<Instant> due() const {
    if (!posted_.empty()) return now_;
    if (timers_.empty()) return std::nullopt;
    return timers_.begin()->first.first;
  }

 private:
  Instant now_;
  TimerId last_timer_ = 0;
  std::deque<Work> posted_;
  std::map<std::pair<Instant, TimerId>, Work> timers_;
  std::map<TimerId, Instant> due_;
};

}  // namespace godwit::sim
