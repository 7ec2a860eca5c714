// A view as a tab keeps it: fields and a list, changed by nothing but the core's diffs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "shared/base/check.h"

namespace godwit::sim {

struct NaiveView {
  nlohmann::json fields = nlohmann::json::object();
  std::vector<nlohmann::json> items;
  // Where the last diff put new items, and how many.
  std::size_t last_at = 0;
  std::size_t last_count = 0;
  std::unordered_map<std::string, int> shown;  // how often each localId is in the list
  std::string doubled;                         // one that is there twice; empty: none
  std::vector<std::string> waiting;

  // For a view that is looked at seldom: applied when it is. A reset makes what waits void.
  void apply_later(const std::string& text) {
    if (text.rfind("{\"reset\":true", 0) == 0) waiting.clear();
    waiting.push_back(text);
  }
  void catch_up() {
    for (const std::string& text : waiting) apply(text);
    waiting.clear();
  }
  void apply(const std::string& text) {
    nlohmann::json diff = nlohmann::json::parse(text);
    last_at = last_count = 0;
    if (diff.value("reset", false)) {
      fields = nlohmann::json::object();
      items.clear();
      shown.clear();
    }
    if (diff.contains("fields")) fields.update(diff["fields"]);
    if (!diff.contains("splice")) return;
    last_at = diff["splice"][0].get<std::size_t>();
    auto removed = diff["splice"][1].get<std::size_t>();
    GODWIT_CHECK(last_at + removed <= items.size());
    auto from = items.begin() + static_cast<std::ptrdiff_t>(last_at);
    for (auto it = from; it != from + static_cast<std::ptrdiff_t>(removed); ++it) count(*it, -1);
    from = items.erase(from, from + static_cast<std::ptrdiff_t>(removed));
    auto& inserted = diff["splice"][2];
    last_count = inserted.size();
    for (const auto& item : inserted) count(item, 1);
    items.insert(from, std::make_move_iterator(inserted.begin()),
                 std::make_move_iterator(inserted.end()));
  }

 private:
  void count(const nlohmann::json& item, int change) {
    auto id = item.find("localId");
    if (id == item.end()) return;  // a row of another list
    int& times = shown[id->get_ref<const std::string&>()];
    times += change;
    if (times > 1) doubled = id->get_ref<const std::string&>();
  }
};

}  // namespace godwit::sim
