// The only wiring: makes every part, hands each what it borrows, runs, and ends them in order.
#include <sys/resource.h>

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "server/admin/demo.h"
#include "server/app/service.h"
#include "server/auth/accounts.h"
#include "server/bus/local_bus.h"
#include "server/edge/edge.h"
#include "server/gateway/gateway.h"
#include "server/http/api.h"
#include "server/log.h"
#include "server/options.h"
#include "shared/trace/inspect.h"
#include "shared/trace/replay.h"

namespace godwit::server {
namespace {

int fail(const std::string& why) {
  std::cerr << "godwit: " << why << "\n";
  return 1;
}

// A connection is a descriptor, and one that speaks HTTP has two more to the REST side.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

// Everything that runs while the server serves. Members are destroyed in the reverse order: what
// borrows comes after what it borrows from.
class Server {
 public:
  static Result<std::unique_ptr<Server>> open(const Command& command);
  int run();

 private:
  explicit Server(const Command& command)
      : command_(command), log_(make_logger(command.config.log)) {}

  Status open_storage();
  Status seed();
  void wire(boost::asio::ip::tcp::acceptor listener);
  void add_routes();
  void add_service_metrics();
  void add_queue_metrics();
  void add_auth_metrics();
  void add_gateway_metrics();
  void announce();
  void stop(int signal);

  const Command command_;
  const Config& config_ = command_.config;
  std::shared_ptr<spdlog::logger> log_;
  Clock clock_;
  Metrics metrics_;
  EventLoop loop_;
  LocalMedium medium_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<LocalBus> bus_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<StaticFiles> files_;
  std::unique_ptr<WorkPool> pool_;
  std::unique_ptr<RestServer> rest_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<EdgeContext> context_;
  std::unique_ptr<Edge> edge_;
  boost::asio::signal_set signals_{loop_.io(), SIGTERM, SIGINT};
  std::string url_;
};

// The port first: when it is taken, nothing on disk has been touched.
Result<std::unique_ptr<Server>> Server::open(const Command& command) {
  std::unique_ptr<Server> server(new Server(command));
  auto listener = open_listener(server->loop_, server->config_.edge);
  if (!listener) return listener.error();
  if (auto status = server->open_storage(); !status) return status.error();
  if (auto status = server->seed(); !status) return status.error();
  server->wire(std::move(listener).value());
  return server;
}

Status Server::open_storage() {
  auto service = Service::open(config_, clock_);
  if (!service) return service.error();
  service_ = std::move(service).value();
  auto accounts = Accounts::open(config_.auth, *service_, clock_);
  if (!accounts) return accounts.error();
  accounts_ = std::move(accounts).value();
  return Status::ok();
}

Status Server::seed() {
  if (!command_.demo) return Status::ok();
  auto people = seed_demo(*service_, *accounts_);
  if (!people) return people.error();
  if (!people->empty()) std::cout << "The demo's people sign in as\n";
  for (const DemoPerson& person : *people)
    std::cout << "  " << person.username << " / " << person.password << "  (" << person.display_name
              << ")\n";
  return Status::ok();
}

void Server::wire(boost::asio::ip::tcp::acceptor listener) {
  bus_ = std::make_unique<LocalBus>(medium_, loop_);
  gateway_ = std::make_unique<Gateway>(
      GatewayParts{loop_, clock_, *service_, *bus_, metrics_},
      GatewayAuth{[this](std::string_view token) { return accounts_->verify(token); },
                  [this](SessionId id) { return accounts_->is_live(id); }},
      GatewayOptions{config_.gateway, kVersion});
  service_->set_sink(&gateway_->sink());
  accounts_->on_session_ended(
      [this](SessionId session, UserId user) { gateway_->session_ended(session, user); });
  files_ = std::make_unique<StaticFiles>(config_.edge.web_dir);
  pool_ = std::make_unique<WorkPool>(config_.edge.rest_threads, config_.edge.rest_in_flight_max);
  rest_ = std::make_unique<RestServer>(config_.edge.rest_threads, config_.edge.body_bytes_max);
  add_routes();
  context_ = std::make_unique<EdgeContext>(EdgeContext{loop_, config_.edge, config_.gateway,
                                                       metrics_, *rest_, *gateway_, *files_, *log_,
                                                       Site{service_->epoch()}});
  edge_ = std::make_unique<Edge>(*context_, std::move(listener));
  add_service_metrics();
  add_queue_metrics();
  add_auth_metrics();
  add_gateway_metrics();
}

void Server::add_routes() {
  api_ = std::make_unique<Api>(*rest_,
                               ApiParts{*service_, *accounts_, clock_, *files_, config_, *pool_,
                                        [this](UserId user) { gateway_->people_changed(user); }});
  add_system_routes(
      *api_, [this] { return service_->is_ready(); }, [this] { return metrics_.text(); });
  add_auth_routes(*api_);
  add_people_routes(*api_);
  add_chat_routes(*api_);
  add_message_routes(*api_);
  add_sync_routes(*api_);
  add_web_routes(*api_);
}

void Server::add_service_metrics() {
  const auto of_service = [this](const char* name, const char* help,
                                 std::uint64_t ServiceStats::*value) {
    metrics_.add_counter(name, help,
                         [this, value] { return static_cast<double>(service_->stats().*value); });
  };
  of_service("godwit_operations_stored_total", "Accepted and committed",
             &ServiceStats::operations_stored);
  of_service("godwit_operations_duplicate_total", "Stored before under the same tempId",
             &ServiceStats::operations_duplicate);
  of_service("godwit_operations_unchanged_total", "Changed nothing",
             &ServiceStats::operations_unchanged);
  of_service("godwit_operations_refused_total", "Refused for good",
             &ServiceStats::operations_refused);
  of_service("godwit_operations_unavailable_total", "Refused for now",
             &ServiceStats::operations_unavailable);
  of_service("godwit_messages_stored_total", "Messages stored", &ServiceStats::messages_stored);
  of_service("godwit_marks_stored_total", "Watermarks stored", &ServiceStats::marks_stored);
  of_service("godwit_writer_batches_total", "Transactions committed", &ServiceStats::batches);
  of_service("godwit_commit_failures_total", "Transactions that failed",
             &ServiceStats::commit_failures);
  of_service("godwit_dedupe_hits_total", "tempIds found in the window", &ServiceStats::dedupe_hits);
  of_service("godwit_dedupe_misses_total", "tempIds not found in it", &ServiceStats::dedupe_misses);
  of_service("godwit_dedupe_evictions_total", "tempIds that fell out of it",
             &ServiceStats::dedupe_evictions);
}

void Server::add_queue_metrics() {
  metrics_.add_gauge("godwit_writer_queue", "Operations waiting to be stored",
                     [this] { return static_cast<double>(service_->stats().queue_waiting); });
  metrics_.add_gauge("godwit_read_queue", "Reads waiting",
                     [this] { return static_cast<double>(service_->stats().reads_waiting); });
  metrics_.add_gauge("godwit_rest_queue", "REST calls waiting for a thread",
                     [this] { return static_cast<double>(pool_->waiting()); });
  metrics_.add_gauge("godwit_hash_queue", "Passwords waiting to be hashed",
                     [this] { return static_cast<double>(accounts_->stats().hashes_waiting); });
}

void Server::add_auth_metrics() {
  const auto of_auth = [this](const char* name, const char* help, std::uint64_t AuthStats::*value) {
    metrics_.add_counter(name, help,
                         [this, value] { return static_cast<double>(accounts_->stats().*value); });
  };
  of_auth("godwit_argon2_runs_total", "Argon2id computed", &AuthStats::argon_runs);
  of_auth("godwit_logins_ok_total", "Sign-ins", &AuthStats::logins_ok);
  of_auth("godwit_logins_failed_total", "Sign-ins refused", &AuthStats::logins_failed);
  of_auth("godwit_logins_limited_total", "Sign-ins refused by rate", &AuthStats::logins_limited);
  of_auth("godwit_registrations_total", "Accounts made", &AuthStats::registrations);
}

void Server::add_gateway_metrics() {
  const GatewayStats& stats = gateway_->stats();
  const auto counter = [this](const char* name, const char* help,
                              const std::atomic<std::uint64_t>& value) {
    metrics_.add_counter(name, help, [&value] { return static_cast<double>(value.load()); });
  };
  metrics_.add_gauge("godwit_people_online", "People with an open WebSocket",
                     [&stats] { return static_cast<double>(stats.people_online.load()); });
  metrics_.add_gauge("godwit_sync_bytes_waiting", "Of answers to syncs not yet sent",
                     [&stats] { return static_cast<double>(stats.sync_bytes_waiting.load()); });
  counter("godwit_events_fanned_out_total", "Events sent to people", stats.events_fanned_out);
  counter("godwit_deliveries_total", "Events to connections", stats.deliveries);
  counter("godwit_frames_held_total", "Frames that waited for a sync", stats.frames_held);
  counter("godwit_holes_filled_total", "Reads of a log to fill a hole", stats.holes_filled);
  counter("godwit_syncs_total", "Syncs answered", stats.syncs);
  counter("godwit_flooding_closed_total", "Connections closed for flooding", stats.flooding_closed);
}

void Server::announce() {
  const auto endpoint = edge_->local_endpoint();
  const std::string host = endpoint.address().is_v6() ? "[" + endpoint.address().to_string() + "]"
                                                      : endpoint.address().to_string();
  url_ = "http://" + host + ":" + std::to_string(endpoint.port());
  std::cout << "listening on " << url_ << std::endl;
  log_->info("started version={} url={} epoch={}", kVersion, url_, service_->epoch());
}

int Server::run() {
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (!error) stop(signal);
  });
  rest_->start();
  gateway_->start();
  edge_->start();
  announce();
  loop_.run();
  // Nobody speaks any more: what was accepted is stored, then the threads end.
  rest_->stop();
  pool_->stop();
  accounts_->stop();
  service_->stop();
  service_->set_sink(nullptr);
  log_->info("stopped");
  return 0;
}

void Server::stop(int signal) {
  log_->info("draining signal={}", signal);
  gateway_->drain();
  // What closing posted (the handlers' last call) comes before the end of the loop.
  edge_->drain([this] { loop_.post([this] { loop_.stop(); }); });
}

int serve(const Command& command) {
  ::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  auto server = Server::open(command);
  if (!server) return fail(server.error().detail);
  return (*server)->run();
}

int invite(const Command& command) {
  const Clock clock;
  auto service = Service::open(command.config, clock);
  if (!service) return fail(service.error().detail);
  auto accounts = Accounts::open(command.config.auth, **service, clock);
  if (!accounts) return fail(accounts.error().detail);
  auto code = (*accounts)->create_invite();
  if (!code) return fail(code.error().detail);
  std::cout << *code << "\n";
  return 0;
}

// The beginning of a file, up to `bytes_max`; nullopt, and said so: there is none to read.
std::optional<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  std::error_code none;
  if (!file || std::filesystem::is_directory(path, none)) {
    std::cerr << "godwit: cannot read " << path << "\n";
    return std::nullopt;
  }
  std::string bytes;
  char part[65'536];
  while (bytes.size() < bytes_max && (file.read(part, sizeof part) || file.gcount() > 0)) {
    bytes.append(part, static_cast<std::size_t>(file.gcount()));
  }
  return bytes;
}

template <typename Verdict>
int tell(const Verdict& verdict) {
  std::cout << verdict.out;
  std::cerr << (verdict.err.empty() ? "" : "godwit: ") << verdict.err;
  return verdict.exit_code;
}

int replay(const Command& command) {
  const auto bytes = read_file(command.file, std::string::npos);
  return bytes ? tell(replay_verdict(*bytes, command.until)) : 2;
}

int inspect(const Command& command) {
  const auto bytes = read_file(command.file, kInspectedBytesMax + 1);
  return bytes ? tell(inspect_verdict(*bytes)) : 2;
}

int run(const Command& command) {
  switch (command.subcommand) {
    case Subcommand::kServe:
      return serve(command);
    case Subcommand::kInvite:
      return invite(command);
    case Subcommand::kReplay:
      return replay(command);
    case Subcommand::kInspect:
      return inspect(command);
    case Subcommand::kVersion:
      std::cout << "godwit " << kVersion << "\n";
      return 0;
  }
  return 1;
}

}  // namespace
}  // namespace godwit::server

int main(int argc, char** argv) {
  auto parsed = godwit::server::parse_options(argc, argv);
  return parsed.command ? godwit::server::run(*parsed.command) : parsed.exit_status;
}
