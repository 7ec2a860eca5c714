// One client connection while it speaks HTTP: reads one request at a time (pipelined ones wait
// their turn), asks the REST side, sends the answer or the file, and on an upgrade of /ws makes
// room for a WebSocketConnection. Every phase has a deadline, judged by check_time().
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <optional>
#include <string>

#include "server/edge/edge.h"

namespace godwit::server {

class HttpConnection final : public Connection,
                             public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(EdgeContext& context, boost::asio::ip::tcp::socket socket, Place place,
                 std::string address);

  void start();

  void check_time(Instant now) override;
  void drain(std::int64_t retry_after_ms) override;
  void abort() override;

 private:
  enum class Phase : unsigned char {
    kIdle,    // between requests, or before the first
    kHeader,  // some of a request's head has come
    kBody,
    kWaiting,    // for the REST side
    kUpgrading,  // for the gateway, or the handshake to leave
    kWriting,
    kLingering,  // the answer is out; what the client still sends is read and thrown away
    kGone,
  };
  static constexpr std::int64_t kUpgradeTimeoutMs = 10'000;
  static constexpr std::int64_t kRestTimeoutMs = 60'000;
  static constexpr std::int64_t kLingerMs = 2'000;
  static constexpr std::uint64_t kLingerBytesMax = 4 << 20;
  static constexpr std::uint64_t kSlowestBytesPerS = 4 * 1'024;  // of a whole answer
  static constexpr std::size_t kFilePieceBytes = 256 * 1'024;

  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Error = boost::system::error_code;

  void enter(Phase phase, std::int64_t timeout_ms);
  void next_request();
  void read_header();
  void on_header(Error error);
  void read_body();
  void on_body(Error error);
  void on_read_error(Error error);
  void continue_then_read_body();

  void ask_rest();
  void on_rest(std::optional<RestAnswer> answer);

  void upgrade();
  void on_upgrade(UpgradeAnswer answer);
  void handshake(std::unique_ptr<SocketHandler> handler, CloseAfterUpgrade close);
  void become_socket(std::unique_ptr<SocketHandler> handler, const CloseAfterUpgrade& close);

  void refuse(const HeadRefusal& refusal);
  void send(Answer answer);
  void pump();
  bool pump_bytes(const std::string& bytes);
  bool pump_file();
  bool stalled();
  void on_sent();
  void linger();
  void discard();
  void close();

  EdgeContext& context_;
  boost::asio::ip::tcp::socket socket_;
  Place place_;
  std::string peer_address_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  RequestHead head_;
  std::shared_ptr<RestLink> link_;

  Answer answer_;
  std::string answer_head_;
  std::uint64_t written_ = 0;     // of the present part: head, body or file
  std::uint64_t held_bytes_ = 0;  // counted in the context
  bool head_written_ = false;
  bool without_body_ = false;  // HEAD, 204, 304
  std::uint64_t discarded_ = 0;

  Phase phase_ = Phase::kIdle;
  Instant deadline_{};
  Instant write_by_{};  // for the whole answer
  Instant asked_at_{};
  bool timed_out_ = false;
  bool served_any_ = false;
  bool draining_ = false;
  std::int64_t retry_after_ms_ = 0;
};

}  // namespace godwit::server
