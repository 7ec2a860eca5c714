#include "tests/bench/load_client.h"

#include <boost/asio/connect.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <cstdio>
#include <cstdlib>

namespace godwit::bench {
namespace beast = boost::beast;
namespace websocket = beast::websocket;

namespace {

constexpr std::string_view kMark = "number ";
constexpr std::string_view kTempIdStart = "00000000-0000-4000-8000-";
constexpr int kDigits = 12;

std::string digits_of(std::uint64_t number) {
  char digits[kDigits + 1];
  std::snprintf(digits, sizeof digits, "%012llu", static_cast<unsigned long long>(number));
  return digits;
}

std::uint64_t number_after(std::string_view frame, std::string_view mark) {
  std::size_t at = frame.find(mark);
  if (at == std::string_view::npos) return UINT64_MAX;
  return std::strtoull(std::string(frame.substr(at + mark.size(), kDigits)).c_str(), nullptr, 10);
}

[[noreturn]] void give_up(const char* what, std::string_view detail) {
  std::fprintf(stderr, "godwit_load: %s: %.*s\n", what, static_cast<int>(detail.size()),
               detail.data());
  std::_Exit(1);
}

}  // namespace

LoadClient::LoadClient(boost::asio::io_context& io, Seat seat, OnNumber on_ack, OnNumber on_message)
    : socket_(io),
      seat_(std::move(seat)),
      on_ack_(std::move(on_ack)),
      on_message_(std::move(on_message)) {}

void LoadClient::connect() {
  boost::asio::ip::tcp::resolver resolver(socket_.get_executor());
  beast::get_lowest_layer(socket_).connect(resolver.resolve(seat_.host, seat_.port));
  beast::get_lowest_layer(socket_).socket().set_option(boost::asio::ip::tcp::no_delay(true));
  std::string authority = seat_.host + ":" + seat_.port;
  socket_.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
    request.set(beast::http::field::cookie, seat_.cookie);
    request.set(beast::http::field::origin, "http://" + authority);
    request.set(beast::http::field::sec_websocket_protocol, "godwit.v1");
  }));
  socket_.handshake(authority, "/ws");
  std::string hello = R"({"type":"hello","protocol":1,"deviceId":"load","coreVersion":"load"})";
  socket_.write(boost::asio::buffer(hello));
  socket_.read(buffer_);
  std::string_view answer(static_cast<const char*>(buffer_.data().data()), buffer_.size());
  if (answer.find(R"("welcome")") == std::string_view::npos) give_up("no welcome", answer);
  buffer_.clear();
}

void LoadClient::start_reading() { read_next(); }

void LoadClient::send(std::uint64_t number, std::size_t text_bytes) {
  std::string digits = digits_of(number);
  std::string text = std::string(kMark) + digits + " ";
  if (text.size() < text_bytes) text.append(text_bytes - text.size(), 'x');
  queue_.push_back(R"({"type":"message","tempId":")" + std::string(kTempIdStart) + digits +
                   R"(","chatId":")" + seat_.chat_id + R"(","content":{"type":"text","text":")" +
                   text + R"("}})");
  if (!writing_) write_next();
}

void LoadClient::write_next() {
  writing_ = !queue_.empty();
  if (!writing_) return;
  socket_.async_write(boost::asio::buffer(queue_.front()),
                      [this](beast::error_code error, std::size_t) {
                        if (error) give_up("write", error.message());
                        queue_.pop_front();
                        write_next();
                      });
}

void LoadClient::read_next() {
  socket_.async_read(buffer_, [this](beast::error_code error, std::size_t) {
    if (error) give_up("read", error.message());
    take({static_cast<const char*>(buffer_.data().data()), buffer_.size()});
    buffer_.clear();
    read_next();
  });
}

void LoadClient::take(std::string_view frame) {
  bool own = frame.find(kTempIdStart) != std::string_view::npos;
  if (frame.find(R"("type":"message_ack")") != std::string_view::npos) {
    on_ack_(number_after(frame, kTempIdStart));
  } else if (frame.find(R"("type":"error")") != std::string_view::npos) {
    give_up("refused", frame);
  } else if (!own && frame.find(R"("type":"message")") != std::string_view::npos) {
    on_message_(number_after(frame, kMark));
  }
}

}  // namespace godwit::bench
