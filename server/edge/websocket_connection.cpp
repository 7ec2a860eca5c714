#include "server/edge/websocket_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace godwit::server {

WebSocketConnection::WebSocketConnection(EdgeContext& context, boost::asio::ip::tcp::socket socket,
                                         Place place, std::string address,
                                         std::unique_ptr<SocketHandler> handler)
    : context_(context),
      socket_(std::move(socket)),
      place_(std::move(place)),
      address_(std::move(address)),
      handler_(std::move(handler)),
      reader_(context.gateway_config.frame_bytes_max) {}

WebSocketConnection::~WebSocketConnection() = default;

void WebSocketConnection::start(std::string early) {
  context_.metrics.socket_opened();
  last_heard_ = context_.loop.now();
  if (handler_) handler_->opened(*this);
  if (!early.empty()) take(early.data(), early.size());
  wait_readable();
}

// ---- reading ----

void WebSocketConnection::wait_readable() {
  if (reading_ || state_ == State::kGone || (state_ == State::kOpen && paused_)) return;
  reading_ = true;
  socket_.async_wait(boost::asio::ip::tcp::socket::wait_read,
                     [self = shared_from_this()](boost::system::error_code error) {
                       self->reading_ = false;
                       if (error || self->state_ == State::kGone) return;
                       self->read();
                     });
}

void WebSocketConnection::read() {
  auto& buffer = context_.read_buffer;
  const auto size = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return gone(kCloseAbnormal);
  if (size > 0) take(buffer.data(), static_cast<std::size_t>(size));
  wait_readable();  // one piece a turn: a busy peer does not starve the others
}

void WebSocketConnection::take(char* bytes, std::size_t size) {
  if (state_ != State::kOpen) return;  // after a close nothing more is read from a peer
  after_feed(reader_.feed(bytes, size, *this));
}

void WebSocketConnection::after_feed(const std::optional<FramingFailure>& failure) {
  if (failure && state_ == State::kOpen) begin_close(failure->code, failure->reason);
}

void WebSocketConnection::on_text(std::string_view text) {
  last_heard_ = context_.loop.now();
  if (handler_) handler_->received(text);
}

void WebSocketConnection::on_ping(std::string_view payload) {
  last_heard_ = context_.loop.now();
  enqueue(Opcode::kPong, std::make_shared<const std::string>(payload));
}

void WebSocketConnection::on_close(CloseCode code) {
  begin_close(code == kCloseNoStatus ? CloseCode::kNormal : code, "");
}

void WebSocketConnection::pause_reading() { paused_ = true; }

void WebSocketConnection::resume_reading() {
  if (!paused_) return;
  paused_ = false;
  last_heard_ = context_.loop.now();
  // Not here: the caller is the handler, which must not be called back from within.
  context_.loop.post([self = shared_from_this()] {
    if (self->state_ != State::kOpen || self->paused_) return;
    self->after_feed(self->reader_.resume(*self));
    self->wait_readable();
  });
}

// ---- writing ----

void WebSocketConnection::send(FrameBytes frame) {
  if (state_ != State::kOpen) return;
  enqueue(Opcode::kText, std::move(frame));
}

void WebSocketConnection::enqueue(Opcode opcode, FrameBytes payload) {
  if (state_ != State::kOpen) return;
  Outgoing frame{frame_header(opcode, payload->size()), std::move(payload)};
  const auto& limits = context_.gateway_config;
  if (queued_bytes_ + frame.size() > limits.send_queue_bytes_max ||
      queue_.size() - queue_head_ >= limits.send_queue_frames_max) {
    context_.metrics.refused(RefusedBy::kSlowReader);
    drop_queue();
    begin_close(CloseCode::kTooSlow, "reads too slowly");
    return;
  }
  queued_bytes_ += frame.size();
  was_over_pace_ = was_over_pace_ || queued_bytes_ >= kPaceBytes;
  queue_.push_back(std::move(frame));
  context_.loop.mark(shared_from_this());
}

// Forgets what waits, except the rest of a frame that is already partly on its way.
void WebSocketConnection::drop_queue() {
  const std::size_t keep = queue_head_ + (head_written_ > 0 ? 1 : 0);
  queue_.resize(std::min(keep, queue_.size()));
  queued_bytes_ = queue_head_ < queue_.size() ? queue_[queue_head_].size() - head_written_ : 0;
}

void WebSocketConnection::flush() {
  if (state_ == State::kGone || state_ == State::kLingering || writing_) return;
  while (queue_head_ < queue_.size())
    if (!write_some()) return;
  if (state_ == State::kClosing) linger();
}

// Puts small frames side by side in the shared buffer and points at large ones where they are.
std::size_t WebSocketConnection::gather(std::array<iovec, kPartsMax>& parts) const {
  auto& scratch = context_.write_buffer;
  std::size_t used = 0;
  std::size_t count = 0;
  const auto copy = [&](const char* bytes, std::size_t size) {
    char* at = scratch.data() + used;
    std::memcpy(at, bytes, size);
    used += size;
    const bool adjacent =
        count > 0 && static_cast<char*>(parts[count - 1].iov_base) + parts[count - 1].iov_len == at;
    if (adjacent) {
      parts[count - 1].iov_len += size;
    } else {
      parts[count++] = iovec{at, size};
    }
  };
  std::size_t skip = head_written_;
  for (std::size_t i = queue_head_; i < queue_.size() && count + 2 <= kPartsMax; ++i) {
    const Outgoing& frame = queue_[i];
    if (used + kCopyBytesMax + frame.header.size > scratch.size()) break;
    const std::size_t header_skip = std::min<std::size_t>(skip, frame.header.size);
    copy(frame.header.bytes.data() + header_skip, frame.header.size - header_skip);
    const std::size_t payload_skip = skip - header_skip;
    const char* payload = frame.payload->data() + payload_skip;
    const std::size_t payload_size = frame.payload->size() - payload_skip;
    if (payload_size <= kCopyBytesMax) {
      copy(payload, payload_size);
    } else {
      parts[count++] = iovec{const_cast<char*>(payload), payload_size};
    }
    skip = 0;
  }
  return count;
}

// False: nothing more can be written now (or ever).
bool WebSocketConnection::write_some() {
  std::array<iovec, kPartsMax> parts;
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = gather(parts);
  const auto written = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (written >= 0) {
    consume(static_cast<std::size_t>(written));
    return true;
  }
  if (errno == EINTR) return true;
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    wait_writable();
  } else {
    gone(kCloseAbnormal);
  }
  return false;
}

void WebSocketConnection::consume(std::size_t written) {
  queued_bytes_ -= written;
  written += head_written_;
  while (queue_head_ < queue_.size() && written >= queue_[queue_head_].size()) {
    written -= queue_[queue_head_].size();
    queue_[queue_head_].payload.reset();
    ++queue_head_;
  }
  head_written_ = written;
  if (queue_head_ < queue_.size()) {
    // Keeps the vector from growing for ever under a reader that is always a little behind.
    if (queue_head_ >= 1'024) {
      queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(queue_head_));
      queue_head_ = 0;
    }
    return;
  }
  queue_head_ = 0;
  if (queue_.capacity() > 16) {
    std::vector<Outgoing>().swap(queue_);  // an idle connection holds little
  } else {
    queue_.clear();
  }
  if (std::exchange(was_over_pace_, false) && state_ == State::kOpen && handler_)
    handler_->drained();
}

void WebSocketConnection::wait_writable() {
  writing_ = true;
  socket_.async_wait(boost::asio::ip::tcp::socket::wait_write,
                     [self = shared_from_this()](boost::system::error_code error) {
                       self->writing_ = false;
                       if (!error) self->flush();
                     });
}

// ---- ending ----

void WebSocketConnection::close(CloseCode code, std::string_view reason) {
  if (state_ == State::kOpen) begin_close(code, reason);
}

void WebSocketConnection::begin_close(CloseCode code, std::string_view reason) {
  state_ = State::kClosing;
  close_by_ = context_.loop.now().plus_ms(kCloseWaitMs);
  auto payload = std::make_shared<const std::string>(close_payload(code, reason));
  Outgoing frame{frame_header(Opcode::kClose, payload->size()), std::move(payload)};
  queued_bytes_ += frame.size();
  queue_.push_back(std::move(frame));
  context_.loop.mark(shared_from_this());
  tell_closed(code);
  wait_readable();  // even a paused connection now waits for its peer to go
}

// The handler is told apart from whatever call led here, and is then no longer needed.
void WebSocketConnection::tell_closed(CloseCode code) {
  if (told_closed_) return;
  told_closed_ = true;
  context_.metrics.socket_closed(code);
  context_.loop.post([self = shared_from_this(), code] {
    if (!self->handler_) return;
    self->handler_->closed(code);
    self->handler_.reset();
  });
}

// Closing at once would throw away what the peer has not read yet when it is still sending: its
// own close, or the end of the connection, is waited for.
void WebSocketConnection::linger() {
  state_ = State::kLingering;
  boost::system::error_code ignored;
  socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  wait_readable();
}

void WebSocketConnection::gone(CloseCode code) {
  if (state_ == State::kGone) return;
  state_ = State::kGone;
  tell_closed(code);
  boost::system::error_code ignored;
  socket_.close(ignored);
  queue_.clear();
  queue_head_ = 0;
  queued_bytes_ = 0;
  place_ = Place();
  context_.connections.erase(shared_from_this());
}

void WebSocketConnection::check_time(Instant now) {
  reader_.reset_budget();
  if (state_ == State::kOpen) {
    if (!paused_ && now.ms - last_heard_.ms > context_.gateway_config.silence_ms_max)
      begin_close(CloseCode::kGoingAway, "silent for too long");
  } else if (state_ != State::kGone && now > close_by_) {
    gone(kCloseAbnormal);
  }
}

void WebSocketConnection::drain(std::int64_t retry_after_ms) {
  close(CloseCode::kRestart, "{\"retryAfterMs\":" + std::to_string(retry_after_ms) + "}");
}

void WebSocketConnection::abort() { gone(kCloseAbnormal); }

}  // namespace godwit::server
