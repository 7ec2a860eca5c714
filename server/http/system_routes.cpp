// Health and figures, for whoever runs the server; and the web app's files, whose bytes the edge
// sends once it is decided here which file a path means.
#include <utility>

#include "server/http/api.h"

namespace godwit::server {

void add_system_routes(Api& api, std::function<bool()> is_ready,
                       std::function<std::string()> metrics_text) {
  RestServer& server = api.server();
  server.route(HttpMethod::kGet, "/healthz",
               [](ExchangePtr exchange) { exchange->json(200, R"({"status":"ok"})"); });
  server.route(HttpMethod::kGet, "/readyz",
               [&api, is_ready = std::move(is_ready)](ExchangePtr exchange) {
                 if (!is_ready()) return exchange->problem(Code::kUnavailable, "not ready", 1'000);
                 // Ready means that the database answers: a read is asked to prove it.
                 api.read<bool>(
                     exchange,
                     [](Queries& queries) -> Result<bool> {
                       auto heads = queries.heads(UserId{1});
                       if (!heads) return heads.error();
                       return true;
                     },
                     [](Exchange& out, const bool&) { out.json(200, R"({"status":"ready"})"); });
               });
  server.route(HttpMethod::kGet, "/metrics",
               [metrics_text = std::move(metrics_text)](ExchangePtr exchange) {
                 exchange->text(metrics_text(), "text/plain; version=0.0.4; charset=utf-8");
               });
}

void add_web_routes(Api& api) {
  api.server().otherwise([&api](ExchangePtr exchange) {
    const RestRequest& request = exchange->request();
    const bool of_api = request.path.rfind("/api/", 0) == 0;
    if (of_api || !request.is_get) return exchange->problem(Code::kNotFound, "no such path");
    auto path = api.files().resolve(request.path, request.accepts_html);
    if (!path) return exchange->problem(Code::kNotFound, "no such path");
    exchange->file(std::move(*path));
  });
}

}  // namespace godwit::server
