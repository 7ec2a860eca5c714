// A client that sends exactly the bytes it is told to, and reads what comes, with a time limit on
// every wait so that a hang is a failure and not a hang.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::server::test {

struct HttpAnswer {
  int status = 0;                              // 0: none came
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class RawClient {
 public:
  // `receive_buffer` 0: the kernel's own.
  explicit RawClient(std::uint16_t port, int receive_buffer = 0);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False when the other end does not take it any more.
  bool send(std::string_view bytes);
  void shut_down_sending();
  void close();

  // Reads one answer. `without_body`: to HEAD. 100 Continue is an answer too.
  HttpAnswer answer(bool without_body = false);
  // Sends and reads.
  HttpAnswer ask(std::string_view request);
  // True when the other end closes (or resets) and nothing more comes before that.
  bool is_closed();
  // Reads everything until the end.
  std::string rest();

  // WebSocket.
  HttpAnswer upgrade(std::string_view more_headers, std::string_view path = "/ws");
  bool send_frame(int opcode, std::string_view payload, bool fin = true);
  struct Frame {
    int opcode = -1;  // -1: none came
    std::string payload;
    int close_code() const;
  };
  Frame frame();

 private:
  bool fill();
  bool need(std::size_t bytes);

  int fd_ = -1;
  std::string in_;
};

// A frame of a client as bytes, masked.
std::string client_frame(int opcode, std::string_view payload, bool fin = true);

}  // namespace godwit::server::test
