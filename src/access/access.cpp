#include <reeve/access.h>

#include "access/secrets.h"
#include "base/clock.h"

#include <utility>

namespace reeve {

struct Access::Impl {
  Impl(std::string_view url, const AccessOptions& options)
      : clock(options.clock != nullptr ? *options.clock : system_clock()),
        random(options.random != nullptr ? *options.random : system_random()),
        pool(url),
        masters(options.master_key_file, options.master_key_variable),
        secrets(pool, masters, clock, random) {}

  Clock& clock;
  Random& random;
  access::StorePool pool;
  access::MasterKeys masters;
  access::Secrets secrets;
};

Access Access::open(std::string_view url, const AccessOptions& options) {
  return Access(std::make_unique<Impl>(url, options));
}

Access::Access(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Access::Access(Access&& other) noexcept = default;
Access& Access::operator=(Access&& other) noexcept = default;
Access::~Access() = default;

void Access::set_secret(const SecretName& name, std::string_view value) { impl_->secrets.set(name, value); }

std::optional<Secret> Access::find_secret(const SecretName& name) { return impl_->secrets.find(name); }

std::vector<SecretEntry> Access::list_secrets(std::optional<std::string_view> ledger) {
  return impl_->secrets.list(ledger);
}

bool Access::erase_secret(const SecretName& name) { return impl_->secrets.erase(name); }

SealedSecret Access::seal(const SecretName& name, std::string_view value) {
  return impl_->secrets.seal_for_row(name, value);
}

Secret Access::unseal(const SecretName& name, std::string_view sealed) {
  return impl_->secrets.unseal_of_row(name, sealed);
}

std::optional<SealedSecret> Access::reseal(const SecretName& name, std::string_view sealed) {
  return impl_->secrets.reseal_of_row(name, sealed);
}

bool Access::forget_row_key(std::uint32_t version) { return impl_->secrets.forget_row_key(version); }

RotationReport Access::rotate(const RotationOptions& options) { return impl_->secrets.rotate(options); }

}  // namespace reeve
