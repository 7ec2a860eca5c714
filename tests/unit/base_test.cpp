#include <catch2/catch.hpp>

#include "shared/base/hash.h"
#include "shared/base/ids.h"
#include "shared/base/instant.h"
#include "shared/base/prng.h"
#include "shared/base/snowflake.h"
#include "shared/base/utf8.h"

namespace godwit {
namespace {

TEST_CASE("[WI20] an id is 1 to 19 decimal digits of a positive 63-bit number") {
  CHECK(parse_id<UserId>("1") == UserId{1});
  CHECK(parse_id<UserId>("9223372036854775807") == UserId{0x7fffffffffffffffULL});
  for (const char* bad : {"", "0", "01", "+1", "-1", " 1", "1 ", "1.0", "1e3", "0x1", "a",
                          "9223372036854775808", "18446744073709551616", "99999999999999999999"}) {
    INFO(bad);
    CHECK_FALSE(parse_id<UserId>(bad));
  }
  CHECK(UserId{42}.str() == "42");
  CHECK_FALSE(UserId{});
}

TEST_CASE("[WI21] a timestamp is written with milliseconds and read back, over leap years") {
  struct Row {
    std::int64_t unix_ms;
    const char* text;
  };
  const Row rows[] = {
      {0, "1970-01-01T00:00:00.000Z"},
      {68'169'600'000, "1972-02-29T00:00:00.000Z"},
      {951'782'399'999, "2000-02-28T23:59:59.999Z"},
      {951'782'400'000, "2000-02-29T00:00:00.000Z"},
      {951'868'800'000, "2000-03-01T00:00:00.000Z"},
      {1'709'164'800'000, "2024-02-29T00:00:00.000Z"},
      {1'795'253'193'123, "2026-11-21T09:26:33.123Z"},
      {4'107'542'400'000, "2100-03-01T00:00:00.000Z"},
      {253'402'300'799'999, "9999-12-31T23:59:59.999Z"},
  };
  for (const Row& row : rows) {
    CHECK(format_timestamp(Timestamp{row.unix_ms}) == row.text);
    CHECK(parse_timestamp(row.text) == Timestamp{row.unix_ms});
  }
}

TEST_CASE("[WI21] every day of four centuries is written and read back in order") {
  std::string previous;
  for (std::int64_t day = 0; day < 146'097; ++day) {
    Timestamp time{day * 86'400'000 + 43'200'001};
    std::string text = format_timestamp(time);
    REQUIRE(parse_timestamp(text) == time);
    REQUIRE(previous < text);
    previous = text;
  }
}

TEST_CASE("[WI21] what is not a day, or not written our way, is no timestamp") {
  for (const char* bad : {"",
                          "2026-11-21",
                          "2026-11-21T09:26:33Z",
                          "2026-11-21T09:26:33.123",
                          "2026-11-21 09:26:33.123Z",
                          "2026-11-21T09:26:33.123z",
                          "2026-11-21T09:26:33.123+00:00",
                          "2026-11-21T09:26:33.1234Z",
                          "2023-02-29T00:00:00.000Z",
                          "2100-02-29T00:00:00.000Z",
                          "2026-04-31T00:00:00.000Z",
                          "2026-00-01T00:00:00.000Z",
                          "2026-13-01T00:00:00.000Z",
                          "2026-01-00T00:00:00.000Z",
                          "2026-01-32T00:00:00.000Z",
                          "2026-01-01T24:00:00.000Z",
                          "2026-01-01T00:60:00.000Z",
                          "2026-01-01T00:00:60.000Z",
                          "1969-12-31T23:59:59.999Z",
                          "2026-11-2aT09:26:33.123Z"}) {
    INFO(bad);
    CHECK_FALSE(parse_timestamp(bad));
  }
}

TEST_CASE("[WI22] UTF-8 is well-formed or refused") {
  for (const char* good : {"", "a", "\x7F", "\u0080", "\u07FF", "\u0800", "\uD7FF", "\uE000",
                           "\uFFFF", "\U00010000", "\U0010FFFF", "გამარჯობა 👋"}) {
    INFO(good);
    CHECK(is_valid_utf8(good));
  }
  for (const char* bad :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x80\x80", "\xE0\x9F\xBF",
        "\xE1\x80", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF",
        "\xF1\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF", "a\xE2\x82"}) {
    CHECK_FALSE(is_valid_utf8(bad));
  }
}

TEST_CASE("[WI22] one bad byte is found anywhere in a long text") {
  for (std::size_t at = 0; at < 90; ++at) {
    std::string text(90, 'a');
    REQUIRE(is_valid_utf8(text));
    text[at] = '\xC3';
    REQUIRE_FALSE(is_valid_utf8(text));
    if (at + 1 == text.size()) continue;
    text[at + 1] = '\xA4';
    REQUIRE(is_valid_utf8(text));
  }
}

TEST_CASE("[WI22] a text of white space and zero-width characters is blank") {
  for (const char* blank :
       {"", " ", "\t\r\n", "\u00A0", "\u2003\u3000", "\u200B\u200C\u200D\u2060\uFEFF"}) {
    CHECK(is_blank(blank));
  }
  for (const char* shown : {"a", " . ", "\u200Ba", "👋"}) CHECK_FALSE(is_blank(shown));
}

TEST_CASE("[WI22] a prefix ends between code points") {
  std::string text = "aé€😀";
  const std::size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (std::size_t bytes = 0; bytes < 12; ++bytes) {
    CHECK(utf8_prefix(text, bytes).size() == ends[bytes]);
  }
}

TEST_CASE("[WI24] crc32c gives the vectors of RFC 3720") {
  CHECK(crc32c("") == 0);
  CHECK(crc32c("123456789") == 0xE3069283u);
  CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AAu);
  CHECK(crc32c(std::string(32, '\xFF')) == 0x62A8AB43u);
  std::string rising;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i);
  CHECK(crc32c(rising) == 0x46DD794Eu);
}

TEST_CASE("[WI24] crc32c is the division bit by bit, at every length and alignment") {
  std::string bytes;
  for (int i = 0; i < 80; ++i) bytes.push_back(static_cast<char>(mix64(static_cast<unsigned>(i))));
  for (std::size_t from = 0; from < 9; ++from) {
    std::uint32_t crc = 0xFFFFFFFFu;
    for (std::size_t end = from; end < bytes.size(); ++end) {
      REQUIRE(crc32c(std::string_view(bytes).substr(from, end - from)) == (crc ^ 0xFFFFFFFFu));
      crc ^= static_cast<unsigned char>(bytes[end]);
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0u);
    }
  }
}

TEST_CASE("[WI24] mixing and block hashes are the same on every platform") {
  CHECK(mix64(0) == 0xE220A8397B1DCDAFULL);  // the first output of SplitMix64 with seed 0
  CHECK(fnv1a64("") == 0xCBF29CE484222325ULL);
  CHECK(fnv1a64("foobar") == 0x85944171F73967E8ULL);
  CHECK(block_hash(1, 2) != block_hash(2, 1));
  CHECK(block_hash(7, 7) == mix64(mix64(7) + 7));
  Prng first(5);
  Prng second(5);
  CHECK(first.next() == second.next());
}

TEST_CASE("[WI23] snowflakes grow although the clock stands still or goes back") {
  Snowflake ids(1023);
  std::int64_t start = kSnowflakeEpochUnixMs + 1'000'000;
  std::uint64_t last = 0;
  for (std::int64_t step : {0, 0, 5, -1'000, -999'999, -2'000'000'000, 1, 100}) {
    for (int i = 0; i < 5'000; ++i) {  // more than the 4096 of one millisecond
      std::uint64_t id = ids.next(Timestamp{start + step});
      REQUIRE(id > last);
      REQUIRE(((id >> 12) & 0x3FF) == 1023);
      last = id;
    }
  }
}

TEST_CASE("[WI23] a generator goes on after the last id that was allotted") {
  Timestamp now{kSnowflakeEpochUnixMs + 1'000};
  Snowflake before(3);
  std::uint64_t last = 0;
  for (int i = 0; i < 10'000; ++i) last = before.next(now);
  Snowflake after(3, last);
  CHECK(after.next(now) > last);
}

}  // namespace
}  // namespace godwit
