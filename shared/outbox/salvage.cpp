#include "shared/outbox/salvage.h"

#include <algorithm>
#include <charconv>

#include "shared/base/utf8.h"
#include "shared/protocol/codec.h"

namespace godwit {
namespace {

constexpr int kEndsTried = 4;  // of a frame whose end is not known

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Digits at `at`, which moves past them and the one `after` that must follow; nullopt: not so.
std::optional<std::uint64_t> take_digits(std::string_view bytes, std::size_t& at, char after) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(bytes.data() + at, bytes.data() + bytes.size(), value);
  auto stop = static_cast<std::size_t>(end - bytes.data());
  if (error != std::errc{} || stop >= bytes.size() || bytes[stop] != after) return std::nullopt;
  at = stop + 1;
  return value;
}

struct Head {
  std::size_t begin = 0;
  std::size_t frame = 0;
  std::uint64_t order = 0;
  std::uint64_t created_ms = 0;
};

// "O<order> <created ms>\n" at `at`.
std::optional<Head> head_at(std::string_view bytes, std::size_t at) {
  if (bytes[at] != 'O' || at + 1 >= bytes.size() || !is_digit(bytes[at + 1])) return std::nullopt;
  Head head;
  head.begin = at++;
  auto order = take_digits(bytes, at, ' ');
  auto created_ms = order ? take_digits(bytes, at, '\n') : std::nullopt;
  if (!created_ms || *created_ms > (std::uint64_t{1} << 53)) return std::nullopt;
  head.frame = at;
  head.order = *order;
  head.created_ms = *created_ms;
  return head;
}

// The bytes that are valid UTF-8, without NUL.
std::string readable(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t size = 1;
    while (size <= 4 && !is_valid_utf8(bytes.substr(at, size))) ++size;
    if (size > 4 || bytes[at] == '\0') {
      ++at;
      continue;
    }
    text.append(bytes.substr(at, size));
    at += size;
  }
  return text;
}

// The JSON string that follows `name`, to its end or to the end of what is there. Of escapes the
// plain ones are read; text as people write it has no others.
std::string string_after(std::string_view bytes, std::string_view name) {
  std::size_t at = bytes.find(name);
  if (at == std::string_view::npos) return {};
  std::string text;
  for (at += name.size(); at < bytes.size() && bytes[at] != '"'; ++at) {
    if (bytes[at] != '\\' || at + 1 == bytes.size()) {
      text.push_back(bytes[at]);
      continue;
    }
    ++at;
    text.push_back(bytes[at] == 'n' ? '\n' : bytes[at] == 't' ? '\t' : bytes[at]);
  }
  return std::string(utf8_prefix(readable(text), limits::kTextBytesMax));
}

ChatId chat_in(std::string_view bytes) {
  constexpr std::string_view kName = "\"chatId\":\"";
  std::size_t at = bytes.find(kName);
  if (at == std::string_view::npos) return ChatId{};
  std::string_view rest = bytes.substr(at + kName.size());
  std::size_t end = rest.find('"');
  if (end == std::string_view::npos) return ChatId{};
  return parse_id<ChatId>(rest.substr(0, end)).value_or(ChatId{});
}

std::optional<QueuedOperation> whole_operation(std::string_view bytes) {
  std::size_t end = bytes.size();
  for (int tried = 0; tried < kEndsTried; ++tried) {
    end = bytes.substr(0, end).rfind('}');
    if (end == std::string_view::npos) return std::nullopt;
    DecodedClientFrame decoded = decode_client_frame(bytes.substr(0, end + 1));
    if (decoded.frame) return to_operation(std::move(*decoded.frame));
  }
  return std::nullopt;
}

Salvaged salvage_frame(std::string_view bytes) {
  Salvaged one;
  one.operation = whole_operation(bytes);
  one.chat_id = one.operation ? chat_of(*one.operation) : chat_in(bytes);
  one.text = string_after(bytes, "\"text\":\"");
  if (one.text.empty()) one.text = string_after(bytes, "\"value\":\"");
  return one;
}

bool looks_like_a_frame(std::string_view bytes) {
  for (std::string_view name : {"\"tempId\":", "\"chatId\":", "\"content\":", "{\"type\":"}) {
    if (bytes.find(name) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

std::vector<Salvaged> salvage_operations(std::string_view debris) {
  std::vector<Head> heads;
  for (std::size_t at = 0; at < debris.size(); ++at) {
    if (auto head = head_at(debris, at)) heads.push_back(*head);
  }
  std::vector<Salvaged> found;
  std::size_t unnamed = heads.empty() ? debris.size() : heads.front().begin;
  if (looks_like_a_frame(debris.substr(0, unnamed))) {
    found.push_back(salvage_frame(debris.substr(0, unnamed)));
  }
  for (std::size_t i = 0; i < heads.size(); ++i) {
    std::size_t end = i + 1 < heads.size() ? heads[i + 1].begin : debris.size();
    found.push_back(salvage_frame(debris.substr(heads[i].frame, end - heads[i].frame)));
    found.back().order = heads[i].order;
    found.back().created = Timestamp{static_cast<std::int64_t>(heads[i].created_ms)};
  }
  return found;
}

}  // namespace godwit
