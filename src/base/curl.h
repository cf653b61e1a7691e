#pragma once
// libcurl, loaded when the first request is made: it brings thirty libraries with it, and who asks nothing over a network
// needs none of them.

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

// Macros in the header; here they are members.
#undef curl_easy_setopt
#undef curl_easy_getinfo

namespace reeve::http {

/// libcurl's functions by their names. They stay loaded.
struct Curl {
  decltype(&::curl_easy_init) easy_init;
  CURLcode (*easy_setopt)(CURL* handle, CURLoption option, ...);
  CURLcode (*easy_getinfo)(CURL* handle, CURLINFO information, ...);
  decltype(&::curl_easy_perform) easy_perform;
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_easy_reset) easy_reset;
  decltype(&::curl_easy_strerror) easy_strerror;
  decltype(&::curl_slist_append) slist_append;
  decltype(&::curl_slist_free_all) slist_free_all;
};

/// Thread-safe. Throws Error unavailable when there is no libcurl.
const Curl& curl();

}  // namespace reeve::http
