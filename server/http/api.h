// What every REST route of /api/v1 has in common: who asks, from where, how often, and how reads,
// writes and slow calls come back as answers. The routes themselves are in *_routes.cpp.
//
// Order of the checks: rate of the address, session (401), own Origin and JSON for a write by
// cookie (403, 415), rate of the user. What a person may do is decided behind, by service and
// domain.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/app/service.h"
#include "server/app/token_bucket.h"
#include "server/auth/accounts.h"
#include "server/edge/static_files.h"
#include "server/http/exchange.h"
#include "server/http/rest_server.h"
#include "server/http/work_pool.h"
#include "shared/protocol/json_fields.h"

namespace godwit::server {

// Borrowed; outlives the RestServer's workers.
struct ApiParts {
  Service& service;
  Accounts& accounts;
  const Clock& clock;
  const StaticFiles& files;
  const Config& config;
  WorkPool& pool;
  std::function<void(UserId)> people_changed;  // whom a person may see has changed (a block)
};

// Who asks, and what to answer.
struct Call {
  ExchangePtr exchange;
  Identity me;
};

class Api {
 public:
  Api(RestServer& server, ApiParts parts);
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  Service& service() { return parts_.service; }
  Accounts& accounts() { return parts_.accounts; }
  const StaticFiles& files() const { return parts_.files; }
  Timestamp now() const { return parts_.clock.now(); }
  RestServer& server() { return server_; }
  void people_changed(UserId user_id) { parts_.people_changed(user_id); }

  using OpenHandler = std::function<void(ExchangePtr)>;
  using Handler = std::function<void(Call)>;

  // `pattern` is below /api/v1. An open route needs no session.
  void open_route(HttpMethod method, const std::string& pattern, OpenHandler handler);
  void route(HttpMethod method, const std::string& pattern, Handler handler);

  // Asks the readers and answers: a refusal as a problem, else by `answer`, on a reader's thread.
  template <typename T>
  void read(ExchangePtr exchange, std::function<Result<T>(Queries&)> question,
            std::function<void(Exchange&, const T&)> answer) {
    read_task(exchange, [exchange, question = std::move(question),
                         answer = std::move(answer)](Queries& queries) {
      auto result = question(queries);
      if (!result) return exchange->problem(result.error());
      answer(*exchange, *result);
    });
  }

  // Submits for the caller. A refusal is answered as a problem; else `done` answers, on the
  // writer's thread. The operation is checked first (prepare_operation).
  void write(const Call& call, Operation operation,
             std::function<void(const ExchangePtr&, const Outcome&)> done);

  // Runs what waits on the pool.
  void slow(ExchangePtr exchange, std::function<void(Exchange&)> work);

  // Of POST /sync; answers the refusal itself when false.
  bool take_sync(const Call& call);

  // The state of a chat as the caller sees it, as the answer.
  void answer_chat(const ExchangePtr& exchange, UserId viewer, ChatId chat_id, int status);

 private:
  void read_task(const ExchangePtr& exchange, ReadPool::Task task);
  bool admit_address(Exchange& exchange);
  bool admit_write(Exchange& exchange, bool by_cookie);
  bool take(RateTable& table, std::string_view key, Exchange& exchange);

  RestServer& server_;
  ApiParts parts_;
  RateTable address_rate_;
  RateTable user_rate_;
  RateTable write_rate_;
  RateTable sync_rate_;
};

// A body as strict JSON fields. Not an object, malformed, or a key twice: kBadFrame. An empty body
// counts as {} where `may_be_empty`.
class Body {
 public:
  static Result<Body> parse(std::string_view bytes, bool may_be_empty = false);
  json::Value& value() { return value_; }

 private:
  explicit Body(json::Value value) : value_(std::move(value)) {}
  json::Value value_;
};

// Each adds its routes.
void add_system_routes(Api& api, std::function<bool()> is_ready,
                       std::function<std::string()> metrics_text);
void add_web_routes(Api& api);
void add_auth_routes(Api& api);
void add_people_routes(Api& api);
void add_chat_routes(Api& api);
void add_message_routes(Api& api);
void add_sync_routes(Api& api);

}  // namespace godwit::server
