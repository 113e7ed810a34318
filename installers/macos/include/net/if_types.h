#pragma once

// Interface types (the numbers of IANA's ifType), which the compiler's macOS headers leave out.

#define IFT_OTHER 0x1
#define IFT_ETHER 0x6
#define IFT_LOOP 0x18
#define IFT_IEEE80211 0x47
