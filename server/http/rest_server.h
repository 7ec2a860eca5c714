// Pistache behind the edge: its router on a reactor with worker threads, reached only through the
// socketpairs that connect() makes. Pistache 0.0.5 must not face a network (slow readers hang it, a
// body too large is parsed on as requests, and more: docs/adr/0005); the edge is what does.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "server/edge/rest_link.h"
#include "server/http/exchange.h"

namespace godwit::server {

enum class HttpMethod : unsigned char { kGet, kPost, kPut, kPatch, kDelete };

class RestServer final : public RestBackend {
 public:
  // A handler runs on a worker and must not wait for anything slow; what is slow goes elsewhere and
  // answers the exchange from there.
  using Handler = std::function<void(ExchangePtr)>;

  RestServer(std::size_t threads, std::size_t body_bytes_max);
  ~RestServer();  // stops
  RestServer(const RestServer&) = delete;
  RestServer& operator=(const RestServer&) = delete;

  // Routes are added before start(). `pattern` as in "/api/v1/chats/:chatId".
  void route(HttpMethod method, const std::string& pattern, Handler handler);
  // Everything that no route takes.
  void otherwise(Handler handler);

  void start();
  // Ends the workers. Exchanges not answered yet are answered into nothing.
  void stop();

  int connect() override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace godwit::server
