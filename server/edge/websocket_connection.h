// One WebSocket after its handshake: framing, the bounded queue of frames to send, the closing
// handshake, silence. Reads through a buffer that all connections of the thread share, so that an
// idle connection holds none.
#pragma once

#include <sys/uio.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/edge/edge.h"
#include "server/edge/websocket_framing.h"

namespace godwit::server {

class WebSocketConnection final : public Connection,
                                  public Socket,
                                  public Flushable,
                                  private FrameSink,
                                  public std::enable_shared_from_this<WebSocketConnection> {
 public:
  // `socket` has just sent its 101. `handler` may be null: the connection is then only there to be
  // told why it is closed.
  WebSocketConnection(EdgeContext& context, boost::asio::ip::tcp::socket socket, Place place,
                      std::string address, std::unique_ptr<SocketHandler> handler);
  ~WebSocketConnection() override;

  // Tells the handler and begins to read, first `early`: bytes that came with the handshake.
  void start(std::string early);

  // Socket
  void send(FrameBytes frame) override;
  void close(CloseCode code, std::string_view reason) override;
  std::size_t queued_bytes() const override { return queued_bytes_; }
  void pause_reading() override;
  void resume_reading() override;
  const std::string& remote_address() const override { return address_; }

  // Flushable
  void flush() override;

  // Connection
  void check_time(Instant now) override;
  void drain(std::int64_t retry_after_ms) override;
  void abort() override;

 private:
  // open -> closing (our close frame is queued) -> lingering (sent; waiting for the peer to go)
  // -> gone
  enum class State : unsigned char { kOpen, kClosing, kLingering, kGone };
  static constexpr std::int64_t kCloseWaitMs = 3'000;
  static constexpr std::size_t kPartsMax = 64;            // buffers of one gathered write
  static constexpr std::size_t kCopyBytesMax = 4 * 1024;  // smaller frames are copied together

  struct Outgoing {
    FrameHeader header;
    FrameBytes payload;
    std::size_t size() const { return header.size + payload->size(); }
  };

  // FrameSink
  void on_text(std::string_view text) override;
  void on_ping(std::string_view payload) override;
  void on_pong() override {}
  void on_close(CloseCode code) override;
  bool wants_more() const override { return state_ == State::kOpen && !paused_; }

  void wait_readable();
  void read();
  void take(char* bytes, std::size_t size);
  void after_feed(const std::optional<FramingFailure>& failure);
  void enqueue(Opcode opcode, FrameBytes payload);
  bool write_some();
  std::size_t gather(std::array<iovec, kPartsMax>& parts) const;
  void consume(std::size_t written);
  void wait_writable();
  void drop_queue();
  void begin_close(CloseCode code, std::string_view reason);
  void tell_closed(CloseCode code);
  void linger();
  void gone(CloseCode code);

  EdgeContext& context_;
  boost::asio::ip::tcp::socket socket_;
  Place place_;
  std::string address_;
  std::unique_ptr<SocketHandler> handler_;
  FrameReader reader_;
  std::vector<Outgoing> queue_;
  std::size_t queue_head_ = 0;    // the first one not wholly written
  std::size_t head_written_ = 0;  // bytes of it already written
  std::size_t queued_bytes_ = 0;
  Instant last_heard_{};
  Instant close_by_{};
  State state_ = State::kOpen;
  bool paused_ = false;
  bool reading_ = false;  // a wait for readability is under way
  bool writing_ = false;  // a wait for writability is under way
  bool was_over_pace_ = false;
  bool told_closed_ = false;
};

}  // namespace godwit::server
