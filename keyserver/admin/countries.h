#pragma once

// The officially assigned codes of ISO 3166-1 alpha-2 (ISO 3166 Maintenance Agency, Online Browsing
// Platform, 249 of them): what a territory may be named by. Reserved and user-assigned ones (EU,
// UK, XK, XX) are no country here.

#include <cstddef>
#include <string_view>

namespace latchkey::keyserver::admin {

inline constexpr std::size_t kCountries = 249;
/// In order, each with the blank after it.
inline constexpr std::string_view kCountryCodes =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX "
    "AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ "
    "BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK "
    "CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM "
    "DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR "
    "GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS "
    "GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN "
    "IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN "
    "KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV "
    "LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ "
    "MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI "
    "NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
    "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC "
    "SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV "
    "SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR "
    "TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
    "VN VU WF WS YE YT ZA ZM ZW ";
static_assert(kCountryCodes.size() == kCountries * 3);

constexpr std::string_view country_at(std::size_t i) { return kCountryCodes.substr(i * 3, 2); }

static_assert([] {
    for (std::size_t i = 1; i < kCountries; ++i)
        if (country_at(i - 1) >= country_at(i)) return false;
    return true;
}());

/// In upper case.
constexpr bool is_assigned_country(std::string_view code) {
    std::size_t from = 0;
    std::size_t to = kCountries;
    while (from < to) {
        const std::size_t middle = from + (to - from) / 2;
        if (country_at(middle) < code)
            from = middle + 1;
        else
            to = middle;
    }
    return from < kCountries && country_at(from) == code;
}

}  // namespace latchkey::keyserver::admin
