#include <array>

#include "service-install/actions.h"
#include "service-install/plan.h"

namespace latchkey::service_install {
namespace {

const std::string kDefaultData = R"(C:\ProgramData\Latchkey)";
const std::string kDefaultBindir = R"(C:\Program Files\Latchkey)";
const std::string kAccount = R"(NT SERVICE\Latchkey)";
const std::string kEventSource =
    R"(HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\Latchkey)";
// Owned by the administrators, nothing inherited. SY the system, BA administrators, BU users; the
// last is the service, whose identifier comes from its name (platform/security_windows.cpp).
const std::string kServiceSid = "S-1-5-80-1927291340-3315084382-1610954537-1053208541-2792860870";
const std::string kForUsersToRead =
    "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)(A;OICI;0x1200a9;;;" +
    kServiceSid + ")";
const std::string kForTheService =
    "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;" + kServiceSid + ")";
constexpr std::array kPrograms = {"latchkeyd.exe", "latchkey.exe", "latchkey-service.exe"};

Step admin_group(const Options& options) {
    Step group{tool_action(Kind::make_group, "make the group latchkey-admin", "latchkey-admin",
                           {"net.exe", "localgroup", "latchkey-admin", "/add"}),
               {}};
    if (options.remove_state)
        group.undo.push_back(tool_action(Kind::remove_group, "remove the group latchkey-admin",
                                         "latchkey-admin",
                                         {"net.exe", "localgroup", "latchkey-admin", "/delete"}));
    return group;
}

// It needs no privilege: who its clients are it learns from tokens that it may look at but not use.
// The process ends itself before the time for a stop is over
// (platform/service/service_manager_windows.cpp).
const std::string kManners = R"(sid=unrestricted
privileges=SeChangeNotifyPrivilege
errors_are_failures=yes
preshutdown_milliseconds=20000
)";

const std::string kRegister =
    "register the service Latchkey; one that is there gets this program, account and start back, "
    "and stays disabled where it is";

Step service(const std::string& bindir, const std::string& data) {
    const std::string line =
        "\"" + bindir + "\\latchkeyd.exe\" run --config \"" + data + "\\agent.toml\"";
    return {tool_action(Kind::register_service, kRegister, "Latchkey",
                        {"sc.exe", "create", "Latchkey", "binPath=", line, "start=", "auto",
                         "obj=", kAccount, "DisplayName=", "Latchkey activation agent"}),
            {tool_action(Kind::remove_service, "remove the service Latchkey", "Latchkey",
                         {"sc.exe", "delete", "Latchkey"})}};
}

/// What ProgramData hands down would let everybody add files here, and so settings.
void add_directories(std::vector<Step>& steps, const Options& options, const std::string& data) {
    for (const std::string below : {"", "\\agent.d", "\\products.d"})
        steps.push_back(
            {guard_directory(data + below, "changed by administrators alone", kForUsersToRead),
             {}});
    for (const std::string below : {"\\state", "\\anchor", "\\inbox"}) {
        const std::string directory = data + below;
        Step made{
            guard_directory(directory, "for the service and administrators alone", kForTheService),
            {}};
        if (options.remove_state) made.undo.push_back(remove_directory(directory));
        steps.push_back(std::move(made));
    }
    steps.push_back({write_first_file(data + "\\agent.toml", first_configuration(data, '\\')), {}});
}

void add_manners(std::vector<Step>& steps, const std::string& bindir) {
    steps.push_back(
        {run("describe it", {"sc.exe", "description", "Latchkey",
                             "Activates software on this machine and keeps its licenses"}),
         {}});
    steps.push_back(
        {run("restart it when it fails", {"sc.exe", "failure", "Latchkey", "reset=", "86400",
                                          "actions=", "restart/5000/restart/30000/restart/300000"}),
         {}});
    steps.push_back(
        {file_action(Kind::tune_service, "leave it the least rights, and time to stop at shutdown",
                     "Latchkey", kManners),
         {}});
    steps.push_back({run("name it in the event log",
                         {"reg.exe", "add", kEventSource, "/v", "EventMessageFile", "/t",
                          "REG_EXPAND_SZ", "/d", bindir + "\\latchkeyd.exe", "/f"}),
                     {}});
    steps.push_back(
        {run("say which kinds of events it writes",
             {"reg.exe", "add", kEventSource, "/v", "TypesSupported", "/t", "REG_DWORD", "/d", "7",
              "/f"}),
         {run("forget it in the event log", {"reg.exe", "delete", kEventSource, "/f"})}});
}

}  // namespace

// The service's account is a virtual one: it needs no password and exists as long as the service.
// So the service is registered before the directories that name it.
std::vector<Step> plan_windows(const Options& options, const Facts& facts) {
    const std::string bindir = options.bindir.empty() ? kDefaultBindir : options.bindir;
    const std::string data = facts.data_directory.empty() ? kDefaultData : facts.data_directory;
    std::vector<Step> steps;
    // A domain controller has no groups of its own: it would be made for the whole domain.
    if (!facts.domain_controller) steps.push_back(admin_group(options));
    if (options.copy_programs)
        for (const std::string program : kPrograms)
            steps.push_back(copy_program(program, facts.own_directory, bindir, "\\"));
    steps.push_back(service(bindir, data));
    add_directories(steps, options, data);
    add_manners(steps, bindir);
    if (options.start)
        steps.push_back({run("start it", {"sc.exe", "start", "Latchkey"}),
                         {run("stop it", {"sc.exe", "stop", "Latchkey"})}});
    return steps;
}

}  // namespace latchkey::service_install
