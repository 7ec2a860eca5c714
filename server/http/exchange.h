// One REST request and the one answer to it. Routes see this and nothing of Pistache; the answer
// may be given later and from any thread, so a handler keeps the exchange in its callback.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/ids.h"
#include "shared/base/result.h"

namespace godwit::server {

// A request as the edge reduced it (RequestHead) and the router split it.
struct RestRequest {
  std::string route;  // the pattern
  std::string path;
  std::map<std::string, std::string> params;  // of the pattern, without ':'
  std::string query;                          // raw
  std::string body;
  std::string token;  // empty: none
  std::string address;
  std::string client;  // User-Agent
  bool by_cookie = false;
  bool own_origin = false;
  bool foreign_origin = false;
  bool json = false;
  bool accepts_html = false;
  bool secure = false;
  bool is_get = false;
};

// What goes back. At most one of `body` and `file`.
struct RestReply {
  int status = 200;
  std::string body;
  std::string content_type;  // empty: no body
  std::string set_cookie;
  std::string file;  // the edge sends this file of the web root instead
  std::int64_t retry_after_ms = 0;
};

class Exchange {
 public:
  // Takes the finished reply to wherever it goes; called exactly once.
  using Deliver = std::function<void(const RestRequest&, const RestReply&)>;

  Exchange(RestRequest request, Deliver deliver);
  // An exchange that nobody answers is answered with `unavailable`.
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const RestRequest& request() const { return request_; }

  // A path parameter as an id; what is no id is nobody's: kNotFound.
  template <typename IdType>
  Result<IdType> id(const std::string& name) const {
    auto found = request_.params.find(name);
    auto parsed = found == request_.params.end() ? std::nullopt : parse_id<IdType>(found->second);
    if (!parsed || !*parsed) return Error{Code::kNotFound, "no such thing"};
    return *parsed;
  }

  // Each answers; the first one counts.
  void json(int status, std::string body);
  void json_with_cookie(int status, std::string body, std::string set_cookie);
  void empty(std::string set_cookie = {});  // 204
  void text(std::string body, std::string content_type);
  void file(std::string path);
  void problem(Code code, std::string_view detail, std::int64_t retry_after_ms = 0);
  void problem(const Error& error, std::int64_t retry_after_ms = 0) {
    problem(error.code, error.detail, retry_after_ms);
  }

 private:
  void deliver(const RestReply& reply);

  RestRequest request_;
  Deliver deliver_;
};

using ExchangePtr = std::shared_ptr<Exchange>;

// The parameters of a query string (application/x-www-form-urlencoded). kBadFrame: a malformed
// escape, invalid UTF-8, or a name twice.
class Query {
 public:
  static Result<Query> parse(std::string_view raw);

  bool has(const std::string& name) const { return values_.count(name) > 0; }
  // Empty when absent.
  const std::string& text(const std::string& name) const;
  // nullopt when absent; kBadFrame when not a decimal number of at most `max`.
  Result<std::optional<std::uint64_t>> number(const std::string& name, std::uint64_t max) const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace godwit::server
