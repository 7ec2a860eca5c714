#include "server/http/api.h"

#include <utility>

#include "shared/protocol/codec.h"

namespace godwit::server {
namespace {

constexpr std::int64_t kBusyRetryMs = 1'000;

bool is_write(HttpMethod method) { return method != HttpMethod::kGet; }

}  // namespace

Api::Api(RestServer& server, ApiParts parts)
    : server_(server),
      parts_(std::move(parts)),
      address_rate_(parts_.config.edge.requests_per_address, parts_.config.auth.limiter_keys_max),
      user_rate_(parts_.config.edge.requests_per_address, parts_.config.auth.limiter_keys_max),
      write_rate_(parts_.config.gateway.operations_per_user, parts_.config.auth.limiter_keys_max),
      sync_rate_(parts_.config.gateway.syncs_per_user, parts_.config.auth.limiter_keys_max) {}

void Api::open_route(HttpMethod method, const std::string& pattern, OpenHandler handler) {
  server_.route(method, "/api/v1" + pattern,
                [this, method, handler = std::move(handler)](ExchangePtr exchange) {
                  if (!admit_address(*exchange)) return;
                  // Signing somebody in from a foreign page is refused like any other write.
                  if (is_write(method) && exchange->request().foreign_origin)
                    return exchange->problem(Code::kForbidden, "foreign Origin");
                  if (is_write(method) && !exchange->request().json)
                    return exchange->problem(Code::kUnsupported, "application/json is needed");
                  handler(std::move(exchange));
                });
}

void Api::route(HttpMethod method, const std::string& pattern, Handler handler) {
  server_.route(method, "/api/v1" + pattern,
                [this, method, handler = std::move(handler)](ExchangePtr exchange) {
                  const RestRequest& request = exchange->request();
                  if (!admit_address(*exchange)) return;
                  if (request.token.empty())
                    return exchange->problem(Code::kUnauthenticated, "no session");
                  auto me = accounts().verify(request.token);
                  if (!me) return exchange->problem(me.error());
                  if (is_write(method) && !admit_write(*exchange, request.by_cookie)) return;
                  RateTable& rate = is_write(method) ? write_rate_ : user_rate_;
                  if (!take(rate, me->user_id.str(), *exchange)) return;
                  handler(Call{std::move(exchange), *me});
                });
}

bool Api::admit_address(Exchange& exchange) {
  return take(address_rate_, exchange.request().address, exchange);
}

// Protection against writes that a foreign page makes the browser send (OWASP, "CSRF"): the cookie
// is SameSite=Strict, and this holds where that does not.
bool Api::admit_write(Exchange& exchange, bool by_cookie) {
  if (!by_cookie) return true;
  const RestRequest& request = exchange.request();
  if (!request.own_origin) {
    exchange.problem(Code::kForbidden, "a write by cookie needs the server's own Origin");
    return false;
  }
  if (!request.body.empty() && !request.json) {
    exchange.problem(Code::kUnsupported, "application/json is needed");
    return false;
  }
  return true;
}

bool Api::take(RateTable& table, std::string_view key, Exchange& exchange) {
  const std::int64_t wait_ms = table.take(key, parts_.clock.steady());
  if (wait_ms == 0) return true;
  exchange.problem(Code::kRateLimited, "too many requests", wait_ms);
  return false;
}

bool Api::take_sync(const Call& call) {
  return take(sync_rate_, call.me.user_id.str(), *call.exchange);
}

void Api::read_task(const ExchangePtr& exchange, ReadPool::Task task) {
  if (!service().reads().post(std::move(task)))
    exchange->problem(Code::kUnavailable, "too many reads are waiting", kBusyRetryMs);
}

void Api::write(const Call& call, Operation operation,
                std::function<void(const ExchangePtr&, const Outcome&)> done) {
  if (auto status = prepare_operation(operation); !status)
    return call.exchange->problem(status.error());
  service().submit(call.me.user_id, std::move(operation), nullptr, 0,
                   [exchange = call.exchange, done = std::move(done)](const Outcome& outcome) {
                     if (outcome.is_ok()) return done(exchange, outcome);
                     exchange->problem(outcome.code, outcome.detail, outcome.retry_after_ms);
                   });
}

void Api::slow(ExchangePtr exchange, std::function<void(Exchange&)> work) {
  if (!parts_.pool.post([exchange, work = std::move(work)] { work(*exchange); }))
    exchange->problem(Code::kUnavailable, "too many requests are waiting", kBusyRetryMs);
}

void Api::answer_chat(const ExchangePtr& exchange, UserId viewer, ChatId chat_id, int status) {
  read<ChatState>(
      exchange, [viewer, chat_id](Queries& queries) { return queries.chat_state(viewer, chat_id); },
      [status](Exchange& out, const ChatState& chat) {
        out.json(status, encode_chat_state(chat));
      });
}

Result<Body> Body::parse(std::string_view bytes, bool may_be_empty) {
  if (bytes.empty() && may_be_empty) bytes = "{}";
  auto value = json::parse(bytes, limits::kJsonDepthMax);
  if (!value) return value.error();
  if (value->kind != json::Kind::kObject) return Error{Code::kBadFrame, "a JSON object is needed"};
  return Body(std::move(value).value());
}

}  // namespace godwit::server
