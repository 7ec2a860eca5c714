// The edge: the one place where the network reaches Godwit. Owns the listening port, every client
// connection, HTTP, the static files and the WebSocket transport; hands well-formed requests to the
// REST side and frames to the gateway. Everything runs on the thread that calls EventLoop::run().
#pragma once

#include <spdlog/logger.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "server/app/config.h"
#include "server/edge/answer.h"
#include "server/edge/event_loop.h"
#include "server/edge/metrics.h"
#include "server/edge/rest_link.h"
#include "server/edge/static_files.h"

namespace godwit::server {

// A client connection as the edge's bookkeeping sees it: HTTP first, perhaps a WebSocket later.
class Connection {
 public:
  virtual ~Connection() = default;
  // Called about four times a second: time-outs are judged here, so that no connection needs a
  // timer of its own.
  virtual void check_time(Instant now) = 0;
  // The server is going down: finish what is under way, take nothing new. `retry_after_ms` is what
  // a WebSocket is told.
  virtual void drain(std::int64_t retry_after_ms) = 0;
  // Closes at once.
  virtual void abort() = 0;
};

// One client's place among the connections; gives it back when destroyed.
class Place {
 public:
  Place() = default;
  explicit Place(std::function<void()> give_back) : give_back_(std::move(give_back)) {}
  Place(Place&& other) noexcept : give_back_(std::exchange(other.give_back_, nullptr)) {}
  Place& operator=(Place&& other) noexcept;
  ~Place();

 private:
  std::function<void()> give_back_;
};

// What every connection borrows. Outlives them all.
struct EdgeContext {
  EventLoop& loop;
  const EdgeConfig& config;
  const GatewayConfig& gateway_config;
  Metrics& metrics;
  RestBackend& backend;
  SocketAcceptor& gateway;
  const StaticFiles& files;
  spdlog::logger& log;
  Site site;
  std::unordered_set<std::shared_ptr<Connection>> connections = {};
  std::size_t requests_under_way = 0;   // sent to the REST side and not answered
  std::uint64_t answer_bytes_held = 0;  // of answers that clients have not taken yet
  bool draining = false;
  // Shared by all sockets of the thread, each for the length of one call.
  std::vector<char> read_buffer = std::vector<char>(64 * 1024);
  std::vector<char> write_buffer = std::vector<char>(64 * 1024);
};

// Memory for answers that clients are slow to take, all together; beyond it requests get 503.
inline constexpr std::uint64_t kAnswerBytesHeldMax = 256ull << 20;

// Binds and listens; nobody is accepted before Edge::start(). An error is one line for a person
// ("cannot listen on 127.0.0.1:8080: Address already in use").
Result<boost::asio::ip::tcp::acceptor> open_listener(EventLoop& loop, const EdgeConfig& config);

class Edge {
 public:
  // `listener` is of open_listener().
  Edge(EdgeContext& context, boost::asio::ip::tcp::acceptor listener);
  ~Edge();
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  // The address listened on, with the real port.
  boost::asio::ip::tcp::endpoint local_endpoint() const { return acceptor_.local_endpoint(); }

  // Begins to accept. I/O thread, or before the loop runs.
  void start();

  // Stops accepting, tells every WebSocket 1012 with a retryAfterMs spread over
  // restart_spread_ms, lets answers under way finish; calls `done` once, when no connection is left
  // or drain_ms_max has passed. I/O thread.
  void drain(std::function<void()> done);

 private:
  void accept();
  void admit(boost::asio::ip::tcp::socket socket);
  void turn_away(boost::asio::ip::tcp::socket& socket, RefusedBy reason);
  void tick();
  void finish_drain();

  EdgeContext& context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::map<std::string, std::size_t> per_address_;
  std::size_t places_taken_ = 0;
  std::string busy_;
  Instant drain_until_{};
  std::function<void()> drained_;
};

}  // namespace godwit::server
