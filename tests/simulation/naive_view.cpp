#include "tests/simulation/naive_view.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace godwit::sim {

ShownItem::ShownItem(JsonCursor& cursor, ShownDiffPtr diff)
    : diff_(std::move(diff)), first_member_(diff_->members.size()) {
  const char* from = cursor.here();
  cursor.object([&](std::string_view name) {
    diff_->members.push_back(Member{name, cursor.value()});
  });
  json_ = cursor.since(from);
  members_ = diff_->members.size() - first_member_;
}

ShownItem ShownItem::merged(const ShownItem& changed) const {
  std::vector<Member> members;
  members.reserve(members_ + changed.members_);
  members.assign(begin(), end());
  for (const Member& news : changed) {
    auto same = std::find_if(members.begin(), members.end(),
                             [&](const Member& member) { return member.name == news.name; });
    if (same == members.end()) {
      members.push_back(news);
    } else {
      same->json = news.json;
    }
  }
  std::string json;
  json.reserve(json_.size() + changed.json_.size());
  json += '{';
  for (const Member& member : members) {
    if (json.size() > 1) json += ',';
    json.append("\"").append(member.name).append("\":").append(member.json);
  }
  json += '}';
  auto whole = std::make_shared<ShownDiff>(std::move(json));
  whole->members.reserve(members.size());
  JsonCursor cursor(whole->text);
  return ShownItem(cursor, whole);
}

std::string_view ShownItem::get(std::string_view name) const {
  for (const Member& member : *this) {
    if (member.name == name) return member.json;
  }
  return {};
}

std::string_view ShownItem::plain(std::string_view name) const {
  std::string_view json = get(name);
  if (json.empty()) return json;
  if (json.front() != '"' || json.find('\\') != std::string_view::npos) {
    throw BadJson(std::string(name) + " is no plain text: " + std::string(json));
  }
  return json.substr(1, json.size() - 2);
}

std::uint64_t ShownItem::natural(std::string_view name) const {
  std::string_view json = get(name);
  return json.empty() ? 0 : JsonCursor(json).natural();
}

void NaiveView::apply_later(std::string diff) {
  if (diff.rfind("{\"reset\":true", 0) == 0) waiting_.clear();
  waiting_.push_back(std::move(diff));
}

void NaiveView::catch_up() {
  for (std::string& diff : std::exchange(waiting_, {})) apply(std::move(diff));
}

void NaiveView::apply(std::string diff) {
  constexpr std::size_t kUsualMembers = 16;
  auto kept = std::make_shared<ShownDiff>(std::move(diff));
  kept->members.reserve(kUsualMembers);
  last_at_ = last_count_ = 0;
  JsonCursor cursor(kept->text);
  cursor.object([&](std::string_view name) {
    if (name == "reset") {
      if (cursor.value() == "true") reset();
    } else if (name == "fields") {
      cursor.object([&](std::string_view field) {
        std::string_view value = cursor.value();
        auto known = fields_.find(field);
        if (known != fields_.end())
          known->second.assign(value);
        else
          fields_.emplace(field, value);
      });
    } else if (name == "splice") {
      splice(cursor, kept);
    } else if (name == "moves") {
      cursor.array([&] { move(cursor, kept); });
    } else {
      throw BadJson("a diff with " + std::string(name));
    }
  });
  cursor.end();
}

void NaiveView::reset() {
  fields_.clear();
  items_.clear();
  ids_.clear();
}

// [at, removed, [item, …]]
void NaiveView::splice(JsonCursor& cursor, const ShownDiffPtr& diff) {
  cursor.open_array();
  last_at_ = cursor.natural();
  cursor.separator();
  std::size_t removed = cursor.natural();
  cursor.separator();
  if (last_at_ > items_.size() || removed > items_.size() - last_at_) {
    throw std::runtime_error("a splice beyond the end of the list: " + diff->text);
  }
  std::vector<ShownItem> inserted;
  cursor.array([&] { inserted.emplace_back(cursor, diff); });
  cursor.close_array();
  auto from = items_.begin() + static_cast<std::ptrdiff_t>(last_at_);
  auto to = from + static_cast<std::ptrdiff_t>(removed);
  std::for_each(from, to, [this](const ShownItem& item) { ids_.erase(item.plain("localId")); });
  for (const ShownItem& item : inserted) note_id(item);
  last_count_ = inserted.size();
  // What takes another's place is put there; only the difference moves the rest.
  std::size_t replaced = std::min(removed, inserted.size());
  from =
      std::move(inserted.begin(), inserted.begin() + static_cast<std::ptrdiff_t>(replaced), from);
  if (removed > replaced) from = items_.erase(from, to);
  items_.insert(from,
                std::make_move_iterator(inserted.begin() + static_cast<std::ptrdiff_t>(replaced)),
                std::make_move_iterator(inserted.end()));
}

// [from, to, {changed members}] of an item that is there; from -1: a new one; [from, -1]: it goes.
void NaiveView::move(JsonCursor& cursor, const ShownDiffPtr& diff) {
  cursor.open_array();
  long from = std::stol(std::string(cursor.value()));
  cursor.separator();
  long to = std::stol(std::string(cursor.value()));
  long left = static_cast<long>(items_.size()) - (from < 0 ? 0 : 1);
  if (from > left || to > left) throw std::runtime_error("a move beyond the list: " + diff->text);
  std::optional<ShownItem> item;
  if (from >= 0) {
    item = std::move(items_[static_cast<std::size_t>(from)]);
    items_.erase(items_.begin() + from);
  }
  if (to >= 0) {
    cursor.separator();
    ShownItem told(cursor, diff);
    items_.insert(items_.begin() + to, item ? item->merged(told) : told);
  }
  cursor.close_array();
}

void NaiveView::note_id(const ShownItem& item) {
  std::string_view id = item.plain("localId");
  if (id.empty()) return;  // a row of another list
  if (!ids_.insert(id).second) doubled_ = id;
}

std::string_view NaiveView::field(std::string_view name, std::string_view otherwise) const {
  auto known = fields_.find(name);
  return known == fields_.end() ? otherwise : std::string_view(known->second);
}

}  // namespace godwit::sim
