// /users: people, contacts, blocks.
#include <algorithm>
#include <optional>
#include <utility>

#include "server/http/api.h"
#include "server/http/rest_json.h"

namespace godwit::server {
namespace {

constexpr std::uint64_t kPeopleMax = 50;
constexpr std::uint64_t kPeopleDefault = 20;

void answer_profile(Api& api, const Call& call, UserId user_id) {
  api.read<Profile>(
      call.exchange,
      [me = call.me.user_id, user_id](Queries& queries) { return queries.profile(me, user_id); },
      [](Exchange& out, const Profile& profile) { out.json(200, profile_json(profile)); });
}

void show_person(Api& api, const Call& call) {
  auto user_id = call.exchange->id<UserId>("userId");
  if (!user_id) return call.exchange->problem(user_id.error());
  answer_profile(api, call, *user_id);
}

void change_me(Api& api, const Call& call) {
  auto body = Body::parse(call.exchange->request().body);
  if (!body) return call.exchange->problem(body.error());
  json::Fields fields(body->value(), "profile");
  std::string name = fields.string("displayName", limits::kNameBytesMax);
  if (!fields.is_ok()) return call.exchange->problem(fields.status().error());
  api.slow(call.exchange, [&api, me = call.me.user_id, name](Exchange& exchange) {
    auto profile = api.service().rename_person(me, name);
    if (!profile) return exchange.problem(profile.error());
    exchange.json(200, profile_json(*profile));
  });
}

void delete_me(Api& api, const Call& call) {
  auto body = Body::parse(call.exchange->request().body, true);
  if (!body) return call.exchange->problem(body.error());
  json::Fields fields(body->value(), "account");
  std::optional<std::string> password;
  if (fields.has("password")) password = fields.string("password", 4 * 1024);
  if (!fields.is_ok()) return call.exchange->problem(fields.status().error());
  api.slow(call.exchange, [&api, me = call.me, password](Exchange& exchange) {
    std::int64_t retry_after_ms = 0;
    auto status = api.accounts().delete_account(me, password, &retry_after_ms);
    if (!status) return exchange.problem(status.error(), retry_after_ms);
    exchange.empty();
  });
}

void search_people(Api& api, const Call& call) {
  auto query = Query::parse(call.exchange->request().query);
  if (!query) return call.exchange->problem(query.error());
  auto limit = query->number("limit", 1'000'000);
  if (!limit) return call.exchange->problem(limit.error());
  const auto count =
      static_cast<std::size_t>(std::min(limit->value_or(kPeopleDefault), kPeopleMax));
  api.read<std::vector<Profile>>(
      call.exchange,
      [me = call.me.user_id, text = query->text("q"), count](Queries& queries) {
        return queries.search_people(me, text, count);
      },
      [](Exchange& out, const std::vector<Profile>& people) {
        out.json(200, profiles_json(people));
      });
}

void list_contacts(Api& api, const Call& call) {
  api.read<std::vector<Profile>>(
      call.exchange, [me = call.me.user_id](Queries& queries) { return queries.contacts(me); },
      [](Exchange& out, const std::vector<Profile>& people) {
        out.json(200, profiles_json(people));
      });
}

void set_blocked(Api& api, const Call& call, bool blocked) {
  auto user_id = call.exchange->id<UserId>("userId");
  if (!user_id) return call.exchange->problem(user_id.error());
  api.slow(call.exchange,
           [&api, me = call.me.user_id, other = *user_id, blocked](Exchange& exchange) {
             auto status = api.service().set_blocked(me, other, blocked);
             if (!status) return exchange.problem(status.error());
             api.people_changed(me);
             api.people_changed(other);
             exchange.empty();
           });
}

}  // namespace

void add_people_routes(Api& api) {
  api.route(HttpMethod::kGet, "/users/me",
            [&api](const Call& call) { answer_profile(api, call, call.me.user_id); });
  api.route(HttpMethod::kPut, "/users/me", [&api](const Call& call) { change_me(api, call); });
  api.route(HttpMethod::kDelete, "/users/me", [&api](const Call& call) { delete_me(api, call); });
  api.route(HttpMethod::kGet, "/users", [&api](const Call& call) { search_people(api, call); });
  api.route(HttpMethod::kGet, "/users/:userId",
            [&api](const Call& call) { show_person(api, call); });
  api.route(HttpMethod::kGet, "/users/me/contacts",
            [&api](const Call& call) { list_contacts(api, call); });
  api.route(HttpMethod::kPut, "/users/me/blocks/:userId",
            [&api](const Call& call) { set_blocked(api, call, true); });
  api.route(HttpMethod::kDelete, "/users/me/blocks/:userId",
            [&api](const Call& call) { set_blocked(api, call, false); });
}

}  // namespace godwit::server
