#include "server/edge/http_connection.h"

#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cerrno>
#include <cstddef>
#include <limits>
#include <utility>

#include "server/edge/websocket_connection.h"
#include "shared/protocol/codec.h"

namespace godwit::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::size_t kReadAheadBytes = 64 * 1'024;

HeadRefusal refusal_of(boost::system::error_code error) {
  if (error == http::error::body_limit)
    return {413, Code::kTooLarge, "body too large", RefusedBy::kBodyTooLarge};
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return {431, Code::kTooLarge, "headers too large", RefusedBy::kHeaderTooLarge};
  if (error == http::error::bad_version)
    return {505, Code::kUnsupported, "HTTP/1.1 is spoken here"};
  return {400, Code::kBadFrame, "malformed HTTP"};
}

}  // namespace

HttpConnection::HttpConnection(EdgeContext& context, asio::ip::tcp::socket socket, Place place,
                               std::string address)
    : context_(context),
      socket_(std::move(socket)),
      place_(std::move(place)),
      peer_address_(std::move(address)),
      buffer_(context.config.header_bytes_max + kReadAheadBytes) {}

void HttpConnection::start() { next_request(); }

void HttpConnection::enter(Phase phase, std::int64_t timeout_ms) {
  phase_ = phase;
  deadline_ = context_.loop.now().plus_ms(timeout_ms);
}

// ---- reading a request ----

void HttpConnection::next_request() {
  if (draining_) return close();
  parser_.reset();
  head_ = RequestHead();
  if (buffer_.size() > 0) return read_header();  // pipelined
  buffer_.shrink_to_fit();
  const auto& config = context_.config;
  enter(Phase::kIdle, served_any_ ? config.idle_timeout_ms : config.header_timeout_ms);
  socket_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this()](Error error) {
    if (error || self->phase_ != Phase::kIdle) return;
    self->read_header();
  });
}

void HttpConnection::read_header() {
  enter(Phase::kHeader, context_.config.header_timeout_ms);
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(context_.config.header_bytes_max));
  parser_->body_limit(context_.config.body_bytes_max);
  http::async_read_header(socket_, buffer_, *parser_,
                          [self = shared_from_this()](Error error, std::size_t bytes) {
                            // The parser's own limit is of what is buffered at once: several times
                            // as much passes it.
                            if (!error && bytes > self->context_.config.header_bytes_max)
                              error = http::error::header_limit;
                            self->on_header(error);
                          });
}

void HttpConnection::on_header(Error error) {
  if (phase_ == Phase::kGone) return;
  if (error) return on_read_error(error);
  auto judged = judge_head(parser_->get().base(), peer_address_, context_.config);
  if (auto* refusal = std::get_if<HeadRefusal>(&judged)) return refuse(*refusal);
  head_ = std::move(std::get<RequestHead>(judged));
  asked_at_ = context_.loop.now();
  if (head_.path == "/ws") return upgrade();
  enter(Phase::kBody, context_.config.body_timeout_ms);
  if (parser_->is_done()) return ask_rest();
  if (head_.expects_continue) return continue_then_read_body();
  read_body();
}

void HttpConnection::continue_then_read_body() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(kContinue.data(), kContinue.size()),
                    [self = shared_from_this()](Error error, std::size_t) {
                      if (self->phase_ == Phase::kGone) return;
                      if (error) return self->on_read_error(error);
                      self->read_body();
                    });
}

void HttpConnection::read_body() {
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this()](Error error, std::size_t) { self->on_body(error); });
}

void HttpConnection::on_body(Error error) {
  if (phase_ == Phase::kGone) return;
  if (error) return on_read_error(error);
  ask_rest();
}

void HttpConnection::on_read_error(Error error) {
  if (timed_out_) {
    const bool header = phase_ == Phase::kHeader;
    return refuse({408, Code::kUnavailable, "too slow a request",
                   header ? RefusedBy::kSlowHeader : RefusedBy::kSlowBody});
  }
  if (error == http::error::end_of_stream) return close();  // between requests: a plain goodbye
  // Beast tells a client that left in the middle by partial_message or the socket's own error.
  const bool of_http =
      error.category() == http::make_error_code(http::error::bad_method).category();
  if (!of_http || error == http::error::partial_message) {
    context_.metrics.refused(RefusedBy::kClientGone);
    return close();
  }
  refuse(refusal_of(error));
}

// ---- the REST side ----

void HttpConnection::ask_rest() {
  if (context_.requests_under_way >= context_.config.rest_in_flight_max ||
      context_.answer_bytes_held > kAnswerBytesHeldMax) {
    context_.metrics.refused(RefusedBy::kOverloaded);
    return send(problem_answer(503, Code::kUnavailable, "too many requests under way", 1'000));
  }
  if (!link_) {
    const int fd = context_.backend.connect();
    if (fd >= 0) link_ = std::make_shared<RestLink>(context_.loop.io(), fd, kAnswerBytesMax);
  }
  if (!link_) return on_rest(std::nullopt);
  enter(Phase::kWaiting, kRestTimeoutMs);
  ++context_.requests_under_way;
  link_->ask(head_, parser_->get().body(),
             [self = shared_from_this()](std::optional<RestAnswer> answer) {
               --self->context_.requests_under_way;
               if (self->phase_ == Phase::kWaiting) self->on_rest(std::move(answer));
             });
  parser_.reset();  // the body is on its way; it need not be held twice
}

void HttpConnection::on_rest(std::optional<RestAnswer> answer) {
  if (!answer) {
    link_.reset();
    context_.metrics.refused(RefusedBy::kUpstreamFailed);
    return send(problem_answer(503, Code::kUnavailable, "not answered", 1'000));
  }
  if (answer->file.empty()) return send(std::move(answer->answer));
  Answer file = context_.files.open(answer->file, head_);
  file.route = answer->answer.route;
  send(std::move(file));
}

// ---- upgrading ----

void HttpConnection::upgrade() {
  if (auto refusal = judge_upgrade(parser_->get().base(), head_)) return refuse(*refusal);
  if (context_.draining)
    return refuse({503, Code::kUnavailable, "restarting", RefusedBy::kOverloaded});
  enter(Phase::kUpgrading, kUpgradeTimeoutMs);
  link_.reset();  // nothing is under way on it
  UpgradeRequest request{head_.token, head_.by_cookie, head_.address, head_.user_agent};
  context_.gateway.upgrade(std::move(request), [self = shared_from_this()](UpgradeAnswer answer) {
    if (self->phase_ == Phase::kUpgrading) self->on_upgrade(std::move(answer));
  });
}

void HttpConnection::on_upgrade(UpgradeAnswer answer) {
  if (auto* refusal = std::get_if<RefuseUpgrade>(&answer)) {
    Answer problem = problem_answer(http_status(refusal->error.code), refusal->error.code,
                                    refusal->error.detail);
    problem.close = true;
    problem.route = "/ws";
    return send(std::move(problem));
  }
  if (auto* accepted = std::get_if<AcceptSocket>(&answer))
    return handshake(std::move(accepted->handler), {});
  handshake(nullptr, std::get<CloseAfterUpgrade>(std::move(answer)));
}

void HttpConnection::handshake(std::unique_ptr<SocketHandler> handler,
                               CloseAfterUpgrade close_with) {
  using Stream = beast::websocket::stream<asio::ip::tcp::socket&>;
  auto stream = std::make_shared<Stream>(socket_);
  stream->set_option(
      beast::websocket::stream_base::decorator([](beast::websocket::response_type& response) {
        response.set(http::field::server, "godwit");
        response.set(http::field::sec_websocket_protocol,
                     beast::string_view(kSubprotocol.data(), kSubprotocol.size()));
      }));
  auto request = std::make_shared<http::request<http::string_body>>(parser_->release());
  parser_.reset();
  auto shared_handler = std::make_shared<std::unique_ptr<SocketHandler>>(std::move(handler));
  stream->async_accept(*request, [self = shared_from_this(), stream, request, shared_handler,
                                  close_with](Error error) {
    if (self->phase_ != Phase::kUpgrading) return;
    if (error) {
      self->context_.metrics.refused(RefusedBy::kBadUpgrade);
      return self->close();
    }
    self->become_socket(std::move(*shared_handler), close_with);
  });
}

void HttpConnection::become_socket(std::unique_ptr<SocketHandler> handler,
                                   const CloseAfterUpgrade& close_with) {
  const auto self = shared_from_this();
  phase_ = Phase::kGone;
  context_.metrics.http_answered("/ws", 101, (context_.loop.now().ms - asked_at_.ms) * 1'000);
  context_.connections.erase(self);
  std::string early(static_cast<const char*>(buffer_.data().data()), buffer_.size());
  const bool accepted = handler != nullptr;
  auto socket = std::make_shared<WebSocketConnection>(
      context_, std::move(socket_), std::move(place_), head_.address, std::move(handler));
  context_.connections.insert(socket);
  socket->start(accepted ? std::move(early) : std::string());
  if (!accepted) socket->close(close_with.code, close_with.reason);
  if (draining_) socket->drain(retry_after_ms_);
}

// ---- answering ----

// A refusal of the edge: the rest of what the client sends is never read as a request.
void HttpConnection::refuse(const HeadRefusal& refusal) {
  context_.metrics.refused(refusal.reason);
  Answer answer = problem_answer(refusal.status, refusal.code, refusal.detail);
  answer.close = true;
  if (refusal.status == 405) answer.set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE");
  if (refusal.status == 426) {
    answer.set("Upgrade", "websocket");
    answer.set("Sec-WebSocket-Version", "13");
  }
  send(std::move(answer));
}

void HttpConnection::send(Answer answer) {
  answer.close = answer.close || !head_.keep_alive || draining_;
  without_body_ = head_.method == http::verb::head || answer.status == 204 || answer.status == 304;
  answer_head_ = head_bytes(answer, context_.site, head_.host, head_.secure);
  answer_ = std::move(answer);
  head_written_ = false;
  written_ = 0;
  held_bytes_ = answer_.body.size();
  context_.answer_bytes_held += held_bytes_;
  enter(Phase::kWriting, context_.config.write_timeout_ms);
  write_by_ = deadline_.plus_ms(
      static_cast<std::int64_t>(answer_.content_size() / kSlowestBytesPerS) * 1'000);
  pump();
}

// Writes until the answer is out or the socket is full.
void HttpConnection::pump() {
  if (phase_ != Phase::kWriting) return;
  if (!head_written_) {
    if (!pump_bytes(answer_head_)) return;
    head_written_ = true;
    written_ = 0;
  }
  if (!without_body_) {
    if (answer_.file_fd >= 0 ? !pump_file() : !pump_bytes(answer_.body)) return;
  }
  on_sent();
}

// False: it goes on later, or the connection is over.
bool HttpConnection::pump_bytes(const std::string& bytes) {
  while (written_ < bytes.size()) {
    const bool more = !head_written_ && !without_body_;
    const auto sent =
        ::send(socket_.native_handle(), bytes.data() + written_, bytes.size() - written_,
               MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0));
    if (sent < 0) {
      if (errno == EINTR) continue;
      return stalled();
    }
    written_ += static_cast<std::uint64_t>(sent);
    deadline_ = context_.loop.now().plus_ms(context_.config.write_timeout_ms);
  }
  return true;
}

bool HttpConnection::pump_file() {
  const std::uint64_t left = answer_.file_size - written_;
  if (left == 0) return true;
  auto offset = static_cast<off_t>(answer_.file_offset + written_);
  const auto sent = ::sendfile(socket_.native_handle(), answer_.file_fd, &offset,
                               std::min<std::uint64_t>(left, kFilePieceBytes));
  if (sent < 0 && errno != EINTR) return stalled();
  if (sent == 0) {  // the file shrank: the length that was promised cannot be kept
    close();
    return false;
  }
  if (sent > 0) {
    written_ += static_cast<std::uint64_t>(sent);
    deadline_ = context_.loop.now().plus_ms(context_.config.write_timeout_ms);
  }
  if (written_ == answer_.file_size) return true;
  errno = EAGAIN;  // one piece a turn
  return stalled();
}

bool HttpConnection::stalled() {
  if (errno != EAGAIN && errno != EWOULDBLOCK) {
    context_.metrics.refused(RefusedBy::kClientGone);
    close();
    return false;
  }
  socket_.async_wait(asio::ip::tcp::socket::wait_write, [self = shared_from_this()](Error error) {
    if (!error) self->pump();
  });
  return false;
}

void HttpConnection::on_sent() {
  context_.metrics.http_answered(answer_.route, answer_.status,
                                 (context_.loop.now().ms - asked_at_.ms) * 1'000);
  context_.log.debug("request method={} route={} status={} bytes={}",
                     std::string_view(http::to_string(head_.method)), answer_.route, answer_.status,
                     answer_.content_size());
  context_.answer_bytes_held -= std::exchange(held_bytes_, 0);
  const bool over = answer_.close;
  answer_ = Answer();
  std::string().swap(answer_head_);
  served_any_ = true;
  if (over) return linger();
  // Through the loop: a pipeline of a thousand small requests must not become a thousand calls
  // deep.
  context_.loop.post([self = shared_from_this()] {
    if (self->phase_ == Phase::kWriting) self->next_request();
  });
}

// ---- ending ----

// Closing while the client still sends makes its kernel throw our answer away (a reset), so its
// bytes are read for a while, unparsed.
void HttpConnection::linger() {
  enter(Phase::kLingering, kLingerMs);
  Error ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  discard();
}

void HttpConnection::discard() {
  socket_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this()](Error error) {
    if (error || self->phase_ != Phase::kLingering) return;
    auto& buffer = self->context_.read_buffer;
    const auto size =
        ::recv(self->socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size > 0) self->discarded_ += static_cast<std::uint64_t>(size);
    const bool again = size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
    if (!again || self->discarded_ > kLingerBytesMax) return self->close();
    self->discard();
  });
}

void HttpConnection::close() {
  if (phase_ == Phase::kGone) return;
  phase_ = Phase::kGone;
  Error ignored;
  socket_.close(ignored);
  context_.answer_bytes_held -= std::exchange(held_bytes_, 0);
  answer_ = Answer();
  place_ = Place();
  link_.reset();
  context_.connections.erase(shared_from_this());
}

void HttpConnection::check_time(Instant now) {
  if (phase_ == Phase::kGone) return;
  const bool too_slow = phase_ == Phase::kWriting && now > write_by_;
  if (now <= deadline_ && !too_slow) return;
  Error ignored;
  switch (phase_) {
    case Phase::kHeader:
    case Phase::kBody:
      if (timed_out_) return;
      timed_out_ = true;  // the read comes back, and is answered with 408
      socket_.cancel(ignored);
      return;
    case Phase::kWaiting:
      context_.metrics.refused(RefusedBy::kUpstreamFailed);
      link_.reset();
      head_.keep_alive = false;
      return send(problem_answer(503, Code::kUnavailable, "not answered in time", 1'000));
    case Phase::kWriting:
      context_.metrics.refused(RefusedBy::kSlowReader);
      return close();
    case Phase::kIdle:
      if (!served_any_) context_.metrics.refused(RefusedBy::kSlowHeader);
      return close();
    default:
      return close();
  }
}

void HttpConnection::drain(std::int64_t retry_after_ms) {
  draining_ = true;
  retry_after_ms_ = retry_after_ms;  // a handshake under way ends as a socket that is told so
  if (phase_ == Phase::kIdle || phase_ == Phase::kHeader) close();
}

void HttpConnection::abort() { close(); }

}  // namespace godwit::server
