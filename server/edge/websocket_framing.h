// The framing of RFC 6455, server side, as pure functions of bytes: no socket, no clock. The edge
// lets Beast do the handshake and owns the framing after it, so that frames for one connection can
// leave in one write and an idle connection holds no buffer (docs/adr/0004).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/protocol/codes.h"

namespace godwit::server {

// RFC 6455, 7.4.1: what the protocol page leaves to the RFC.
inline constexpr CloseCode kCloseProtocolError{1002};
inline constexpr CloseCode kCloseNoStatus{1005};  // never sent: a close frame without a code
inline constexpr CloseCode kCloseAbnormal{1006};  // never sent: the peer vanished

// What a frame reader finds.
class FrameSink {
 public:
  virtual void on_text(std::string_view text) = 0;  // a whole message, valid UTF-8
  virtual void on_ping(std::string_view payload) = 0;
  virtual void on_pong() = 0;
  virtual void on_close(CloseCode code) = 0;  // the peer's; kCloseNoStatus without one
  // Asked after each frame: false ends feed() at once (the connection was closed meanwhile), and
  // so does a pause, whose rest of the bytes the reader keeps.
  virtual bool wants_more() const = 0;

 protected:
  ~FrameSink() = default;
};

// Why a connection must be closed.
struct FramingFailure {
  CloseCode code = kCloseProtocolError;
  const char* reason = "";
};

// Takes bytes as they come, in pieces of any size, and finds the frames in them. Holds at most one
// message and one frame under way: message_bytes_max plus one piece.
class FrameReader {
 public:
  explicit FrameReader(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  // `bytes` are unmasked in place. After a failure the reader must not be fed again.
  // Failures: kCloseProtocolError, kBinary, kInvalidUtf8, kTooLarge (told from the header, before
  // the payload came), kFlooding for more than kControlFramesMax frames that carry no message
  // since the last reset_budget().
  std::optional<FramingFailure> feed(char* bytes, std::size_t size, FrameSink& sink);

  // Goes on with what a pause left behind.
  std::optional<FramingFailure> resume(FrameSink& sink) { return feed(nullptr, 0, sink); }

  // Called a few times a second by the owner.
  void reset_budget() { control_frames_ = 0; }
  static constexpr int kControlFramesMax = 100;

  std::size_t held_bytes() const { return held_.size() + message_.size(); }

 private:
  struct Header {
    bool fin = false;
    std::uint8_t opcode = 0;
    std::size_t header_size = 0;
    std::size_t payload_size = 0;
    std::array<char, 4> mask{};
  };
  // nullopt with an empty failure: more bytes are needed.
  std::optional<Header> parse_header(std::string_view bytes,
                                     std::optional<FramingFailure>& failure);
  std::optional<FramingFailure> check_header(const Header& header);
  // Consumes whole frames; `consumed` is how far it came.
  std::optional<FramingFailure> consume(char* bytes, std::size_t size, std::size_t& consumed,
                                        FrameSink& sink);
  std::optional<FramingFailure> take_frame(const Header& header, std::string_view payload,
                                           FrameSink& sink);
  std::optional<FramingFailure> take_data(const Header& header, std::string_view payload,
                                          FrameSink& sink);
  std::optional<FramingFailure> take_close(std::string_view payload, FrameSink& sink);

  std::size_t message_bytes_max_;
  std::string held_;     // the beginning of a frame that has not come whole
  std::string message_;  // fragments of a message that has not come whole
  bool in_message_ = false;
  int control_frames_ = 0;
};

// The header of an unmasked frame: 2, 4 or 10 bytes.
struct FrameHeader {
  std::array<char, 10> bytes{};
  std::uint8_t size = 0;
};
enum class Opcode : std::uint8_t { kText = 1, kClose = 8, kPing = 9, kPong = 10 };
FrameHeader frame_header(Opcode opcode, std::size_t payload_size);

// The payload of a close frame; the reason is cut to 123 bytes between code points.
std::string close_payload(CloseCode code, std::string_view reason);

// Whether a peer may send this code (RFC 6455, 7.4.2).
bool is_valid_close_code(std::uint16_t code);

}  // namespace godwit::server
