#include "shared/client/app_view.h"

namespace godwit {
namespace {

// Remains of damaged entries that no conversation can show.
std::string damaged_json(const ClientState& state) {
  json::Writer out;
  out.open('[');
  for (const OutboxEntry* entry : state.outbox.all()) {
    const ChatReplica* chat = state.find_chat(chat_of(entry->operation));
    if (entry->harm != Harm::kPartial || (chat != nullptr && chat->known())) continue;
    out.open('{').field("localId", entry->temp_id());
    if (entry->created.unix_ms != 0) out.number("time", entry->created.unix_ms);
    const std::string& text = std::get<SendMessage>(entry->operation).content.text;
    if (!text.empty()) out.field("text", text);
    out.close('}');
  }
  return out.close(']').take();
}

std::string_view connection_name(const ViewSource& source) {
  if (source.online()) return "online";
  // Where polls are not answered either, nothing is reached, and it must not sound as if it were.
  if (source.link.polling() && source.sync.synced()) return "polling";
  Link::State state = source.link.state();
  bool connecting = state == Link::State::kConnecting || state == Link::State::kHandshaking;
  bool retry_is_due = state == Link::State::kWaiting && source.link.network_up() &&
                      source.link.retry_at() <= source.now;
  return connecting || retry_is_due ? "connecting" : "offline";
}

std::string_view storage_name(const ViewSource& source) {
  if (!source.memory_reason.empty()) return "memory";
  return source.storage_loaded ? "durable" : "loading";
}

}  // namespace

void AppView::count_outbox(Facts& facts, const ClientState& state) {
  if (state.outbox.size() == 0) return;
  bool any_partial = false;
  for (const OutboxEntry* entry : state.outbox.all()) {
    const bool partial = entry->harm == Harm::kPartial;
    any_partial = any_partial || partial;
    if (entry->failed) {
      facts.failed += partial ? 0 : 1;
    } else if (!entry->settled && !std::holds_alternative<SetPrivate>(entry->operation)) {
      ++facts.unsent;
    }
  }
  if (any_partial) facts.damaged = damaged_json(state);
}

AppView::Facts AppView::facts_of(const ViewSource& source, std::uint64_t total_unread) {
  Facts facts;
  facts.connection = connection_name(source);
  facts.synced = source.sync.synced();
  if (auto retry_at = source.link.retry_at(); retry_at && facts.connection == "offline") {
    // To the second, so that two readings of two clocks do not look like news.
    facts.retry_at_s = (source.wall.unix_ms + retry_at->ms - source.now.ms) / 1000;
  }
  count_outbox(facts, source.state);
  facts.unread = total_unread;
  facts.ended = source.link.state() == Link::State::kEnded;
  facts.storage = storage_name(source);
  facts.memory_reason = source.memory_reason;
  return facts;
}

// The fields that differ from what was shown; all of them where nothing was.
void AppView::write_changed(json::Writer& out, const Facts& now) const {
  auto differs = [&](auto Facts::*... fact) {
    return !shown_ || ((now.*fact != (*shown_).*fact) || ...);
  };
  if (differs(&Facts::connection, &Facts::synced, &Facts::retry_at_s)) {
    out.key("connection").open('{').field("state", now.connection).flag("synced", now.synced);
    if (now.retry_at_s) out.number("retryAt", *now.retry_at_s * 1000);
    out.close('}');
  }
  if (differs(&Facts::unsent)) out.key("unsent").unsigned_integer(now.unsent);
  if (differs(&Facts::failed)) out.key("failed").unsigned_integer(now.failed);
  if (differs(&Facts::damaged)) out.key("damaged").raw(now.damaged);
  if (differs(&Facts::unread)) out.key("totalUnread").unsigned_integer(now.unread);
  if (differs(&Facts::ended)) out.flag("sessionEnded", now.ended);
  if (!differs(&Facts::storage, &Facts::memory_reason)) return;
  out.key("storage").open('{').field("state", now.storage);
  out.optional_field("reason", now.memory_reason).close('}');
}

std::optional<std::string> AppView::diff(const ViewSource& source, std::uint64_t total_unread) {
  Facts now = facts_of(source, total_unread);
  if (shown_ == now) return std::nullopt;
  json::Writer out(64);
  out.open('{');
  if (!shown_) out.flag("reset", true);
  out.key("fields").open('{');
  write_changed(out, now);
  shown_ = std::move(now);
  return out.close('}').close('}').take();
}

}  // namespace godwit
