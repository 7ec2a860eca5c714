// Result<T> and Status: how a function says that bytes, or a request, were not acceptable.
// Three kinds of failure are never mixed: a refusal by the other end is an event; malformed bytes
// give a Result; a broken invariant is a CHECK. No error text holds what a person wrote.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "shared/base/check.h"

namespace godwit {

// The codes of the wire protocol ("Codes"); Code::kOk never travels.
enum class Code : unsigned char {
  kOk,
  kBadFrame,
  kUnauthenticated,
  kForbidden,
  kNotFound,
  kTooLarge,
  kRateLimited,
  kInvalidContent,
  kConflict,
  kGroupFull,
  kUnsupported,
  kUnavailable,
};

struct Error {
  Code code = Code::kBadFrame;
  std::string detail;  // for developers: names fields and limits, never content
  friend bool operator==(const Error&, const Error&) = default;
};

// Success, or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design
  Status(Code code, std::string detail) : error_{code, std::move(detail)} {}
  static Status ok() { return Status(); }
  bool is_ok() const { return error_.code == Code::kOk; }
  explicit operator bool() const { return is_ok(); }
  const Error& error() const { return error_; }

 private:
  Error error_{Code::kOk, {}};
};

// A value of T, or an Error.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::move(error)) {}  // NOLINT: implicit by design
  bool is_ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return is_ok(); }
  T& value() & {
    GODWIT_CHECK(is_ok());
    return std::get<T>(state_);
  }
  const T& value() const& {
    GODWIT_CHECK(is_ok());
    return std::get<T>(state_);
  }
  T&& value() && {
    GODWIT_CHECK(is_ok());
    return std::get<T>(std::move(state_));
  }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  const Error& error() const {
    GODWIT_CHECK(!is_ok());
    return std::get<Error>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

}  // namespace godwit
