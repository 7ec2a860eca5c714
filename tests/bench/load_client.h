// One WebSocket connection of the load generator: says hello, sends messages, and tells of acks and
// of messages that arrive. Knows of the frames only what it needs to find its own in them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace godwit::bench {

// Where and as whom to connect.
struct Seat {
  std::string host;
  std::string port;
  std::string cookie;
  std::string chat_id;
};

class LoadClient {
 public:
  using OnNumber = std::function<void(std::uint64_t number)>;

  // `on_ack` and `on_message` get the number that send() put into the message. Own messages, which
  // the server echoes, are not told to `on_message`.
  LoadClient(boost::asio::io_context& io, Seat seat, OnNumber on_ack, OnNumber on_message);
  LoadClient(const LoadClient&) = delete;
  LoadClient& operator=(const LoadClient&) = delete;

  // Blocking: connects and waits for the `welcome`. Throws what Boost throws.
  void connect();

  // Reads until the connection ends. A connection that ends while `expected` ends the process: a
  // run that lost one measures nothing.
  void start_reading();

  // Sends message `number`, `text_bytes` long. The same number is the same tempId.
  void send(std::uint64_t number, std::size_t text_bytes);

 private:
  void write_next();
  void read_next();
  void take(std::string_view frame);

  boost::beast::websocket::stream<boost::beast::tcp_stream> socket_;
  Seat seat_;
  OnNumber on_ack_;
  OnNumber on_message_;
  boost::beast::flat_buffer buffer_;
  std::deque<std::string> queue_;
  bool writing_ = false;
};

}  // namespace godwit::bench
