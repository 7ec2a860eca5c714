#include "shared/base/instant.h"

#include <array>
#include <cstring>

#include "shared/base/check.h"

namespace godwit {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

struct Date {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

unsigned days_in(unsigned month, std::int64_t year) {
  if (month != 2) return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
}

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
std::int64_t days_from_civil(Date date) {
  std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  std::int64_t era = year / 400;
  auto year_of_era = static_cast<unsigned>(year - era * 400);
  unsigned shifted_month = date.month > 2 ? date.month - 3 : date.month + 9;
  unsigned day_of_year = (153 * shifted_month + 2) / 5 + date.day - 1;
  unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

// The inverse: civil_from_days. Requires days >= 0 (1970 or later).
Date civil_from_days(std::int64_t days) {
  days += 719468;
  std::int64_t era = days / 146097;
  auto day_of_era = static_cast<unsigned>(days - era * 146097);
  unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  unsigned shifted_month = (5 * day_of_year + 2) / 153;
  unsigned day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  unsigned month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  std::int64_t year = static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0);
  return Date{year, month, day};
}

void put_digits(char* at, int width, std::int64_t value) {
  for (int i = width - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

std::string format_timestamp(Timestamp time) {
  std::string text(kTimestampBytes, '\0');
  put_timestamp(text.data(), time);
  return text;
}

char* put_timestamp(char* at, Timestamp time) {
  GODWIT_CHECK(time.unix_ms >= 0 && time.unix_ms <= 253402300799999);
  Date date = civil_from_days(time.unix_ms / kDayMs);
  std::int64_t ms = time.unix_ms % kDayMs;
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000Z";
  static_assert(kForm.size() == kTimestampBytes);
  std::memcpy(at, kForm.data(), kForm.size());
  put_digits(at, 4, date.year);
  put_digits(at + 5, 2, date.month);
  put_digits(at + 8, 2, date.day);
  put_digits(at + 11, 2, ms / 3'600'000);
  put_digits(at + 14, 2, ms / 60'000 % 60);
  put_digits(at + 17, 2, ms / 1'000 % 60);
  put_digits(at + 20, 3, ms % 1'000);
  return at + kTimestampBytes;
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  struct Part {
    std::uint8_t at;
    std::uint8_t digits;
    char end;  // what stands behind it
  };
  constexpr std::array<Part, 7> kParts{{{0, 4, '-'},
                                        {5, 2, '-'},
                                        {8, 2, 'T'},
                                        {11, 2, ':'},
                                        {14, 2, ':'},
                                        {17, 2, '.'},
                                        {20, 3, 'Z'}}};
  if (text.size() != kTimestampBytes) return std::nullopt;
  std::array<std::int32_t, kParts.size()> parts{};
  for (std::size_t part = 0; part < kParts.size(); ++part) {
    const char* at = text.data() + kParts[part].at;
    const char* const end = at + kParts[part].digits;
    for (; at != end; ++at) {
      if (*at < '0' || *at > '9') return std::nullopt;
      parts[part] = parts[part] * 10 + (*at - '0');
    }
    if (*at != kParts[part].end) return std::nullopt;
  }
  Date date{parts[0], static_cast<unsigned>(parts[1]), static_cast<unsigned>(parts[2])};
  if (date.year < 1970 || parts[1] < 1 || parts[1] > 12 || parts[2] < 1) return std::nullopt;
  if (parts[3] > 23 || parts[4] > 59 || parts[5] > 59) return std::nullopt;
  if (date.day > days_in(date.month, date.year)) return std::nullopt;
  std::int64_t days = days_from_civil(date);
  std::int64_t ms = ((parts[3] * 60 + parts[4]) * 60 + parts[5]) * std::int64_t{1'000} + parts[6];
  return Timestamp{days * kDayMs + ms};
}

}  // namespace godwit
