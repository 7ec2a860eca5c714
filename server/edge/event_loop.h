// The edge's one I/O thread: an io_context, timers, work posted from other threads, and the tick
// that makes writing cheap. One turn runs what is ready (up to kHandlersPerTurn handlers), then
// flushes every connection that got something to say, in one write each: flushing from a posted
// handler would not coalesce, because it takes its turn among the reads.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/edge/socket.h"

namespace godwit::server {

// Something with output waiting. Flushed once at the end of the turn in which it was marked.
class Flushable {
 public:
  virtual ~Flushable() = default;
  virtual void flush() = 0;

 private:
  friend class EventLoop;
  bool marked_ = false;
};

class EventLoop final : public Executor {
 public:
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  boost::asio::io_context& io() { return io_; }

  // Turns the loop in the calling thread, which is the I/O thread from now on, until stop().
  void run();
  // From any thread.
  void stop();

  // I/O thread only.
  void mark(const std::shared_ptr<Flushable>& output);

  void post(Work work) override;
  Instant now() const override;
  TimerId run_after(std::int64_t delay_ms, Work work) override;
  void cancel(TimerId timer) override;

 private:
  static constexpr int kHandlersPerTurn = 512;

  void flush_marked();
  void arm();
  void run_due();

  boost::asio::io_context io_{1};
  boost::asio::steady_timer alarm_{io_};
  std::int64_t alarm_at_ms_ = 0;  // 0: not armed
  TimerId last_timer_ = 0;
  std::map<std::pair<std::int64_t, TimerId>, Work> timers_;
  std::unordered_map<TimerId, std::int64_t> due_;
  std::vector<std::shared_ptr<Flushable>> marked_;
};

}  // namespace godwit::server
