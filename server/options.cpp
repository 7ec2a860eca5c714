#include "server/options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <iostream>
#include <type_traits>
#include <utility>

#include "server/log.h"

namespace godwit::server {

// "400/200": 400 at once, then 200 a second; "0": no limit. Found by CLI11 for options of this
// type.
std::istream& operator>>(std::istream& in, Rate& rate) {
  Rate read;
  if (!(in >> read.burst)) return in;
  if (in.peek() == '/') {
    in.get();
    if (!(in >> read.per_second)) return in;
  } else if (read.burst != 0) {
    in.setstate(std::ios::failbit);
  }
  rate = read;
  return in;
}

std::ostream& operator<<(std::ostream& out, const Rate& rate) {
  return out << rate.burst << '/' << rate.per_second;
}

namespace {

std::string environment_name(const std::string& option) {
  std::string name = "GODWIT_";
  for (char c : option.substr(2)) name += c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return name;
}

template <typename T>
const char* type_word() {
  if constexpr (std::is_same_v<T, Rate>) return "RATE";
  if constexpr (std::is_arithmetic_v<T>) return "N";
  return "TEXT";
}

// Adds options of one group, each with its environment variable and its default shown.
class OptionGroup {
 public:
  OptionGroup(CLI::App& app, std::string group) : app_(app), group_(std::move(group)) {}

  template <typename T>
  CLI::Option* add(const std::string& name, T& value, const std::string& help) {
    return app_.add_option(name, value, help)
        ->envname(environment_name(name))
        ->group(group_)
        ->type_name(type_word<T>())
        ->capture_default_str();
  }
  CLI::Option* flag(const std::string& name, bool& value, const std::string& help) {
    return app_.add_flag(name, value, help)->envname(environment_name(name))->group(group_);
  }

 private:
  CLI::App& app_;
  std::string group_;
};

void add_basics(CLI::App& app, Command& command, std::string& listen, std::string& registration) {
  OptionGroup group(app, "Serving");
  auto& config = command.config;
  group.add("--listen", listen, "HOST:PORT to listen on; port 0 takes a free one");
  group.add("--data", config.storage.data_dir, "Folder of the database; made when missing");
  group.add("--web", config.edge.web_dir, "Folder of the web app; none: only the API is served");
  group.add("--registration", registration, "Who may make an account: open, invite, closed")
      ->check(CLI::IsMember({"open", "invite", "closed"}))
      ->type_name("MODE");
  group.flag("--demo", command.demo, "Fill an empty database with three people and a few chats");
  group.add("--public-url", config.edge.public_origin,
            "Where people reach the server (https://chat.example.org); https makes cookies Secure. "
            "Without it the Host of each request counts");
  group.flag("--trust-proxy", config.edge.trust_forwarded,
             "Believe X-Forwarded-For and X-Forwarded-Proto; only behind a proxy that sets them");
  group.add("--log-level", config.log.level, "trace, debug, info, warn, error, off")
      ->check([](const std::string& level) {
        return is_log_level(level) ? std::string() : "not a log level: " + level;
      });
  group.flag("--log-json", config.log.json, "Log JSON lines");
}

void add_connection_limits(CLI::App& app, EdgeConfig& edge) {
  OptionGroup group(app, "Limits of connections and requests (bytes, ms, BURST/PER_SECOND)");
  group.add("--connections-max", edge.connections_max, "Connections in all");
  group.add("--connections-per-address-max", edge.connections_per_address_max,
            "Connections of one address; raise it behind a proxy");
  group.add("--header-bytes-max", edge.header_bytes_max, "Request line and headers");
  group.add("--body-bytes-max", edge.body_bytes_max, "Request body");
  group.add("--header-timeout-ms", edge.header_timeout_ms, "For the whole of them to come");
  group.add("--body-timeout-ms", edge.body_timeout_ms, "For the whole of it to come");
  group.add("--idle-timeout-ms", edge.idle_timeout_ms, "Between two requests");
  group.add("--write-timeout-ms", edge.write_timeout_ms, "Without a byte of an answer taken");
  group.add("--rest-threads", edge.rest_threads, "Threads that answer REST requests")
      ->check(CLI::Range(1, 64));
  group.add("--rest-in-flight-max", edge.rest_in_flight_max, "REST requests under way at once");
  group.add("--requests-per-address", edge.requests_per_address,
            "REST requests of one address, and reads of one person");
  group.add("--drain-ms-max", edge.drain_ms_max, "To finish what is under way after SIGTERM");
}

void add_gateway_limits(CLI::App& app, GatewayConfig& gateway) {
  OptionGroup group(app, "Limits of WebSockets");
  group.add("--frame-bytes-max", gateway.frame_bytes_max, "A frame of a client; beyond: 1009");
  group.add("--connections-per-user-max", gateway.connections_per_user_max,
            "WebSockets of one person");
  group.add("--socket-queue-bytes", gateway.send_queue_bytes_max,
            "Waiting for one slow reader; beyond: 4008");
  group.add("--socket-queue-frames", gateway.send_queue_frames_max, "The same, in frames");
  group.add("--in-flight-per-connection-max", gateway.in_flight_per_connection_max,
            "Operations of one connection not yet answered; beyond: it is not read from");
  group.add("--hello-timeout-ms", gateway.hello_timeout_ms, "For the first frame to be `hello`");
  group.add("--silence-ms-max", gateway.silence_ms_max, "Without a frame; beyond: closed");
  group.add("--restart-spread-ms", gateway.restart_spread_ms,
            "When the server goes down, clients are told to come back within this");
  group.add("--operations-per-user", gateway.operations_per_user,
            "Messages, edits and other writes of one person");
  group.add("--frames-per-connection", gateway.frames_per_connection, "Beyond: 4029");
  group.add("--syncs-per-user", gateway.syncs_per_user, "Syncs of one person");
}

void add_account_limits(CLI::App& app, AuthConfig& auth) {
  OptionGroup group(app, "Accounts");
  group.add("--argon-ops", auth.argon_ops, "Argon2id passes")->check(CLI::Range(1, 20));
  group.add("--argon-memory-bytes", auth.argon_memory_bytes, "Argon2id memory")
      ->check(CLI::Range(std::size_t{8} << 10, std::size_t{4} << 30));
  group.add("--hash-threads", auth.hash_threads, "Threads that hash passwords")
      ->check(CLI::Range(1, 64));
  group.add("--hash-queue-max", auth.hash_queue_max, "Passwords waiting to be hashed");
  group.add("--password-bytes-min", auth.password_bytes_min, "Shortest password");
  group.add("--password-bytes-max", auth.password_bytes_max, "Longest password");
  group.add("--session-idle-ms-max", auth.session_idle_ms_max, "A session unused so long ends");
  group.add("--sessions-per-user-max", auth.sessions_per_user_max, "Sessions of one person");
  group.add("--login-per-name", auth.login_per_name, "Sign-in tries for one name");
  group.add("--login-per-address", auth.login_per_address, "Sign-in tries of one address");
  group.add("--register-per-address", auth.register_per_address, "Registrations of one address");
  group.add("--invite-ttl-ms", auth.invite_ttl_ms, "An invite is good for");
}

void add_storage_limits(CLI::App& app, Config& config) {
  OptionGroup group(app, "Storage");
  group.add("--node", config.storage.node, "Number of this server in a cluster")
      ->check(CLI::Range(0, 1023));
  group.add("--cache-kib", config.storage.cache_kib, "Database page cache of the writer");
  group.add("--reader-cache-kib", config.storage.reader_cache_kib, "The same of each reader");
  group.add("--database-pages-max", config.storage.pages_max, "Database size; 0: no limit");
  group.add("--checkpoint-wal-bytes", config.storage.checkpoint_wal_bytes,
            "The write-ahead log is copied back beyond this");
  group.add("--writer-queue-max", config.writer.queue_max, "Operations waiting to be stored");
  group.add("--writer-batch-max", config.writer.batch_max, "Operations in one transaction");
  group.add("--marks-every-ms", config.writer.marks_every_ms, "Read marks are stored this often");
  group.add("--read-threads", config.reads.threads, "Threads that read the database")
      ->check(CLI::Range(1, 64));
  group.add("--read-queue-max", config.reads.queue_max, "Reads waiting");
}

// "127.0.0.1:8080", "[::1]:8080", "localhost:0".
bool split_listen(const std::string& listen, EdgeConfig& edge) {
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  std::string host = listen.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  unsigned port = 0;
  const char* end = listen.data() + listen.size();
  auto parsed = std::from_chars(listen.data() + colon + 1, end, port);
  if (parsed.ec != std::errc() || parsed.ptr != end || port > 65'535 || host.empty()) return false;
  edge.listen_host = host;
  edge.listen_port = static_cast<std::uint16_t>(port);
  return true;
}

// An origin as browsers write it: scheme and host, no path.
bool trim_origin(std::string& origin) {
  while (!origin.empty() && origin.back() == '/') origin.pop_back();
  if (origin.empty()) return true;
  const auto scheme_end = origin.find("://");
  const std::string scheme = origin.substr(0, scheme_end);
  return scheme_end != std::string::npos && (scheme == "http" || scheme == "https") &&
         origin.find('/', scheme_end + 3) == std::string::npos && origin.size() > scheme_end + 3;
}

std::string mistake_in(Command& command, const std::string& listen) {
  auto& edge = command.config.edge;
  if (!split_listen(listen, edge)) return "--listen wants HOST:PORT, not " + listen;
  if (!trim_origin(edge.public_origin))
    return "--public-url wants http(s)://HOST, not " + edge.public_origin;
  return {};
}

CLI::App* add_invite(CLI::App& app, Command& command) {
  CLI::App* invite = app.add_subcommand("invite", "Print a new invite code (server not running)");
  OptionGroup(*invite, "Options")
      .add("--data", command.config.storage.data_dir, "Folder of the database");
  return invite;
}

CLI::App* add_replay(CLI::App& app, Command& command) {
  CLI::App* replay = app.add_subcommand("replay", "Replay a report that a person saved");
  replay->add_option("trace", command.file, "The saved file")->required();
  // Else a negative number would be a very large one.
  auto digits_alone = [](const std::string& text) {
    const bool fine = text.find_first_not_of("0123456789") == std::string::npos;
    return fine ? "" : "wants the number of a step, not " + text;
  };
  replay->add_option("--until", command.until, "Show the state after this step")
      ->check(digits_alone);
  return replay;
}

CLI::App* add_inspect(CLI::App& app, Command& command) {
  CLI::App* inspect =
      app.add_subcommand("inspect", "Tell what a file of a client's storage holds, or its faults");
  inspect->add_option("segment", command.file, "One segment, as the browser stores it")->required();
  return inspect;
}

}  // namespace

ParsedOptions parse_options(int argc, const char* const* argv) {
  Command command;
  std::string listen = "127.0.0.1:8080";
  std::string registration = "open";
  CLI::App app("Godwit, a messenger that you run yourself.", "godwit");
  app.set_config("--config", "",
                 "Configuration file: a section [serve] with keys like the options");
  app.require_subcommand(1);
  CLI::App* serve = app.add_subcommand("serve", "Run the server");
  serve->fallthrough();
  serve->footer("Every option is also an environment variable: --listen is GODWIT_LISTEN.");
  add_basics(*serve, command, listen, registration);
  add_connection_limits(*serve, command.config.edge);
  add_gateway_limits(*serve, command.config.gateway);
  add_account_limits(*serve, command.config.auth);
  add_storage_limits(*serve, command.config);
  CLI::App* invite = add_invite(app, command);
  CLI::App* replay = add_replay(app, command);
  CLI::App* inspect = add_inspect(app, command);
  CLI::App* version = app.add_subcommand("version", "Print the version");
  app.set_help_all_flag("--help-all", "Help on everything");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, app.exit(error) == 0 ? 0 : 1};
  }
  command.config.auth.registration = registration == "open"     ? Registration::kOpen
                                     : registration == "invite" ? Registration::kInvite
                                                                : Registration::kClosed;
  if (invite->parsed()) command.subcommand = Subcommand::kInvite;
  if (replay->parsed()) command.subcommand = Subcommand::kReplay;
  if (inspect->parsed()) command.subcommand = Subcommand::kInspect;
  if (version->parsed()) command.subcommand = Subcommand::kVersion;
  if (const std::string mistake = mistake_in(command, listen); !mistake.empty()) {
    std::cerr << "godwit: " << mistake << "\n";
    return {std::nullopt, 1};
  }
  return {std::move(command), 0};
}

}  // namespace godwit::server
