#include "tests/bench/load_run.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <memory>

namespace godwit::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::uint64_t kRepeatEvery = 20;

Percentiles percentiles_of(std::vector<double>& samples_ms) {
  std::sort(samples_ms.begin(), samples_ms.end());
  auto at = [&](double share) {
    auto index = static_cast<std::size_t>(share * static_cast<double>(samples_ms.size() - 1));
    return samples_ms[index];
  };
  return {at(0.50), at(0.99), samples_ms.back()};
}

Seat seat_of(const LoadOptions& options, const Pair& pair, const std::string& cookie) {
  return {options.host, options.port, cookie, pair.chat_id};
}

// The state of one open-loop run. Everything happens on the one thread that runs `io`.
class OpenRun {
 public:
  explicit OpenRun(const LoadOptions& options) : options_(options), timer_(io_) {
    for (const Pair& pair : options.pairs) {
      auto acked = [this](std::uint64_t number) { note(ack_ms_, number); };
      auto delivered = [this](std::uint64_t number) { note(delivery_ms_, number); };
      auto nothing = [](std::uint64_t) {};
      senders_.push_back(std::make_unique<LoadClient>(
          io_, seat_of(options, pair, pair.sender_cookie), acked, nothing));
      receivers_.push_back(std::make_unique<LoadClient>(
          io_, seat_of(options, pair, pair.receiver_cookie), nothing, delivered));
    }
  }

  OpenResult run() {
    for (auto& client : senders_) client->connect();
    for (auto& client : receivers_) client->connect();
    for (auto& client : senders_) client->start_reading();
    for (auto& client : receivers_) client->start_reading();
    start_ = Clock::now();
    send_due();
    io_.run();
    return {percentiles_of(ack_ms_), percentiles_of(delivery_ms_)};
  }

 private:
  Clock::time_point due(std::uint64_t number) const {
    std::chrono::duration<double> since(static_cast<double>(number) / options_.rate_per_s);
    return start_ + std::chrono::duration_cast<Clock::duration>(since);
  }

  void send_due() {
    Clock::time_point now = Clock::now();
    while (next_ < options_.messages && due(next_) <= now) {
      senders_[next_ % senders_.size()]->send(next_, options_.text_bytes);
      ++next_;
    }
    if (next_ == options_.messages) return;
    timer_.expires_at(due(next_));
    timer_.async_wait([this](boost::system::error_code) { send_due(); });
  }

  void note(std::vector<double>& samples_ms, std::uint64_t number) {
    std::chrono::duration<double, std::milli> late = Clock::now() - due(number);
    samples_ms.push_back(late.count());
    if (ack_ms_.size() + delivery_ms_.size() == 2 * options_.messages) io_.stop();
  }

  const LoadOptions& options_;
  boost::asio::io_context io_{1};
  boost::asio::steady_timer timer_;
  std::vector<std::unique_ptr<LoadClient>> senders_;
  std::vector<std::unique_ptr<LoadClient>> receivers_;
  Clock::time_point start_;
  std::uint64_t next_ = 0;
  std::vector<double> ack_ms_;
  std::vector<double> delivery_ms_;
};

// The state of one closed-loop run.
class WindowRun {
 public:
  explicit WindowRun(const LoadOptions& options) : options_(options) {
    for (std::size_t at = 0; at < options.pairs.size(); ++at) {
      const Pair& pair = options.pairs[at];
      auto acked = [this, at](std::uint64_t) { take_ack(at); };
      senders_.push_back(std::make_unique<LoadClient>(
          io_, seat_of(options, pair, pair.sender_cookie), acked, [](std::uint64_t) {}));
    }
  }

  WindowResult run() {
    for (auto& client : senders_) client->connect();
    for (auto& client : senders_) client->start_reading();
    Clock::time_point start = Clock::now();
    for (std::uint64_t at = 0; at < options_.in_flight; ++at) send_from(at % senders_.size());
    io_.run();
    std::chrono::duration<double> took = Clock::now() - start;
    return {took.count(), next_, repeated_};
  }

 private:
  void send_from(std::size_t at) {
    if (next_ >= options_.messages) return;
    std::uint64_t number = next_++;
    senders_[at]->send(number, options_.text_bytes);
    ++under_way_;
    if (number % kRepeatEvery != 0) return;
    senders_[at]->send(number, options_.text_bytes);
    ++under_way_;
    ++repeated_;
  }

  void take_ack(std::size_t at) {
    --under_way_;
    if (under_way_ < options_.in_flight) send_from(at);
    if (under_way_ == 0) io_.stop();
  }

  const LoadOptions& options_;
  boost::asio::io_context io_{1};
  std::vector<std::unique_ptr<LoadClient>> senders_;
  std::uint64_t next_ = 0;
  std::uint64_t under_way_ = 0;
  std::uint64_t repeated_ = 0;
};

}  // namespace

OpenResult run_open(const LoadOptions& options) { return OpenRun(options).run(); }

WindowResult run_window(const LoadOptions& options) { return WindowRun(options).run(); }

}  // namespace godwit::bench
