#include "server/edge/answer.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/status.hpp>
#include <ctime>

#include "shared/protocol/codec.h"
#include "shared/protocol/codes.h"

namespace godwit::server {
namespace {

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

std::string_view reason_phrase(int status) {
  auto text = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  return {text.data(), text.size()};
}

}  // namespace

Answer::~Answer() {
  if (file_fd >= 0) ::close(file_fd);
}

Answer::Answer(Answer&& other) noexcept { *this = std::move(other); }

Answer& Answer::operator=(Answer&& other) noexcept {
  if (this == &other) return *this;
  if (file_fd >= 0) ::close(file_fd);
  status = other.status;
  headers = std::move(other.headers);
  body = std::move(other.body);
  file_fd = std::exchange(other.file_fd, -1);
  file_offset = other.file_offset;
  file_size = other.file_size;
  close = other.close;
  route = std::move(other.route);
  return *this;
}

bool Answer::has(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
    return boost::beast::iequals(header.first, boost::beast::string_view(name.data(), name.size()));
  });
}

std::string problem_json(int status, Code code, std::string_view detail,
                         std::int64_t retry_after_ms) {
  std::string out = R"({"type":"about:blank","title":)";
  append_json_string(out, reason_phrase(status));
  out += ",\"status\":" + std::to_string(status) + ",\"code\":";
  append_json_string(out, code_name(code));
  out += ",\"detail\":";
  append_json_string(out, detail);
  out += is_retryable(code) ? ",\"retryable\":true" : ",\"retryable\":false";
  if (retry_after_ms > 0) out += ",\"retryAfterMs\":" + std::to_string(retry_after_ms);
  return out + "}";
}

Answer problem_answer(int status, Code code, std::string_view detail, std::int64_t retry_after_ms) {
  Answer answer;
  answer.status = status;
  answer.body = problem_json(status, code, detail, retry_after_ms);
  answer.set("Content-Type", "application/problem+json");
  answer.set("Cache-Control", "no-store");
  if (retry_after_ms > 0) answer.set("Retry-After", std::to_string((retry_after_ms + 999) / 1000));
  return answer;
}

std::string content_security_policy(const std::string& host, bool secure) {
  // `connect-src 'self'` does not cover ws: in every browser, so the socket is named as well.
  std::string socket = host.empty() ? "" : (secure ? " wss://" : " ws://") + host;
  return "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
         "connect-src 'self'" +
         socket +
         "; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self'; "
         "font-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; "
         "frame-ancestors 'none'; form-action 'self'";
}

std::string head_bytes(const Answer& answer, const Site& site, const std::string& host,
                       bool secure) {
  std::string out;
  out.reserve(1'024);
  out += "HTTP/1.1 " + std::to_string(answer.status) + " ";
  out += reason_phrase(answer.status);
  out += "\r\n";
  for (const auto& header : answer.headers) append_header(out, header.first, header.second);
  if (!answer.has("Content-Length") && answer.status != 204 && answer.status != 304)
    append_header(out, "Content-Length", std::to_string(answer.content_size()));
  append_header(out, "Connection", answer.close ? "close" : "keep-alive");
  append_header(out, "Date", http_date(std::time(nullptr)));
  append_header(out, "Godwit-Epoch", site.epoch);
  append_header(out, "Content-Security-Policy", content_security_policy(host, secure));
  append_header(out, "X-Content-Type-Options", "nosniff");
  append_header(out, "Referrer-Policy", "no-referrer");
  append_header(out, "Permissions-Policy", "camera=(), geolocation=(), microphone=()");
  append_header(out, "Cross-Origin-Opener-Policy", "same-origin");
  append_header(out, "Cross-Origin-Resource-Policy", "same-origin");
  if (secure) append_header(out, "Strict-Transport-Security", "max-age=31536000");
  out += "\r\n";
  return out;
}

std::string busy_bytes(const Site& site) {
  Answer answer = problem_answer(503, Code::kUnavailable, "too many connections", 5'000);
  answer.close = true;
  return head_bytes(answer, site, "", false) + answer.body;
}

std::string http_date(std::int64_t unix_s) {
  const std::time_t time = unix_s;
  std::tm utc{};
  gmtime_r(&time, &utc);
  std::array<char, 40> text{};
  const auto size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return std::string(text.data(), size);
}

}  // namespace godwit::server
