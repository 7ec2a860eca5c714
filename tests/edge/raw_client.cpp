#include "tests/edge/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <stdexcept>

namespace godwit::server::test {
namespace {

constexpr int kWaitMs = 120'000;  // far longer than anything takes; only a hang reaches it

}  // namespace

RawClient::RawClient(std::uint16_t port, int receive_buffer) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0)
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    throw std::runtime_error("cannot connect");
}

RawClient::~RawClient() { close(); }

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::shut_down_sending() { ::shutdown(fd_, SHUT_WR); }

void RawClient::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool RawClient::fill() {
  pollfd wait{fd_, POLLIN, 0};
  if (::poll(&wait, 1, kWaitMs) <= 0) throw std::runtime_error("nothing came");
  char buffer[64 * 1024];
  const auto size = ::recv(fd_, buffer, sizeof buffer, 0);
  if (size <= 0) return false;
  in_.append(buffer, static_cast<std::size_t>(size));
  return true;
}

bool RawClient::need(std::size_t bytes) {
  while (in_.size() < bytes)
    if (!fill()) return false;
  return true;
}

HttpAnswer RawClient::answer(bool without_body) {
  HttpAnswer out;
  std::size_t end = 0;
  while ((end = in_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) return out;
  const std::string head = in_.substr(0, end + 2);
  in_.erase(0, end + 4);
  out.status = std::stoi(head.substr(9, 3));
  for (auto at = head.find("\r\n") + 2; at < head.size();) {
    const auto line_end = head.find("\r\n", at);
    const auto colon = head.find(": ", at);
    std::string name = head.substr(at, colon - at);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    out.headers[name] = head.substr(colon + 2, line_end - colon - 2);
    at = line_end + 2;
  }
  if (without_body || out.headers.count("content-length") == 0) return out;
  const auto size = std::stoul(out.headers["content-length"]);
  if (!need(size)) throw std::runtime_error("the body ended early");
  out.body = in_.substr(0, size);
  in_.erase(0, size);
  return out;
}

HttpAnswer RawClient::ask(std::string_view request) {
  send(request);
  return answer();
}

bool RawClient::is_closed() { return in_.empty() && !fill(); }

std::string RawClient::rest() {
  while (fill()) {
  }
  return in_;
}

HttpAnswer RawClient::upgrade(std::string_view more_headers, std::string_view path) {
  send("GET " + std::string(path) +
       " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
       std::string(more_headers) + "\r\n");
  return answer();
}

std::string client_frame(int opcode, std::string_view payload, bool fin) {
  std::string out;
  out += static_cast<char>((fin ? 0x80 : 0) | opcode);
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() < 65'536) {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 0xFF);
  } else {
    out += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8)
      out += static_cast<char>((payload.size() >> shift) & 0xFF);
  }
  const char mask[4] = {'m', 'a', 's', 'k'};
  out.append(mask, 4);
  for (std::size_t i = 0; i < payload.size(); ++i)
    out += static_cast<char>(payload[i] ^ mask[i % 4]);
  return out;
}

bool RawClient::send_frame(int opcode, std::string_view payload, bool fin) {
  return send(client_frame(opcode, payload, fin));
}

int RawClient::Frame::close_code() const {
  if (opcode != 8 || payload.size() < 2) return -1;
  return (static_cast<unsigned char>(payload[0]) << 8) | static_cast<unsigned char>(payload[1]);
}

RawClient::Frame RawClient::frame() {
  Frame out;
  if (!need(2)) return out;
  std::size_t header = 2;
  std::size_t size = static_cast<unsigned char>(in_[1]);
  if (size >= 126) header += size == 126 ? 2 : 8;
  if (!need(header)) return out;
  if (header > 2) {
    size = 0;
    for (std::size_t i = 2; i < header; ++i)
      size = (size << 8) | static_cast<unsigned char>(in_[i]);
  }
  if (!need(header + size)) return out;
  out.opcode = in_[0] & 0x0F;
  out.payload = in_.substr(header, size);
  in_.erase(0, header + size);
  return out;
}

}  // namespace godwit::server::test
