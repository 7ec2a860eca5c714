// Answers of the edge: a head as bytes, and the headers that every answer has.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/edge/http_head.h"
#include "shared/base/result.h"

namespace godwit::server {

// One answer on its way to a client. The body is either `body` or, when `file_fd` is not -1,
// `file_size` bytes of that file from `file_offset`; the answer owns the descriptor.
struct Answer {
  Answer() = default;
  ~Answer();
  Answer(Answer&& other) noexcept;
  Answer& operator=(Answer&& other) noexcept;

  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  int file_fd = -1;
  std::uint64_t file_offset = 0;
  std::uint64_t file_size = 0;
  bool close = false;          // the connection ends after it
  std::string route = "edge";  // the label of this request in /metrics

  std::uint64_t content_size() const { return file_fd >= 0 ? file_size : body.size(); }
  void set(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
  }
  bool has(std::string_view name) const;
};

// RFC 9457 problem+json with `code` and, for a retryable one, `retryAfterMs` when not 0.
std::string problem_json(int status, Code code, std::string_view detail,
                         std::int64_t retry_after_ms = 0);
Answer problem_answer(int status, Code code, std::string_view detail,
                      std::int64_t retry_after_ms = 0);

// What the security headers depend on.
struct Site {
  std::string epoch;  // Godwit-Epoch
};

// Status line and headers, with Content-Length, Connection, Date, the security headers and the
// epoch. `host` and `secure` are of the request (RequestHead).
std::string head_bytes(const Answer& answer, const Site& site, const std::string& host,
                       bool secure);

// A complete refusal for a connection that is not even read from (too many connections).
std::string busy_bytes(const Site& site);

// The Content-Security-Policy; `host` is where the WebSocket is, empty when unknown.
std::string content_security_policy(const std::string& host, bool secure);

// RFC 9110, 5.6.7: "Sat, 21 Nov 2026 11:54:51 GMT".
std::string http_date(std::int64_t unix_s);

}  // namespace godwit::server
