#include "server/edge/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <mutex>
#include <utility>
#include <vector>

namespace godwit::server {
namespace {

using CounterFamily = prometheus::Family<prometheus::Counter>;

constexpr std::array kReasonNames = {
    "bad_request",     "header_too_large", "body_too_large",
    "slow_header",     "slow_body",        "slow_reader",
    "client_gone",     "connections",      "connections_of_address",
    "overloaded",      "foreign_origin",   "bad_upgrade",
    "upstream_failed",
};

// A gauge or counter whose value is somebody else's.
struct Sampled {
  std::string name;
  std::string help;
  prometheus::MetricType type;
  Metrics::Read read;
};

CounterFamily& counter_family(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

prometheus::MetricFamily to_family(const Sampled& sampled) {
  prometheus::ClientMetric metric;
  if (sampled.type == prometheus::MetricType::Counter) {
    metric.counter.value = sampled.read();
  } else {
    metric.gauge.value = sampled.read();
  }
  return {sampled.name, sampled.help, sampled.type, {metric}};
}

}  // namespace

std::string_view reason_name(RefusedBy reason) {
  return kReasonNames[static_cast<std::size_t>(reason)];
}

struct Metrics::Parts {
  prometheus::Registry registry;
  CounterFamily& refused = counter_family(registry, "godwit_refused_total",
                                          "Requests and connections refused, by reason");
  CounterFamily& http = counter_family(registry, "godwit_http_requests_total",
                                       "HTTP requests answered, by route and status");
  CounterFamily& frames_in = counter_family(registry, "godwit_frames_received_total",
                                            "Frames received from clients, by type");
  CounterFamily& frames_out = counter_family(registry, "godwit_frames_sent_total",
                                             "Frames sent, by type, once a recipient");
  CounterFamily& errors =
      counter_family(registry, "godwit_errors_total", "Error frames sent, by code");
  CounterFamily& closes =
      counter_family(registry, "godwit_socket_closes_total", "WebSockets closed, by close code");
  prometheus::Gauge& connections =
      gauge(registry, "godwit_connections", "Client connections open, WebSockets included");
  prometheus::Gauge& sockets = gauge(registry, "godwit_sockets", "WebSockets open");
  prometheus::Histogram& http_seconds =
      prometheus::BuildHistogram()
          .Name("godwit_http_request_seconds")
          .Help("From a request read to its answer handed to the kernel")
          .Register(registry)
          .Add({}, prometheus::Histogram::BucketBoundaries{0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                           0.025, 0.05, 0.1, 0.25, 1, 5});
  mutable std::mutex mutex;  // guards what follows
  std::vector<Sampled> sampled;
  std::vector<std::function<std::string()>> texts;
};

Metrics::Metrics() : parts_(std::make_unique<Parts>()) {
  // All reasons stand from the start, so that a counter that is 0 can be told from one that is
  // not there.
  for (const char* name : kReasonNames) parts_->refused.Add({{"reason", name}});
}
Metrics::~Metrics() = default;

void Metrics::refused(RefusedBy reason) {
  parts_->refused.Add({{"reason", std::string(reason_name(reason))}}).Increment();
}

void Metrics::connection_opened() { parts_->connections.Increment(); }
void Metrics::connection_closed() { parts_->connections.Decrement(); }
void Metrics::socket_opened() { parts_->sockets.Increment(); }

void Metrics::socket_closed(CloseCode code) {
  parts_->sockets.Decrement();
  // A client chooses its own code: only those of the protocol page and the RFC get a label.
  const auto number = static_cast<std::uint16_t>(code);
  const bool known = (number >= 1000 && number <= 1014) || number == 4001 || number == 4008 ||
                     number == 4009 || number == 4029;
  parts_->closes.Add({{"code", known ? std::to_string(number) : "other"}}).Increment();
}

void Metrics::http_answered(std::string_view route, int status, std::int64_t duration_us) {
  parts_->http.Add({{"route", std::string(route)}, {"status", std::to_string(status)}}).Increment();
  parts_->http_seconds.Observe(static_cast<double>(duration_us) * 1e-6);
}

void Metrics::frame_received(std::string_view type) {
  parts_->frames_in.Add({{"type", std::string(type)}}).Increment();
}

void Metrics::frame_sent(std::string_view type, std::uint64_t recipients) {
  parts_->frames_out.Add({{"type", std::string(type)}}).Increment(static_cast<double>(recipients));
}

void Metrics::error_sent(Code code) {
  parts_->errors.Add({{"code", std::string(code_name(code))}}).Increment();
}

void Metrics::add_counter(std::string name, std::string help, Read read) {
  std::lock_guard lock(parts_->mutex);
  parts_->sampled.push_back(
      {std::move(name), std::move(help), prometheus::MetricType::Counter, std::move(read)});
}

void Metrics::add_gauge(std::string name, std::string help, Read read) {
  std::lock_guard lock(parts_->mutex);
  parts_->sampled.push_back(
      {std::move(name), std::move(help), prometheus::MetricType::Gauge, std::move(read)});
}

void Metrics::add_text(std::function<std::string()> render) {
  std::lock_guard lock(parts_->mutex);
  parts_->texts.push_back(std::move(render));
}

std::string Metrics::text() const {
  auto families = parts_->registry.Collect();
  std::lock_guard lock(parts_->mutex);
  for (const auto& sampled : parts_->sampled) families.push_back(to_family(sampled));
  std::string out = prometheus::TextSerializer().Serialize(families);
  for (const auto& render : parts_->texts) out += render();
  return out;
}

}  // namespace godwit::server
