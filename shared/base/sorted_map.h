// An ordered map for keys that nearly always come at one of its ends: a sorted row of nodes. The
// last one is found at once, a new last one costs no search, and what is held stays where it is in
// memory. One in the middle moves the pointers on its shorter side: history that is loaded from its
// end to its beginning is always near the front.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <memory>
#include <utility>

namespace godwit {

template <typename Key, typename Value>
class SortedMap {
 public:
  using value_type = std::pair<const Key, Value>;

 private:
  using Nodes = std::deque<std::unique_ptr<value_type>>;

 public:
  // Ends with the next change of the map; a pointer to what it gives does not.
  class const_iterator {
   public:
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = SortedMap::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = const value_type*;
    using reference = const value_type&;

    const_iterator() = default;
    explicit const_iterator(typename Nodes::const_iterator at) : at_(at) {}
    reference operator*() const { return **at_; }
    pointer operator->() const { return at_->get(); }
    const_iterator& operator++() {
      ++at_;
      return *this;
    }
    const_iterator& operator--() {
      --at_;
      return *this;
    }
    friend bool operator==(const const_iterator& a, const const_iterator& b) {
      return a.at_ == b.at_;
    }

   private:
    typename Nodes::const_iterator at_;
  };

  SortedMap() = default;
  SortedMap(SortedMap&&) noexcept = default;
  SortedMap& operator=(SortedMap&&) noexcept = default;
  SortedMap(const SortedMap& other) {
    for (const auto& node : other.nodes_) nodes_.push_back(std::make_unique<value_type>(*node));
  }
  SortedMap& operator=(const SortedMap& other) { return *this = SortedMap(other); }
  ~SortedMap() = default;

  bool empty() const { return nodes_.empty(); }
  std::size_t size() const { return nodes_.size(); }
  const_iterator begin() const { return const_iterator(nodes_.begin()); }
  const_iterator end() const { return const_iterator(nodes_.end()); }
  const value_type& back() const { return *nodes_.back(); }  // requires !empty()

  const_iterator lower_bound(const Key& key) const { return const_iterator(place_of(key)); }
  const_iterator upper_bound(const Key& key) const {
    auto at = place_of(key);
    return const_iterator(at != nodes_.end() && (*at)->first == key ? at + 1 : at);
  }
  // nullptr where it is not there.
  const Value* find(const Key& key) const {
    auto at = place_of(key);
    return at == nodes_.end() || !((*at)->first == key) ? nullptr : &(*at)->second;
  }

  // The value of `key`, made where it was not there, and whether it was made.
  std::pair<Value*, bool> try_emplace(const Key& key) {
    auto at = place_of(key);
    if (at != nodes_.end() && (*at)->first == key) return {&(*at)->second, false};
    auto node = std::make_unique<value_type>(key, Value());
    Value* value = &node->second;
    nodes_.insert(at, std::move(node));
    return {value, true};
  }

  friend bool operator==(const SortedMap& a, const SortedMap& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  typename Nodes::const_iterator place_of(const Key& key) const {
    if (nodes_.empty() || nodes_.back()->first < key) return nodes_.end();
    return std::lower_bound(nodes_.begin(), nodes_.end(), key,
                            [](const auto& node, const Key& k) { return node->first < k; });
  }

  Nodes nodes_;
};

}  // namespace godwit
