#include <reeve/access.h>

#include "access/passwords.h"
#include "access/secrets.h"
#include "access/tokens.h"
#include "base/clock.h"

#include <utility>

namespace reeve {

struct Access::Impl {
  Impl(std::string_view url, const AccessOptions& options)
      : clock(options.clock != nullptr ? *options.clock : system_clock()),
        random(options.random != nullptr ? *options.random : system_random()),
        pool(url),
        masters(options.master_key_file, options.master_key_variable),
        secrets(pool, masters, clock, random),
        tokens(pool, clock, random),
        hasher(options.passwords),
        lockouts(pool, options.lockout, clock),
        passwords(pool, hasher, lockouts, clock) {}

  Clock& clock;
  Random& random;
  access::StorePool pool;
  access::MasterKeys masters;
  access::Secrets secrets;
  access::Tokens tokens;
  access::PasswordHasher hasher;
  access::Lockouts lockouts;
  access::Passwords passwords;
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

CreatedToken Access::create_token(const NewToken& token) { return impl_->tokens.create(token); }

Authorization Access::authorize(std::string_view token, std::string_view ledger, Verb verb) {
  return impl_->tokens.authorize(token, ledger, verb);
}

std::vector<TokenEntry> Access::list_tokens() { return impl_->tokens.list(); }

bool Access::revoke_token(std::string_view id) { return impl_->tokens.revoke(id); }

void Access::set_password(std::string_view subject, std::string_view password) {
  impl_->passwords.set(subject, password);
}

bool Access::erase_password(std::string_view subject) { return impl_->passwords.erase(subject); }

SignIn Access::sign_in(std::string_view subject, std::string_view password, std::string_view source) {
  return impl_->passwords.sign_in(subject, password, source);
}

std::string Access::hash_password(std::string_view password) { return impl_->hasher.hash(password); }

PasswordCheck Access::check_password(std::string_view password, std::optional<std::string_view> hash) {
  return impl_->hasher.check(password, hash);
}

std::vector<LockoutEntry> Access::list_lockouts() { return impl_->lockouts.list(); }

bool Access::clear_lockout(LockoutKind kind, std::string_view name) {
  return impl_->lockouts.clear(kind, name);
}

}  // namespace reeve
