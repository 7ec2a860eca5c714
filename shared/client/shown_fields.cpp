#include "shared/client/shown_fields.h"

#include <algorithm>

namespace godwit {

void ShownFields::set(const std::string& name, std::string json) {
  if (json.empty()) json = "null";
  auto [it, is_new] = shown_.try_emplace(name);
  if (!is_new && it->second == json) return;
  it->second = std::move(json);
  if (std::find(changed_.begin(), changed_.end(), name) == changed_.end()) {
    changed_.push_back(name);
  }
}

bool ShownFields::write_changed(json::Writer& out) {
  if (changed_.empty()) return false;
  out.key("fields").open('{');
  for (const std::string& name : changed_) out.key(name).raw(shown_.at(name));
  out.close('}');
  changed_.clear();
  return true;
}

}  // namespace godwit
