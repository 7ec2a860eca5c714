// A view as a tab keeps it: fields and a list, changed by nothing but the core's diffs. Holds what
// it was shown as the bytes that the core wrote; two values are the same when their bytes are.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tests/simulation/json_cursor.h"

namespace godwit::sim {

// A diff, shared by the items that it brought.
struct ShownDiff {
  struct Member {
    std::string_view name;
    std::string_view json;
  };
  explicit ShownDiff(std::string bytes) : text(std::move(bytes)) {}

  const std::string text;
  std::vector<Member> members;  // of its items, one item's after the other's
};
using ShownDiffPtr = std::shared_ptr<ShownDiff>;

// An entry of a view's list: an object, and where its members stand in it.
class ShownItem {
 public:
  // Takes the object at the cursor, which walks `diff`.
  ShownItem(JsonCursor& cursor, ShownDiffPtr diff);

  std::string_view json() const { return json_; }
  // A member's value as JSON; empty: it has none of that name.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const { return !get(name).empty(); }
  bool is_on(std::string_view name) const { return get(name) == "true"; }
  // Between its quotes. Requires a string without escapes, such as an id; empty: there is none.
  std::string_view plain(std::string_view name) const;
  // 0: there is none.
  std::uint64_t natural(std::string_view name) const;

  // This, with the members of `changed` in place of its own of the same names.
  ShownItem merged(const ShownItem& changed) const;

 private:
  using Member = ShownDiff::Member;
  const Member* begin() const { return diff_->members.data() + first_member_; }
  const Member* end() const { return begin() + members_; }

  ShownDiffPtr diff_;  // holds the bytes
  std::string_view json_;
  std::size_t first_member_;
  std::size_t members_ = 0;
};

class NaiveView {
 public:
  using Fields = std::map<std::string, std::string, std::less<>>;

  // Throws BadJson where the diff is none, and std::runtime_error where it does not fit the list.
  void apply(std::string diff);
  // For a view that is looked at seldom: applied when it is. A reset makes what waits void.
  void apply_later(std::string diff);
  void catch_up();

  const Fields& fields() const { return fields_; }  // each as JSON
  // As JSON; `otherwise` where it was never shown.
  std::string_view field(std::string_view name, std::string_view otherwise) const;
  const std::vector<ShownItem>& items() const { return items_; }
  // Where the last diff put new items, and how many.
  std::size_t last_at() const { return last_at_; }
  std::size_t last_count() const { return last_count_; }
  // A localId that is there twice; empty: none.
  const std::string& doubled() const { return doubled_; }

 private:
  void reset();
  void splice(JsonCursor& cursor, const ShownDiffPtr& diff);
  void move(JsonCursor& cursor, const ShownDiffPtr& diff);
  void note_id(const ShownItem& item);

  Fields fields_;
  std::vector<ShownItem> items_;
  std::size_t last_at_ = 0;
  std::size_t last_count_ = 0;
  std::unordered_set<std::string_view> ids_;  // localIds, as their items hold them
  std::string doubled_;
  std::vector<std::string> waiting_;
};

}  // namespace godwit::sim
