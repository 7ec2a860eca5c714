#include "server/http/rest_server.h"

#include <netinet/in.h>
#include <pistache/endpoint.h>
#include <pistache/peer.h>
#include <pistache/reactor.h>
#include <pistache/router.h>
#include <pistache/transport.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

namespace godwit::server {
namespace {

namespace pistache = Pistache;
using pistache::Http::ResponseWriter;

// Room for the request line and the internal headers beside the body.
constexpr std::size_t kHeadBytesMax = 32 * 1024;

// An answer's header as a plain string: Pistache never sends what addRaw() was given.
template <typename Self>
class TextHeader : public pistache::Http::Header::Header {
 public:
  explicit TextHeader(std::string value) : value_(std::move(value)) {}
  void write(std::ostream& out) const override { out << value_; }

 private:
  std::string value_;
};

#define GODWIT_TEXT_HEADER(type, header_name)  \
  class type final : public TextHeader<type> { \
   public:                                     \
    NAME(header_name)                          \
    using TextHeader<type>::TextHeader;        \
  }
GODWIT_TEXT_HEADER(ContentTypeHeader, "Content-Type");
GODWIT_TEXT_HEADER(SetCookieHeader, "Set-Cookie");
GODWIT_TEXT_HEADER(RetryAfterHeader, "Retry-After");
GODWIT_TEXT_HEADER(RouteHeader, "X-Godwit-Route");
GODWIT_TEXT_HEADER(FileHeader, "X-Godwit-File");
#undef GODWIT_TEXT_HEADER

std::string header_of(const pistache::Http::Request& request, const char* name) {
  auto raw = request.headers().tryGetRaw(name);
  return raw ? raw->value() : std::string();
}

std::vector<std::string> names_in(const std::string& pattern) {
  std::vector<std::string> names;
  for (auto at = pattern.find(':'); at != std::string::npos; at = pattern.find(':', at + 1)) {
    const auto end = pattern.find('/', at);
    names.push_back(pattern.substr(at + 1, end == std::string::npos ? end : end - at - 1));
  }
  return names;
}

RestRequest to_request(const pistache::Rest::Request& from, const std::string& pattern,
                       const std::vector<std::string>& names) {
  RestRequest request;
  request.route = pattern;
  request.path = from.resource();
  for (const auto& name : names)
    if (from.hasParam(":" + name))
      request.params.emplace(name, from.param(":" + name).as<std::string>());
  request.body = from.body();
  request.query = header_of(from, internal_header::kQuery);
  request.token = header_of(from, internal_header::kToken);
  request.address = header_of(from, internal_header::kAddress);
  request.client = header_of(from, internal_header::kClient);
  const std::string flags = header_of(from, internal_header::kFlags);
  const auto has = [&](char flag) { return flags.find(flag) != std::string::npos; };
  request.by_cookie = has('c');
  request.own_origin = has('o');
  request.foreign_origin = has('x');
  request.json = has('j');
  request.accepts_html = has('h');
  request.secure = has('s');
  request.is_get = from.method() == pistache::Http::Method::Get;
  return request;
}

void write_reply(ResponseWriter& writer, const RestRequest& request, const RestReply& reply) {
  auto& headers = writer.headers();
  headers.add<RouteHeader>(request.route);
  if (!reply.content_type.empty()) headers.add<ContentTypeHeader>(reply.content_type);
  if (!reply.set_cookie.empty()) headers.add<SetCookieHeader>(reply.set_cookie);
  if (!reply.file.empty()) headers.add<FileHeader>(reply.file);
  if (reply.retry_after_ms > 0)
    headers.add<RetryAfterHeader>(std::to_string((reply.retry_after_ms + 999) / 1'000));
  try {
    writer.send(static_cast<pistache::Http::Code>(reply.status), reply.body);
  } catch (const std::exception&) {
    // The link is gone: the server is stopping, and nobody waits for this answer.
  }
}

pistache::Rest::Route::Handler adapt(std::string pattern, RestServer::Handler handler) {
  auto names = names_in(pattern);
  return [pattern = std::move(pattern), names = std::move(names), handler = std::move(handler)](
             const pistache::Rest::Request& from, ResponseWriter writer) {
    auto shared = std::make_shared<ResponseWriter>(std::move(writer));
    auto exchange =
        std::make_shared<Exchange>(to_request(from, pattern, names),
                                   [shared](const RestRequest& request, const RestReply& reply) {
                                     write_reply(*shared, request, reply);
                                   });
    try {
      handler(exchange);
    } catch (const std::exception&) {
      exchange->problem(Code::kUnavailable, "internal error", 1'000);
    }
    return pistache::Rest::Route::Result::Ok;
  };
}

pistache::Http::Method to_method(HttpMethod method) {
  switch (method) {
    case HttpMethod::kGet:
      return pistache::Http::Method::Get;
    case HttpMethod::kPost:
      return pistache::Http::Method::Post;
    case HttpMethod::kPut:
      return pistache::Http::Method::Put;
    case HttpMethod::kPatch:
      return pistache::Http::Method::Patch;
    case HttpMethod::kDelete:
      return pistache::Http::Method::Delete;
  }
  return pistache::Http::Method::Get;
}

// The peer that Pistache is told: always the edge. The client's address is in a header.
pistache::Address edge_address() {
  sockaddr_in loopback{};
  loopback.sin_family = AF_INET;
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return pistache::Address::fromUnix(reinterpret_cast<sockaddr*>(&loopback));
}

}  // namespace

struct RestServer::Parts {
  std::size_t threads;
  std::size_t body_bytes_max;
  pistache::Rest::Router router;
  std::shared_ptr<pistache::Aio::Reactor> reactor = pistache::Aio::Reactor::create();
  pistache::Aio::Reactor::Key key;
  std::vector<std::shared_ptr<pistache::Tcp::Transport>> transports;
  std::size_t next = 0;
  bool running = false;
  pistache::Address address = edge_address();
  std::vector<std::weak_ptr<pistache::Tcp::Peer>> peers;  // those gone are dropped now and then
  std::size_t peers_kept = 64;

  void remember(const std::shared_ptr<pistache::Tcp::Peer>& peer) {
    if (peers.size() >= 2 * peers_kept) {
      peers.erase(std::remove_if(peers.begin(), peers.end(),
                                 [](const auto& weak) { return weak.expired(); }),
                  peers.end());
      peers_kept = std::max<std::size_t>(64, peers.size());
    }
    peers.push_back(peer);
  }
};

RestServer::RestServer(std::size_t threads, std::size_t body_bytes_max)
    : parts_(std::make_unique<Parts>()) {
  parts_->threads = threads;
  parts_->body_bytes_max = body_bytes_max;
}

RestServer::~RestServer() { stop(); }

void RestServer::route(HttpMethod method, const std::string& pattern, Handler handler) {
  parts_->router.addRoute(to_method(method), pattern, adapt(pattern, std::move(handler)));
}

void RestServer::otherwise(Handler handler) {
  parts_->router.addNotFoundHandler(adapt("other", std::move(handler)));
}

void RestServer::start() {
  parts_->reactor->init(pistache::Aio::AsyncContext(parts_->threads, "godwit-rest"));
  auto handler = std::static_pointer_cast<pistache::Http::Handler>(parts_->router.handler());
  handler->setMaxRequestSize(parts_->body_bytes_max + kHeadBytesMax);
  handler->setMaxResponseSize(kAnswerBytesMax);
  parts_->key =
      parts_->reactor->addHandler(std::make_shared<pistache::Tcp::Transport>(std::move(handler)));
  parts_->reactor->run();
  for (const auto& transport : parts_->reactor->handlers(parts_->key))
    parts_->transports.push_back(std::static_pointer_cast<pistache::Tcp::Transport>(transport));
  parts_->running = true;
}

void RestServer::stop() {
  if (!std::exchange(parts_->running, false)) return;
  // A worker that writes an answer nobody reads any more tries again for ever: end its socket.
  for (const auto& weak : parts_->peers)
    if (auto peer = weak.lock()) ::shutdown(peer->fd(), SHUT_RDWR);
  parts_->reactor->shutdown();
}

int RestServer::connect() {
  if (!parts_->running) return -1;
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) return -1;
  try {
    auto& transport = parts_->transports[parts_->next++ % parts_->transports.size()];
    auto peer = pistache::Tcp::Peer::Create(ends[1], parts_->address);
    parts_->remember(peer);
    transport->handleNewPeer(peer);
  } catch (const std::exception&) {
    ::close(ends[0]);
    return -1;
  }
  return ends[0];
}

}  // namespace godwit::server
