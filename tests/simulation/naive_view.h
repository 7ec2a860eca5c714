// A view as a tab keeps it: fields and a list, changed by nothing but the core's diffs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "shared/base/check.h"

namespace godwit::sim {

struct NaiveView {
  nlohmann::json fields = nlohmann::json::object();
  std::vector<nlohmann::json> items;
  std::uint64_t diffs = 0;

  void apply(const std::string& text) {
    nlohmann::json diff = nlohmann::json::parse(text);
    ++diffs;
    if (diff.value("reset", false)) {
      fields = nlohmann::json::object();
      items.clear();
    }
    if (diff.contains("fields")) fields.update(diff["fields"]);
    if (!diff.contains("splice")) return;
    auto at = diff["splice"][0].get<std::size_t>();
    auto removed = diff["splice"][1].get<std::size_t>();
    GODWIT_CHECK(at + removed <= items.size());
    auto from = items.begin() + static_cast<std::ptrdiff_t>(at);
    from = items.erase(from, from + static_cast<std::ptrdiff_t>(removed));
    const auto& inserted = diff["splice"][2];
    items.insert(from, inserted.begin(), inserted.end());
  }
};

}  // namespace godwit::sim
