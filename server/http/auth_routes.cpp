// /auth: coming in, going out, and the sessions of a person. Passwords are hashed on the accounts'
// own pool; nothing here waits for one.
#include <utility>

#include "server/edge/http_head.h"
#include "server/http/api.h"
#include "server/http/rest_json.h"
#include "shared/protocol/json_writer.h"

namespace godwit::server {
namespace {

constexpr std::size_t kPasswordFieldBytesMax = 4 * 1024;  // the rules of length are the accounts'
constexpr std::int64_t kCookieMaxAgeS = 365LL * 24 * 3'600;

std::string session_cookie(const RestRequest& request, std::string_view token,
                           std::int64_t max_age_s) {
  std::string cookie(kSessionCookie);
  cookie += "=";
  cookie += token;
  cookie += "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(max_age_s);
  if (request.secure) cookie += "; Secure";
  return cookie;
}

Origin origin_of(const RestRequest& request) { return Origin{request.address, request.client}; }

std::string signed_in_json(const SignedIn& signed_in, bool with_token) {
  json::Writer out;
  out.open('{').key("user").raw(profile_json(signed_in.user));
  if (with_token) out.field("token", signed_in.token);
  return out.close('}').take();
}

// Answers a sign-in: with the cookie, or for an API client with the token alone.
SignedInCallback answer_signed_in(ExchangePtr exchange, int status, SessionKind kind) {
  return [exchange = std::move(exchange), status, kind](Result<SignedIn> result,
                                                        std::int64_t retry_after_ms) {
    if (!result) return exchange->problem(result.error(), retry_after_ms);
    if (kind == SessionKind::kApi) return exchange->json(status, signed_in_json(*result, true));
    exchange->json_with_cookie(status, signed_in_json(*result, false),
                               session_cookie(exchange->request(), result->token, kCookieMaxAgeS));
  };
}

void register_person(Api& api, ExchangePtr exchange) {
  auto body = Body::parse(exchange->request().body);
  if (!body) return exchange->problem(body.error());
  json::Fields fields(body->value(), "register");
  NewAccount account;
  account.username = fields.string("username", limits::kNameBytesMax);
  account.display_name = fields.string("displayName", limits::kNameBytesMax);
  account.password = fields.string("password", kPasswordFieldBytesMax);
  account.invite = fields.optional_string("invite", limits::kKeyBytesMax);
  if (!fields.is_ok()) return exchange->problem(fields.status().error());
  Origin origin = origin_of(exchange->request());
  api.accounts().register_person(std::move(account), std::move(origin),
                                 answer_signed_in(exchange, 201, SessionKind::kCookie));
}

void login(Api& api, ExchangePtr exchange) {
  auto body = Body::parse(exchange->request().body);
  if (!body) return exchange->problem(body.error());
  json::Fields fields(body->value(), "login");
  Login login;
  login.username = fields.string("username", limits::kNameBytesMax);
  login.password = fields.string("password", kPasswordFieldBytesMax);
  const std::string client = fields.optional_string("client", limits::kKeyBytesMax);
  if (!fields.is_ok()) return exchange->problem(fields.status().error());
  if (client == "api") login.kind = SessionKind::kApi;
  const SessionKind kind = login.kind;
  Origin origin = origin_of(exchange->request());
  api.accounts().login(std::move(login), std::move(origin), answer_signed_in(exchange, 200, kind));
}

void logout(Api& api, const Call& call) {
  api.slow(call.exchange, [&api, me = call.me](Exchange& exchange) {
    auto status = api.accounts().end_session(me.user_id, me.session_id);
    if (!status && status.error().code != Code::kNotFound) return exchange.problem(status.error());
    exchange.empty(session_cookie(exchange.request(), "", 0));
  });
}

void list_sessions(Api& api, const Call& call) {
  api.slow(call.exchange, [&api, me = call.me](Exchange& exchange) {
    auto sessions = api.accounts().sessions(me.user_id);
    if (!sessions) return exchange.problem(sessions.error());
    exchange.json(200, sessions_json(*sessions, me.session_id));
  });
}

void end_session(Api& api, const Call& call) {
  auto session_id = call.exchange->id<SessionId>("id");
  if (!session_id) return call.exchange->problem(session_id.error());
  api.slow(call.exchange, [&api, me = call.me, id = *session_id](Exchange& exchange) {
    if (auto status = api.accounts().end_session(me.user_id, id); !status)
      return exchange.problem(status.error());
    exchange.empty(id == me.session_id ? session_cookie(exchange.request(), "", 0) : std::string());
  });
}

void change_password(Api& api, const Call& call) {
  auto body = Body::parse(call.exchange->request().body);
  if (!body) return call.exchange->problem(body.error());
  json::Fields fields(body->value(), "password");
  std::string old_password = fields.string("oldPassword", kPasswordFieldBytesMax);
  std::string new_password = fields.string("newPassword", kPasswordFieldBytesMax);
  if (!fields.is_ok()) return call.exchange->problem(fields.status().error());
  api.slow(call.exchange, [&api, me = call.me, old_password, new_password](Exchange& exchange) {
    std::int64_t retry_after_ms = 0;
    auto status = api.accounts().change_password(me, old_password, new_password, &retry_after_ms);
    if (!status) return exchange.problem(status.error(), retry_after_ms);
    exchange.empty();
  });
}

}  // namespace

void add_auth_routes(Api& api) {
  api.open_route(HttpMethod::kPost, "/auth/register",
                 [&api](ExchangePtr exchange) { register_person(api, std::move(exchange)); });
  api.open_route(HttpMethod::kPost, "/auth/login",
                 [&api](ExchangePtr exchange) { login(api, std::move(exchange)); });
  api.route(HttpMethod::kPost, "/auth/logout", [&api](const Call& call) { logout(api, call); });
  api.route(HttpMethod::kGet, "/auth/sessions",
            [&api](const Call& call) { list_sessions(api, call); });
  api.route(HttpMethod::kDelete, "/auth/sessions/:id",
            [&api](const Call& call) { end_session(api, call); });
  api.route(HttpMethod::kPost, "/auth/password",
            [&api](const Call& call) { change_password(api, call); });
}

}  // namespace godwit::server
