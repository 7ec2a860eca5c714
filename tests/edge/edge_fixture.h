// A whole edge on a free port of loopback, its loop in a thread, with a REST side that has a few
// routes made to misbehave, and a gateway that echoes.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "server/app/config.h"
#include "server/edge/edge.h"
#include "server/http/rest_server.h"

namespace godwit::server::test {

// Answers an upgrade by the token: "good" is let in, "none" or empty closed with 4001, "refused"
// 503. A connection echoes; the text "flood" is answered with more than a queue holds, "bye"
// closes.
class EchoGateway final : public SocketAcceptor {
 public:
  void upgrade(UpgradeRequest request, std::function<void(UpgradeAnswer)> answer) override;
  std::vector<CloseCode> closes() const;

  std::atomic<int> opened{0};
  std::atomic<int> closed{0};
  std::string last_address;

 private:
  friend class EchoHandler;
  mutable std::mutex mutex_;
  std::vector<CloseCode> closes_;
};

struct EdgeOptions {
  EdgeConfig edge;
  GatewayConfig gateway;
};

// Small sizes, and time-outs that only a hang reaches: a thread of a loaded machine may stand still
// for seconds between two of its own steps. A test of a time-out shortens that one.
EdgeOptions patient_options();

class EdgeFixture {
 public:
  explicit EdgeFixture(EdgeOptions options = patient_options());
  ~EdgeFixture();

  std::uint16_t port() const { return port_; }
  const std::filesystem::path& web() const { return web_; }
  EchoGateway& gateway() { return gateway_; }
  // The value of a counter in /metrics, or -1. `name` with its labels, as in the text.
  double metric(const std::string& name) const;
  // Runs on the loop's thread and waits for it.
  void on_loop(const std::function<void()>& work);
  // Starts draining; returns when it is done.
  void drain();

 private:
  void add_routes();

  EdgeOptions options_;
  std::filesystem::path web_;
  EventLoop loop_;
  Metrics metrics_;
  EchoGateway gateway_;
  std::unique_ptr<StaticFiles> files_;
  RestServer rest_;
  std::shared_ptr<spdlog::logger> log_;
  std::unique_ptr<EdgeContext> context_;
  std::unique_ptr<Edge> edge_;
  std::uint16_t port_ = 0;
  std::mutex held_mutex_;
  std::vector<ExchangePtr> held_;  // of /hold, never answered while the fixture lives
  std::thread thread_;
};

// A file below the fixture's web folder.
void write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace godwit::server::test
