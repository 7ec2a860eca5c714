#include "shared/client/shown_fields.h"

#include <algorithm>
#include <utility>

namespace godwit {

void ShownFields::set(std::string_view name, std::string json) {
  if (json.empty()) json = "null";
  auto field = std::find_if(shown_.begin(), shown_.end(),
                            [&](const Field& one) { return one.name == name; });
  const auto at = static_cast<std::size_t>(field - shown_.begin());
  if (field == shown_.end()) {
    shown_.push_back(Field{std::string(name), std::move(json)});
  } else {
    if (field->json == json) return;
    field->json = std::move(json);
  }
  if (std::find(changed_.begin(), changed_.end(), at) == changed_.end()) changed_.push_back(at);
}

bool ShownFields::write_changed(json::Writer& out) {
  if (changed_.empty()) return false;
  out.key("fields").open('{');
  for (std::size_t at : changed_) out.key(shown_[at].name).raw(shown_[at].json);
  out.close('}');
  changed_.clear();
  return true;
}

}  // namespace godwit
