#include "tests/edge/edge_fixture.h"

#include <spdlog/sinks/null_sink.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <future>
#include <utility>

namespace godwit::server::test {
namespace {

constexpr std::int64_t kPatientMs = 120'000;

}  // namespace

class EchoHandler final : public SocketHandler {
 public:
  explicit EchoHandler(EchoGateway& gateway) : gateway_(gateway) {}

  void opened(Socket& socket) override {
    socket_ = &socket;
    ++gateway_.opened;
    gateway_.last_address = socket.remote_address();
  }
  void received(std::string_view text) override {
    if (text == "bye") return socket_->close(CloseCode::kNormal, "bye");
    if (text == "flood") return flood();
    socket_->send(std::make_shared<const std::string>(text));
  }
  void closed(CloseCode code) override {
    {
      std::lock_guard lock(gateway_.mutex_);
      gateway_.closes_.push_back(code);
    }
    ++gateway_.closed;  // last: whoever has seen it finds the code
  }

 private:
  void flood() {
    auto frame = std::make_shared<const std::string>(64 * 1024, 'x');
    for (int i = 0; i < 2'000; ++i) socket_->send(frame);
  }

  EchoGateway& gateway_;
  Socket* socket_ = nullptr;
};

void EchoGateway::upgrade(UpgradeRequest request, std::function<void(UpgradeAnswer)> answer) {
  if (request.token == "good") return answer(AcceptSocket{std::make_unique<EchoHandler>(*this)});
  if (request.token == "refused")
    return answer(RefuseUpgrade{Error{Code::kUnavailable, "not now"}});
  answer(CloseAfterUpgrade{CloseCode::kNoSession, "no session"});
}

std::vector<CloseCode> EchoGateway::closes() const {
  std::lock_guard lock(mutex_);
  return closes_;
}

EdgeOptions patient_options() {
  EdgeOptions options;
  options.edge.listen_port = 0;
  options.edge.header_bytes_max = 8 * 1024;
  options.edge.body_bytes_max = 64 * 1024;
  options.edge.header_timeout_ms = kPatientMs;
  options.edge.body_timeout_ms = kPatientMs;
  options.edge.idle_timeout_ms = kPatientMs;
  options.edge.write_timeout_ms = kPatientMs;
  options.edge.drain_ms_max = kPatientMs;
  options.gateway.silence_ms_max = kPatientMs;
  return options;
}

void write_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

namespace {

std::filesystem::path make_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "godwit-edge-XXXXXX").string();
  return ::mkdtemp(pattern.data());
}

}  // namespace

EdgeFixture::EdgeFixture(EdgeOptions options)
    : options_(std::move(options)),
      web_(make_folder()),
      rest_(2, options_.edge.body_bytes_max),
      log_(std::make_shared<spdlog::logger>("test",
                                            std::make_shared<spdlog::sinks::null_sink_mt>())) {
  write_file(web_ / "index.html", "<!doctype html><title>Godwit</title>");
  files_ = std::make_unique<StaticFiles>(web_.string());
  add_routes();
  rest_.start();
  context_ =
      std::make_unique<EdgeContext>(EdgeContext{loop_, options_.edge, options_.gateway, metrics_,
                                                rest_, gateway_, *files_, *log_, Site{"epoch-1"}});
  auto listener = open_listener(loop_, options_.edge);
  if (!listener) throw std::runtime_error(listener.error().detail);
  port_ = listener->local_endpoint().port();
  edge_ = std::make_unique<Edge>(*context_, std::move(listener).value());
  edge_->start();
  thread_ = std::thread([this] { loop_.run(); });
}

EdgeFixture::~EdgeFixture() {
  {
    std::lock_guard lock(held_mutex_);
    held_.clear();  // answered as "not answered"
  }
  loop_.stop();
  thread_.join();
  edge_.reset();
  rest_.stop();
  std::error_code ignored;
  std::filesystem::remove_all(web_, ignored);
}

void EdgeFixture::add_routes() {
  rest_.route(HttpMethod::kGet, "/hello",
              [](ExchangePtr exchange) { exchange->json(200, R"({"hello":"world"})"); });
  rest_.route(HttpMethod::kGet, "/address", [](ExchangePtr exchange) {
    exchange->text(exchange->request().address + "|" + exchange->request().token, "text/plain");
  });
  rest_.route(HttpMethod::kPost, "/echo",
              [](ExchangePtr exchange) { exchange->text(exchange->request().body, "text/plain"); });
  rest_.route(HttpMethod::kGet, "/big", [](ExchangePtr exchange) {
    exchange->text(std::string(8 << 20, 'x'), "text/plain");
  });
  rest_.route(HttpMethod::kGet, "/throw",
              [](ExchangePtr) { throw std::runtime_error("a secret of the inside"); });
  rest_.route(HttpMethod::kGet, "/hold", [this](ExchangePtr exchange) {
    std::lock_guard lock(held_mutex_);
    held_.push_back(std::move(exchange));
  });
  rest_.otherwise([this](ExchangePtr exchange) {
    const auto& request = exchange->request();
    auto path = files_->resolve(request.path, request.accepts_html);
    if (!path || !request.is_get) return exchange->problem(Code::kNotFound, "no such path");
    exchange->file(*path);
  });
}

double EdgeFixture::metric(const std::string& name) const {
  const std::string text = "\n" + metrics_.text();
  const auto at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

void EdgeFixture::on_loop(const std::function<void()>& work) {
  std::promise<void> done;
  loop_.post([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

void EdgeFixture::drain() {
  std::promise<void> done;
  loop_.post([&] { edge_->drain([&] { done.set_value(); }); });
  done.get_future().wait();
}

}  // namespace godwit::server::test
