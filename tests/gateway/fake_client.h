// A client at the other end of a fake socket: says frames, keeps every frame it got, in order.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/edge/socket.h"
#include "shared/protocol/codec.h"
#include "tests/gateway/manual_executor.h"

namespace godwit::server {

class FakeClient final : public Socket {
 public:
  FakeClient(ManualExecutor& executor, UserId user_id) : executor_(executor), user_id_(user_id) {}

  UserId user_id() const { return user_id_; }
  void attach(std::unique_ptr<SocketHandler> handler) {
    handler_ = std::move(handler);
    handler_->opened(*this);
  }
  bool is_open() const { return handler_ != nullptr && !close_code_; }
  std::optional<CloseCode> close_code() const { return close_code_; }
  const std::string& close_reason() const { return close_reason_; }
  bool paused() const { return paused_; }

  // What this client says.
  void say(const ClientFrame& frame) { say_raw(encode(frame)); }
  void say_raw(std::string_view text) {
    if (is_open()) handler_->received(text);
  }
  // Goes away without a word.
  void vanish() {
    if (!handler_) return;
    if (!close_code_) close_code_ = CloseCode{1006};
    finish();
  }
  // While stuck, what is sent stays in the queue.
  void stick() { stuck_ = true; }
  void read_all() {
    stuck_ = false;
    const bool was_full = queued_ >= kPaceBytes;
    queued_ = 0;
    if (was_full && is_open()) handler_->drained();
  }
  // Takes what is queued and stays stuck.
  void read_some() {
    const bool was_full = queued_ >= kPaceBytes;
    queued_ = 0;
    if (was_full && is_open()) handler_->drained();
  }

  // What this client got.
  const std::vector<std::string>& texts() const { return texts_; }
  std::vector<ServerFrame> frames() const {
    std::vector<ServerFrame> all;
    for (const std::string& text : texts_) all.push_back(decode_server_frame(text).value());
    return all;
  }
  template <typename Frame>
  std::vector<Frame> all() const {
    std::vector<Frame> found;
    for (const ServerFrame& frame : frames()) {
      if (const auto* it = std::get_if<Frame>(&frame)) found.push_back(*it);
    }
    return found;
  }
  void forget() { texts_.clear(); }

  // Socket
  void send(FrameBytes frame) override {
    if (close_code_) return;
    texts_.push_back(*frame);
    if (stuck_) queued_ += frame->size();
  }
  void close(CloseCode code, std::string_view reason) override {
    if (close_code_) return;
    close_code_ = code;
    close_reason_ = std::string(reason);
    executor_.post([this] { finish(); });
  }
  std::size_t queued_bytes() const override { return queued_; }
  void pause_reading() override { paused_ = true; }
  void resume_reading() override { paused_ = false; }
  const std::string& remote_address() const override { return address_; }

 private:
  void finish() {
    if (!handler_) return;
    handler_->closed(*close_code_);
    handler_.reset();
  }

  ManualExecutor& executor_;
  const UserId user_id_;
  std::unique_ptr<SocketHandler> handler_;
  std::vector<std::string> texts_;
  std::optional<CloseCode> close_code_;
  std::string close_reason_;
  bool paused_ = false;
  bool stuck_ = false;
  std::size_t queued_ = 0;
  const std::string address_ = "127.0.0.1";
};

}  // namespace godwit::server
