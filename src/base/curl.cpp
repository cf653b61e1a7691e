#include "base/curl.h"

#include <reeve/error.h>

#include <dlfcn.h>

#include <string>

namespace reeve::http {

namespace {

constexpr const char* remedy = "install libcurl (Debian: libcurl4)";

void* load() {
  void* const library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* const said = dlerror();
    throw Error(ErrorCode::unavailable,
                std::string("libcurl can't be loaded: ") + (said != nullptr ? said : "it is not there"),
                remedy);
  }
  return library;
}

template <typename Function>
void find(void* library, const char* name, Function*& function) {
  void* const found = dlsym(library, name);
  if (found == nullptr) {
    throw Error(ErrorCode::unavailable, std::string("libcurl has no function ") + name, remedy);
  }
  function = reinterpret_cast<Function*>(found);
}

Curl load_functions() {
  void* const library = load();
  decltype(&::curl_global_init) global_init = nullptr;
  find(library, "curl_global_init", global_init);
  Curl functions{};
  find(library, "curl_easy_init", functions.easy_init);
  find(library, "curl_easy_setopt", functions.easy_setopt);
  find(library, "curl_easy_getinfo", functions.easy_getinfo);
  find(library, "curl_easy_perform", functions.easy_perform);
  find(library, "curl_easy_cleanup", functions.easy_cleanup);
  find(library, "curl_easy_reset", functions.easy_reset);
  find(library, "curl_easy_strerror", functions.easy_strerror);
  find(library, "curl_slist_append", functions.slist_append);
  find(library, "curl_slist_free_all", functions.slist_free_all);
  if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    throw Error(ErrorCode::unavailable, "libcurl can't be initialised", remedy);
  }
  return functions;
}

}  // namespace

const Curl& curl() {
  static const Curl functions = load_functions();
  return functions;
}

}  // namespace reeve::http
