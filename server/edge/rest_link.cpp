#include "server/edge/rest_link.h"

#include <array>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/read.hpp>
#include <string_view>
#include <utility>

namespace godwit::server {
namespace {

namespace http = boost::beast::http;

std::string flags_of(const RequestHead& head, const std::string& body) {
  std::string flags = "f";  // never empty: an empty header value is one more thing to parse
  if (head.by_cookie) flags += 'c';
  if (head.own_origin) flags += 'o';
  if (head.has_origin && !head.own_origin) flags += 'x';
  if (head.json) flags += 'j';
  if (head.accepts_html) flags += 'h';
  if (head.secure) flags += 's';
  if (!body.empty()) flags += 'b';
  return flags;
}

void append_header(std::string& out, const char* name, std::string_view value) {
  if (value.empty()) return;
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

std::string request_bytes(const RequestHead& head, const std::string& body) {
  // HEAD is a GET whose body the edge keeps for itself: no route has to be written twice.
  const auto method = head.method == http::verb::head ? http::verb::get : head.method;
  const auto name = http::to_string(method);
  std::string out;
  out.reserve(512 + body.size());
  out.append(name.data(), name.size());
  out += " " + head.path + " HTTP/1.1\r\nHost: godwit\r\nConnection: keep-alive\r\n";
  append_header(out, internal_header::kAddress, head.address);
  append_header(out, internal_header::kQuery, head.query);
  append_header(out, internal_header::kToken, head.token);
  append_header(out, internal_header::kClient, head.user_agent);
  append_header(out, internal_header::kFlags, flags_of(head, body));
  out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  out += body;
  return out;
}

bool passes(boost::beast::string_view name) {
  constexpr std::array kPassed = {"Content-Type", "Cache-Control", "Set-Cookie",
                                  "Retry-After",  "Allow",         "Location"};
  for (const char* passed : kPassed)
    if (boost::beast::iequals(name, passed)) return true;
  return false;
}

std::string str(boost::beast::string_view text) { return std::string(text.data(), text.size()); }

// Only what is listed passes; an error that is not ours (the router's own 404 or 405, a handler
// that threw) is told in our words, and without what the library has to say about it.
RestAnswer to_answer(http::response<http::string_body>&& response) {
  RestAnswer out;
  const int status = static_cast<int>(response.result_int());
  const bool is_error = status >= 400;
  const bool ours = response[http::field::content_type].starts_with("application/problem+json");
  if (is_error && !ours) {
    const Code code = status == 404   ? Code::kNotFound
                      : status == 405 ? Code::kUnsupported
                      : status < 500  ? Code::kBadFrame
                                      : Code::kUnavailable;
    out.answer = problem_answer(status, code, "");
  } else {
    out.answer.status = status;
    for (const auto& header : response)
      if (passes(header.name_string()))
        out.answer.set(str(header.name_string()), str(header.value()));
    if (!out.answer.has("Cache-Control")) out.answer.set("Cache-Control", "no-store");
    out.file = str(response[internal_header::kFile]);
    out.answer.body = std::move(response.body());
  }
  if (auto allow = response[http::field::allow]; is_error && !ours && !allow.empty())
    out.answer.set("Allow", str(allow));
  auto route = response[internal_header::kRoute];
  out.answer.route = route.empty() ? "other" : str(route);
  return out;
}

}  // namespace

RestLink::RestLink(boost::asio::io_context& io, int fd, std::size_t answer_bytes_max)
    : socket_(io, boost::asio::local::stream_protocol(), fd), answer_bytes_max_(answer_bytes_max) {}

void RestLink::ask(const RequestHead& head, const std::string& body, Done done) {
  busy_ = true;
  done_ = std::move(done);
  request_ = request_bytes(head, body);
  // `self` in both handlers is what keeps the descriptor open until the answer came.
  boost::asio::async_write(
      socket_, boost::asio::buffer(request_),
      [self = shared_from_this()](boost::system::error_code error, std::size_t) {
        std::string().swap(self->request_);
        if (error) return self->finish(std::nullopt);
        self->read();
      });
}

void RestLink::read() {
  parser_.emplace();
  parser_->body_limit(answer_bytes_max_);
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                     if (error) return self->finish(std::nullopt);
                     self->finish(to_answer(self->parser_->release()));
                   });
}

void RestLink::finish(std::optional<RestAnswer> answer) {
  busy_ = false;
  parser_.reset();
  if (buffer_.size() == 0) buffer_ = boost::beast::flat_buffer();
  if (auto done = std::exchange(done_, nullptr)) done(std::move(answer));
}

}  // namespace godwit::server
