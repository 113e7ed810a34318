#include "hwid/unread.h"

#include <gmock/gmock.h>

#include "tests/fakes/raw_machines.h"

namespace latchkey::hwid {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Unread, a_machine_that_answers_leaves_nothing_to_say) {
    EXPECT_THAT(unread_sources(fakes::raw_desktop()), IsEmpty());
    EXPECT_THAT(unread_sources(fakes::raw_arm_board()), IsEmpty()) << "no SMBIOS is no secret";
    EXPECT_THAT(unread_sources({}), IsEmpty()) << "what is not there is not missing";
}

TEST(Unread, without_rights_one_sentence_names_what_is_hidden_and_the_remedy) {
    auto raw = fakes::raw_desktop();
    raw.smbios_table = {Access::denied, {}, ""};
    raw.dmi_fields["product_serial"] = {Access::denied, "", ""};
    raw.disks[0].serial = {Access::denied, "", ""};
    raw.disks[0].wwn = {};
    EXPECT_THAT(
        unread_sources(raw),
        ElementsAre(AllOf(HasSubstr("SMBIOS"), HasSubstr("disk nvme0n1"), HasSubstr("sudo"))));
}

TEST(Unread, windows_is_told_windows_remedies) {
    auto raw = fakes::raw_desktop();
    raw.os = "windows";
    raw.vm_generation_id = {Access::denied, "", ""};
    raw.memory_bytes.access = Access::failed;
    EXPECT_THAT(
        unread_sources(raw),
        ElementsAre(AllOf(HasSubstr("generation id"), HasSubstr("as administrator"),
                          Not(HasSubstr("sudo"))),
                    AllOf(HasSubstr("memory"), HasSubstr("event log"), Not(HasSubstr("dmesg")))));
}

TEST(Unread, firmware_whose_single_values_are_readable_is_not_hidden) {
    auto raw = fakes::raw_desktop();
    raw.smbios_table = {Access::denied, {}, ""};
    raw.dmi_fields["product_serial"] = {Access::read, "9BK5V33", ""};
    EXPECT_THAT(unread_sources(raw), IsEmpty());
}

TEST(Unread, a_stuck_disk_and_a_broken_one_are_told_apart) {
    auto raw = fakes::raw_raid_server();
    for (auto* source : {&raw.disks[0].serial, &raw.disks[0].wwn})
        *source = {Access::timed_out, "", ""};
    for (auto* source : {&raw.disks[1].serial, &raw.disks[1].wwn})
        *source = {Access::failed, "", ""};
    EXPECT_THAT(unread_sources(raw), ElementsAre(AllOf(HasSubstr("no answer in time from disk sda"),
                                                       Not(HasSubstr("sdb"))),
                                                 HasSubstr("reading failed for disk sdb")));
}

TEST(Unread, a_tpm_that_only_the_agent_asks_is_named) {
    auto raw = fakes::raw_desktop();
    raw.tpm.ek_public = {Access::failed, {}, "only the agent asks the TPM"};
    EXPECT_THAT(unread_sources(raw), ElementsAre(HasSubstr("only the agent asks the TPM")));
}

TEST(Unread, a_tpm_that_is_closed_has_a_sentence_of_its_own_and_no_call_for_root) {
    auto raw = fakes::raw_desktop();
    raw.tpm.ek_public = {Access::denied, {}, "cannot open /dev/tpmrm0: Permission denied"};
    EXPECT_THAT(unread_sources(raw), ElementsAre(AllOf(HasSubstr("/dev/tpmrm0: Permission denied"),
                                                       Not(HasSubstr("root")))));
}

TEST(Unread, the_agent_is_not_told_to_be_run_as_root) {
    auto raw = fakes::raw_desktop();
    raw.smbios_table = {Access::denied, {}, ""};
    EXPECT_THAT(
        unread_sources(raw, Reader::agent),
        ElementsAre(AllOf(HasSubstr("SMBIOS"), HasSubstr("service"), Not(HasSubstr("root")))));
}

TEST(Unread, names_are_cleaned_and_values_never_shown) {
    auto raw = fakes::raw_desktop();
    raw.nics[0].name = "eth\x1b[31m0";
    raw.nics[0].permanent_address = {Access::failed, "secret", ""};
    raw.nics[0].address = {Access::failed, "secret", ""};
    const auto all = unread_sources(raw);
    EXPECT_THAT(all, ElementsAre(HasSubstr("eth[31m0")));
    EXPECT_THAT(all, Not(testing::Contains(HasSubstr("secret"))));
}

TEST(Unread, a_thousand_stuck_disks_make_one_short_sentence) {
    auto raw = fakes::raw_desktop();
    raw.disks.assign(1000, raw.disks[0]);
    for (auto& disk : raw.disks) disk.serial = disk.wwn = {Access::timed_out, "", ""};
    const auto all = unread_sources(raw);
    ASSERT_EQ(all.size(), 1u);
    EXPECT_LT(all[0].size(), 500u);
    EXPECT_THAT(all[0], HasSubstr("988 more"));
}

}  // namespace
}  // namespace latchkey::hwid
