// The verbs that prove to others: keygen, sign, prove, check-proof, open-seed.

#include "cli/number_check.h"
#include "cli/progress_line.h"
#include "cli/session.h"
#include "cli/signed_file.h"
#include "cli/stored.h"
#include "journal/prover.h"
#include "state/host.h"
#include "state/location.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>

namespace reeve::cli {

namespace {

/// A ledger to read, in one snapshot.
struct OpenJournal {
  explicit OpenJournal(const std::string& location)
      : connection(
            state::Location::of(location).open(engine::OpenMode::read_only, {}, state::Purpose::inspection)),
        snapshot(*connection, engine::Transaction::Mode::read) {}
  std::unique_ptr<engine::Connection> connection;
  engine::Transaction snapshot;
};

int make_key(Session& session, const std::string& file, const std::string& key_file) {
  const OpenJournal journal(file);
  const auto ledger_id = journal::read_meta(*journal.connection, "ledger_id").value_or("");
  const SigningKey key = SigningKey::make(system_random());
  const journal::Signer signer(journal::origin_of(ledger_id), key.secret());
  write_new_file(key_file, signer.text() + "\n", FileRights::owner);
  const std::string stored =
      fmt::format("the secret key is in {}: remove it, and make another whose public key is shown", key_file);
  write_of_stored(session, stored, [&] {
    if (session.format == Format::table) {
      session.out.write(signer.verifier().text() + "\n");
      return;
    }
    const auto rows = make_row_writer(session.format, session.out, {"file", "public_key"});
    rows->row({{Cell::of(key_file), Cell::of(signer.verifier().text())}});
    rows->finish();
  });
  return exit_ok;
}

[[noreturn]] void refuse_other_journal(const journal::SignedCheckpoint& checkpoint,
                                       const journal::Prover& prover) {
  if (checkpoint.origin != prover.origin()) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("the checkpoint is of {}, the ledger is {}", checkpoint.origin, prover.origin()),
                "give the checkpoint of this ledger");
  }
  throw Error(
      ErrorCode::corrupt,
      checkpoint.size > prover.size()
          ? fmt::format("the journal ends at event {}, but was signed at event {}: its tail was cut off, or "
                        "this is an older copy",
                        prover.size(), checkpoint.size)
          : fmt::format("the journal up to event {} is not the one that was signed: it was rewritten",
                        checkpoint.size),
      "keep this copy as it is, and look for the one that was signed");
}

journal::SignedCheckpoint checkpoint_of(const std::string& note, journal::Prover& prover) {
  auto checkpoint = journal::SignedCheckpoint::parse(journal::text_of_note(note));
  if (!prover.is_of(checkpoint)) refuse_other_journal(checkpoint, prover);
  return checkpoint;
}

struct SignArguments {
  std::string file;
  std::string key;
  std::string since;
  std::string out = "-";
};

int sign_checkpoint(Session& session, const SignArguments& given) {
  const journal::Signer signer = read_secret_key(given.key);
  const OpenJournal journal(given.file);
  journal::Prover prover(*journal.connection);
  if (signer.verifier().name != prover.origin()) {
    throw Error(
        ErrorCode::invalid_input,
        fmt::format("the key is that of {}, the ledger is {}", signer.verifier().name, prover.origin()),
        "make a key for it: reeve keygen FILE KEY_FILE");
  }
  if (!given.since.empty()) {
    const auto older =
        journal::SignedCheckpoint::parse(journal::open_note(read_file(given.since), signer.verifier()));
    if (!prover.is_of(older)) refuse_other_journal(older, prover);
  }
  const journal::SignedCheckpoint checkpoint = prover.checkpoint();
  ProgressLine line(session.err, session.clock, "reading");
  const state::Progress progress{[&line](std::int64_t done, std::int64_t total) { line.report(done, total); },
                                 &session.stop};
  prover.check_chain([&](std::int64_t done) { progress.step(done, checkpoint.size); });
  line.finish();
  const std::string note = signer.sign(checkpoint.text());
  if (given.out == "-") {
    session.out.write(note);
  } else {
    write_new_file(given.out, note, FileRights::all);
  }
  return exit_ok;
}

struct ProveArguments {
  std::string file;
  std::int64_t sequence = 0;
  std::string since;
  std::string checkpoint;
};

int prove(Session& session, const ProveArguments& given) {
  if ((given.sequence > 0) == !given.since.empty()) {
    throw Error(ErrorCode::invalid_input, "give either an event's sequence or --since CHECKPOINT",
                "see `reeve help prove`");
  }
  const OpenJournal journal(given.file);
  journal::Prover prover(*journal.connection);
  const std::string note = given.checkpoint.empty() ? "" : read_file(given.checkpoint);
  const std::int64_t size = note.empty() ? prover.size() : checkpoint_of(note, prover).size;
  if (given.since.empty()) {
    journal::InclusionProof proof = prover.inclusion(given.sequence, size);
    proof.checkpoint = note;
    session.out.write(proof.to_json() + "\n");
    return exit_ok;
  }
  const std::string older = read_file(given.since);
  const std::int64_t first = checkpoint_of(older, prover).size;
  if (first > size) {
    throw Error(ErrorCode::invalid_input, "the checkpoint of --since is the newer one", "change them over");
  }
  journal::ConsistencyProof proof = prover.consistency(first, size);
  proof.first_checkpoint = older;
  proof.checkpoint = note;
  session.out.write(proof.to_json() + "\n");
  return exit_ok;
}

struct CheckArguments {
  std::string proof;
  std::string public_key;
  std::string checkpoint;
};

std::string found_text(const journal::ProofCheck& found) {
  if (!found.holds()) {
    return fmt::format("NOT PROVEN: {}\n", found.refusal);
  }
  if (found.event) {
    return fmt::format("proven: event {}, {}, is in the journal of {} with {} events\n",
                       found.event->sequence, found.event->type, found.origin, found.size);
  }
  return fmt::format(
      "proven: the journal of {} with {} events goes on from the one that was signed with {}{}\n",
      found.origin, found.size, *found.first_size, found.is_signed ? "" : "; nobody signed the newer one");
}

int check_proof_file(Session& session, const CheckArguments& given) {
  journal::ProofTrust trust{.verifier = read_public_key(given.public_key), .checkpoint = std::nullopt};
  if (!given.checkpoint.empty()) trust.checkpoint = read_file(given.checkpoint);
  const journal::ProofCheck found = journal::check_proof(read_file(given.proof), trust);
  if (session.format == Format::table) {
    session.out.write(found_text(found));
  } else {
    const auto rows =
        make_row_writer(session.format, session.out,
                        {"proven", "origin", "size", "root", "event", "since", "signed", "refusal"});
    const auto number = [](bool is_there, std::int64_t value) {
      return is_there ? Cell::number(value) : Cell::null();
    };
    rows->row({{Cell::boolean(found.holds()), Cell::optional(found.origin), Cell::number(found.size),
                Cell::of(to_hex(found.root)),
                number(found.event.has_value(), found.event ? found.event->sequence : 0),
                number(found.first_size.has_value(), found.first_size.value_or(0)),
                Cell::boolean(found.holds() && found.is_signed), Cell::optional(found.refusal)}});
    rows->finish();
  }
  return found.holds() ? exit_ok : exit_different;
}

int open_seed(Session& session, const std::string& file) {
  const OpenJournal journal(file);
  const auto hex = journal::read_meta(*journal.connection, "seed");
  const auto seed = hex ? digest_from_hex(*hex) : std::nullopt;
  if (!seed) {
    throw Error(ErrorCode::not_found, "this copy of the ledger has no seed",
                "ask who holds the ledger in which the dice were rolled");
  }
  const auto rows = make_row_writer(session.format, session.out, {"ledger_id", "seed", "seed_commitment"});
  rows->row({{Cell::of(journal::read_meta(*journal.connection, "ledger_id").value_or("")), Cell::of(*hex),
              Cell::of(to_hex(state::Seed(*seed).commitment()))}});
  rows->finish();
  return exit_ok;
}

void add_sign_verb(CLI::App& app, Session& session) {
  const auto given = std::make_shared<SignArguments>();
  CLI::App* sign =
      add_verb(app, session, "sign", "Signs a checkpoint: size, root, chain hash and state hash.");
  sign->add_option("FILE", given->file, "the ledger")->required();
  sign->add_option("--key", given->key, "the secret key that keygen wrote")
      ->type_name("KEY_FILE")
      ->required();
  sign->add_option("--since", given->since, "an older checkpoint, which the journal has to go on from")
      ->type_name("CHECKPOINT");
  sign->add_option("-o,--out", given->out, "a new file to write to; standard output if it is left out")
      ->type_name("OUT");
  sign->callback(
      [&session, given] { session.work = [&session, given] { return sign_checkpoint(session, *given); }; });
}

void add_prove_verb(CLI::App& app, Session& session) {
  const auto given = std::make_shared<ProveArguments>();
  CLI::App* verb =
      add_verb(app, session, "prove",
               "Proves an event, or that nothing was changed, to who does not hold the journal.");
  verb->add_option("FILE", given->file, "the ledger")->required();
  verb->add_option("SEQUENCE", given->sequence, "the event to prove")->check(at_least(1));
  verb->add_option("--since", given->since, "proves that the journal goes on from this signed checkpoint")
      ->type_name("CHECKPOINT");
  verb->add_option("--checkpoint", given->checkpoint,
                   "a signed checkpoint to prove it in; it goes with the proof")
      ->type_name("CHECKPOINT");
  verb->callback([&session, given] { session.work = [&session, given] { return prove(session, *given); }; });
}

void add_check_verb(CLI::App& app, Session& session) {
  const auto given = std::make_shared<CheckArguments>();
  CLI::App* check = add_verb(app, session, "check-proof", "Checks a proof, without the ledger.");
  check->add_option("PROOF", given->proof, "what `reeve prove` wrote")->required();
  check->add_option("--public-key", given->public_key, "of whom to trust: NAME+ID+BASE64, or a file with it")
      ->type_name("KEY")
      ->required();
  check
      ->add_option("--checkpoint", given->checkpoint,
                   "a signed checkpoint at hand, in place of the proof's own")
      ->type_name("CHECKPOINT");
  check->callback(
      [&session, given] { session.work = [&session, given] { return check_proof_file(session, *given); }; });
}

}  // namespace

void add_signing_verbs(CLI::App& app, Session& session) {
  const auto file = std::make_shared<std::string>();
  const auto key_file = std::make_shared<std::string>();
  CLI::App* keygen = add_verb(app, session, "keygen",
                              "Makes a key that signs a ledger's checkpoints; prints the public half.");
  keygen->add_option("FILE", *file, "the ledger")->required();
  keygen->add_option("KEY_FILE", *key_file, "the new file for the secret half, for its owner only")
      ->required();
  keygen->callback([&session, file, key_file] {
    session.work = [&session, file, key_file] { return make_key(session, *file, *key_file); };
  });
  add_sign_verb(app, session);
  add_prove_verb(app, session);
  add_check_verb(app, session);
  CLI::App* seed =
      add_verb(app, session, "open-seed", "Shows the seed: from then on everybody can foresee the dice.");
  seed->add_option("FILE", *file, "the ledger")->required();
  seed->callback([&session, file] { session.work = [&session, file] { return open_seed(session, *file); }; });
}

}  // namespace reeve::cli
