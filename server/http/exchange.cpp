#include "server/http/exchange.h"

#include <charconv>
#include <utility>

#include "server/edge/answer.h"
#include "server/edge/static_files.h"
#include "shared/base/utf8.h"
#include "shared/protocol/codes.h"

namespace godwit::server {
namespace {

std::optional<std::string> form_decode(std::string_view text) {
  std::string spaced(text);
  for (char& c : spaced)
    if (c == '+') c = ' ';
  auto decoded = percent_decode(spaced);
  if (decoded && !is_valid_utf8(*decoded)) return std::nullopt;
  return decoded;
}

}  // namespace

Exchange::Exchange(RestRequest request, Deliver deliver)
    : request_(std::move(request)), deliver_(std::move(deliver)) {}

Exchange::~Exchange() { problem(Code::kUnavailable, "not answered", 1'000); }

void Exchange::deliver(const RestReply& reply) {
  if (auto deliver = std::exchange(deliver_, nullptr)) deliver(request_, reply);
}

void Exchange::json(int status, std::string body) { json_with_cookie(status, std::move(body), {}); }

void Exchange::json_with_cookie(int status, std::string body, std::string set_cookie) {
  RestReply reply;
  reply.status = status;
  reply.body = std::move(body);
  reply.content_type = "application/json";
  reply.set_cookie = std::move(set_cookie);
  deliver(reply);
}

void Exchange::empty(std::string set_cookie) {
  RestReply reply;
  reply.status = 204;
  reply.set_cookie = std::move(set_cookie);
  deliver(reply);
}

void Exchange::text(std::string body, std::string content_type) {
  RestReply reply;
  reply.body = std::move(body);
  reply.content_type = std::move(content_type);
  deliver(reply);
}

void Exchange::file(std::string path) {
  RestReply reply;
  reply.file = std::move(path);
  deliver(reply);
}

void Exchange::problem(Code code, std::string_view detail, std::int64_t retry_after_ms) {
  if (!deliver_) return;
  RestReply reply;
  reply.status = http_status(code);
  reply.body = problem_json(reply.status, code, detail, retry_after_ms);
  reply.content_type = "application/problem+json";
  reply.retry_after_ms = retry_after_ms;
  deliver(reply);
}

Result<Query> Query::parse(std::string_view raw) {
  Query query;
  while (!raw.empty()) {
    const auto ampersand = raw.find('&');
    const std::string_view pair = raw.substr(0, ampersand);
    raw = ampersand == std::string_view::npos ? std::string_view() : raw.substr(ampersand + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = form_decode(pair.substr(0, equals));
    auto value = form_decode(equals == std::string_view::npos ? std::string_view()
                                                              : pair.substr(equals + 1));
    if (!name || !value) return Error{Code::kBadFrame, "malformed query"};
    if (!query.values_.emplace(std::move(*name), std::move(*value)).second)
      return Error{Code::kBadFrame, "a query parameter twice"};
  }
  return query;
}

const std::string& Query::text(const std::string& name) const {
  static const std::string kNone;
  auto found = values_.find(name);
  return found == values_.end() ? kNone : found->second;
}

Result<std::optional<std::uint64_t>> Query::number(const std::string& name,
                                                   std::uint64_t max) const {
  auto found = values_.find(name);
  if (found == values_.end()) return std::optional<std::uint64_t>();
  const std::string& text = found->second;
  std::uint64_t value = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || value > max)
    return Error{Code::kBadFrame, name + " is not a number in range"};
  return std::optional<std::uint64_t>(value);
}

}  // namespace godwit::server
