#include "server/edge/edge.h"

#include <sys/random.h>
#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <utility>

#include "server/edge/http_connection.h"
#include "shared/base/prng.h"

namespace godwit::server {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr std::int64_t kTickMs = 250;
constexpr std::int64_t kAcceptRetryMs = 100;
constexpr int kBacklog = 4'096;

// Spreads the return of clients; nothing secret hangs on it.
std::uint64_t seed() {
  std::uint64_t value = 0;
  if (::getrandom(&value, sizeof value, 0) != sizeof value) value = 1;
  return value;
}

std::string port_name(const EdgeConfig& config) {
  return config.listen_host + ":" + std::to_string(config.listen_port);
}

}  // namespace

Place& Place::operator=(Place&& other) noexcept {
  if (this == &other) return *this;
  if (give_back_) give_back_();
  give_back_ = std::exchange(other.give_back_, nullptr);
  return *this;
}

Place::~Place() {
  if (give_back_) give_back_();
}

Result<tcp::acceptor> open_listener(EventLoop& loop, const EdgeConfig& config) {
  boost::system::error_code error;
  const std::string host = config.listen_host == "localhost" ? "127.0.0.1" : config.listen_host;
  const auto address = asio::ip::make_address(host, error);
  if (error) return Error{Code::kInvalidContent, port_name(config) + ": not an IP address"};
  const tcp::endpoint endpoint(address, config.listen_port);
  tcp::acceptor acceptor(loop.io());
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kBacklog, error);
  if (error)
    return Error{Code::kUnavailable,
                 "cannot listen on " + port_name(config) + ": " + error.message()};
  return acceptor;
}

Edge::Edge(EdgeContext& context, tcp::acceptor listener)
    : context_(context), acceptor_(std::move(listener)), busy_(busy_bytes(context.site)) {}

Edge::~Edge() {
  auto connections = std::move(context_.connections);
  context_.connections.clear();
  for (const auto& connection : connections) connection->abort();
}

void Edge::start() {
  accept();
  tick();
}

void Edge::accept() {
  acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
    if (!acceptor_.is_open() || error == asio::error::operation_aborted) return;
    if (error) {
      // Mostly out of descriptors: a moment later some connection has ended.
      context_.metrics.refused(RefusedBy::kConnections);
      context_.loop.run_after(kAcceptRetryMs, [this] { accept(); });
      return;
    }
    admit(std::move(socket));
    accept();
  });
}

void Edge::admit(tcp::socket socket) {
  boost::system::error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return;  // gone already
  auto ip = remote.address();
  if (ip.is_v6() && ip.to_v6().is_v4_mapped())
    ip = asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6());
  std::string address = ip.to_string();
  if (places_taken_ >= context_.config.connections_max)
    return turn_away(socket, RefusedBy::kConnections);
  auto& count = per_address_[address];
  if (count >= context_.config.connections_per_address_max)
    return turn_away(socket, RefusedBy::kConnectionsAddress);
  ++count;
  ++places_taken_;
  context_.metrics.connection_opened();
  Place place([this, address] {
    --places_taken_;
    context_.metrics.connection_closed();
    auto found = per_address_.find(address);
    if (--found->second == 0) per_address_.erase(found);
  });
  socket.set_option(tcp::no_delay(true), error);
  auto connection = std::make_shared<HttpConnection>(context_, std::move(socket), std::move(place),
                                                     std::move(address));
  context_.connections.insert(connection);
  connection->start();
}

// Tells why, as far as the socket's buffer takes it at once, and closes.
void Edge::turn_away(tcp::socket& socket, RefusedBy reason) {
  context_.metrics.refused(reason);
  (void)::send(socket.native_handle(), busy_.data(), busy_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  boost::system::error_code ignored;
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void Edge::tick() {
  const Instant now = context_.loop.now();
  // A copy, because a connection that ends leaves the set.
  const std::vector<std::shared_ptr<Connection>> all(context_.connections.begin(),
                                                     context_.connections.end());
  for (const auto& connection : all) connection->check_time(now);
  if (context_.draining && (context_.connections.empty() || now > drain_until_))
    return finish_drain();
  context_.loop.run_after(context_.draining ? 20 : kTickMs, [this] { tick(); });
}

void Edge::drain(std::function<void()> done) {
  if (context_.draining) return;
  context_.draining = true;
  drained_ = std::move(done);
  drain_until_ = context_.loop.now().plus_ms(context_.config.drain_ms_max);
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  Prng prng(seed());
  const auto spread = static_cast<std::uint64_t>(
      std::max<std::int64_t>(context_.gateway_config.restart_spread_ms, 1));
  const std::vector<std::shared_ptr<Connection>> all(context_.connections.begin(),
                                                     context_.connections.end());
  for (const auto& connection : all)
    connection->drain(static_cast<std::int64_t>(500 + prng.below(spread)));
  context_.loop.run_after(20, [this] {
    if (context_.draining && drained_ && context_.connections.empty()) finish_drain();
  });
}

void Edge::finish_drain() {
  const auto left = std::vector<std::shared_ptr<Connection>>(context_.connections.begin(),
                                                             context_.connections.end());
  for (const auto& connection : left) connection->abort();
  if (auto done = std::exchange(drained_, nullptr)) done();
}

}  // namespace godwit::server
