// How strictly JSON is read, and how it is written.
#include <catch2/catch.hpp>

#include "shared/protocol/codec.h"
#include "shared/protocol/json_value.h"
#include "shared/protocol/json_writer.h"

namespace godwit {
namespace {

using json::parse;

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') +
         std::string(static_cast<std::size_t>(depth), ']');
}

std::string compact(std::string_view text) {
  Result<json::Value> value = parse(text, 16);
  REQUIRE(value.is_ok());
  return json::to_text(*value);
}

TEST_CASE("[WI25] a value is written compact, in its own order, numbers as they were written") {
  CHECK(compact(" { \"b\" : 1 , \"a\" : [ true , false , null ] } ") ==
        R"({"b":1,"a":[true,false,null]})");
  CHECK(compact("[1.50,1e3,-0.0,12345678901234567890,-9007199254740993]") ==
        "[1.50,1e3,-0.0,12345678901234567890,-9007199254740993]");
  CHECK(compact(R"(["\u0041\/\u00e9\ud83d\udc4b"])") == "[\"A/é👋\"]");
  CHECK(compact("{}") == "{}");
  CHECK(compact("\"\"") == "\"\"");
}

TEST_CASE("[WI25] only quote, backslash and control characters are escaped") {
  std::string out;
  append_json_string(out, std::string_view("\0\x01\b\t\n\v\f\r\x1F\x7F\"\\/é\u2028👋", 22));
  CHECK(out == "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\x7F\\\"\\\\/é\u2028👋\"");
}

TEST_CASE("[WI25] what is escaped is found at every place of a text of every length") {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (char c : {'"', '\\', '\x01', '\x1F', ' ', '!', '#', '[', '\x7F', 'x'}) {
        for (std::string_view around : {"x", "é"}) {
          std::string before;
          while (before.size() < at) before += around;
          const std::string after(size - at - 1, 'x');
          std::string escape;
          append_json_string(escape, std::string_view(&c, 1));
          std::string out;
          append_json_string(out, before + c + after);
          REQUIRE(out == '"' + before + escape.substr(1, escape.size() - 2) + after + '"');
          auto read = parse(out, 1);
          REQUIRE(read.is_ok());
          REQUIRE(read->text == before + c + after);
        }
      }
    }
  }
}

TEST_CASE("[WI25] texts of any length stand whole beside what is short") {
  json::Writer out;
  std::string expected = "[";
  out.open('[');
  for (std::size_t size : {0, 1, 63, 64, 1023, 1024, 1025, 5000, 2, 70'000}) {
    const std::string half(size / 2, 'a');
    const std::string rest(size - size / 2, 'b');
    out.string(half + rest).unsigned_integer(size).string(half + "\n" + rest).raw("{}");
    expected += (expected.size() > 1 ? ",\"" : "\"") + half + rest + "\"," + std::to_string(size) +
                ",\"" + half + "\\n" + rest + "\",{}";
  }
  CHECK(out.close(']').take() == expected + "]");
  CHECK(out.empty());
  CHECK(out.open('{').close('}').take() == "{}");
}

TEST_CASE("[WI26] what is not one JSON text is refused") {
  for (const char* bad : {"",        " ",          "{",        "}",        "[",         "{]",
                          "[1,]",    "{\"a\":1,}", "{a:1}",    "{'a':1}",  "{\"a\" 1}", "{\"a\":}",
                          "nul",     "True",       "NaN",      "Infinity", "-",         "+1",
                          "01",      "1.",         ".5",       "1e",       "0x1",       "\"",
                          "\"\\x\"", "\"\\u12\"",  "\"a\nb\"", "\"a\tb\"", "// x\n1",   "/* x */1",
                          "{}{}",    "{} x",       "1 2",      "[] ]",     "1e400",     "-1e999"}) {
    INFO(bad);
    Result<json::Value> value = parse(bad, 16);
    REQUIRE_FALSE(value.is_ok());
    CHECK(value.error().code == Code::kBadFrame);
  }
}

TEST_CASE("[WI26] invalid UTF-8, a NUL byte and a byte order mark are refused anywhere") {
  for (const char* bad :
       {"\"\x80\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xE2\x82\"",
        "{\"\xFF\":1}", "\xFF", "{}\xFF", "\xEF\xBB\xBF{}", "\xFE\xFF{}"}) {
    CHECK_FALSE(parse(bad, 16).is_ok());
  }
  CHECK_FALSE(parse(std::string_view("{}\0", 3), 16).is_ok());
  CHECK_FALSE(parse(std::string_view("{}\0{", 4), 16).is_ok());
  CHECK_FALSE(parse(std::string_view("\"a\0b\"", 5), 16).is_ok());
}

TEST_CASE("[WI26] an unpaired surrogate escape is refused, a pair is one character") {
  for (const char* bad : {R"("\ud800")", R"("\udc00")", R"("\ud800\ud800")", R"("\ud800x")",
                          R"("\udc00\ud800")", R"("\ud83d\u0041")"}) {
    INFO(bad);
    CHECK_FALSE(parse(bad, 16).is_ok());
  }
  CHECK(parse(R"("\ud83d\udc4b")", 16)->text == "👋");
}

TEST_CASE("[WI26] a key twice in one object is refused, at any depth and number of keys") {
  CHECK_FALSE(parse(R"({"a":1,"a":1})", 16).is_ok());
  CHECK_FALSE(parse(R"({"a":1,"\u0061":2})", 16).is_ok());
  CHECK_FALSE(parse(R"([{"x":{"a":1,"b":2,"a":3}}])", 16).is_ok());
  CHECK(parse(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]})", 16).is_ok());
  std::string many = "{";
  for (int i = 0; i < 3'000; ++i) many += "\"" + std::to_string(i) + "\":0,";
  CHECK(parse(many + "\"x\":0}", 16).is_ok());
  CHECK_FALSE(parse(many + "\"7\":0}", 16).is_ok());
}

TEST_CASE("[WI26] nesting of 16 is read, of 17 refused") {
  CHECK(parse(nested(16), 16).is_ok());
  CHECK_FALSE(parse(nested(17), 16).is_ok());
  CHECK_FALSE(parse(nested(30'000), 16).is_ok());
  CHECK_FALSE(parse(std::string(60'000, '['), 16).is_ok());
  CHECK(json::depth_of(*parse(nested(5), 16)) == 5);
  CHECK(json::depth_of(*parse("1", 16)) == 0);
}

TEST_CASE("[WI29] an integer is one written without fraction or exponent, below 2^53") {
  CHECK(parse("9007199254740991", 16)->kind == json::Kind::kInteger);
  CHECK(parse("-9007199254740991", 16)->kind == json::Kind::kInteger);
  for (const char* other : {"9007199254740992", "18446744073709551615", "-9007199254740992",
                            "-9223372036854775808", "1.0", "1e2", "99999999999999999999"}) {
    INFO(other);
    CHECK(parse(other, 16)->kind == json::Kind::kNumber);
  }
}

}  // namespace
}  // namespace godwit
