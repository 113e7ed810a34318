# The CLI's end: plain and blocking, linked into a fully static program. No Asio, no Beast, no OpenSSL.
#
#   latchkey_localapi_problem  error documents, for both ends
#   latchkey_localapi_client   one blocking request

latchkey_library(latchkey_localapi_problem
  SOURCES problem_json.cpp
  LINKS latchkey_base)

latchkey_library(latchkey_localapi_client
  SOURCES client.cpp http_answer.cpp
  LINKS latchkey_localapi_problem latchkey_platform boost_json)
