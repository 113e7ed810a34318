#include "hwid/explain.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "hwid/makers.h"
#include "tests/unit/hwid/story.h"

namespace latchkey::hwid {
namespace {

testing::AssertionResult says(const std::vector<std::string>& sentences, std::string_view wanted) {
    if (std::find(sentences.begin(), sentences.end(), wanted) != sentences.end())
        return testing::AssertionSuccess();
    auto out = testing::AssertionFailure() << "not said: " << wanted << "\n";
    for (const auto& sentence : sentences) out << "  " << sentence << "\n";
    return out;
}

TEST(Explain, redaction_keeps_the_end_of_long_values_only) {
    EXPECT_EQ(redact("S64DNF0R812345A"), "…45A");
    EXPECT_EQ(redact("1234567"), "…567");
    EXPECT_EQ(redact("123456"), "…");
    EXPECT_EQ(redact(""), "…");
    EXPECT_EQ(redact("äöüÄÖÜß"), "…ÖÜß") << "characters, not bytes";
}

TEST(Explain, a_replaced_network_card_names_both_cards) {
    const auto got = story("desktop", "desktop-nic-swapped");
    EXPECT_TRUE(says(got.sentences(),
                     "Network card replaced (was Intel …:9c, now Realtek …:b1): "
                     "not significant"));
    EXPECT_TRUE(says(got.sentences(Reveal::full),
                     "Network card replaced (was Intel a4:bb:6d:5e:21:9c, now Realtek "
                     "00:e0:4d:8a:7f:b1): not significant"));
    EXPECT_TRUE(says(got.sentences(), "Disk (Samsung SSD 980 1TB …45A) is the same"));
    EXPECT_TRUE(says(
        got.sentences(),
        "Operating system's machine id belongs to the system and not to the machine: ignored"));
}

TEST(Explain, after_a_reimage_the_recorded_value_is_not_at_hand) {
    const auto got = story("desktop", "desktop-nic-swapped").sentences(Reveal::redacted, false);
    EXPECT_TRUE(says(got,
                     "Network card replaced (the recorded one is absent; present now: Realtek "
                     "…:b1): not significant"));
}

TEST(Explain, a_replaced_board_is_called_significant) {
    const auto got = story("desktop", "desktop-board-replaced").sentences();
    EXPECT_TRUE(says(got, "Mainboard serial number changed (was …C7/, now …D4/): significant"));
    EXPECT_TRUE(says(got, "BIOS version changed (was 1.14.1, now 1.21.0): not significant"));
}

TEST(Explain, another_machine_is_not_called_significant_piece_by_piece) {
    for (const auto& sentence : story("desktop", "desktop-twin").sentences()) {
        EXPECT_EQ(sentence.find("significant"), std::string::npos) << sentence;
    }
}

TEST(Explain, what_is_ignored_says_why) {
    const auto laptop = story("laptop", "laptop").sentences();
    EXPECT_TRUE(says(laptop, "Network card is removable or part of a dock: ignored"));
    const auto server = story("server", "server").sentences();
    EXPECT_TRUE(says(server, "Disk is virtual or made up by a RAID controller: ignored"));
    EXPECT_TRUE(says(server, "TPM endorsement key cannot be read: neither for nor against"));
    const auto whitebox = story("whitebox", "whitebox").sentences();
    EXPECT_TRUE(says(whitebox, "System UUID holds a placeholder that names no machine: ignored"));
    EXPECT_TRUE(says(whitebox, "TPM endorsement key is not there: ignored"));
}

TEST(Explain, what_became_readable_came_without_cost) {
    Story got{fakes::machine("server"), fakes::machine("server")};
    for (auto& component : got.after.components) {
        if (component.kind == Kind::tpm_ek)
            component = {Kind::tpm_ek, "8c1f0b6e5d7a4392b0e1c2d3f4a59687", "", {}, State::present};
    }
    got.after_fp = fingerprint(got.after, plain_digest, "");
    got.result = match(got.before_fp, got.after_fp, default_weights());
    EXPECT_TRUE(
        says(got.sentences(),
             "TPM endorsement key (…687) could not be read before: filled in without cost"));
}

/// The desktop, one value of which is another on each side.
Story with(Kind kind, const std::string& before, const std::string& after) {
    Story got{fakes::machine("desktop"), fakes::machine("desktop")};
    const auto put = [kind](Snapshot& snapshot, const std::string& value) {
        for (auto& component : snapshot.components)
            if (component.kind == kind) component.value = value;
    };
    put(got.before, before);
    put(got.after, after);
    return Story{got.before, got.after};
}

TEST(Explain, what_is_hidden_says_how) {
    EXPECT_TRUE(says(with(Kind::system_serial, "6KJR6Y3", "To be filled by O.E.M.").sentences(),
                     "System serial number (…6Y3) holds a placeholder now: neither for nor "
                     "against"));
    EXPECT_TRUE(says(with(Kind::system_serial, "To be filled by O.E.M.", "6KJR6Y3").sentences(),
                     "System serial number (…6Y3) held a placeholder before: filled in without "
                     "cost"));
    EXPECT_TRUE(
        says(with(Kind::nic, "a4:bb:6d:5e:21:9c", "06:bb:6d:5e:21:9c").sentences(),
             "Network card (Intel …:9c) shows a virtual or locally set address now: neither for "
             "nor against"));
}

TEST(Explain, values_with_one_end_are_told_apart) {
    const auto got = with(Kind::system_serial, "MXQ51D42", "MXQ72D42");
    EXPECT_TRUE(says(got.sentences(),
                     "System serial number changed (was …Q51…, now …Q72…): "
                     "not significant"));
    EXPECT_TRUE(says(with(Kind::system_serial, "D42XYZ7", "AD42XYZ7").sentences(),
                     "System serial number changed (was …, now A…): not significant"));
}

TEST(Explain, of_a_short_value_no_more_is_shown_than_tells_it_apart) {
    EXPECT_TRUE(says(with(Kind::system_serial, "X7K1", "X7K2").sentences(),
                     "System serial number changed (was …1, now …2): not significant"));
}

TEST(Explain, what_one_side_alone_shows_is_told_of_that_side) {
    const Component disk{Kind::disk, "S64DNF0R812345A", "sda", {}, State::present};
    Component placeholder = disk;
    placeholder.value = "To be filled by O.E.M.";
    Component usb = disk;
    usb.attributes["bus"] = "usb";
    const Component unreadable{Kind::disk, "", "sdb", {}, State::unreadable};
    const Component absent{Kind::disk, "", "", {}, State::absent};
    const auto one = [&](const Component& other, bool before) {
        Snapshot with_it{"linux", {}, {disk, other}};
        Snapshot without{"linux", {}, {disk}};
        return before ? Story{with_it, without}.sentences() : Story{without, with_it}.sentences();
    };
    EXPECT_TRUE(says(one(placeholder, true), "Disk held a placeholder before: ignored"));
    EXPECT_TRUE(says(one(placeholder, false), "Disk holds a placeholder now: ignored"));
    EXPECT_TRUE(says(one(usb, true), "Disk was removable or part of a dock before: ignored"));
    EXPECT_TRUE(says(one(usb, false), "Disk is removable or part of a dock now: ignored"));
    EXPECT_TRUE(says(one(absent, true), "Disk was not there before: ignored"));
    EXPECT_TRUE(
        says(one(unreadable, true), "Disk could not be read before: neither for nor against"));
    EXPECT_TRUE(says(one(unreadable, false), "Disk cannot be read now: neither for nor against"));
}

TEST(Explain, what_a_snapshot_does_not_mention_was_not_recorded) {
    const Snapshot desktop = fakes::machine("desktop");
    Snapshot bare = desktop;
    std::erase_if(bare.components, [](const auto& c) { return c.kind == Kind::tpm_ek; });
    EXPECT_TRUE(says(Story{bare, desktop}.sentences(),
                     "TPM endorsement key (…687) was not recorded before: filled in without cost"));
    EXPECT_TRUE(says(Story{desktop, bare}.sentences(),
                     "TPM endorsement key (…687) is not recorded now: neither for nor against"));
}

TEST(Explain, a_placeholder_for_a_model_never_named_a_machine) {
    const std::string filler = "To be filled by O.E.M.";
    EXPECT_TRUE(says(with(Kind::system_product, filler, filler).sentences(),
                     "System model holds a placeholder that says nothing: ignored"));
}

TEST(Explain, memory_has_its_unit_and_a_graphics_card_its_maker) {
    EXPECT_TRUE(says(with(Kind::memory_total_mb, "16384", "32768").sentences(),
                     "Memory size changed (was 16384 MB, now 32768 MB): not significant"));
    EXPECT_EQ(value_in_words({Kind::gpu, "pci:10de:2484", "", {}, State::present}),
              "NVIDIA pci:10de:2484");
    EXPECT_EQ(value_in_words({Kind::gpu, "igp-EA 06 09", "", {}, State::present}), "igp-EA 06 09");
    EXPECT_EQ(maker_of_device("usb", "0bda:8153"), "Realtek");
    EXPECT_EQ(maker_of_device("pci", "ffff:0001"), "");
    EXPECT_EQ(maker_of_device("", ""), "");
}

TEST(Explain, replaced_members_are_paired_as_the_snapshots_name_them) {
    Snapshot before = fakes::machine("desktop");
    std::erase_if(before.components, [](const auto& c) { return c.kind == Kind::nic; });
    Snapshot after = before;
    for (int card = 0; card < 4; ++card) {
        const std::string slot = "eth" + std::to_string(card);
        const auto add = [&](Snapshot& snapshot, const std::string& address) {
            snapshot.components.push_back(
                {Kind::nic, address, slot, {{"bus", "pci"}}, State::present});
        };
        add(before, "a4:bb:6d:00:00:1" + std::to_string(card));
        add(after, "00:e0:4c:00:00:2" + std::to_string(card));
    }
    const auto said = Story{before, after}.sentences(Reveal::full);
    for (int card = 0; card < 4; ++card) {
        const std::string n = std::to_string(card);
        EXPECT_TRUE(says(said, "Network card replaced (was a4:bb:6d:00:00:1" + n +
                                   ", now 00:e0:4c:00:00:2" + n + "): not significant"));
    }
}

TEST(Explain, added_and_removed_parts_are_named) {
    Story got{fakes::machine("desktop"), fakes::machine("desktop")};
    got.after.components.push_back(
        {Kind::disk, "WD-WX32D1A7KE9P", "sda", {{"model", "WDC WD20EZBX"}}, State::present});
    got.after_fp = fingerprint(got.after, plain_digest, "");
    EXPECT_TRUE(says(Story{got.before, got.after}.sentences(),
                     "Disk added (WDC WD20EZBX …E9P): not significant"));
    EXPECT_TRUE(says(Story{got.after, got.before}.sentences(),
                     "Disk gone (WDC WD20EZBX …E9P): not significant"));
}

TEST(Explain, redacted_sentences_hold_no_identity) {
    for (const auto* name : {"desktop", "laptop", "server"}) {
        const auto got = story(name, "desktop-twin");
        for (const auto& sentence : got.sentences()) {
            for (const auto& component : got.before.components) {
                if (component.kind <= Kind::disk && component.value.size() > 6) {
                    EXPECT_EQ(sentence.find(component.value), std::string::npos) << sentence;
                }
            }
        }
    }
}

TEST(Explain, indexes_that_lead_nowhere_give_words_without_values) {
    const auto got = story("desktop", "desktop-nic-swapped");
    const ComponentResult wild{Kind::nic, Outcome::changed, Why::replaced, 0, 9999, -7};
    EXPECT_EQ(explain(wild, got.result, got.before_fp, got.after_fp, &got.before, &got.after,
                      Reveal::full),
              "Network card replaced: not significant");
}

TEST(Explain, network_cards_and_disks_lost_together_are_both_called_significant) {
    auto before = fakes::machine("desktop");
    std::erase_if(before.components, [](const auto& c) { return c.kind == Kind::tpm_ek; });
    auto after = before;
    for (auto& component : after.components) {
        if (component.kind == Kind::nic) component.value = "3c:52:82:4f:18:aa";
        if (component.kind == Kind::disk) component.value = "WD-WX32D1A7KE9P";
    }
    int significant = 0;
    for (const auto& sentence : Story{before, after}.sentences()) {
        if (!sentence.ends_with(": significant")) continue;
        ++significant;
        EXPECT_TRUE(sentence.starts_with("Network card") || sentence.starts_with("Disk"))
            << sentence;
    }
    EXPECT_EQ(significant, 2);
}

}  // namespace
}  // namespace latchkey::hwid
