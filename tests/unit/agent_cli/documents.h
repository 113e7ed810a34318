#pragma once

// Documents as the agent sends them.

#include <string>

namespace latchkey::cli {

inline const std::string kStatus = R"({"schema_version":"1.0","overall":"warning",
"agent":{"version":"0.1.0","role":"workstation","started_at":"2026-11-22T08:00:00Z","clock":"ok",
 "health":[{"id":"tls_intercepted","severity":"warning","text":"Something on the network inspects TLS connections.","remedy":"Name the proxy's CA."}]},
"machine":{"id":"m-1","support_code":"7H3K92QX","evidence":"strong","anchor":"none","virtual":false,"ephemeral":false},
"products":[
 {"id":"draw","name":"Contoso Draw","state":"licensed","state_code":1,"key_last5":"ABCDE","program":"action-pack","counting_rule":"any-change",
  "license":{"kind":"lease","issued_at":"2026-11-22T13:51:00Z","expires_at":"2027-05-21T13:51:00Z","renew_at":"2026-11-29T13:51:00Z"},
  "grace":null,"activations":{"used":3,"limit":10,"left":7,"as_of":"2026-11-22T13:51:00Z"},"license_quantity":5,"activate_by":null,
  "last_decision":{"verdict":"same","significant":false,"counted":0,"rule":"any-change","reasons":["Same board, same network card."],"at":"2026-11-22T13:51:00Z"},
  "last_attempt":{"at":"2026-11-22T13:51:00Z","outcome":"ok","code":"","detail":""},
  "next_attempt_at":null,"reminder_due_at":null,"first_used_at":null},
 {"id":"cad","name":"Contoso CAD","state":"initial_grace","state_code":2,"key_last5":null,"program":null,"counting_rule":null,
  "license":null,"grace":{"kind":"initial","ends_at":"2026-12-22T08:00:00Z","remaining_s":2512800,"rearms_left":3},
  "activations":null,"license_quantity":null,"activate_by":null,"last_decision":null,"last_attempt":null,
  "next_attempt_at":null,"reminder_due_at":null,"first_used_at":null},
 {"id":"cal","name":"Contoso Access","state":"not_required","state_code":null,"key_last5":null,"program":null,"counting_rule":null,
  "license":null,"grace":null,"activations":null,"license_quantity":null,"activate_by":null,"last_decision":null,"last_attempt":null,
  "next_attempt_at":null,"reminder_due_at":null,"first_used_at":null}],
"cloud_entitlements":[]})";

inline const std::string kPreview =
    R"({"schema_version":"1.0","product":"draw","verdict":"same","new_machine":false,
"significant":false,"changed_any":true,"would_use":0,"rule":"significant-change","program":"ai-cloud",
"reasons":["Same machine, no significant hardware change: not counted."],
"components":[{"kind":"board_serial","result":"match","weight":13.2,"why":"agrees"},
 {"kind":"nic","result":"changed","weight":-1.2,"why":"Network card replaced: not significant"},
 {"kind":"bios_version","result":"ignored","weight":0.0,"why":""}],
"activations":{"used":3,"limit":10,"left":7,"as_of":"2026-11-22T13:51:00Z"},"license_quantity":5,
"activate_by":"2027-06-30T00:00:00Z","refusal":null,"source":"key_server","key_server_problem":null})";

inline const std::string kOutcome =
    R"({"schema_version":"1.0","product":"draw","state":"licensed","counted":1,
"decision":{"verdict":"different","significant":true,"counted":1,"rule":"any-change","reasons":["New machine: counted."],"at":"2026-11-22T13:51:00Z"},
"activations":{"used":4,"limit":10,"left":6,"as_of":"2026-11-22T13:51:00Z"},
"license":{"kind":"lease","issued_at":"2026-11-22T13:51:00Z","expires_at":"2027-05-21T13:51:00Z","renew_at":"2026-11-29T13:51:00Z"},
"receipt_id":"rcp_1"})";

}  // namespace latchkey::cli
