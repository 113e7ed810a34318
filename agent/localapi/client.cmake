# The CLI's end: plain and blocking, linked into a fully static program. No Asio, no Beast, no OpenSSL.
latchkey_library(latchkey_localapi_client
  SOURCES client.cpp http_answer.cpp problem_json.cpp
  LINKS latchkey_platform boost_json)
