// Certificates in PEM form, by Windows' own decoder.

#include "platform/trust/certificates_windows.h"

#include <gtest/gtest.h>

namespace latchkey::platform {
namespace {

const std::string kAuthority =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBSDCB+6ADAgECAhQ/Vtz9pQM9W1ic8U/gK44jPMTEPzAFBgMrZXAwGTEXMBUG\n"
    "A1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTI4MTIzOTU2WhgPMjEyNjExMDQx\n"
    "MjM5NTZaMBkxFzAVBgNVBAMMDlRlc3QgYXV0aG9yaXR5MCowBQYDK2VwAyEA6Zbu\n"
    "Ra/VYCnedwZvwk+FaU3xxXLNc71k+JKiv5TShOWjUzBRMB0GA1UdDgQWBBQUrbrz\n"
    "2p82Em0RDHr7A287Uzb/ZzAfBgNVHSMEGDAWgBQUrbrz2p82Em0RDHr7A287Uzb/\n"
    "ZzAPBgNVHRMBAf8EBTADAQH/MAUGAytlcANBAOo7RiK96ELZnNZK4zjdAYkwXcFZ\n"
    "QG8zWGKRQh3nzvj8NISh9ZglfHUhYyhKzqsFbjsITlklCeZvkAe0OArF6g8=\n"
    "-----END CERTIFICATE-----\n";

TEST(Certificates, one_or_more_are_fine_with_words_between) {
    EXPECT_EQ(wrong_with_certificates(kAuthority), "");
    EXPECT_EQ(
        wrong_with_certificates("Our authority\n" + kAuthority + "\nand again\n" + kAuthority), "");
    std::string with_returns;
    for (const char c : kAuthority) with_returns += c == '\n' ? "\r\n" : std::string(1, c);
    EXPECT_EQ(wrong_with_certificates(with_returns), "");
}

TEST(Certificates, what_is_none_is_said) {
    EXPECT_EQ(wrong_with_certificates(""), "holds no certificate in PEM form");
    EXPECT_EQ(
        wrong_with_certificates("-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n"),
        "holds no certificate in PEM form");
    EXPECT_EQ(wrong_with_certificates(kAuthority.substr(0, 200)),
              "breaks off: certificate 1 has no end");
    std::string damaged = kAuthority;
    damaged[kAuthority.find('\n') + 1] = 'A';
    EXPECT_EQ(wrong_with_certificates(kAuthority + damaged),
              "holds no certificates in PEM form: number 2 is damaged");
    EXPECT_EQ(
        wrong_with_certificates("-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----"),
        "holds no certificates in PEM form: number 1 is damaged");
}

}  // namespace
}  // namespace latchkey::platform
