// The rule of status and of unread (docs/sync-spec.md, RC).
#include <catch2/catch.hpp>

#include "shared/sync/status.h"

namespace godwit {
namespace {

Member member(std::uint64_t id, std::uint64_t joined = 1) {
  Member made;
  made.user_id = UserId{id};
  made.role = Role::kMember;
  made.joined_seq = Seq{joined};
  return made;
}

Receipts marks(std::map<UserId, Seq> delivered, std::map<UserId, Seq> read) {
  return Receipts{std::move(delivered), std::move(read)};
}

constexpr UserId kMe{1}, kBo{2}, kCy{3};

TEST_CASE(
    "[RC2] a message is delivered when every other member has it, read when each has read it") {
  const std::vector<Member> people{member(1), member(2), member(3)};
  CHECK(reach_of(Seq{5}, kMe, people, marks({{kBo, Seq{5}}}, {})) == Reach::kSent);
  CHECK(reach_of(Seq{5}, kMe, people, marks({{kBo, Seq{5}}, {kCy, Seq{9}}}, {})) ==
        Reach::kDelivered);
  CHECK(reach_of(Seq{5}, kMe, people, marks({{kBo, Seq{5}}, {kCy, Seq{9}}}, {{kBo, Seq{5}}})) ==
        Reach::kDelivered);
  CHECK(reach_of(Seq{5}, kMe, people, marks({}, {{kBo, Seq{5}}, {kCy, Seq{6}}})) == Reach::kRead);
}

TEST_CASE("[RC2] members count from the seq they joined at, and no longer once they left") {
  std::vector<Member> people{member(1), member(2), member(3, 6)};
  const Receipts read_by_bo = marks({}, {{kBo, Seq{5}}});
  CHECK(reach_of(Seq{5}, kMe, people, read_by_bo) == Reach::kRead);
  people[2].joined_seq = Seq{5};
  CHECK(reach_of(Seq{5}, kMe, people, read_by_bo) == Reach::kSent);
  people[2].role.reset();
  CHECK(reach_of(Seq{5}, kMe, people, read_by_bo) == Reach::kRead);
}

TEST_CASE("[RC2] alone in a chat a message stays sent, whatever one's own watermark") {
  CHECK(reach_of(Seq{5}, kMe, {member(1)}, marks({}, {{kMe, Seq{9}}})) == Reach::kSent);
  CHECK(reach_marks(kMe, {member(1)}, marks({}, {{kMe, Seq{9}}})).read == Seq{0});
}

TEST_CASE("[RC1] read raises delivered, also where only read was told") {
  const ReachMarks least =
      reach_marks(kMe, {member(1), member(2), member(3)}, marks({{kCy, Seq{4}}}, {{kBo, Seq{7}}}));
  CHECK(least.delivered == Seq{4});
  CHECK(least.read == Seq{0});
}

TEST_CASE(
    "[RC5] unread is after the watermark, by others, and neither system, deleted nor hidden") {
  Message message;
  message.seq = Seq{8};
  message.sender_id = kBo;
  message.content = Content{ContentType::kText, "hi", {}};
  CHECK(counts_as_unread(message, kMe, Seq{7}, false));
  CHECK_FALSE(counts_as_unread(message, kMe, Seq{8}, false));
  CHECK_FALSE(counts_as_unread(message, kBo, Seq{7}, false));
  CHECK_FALSE(counts_as_unread(message, kMe, Seq{7}, true));
  message.content->type = ContentType::kSystem;
  CHECK_FALSE(counts_as_unread(message, kMe, Seq{7}, false));
  message.content.reset();
  message.deleted = true;
  CHECK_FALSE(counts_as_unread(message, kMe, Seq{7}, false));
}

}  // namespace
}  // namespace godwit
