#include "server/edge/websocket_framing.h"

#include <cstring>

#include "shared/base/utf8.h"

namespace godwit::server {
namespace {

constexpr std::uint8_t kContinuation = 0;
constexpr std::uint8_t kText = 1;
constexpr std::uint8_t kBinaryData = 2;
constexpr std::size_t kControlPayloadMax = 125;

bool is_control(std::uint8_t opcode) { return (opcode & 0x8u) != 0; }

// Eight bytes at a time: a frame of 64 KiB is masked byte for byte otherwise.
void unmask(char* payload, std::size_t size, const std::array<char, 4>& mask) {
  std::uint64_t wide = 0;
  std::memcpy(&wide, mask.data(), 4);
  std::memcpy(reinterpret_cast<char*>(&wide) + 4, mask.data(), 4);
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, payload + i, 8);
    word ^= wide;
    std::memcpy(payload + i, &word, 8);
  }
  for (; i < size; ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i & 3]);
}

std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

std::optional<FrameReader::Header> FrameReader::parse_header(
    std::string_view bytes, std::optional<FramingFailure>& failure) {
  if (bytes.size() < 2) return std::nullopt;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  if ((first & 0x70u) != 0) {
    failure = FramingFailure{kCloseProtocolError, "reserved bits"};
    return std::nullopt;
  }
  if ((second & 0x80u) == 0) {
    failure = FramingFailure{kCloseProtocolError, "unmasked frame"};
    return std::nullopt;
  }
  Header header;
  header.fin = (first & 0x80u) != 0;
  header.opcode = first & 0x0Fu;
  std::uint64_t payload_size = second & 0x7Fu;
  const std::size_t length_bytes = payload_size == 126 ? 2 : payload_size == 127 ? 8 : 0;
  if (bytes.size() < 2 + length_bytes) return std::nullopt;
  if (length_bytes != 0) {
    payload_size = read_big_endian(bytes.substr(2, length_bytes));
    if (payload_size < (length_bytes == 2 ? 126u : 65'536u)) {
      failure = FramingFailure{kCloseProtocolError, "length not minimal"};
      return std::nullopt;
    }
  }
  header.header_size = 2 + length_bytes + 4;
  header.payload_size = static_cast<std::size_t>(payload_size);
  // Judged before the mask came: what is too large is told at once.
  failure = check_header(header);
  if (failure || bytes.size() < header.header_size) return std::nullopt;
  std::memcpy(header.mask.data(), bytes.data() + 2 + length_bytes, 4);
  return header;
}

std::optional<FramingFailure> FrameReader::check_header(const Header& header) {
  if (is_control(header.opcode)) {
    if (header.opcode > 10) return FramingFailure{kCloseProtocolError, "unknown opcode"};
    if (!header.fin || header.payload_size > kControlPayloadMax)
      return FramingFailure{kCloseProtocolError, "bad control frame"};
    return std::nullopt;
  }
  if (header.opcode > kBinaryData) return FramingFailure{kCloseProtocolError, "unknown opcode"};
  if (header.opcode == kBinaryData)
    return FramingFailure{CloseCode::kBinary, "binary frames are not spoken"};
  if ((header.opcode == kContinuation) != in_message_)
    return FramingFailure{kCloseProtocolError, "fragments out of order"};
  if (header.payload_size > message_bytes_max_ - message_.size())
    return FramingFailure{CloseCode::kTooLarge, "frame too large"};
  return std::nullopt;
}

std::optional<FramingFailure> FrameReader::feed(char* bytes, std::size_t size, FrameSink& sink) {
  std::size_t consumed = 0;
  if (held_.empty()) {
    auto failure = consume(bytes, size, consumed, sink);
    if (!failure && consumed < size) held_.assign(bytes + consumed, size - consumed);
    return failure;
  }
  if (size > 0) held_.append(bytes, size);
  auto failure = consume(held_.data(), held_.size(), consumed, sink);
  held_.erase(0, consumed);
  if (held_.empty()) std::string().swap(held_);  // an idle connection holds no buffer
  return failure;
}

std::optional<FramingFailure> FrameReader::consume(char* bytes, std::size_t size,
                                                   std::size_t& consumed, FrameSink& sink) {
  while (consumed < size && sink.wants_more()) {
    std::optional<FramingFailure> failure;
    auto header = parse_header(std::string_view(bytes + consumed, size - consumed), failure);
    if (failure) return failure;
    if (!header || size - consumed - header->header_size < header->payload_size) break;
    char* payload = bytes + consumed + header->header_size;
    unmask(payload, header->payload_size, header->mask);
    consumed += header->header_size + header->payload_size;
    failure = take_frame(*header, std::string_view(payload, header->payload_size), sink);
    if (failure) return failure;
  }
  return std::nullopt;
}

std::optional<FramingFailure> FrameReader::take_frame(const Header& header,
                                                      std::string_view payload, FrameSink& sink) {
  const bool carries_message = !is_control(header.opcode) && header.fin;
  if (!carries_message && ++control_frames_ > kControlFramesMax)
    return FramingFailure{CloseCode::kFlooding, "too many control frames"};
  switch (header.opcode) {
    case static_cast<std::uint8_t>(Opcode::kClose):
      return take_close(payload, sink);
    case static_cast<std::uint8_t>(Opcode::kPing):
      sink.on_ping(payload);
      return std::nullopt;
    case static_cast<std::uint8_t>(Opcode::kPong):
      sink.on_pong();
      return std::nullopt;
    default:
      return take_data(header, payload, sink);
  }
}

std::optional<FramingFailure> FrameReader::take_data(const Header& header, std::string_view payload,
                                                     FrameSink& sink) {
  if (header.opcode == kText && header.fin) {
    if (!is_valid_utf8(payload)) return FramingFailure{CloseCode::kInvalidUtf8, "invalid UTF-8"};
    sink.on_text(payload);
    return std::nullopt;
  }
  in_message_ = true;
  message_.append(payload);
  if (!header.fin) return std::nullopt;
  in_message_ = false;
  std::string whole;
  whole.swap(message_);
  if (!is_valid_utf8(whole)) return FramingFailure{CloseCode::kInvalidUtf8, "invalid UTF-8"};
  sink.on_text(whole);
  return std::nullopt;
}

std::optional<FramingFailure> FrameReader::take_close(std::string_view payload, FrameSink& sink) {
  if (payload.empty()) {
    sink.on_close(kCloseNoStatus);
    return std::nullopt;
  }
  if (payload.size() == 1) return FramingFailure{kCloseProtocolError, "bad close frame"};
  const auto code = static_cast<std::uint16_t>(read_big_endian(payload.substr(0, 2)));
  if (!is_valid_close_code(code)) return FramingFailure{kCloseProtocolError, "bad close code"};
  if (!is_valid_utf8(payload.substr(2)))
    return FramingFailure{CloseCode::kInvalidUtf8, "invalid UTF-8"};
  sink.on_close(CloseCode{code});
  return std::nullopt;
}

FrameHeader frame_header(Opcode opcode, std::size_t payload_size) {
  FrameHeader header;
  header.bytes[0] = static_cast<char>(0x80u | static_cast<unsigned>(opcode));
  std::size_t length_bytes = 0;
  if (payload_size < 126) {
    header.bytes[1] = static_cast<char>(payload_size);
  } else {
    length_bytes = payload_size < 65'536 ? 2 : 8;
    header.bytes[1] = length_bytes == 2 ? 126 : 127;
  }
  for (std::size_t i = 0; i < length_bytes; ++i)
    header.bytes[2 + i] = static_cast<char>(payload_size >> (8 * (length_bytes - 1 - i)));
  header.size = static_cast<std::uint8_t>(2 + length_bytes);
  return header;
}

std::string close_payload(CloseCode code, std::string_view reason) {
  const auto number = static_cast<std::uint16_t>(code);
  std::string payload{static_cast<char>(number >> 8), static_cast<char>(number & 0xFF)};
  payload += utf8_prefix(reason, kControlPayloadMax - 2);
  return payload;
}

bool is_valid_close_code(std::uint16_t code) {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

}  // namespace godwit::server
