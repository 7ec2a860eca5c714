#include "tests/simulation/server/store/server_process.h"

#include <utility>

#include "server/app/writer.h"

namespace godwit::sim {
namespace {

constexpr std::uint16_t kVanishedCode = 1006;

Result<server::Identity> identity_of(std::string_view token) {
  auto user_id = parse_id<UserId>(token);
  if (!user_id) return Error{Code::kUnauthenticated, "no such session"};
  return server::Identity{*user_id, SessionId{user_id->value}, server::SessionKind::kApi};
}

}  // namespace

Result<std::unique_ptr<ServerProcess>> ServerProcess::start(Parts parts, Moment now) {
  std::unique_ptr<ServerProcess> process(new ServerProcess(*parts.store, *parts.outbox));
  ServerProcess& self = *process;
  self.set_now(now);
  auto service = server::Service::open_stepped(std::move(parts.store), parts.config, self.clock_);
  if (!service) return service.error();
  self.service_ = std::move(*service);
  self.bus_ = std::make_unique<server::LocalBus>(self.medium_, self.executor_);
  self.gateway_ = std::make_unique<server::Gateway>(
      server::GatewayParts{self.executor_, self.clock_, *self.service_, *self.bus_, self.counters_},
      server::GatewayAuth{identity_of, [](SessionId) { return true; }},
      server::GatewayOptions{parts.config.gateway, "simulated"});
  self.tap_ = std::make_unique<CommitTap>(self.gateway_->sink(), std::move(parts.hears));
  self.service_->set_sink(self.tap_.get());
  self.gateway_->start();
  return process;
}

ServerProcess::~ServerProcess() {
  sockets_.clear();  // their handlers borrow from the gateway
  service_->set_sink(nullptr);
}

void ServerProcess::set_now(Moment now) {
  clock_.moment = now;
  executor_.set_now(now.steady);
}

void ServerProcess::connect(ConnId conn, UserId user_id) {
  gateway_->upgrade(
      {user_id.str(), false, "127.0.0.1", "simulated"},
      [this, conn](server::UpgradeAnswer answer) { answer_upgrade(conn, std::move(answer)); });
}

void ServerProcess::answer_upgrade(ConnId conn, server::UpgradeAnswer answer) {
  if (auto* accepted = std::get_if<server::AcceptSocket>(&answer)) {
    auto socket = std::make_shared<SimSocket>(conn, executor_, outbox_,
                                              [this, conn] { sockets_.erase(conn); });
    sockets_[conn] = socket;
    socket->attach(std::move(accepted->handler));
  } else if (auto* closed = std::get_if<server::CloseAfterUpgrade>(&answer)) {
    outbox_.push_back(Outgoing{conn, closed->reason, static_cast<std::uint16_t>(closed->code)});
  } else {
    outbox_.push_back(Outgoing{conn, {}, kVanishedCode});
  }
}

void ServerProcess::disconnect(ConnId conn) {
  auto found = sockets_.find(conn);
  if (found == sockets_.end()) return;
  const std::shared_ptr<SimSocket> socket = found->second;
  sockets_.erase(found);
  socket->vanish();
}

void ServerProcess::receive(ConnId conn, const std::string& text) {
  auto found = sockets_.find(conn);
  if (found == sockets_.end()) return;
  const std::shared_ptr<SimSocket> socket = found->second;
  socket->receive(text);
}

}  // namespace godwit::sim
