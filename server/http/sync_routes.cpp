// POST /sync: a sync_request, answered whole, for a client that gets no WebSocket through.
#include <utility>

#include "server/http/api.h"
#include "shared/protocol/codec.h"

namespace godwit::server {
namespace {

void sync(Api& api, const Call& call) {
  if (!api.take_sync(call)) return;
  auto request = decode_sync_body(call.exchange->request().body);
  if (!request) return call.exchange->problem(request.error());
  const std::string epoch = api.service().epoch();
  const bool epoch_is_ours = request->epoch.empty() || request->epoch == epoch;
  api.read<std::vector<SyncResponse>>(
      call.exchange,
      [me = call.me.user_id, request = std::move(request).value(),
       epoch_is_ours](Queries& queries) { return queries.sync(me, request, epoch_is_ours); },
      [epoch, now = api.now()](Exchange& out, const std::vector<SyncResponse>& responses) {
        out.json(200, encode_sync_answer(SyncAnswer{epoch, now, responses}));
      });
}

}  // namespace

void add_sync_routes(Api& api) {
  api.route(HttpMethod::kPost, "/sync", [&api](const Call& call) { sync(api, call); });
}

}  // namespace godwit::server
