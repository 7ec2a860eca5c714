#include "server/admin/demo.h"

#include <map>
#include <vector>

#include "server/store/store.h"

namespace godwit::server {
namespace {

constexpr const char* kPassword = "godwit-demo";
constexpr const char* kAddress = "demo";

std::vector<DemoPerson> people() {
  return {{"ana", "Ana ანა", kPassword},
          {"bob", "Bo Lindqvist", kPassword},
          {"samir", "سمير Samir", kPassword}};
}

// One line of the story. `to_edit`: what it says after an edit. `reaction`: by the next person.
struct Line {
  const char* who;
  const char* text;
  int reply_to = 0;  // lines back; 0: none
  const char* to_edit = nullptr;
  const char* reaction = nullptr;
};

constexpr Line kFlight[] = {
    {"bob", "A bar-tailed godwit just flew Alaska → Tasmania. 13,560 km. Eleven days. No stop."},
    {"ana", "არ მჯერა! 11 დღე ჰაერში? 🐦", 1, nullptr, "😮"},
    {"samir", "لا نوم، لا طعام، لا توقف.", 2, nullptr, "❤️"},
    {"bob", "They shrink their own gut befor leaving, to weigh less.", 0,
     "They shrink their own gut before leaving, to weigh less."},
    {"ana", "Meanwhile I need a snack to get through a meeting.", 0, nullptr, "😂"},
    {"samir", "Weekend by the estuary? Low tide is at 09:40. https://example.org/tides"},
    {"bob", "I'm in. I'll bring the scope and coffee ☕", 1, nullptr, "👍"},
    {"ana", "კი! მე ნამცხვარს მოვიტან 🍰", 2},
    {"samir", "اتفقنا. نلتقي عند الجسر الساعة التاسعة."},
};

constexpr Line kAnaAndBo[] = {
    {"ana", "Did the message I wrote in the tunnel ever reach you?"},
    {"bob", "All five, in order, the moment you came out. 🚇", 1, nullptr, "🎉"},
    {"ana", "მშვენიერია. So it really does keep them."},
    {"bob", "Typed offline, tab closed, phone rebooted: still delivered once."},
    {"ana", "I'll bring the tickets on Friday. დილის 9 საათზე?"},
    {"bob", "Nine is perfect."},
};

constexpr Line kAnaAndSamir[] = {
    {"samir", "صباح الخير يا آنا! هل وصلت الصور؟"},
    {"ana", "Good morning! ჯერ არა, but the light was wonderful.", 1},
    {"samir", "سأرسلها مرة أخرى الليلة.", 0, nullptr, "🙏"},
    {"samir", "And the one with the reflection — look closely, there are two of them. 👀"},
};

Status failed(const Outcome& outcome) {
  return {outcome.code, "the demo could not be made: " + outcome.detail};
}

class DemoStory {
 public:
  DemoStory(Service& service, std::map<std::string, UserId> ids)
      : service_(service), ids_(std::move(ids)) {}

  Result<ChatId> open(const char* who, const char* group_name, std::vector<const char*> others) {
    CreateChat create;
    create.type = group_name == nullptr ? ChatType::kDirect : ChatType::kGroup;
    if (group_name != nullptr) create.name = group_name;
    for (const char* other : others) create.participants.push_back(ids_.at(other));
    Outcome outcome = service_.submit_and_wait(ids_.at(who), std::move(create));
    if (!outcome.is_ok()) return failed(outcome).error();
    return outcome.chat_id;
  }

  // The last lines, `unread_count` of them, stay unread by everyone but their writer.
  template <std::size_t Count>
  Status tell(ChatId chat_id, const Line (&lines)[Count], std::size_t unread_count) {
    std::vector<MessageId> told;
    for (std::size_t i = 0; i < Count; ++i) {
      if (Status status = tell_line(chat_id, lines[i], told); !status) return status;
      if (i + unread_count + 1 == Count) {
        if (Status status = everyone_reads(chat_id); !status) return status;
      }
    }
    return Status::ok();
  }

 private:
  Status tell_line(ChatId chat_id, const Line& line, std::vector<MessageId>& told) {
    SendMessage send;
    send.chat_id = chat_id;
    send.content.text = line.text;
    if (line.reply_to > 0)
      send.reply_to = told[told.size() - static_cast<std::size_t>(line.reply_to)];
    Outcome sent = service_.submit_and_wait(ids_.at(line.who), std::move(send));
    if (!sent.is_ok()) return failed(sent);
    head_ = *sent.seq;
    told.push_back(sent.message_id);
    if (line.to_edit != nullptr) {
      EditMessage edit{"", chat_id, sent.message_id, Content{ContentType::kText, line.to_edit, {}}};
      if (Status status = apply(line.who, std::move(edit)); !status) return status;
    }
    if (line.reaction == nullptr) return Status::ok();
    // Ana is in every chat, so the reaction is hers, or Bo's and Samir's to what she wrote.
    const std::string who = line.who;
    return apply(who == "ana" ? reactor_ : "ana",
                 React{"", chat_id, sent.message_id, line.reaction, true});
  }

  Status apply(const std::string& who, Operation operation) {
    Outcome outcome = service_.submit_and_wait(ids_.at(who), std::move(operation));
    if (!outcome.is_ok()) return failed(outcome);
    if (outcome.seq) head_ = *outcome.seq;
    return Status::ok();
  }

  Status everyone_reads(ChatId chat_id) {
    for (const auto& [name, user_id] : ids_) {
      Status status = service_.mark_and_wait(user_id, MarkPosition{chat_id, head_, true});
      const bool elsewhere = !status && status.error().code == Code::kNotFound;
      if (!status && !elsewhere) return status;
    }
    return Status::ok();
  }

  Service& service_;
  std::map<std::string, UserId> ids_;
  std::string reactor_ = "bob";
  Seq head_;
};

Result<std::map<std::string, UserId>> register_people(Accounts& accounts) {
  std::map<std::string, UserId> ids;
  for (const DemoPerson& person : people()) {
    NewAccount account{person.username, person.display_name, person.password, {}};
    if (auto invite = accounts.create_invite()) account.invite = *invite;
    auto in = accounts.register_and_wait(account, Origin{kAddress, "demo"}, nullptr);
    if (!in) return in.error();
    ids[person.username] = in->user.user_id;
    Status ended = accounts.end_session(in->user.user_id, in->identity.session_id);
    if (!ended) return ended.error();
  }
  return ids;
}

Status tell_stories(Service& service, const std::map<std::string, UserId>& ids) {
  DemoStory story(service, ids);
  auto direct = story.open("ana", nullptr, {"bob"});
  if (!direct) return direct.error();
  if (Status status = story.tell(*direct, kAnaAndBo, 1); !status) return status;
  auto group = story.open("bob", "Estuary walks 🌊", {"ana", "samir"});
  if (!group) return group.error();
  if (Status status = story.tell(*group, kFlight, 3); !status) return status;
  auto pictures = story.open("samir", nullptr, {"ana"});
  if (!pictures) return pictures.error();
  return story.tell(*pictures, kAnaAndSamir, 2);
}

// Are these three the people of the database already?
Result<bool> are_present(Service& service) {
  auto reader = service.store().open_reader();
  if (!reader) return reader.error();
  (*reader)->begin();
  bool present = true;
  for (const DemoPerson& person : people()) {
    present = present && (*reader)->user_by_name(person.username).has_value();
  }
  Status status = (*reader)->finish();
  if (!status) return status.error();
  return present;
}

Result<bool> is_empty(Service& service) {
  auto reader = service.store().open_reader();
  if (!reader) return reader.error();
  (*reader)->begin();
  bool empty = !(*reader)->has_users();
  Status status = (*reader)->finish();
  if (!status) return status.error();
  return empty;
}

}  // namespace

Result<std::vector<DemoPerson>> seed_demo(Service& service, Accounts& accounts) {
  auto present = are_present(service);
  if (!present) return present.error();
  if (*present) return people();
  auto empty = is_empty(service);
  if (!empty) return empty.error();
  if (!*empty) return std::vector<DemoPerson>();
  auto ids = register_people(accounts);
  if (!ids) return ids.error();
  if (Status status = tell_stories(service, *ids); !status) return status.error();
  return people();
}

}  // namespace godwit::server
