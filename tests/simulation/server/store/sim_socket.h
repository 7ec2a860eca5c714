// One connection of a simulated server: hands the gateway's frames to whoever carries them.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/server/sim_server.h"
#include "tests/simulation/server/store/stepped_executor.h"

namespace godwit::sim {

class SimSocket final : public server::Socket, public std::enable_shared_from_this<SimSocket> {
 public:
  // What it sends is appended to `outbox`. `ended` is called, later, when the gateway has closed
  // it: it may then be let go. Owned by shared_ptr.
  SimSocket(ConnId conn, SteppedExecutor& executor, std::vector<Outgoing>& outbox,
            std::function<void()> ended)
      : conn_(conn), executor_(executor), outbox_(outbox), ended_(std::move(ended)) {}

  void attach(std::unique_ptr<server::SocketHandler> handler) {
    handler_ = std::move(handler);
    handler_->opened(*this);
  }
  void receive(const std::string& text) {
    unread_.push_back(text);
    read_on();
  }
  // The peer is gone without a word.
  void vanish() { finish(CloseCode{1006}); }

  void send(server::FrameBytes frame) override {
    if (!closing_) outbox_.push_back(Outgoing{conn_, *frame, 0});
  }
  void close(CloseCode code, std::string_view reason) override {
    if (closing_) return;
    closing_ = true;
    outbox_.push_back(Outgoing{conn_, std::string(reason), static_cast<std::uint16_t>(code)});
    executor_.post([weak = weak_from_this(), code] {
      auto self = weak.lock();
      if (!self) return;
      self->finish(code);
      self->ended_();
    });
  }
  // The network takes everything at once.
  std::size_t queued_bytes() const override { return 0; }
  void pause_reading() override { paused_ = true; }
  void resume_reading() override {
    paused_ = false;
    executor_.post([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->read_on();
    });
  }
  const std::string& remote_address() const override { return address_; }

 private:
  void finish(CloseCode code) {
    closing_ = true;
    if (handler_) handler_->closed(code);
    handler_.reset();
  }
  void read_on() {
    while (!paused_ && !closing_ && !unread_.empty()) {
      const std::string text = std::move(unread_.front());
      unread_.pop_front();
      handler_->received(text);
    }
  }

  const ConnId conn_;
  SteppedExecutor& executor_;
  std::vector<Outgoing>& outbox_;
  const std::function<void()> ended_;
  std::unique_ptr<server::SocketHandler> handler_;
  std::deque<std::string> unread_;
  bool paused_ = false;
  bool closing_ = false;
  const std::string address_ = "127.0.0.1";
};

}  // namespace godwit::sim
